"""Every event as a sentence: no kind of event may show its keys, whoever asks."""

from __future__ import annotations

import re

import pytest

from tcplab.grading.pupils import Reference
from tcplab.lab.loader import load_lab, read_lab
from tcplab.net.trace import Event
from tcplab.notation.plural import singular
from tcplab.session.explain import happened, sentence
from tcplab.session.sentences import SENTENCES
from tcplab.session.session import Session
from tcplab.tcp.why import Why
from tcplab.tui.draw.inspector import why_rows
from tcplab.tui.draw.runs import plain_rows
from tcplab.tui.inspection import Inspection
from tcplab.views.entries import Story
from tests.golden.play import read
from tests.support.sentences import RAW, plainly_told

GOLDEN = read()


def golden(entry: dict) -> list[Event]:
    session = Session(read_lab("\n".join(GOLDEN["worlds"][entry["world"]])), entry["seed"])
    for line in entry["script"]:
        session.execute(line)
    return session.trace


@pytest.mark.parametrize("entry", GOLDEN["sessions"], ids=lambda entry: entry["name"])
def test_every_event_of_a_golden_session_is_a_sentence(entry):
    plainly_told(golden(entry))


def test_the_inspector_says_the_same_sentences():
    trace = Reference(load_lab("teardown"), 7).play().trace
    story, hosts = Story(), ("client", "server")
    story.read(trace)
    looks = [Inspection(entry, story, trace) for entry in story.entries]
    text = "\n".join(plain_rows(why_rows(look, False, hosts, frozenset(), 76)) for look in looks)
    assert "The state changes from FIN-WAIT-2 to TIME-WAIT: the peer's FIN arrived." in " ".join(text.split())
    assert "cwnd is 1000 bytes, ssthresh is not set yet." in " ".join(text.split())
    assert not RAW.search(re.sub(r"\[RFC.*?\]", "", text))


@pytest.mark.parametrize(("event", "text"), [
    (("timer", (("name", "rtx"), ("op", "armed"), ("at", 3_050_000_000))),
     "The retransmission timer is set: it will fire at 3.050 s, in 1.05 s."),
    (("timer", (("name", "rtx"), ("op", "stopped"), ("at", 1_050_000_000), ("by", 3))),
     "The retransmission timer is stopped; it would have fired at 1.050 s."),
    (("timer", (("name", "user"), ("op", "fired"), ("at", 1))), "The user timeout fires."),
    (("ack", (("acked", 1), ("una", 7))), "SND.UNA advances to 7: 1 byte of text acknowledged."),
    (("ack", (("acked", 0), ("una", 7), ("duplicate", 3))), "Duplicate ACK number 3: SND.UNA stays at 7."),
    (("rto", (("srtt", 100_000_000), ("rttvar", 50_000_000), ("rto", 1_000_000_000))),
     "SRTT is 100 ms, RTTVAR 50 ms, RTO 1 s."),
    (("rto", (("srtt", None), ("rttvar", None), ("rto", 2_000_000_000))),
     "RTO is 2 s; no round trip has been measured yet."),
    (("cwnd", (("cwnd", 1000), ("ssthresh", None), ("by", 3))), "cwnd is 1000 bytes, ssthresh is not set yet."),
    (("accepted", (("n", 80), ("trimmed", 20))),
     "80 bytes of text taken in; 20 bytes known already or outside the window cut off."),
    (("hole", (("left", 2**32 - 1), ("right", 1))),
     "There is a hole in what has arrived: 2 numbers missing, from RCV.NXT 4294967295 on, up to 1."),
    (("rtx", (("seq", 9), ("len", 100), ("kind", "fast"))),
     "The 100 numbers from 9 on are sent again by fast retransmit."),
    (("app", (("op", "set"), ("option", "msl"), ("value", 10**9))), "The option msl is set to 1 s."),
    (("app", (("op", "set"), ("option", "cwnd"), ("value", None))), "The option cwnd is set to none."),
    (("link", (("op", "set"), ("setting", "delay"), ("values", (50_000_000, 8_000_000)), ("from", None))),
     "The link's delay is set to 50 ms 8 ms both ways."),
    (("link", (("op", "set"), ("setting", "gemodel"), ("values", ()), ("from", "client"))),
     "The link's gemodel is set to off on the way out of client."),
    (("ecn", (("on", True),)), "ECN is agreed for this connection."),
    (("icmp", (("taken", True), ("mtu", 1400), ("smss", 1360))),
     "The path carries packets of 1400 bytes at most: a segment holds 1360 bytes of text."),
    (("urgent", (("left", 1),)), "1 byte to be read up to the urgent mark."),
    (("error", (("call", "client close"), ("message", "connection does not exist"), ("clause", ""))),
     "Refused: client close (connection does not exist)."),
])  # fmt: skip
def test_numbers_have_names_units_and_the_right_plural(event, text):
    assert happened(Event(2_000_000_000, event[0], data=event[1])) == text


def test_every_kind_of_event_has_its_sentence_and_needs_no_data():
    for kind in SENTENCES:
        text = happened(Event(0, kind))
        assert text.strip(), kind


def test_one_is_singular_in_a_reason_too():
    assert sentence(Why("ack-new", (7, 1))) == "The ACK field 7 covers 1 new number. [RFC 9293 3.10.7.4]"
    assert sentence(Why("ack-new", (1, 21))).startswith("The ACK field 1 covers 21 new numbers.")
    assert sentence(Why("accepted", (1,))).startswith("1 byte begins where")
    assert singular("1 bytes are outstanding, 11 bytes are not, #1 bytes") == \
        "1 byte is outstanding, 11 bytes are not, #1 bytes"
