"""`tcplab live` as its users run it: curl and plain sockets talk to it, it talks to them, nothing stays behind."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.interop.netns import Namespace

LIVE = (sys.executable, "-m", "tcplab", "live")


@contextmanager
def live(namespace: Namespace, *arguments: str, word: str,
         stdin: int = subprocess.DEVNULL) -> Iterator[subprocess.Popen]:
    """A running `tcplab live`, once it has said `word`; interrupted at the end if it is still there."""
    with subprocess.Popen(namespace.command(*LIVE, *arguments), stdin=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as process:
        try:
            process.said = ""
            while word not in process.said:
                line = process.stderr.readline()
                assert line, process.said
                process.said += line
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                process.said += process.communicate(timeout=20)[1]


def kernel(namespace: Namespace) -> socket.socket:
    with namespace.entered():
        sock = socket.socket()
    sock.settimeout(20)
    return sock


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_curl_gets_a_page_about_its_connection(namespace):
    with live(namespace, "serve", "80", "--app", "page", "-v", "--delay", "5ms", word="listening") as process:
        body = namespace.run("curl", "-sS", "-m", "20", "http://10.9.0.2/")
        assert "state    ESTABLISHED" in body and "10.9.0.1:" in body
    assert process.returncode == 0
    assert "IP 10.9.0.2.80 > 10.9.0.1." in process.said and "Flags [S.]" in process.said
    assert "SYN-RECEIVED -> ESTABLISHED" in process.said


def test_the_echo_server_echoes_through_a_lossy_link(namespace):
    with live(namespace, "serve", "7", "--loss", "5%", "--seed", "3", "--set", "rto-min=200ms", word="listening"):
        with kernel(namespace) as sock:
            sock.connect(("10.9.0.2", 7))
            sock.sendall(b"hello, hello, hello" * 1000)
            sock.shutdown(socket.SHUT_WR)
            heard = b""
            while data := sock.recv(65536):
                heard += data
    assert heard == b"hello, hello, hello" * 1000


def test_a_pipe_to_the_kernel_and_back(namespace):
    with kernel(namespace) as listener:
        listener.bind(("0.0.0.0", 5000))
        listener.listen()
        with live(namespace, "connect", "10.9.0.1", "5000", "--set", "msl=100ms", word="is up",
                  stdin=subprocess.PIPE) as process:
            sock, _ = listener.accept()
            sock.settimeout(20)
            sock.sendall(b"from the kernel")
            process.stdin.write("from the lab")
            process.stdin.close()
            process.stdin = None
            heard = b""
            while data := sock.recv(100):
                heard += data
            sock.close()
            out, talk = process.communicate(timeout=20)
            assert (heard, out, process.returncode) == (b"from the lab", "from the kernel", 0), talk


def test_a_refused_connection_says_so(namespace):
    done = subprocess.run(namespace.command(*LIVE, "connect", "10.9.0.1", "9"), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1 and "connection refused" in done.stderr


def test_two_cannot_have_the_same_device_and_nothing_of_it_stays_behind(namespace):
    with live(namespace, "serve", "7", word="listening"):
        assert "tcplab0" in namespace.run("ip", "-o", "link")
        done = subprocess.run(namespace.command(*LIVE, "serve", "8"), capture_output=True, text=True, timeout=20,
                              check=False)
        assert done.returncode == 2 and "in use" in done.stderr and "Traceback" not in done.stderr
    time.sleep(0.1)
    assert "tcplab0" not in namespace.run("ip", "-o", "link")
