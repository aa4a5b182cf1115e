"""What the end-to-end tests share: a home of their own, and terminals that are closed again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.terminal import TCPLAB, Terminal, environment

Launch = Callable[..., Terminal]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A learner's home: nothing has been done in it yet."""
    path = tmp_path / "home"
    path.mkdir()
    return path


@pytest.fixture
def launch(home: Path) -> Iterator[Launch]:
    """`launch("open", "handshake", columns=80, lines=24, TERM="linux")` starts tcplab in a terminal of its own."""
    terminals: list[Terminal] = []

    def start(*arguments: object, columns: int = 80, lines: int = 24, **changes: str | None) -> Terminal:
        argv = (*TCPLAB, *(str(argument) for argument in arguments))
        terminals.append(Terminal(argv, environment(home, **changes), columns, lines, cwd=home))
        return terminals[-1]

    yield start
    for terminal in terminals:
        terminal.close()
