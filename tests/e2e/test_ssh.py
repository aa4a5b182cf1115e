"""A real OpenSSH login on loopback: the handshake lab to full marks, the lean profile, a dropped line."""

from __future__ import annotations

import getpass
import os
import shlex
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.learner import Learner
from tests.e2e.terminal import TCPLAB, Terminal, environment

SSHD = shutil.which("sshd", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")

pytestmark = pytest.mark.skipif(
    not (SSHD and shutil.which("ssh") and shutil.which("ssh-keygen")), reason="OpenSSH is not installed"
)

Login = Callable[..., Terminal]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write_config(folder: Path, port: int) -> Path:
    """A server for this test alone: its own keys, one user, loopback."""
    for name in ("host", "user"):
        key = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "tcplab test", "-f", str(folder / name)]
        subprocess.run(key, check=True, timeout=30)
    shutil.copy(folder / "user.pub", folder / "authorized")
    root = os.geteuid() == 0
    config = folder / "sshd_config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/authorized\n"
        f"PidFile {folder}/pid\nStrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
        f"PermitRootLogin prohibit-password\nPrintMotd no\nPrintLastLog no\nUseDNS no\n"
        f"UsePAM {'yes' if root and Path('/etc/pam.d/sshd').exists() else 'no'}\n"
    )
    if root:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    return config


@pytest.fixture
def login(tmp_path: Path, home: Path) -> Iterator[Login]:
    """`login("open", "handshake")` runs tcplab at the far end of `ssh -tt`, in a terminal of 80x24."""
    port, folder = free_port(), tmp_path / "ssh"
    folder.mkdir(mode=0o700)
    config = write_config(folder, port)
    server = subprocess.Popen([str(SSHD), "-D", "-e", "-f", str(config)], stderr=subprocess.PIPE, text=True)
    terminals: list[Terminal] = []

    def start(*arguments: str) -> Terminal:
        far = environment(home)
        wanted = {name: far[name] for name in ("TCPLAB_HOME", "LC_ALL", "PYTHONPATH", "COLORTERM", "TCPLAB_NO_TOUR")}
        words = shlex.join(["env", *(f"{name}={value}" for name, value in wanted.items()), *TCPLAB, *arguments])
        argv = ["ssh", "-tt", "-F", "none", "-p", str(port), "-i", str(folder / "user"), "-o", "BatchMode=yes",
                "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
                f"{getpass.getuser()}@127.0.0.1", words]  # fmt: skip
        terminals.append(Terminal(argv, environment(home)))
        return terminals[-1]

    try:
        assert server.stderr is not None
        said = server.stderr.readline()
        assert "listening" in said, said + server.stderr.read()
        yield start
    finally:
        for terminal in terminals:
            terminal.close()
        server.terminate()
        server.wait(10)
        server.stderr.close()


def test_the_handshake_lab_over_ssh_to_full_marks(login, home):
    terminal = login()
    learner = Learner(terminal)
    learner.open_first_lab()
    page = learner.play_handshake()
    assert page.score == page.max_score > 0 and Path(page.recording).is_file()
    # The lean profile: no mouse reports travel over the line.
    assert not terminal.modes & {1000, 1002, 1003, 1006}
    terminal.press("q")
    terminal.wait_for(r"of \d+ labs")
    terminal.press("q")
    assert terminal.wait_exit() == 0 and terminal.restored == []
    grade = subprocess.run([*TCPLAB, "grade", "handshake", page.recording], env=environment(home), capture_output=True)
    assert grade.returncode == 0


def test_a_dropped_line_loses_nothing(login, record_property):
    terminal = login("open", "sandbox", "--seed", "1")
    terminal.wait_for("sandbox")
    terminal.type(":server listen 80; client connect server 80; run until idle\r")
    terminal.wait_for("running")
    frames, before = terminal.raw.count(b"\x1b[?2026h"), len(terminal.raw)
    terminal.written_in(1.5)
    frames = terminal.raw.count(b"\x1b[?2026h") - frames
    record_property("bytes_per_second", int((len(terminal.raw) - before) / 1.5))
    assert 0 < frames <= 10  # five a second
    terminal.press(*"+++++")
    terminal.wait_for("ESTABLISHED.*ESTABLISHED.*Nothing is on its way")
    clock = terminal.wait_for(r"stopped +(\S+) s")[1]
    terminal.signal(signal.SIGKILL)
    terminal.wait_exit()
    back = login("resume")
    assert back.wait_for(r"stopped +(\S+) s")[1] == clock != "0.000"
    assert "ESTABLISHED" in back.text
    back.press("q")
    assert back.wait_exit() == 0 and back.restored == []
