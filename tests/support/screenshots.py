"""Renders `screenshots/`: the real program in a pty, under fixed seeds, with fixed keys, at fixed virtual instants.

    python -m tests.support.screenshots screenshots

No picture depends on the clock: time is moved by commands (`step`, `seek`), never by waiting for it to run.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.e2e.terminal import TCPLAB, Terminal, environment
from tests.support import picture
from tests.support.captures import session_capture

#: The capture that `view` opens, made from these commands in the folder of the scene.
CAPTURE = "wire.pcapng"
CAPTURED = ("server listen 80; client connect server 80; run until idle", "link drop next any",
            "client send 3kB; run until idle", "link drop next 2 client DATA; client send 2kB; run until idle",
            "client close; run until idle; server close; run until idle")

Scene = Callable[[Terminal], None]


def home(terminal: Terminal) -> None:
    """The first thing a learner sees."""
    terminal.wait_for("enter opens it")


def turned(terminal: Terminal, step: int) -> None:
    """To the question of a step, past what a small window shows before it."""
    if terminal.wait_for(rf"step {step} · (go on|prediction|question)")[1] == "go on":
        terminal.press("n")


def question(terminal: Terminal) -> None:
    """A prediction, half typed, while time stands still."""
    terminal.wait_for("step 1 · read")
    terminal.press("n")
    terminal.wait_for("step 2 · do")
    terminal.press("c")
    turned(terminal, 3)
    iss = int(terminal.wait_for(r"The SYN says SEQ (\d+)")[1])
    terminal.type(str(iss)[:3])
    terminal.wait_for(rf"your answer › +{str(iss)[:3]}")


def command(terminal: Terminal, line: str) -> None:
    """Type a line of commands."""
    terminal.press(":")
    terminal.type(line + "\r")


def half_closed(terminal: Terminal) -> None:
    """The teardown lab: the client has said goodbye, and the server goes on talking."""
    terminal.wait_for("step 1 · read")
    terminal.press("n")
    fin = int(terminal.wait_for(r"step 2 · prediction.*whose SND\.NXT is (\d+)")[1])
    terminal.type(f"{fin + 1}\r")
    terminal.wait_for("step 3 · do")
    command(terminal, "client close; step 2")
    turned(terminal, 4)
    letter = terminal.wait_for(r"step 4 .*\b([a-h]) They arrive and the client's program reads them")[1]
    terminal.press(letter, "enter")
    terminal.wait_for("step 5 · do")


def bench(terminal: Terminal) -> None:
    """Data under way against a half-closed connection."""
    half_closed(terminal)
    command(terminal, 'server send "late words"; seek 380ms')
    terminal.wait_for(r"stopped +0\.380 s")
    terminal.press("2")


def closing(terminal: Terminal) -> None:
    """The last ACK is under way: the client waits in TIME-WAIT, and the diagram shows how both came there."""
    half_closed(terminal)
    command(terminal, 'server send "late words"; step 2')
    terminal.wait_for("step 6 · do")
    command(terminal, "server close; seek 530ms")
    terminal.wait_for(r"TIME-WAIT.*LAST-ACK.*stopped +0\.530 s|stopped +0\.530 s.*TIME-WAIT.*LAST-ACK")


def captured(terminal: Terminal) -> None:
    """A capture opened at a retransmission: ladder, states and plots of the past."""
    terminal.wait_for(r"connection 1 of 1")
    terminal.press("4")
    terminal.wait_for("tcptrace")
    for _ in range(5):
        terminal.press("]")
    terminal.wait_for("fast retransmit")


def connected(terminal: Terminal) -> None:
    """The sandbox after a transfer that opened the window a little."""
    terminal.wait_for("Nothing is asked here")
    command(terminal, "client set profile rfc; server set profile rfc; link rate 5mbit; link delay 30ms")
    command(terminal, "server listen 80; client connect server 80; seek 200ms")
    terminal.wait_for(r"stopped +0\.200 s")
    command(terminal, "client send 20kB; seek 800ms")
    terminal.wait_for(r"stopped +0\.800 s")


def repair(terminal: Terminal) -> None:
    """One segment was lost: what is SACKed, sent again, under way and held out of order stands in the bars."""
    connected(terminal)
    command(terminal, "client send 60kB; seek 835ms; link drop next client DATA; seek 940ms")
    terminal.wait_for(r"stopped +0\.940 s")
    terminal.press("6")
    terminal.wait_for("R sent again")


def plots(terminal: Terminal) -> None:
    """cwnd and ssthresh over a transfer with losses."""
    connected(terminal)
    command(terminal, "link loss 3%; client send 300kB; seek 6s")
    terminal.wait_for(r"stopped +6\.000 s")
    terminal.press("7")
    terminal.wait_for("cwnd and ssthresh")


def tcptrace(terminal: Terminal) -> None:
    """The same transfer by its sequence numbers, on the whole screen."""
    plots(terminal)
    terminal.press("left", "left", "z")
    terminal.wait_for("window edge")


def state(terminal: Terminal) -> None:
    """A state opened: what it means, how to get there, which ways were walked."""
    closing(terminal)
    terminal.press("3", "down", "enter", "z")
    terminal.wait_for("Ways in")


def futures(terminal: Terminal) -> None:
    """Two futures side by side: one lost a segment and repaired it, in the other the link was mended in time."""
    terminal.wait_for("sandbox")
    command(terminal, "client set congestion reno; server listen 80; client connect server 80; seek 150ms")
    terminal.wait_for(r"stopped +0\.150 s")
    command(terminal, "link drop next client DATA where seq > client.iss + 500; client send 3kB; seek 1s")
    terminal.wait_for(r"stopped +1\.000 s")
    command(terminal, "back to loss; back; link clear; seek 700ms")
    terminal.wait_for(r"stopped +0\.700 s")
    terminal.press("B")
    terminal.wait_for("Two futures.*go to try1")


def inspector(terminal: Terminal) -> None:
    """The segment that was sent again: its bytes, and why it was sent."""
    repair(terminal)
    terminal.press("2", "up", "enter")
    terminal.wait_for("✓ right")


def held(terminal: Terminal) -> None:
    """Segments stand in mid-link: one was lost by hand, the next is chosen."""
    terminal.wait_for("Nothing is asked here")
    command(terminal, "server listen 80; client connect server 80; seek 150ms; link hold on; client send 400")
    terminal.wait_for("4 segments are held")
    command(terminal, "link drop #5")
    terminal.press("4", "down", "down")
    terminal.wait_for("lose it")


def hosts(terminal: Terminal) -> None:
    """Two connections of one host, and all that its programs can do."""
    terminal.wait_for("Nothing is asked here")
    command(terminal, "server listen 80; client connect server 80; seek 150ms; client connect server 80; seek 300ms; "
                      "client send 300; seek 450ms")
    terminal.press("8", "z")
    terminal.wait_for("calls on client")


def inject(terminal: Terminal) -> None:
    """The editor for segments made by hand."""
    connected(terminal)
    terminal.press("I")
    terminal.wait_for("a blind RST")


#: Name of the picture without its size, the command, the sizes, the way there.
SCENES: tuple[tuple[str, tuple[str, ...], tuple[tuple[int, int], ...], Scene], ...] = (
    ("home", (), ((80, 24),), home),
    ("question", ("open", "handshake", "--seed", "1"), ((80, 24),), question),
    ("bench", ("open", "teardown", "--seed", "1"), ((80, 24), (120, 36), (160, 48)), bench),
    ("teardown", ("open", "teardown", "--seed", "1"), ((160, 48),), closing),
    ("view", ("view", CAPTURE), ((160, 48),), captured),
    ("sequence", ("open", "sandbox", "--seed", "3"), ((80, 24), (160, 48)), repair),
    ("plots", ("open", "sandbox", "--seed", "3"), ((80, 24),), plots),
    ("tcptrace", ("open", "sandbox", "--seed", "3"), ((120, 36),), tcptrace),
    ("state", ("open", "teardown", "--seed", "1"), ((120, 36),), state),
    ("futures", ("open", "sandbox", "--seed", "1"), ((120, 36),), futures),
    ("inspector", ("open", "sandbox", "--seed", "3"), ((120, 36),), inspector),
    ("hold", ("open", "sandbox", "--seed", "3"), ((80, 24),), held),
    ("hosts", ("open", "sandbox", "--seed", "3"), ((120, 36),), hosts),
    ("inject", ("open", "sandbox", "--seed", "3"), ((80, 24),), inject),
)


def shoot(arguments: tuple[str, ...], size: tuple[int, int], scene: Scene, still: float = 0.6) -> Terminal:
    """Play a scene; the terminal is returned closed, with its last screen, which stood `still` for so many seconds."""
    with tempfile.TemporaryDirectory() as folder:
        env = environment(Path(folder))
        if CAPTURE in arguments:
            session_capture(Path(folder) / CAPTURE, CAPTURED)
        with Terminal([*TCPLAB, *arguments], env, *size, cwd=Path(folder)) as terminal:
            scene(terminal)
            terminal.quiet(still)
            return terminal


def main(folder: Path) -> int:
    """Write all pictures. Returns the exit code."""
    folder.mkdir(parents=True, exist_ok=True)
    faces = picture.fonts()
    if faces is None:
        print("no DejaVu fonts here (package fonts-dejavu-core): only SVG is drawn", file=sys.stderr)
    for name, arguments, sizes, scene in SCENES:
        for columns, lines in sizes:
            terminal = shoot(arguments, (columns, lines), scene)
            base = folder / f"{name}-{columns}x{lines}"
            title = f"tcplab: {name} at {columns}x{lines}"
            base.with_suffix(".svg").write_text(picture.svg(terminal.screen, title), encoding="utf-8")
            if faces is not None:
                picture.png(terminal.screen, base.with_suffix(".png"), faces)
            print(base.with_suffix(".svg"))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots")))
