"""The sentences of window scale, timestamps, SACK and the recovery engines; see `reasons`."""

from __future__ import annotations

from .why import REASONS, Reason

_OPTIONS = {
    "wscale-limited": ("The peer announced a window shift of {0}: 14 is the largest there is, and is used.",
                       "RFC 7323 2.3"),
    "drop-no-timestamp": ("Both sides agreed on timestamps and this segment has none: it is dropped without a word.",
                          "RFC 7323 3.2"),
    "drop-paws": ("The timestamp {0} is older than {1}, seen before: the segment is a straggler, whatever its number.",
                  "RFC 7323 5.3"),
    "ack-paws": ("A segment with an old timestamp was dropped: the ACK repeats that {0} is expected.",
                 "RFC 7323 5.3"),
}

_LOSS = {
    "dup-ack-sack": ("The peer still expects {0} but reports more behind it: duplicate ACK number {1}, {2} bytes have "
                     "arrived beyond the hole.", "RFC 6675 2"),
    "rtx-sack-first": ("So much has arrived beyond {0} that it must be lost: it is sent again.", "RFC 6675 5"),
    "rtx-sack-lost": ("SACK shows that {0} is lost too, and what is under way leaves room: it is sent again.",
                      "RFC 6675 4"),
    "rtx-sack-maybe": ("Nothing else is left to send: {0}, below what has arrived, is sent again before it is proven "
                       "lost.", "RFC 6675 4"),
    "rtx-sack-rescue": ("Only the end is left, {0}: it is sent again, once in a recovery, to keep ACKs coming.",
                        "RFC 6675 4"),
    "rtx-rack": ("Something sent later than {0} has arrived and {1} have passed since: it is lost and sent again.",
                 "RFC 8985 6.2"),
    "rtx-tail-probe": ("No ACK for two round trips: the last segment, {0}, is sent again to bring one about.",
                       "RFC 8985 7.3"),
    "tail-probe-new": ("No ACK for two round trips: new text from {0} on is sent to bring one about.", "RFC 8985 7.3"),
    "rack-reordering": ("Number {0} arrived after something sent later, and was never sent again: this path reorders.",
                        "RFC 8985 6.2"),
    "frto-genuine": ("The time-out was right: what was outstanding is sent again in slow start.", "RFC 5682 2.1"),
    "frto-spurious": ("Segments that were not sent again are acknowledged up to {0}: the time-out came too early, "
                      "nothing else is repeated.", "RFC 5682 2.1"),
}

_RENEGED = {
    "reneged": ("Memory is short: {0} bytes above the hole are thrown away, though they may have been reported.",
                "RFC 2018 8"),
}

_TIMED = {
    "pto-armed": ("If no ACK comes within {0}, a probe is sent; it stands in for the retransmission timer.",
                  "RFC 8985 7.2"),
    "reo-armed": ("Something may only be out of order: it is held for lost after {0}.", "RFC 8985 6.2"),
    "rtx-impatient": ("Another loss of the same flight: the timer of the first partial ACK runs on, {0} are left.",
                      "RFC 6582 3.2"),
    "rtx-resumed": ("The retransmission timer runs again, with {0} to go.", "RFC 8985 8"),
    "fired-reo": ("What was given time to arrive late has not arrived.", "RFC 8985 6.2"),
    "fired-pto": ("Nothing was heard for the time of a probe.", "RFC 8985 7.3"),
}

_WINDOWED = {
    "cwnd-sack-loss": ("A loss shows congestion: ssthresh is {0}, and cwnd comes down to it.", "RFC 6675 5"),
    "cwnd-prr": ("Recovery in proportion: {0} bytes were delivered since it began and {1} sent.", "RFC 9937 6.2"),
    "cwnd-recovered": ("Everything up to {0} is acknowledged: recovery ends with cwnd at ssthresh.", "RFC 6675 5"),
}

for _table in (_OPTIONS, _LOSS, _RENEGED, _TIMED, _WINDOWED):
    for _code, (_text, _clause) in _table.items():
        REASONS[_code] = Reason(_text, _clause)
