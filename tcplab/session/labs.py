"""Labs with their commands checked: the table of commands is known here, not in the room of lab files."""

from __future__ import annotations

from tcplab.lab.lesson import Lab
from tcplab.lab.loader import find_lab, labs_dir, load_lab
from tcplab.lab.text import CommandChecker, Scope
from tcplab.notation.glossary import known_names
from tcplab.session import build
from tcplab.session.commands import parse_line
from tcplab.session.grammar import Context


def checked_lab(name: str) -> Lab:
    """The lab of that id or path, its commands checked too. Raises LabNotFound, and LabError with every fault.

    Shipped labs are checked by the tests: their commands are taken as they are.
    """
    return load_lab(name, None if find_lab(name).parent == labs_dir() else command_checker)


def context_of(lab: Lab) -> Context:
    """What the parser of commands must know of a lab."""
    kept = tuple(name for step in lab.steps for name, _ in step.keep)
    return _context(Scope(lab.host_names, tuple(step.id for step in lab.steps),
                          (*(name for name, _ in lab.picks), *kept)))


def command_checker(scope: Scope) -> CommandChecker:
    """A checker of the commands in a lab's file: raises NotationError for what is none."""
    context = _context(scope)
    return lambda text: parse_line(text, context)


def _context(scope: Scope) -> Context:
    return Context(scope.hosts, scope.steps, known_names(scope.hosts, scope.names), build.knobs())
