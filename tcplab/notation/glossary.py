"""Every name a lab, an expression or the screen may use, with its RFC spelling and one sentence for a beginner.

One table feeds the expression check, completion, help, `show:` of a lab and the glosses on the screen.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple


class Gloss(NamedTuple):
    """One name: `rfc` how the RFC spells it, `text` one sentence, `clause` where it is defined, `kind` its values.

    `kind` is seq (a sequence number), time (ns), bytes, count, flag or word.
    """

    rfc: str
    text: str
    clause: str
    kind: str = "count"


_TCB = "RFC 9293 3.3.1"
_SEG = "RFC 9293 3.1"

#: Variables of a connection, in the order in which a pane shows them. Keys are the names in expressions.
VARIABLES: dict[str, Gloss] = {
    "state": Gloss("STATE", "Where this end of the connection stands, one of eleven states.", "RFC 9293 3.3.2", "word"),
    "iss": Gloss("ISS", "The sequence number this end chose to start counting from.", _TCB, "seq"),
    "irs": Gloss("IRS", "The sequence number the other end chose to start counting from.", _TCB, "seq"),
    "snd_una": Gloss("SND.UNA", "The oldest number sent that the other end has not acknowledged yet.", _TCB, "seq"),
    "snd_nxt": Gloss("SND.NXT", "The number the next byte sent will carry.", _TCB, "seq"),
    "snd_wnd": Gloss("SND.WND", "How many bytes beyond SND.UNA the other end allows to be sent.", _TCB, "bytes"),
    "snd_wl1": Gloss("SND.WL1", "The sequence number of the segment that last updated SND.WND.", _TCB, "seq"),
    "snd_wl2": Gloss("SND.WL2", "The ACK number of the segment that last updated SND.WND.", _TCB, "seq"),
    "rcv_nxt": Gloss("RCV.NXT", "The next number expected from the other end; every ACK says it.", _TCB, "seq"),
    "rcv_wnd": Gloss("RCV.WND", "How many bytes beyond RCV.NXT this end is ready to take.", _TCB, "bytes"),
    "cwnd": Gloss("cwnd", "How many bytes the sender dares to have under way, for the network's sake.",
                  "RFC 5681 2", "bytes"),
    "ssthresh": Gloss("ssthresh", "The size of cwnd at which quick growth turns into careful growth.",
                      "RFC 5681 3.1", "bytes"),
    "flight": Gloss("FlightSize", "How many bytes are sent and not yet acknowledged.", "RFC 5681 2", "bytes"),
    "smss": Gloss("SMSS", "The most bytes of text one segment may carry to the other end.", "RFC 5681 2", "bytes"),
    "mss": Gloss("SMSS", "The most bytes of text one segment may carry to the other end.", "RFC 5681 2", "bytes"),
    "path_mtu": Gloss("PMTU", "The longest packet the path carries, as far as the network has told.", "RFC 1191 3",
                      "bytes"),
    "srtt": Gloss("SRTT", "The smoothed time from sending a byte to hearing of it.", "RFC 6298 2", "time"),
    "rttvar": Gloss("RTTVAR", "How much that time varies.", "RFC 6298 2", "time"),
    "rto": Gloss("RTO", "How long the sender waits for an ACK before it sends again.", "RFC 6298 2", "time"),
    "backoff": Gloss("back-off", "How often the RTO was doubled since the last new ACK.", "RFC 6298 5.5"),
    "dup_acks": Gloss("DupAcks", "How many ACKs in a row repeated the same number; the third means loss.",
                      "RFC 5681 3.2"),
    "timer": Gloss("timer", "The time left on the timer that will fire next.", "RFC 9293 3.10.8", "time"),
    "rtx_timer": Gloss("retransmission timer", "The time left until what is unacknowledged is sent again.",
                       "RFC 6298 5", "time"),
    "persist_timer": Gloss("persist timer", "The time left until a closed window is probed.",
                           "RFC 9293 3.8.6.1", "time"),
    "delack_timer": Gloss("delayed-ACK timer", "The time left until a withheld ACK goes out.",
                          "RFC 9293 3.8.6.3", "time"),
    "time_wait_timer": Gloss("TIME-WAIT timer", "The time left until this end forgets the connection.",
                             "RFC 9293 3.6.1", "time"),
    "user_timer": Gloss("user timeout", "The time left until this end gives up sending.", "RFC 9293 3.8.3", "time"),
    "keep_alive_timer": Gloss("keep-alive timer", "The time left until a silent peer is asked whether it is there.",
                              "RFC 9293 3.8.4", "time"),
    "sndbuf": Gloss("send buffer", "How many bytes wait here at most: unsent or unacknowledged.",
                    "RFC 9293 3.9.1", "bytes"),
    "rcvbuf": Gloss("receive buffer", "How many received bytes can wait here for the program.",
                    "RFC 9293 3.9.1", "bytes"),
    "unsent": Gloss("unsent", "Bytes the program handed over that were not sent yet.", "RFC 9293 3.9.1", "bytes"),
    "unread": Gloss("unread", "Bytes received in order that the program has not read yet.", "RFC 9293 3.9.1", "bytes"),
    "holes": Gloss("holes", "How many gaps: bytes are missing while later ones wait.", "RFC 9293 3.10.7.4"),
    "bytes_sent": Gloss("bytes sent", "Bytes of text sent once or more, each counted once.", "RFC 9293 3.4", "bytes"),
    "bytes_received": Gloss("bytes received", "Bytes that arrived in order, read or not.", "RFC 9293 3.4", "bytes"),
    "segments_retransmitted": Gloss("segments sent again", "Segments sent a second time or more.", "RFC 6298 5"),
    "fin_sent": Gloss("FIN sent", "Whether this end has sent its FIN.", "RFC 9293 3.6", "flag"),
    "fin_acked": Gloss("FIN acknowledged", "Whether the other end has acknowledged the FIN.", "RFC 9293 3.6", "flag"),
    "fin_received": Gloss("FIN received", "Whether the other end's FIN has arrived in order.", "RFC 9293 3.6", "flag"),
    "recovering": Gloss("recovery", "Whether this end repairs a loss that duplicate ACKs told it of.",
                        "RFC 6582 3.2", "flag"),
    "recovery": Gloss("loss recovery", "How this end repairs losses: reno, newreno, sack or rack.", "RFC 8985 9.2",
                      "word"),
    "sacked": Gloss("SACKed", "Bytes above SND.UNA that the other end has reported by SACK.", "RFC 2018 5", "bytes"),
    "pipe": Gloss("pipe", "How many bytes this end thinks are in the network right now.", "RFC 6675 2", "bytes"),
    "snd_shift": Gloss("Snd.Wind.Shift", "By how many bits the windows of the other end are shifted.", "RFC 7323 2.3"),
    "rcv_shift": Gloss("Rcv.Wind.Shift", "By how many bits the windows of this end are shifted.", "RFC 7323 2.3"),
    "ts_recent": Gloss("TS.Recent", "The other end's timestamp that the next segment will echo.", "RFC 7323 4.3"),
    "reo_timer": Gloss("reordering timer", "The time left until what may only be out of order is held for lost.",
                       "RFC 8985 6.2", "time"),
    "pto_timer": Gloss("tail loss probe", "The time left until silence is broken by a probe.", "RFC 8985 7.2", "time"),
    "error": Gloss("error", "What the program was told when the connection failed.", "RFC 9293 3.9.1", "word"),
    "gone": Gloss("gone", "Whether the connection is over and its variables deleted.", "RFC 9293 3.10.7.4", "flag"),
    "congestion": Gloss("congestion control", "Which rules cwnd follows: fixed, tahoe, reno, cubic.",
                        "RFC 5681", "word"),
    "phase": Gloss("phase", "What cwnd is doing: slow start, congestion avoidance, fast recovery.",
                   "RFC 5681 3", "word"),
    "w_max": Gloss("W_max", "The size of cwnd at which CUBIC met congestion the last time.", "RFC 9438 4.1.2", "bytes"),
    "ecn": Gloss("ECN", "Whether both ends agreed that the network may mark segments.", "RFC 3168 6.1.1", "flag"),
    "ecn_echo": Gloss("ECE", "Whether this end's ACKs report a mark of the network.", "RFC 3168 6.1.3", "flag"),
    "urgent_left": Gloss("urgent data", "Bytes to be read in a hurry, up to the other end's mark.", "RFC 9293 3.8.5",
                         "bytes"),
    "snd_up": Gloss("SND.UP", "The number after the last urgent byte this end sends.", _TCB, "seq"),
    "rcv_up": Gloss("RCV.UP", "The number after the last byte the other end calls urgent.", _TCB, "seq"),
    "local_port": Gloss("local port", "The port at this end.", "RFC 9293 3.1"),
    "remote_port": Gloss("remote port", "The port at the other end.", "RFC 9293 3.1"),
}  # fmt: skip

#: Facts about a host rather than one connection.
HOST_FACTS: dict[str, Gloss] = {
    "listening": Gloss("LISTEN", "Whether the host accepts new connections on a port.", "RFC 9293 3.10.1", "flag"),
    "connections": Gloss("connections", "How many connections the host has had.", "RFC 9293 3.3.1"),
    "reading": Gloss("reading", "Whether the host's program reads what arrives.", "RFC 9293 3.10.3", "flag"),
    "queued": Gloss("queued", "Bytes the program still holds because the send buffer is full.",
                    "RFC 9293 3.10.2", "bytes"),
    "app": Gloss("program", "What the host's program does: none, sink, echo, source, request or respond.",
                 "RFC 9293 3.9.1", "word"),
}  # fmt: skip

#: Fields of a segment.
SEGMENT_FIELDS: dict[str, Gloss] = {
    "src": Gloss("source", "The host that sent the segment.", _SEG, "word"),
    "dst": Gloss("destination", "The host the segment is meant for.", _SEG, "word"),
    "flags": Gloss("CTL", "The control bits in tcpdump's letters, e.g. 'S.' for SYN with ACK.", _SEG, "word"),
    "seq": Gloss("SEG.SEQ", "The number of the segment's first byte (or of its SYN or FIN).", _SEG, "seq"),
    "ack": Gloss("SEG.ACK", "The next number the sender of this segment expects.", _SEG, "seq"),
    "len": Gloss("length", "How many bytes of text the segment carries.", _SEG, "bytes"),
    "win": Gloss("SEG.WND", "The window field as sent.", _SEG, "bytes"),
    "at": Gloss("sent at", "The time at which this segment was sent.", "RFC 9293 3.4", "time"),
    "first_at": Gloss("first sent at", "The time at which its text was sent for the first time.", "RFC 6298 3", "time"),
    "id": Gloss("number", "The segment's number, shown as #7, counted as sent.", "RFC 9293 3.4"),
    "repeated": Gloss("repeated", "Whether its text was sent before.", "RFC 6298 5", "flag"),
}  # fmt: skip

#: Parts of the screen that a lab may show or hide, beside the variables.
PANELS: dict[str, str] = {
    "ladder": "The ladder shows each segment on its way; time runs downwards.",
    "log": "The log lists every segment as tcpdump prints it, with what the link did to it.",
    "states": "The diagram shows all eleven states and which way each host has walked.",
    "link": "The link carries the segments; here you make it slow, lossy or narrow.",
    "buffers": "The buffers hold bytes that wait to be sent, acknowledged or read.",
    "options": "Options are extras in the header, such as the largest segment a host takes.",
    "why": "Every event can say which rule of the RFC made it happen.",
}


#: Other spellings that `show:` and `hide:` understand.
_ALIASES = {"timers": "timer", "diagram": "states", "flightsize": "flight", "dupacks": "dup_acks", "badge": "state"}


def variable_key(name: str) -> str:
    """The key of a variable or panel however it is spelt: ``SND.NXT``, ``snd.nxt`` and ``snd_nxt`` are one."""
    key = name.strip().lower().replace(".", "_").replace("-", "_").replace(" ", "_")
    return _ALIASES.get(key, key)


def showable() -> tuple[str, ...]:
    """What `show:` and `hide:` of a lab may name, in order."""
    return (*VARIABLES, *HOST_FACTS, *PANELS)


def gloss(name: str) -> Gloss | None:
    """The gloss of a variable, host fact or panel by any of its spellings; None for an unknown name."""
    key = variable_key(name)
    if key in PANELS:
        return Gloss(key, PANELS[key], "", "word")
    return VARIABLES.get(key) or HOST_FACTS.get(key)


@lru_cache(maxsize=256)
def known_names(
    hosts: tuple[str, ...], kept: tuple[str, ...] = (), seg: bool = False, bare: bool = False
) -> frozenset[str]:
    """The dotted names an expression may use: host fields, ``now``, kept names; ``seg.*``; bare segment fields."""
    names = ["now", *kept]
    for host in hosts:
        names += [f"{host}.{field}" for field in (*VARIABLES, *HOST_FACTS)]
    if seg or bare:
        names += [f"seg.{field}" for field in SEGMENT_FIELDS]
    if bare:
        names += list(SEGMENT_FIELDS)
    return frozenset(names)
