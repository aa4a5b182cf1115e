"""The learner's settings: `config.toml` in the folder of their recordings, and what the environment says over it.

A value that cannot be used is told with its line and a cure, and all others hold. What a learner changes on the screen
(the theme) is written back into the file, line by line: comments and everything else in it stay.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tcplab.lab.progress import home
from tcplab.lab.translate import language, prefer
from tcplab.notation.errors import printable, suggest

from . import keys
from .pacer import NORMAL, SPEEDS
from .terminal import Terminal, probe

NAME = "config.toml"
#: What the environment says goes before the file.
_VARIABLES = (("mouse", "TCPLAB_MOUSE", True), ("ascii", "TCPLAB_ASCII", True), ("tour", "TCPLAB_NO_TOUR", False))
_MAX_BYTES = 256 * 1024

#: The names of the speeds, slowest first, as they are written in the file.
SPEED_NAMES = ("1/8", "1/4", "1/2", "1", "2", "4", "16", "at once")
assert len(SPEED_NAMES) == len(SPEEDS)

#: What each setting may be, and what it is without the file. True and false stand for themselves.
CHOICES: dict[str, tuple[tuple[object, ...], object]] = {
    "theme": (("dark", "light"), "dark"),
    "speed": (SPEED_NAMES, SPEED_NAMES[NORMAL]),
    "mouse": (("auto", True, False), "auto"),
    "lean": (("auto", True, False), "auto"),
    "ascii": (("auto", True, False), "auto"),
    "tour": ((True, False), True),
    "lang": (("auto", "en", "de"), "auto"),
}
TIPS = {
    "theme": "the colours of the screen",
    "speed": "how fast time runs on the screen when a lab begins",
    "mouse": "whether the mouse works; auto: not over SSH",
    "lean": "five frames a second instead of ten, fewer greys; auto: over SSH",
    "ascii": "draw without line characters; auto: where the locale is not UTF-8",
    "tour": "whether the first start shows the tour",
    "lang": "the language of the labs, where they have it; auto: as LANG says",
}


@dataclass
class Config:
    """The settings by name, where each comes from, and what was wrong, one sentence each."""

    path: Path
    values: dict[str, object] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    keymap: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> object:
        return self.values[name]


def _table(text: str) -> dict[str, object]:
    """What a file of settings holds. Most learners have none, and start without the parser. Raises ValueError."""
    if not text.strip():
        return {}
    import tomllib

    return tomllib.loads(text)


def load(directory: Path | None = None, env: Mapping[str, str] | None = None) -> Config:
    """Read the file and the environment. Never raises: see `Config.problems`."""
    env = os.environ if env is None else env
    config = Config((directory or home()) / NAME)
    for name, (_, default) in CHOICES.items():
        config.values[name], config.origins[name] = default, "default"
    text = _read(config)
    try:
        table = _table(text)
    except ValueError as error:
        config.problems.append(f"{config.path}: {error}. Mend that line, or put # before it; until then none holds.")
        table = {}
    for name, value in table.items():
        _take(config, text, str(name), value)
    for name, variable, value in _VARIABLES:
        if env.get(variable):
            config.values[name], config.origins[name] = value, f"environment: {variable}"
    return config


def _read(config: Config) -> str:
    try:
        with config.path.open("rb") as file:
            return file.read(_MAX_BYTES).decode("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        config.problems.append(f"{config.path} cannot be read: {error}")
        return ""


def _take(config: Config, text: str, name: str, value: object) -> None:
    """One entry of the file."""
    line = line_of(text, name)
    where = f"{config.path} line {line}" if line else str(config.path)
    if name == "keys" and isinstance(value, dict):
        config.keymap = {str(key): one for key, one in value.items()}
        return
    if name not in CHOICES:
        known = (*CHOICES, "keys")
        cure = suggest(name, known).strip() or f"Settings are {', '.join(known)}."
        config.problems.append(f"{where}: there is no setting {printable(name)!r}. {cure}")
        return
    allowed = CHOICES[name][0]
    if not any(value == one and type(value) is type(one) for one in allowed):
        shown = ", ".join(_toml(one) for one in allowed)
        config.problems.append(f"{where}: {name} cannot be {printable(str(value), 40)!r}. Write one of {shown}.")
        return
    config.values[name], config.origins[name] = value, f"{NAME} line {line}"


def line_of(text: str, name: str) -> int:
    """The line (from 1) on which a top-level entry or a table of that name stands; 0 if it is not found."""
    pattern = re.compile(rf"""\s*(\[\s*)?["']?{re.escape(name)}["']?\s*[\]=.]""")
    return next((n for n, line in enumerate(text.splitlines(), 1) if pattern.match(line)), 0)


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"'


def use_keys(config: Config) -> None:
    """Give keys the places that `keys.toml` and the table [keys] of the file want; what is wrong joins `problems`."""
    wrong = keys.load_keymap(config.path.with_name("keys.toml"))
    if wrong:
        config.problems.append(wrong)
    if config.keymap:
        wrong = keys.change(config.keymap)
        if wrong:
            config.problems.append(f"{config.path} [keys]: {wrong}. No key of that table was changed.")


def terminal_for(config: Config, env: Mapping[str, str] | None = None) -> Terminal:
    """The terminal as the environment describes it and the settings want it."""
    found = probe(env)
    lean = found.remote if config["lean"] == "auto" else bool(config["lean"])
    return Terminal(
        ascii=found.ascii if config["ascii"] == "auto" else bool(config["ascii"]),
        mono=found.mono,
        mouse=found.mouse if config["mouse"] == "auto" else bool(config["mouse"]),
        fps=5 if lean else 10,
        remote=found.remote,
        clipboard=found.clipboard,
        erases=found.erases,
    )


def remember(name: str, value: object, directory: Path | None = None) -> str:
    """Write one setting into the file; everything else in it stays. Returns what went wrong.

    A file that cannot be read as it is, is left alone.
    """
    path = (directory or home()) / NAME
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        before = _table(text)
        if before.get(name) == value:
            return ""
        text = changed(text, name, value)
        if _table(text) != {**before, name: value}:
            return f"{path} could not be changed without harm: {name} is not remembered"
        _write(path, text)
    except (OSError, ValueError) as error:
        return f"{name} is not remembered: {path}: {error}"
    return ""


def changed(text: str, name: str, value: object) -> str:
    """`text` with one top-level setting changed, or added above the first table."""
    lines = text.splitlines(keepends=True)
    first_table = next((i for i, line in enumerate(lines) if line.lstrip().startswith("[")), len(lines))
    for index in range(first_table):
        found = re.match(rf'(\s*{re.escape(name)}\s*=\s*)("[^"\n]*"|\'[^\'\n]*\'|[^\s#]+)(.*)', lines[index], re.S)
        if found:
            lines[index] = f"{found[1]}{_toml(value)}{found[3]}"
            return "".join(lines)
    if first_table and not lines[first_table - 1].endswith("\n"):
        lines[first_table - 1] += "\n"
    lines.insert(first_table, f"{name} = {_toml(value)}\n")
    return "".join(lines)


def _write(path: Path, text: str) -> None:
    """Replace the file as a whole: another session may read it at this moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix="config-", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def report(directory: Path | None = None) -> tuple[list[str], list[str]]:
    """What `tcplab config` prints: the settings with their values and origins, and what is wrong."""
    config = load(directory)
    use_keys(config)
    found = terminal_for(config)
    prefer(str(config["lang"]))
    now = {"mouse": found.mouse, "lean": found.lean, "ascii": found.ascii, "lang": language()}
    lines = [f"{config.path}{'' if config.path.exists() else '  (not there: all is as it comes)'}", ""]
    for name, value in config.values.items():
        shown = f"{_toml(value)}" + (f" (now {_toml(now[name])})" if value == "auto" else "")
        lines.append(f"{name:<6} = {shown:<20}  {config.origins[name]:<24} {TIPS[name]}")
    moved = keys.changed_keys()
    lines += [f'keys.{key_id} = "{key}"' for key_id, key in moved.items()]
    return lines, config.problems
