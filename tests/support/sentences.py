"""What a sentence about an event may not hold: keys of our own, ``None``, plurals of one."""

from __future__ import annotations

import re

from tcplab.net.trace import SEGMENT_KINDS, Event
from tcplab.session.explain import event_line, happened

#: Keys of events that are no English words: a sentence that holds one is programmer's output.
RAW = re.compile(r"None|True|False|\w_\w|\b(?:una|srtt|rttvar|rtx|op|seq \d+ len|acked \d|trimmed \d|head)\b|\(\(")
PLURAL = re.compile(r"(?<![\d.,:#-])\b1 (?:new )?(?:bytes|numbers|segments|retransmissions|connections)\b")
#: What a learner or a lab wrote, a MATCH above all, is shown as it was written.
QUOTED = re.compile(r"'[^']*'|drop next .*|delay next .*|dup next .*|corrupt next .*")


def plainly_told(trace: list[Event]) -> None:
    """Assert that every event of a session is told in plain English."""
    for event in trace:
        text = happened(event)
        if event.kind in SEGMENT_KINDS:
            assert text.startswith(f"#{event.seg.id} "), text
        else:
            assert (text[0].isupper() or text[0].isdigit() or event.kind == "cwnd") and text[-1] in ".)", text
            assert not RAW.search(QUOTED.sub("", text)), text
        line = QUOTED.sub("", event_line(event))
        assert not PLURAL.search(line) and not re.search(r"None|[a-z]_\w", line), line
