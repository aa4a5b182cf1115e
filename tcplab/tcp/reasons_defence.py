"""The sentences about what protects a connection, or ends it from outside: challenges, keep-alive, ICMP, re-opening;
and the urgent mark.

A third page of `reasons`; importing this file registers them in `why.REASONS`.
"""

from __future__ import annotations

from .why import REASONS, Reason

_CHALLENGED = {
    "ack-challenge-ack": ("The ACK field {0} lies below {1}, further back than any window ever reached: the ACK asks "
                          "what is meant.", "RFC 5961 5.2"),
    "drop-ack-too-old": ("The segment acknowledges {0}; nothing below {1} can still be on its way: it is a guess, and "
                         "its text is not believed.", "RFC 5961 5.2"),
    "challenge-throttled": ("No challenge ACK: {0} of them within {1} are enough.", "RFC 5961 7"),
    "rst-syn-in-window": ("A SYN {0} in an open connection: without RFC 5961 it is answered with a RST.",
                          "RFC 793 3.9"),
    "move-syn-in-window": ("A SYN with number {0} in the window ends the connection: RFC 5961 is switched off.",
                           "RFC 793 3.9"),
    "gone-syn-in-window": ("A SYN in the window has reset the connection: the TCB is deleted.", "RFC 793 3.9"),
}

_RESET = {
    "drop-rst-echo": ("The RST echoes the timestamp {0}, which was never sent: it is not believed.", "RFC 7323 5.2"),
    "move-abort-kept": ("The user has called ABORT; the side that sends the RST stays in TIME-WAIT.",
                        "RFC 9293 3.5.2"),
    "move-icmp-passive": ("The peer cannot be reached ({0}): the handshake ends, the listener listens on.",
                          "RFC 9293 3.9.2.2"),
}

_REOPENED = {
    "drop-old-syn": ("The SYN {0} may be an old duplicate: in TIME-WAIT it is passed over in silence.", "RFC 6191 2"),
    "timer-reopened": ("A new connection between the same sockets: TIME-WAIT ends early.", "RFC 6191 2"),
    "move-reopened": ("The SYN {0} lies beyond all that was, so it is no old duplicate: TIME-WAIT gives way to a new "
                      "connection.", "RFC 6191 2"),
    "move-reopen-failed": ("Nobody stands behind the SYN that re-opened the connection: it was an old duplicate, and "
                           "TIME-WAIT goes on.", "RFC 9293 3.6.1"),
    "gone-reopened": ("A new connection takes the place of the old one: its TCB is deleted.", "RFC 9293 3.6.1"),
}

_KEPT_ALIVE = {
    "keepalive": ("Nothing was heard for {1}: an empty segment at {0}, which the peer has long since acknowledged, "
                  "asks whether it is still there.", "RFC 9293 3.8.4"),
    "keepalive-armed": ("After {0} of silence the peer will be asked whether it is still there.", "RFC 9293 3.8.4"),
    "keepalive-again": ("Keep-alive number {1} is out: if nothing comes back within {0}, another one follows.",
                        "RFC 9293 3.8.4"),
    "keepalive-off": ("Keep-alive is switched off.", "RFC 9293 3.8.4"),
    "fired-keepalive": ("The keep-alive timer has expired.", "RFC 9293 3.8.4"),
    "move-keepalive": ("{0} keep-alives went unanswered: the peer is gone.", "RFC 9293 3.8.4"),
    "gone-keepalive": ("Nobody answers {0} keep-alives: the TCB is deleted.", "RFC 9293 3.8.4"),
}

_COOKIES = {
    "syn-cookie": ("Too many half-open connections: the SYN,ACK is sent and forgotten, its number {0} is a cookie from "
                   "which all that matters can be read again; {1} is expected next.", "RFC 4987 3.6"),
    "syn-cookie-back": ("The ACK brings back the cookie {0}: the connection is made from it.", "RFC 4987 3.6"),
}

_URGENT = {
    "urgent-arrived": ("The peer marks everything up to {0} as urgent: {1} bytes to be read in a hurry.",
                       "RFC 9293 3.8.5"),
    "urgent-read": ("Everything up to the urgent mark has been read.", "RFC 9293 3.8.5"),
}

_REPORTED = {
    "icmp-outside": ("The ICMP error quotes {0}, which is not outstanding: it is not believed.", "RFC 5927 4.1"),
    "icmp-too-big": ("The path carries packets of {0} bytes at most: from now on a segment has {1} bytes of text.",
                     "RFC 1191 3"),
    "icmp-pmtud-off": ("A packet was too big for a hop of {0} bytes; path MTU discovery is off, nobody listens.",
                       "RFC 1191 3"),
    "icmp-mtu-absurd": ("No path is as narrow as {0} bytes: every IPv6 link carries {1}. The report is ignored.",
                        "RFC 8201 4"),
    "icmp-mtu-not-lower": ("A report of {0} bytes changes nothing: the estimate is {1} already.", "RFC 1191 3"),
    "pmtu-again": ("Ten minutes and more without a report: the path may be wider by now, {0} bytes of text are tried.",
                   "RFC 1191 6.3"),
    "icmp-soft": ("The destination cannot be reached at the moment ({0}): the user is told, the connection goes on.",
                  "RFC 9293 3.9.2.2"),
    "rtx-too-big": ("Number {0} was in a packet too big for the path of {1} bytes: it is sent again in smaller pieces.",
                    "RFC 1191 6.4"),
    "timer-icmp": ("The destination cannot be reached: nothing is left to wait for.", "RFC 9293 3.9.2.2"),
    "move-icmp-hard": ("The destination cannot be reached ({0}), and that will not change.", "RFC 9293 3.9.2.2"),
    "gone-icmp-hard": ("The destination is unreachable ({0}): the TCB is deleted.", "RFC 9293 3.9.2.2"),
}

for _table in (_CHALLENGED, _RESET, _REOPENED, _KEPT_ALIVE, _COOKIES, _URGENT, _REPORTED):
    for _code, (_text, _clause) in _table.items():
        REASONS[_code] = Reason(_text, _clause)
