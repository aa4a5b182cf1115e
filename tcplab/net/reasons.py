"""Why the network did what it did: the sentences behind its events (see `tcplab.tcp.why`).

The link's habits follow tc-netem(8); what hosts do outside a connection follows RFC 9293.
"""

from __future__ import annotations

from tcplab.tcp.why import REASONS, Reason, Why

_NETEM = "tc-netem(8)"

REASONS.update({
    "net.lost.dice": Reason("The link lost it by chance: loss {0}.", _NETEM),
    "net.lost.burst": Reason("The link is in its bad state and lost it (Gilbert-Elliott).", _NETEM),
    "net.lost.every": Reason("The link loses every segment number {0}; this was one.", _NETEM),
    "net.lost.down": Reason("The link is down: nothing enters it.", ""),
    "net.lost.full": Reason("The link's queue was full: {0} segments were waiting, its limit is {1}.", _NETEM),
    "net.lost.mtu": Reason("It is {0} bytes long; the link carries packets of at most {1}.", "RFC 1191 3"),
    "net.lost.unreachable": Reason("A router on the way could not deliver it ({0}) and says so.", "RFC 792"),
    "net.icmp.too-big": Reason("A router on the way reports: #{0} is too big, the next hop carries {1} bytes.",
                               "RFC 1191 4"),
    "net.icmp.unreachable": Reason("A router on the way reports: #{0} cannot be delivered ({1}).", "RFC 792"),
    "net.lost.rule": Reason("A rule told the link to drop it: {0}.", ""),
    "net.lost.hand": Reason("It was dropped by hand in mid-link.", ""),
    "net.delayed.rule": Reason("A rule told the link to delay it: {0}.", ""),
    "net.duplicated.dice": Reason("The link duplicated #{0} by chance: duplicate {1}.", _NETEM),
    "net.duplicated.rule": Reason("A rule told the link to duplicate #{0}: {1}.", ""),
    "net.duplicated.hand": Reason("#{0} was duplicated by hand in mid-link.", ""),
    "net.corrupted.dice": Reason("The link flipped bit {0} of byte {1} by chance: corrupt {2}.", _NETEM),
    "net.corrupted.rule": Reason("A rule told the link to flip a bit (bit {0} of byte {1}): {2}.", ""),
    "net.corrupted.hand": Reason("Bit {0} of byte {1} was flipped by hand in mid-link.", ""),
    "net.reordered": Reason("It was sent ahead without delay and overtook {0} on the link.", _NETEM),
    "net.marked": Reason("The link's queue is growing: {0} segments wait before it, from {1} on it is marked (CE) "
                         "instead of dropped later.", "RFC 3168 5"),
    "net.held": Reason("The link holds every segment in its middle: hold is on.", ""),
    "net.injected": Reason("It was made by hand and put on the link as if {0} had sent it.", ""),
    "net.edited": Reason("It was changed by hand in mid-link.", ""),
    "net.dropped.bytes": Reason("The receiver discarded it: {0}.", "RFC 9293 3.1"),
    "net.dropped.address": Reason("The receiver discarded it: it is for {0}, not for this host.", "RFC 1122 3.2.1.3"),
    "net.dropped.backlog": Reason("The receiver discarded the SYN: {0} connections already wait to be accepted on "
                                  "port {1}, its backlog is {2}.", "RFC 9293 3.9.1"),
    "net.dropped.synqueue": Reason("The receiver discarded the SYN: {0} connections to port {1} are half-open, and no "
                                   "more than {2} may be.", "RFC 4987 3.1"),
    "net.dropped.rst": Reason("It is a RST for a connection that does not exist; a RST is never answered.",
                              "RFC 9293 3.10.7.1"),
    "net.dropped.source": Reason("No single host has the address {0}: nobody can be answered there.",
                                 "RFC 1122 4.2.3.10"),
    "net.closed.ack": Reason("No connection and no listener on port {0}: a RST with the sequence number that the "
                             "segment acknowledged.", "RFC 9293 3.10.7.1"),
    "net.closed.noack": Reason("No connection and no listener on port {0}: a RST with sequence number 0 that "
                               "acknowledges the segment.", "RFC 9293 3.10.7.1"),
})


def why(code: str, *args: object) -> Why:
    """A reason of this room: ``why("lost.dice", "5%")`` is ``Why("net.lost.dice", ("5%",))``."""
    return Why("net." + code, args)


def percent(ppm: int) -> str:
    """Parts per million as a percentage: 12500 is ``1.25%``."""
    whole, rest = divmod(ppm, 10_000)
    return f"{whole}.{rest:04}".rstrip("0").rstrip(".") + "%"
