"""The one door to scapy: only the layers that are needed, and without its warnings on the learner's terminal."""

from __future__ import annotations

import logging
from types import SimpleNamespace


def layers() -> SimpleNamespace:
    """scapy's IP, IPv6, TCP, NoPayload, Raw and PcapNgWriter; imported at the first call (about 0.3 s)."""
    # scapy's logger writes to stderr by itself; a terminal in full-screen mode must not see that.
    logging.getLogger("scapy").setLevel(logging.CRITICAL)
    from scapy.layers.inet import IP, TCP
    from scapy.layers.inet6 import IPv6
    from scapy.packet import NoPayload, Raw
    from scapy.utils import PcapNgWriter

    return SimpleNamespace(IP=IP, IPv6=IPv6, TCP=TCP, NoPayload=NoPayload, Raw=Raw, PcapNgWriter=PcapNgWriter)


def readers() -> SimpleNamespace:
    """scapy's readers of capture files, without its protocols; imported at the first call."""
    logging.getLogger("scapy").setLevel(logging.CRITICAL)
    from scapy.error import Scapy_Exception
    from scapy.utils import RawPcapNgReader, RawPcapReader

    return SimpleNamespace(Problem=Scapy_Exception, Pcap=RawPcapReader, PcapNg=RawPcapNgReader)
