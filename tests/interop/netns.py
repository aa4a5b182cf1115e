"""A network namespace of its own: nothing in it touches the machine, and nothing is left of it afterwards."""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

_CLONE_NEWNET = 0x40000000
_TUNSETIFF, _IFF_TUN_NO_PI = 0x400454CA, 0x1001
_numbers = count()


def obstacle() -> str | None:
    """Why there can be no namespace with a TUN device here, None when nothing is in the way."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "needs root for a network namespace and a TUN device"
    for tool in ("ip", "ss"):
        if shutil.which(tool) is None:
            return f"needs the program {tool} (package iproute2)"
    if not Path("/dev/net/tun").exists():
        return "there is no /dev/net/tun on this machine"
    try:
        with Namespace() as namespace, namespace.entered():
            fd = os.open("/dev/net/tun", os.O_RDWR)
            try:
                fcntl.ioctl(fd, _TUNSETIFF, struct.pack("16sH22x", b"probe", _IFF_TUN_NO_PI))
            finally:
                os.close(fd)
    except (OSError, subprocess.CalledProcessError) as problem:
        return f"no network namespace with a TUN device can be made here: {problem}"
    return None


class Namespace:
    """``with Namespace() as ns``: made on entry, removed on exit with all that is in it."""

    def __init__(self) -> None:
        self.name = f"tcplab-{os.getpid()}-{next(_numbers)}"

    def __enter__(self) -> Namespace:
        subprocess.run(["ip", "netns", "add", self.name], check=True, capture_output=True)
        self.run("ip", "link", "set", "lo", "up")
        return self

    def __exit__(self, *problem: object) -> None:
        subprocess.run(["ip", "netns", "del", self.name], check=False, capture_output=True)

    def command(self, *argv: str) -> list[str]:
        return ["ip", "netns", "exec", self.name, *argv]

    def run(self, *argv: str) -> str:
        """The output of a program run inside. Raises CalledProcessError."""
        return subprocess.run(self.command(*argv), check=True, capture_output=True, text=True).stdout

    def sysctl(self, name: str, value: object = None) -> str:
        """Read a setting of the namespace's kernel, or set it."""
        return self.run("sysctl", "-n", name) if value is None else self.run("sysctl", "-qw", f"{name}={value}")

    @contextmanager
    def entered(self) -> Iterator[None]:
        """This thread is inside: sockets and devices made now stay there after it has left."""
        libc = ctypes.CDLL(None, use_errno=True)

        def enter(path: str) -> None:
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                if libc.setns(fd, _CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), "setns")
            finally:
                os.close(fd)

        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        enter(f"/run/netns/{self.name}")
        try:
            yield
        finally:
            if libc.setns(home, _CLONE_NEWNET):
                os._exit(70)  # never go on in the wrong network
            os.close(home)
