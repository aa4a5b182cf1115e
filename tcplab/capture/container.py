"""Packets out of a capture file, one at a time: pcap and pcapng, either byte order, micro- or nanoseconds, gzip too.

scapy reads the containers. What is added here: where in the file each packet's bytes lie (so that nobody has to keep
them), how far the reading is, bounds against absurd lengths, and a plain sentence for a file that is damaged.
"""

from __future__ import annotations

import gzip
import io
import os
import tempfile
import zlib
from collections.abc import Iterator
from functools import cache
from os import PathLike, fspath
from typing import Any, NamedTuple

from .quiet import readers

#: More than any link carries (a packet of IPv6 with its link's header); a length beyond it is damage.
MAX_PACKET = 1 << 18
#: A packed capture may grow to this many bytes; more is refused.
MAX_UNPACKED = 4 << 30
_NS = 1_000_000_000
_PCAP = (b"\xa1\xb2\xc3\xd4", b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\x3c\x4d", b"\x4d\x3c\xb2\xa1")
_PCAPNG = b"\x0a\x0d\x0d\x0a"
_GZIP = b"\x1f\x8b"


class CaptureError(Exception):
    """A file that cannot be read as a capture. `cure` says what to do about it."""

    def __init__(self, message: str, cure: str) -> None:
        super().__init__(message)
        self.cure = cure


class Raw(NamedTuple):
    """One packet as it lies in the file.

    `t` is in ns (None where the file gives no time), `at` the place of `data` in the file, `wire` its length on the
    link (more than ``len(data)`` where the capture kept only the beginning), `link` the LINKTYPE, `comment` the file's.
    """

    t: int | None
    at: int
    data: bytes
    wire: int
    link: int
    comment: str


class _File(io.BufferedReader):
    """A file whose absurd reads are cut: a length of 4 GiB in a damaged block must not be allocated."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(size if size is None or size < 1 << 26 else 1 << 26)


def check(path: str | PathLike) -> None:
    """Raise what CaptureFile would raise for a file that is no capture at all; costs nothing, loads nothing."""
    with open(path, "rb") as file:
        magic = file.read(4)
    if magic[:2] != _GZIP:
        _kind(magic)


def _kind(magic: bytes) -> str:
    """pcap or pcapng, by the first four bytes. Raises CaptureError."""
    if not magic:
        raise CaptureError("the file is empty", "capture again, for example with tcpdump -w FILE")
    if magic not in (*_PCAP, _PCAPNG):
        raise CaptureError(f"it is neither pcap nor pcapng: it begins with the bytes {magic.hex(' ')}",
                           "give a file that tcpdump, Wireshark or tcplab wrote")
    return "pcap" if magic in _PCAP else "pcapng"


class CaptureFile:
    """An open capture. Iterate it for `Raw` packets; afterwards `damage` says where and how the file broke off, if so.

    Raises CaptureError where there is nothing to read, OSError where the file cannot be opened.
    """

    def __init__(self, path: str | PathLike) -> None:
        self.path = fspath(path)
        self.damage = ""
        raw = open(self.path, "rb", buffering=0)  # noqa: SIM115 - closed by close()
        try:
            if not os.path.isfile(self.path):
                raise CaptureError("it is not a file", "name a pcap or pcapng file")
            self.file = _unpacked(raw) if raw.read(2) == _GZIP else _File(raw, 1 << 18)
            self.file.seek(0)
            self.size = self.file.seek(0, io.SEEK_END)
            self.file.seek(0)
            self._reader = self._open()
        except BaseException:
            raw.close()
            raise

    def _open(self) -> Any:
        magic = self.file.read(4)
        kind = dict(zip(("pcap", "pcapng"), _readers(), strict=True))[_kind(magic)]
        # Their way of being called opens files by name; these are given an open one.
        reader = object.__new__(kind)
        try:
            reader.__init__(self.path, self.file, magic)
            return reader
        except (readers().Problem, EOFError, ValueError):
            raise CaptureError("its header is cut short or damaged", "capture or copy the file again") from None

    @property
    def position(self) -> int:
        """How many of `size` bytes were read."""
        return self.file.tell()

    def __iter__(self) -> Iterator[Raw]:
        reader = self._reader
        while True:
            start = self.file.tell()
            try:
                packet = reader.next_packet()
            except EOFError:
                # A file may end between two blocks, and nowhere else.
                if reader.start < self.size:
                    self.damage = (f"the file is cut short or damaged at byte {reader.start:,} of {self.size:,}; "
                                   f"what stands before that was read")
                return
            except Exception as problem:  # scapy raises what it likes on broken bytes
                self.damage = (f"the file is damaged at byte {start:,} of {self.size:,} ({type(problem).__name__}); "
                               f"what stands before that was read")
                return
            yield packet

    def read(self, at: int, size: int) -> bytes:
        """The `size` bytes at `at`, for a packet that was seen before."""
        self.file.seek(at)
        return self.file.read(size)

    def close(self) -> None:
        """Close the file."""
        self.file.close()


def _unpacked(raw: io.RawIOBase) -> Any:
    """A gzip file unpacked into a temporary one, which can be searched."""
    raw.seek(0)
    target = tempfile.TemporaryFile()
    try:
        with gzip.GzipFile(fileobj=raw) as packed:
            while piece := packed.read(1 << 20):
                target.write(piece)
                if target.tell() > MAX_UNPACKED:
                    raise CaptureError("unpacked it is larger than 4 GiB", "unpack it and cut it with editcap")
    except (EOFError, zlib.error, gzip.BadGzipFile):
        # What was unpacked before the damage is a capture that is cut short, and is treated as one.
        pass
    except CaptureError:
        target.close()
        raise
    return target


@cache
def _readers() -> tuple[type, type]:
    """scapy's two readers, which say in addition where a packet lies."""
    scapy = readers()

    class Pcap(scapy.Pcap):
        start = 0

        def next_packet(self) -> Raw:
            self.start = self.f.tell()
            data, meta = self._read_packet(size=MAX_PACKET)
            if len(data) < meta.caplen or meta.caplen > MAX_PACKET:
                raise EOFError
            t = meta.sec * _NS + (meta.usec if self.nano else meta.usec * 1000)
            return Raw(t, self.f.tell() - len(data), data, meta.wirelen, self.linktype & 0xFFFF, "")

    class PcapNg(scapy.PcapNg):
        start = 0
        _body = 0

        def _read_block(self, size: int = MAX_PACKET) -> Any:
            self.start = self.f.tell()
            return super()._read_block(size)

        def _read_block_shb(self) -> None:
            # Each section counts its interfaces anew.
            self.interfaces = []
            super()._read_block_shb()

        def _read_block_epb(self, block: bytes, size: int) -> Any:
            self._body = self.f.tell() - 4 - len(block) + 20
            return super()._read_block_epb(block, size)

        def _read_block_spb(self, block: bytes, size: int) -> Any:
            self._body = self.f.tell() - 4 - len(block) + 4
            return super()._read_block_spb(block, size)

        def _read_block_pkt(self, block: bytes, size: int) -> Any:
            self._body = self.f.tell() - 4 - len(block) + 20
            return super()._read_block_pkt(block, size)

        def next_packet(self) -> Raw:
            data, meta = self._read_packet(size=MAX_PACKET)
            t = None
            if meta.tshigh is not None:
                t = ((meta.tshigh << 32) + meta.tslow) * _NS // meta.tsresol
            said = getattr(meta, "comments", None) or getattr(meta, "comment", None) or ()
            if isinstance(said, bytes):  # scapy 2.6 knew one comment a packet
                said = (said,)
            return Raw(t, self._body, data, meta.wirelen, meta.linktype,
                       " ".join(item.decode("utf-8", "replace") for item in said))

    return Pcap, PcapNg
