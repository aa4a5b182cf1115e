"""A TUN device of Linux: whole IP packets, one a read, one a write (Documentation/networking/tuntap.rst).

Making a device needs root (CAP_NET_ADMIN); a persistent one that was made for a user (`ip tuntap add mode tun user
NAME`) and has its address can be opened by that user.
"""

from __future__ import annotations

import errno
import fcntl
import ipaddress
import os
import socket
import struct

DEVICE = "/dev/net/tun"
NAME_ROOM = 15
MTU = 1500

_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP, _IFF_RUNNING = 0x8913, 0x8914, 0x1, 0x40
_SIOCSIFADDR, _SIOCSIFNETMASK, _SIOCGIFMTU, _SIOCGIFINDEX = 0x8916, 0x891C, 0x8921, 0x8933
#: struct ifreq is 40 bytes: the name, then a union.
_REQUEST, _FLAGS = struct.Struct("16s24s"), struct.Struct("16sH22x")

Interface = ipaddress.IPv4Interface | ipaddress.IPv6Interface


class TunError(Exception):
    """No TUN device to be had; the message says why and what to do about it."""


class Tun:
    """An open TUN device, not blocking; `mtu` is the longest packet it carries. Close it after use."""

    def __init__(self, fd: int, name: str) -> None:
        self.fd, self.name = fd, name
        self.mtu = MTU

    def read(self) -> bytes | None:
        """The next packet the kernel sent into the device; None when there is none."""
        try:
            return os.read(self.fd, 65536)
        except BlockingIOError:
            return None

    def write(self, packet: bytes) -> bool:
        """Hand `packet` to the kernel as if it had arrived; False when it would not take it."""
        try:
            os.write(self.fd, packet)
        except OSError as problem:
            if problem.errno in (errno.EAGAIN, errno.EIO, errno.EINVAL, errno.ENOBUFS):  # full, down, no such protocol
                return False
            raise
        return True

    def close(self) -> None:
        """Let go of the device; unless it is persistent it vanishes, with its address and routes."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


def open_tun(name: str, peer: Interface) -> Tun:
    """Make or attach to the device `name`, give the kernel's end the address `peer`, and switch it on.

    Raises TunError.
    """
    if not 0 < len(name.encode()) <= NAME_ROOM or "/" in name or name.split() != [name]:
        raise TunError(f"a device has a name of 1 to {NAME_ROOM} characters without spaces, not {name!r}")
    try:
        fd = os.open(DEVICE, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise TunError(f"this machine has no {DEVICE}; tcplab live needs Linux with the module tun "
                       "(modprobe tun), and in a container --device /dev/net/tun") from None
    except OSError as problem:
        raise TunError(f"{DEVICE} cannot be opened: {problem.strerror}; run as root") from None
    tun = Tun(fd, name)
    try:
        fcntl.ioctl(fd, _TUNSETIFF, _FLAGS.pack(name.encode(), _IFF_TUN | _IFF_NO_PI))
        _configure(tun, peer)
    except OSError as problem:
        tun.close()
        raise TunError(_refusal(name, problem)) from None
    return tun


def _refusal(name: str, problem: OSError) -> str:
    if problem.errno == errno.EPERM:
        return (f"you may not make the device {name}: {problem.strerror}; run as root, or with CAP_NET_ADMIN in a "
                "network namespace of your own (unshare -Urn)")
    if problem.errno == errno.EBUSY:
        return f"the device {name} is in use by another program; choose another name with --tun"
    return f"the device {name} cannot be set up: {problem.strerror or problem}"


def _configure(tun: Tun, peer: Interface) -> None:
    """Address, netmask, up; what a persistent device has already is not set again."""
    name = tun.name.encode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        flags = _FLAGS.unpack(fcntl.ioctl(control, _SIOCGIFFLAGS, _FLAGS.pack(name, 0)))[1]
        if not flags & _IFF_UP:
            if peer.version == 4:
                for request, address in ((_SIOCSIFADDR, peer.ip), (_SIOCSIFNETMASK, peer.netmask)):
                    sockaddr = struct.pack("=HH4s", socket.AF_INET, 0, address.packed)
                    fcntl.ioctl(control, request, _REQUEST.pack(name, sockaddr))
            else:
                _set_v6(control, name, peer)
            fcntl.ioctl(control, _SIOCSIFFLAGS, _FLAGS.pack(name, flags | _IFF_UP | _IFF_RUNNING))
        union = _REQUEST.unpack(fcntl.ioctl(control, _SIOCGIFMTU, _REQUEST.pack(name, b"")))[1]
        tun.mtu = struct.unpack_from("=i", union)[0]


def _set_v6(control: socket.socket, name: bytes, peer: Interface) -> None:
    union = _REQUEST.unpack(fcntl.ioctl(control, _SIOCGIFINDEX, _REQUEST.pack(name, b"")))[1]
    index = struct.unpack_from("=i", union)[0]
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as control6:
        request = struct.pack("=16sIi", peer.ip.packed, peer.network.prefixlen, index)
        fcntl.ioctl(control6, _SIOCSIFADDR, request)
