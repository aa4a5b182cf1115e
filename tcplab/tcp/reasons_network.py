"""The sentences about the network between two hosts: congestion control beyond RFC 5681, and ECN.

A second page of `reasons`; importing this file registers them in `why.REASONS`.
"""

from __future__ import annotations

from .why import REASONS, Reason

_CONGESTION = {
    "cwnd-tahoe": ("A loss shows congestion: ssthresh is half of what was outstanding, {0}; Tahoe knows no fast "
                   "recovery, cwnd is one segment and everything outstanding goes again.", "RFC 5681 3.1"),
    "cwnd-cubic-loss": ("A loss shows congestion: ssthresh is 0.7 of what was outstanding, {0}; cwnd is that plus the "
                        "three segments that have arrived.", "RFC 9438 4.6"),
    "cwnd-cubic-loss-whole": ("A loss shows congestion: ssthresh is 0.7 of cwnd in whole segments, rounded down, {0}; "
                              "cwnd is that plus the three segments that have arrived.", "RFC 9438 4.6"),
    "cwnd-fast-retransmit-whole": ("A loss shows congestion: ssthresh is half of cwnd in whole segments, rounded down, "
                                   "{0}; cwnd is that plus the three segments that have arrived.", "RFC 5681 3.2"),
    "cwnd-slow-start-whole": ("Slow start: {0} bytes were acknowledged, cwnd grows by as much, as far as ssthresh.",
                              "RFC 5681 3.1"),
    "cwnd-cubic-concave": ("CUBIC below W_max: {0} bytes were acknowledged, cwnd climbs fast at first and slowly near "
                           "the size at which the last loss was.", "RFC 9438 4.4"),
    "cwnd-cubic-convex": ("CUBIC beyond W_max: {0} bytes were acknowledged, cwnd looks for new room, slowly first, "
                          "then faster and faster.", "RFC 9438 4.5"),
    "cwnd-cubic-friendly": ("Reno would be ahead of the cubic curve: {0} bytes were acknowledged, cwnd grows as Reno's "
                            "would.", "RFC 9438 4.3"),
    "cwnd-css": ("Conservative slow start: {0} bytes were acknowledged, cwnd grows by a quarter of them.",
                 "RFC 9406 4.2"),
    "hystart-css": ("The least round trip of this round is {1} us after {0} us: a queue is growing somewhere, so slow "
                    "start goes on carefully.", "RFC 9406 4.2"),
    "hystart-resume": ("The round trip has come down again to {0} us: the rise was an accident, slow start resumes.",
                       "RFC 9406 4.2"),
    "hybrid-train": ("ACKs have followed each other closely for {0} us, half of the least round trip of {1} us: a "
                     "window fills the path, slow start ends here.", "RFC 9406 1"),
    "hybrid-delay": ("The round trips of this window begin at {0} us, the least was {1} us: a queue is growing "
                     "somewhere, slow start ends here.", "RFC 9406 1"),
    "hystart-done": ("The round trip stayed high for {0} rounds: slow start ends here, before anything is lost.",
                     "RFC 9406 4.2"),
}

_ECN = {
    "ecn-agreed": ("Both SYNs ask for ECN: marks of the network will be reported and heeded.", "RFC 3168 6.1.1"),
    "ecn-refused": ("The bits of the peer's SYN are no answer to ours: the connection does without ECN.",
                    "RFC 3168 6.1.1"),
    "ecn-marked": ("The network has marked segment {0} instead of dropping it: from now on every ACK says so (ECE).",
                   "RFC 3168 6.1.3"),
    "ecn-cwr": ("The peer has made its window smaller (CWR): the echo of the mark ends.", "RFC 3168 6.1.3"),
    "cwnd-ecn": ("The peer reports a mark (ECE): the sender slows down as if a segment had been lost, cwnd is {0}, "
                 "ssthresh {1}.", "RFC 3168 6.1.2"),
    "ecn-held": ("A mark, and cwnd is one segment already: the next new text waits for the timer, {0}.",
                 "RFC 3168 6.1.2"),
}

for _table in (_CONGESTION, _ECN):
    for _code, (_text, _clause) in _table.items():
        REASONS[_code] = Reason(_text, _clause)
