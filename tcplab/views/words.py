"""The vocabulary of the expert's notes: what each note says in a few words, its kind, and the clause behind it."""

from __future__ import annotations

from typing import NamedTuple


class Note(NamedTuple):
    """One remark about one segment. What stands behind the colon of `text` is left out where room is short.

    `code` names the kind of note for tests and exporters, `style` is a meaning (lost, rtx, dup, warn, good, dim),
    `clause` the RFC it rests on. Of several notes the one with the lowest `rank` comes first.
    """

    code: str
    text: str
    style: str
    clause: str = ""
    rank: int = 5

    @property
    def short(self) -> str:
        """The words before the colon."""
        return self.text.partition(":")[0]


#: Which rule sent a segment again, by the code of its reason.
AGAIN = {
    "rtx-timeout": Note("rtx-rto", "↻ RTO: the timer ran out", "rtx", "RFC 6298 5.4", 2),
    "rtx-slow-start": Note("rtx-rto", "↻ after the RTO: in slow start", "rtx", "RFC 5681 3.1", 2),
    "rtx-fast": Note("rtx-fast", "↻ fast retransmit: third dup ACK", "rtx", "RFC 5681 3.2", 2),
    "rtx-partial": Note("rtx-partial", "↻ partial ACK: the next hole", "rtx", "RFC 6582 3.2", 2),
    "rtx-sack-first": Note("rtx-fast", "↻ fast retransmit: SACK shows the hole", "rtx", "RFC 6675 5", 2),
    "rtx-sack-lost": Note("rtx-sack", "↻ SACK: lost as well", "rtx", "RFC 6675 4", 2),
    "rtx-sack-maybe": Note("rtx-sack", "↻ SACK: perhaps lost", "rtx", "RFC 6675 4", 2),
    "rtx-sack-rescue": Note("rtx-sack", "↻ SACK rescue: the end again", "rtx", "RFC 6675 4", 2),
    "rtx-rack": Note("rtx-rack", "↻ RACK: later ones came first", "rtx", "RFC 8985 6.2", 2),
    "rtx-tail-probe": Note("rtx-tlp", "↻ tail loss probe: the last one again", "rtx", "RFC 8985 7.3", 2),
    "rtx-too-big": Note("rtx-pmtu", "↻ smaller pieces: too big for the path", "rtx", "RFC 1191 6.4", 2),
    "syn-ack-crossing": Note("rtx-crossing", "↻ SYN again: both open at once", "rtx", "RFC 9293 3.5", 2),
    "probe": Note("probe", "↻ window probe: one byte beyond it", "rtx", "RFC 9293 3.8.6.1", 2),
    "rtx-probe": Note("probe", "↻ window probe: what was refused", "rtx", "RFC 9293 3.8.6.1", 2),
}
AGAIN_UNKNOWN = Note("rtx", "↻ again: sent before", "rtx", "RFC 9293 3.8.1", 2)

#: What a segment is that was not sent before, by the code of its reason.
KINDS = {
    "probe": Note("probe", "window probe: one byte beyond it", "rtx", "RFC 9293 3.8.6.1", 2),
    "tail-probe-new": Note("tlp", "tail loss probe: new text", "rtx", "RFC 8985 7.3", 2),
    "keepalive": Note("keep-alive", "keep-alive: are you there?", "warn", "RFC 9293 3.8.4", 3),
    "ack-window-closed": Note("probe-ack", "answers the probe: still closed", "warn", "RFC 9293 3.8.6.1", 4),
    "ack-challenge-rst": Note("challenge", "challenge ACK: RST in the window", "warn", "RFC 5961 3.2", 3),
    "ack-challenge-syn": Note("challenge", "challenge ACK: SYN in an open connection", "warn", "RFC 5961 4.2", 3),
    "ack-challenge-ack": Note("challenge", "challenge ACK: ACK far too old", "warn", "RFC 5961 5.2", 3),
    "ack-unsent": Note("challenge", "challenge ACK: nothing of this was sent", "warn", "RFC 9293 3.10.7.4", 3),
    "ack-paws": Note("paws", "ACK again: a straggler by its timestamp", "warn", "RFC 7323 5.3", 3),
    "ack-unacceptable": Note("ack-again", "ACK again: outside the window", "warn", "RFC 9293 3.10.7.4", 4),
    "ack-fin-again": Note("ack-again", "ACK again: the FIN came again", "warn", "RFC 9293 3.10.7.4", 4),
    "syn-cookie": Note("cookie", "SYN cookie: nothing is remembered", "warn", "RFC 4987 3.6", 3),
    "rst-closed": Note("rst", "RST: there is no such connection", "lost", "RFC 9293 3.10.7.1", 1),
    "rst-listen-ack": Note("rst", "RST: a listener has sent nothing", "lost", "RFC 9293 3.10.7.2", 1),
    "rst-other-remote": Note("rst", "RST: it waits for another host", "lost", "RFC 9293 3.10.1", 1),
    "rst-syn-sent-ack": Note("rst", "RST: answers an old connection", "lost", "RFC 9293 3.10.7.3", 1),
    "rst-syn-received-ack": Note("rst", "RST: answers an old connection", "lost", "RFC 9293 3.10.7.4", 1),
    "rst-syn-in-window": Note("rst", "RST: a SYN in the window", "lost", "RFC 793 3.9", 1),
    "rst-abort": Note("rst", "RST: the user called ABORT", "lost", "RFC 9293 3.10.5", 1),
    "net.closed.ack": Note("rst", "RST: nobody listens there", "lost", "RFC 9293 3.10.7.1", 1),
    "net.closed.noack": Note("rst", "RST: nobody listens there", "lost", "RFC 9293 3.10.7.1", 1),
}
RST_UNKNOWN = Note("rst", "RST: resets the connection", "lost", "RFC 9293 3.5.2", 1)

#: How the link or the receiver's checks lost it, by the code of the reason.
LOST = {
    "net.lost.dice": "✗ lost: by chance",
    "net.lost.burst": "✗ lost: the link is in its bad state",
    "net.lost.every": "✗ lost: every so many",
    "net.lost.down": "✗ lost: the link is down",
    "net.lost.full": "✗ lost: the queue was full",
    "net.lost.mtu": "✗ lost: bigger than the MTU",
    "net.lost.unreachable": "✗ lost: unreachable, a router says so",
    "net.lost.rule": "✗ lost: by a rule",
    "net.lost.hand": "✗ lost: by hand",
    "net.dropped.bytes": "✗ discarded: damaged",
    "net.dropped.address": "✗ discarded: for another host",
    "net.dropped.backlog": "✗ discarded: the backlog is full",
    "net.dropped.synqueue": "✗ discarded: too many half-open",
    "net.dropped.rst": "✗ discarded: no such connection",
}

#: Why a segment that arrived was not believed or not taken.
REFUSED = {
    "drop-outside-window": "outside the window",
    "drop-window-closed": "the window is closed",
    "drop-rst-bad-ack": "the RST is not for this SYN",
    "drop-rst-no-ack": "the RST proves nothing",
    "drop-rst-outside": "the RST is outside the window",
    "drop-rst-inexact": "the RST is not exact",
    "drop-rst-time-wait": "a RST in TIME-WAIT",
    "drop-no-ack": "it has no ACK",
    "drop-ack-unsent": "it acknowledges what was never sent",
    "drop-ack-too-old": "its ACK is far too old",
    "drop-syn-in-window": "a SYN in an open connection",
    "drop-text-after-fin": "text after the FIN",
    "drop-paws": "its timestamp is old",
    "drop-no-timestamp": "it has no timestamp",
    "drop-old-syn": "an old SYN",
}

#: Facts of the link, by the kind of the event.
LINK = {
    "held": Note("held", "❚❚ held: in mid-link", "warn", "", 1),
    "corrupted": Note("damaged", "≠ damaged: a bit is flipped", "lost", "tc-netem(8)", 1),
    "marked": Note("marked", "◆ marked CE: the queue grows", "warn", "RFC 3168 5", 3),
    "reordered": Note("ahead", "⇄ sent ahead: past the others", "dup", "tc-netem(8)", 3),
}

SPURIOUS = Note("spurious", "spurious: the original did arrive", "dup", "RFC 3522 2", 1)
INJECTED = Note("injected", "injected by hand", "warn", "", 2)
EDITED = Note("edited", "changed by hand", "warn", "", 2)
WINDOW_FULL = Note("window-full", "window full: it may send no more", "warn", "RFC 9293 3.8.6", 4)
ZERO_WINDOW = Note("zero-window", "zero window: stop", "warn", "RFC 9293 3.8.6.1", 2)
SHRUNK = Note("window-shrunk", "window shrunk: its right edge moved left", "warn", "RFC 9293 3.8.6", 3)
STALE = Note("stale", "nothing new: all had come before", "dup", "RFC 9293 3.10.7.4", 4)
KEEPALIVE_ACK = Note("keep-alive-ack", "keep-alive ACK: still there", "warn", "RFC 9293 3.8.4", 3)
ECE = Note("ece", "ECE: reports the mark", "warn", "RFC 3168 6.1.3", 4)
CWR = Note("cwr", "CWR: the window was made smaller", "warn", "RFC 3168 6.1.2", 4)


def lost(code: str, clause: str = "") -> Note:
    """The note of a loss or a discard."""
    return Note("lost" if "lost" in code else "discarded", LOST.get(code, "✗ lost: on the link"), "lost", clause, 0)


def refused(code: str) -> Note:
    """The note of a segment that arrived and was not taken."""
    return Note("refused", f"· not taken: {REFUSED.get(code, 'see why')}", "dim", "RFC 9293 3.10.7.4", 3)


def copy_of(number: int) -> Note:
    return Note("copy", f"copy of #{number}", "dup", "tc-netem(8)", 2)


def dup_ack(count: int) -> Note:
    return Note("dup-ack", f"dup ACK #{count}: says the same again", "dup", "RFC 5681 2", 2)


def dup_counted(count: int) -> Note:
    return Note("dup-counted", f"taken for dup ACK #{count}: a copy says it again", "dup", "RFC 5681 2", 3)


def window_update(before: int, after: int) -> Note:
    return Note("window-update", f"window update: {before} to {after}", "good", "RFC 9293 3.8.6.2.2", 3)


def late(number: int) -> Note:
    return Note("out-of-order", f"out of order: #{number} came first", "dup", "RFC 4737 3", 3)


def early(count: int) -> Note:
    missing = "byte is" if count == 1 else "bytes are"
    return Note("early", f"above a hole: {count} {missing} missing", "dim", "RFC 9293 3.10.7.4", 4)


def d_sack(left: int, right: int) -> Note:
    return Note("d-sack", f"D-SACK: {left}:{right} came twice", "dup", "RFC 2883 4", 2)
