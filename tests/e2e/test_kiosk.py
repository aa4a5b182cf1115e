"""A kiosk behind a real OpenSSH login: a key opens the course, and nothing gets past it.

Thirty at once are driven with TCPLAB_LONG=1 (`make test-long`), three in the ordinary suite.
"""

from __future__ import annotations

import getpass
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tcplab.grading import kept
from tests.e2e.learner import Learner
from tests.e2e.terminal import PATIENCE, REPO, TCPLAB, Terminal, environment
from tests.e2e.test_ssh import SSHD, free_port, write_config

pytestmark = pytest.mark.skipif(
    not (SSHD and shutil.which("ssh") and shutil.which("ssh-keygen")), reason="OpenSSH is not installed"
)
HOME = "A terminal laboratory for learning TCP"
AT_ONCE = 30 if os.environ.get("TCPLAB_LONG") else 3


class Server:
    """An sshd of its own; each learner has a key whose line in authorized_keys names the kiosk."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder, self.home, self.kiosk = folder, home, folder / "course"
        self.kiosk.mkdir()
        self.port = free_port()
        config = write_config(folder, self.port)
        config.write_text(config.read_text() + "MaxStartups 50:30:100\nPermitUserRC no\nDisableForwarding yes\n"
                          "AcceptEnv LANG LC_* COLORTERM TZ EDITOR\nLogLevel ERROR\n")
        self.public = (folder / "user.pub").read_text().strip()
        (folder / "authorized").write_text("")
        self.process = subprocess.Popen([str(SSHD), "-D", "-e", "-f", str(config)], stderr=subprocess.DEVNULL)
        self.terminals: list[Terminal] = []

    def admit(self, student: str, *options: str) -> None:
        """A key for a learner, with the kiosk as its only command."""
        key = self.folder / f"key-{student}"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True, timeout=30)
        words = ["env", f"PYTHONPATH={REPO}", *TCPLAB, "kiosk", str(self.kiosk), "--student", student, *options]
        line = f'restrict,pty,command="{" ".join(words)}" {key.with_suffix(".pub").read_text().strip()}\n'
        with (self.folder / "authorized").open("a") as file:
            file.write(line)

    def ssh(self, student: str, *words: str) -> list[str]:
        return ["ssh", "-F", "none", "-p", str(self.port), "-i", str(self.folder / f"key-{student}"),
                "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                "-o", "LogLevel=ERROR", "-o", "SendEnv=LC_ALL COLORTERM TZ EDITOR", "-o", "ConnectionAttempts=5",
                *words]

    def login(self, student: str, *command: str) -> Terminal:
        """Log in with a terminal of 80x24; tours are declined."""
        folder = self.kiosk / kept.LEARNERS / student
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.toml").write_text("tour = false\n")
        argv = self.ssh(student, "-tt", f"{getpass.getuser()}@127.0.0.1", *command)
        self.terminals.append(Terminal(argv, environment(self.home, EDITOR="vi")))
        return self.terminals[-1]

    def ask(self, student: str, *command: str) -> subprocess.CompletedProcess:
        """An errand, without a terminal."""
        return subprocess.run(self.ssh(student, "-T", f"{getpass.getuser()}@127.0.0.1", *command), timeout=60,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)

    def journal(self, student: str) -> list[dict]:
        return kept.read_journal(self.kiosk / kept.LEARNERS / student)

    def close(self) -> None:
        for terminal in self.terminals:
            terminal.close()
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture
def server(tmp_path: Path, home: Path) -> Iterator[Server]:
    folder = tmp_path / "ssh"
    folder.mkdir(mode=0o700)
    one = Server(folder, home)
    deadline = time.monotonic() + PATIENCE
    while subprocess.run(["ssh-keyscan", "-p", str(one.port), "127.0.0.1"], capture_output=True).stdout == b"":
        assert time.monotonic() < deadline, "sshd does not answer"
    yield one
    one.close()


def descendants(pid: int) -> list[str]:
    """The command lines of everything that a process has started (Linux)."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [Path(f"/proc/{child}/cmdline").read_text().replace("\0", " "), *descendants(int(child))]
    return found


def test_a_key_opens_the_course_and_nothing_else(server: Server):
    server.admit("ada")
    ada = server.login("ada", "sh", "-c", "id")  # what is asked for is refused, with a terminal too
    assert ada.wait_exit() == 2 and "cannot be asked for here" in ada.text
    ada = server.login("ada")
    Learner(ada).open_first_lab()
    ada.wait_for("step 1/")
    assert not ada.modes & {1000, 1002, 1003, 1006}
    for keys in ("\x1a", "\x1c", "\x03", ":!sh\r", "\x15", "\x1b", ":run /etc/passwd\r", "\x15", "\x1b"):
        ada.type(keys)
        ada.quiet(0.3)
    assert ada.alive and "root:" not in ada.raw.decode(errors="replace")
    pid = holder_of(server, "ada")
    assert descendants(pid) == []
    assert set(Path(f"/proc/{pid}/cwd").resolve().relative_to(server.kiosk).parts) >= {"ada", "exports"}
    # What `e` writes stays in the learner's folder, wherever the name points.
    ada.press("e")
    ada.wait_for("Take away")
    ada.type("n")
    ada.quiet()
    ada.type("\x15/etc/../tmp/kiosk-escape\r")
    ada.quiet()
    ada.press(*["up"] * 8)
    ada.press("enter")
    ada.wait_for("written: ")
    exports = server.kiosk / kept.LEARNERS / "ada" / kept.EXPORTS
    assert [path.suffix for path in exports.iterdir()] and not list(Path("/tmp").glob("kiosk-escape*"))
    ada.press("esc")
    ada.wait_for("step 1/")
    ada.press("q")
    ada.wait_for(HOME)
    ada.press("q")
    assert ada.wait_exit() == 0 and ada.restored == []
    assert b"Everything is kept" in ada.raw
    assert server.journal("ada")[-1] == {**server.journal("ada")[-1], "event": "end", "why": "left"}


def holder_of(server: Server, student: str) -> int:
    """The process that sits in a learner's place, as the kernel says."""
    from tcplab.kiosk.seat import LOCK, holder

    handle = os.open(server.kiosk / kept.LEARNERS / student / LOCK, os.O_RDONLY)
    try:
        return holder(handle)
    finally:
        os.close(handle)


def test_errands_without_a_terminal(server: Server):
    server.admit("ada")
    for words in (("cat", "/etc/passwd"), ("scp", "-t", "."), ("status;", "id"), ("bash",)):
        done = server.ask("ada", *words)
        assert done.returncode == 2 and b"cannot be asked for here" in done.stderr and done.stdout == b"", done
    done = server.ask("ada")
    assert done.returncode == 2 and b"not a terminal" in done.stderr and b"ssh HOST status" in done.stderr
    assert server.ask("ada", "status").stdout == b"ada: not logged in\n  nothing begun yet\n"


def test_a_lab_played_to_the_end_is_handed_in_and_graded_as_supervised(server: Server, tmp_path: Path):
    server.admit("ada")
    ada = server.login("ada")
    learner = Learner(ada)
    learner.open_first_lab()
    page = learner.play_handshake()
    assert page.score == page.max_score > 0
    ada.press("q")
    ada.wait_for(HOME)
    ada.press("q")
    assert ada.wait_exit() == 0
    assert b"handed in with %d of %d points" % (page.score, page.score) in server.ask("ada", "submit").stdout
    got = server.ask("ada", "recording", "handshake").stdout
    hand_in = tmp_path / "hand-in.jsonl"
    hand_in.write_bytes(got)
    done = subprocess.run([*TCPLAB, "grade", "handshake", str(hand_in), "--kiosk", str(server.kiosk), "--json"],
                          capture_output=True, check=False)
    result = json.loads(done.stdout)
    assert done.returncode == 0 and result["supervised"] and result["student"] == "ada" and result["attempt"] == 1
    status = json.loads(server.ask("ada", "status", "--json").stdout)
    assert status["labs"][0] | {"finished": True, "submitted": 1, "best": page.score} == status["labs"][0]


def test_a_new_login_takes_the_session_over_at_the_same_instant(server: Server):
    server.admit("ada")
    old = server.login("ada")
    Learner(old).open_first_lab()
    old.wait_for("step 1/")
    old.press("n")
    old.wait_for("step 2/")
    old.quiet()
    new = server.login("ada")
    assert old.wait_exit() == 0 and old.restored == [] and b"logged in elsewhere" in old.raw
    new.wait_for("step 2/")
    # A line that drops, and a process that is killed, lose nothing either.
    os.kill(holder_of(server, "ada"), signal.SIGKILL)
    new.wait_exit()
    third = server.login("ada")
    third.wait_for("step 2/")
    events = [line["event"] for line in server.journal("ada")]
    assert events.count("open") == 1 and events.count("resume") == 2 and events.count("login") == 3
    third.press("q")
    third.wait_for(HOME)
    assert len(list((server.kiosk / kept.LEARNERS / "ada" / kept.RECORDINGS).iterdir())) == 1


def test_nobody_there_ends_the_login(server: Server):
    server.admit("ada", "--idle", "2s")
    ada = server.login("ada")
    ada.wait_for(HOME)
    assert ada.wait_exit() == 0
    assert b"Nobody has pressed a key" in ada.raw and ada.restored == []
    assert server.journal("ada")[-1]["why"] == "idle"


def test_too_much_computing_ends_the_login_in_good_order(server: Server):
    server.admit("ada", "--cpu", "2s", "--events", "600000")
    ada = server.login("ada")
    ada.wait_for(HOME)
    ada.press("G", "enter")  # the sandbox stands last
    ada.wait_for("sandbox|Sandbox")
    ada.quiet()
    ada.type(":server listen 80; client connect server 80; client send 10MB; run until idle\r")
    ada.press(*"+++++")
    while ada.alive:  # a run that pauses for being long goes on until the login has used up its time
        ada.wait_until(lambda: not ada.alive or "space lets it run on" in ada.text, "the end or a pause")
        if ada.alive:
            ada.press("space")
            ada.wait_until(lambda: not ada.alive or "space lets it run on" not in ada.text, "time to run")
    assert ada.wait_exit() == 5
    assert b"computing time" in ada.raw and ada.restored == []


def test_many_learners_at_once(server: Server, record_property):
    """Each logs in, opens the first lab, turns a page, and leaves; every one has a folder, an attempt, and an end."""
    names = [f"learner-{number:02}" for number in range(AT_ONCE)]
    for name in names:
        server.admit(name)
    terminals = [server.login(name) for name in names]
    patience = 60 + 4 * AT_ONCE
    for terminal in terminals:
        terminal.wait_for(r"[▸>] ○ 1 · The three-way handshake", patience)
    for terminal in terminals:
        terminal.press("enter")
    for terminal in terminals:
        terminal.wait_for("step 1/", patience)
    waits = []
    for terminal in terminals:
        begun = time.monotonic()
        terminal.press("n")
        terminal.wait_for("step 2/", patience)
        waits.append(time.monotonic() - begun)
    record_property("key_to_paint_ms_95", round(1000 * sorted(waits)[len(waits) * 95 // 100]))
    for terminal in terminals:
        terminal.press("q")
    for terminal in terminals:
        terminal.wait_for(HOME, patience)
        terminal.press("q")
    seeds = set()
    for name, terminal in zip(names, terminals, strict=True):
        assert terminal.wait_exit(patience) == 0 and terminal.restored == []
        journal = server.journal(name)
        assert [line["event"] for line in journal if line["event"] != "step"] == ["login", "open", "close", "end"]
        seeds.add(next(line["seed"] for line in journal if line["event"] == "open"))
    assert len(seeds) == AT_ONCE


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=755", "tcplab-test", str(place)]
    if os.geteuid() or not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root may mount a small file system")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_is_said_and_nothing_is_lost(small_disk: Path, home: Path):
    kiosk = [*TCPLAB, "kiosk", str(small_disk), "--student", "ada"]
    folder = small_disk / kept.LEARNERS / "ada"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text("tour = false\n")
    with Terminal(kiosk, environment(home)) as ada:
        Learner(ada).open_first_lab()
        ada.wait_for("step 1/")
        with (small_disk / "filler").open("wb", buffering=0) as filler:
            with pytest.raises(OSError):
                while True:
                    filler.write(b"\0" * 4096)
        recording, = (folder / kept.RECORDINGS).iterdir()
        before = recording.read_bytes()
        for _ in range(4):  # what is left of the recording's last block holds two such lines
            ada.type(":")
            ada.quiet(0.2)
            ada.type("\x1b[200~note " + "x" * 1500 + "\x1b[201~\r")
            if ada.wait_for("noted|cannot write")[0] != "noted":
                break
            ada.press("a")  # another message
            ada.wait_until(lambda: "noted" not in ada.words, "another message")
        ada.wait_for("cannot write .*: No space left on device")
        refused = recording.read_bytes()
        assert refused.startswith(before) and refused.endswith(b"\n")
        with Terminal([*kiosk[:-1], "bob"], environment(home)) as bob:
            assert bob.wait_exit() == 2 and "Tell your instructor" in bob.text.replace("\n", "")
        (small_disk / "filler").unlink()
        ada.press("esc")
        ada.quiet()
        ada.press("n")
        ada.wait_for("step 2/")
        ada.press("q")
        ada.wait_for(HOME)
        ada.press("q")
        assert ada.wait_exit() == 0 and ada.restored == []
    done = subprocess.run([*TCPLAB, "replay", str(recording)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
