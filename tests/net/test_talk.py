"""Request and response: two small programs that take turns."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcplab.net.app import Application, Exchange, label, read_app
from tcplab.net.errors import NetError
from tcplab.notation.errors import NotationError
from tests.net.rig import Tapped, make, opened, run, tcb


def talk(size: int, answer: int, times: int, **link):
    net = make(kind=Tapped, **link)
    net.set_app("server", None, "respond")
    net.set_app("client", None, "request", Exchange(size, answer, times))
    opened(net)
    run(net)
    return net


def test_each_request_waits_for_the_whole_answer():
    net = talk(100, 2000, 5)
    assert tcb(net, "client").bytes_sent == 500 and tcb(net, "client").bytes_received == 10_000
    reads = [(e.host, e.get("n")) for e in net.sink if e.kind == "app" and e.get("op") == "read"]
    seen = 0
    for host, n in reads:
        if host == "server":
            assert seen % 2000 == 0, "asked before the answer was whole"
        else:
            seen += n
    assert net.heard["server", 1].startswith(b"2000 bytes please, request 1 ...")


@pytest.mark.parametrize("loss", [0, 300_000])
def test_the_shortest_request_that_holds_its_number(loss):
    net = talk(5, 1234, 3, loss=loss, seed=4)
    assert tcb(net, "client").bytes_received == 3 * 1234


def test_a_program_may_come_when_the_connection_stands():
    net = opened(make())
    net.set_app("server", None, "respond")
    net.send("client", None, b"GET /700 HTTP/1.1\n\n300\n12")
    run(net)
    assert tcb(net, "client").bytes_received == 1000
    net.send("client", None, b"3\n")
    run(net)
    assert tcb(net, "client").bytes_received == 1123


@given(st.lists(st.binary(max_size=40), max_size=20))
@settings(max_examples=50, deadline=None)
def test_whatever_is_asked_the_responder_keeps_its_head(pieces):
    app = Application("respond", 0, True)
    for piece in pieces:
        app.react(piece)
    text = b"".join(pieces)
    wanted = 0
    for line in text.split(b"\n")[:-1]:
        digits = b""
        for byte in line:
            if 48 <= byte <= 57:
                digits += bytes([byte])
            elif digits:
                break
        wanted += int(digits) if digits and len(digits) <= 12 else 0
    assert app.queued == wanted and len(app.number) <= 13


@pytest.mark.parametrize(("exchange", "message"), [
    (Exchange(4, 1000, 1), "5 to 1000000 bytes"), (Exchange(100, 0, 1), "at least 1 byte"),
    (Exchange(100, 10, 0), "1 to 1000000 times"), (Exchange(2_000_000, 10, 1), "3 to 1000000 bytes"),
])
def test_what_cannot_be_asked(exchange, message):
    with pytest.raises(NetError, match=message):
        make().set_app("client", None, "request", exchange)


def test_programs_as_words():
    for text in ("sink", "respond", "source 1000", "request 100 answer 2000 times 5"):
        assert label(*read_app(text)) == text
    assert read_app("request 100 answer 2kB") == ("request", Exchange(100, 2000, 1))
    for text in ("", "sink 3", "source", "request 5", "request 5 for 6", "page", "request 5 answer 6 times"):
        with pytest.raises(NotationError):
            read_app(text)
