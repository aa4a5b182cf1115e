"""A real OpenSSH login on loopback: the handshake lab to full marks, the lean profile, a dropped line."""

from __future__ import annotations

import getpass
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
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

#: A pipe to a port of this machine that lets 25 kB a second come back: `python -c PIPE PORT`, as ssh's ProxyCommand.
PIPE = """
import os, select, socket, sys, time
far = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
while True:
    ready = select.select([0, far], [], [])[0]
    if 0 in ready:
        data = os.read(0, 65536)
        if not data:
            break
        far.sendall(data)
    if far in ready:
        data = far.recv(500)
        if not data:
            break
        os.write(1, data)
        time.sleep(len(data) / 25_000)
"""


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
    """`login("open", "handshake")` runs tcplab at the far end of `ssh -tt`, in a terminal of 80x24.

    With `narrow=True` 25 kB a second come back at the most.
    """
    port, folder = free_port(), tmp_path / "ssh"
    folder.mkdir(mode=0o700)
    config = write_config(folder, port)
    pipe = folder / "pipe.py"
    pipe.write_text(PIPE)
    server = subprocess.Popen([str(SSHD), "-D", "-e", "-f", str(config)], stderr=subprocess.PIPE, text=True)
    terminals: list[Terminal] = []

    def start(*arguments: str, narrow: bool = False) -> Terminal:
        far = environment(home)
        wanted = {name: far[name] for name in ("TCPLAB_HOME", "LC_ALL", "PYTHONPATH", "COLORTERM", "TCPLAB_NO_TOUR")}
        words = shlex.join(["env", *(f"{name}={value}" for name, value in wanted.items()), *TCPLAB, *arguments])
        argv = ["ssh", "-tt", "-F", "none", "-p", str(port), "-i", str(folder / "user"), "-o", "BatchMode=yes",
                *(("-o", f"ProxyCommand {sys.executable} {pipe} %p") if narrow else ()),
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


def test_a_line_of_25_kilobytes_a_second_feels_immediate(login):
    terminal = login("open", "sandbox", "--seed", "1", narrow=True)
    terminal.wait_for(r" 1 +Guide")
    terminal.type(":server listen 80; client connect server 80; step 3\r")
    terminal.wait_for("ESTABLISHED.*ESTABLISHED")
    terminal.type(":link rate 85kbit limit 1000 from client; client app source 1MB; run until idle\r")
    terminal.wait_for("running")
    # Ten kilobytes a second with traffic, so that keys find the line free: nothing queues up before their answers.
    assert terminal.written_in(2.0) <= 20_000
    for page, name in enumerate(("Log", "States", "Link"), 2):
        terminal.press(str(page))
        terminal.wait_until(lambda words=f" {page}  {name}": words in terminal.text, f"page {page}", 3.0)
    assert "running" in terminal.rows[0]
    terminal.press("space")
    terminal.wait_until(lambda: "stopped" in terminal.rows[0], "time to stand", 3.0)
    terminal.quiet(0.3)
    assert terminal.written_in(1.0) == 0
    terminal.press("q")
    assert terminal.wait_exit() == 0 and terminal.restored == []


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
