"""How the screen behaves on terminals of all sorts: small, dumb, without colour, without UTF-8; and under a masher."""

from __future__ import annotations

import random
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.terminal import KEYS, REPO, TCPLAB, Terminal, environment

BENCH = r" 1 +Guide"
TROUBLE = re.compile(r"Traceback|Error\b|a defect of tcplab")


def tour(terminal: Terminal, inspect: bool = False) -> None:
    """Home, the bench with traffic on every page, zoom, help, the palette, every form, and out again.

    With `inspect` a dissected segment too.
    """
    terminal.wait_for("enter opens it")
    terminal.press("end")
    terminal.wait_for(r"The sandbox\b.*enter opens it")
    terminal.press("enter")
    terminal.wait_for(BENCH)
    terminal.type(":server listen 80; client connect server 80; step 3; client send 300; step 2\r")
    terminal.wait_for("ESTABLISHED.*ESTABLISHED")
    for page, name in enumerate(("Guide", "Log", "States", "Link", "TCB", "Seq", "Plots", "Hosts"), 1):
        terminal.press(str(page))
        # The page in front has more room in its tab.
        terminal.wait_until(lambda words=f" {page}  {name}": words in terminal.text, f"page {page}")
        stands(terminal)
    terminal.press("3", "z")
    terminal.wait_for("TIME-WAIT")
    terminal.press("z", "2")
    if inspect:
        terminal.press("up", "enter")
        terminal.wait_for("Segment #")
        terminal.quiet(0.2)
        terminal.press("backspace")
        terminal.wait_for(BENCH)
    terminal.press("?")
    terminal.wait_for("What is this")
    terminal.press("backspace")
    terminal.wait_for(BENCH)
    terminal.press("f2")
    terminal.wait_for("All commands|enter do it")
    # Alone: an esc that is read together with the next key would be alt and that key.
    terminal.press("esc")
    terminal.wait_for(BENCH)
    forms(terminal)
    terminal.press("q")
    terminal.wait_for(r"of \d+ labs")
    terminal.press("q")
    assert terminal.wait_exit() == 0 and terminal.restored == []


def forms(terminal: Terminal) -> None:
    """From the bench to each screen that lies over it, and back: a hand-made segment, taking away, two futures."""
    terminal.type(":back 2; client close; step\r")
    terminal.wait_for("FIN-WAIT-1")
    for key, words in (("I", "[Ii]nject"), ("e", "What do you want to take away"), ("B", "[Ff]uture")):
        terminal.press(key)
        terminal.wait_for(words)
        stands(terminal)
        terminal.press("esc")
        terminal.wait_for(BENCH)


def stands(terminal: Terminal) -> None:
    """What was written bit by bit is what a whole painting (ctrl+l) shows: nothing stays behind."""
    shown, before = terminal.rows, len(terminal.raw)
    terminal.type("\x0c")
    terminal.wait_until(lambda: len(terminal.raw) > before + 500 and terminal.rows == shown, f"again\n{terminal.text}")
    assert not TROUBLE.search(terminal.text), terminal.text


# -- terminals that are none ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("term", "command"),
    [("dumb", ()), ("", ()), ("unknown", ()), (None, ()), (None, ("open", "handshake")), ("dumb", ("resume",))],
)
def test_a_terminal_that_cannot_draw_is_refused(launch, term, command):
    terminal = launch(*command, TERM=term)
    assert terminal.wait_exit() == 2
    assert b"\x1b" not in terminal.raw
    assert "tcplab run LAB --script FILE" in terminal.words and "TERM" in terminal.words
    assert not TROUBLE.search(terminal.text) and terminal.restored == []


def test_without_any_terminal_it_is_refused(home):
    done = subprocess.run(TCPLAB, env=environment(home), stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 2 and done.stdout == ""
    assert "not a terminal" in done.stderr and "\x1b" not in done.stderr and "tcplab run LAB" in done.stderr


@pytest.mark.parametrize("pipe", ["</dev/null", "2>&1 | cat", "| cat", ">file", "2>/dev/null"])
def test_a_pipe_in_place_of_a_terminal_is_refused(home, pipe):
    words = f"{' '.join(TCPLAB)} {pipe}; echo ended ${{PIPESTATUS[0]}}"
    with Terminal(["bash", "-c", words], environment(home), cwd=home) as terminal:
        terminal.wait_for("ended 2")
        assert terminal.wait_exit() == 0
        assert b"\x1b" not in terminal.raw and terminal.restored == []
        assert "is not a terminal" in terminal.words or pipe == "2>/dev/null"


# -- terminals that can less ------------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", [{"LC_ALL": "C"}, {"LC_ALL": None, "LANG": "C"}])
def test_a_locale_that_is_not_utf8_gets_ascii_only(launch, changes):
    terminal = launch(**changes)
    tour(terminal, inspect="LANG" in changes)
    assert bytes(terminal.raw).isascii()


def test_no_color_means_none(launch):
    terminal = launch(NO_COLOR="1")
    tour(terminal, inspect=True)
    assert terminal.colours() == set()


@pytest.mark.parametrize("term", ["linux", "screen"])
def test_sixteen_colours_are_enough(launch, term):
    terminal = launch(TERM=term, COLORTERM=None)
    tour(terminal)
    assert all(";" not in colour for colour in terminal.colours()) and terminal.colours()


def test_256_colours_are_enough(launch):
    terminal = launch(TERM="screen-256color", COLORTERM=None)
    tour(terminal)
    assert not any("8;2;" in colour for colour in terminal.colours()) and terminal.colours()


# -- sizes ------------------------------------------------------------------------------------------------------


def test_a_window_may_change_its_size_at_any_time(launch):
    terminal = launch("open", "handshake", "--seed", 1)
    terminal.wait_for("step 1 · read")
    terminal.press("n", "c")
    if terminal.wait_for(r"step 3 · (prediction|go on)")[1] == "go on":
        terminal.press("n")
    terminal.wait_for("step 3 · prediction")
    terminal.press("esc")
    terminal.wait_for("enter to type it")
    before = terminal.rows[:9]
    terminal.resize(20, 5)
    terminal.wait_for("nothing is lost")
    terminal.press("o", "v", "up")
    terminal.resize(160, 48)
    terminal.wait_until(lambda: "leave" in terminal.rows[-1], "a screen of 48 rows")
    assert len(terminal.rows) == 48 and "SYN seq 6954" in terminal.words and "SND.NXT" in terminal.words
    for columns, lines in ((1, 1), (300, 100), (59, 19), (60, 20)):
        before_it = len(terminal.raw)
        terminal.resize(columns, lines)
        terminal.wait_until(lambda much=before_it: len(terminal.raw) > much, f"a painting at {columns}x{lines}")
    terminal.resize(80, 24)
    terminal.press("o", "v")
    terminal.wait_until(lambda: terminal.rows[:9] == before, "the screen as it was")
    for size in ((59, 19), (60, 20), (59, 19), (1, 1), (300, 100), (80, 24)):
        terminal.resize(*size)
    terminal.wait_until(lambda: terminal.rows[:9] == before, "the screen as it was, after many sizes at once")
    # Another size and back before the program could look: the same size, yet nothing is as it was.
    terminal.quiet(0.2)
    terminal.screen.reset()
    terminal.signal(signal.SIGWINCH)
    terminal.wait_until(lambda: terminal.rows[:9] == before, "the whole screen, painted again")
    terminal.press("q")
    assert terminal.wait_exit() == 0 and terminal.restored == []


# -- quiet and thrift -------------------------------------------------------------------------------------------


def test_nothing_is_written_and_nothing_computed_while_time_stands(launch):
    terminal = launch("open", "handshake", "--seed", 1)
    terminal.wait_for("step 1 · read")
    terminal.press("n", "c")
    terminal.wait_for("step 3 · go on")
    terminal.press("n")
    terminal.wait_for("step 3 · prediction")
    terminal.quiet(0.5)
    cpu = terminal.cpu_seconds()
    assert terminal.written_in(2.5) == 0
    assert terminal.cpu_seconds() - cpu <= 0.02


def clock(terminal: Terminal) -> int:
    """The instant in the title bar (ms), where 50 ms are a second and a half of showing."""
    shown = re.search(r"(\d+)\.(\d{3}) s", terminal.rows[0])
    return int(shown[1] + shown[2]) if shown else -1


def test_traffic_costs_about_ten_kilobytes_a_second(launch, record_property):
    """Design, section 8: five segments a second on the screen at 80x24; `make bench` holds the exact mark."""
    terminal = launch("open", "sandbox", "--seed", 1)
    terminal.wait_for("sandbox")
    terminal.type(":server listen 80; client connect server 80; step 3\r")
    terminal.wait_for("ESTABLISHED.*ESTABLISHED")
    # A crossing of 50 ms takes 1.5 s here: at 85 kbit/s five segments, half of them ACKs, set out in a second.
    terminal.type(":link rate 85kbit limit 1000 from client; client app source 1MB; run until idle\r")
    terminal.wait_for("running")
    # By the clock on the screen, not by the wall's: a busy machine shows fewer frames of the same traffic.
    begun = clock(terminal)
    terminal.wait_until(lambda: clock(terminal) >= begun + 50, "the first crossings")
    begun, before = clock(terminal), len(terminal.raw)
    terminal.wait_until(lambda: clock(terminal) >= begun + 80, "two and a half seconds at the pace of a crossing")
    rate = (len(terminal.raw) - before) * 100 / (3 * (clock(terminal) - begun))
    record_property("bytes_per_second", int(rate))
    print(f"\n{rate:.0f} bytes a second with traffic at 80x24")
    assert "running" in terminal.rows[0]
    assert 0 < rate <= 13_000


# -- the masher -------------------------------------------------------------------------------------------------

TYPED = (
    ":client connect server 80\r", ":server listen 80 backlog 2\r", ":client send 500\r", ":server close\r",
    ":run until idle\r", ":step 3; back 2\r", ":seek 1.5s\r", ":link loss 20%\r", ":link hold on\r", ":link bogus\r",
    ":link clear; link hold off\r", ":answer 4212\r", "4212\r", "b\r", ":why\r", ":help link\r", ":skip\r",
    ":reset\r", "/server ACK\r", "/\r", ":\r", ':note "§ 東京 \x0b"\r', ":client set msl 1s\r", ":wait; wait\r",
    ":inject from client \"TCP(flags='R', seq=1)\"\r", ":run until client.state == 'CLOSED'\r",
    "\x1b[200~pasted\x1b[201~",
)  # fmt: skip
WINDOWS = ((80, 24), (120, 36), (160, 48), (20, 5), (100, 30))


def mash(terminal: Terminal, dice: random.Random) -> None:
    """One act of a learner who does not look: a key, a line, or another window."""
    number = dice.random()
    if number < 0.03:
        terminal.resize(*WINDOWS[int(dice.random() * len(WINDOWS))])
    elif number < 0.2:
        terminal.type(TYPED[int(dice.random() * len(TYPED))])
    else:
        letters = "hnrsbw+-lcdfox1234567kjgGvazLpu/:?et0[]~.,"
        keys = [*(key for key in KEYS if key not in ("ctrl+c", "ctrl+q")), *letters]
        terminal.press(keys[int(dice.random() * len(keys))])
    terminal.quiet(0.02, patience=3600)


@pytest.mark.parametrize(("lab", "seed"), [("handshake", 1), ("teardown", 2), ("sandbox", 3)])
def test_no_key_and_no_order_of_keys_does_harm(launch, home, lab, seed):
    dice = random.Random(f"{seed}/masher")
    recording = home / "mashed.jsonl"
    terminal = launch("open", lab, "--seed", seed, "--record", recording)
    terminal.wait_for("tcplab")
    for _ in range(100):
        mash(terminal, dice)
        if not terminal.alive:
            # The palette may have said "quit": then it left properly, and goes on where it was.
            assert terminal.wait_exit() == 0, terminal.text
            terminal = launch("resume", recording)
            terminal.wait_for("tcplab")
        assert not TROUBLE.search(terminal.text), terminal.text
    terminal.resize(80, 24)
    terminal.signal(15)
    assert terminal.wait_exit() == 143 and terminal.restored == []
    # Whatever was pressed, what was written down plays again to its last line.
    replayed = subprocess.run([*TCPLAB, "grade", lab, str(recording), "--exit-zero", "--json"],
                              env=environment(home), cwd=REPO, capture_output=True, text=True, timeout=60)  # fmt: skip
    assert replayed.returncode == 0 and '"status": "graded"' in replayed.stdout.replace('":"', '": "'), replayed.stderr
    assert Path(recording).is_file()


def test_a_key_costs_little(launch, record_property):
    """Design, section 8: a key at most 1 kB; a wholly new screen as near to its letters as can be."""
    terminal = launch("open", "sandbox", "--seed", 1)
    terminal.wait_for("sandbox")
    terminal.type(":server listen 80; client connect server 80; step 3; client send 2kB; step 30\r")
    terminal.wait_for("ESTABLISHED.*ESTABLISHED")
    terminal.press("2")
    terminal.quiet(0.4)
    costs = {}

    def cost(key: str) -> int:
        """All bytes that a key makes the program write."""
        before = len(terminal.raw)
        terminal.press(key)
        terminal.wait_until(lambda: len(terminal.raw) > before, f"an answer to {key}")
        terminal.quiet(0.2)
        return len(terminal.raw) - before

    for key in ("up", "up", "down", ":", "esc", "/", "esc", "+", "-", "L", *["up"] * 8, "L"):
        costs[key] = max(costs.get(key, 0), cost(key))
    assert max(costs.values()) <= 1_000, costs
    for key in ("z", "z", "?", "backspace"):
        pages = cost(key)
        costs[key] = max(costs.get(key, 0), pages)
        assert 0 < pages <= 3_200, (key, costs)  # the bench has 1,600 bytes of letters, glyphs and blanks between words
    record_property("bytes_by_key", str(costs))
