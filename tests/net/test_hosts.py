"""Hosts: demultiplexing, listeners, the backlog, and what belongs to nobody."""

import pytest

from tcplab.net.errors import NetError
from tests.net.rig import (
    ACK,
    MS,
    RST,
    SYN,
    Fits,
    facts,
    inject,
    kinds,
    knobs,
    make,
    opened,
    run,
    state,
    tcb,
)


def test_a_whole_life():
    net = opened(make())
    assert state(net, "client") == state(net, "server") == "ESTABLISHED" and net.now == 150 * MS
    net.send("client", None, b"hello")
    run(net)
    assert tcb(net, "server").bytes_received == 5
    net.close("client")
    run(net)
    assert (state(net, "client"), state(net, "server")) == ("FIN-WAIT-2", "CLOSE-WAIT")
    net.close("server")
    run(net)
    assert (state(net, "client"), state(net, "server")) == ("TIME-WAIT", "CLOSED")
    view = tcb(net, "server")
    assert view.gone and view.bytes_received == 5 and view.irs == tcb(net, "client").iss
    assert net.host_view("server").listening == ((80, 5, 0),)
    while net.step():
        pass
    assert tcb(net, "client").gone and net.next_at() is None


@pytest.mark.parametrize("ip", [4, 6])
def test_addresses_and_ports(ip):
    net = opened(make(ip=ip))
    one, two = ("10.0.0.1", "10.0.0.2") if ip == 4 else ("fd00::1", "fd00::2")
    assert tcb(net, "client").local == (one, 49152) and tcb(net, "client").remote == (two, 80)
    assert tcb(net, "server").local == (two, 80)


def test_the_secret_follows_from_seed_and_host():
    first, again, other = (opened(make(seed=seed)) for seed in (1, 1, 2))
    assert tcb(first, "client").iss == tcb(again, "client").iss != tcb(other, "client").iss
    assert tcb(first, "client").iss != tcb(first, "server").iss


def test_several_connections():
    net = opened(make())
    for _ in range(2):
        net.connect("client", "server", 80)
    run(net)
    net.send("client", 2, b"two")
    net.send("client", None, b"three")
    run(net)
    assert [conn.tcb.bytes_received for conn in net.host_view("server").connections] == [0, 3, 5]
    assert [conn.tcb.local[1] for conn in net.host_view("client").connections] == [49152, 49153, 49154]
    with pytest.raises(NetError, match="has no connection 4; its connections are 1 to 3"):
        net.send("client", 4, b"x")


def test_the_newest_that_lives_is_meant():
    net = opened(make())
    net.connect("client", "server", 80)
    run(net)
    net.abort("client")
    run(net)
    net.send("client", None, b"x")
    run(net)
    assert tcb(net, "server", 1).bytes_received == 1


@pytest.mark.parametrize("flags, fields, answer", [
    (SYN, {"seq": 100}, ("R.", 0, 101)),
    (ACK, {"seq": 100, "ack": 555}, ("R", 555, 0)),
    (0, {"seq": 2**32 - 1, "payload": b"abc"}, ("R.", 0, 2)),
    (SYN | ACK, {"ack": 7}, ("R", 7, 0)),
])
def test_a_closed_port_answers_with_a_reset(flags, fields, answer):
    """RFC 9293 3.10.7.1: the two forms, from raw fields."""
    net = make()
    inject(net, flags=flags, **fields)
    run(net)
    sent = [(fact["flags"], fact["seq"], fact["ack"]) for fact in facts(net)
            if fact["kind"] == "sent" and fact["from"] == "server"]
    assert sent == [answer]
    assert [event.get("reason") for event in net.sink if event.kind == "dropped"] == ["rst"]


def test_a_reset_is_never_answered():
    net = make()
    inject(net, flags=RST)
    inject(net, flags=RST | ACK)
    run(net)
    assert net.counters["segments_sent"] == 2 and net.counters["segments_dropped"] == 2


def test_connecting_to_a_closed_port_fails():
    net = make()
    net.connect("client", "server", 80)
    run(net)
    assert tcb(net, "client").gone and tcb(net, "client").state == "CLOSED"
    assert any(event.kind == "error" for event in net.sink)
    with pytest.raises(NetError, match="connection does not exist"):
        net.send("client", None, b"x")


def test_the_backlog_is_counted_until_accepted():
    net = make()
    net.set_option("server", None, "reading", False)
    net.listen("server", 80, 2)
    for _ in range(3):
        net.connect("client", "server", 80)
    run(net, 2)
    assert net.host_view("server").listening == ((80, 2, 2),)
    assert len(net.host_view("server").connections) == 2
    assert {event.get("reason") for event in net.sink if event.kind == "dropped"} == {"backlog"}
    assert state(net, "client", 3) == "SYN-SENT"
    net.set_option("server", None, "reading", True)
    assert net.host_view("server").listening == ((80, 2, 0),)
    run(net)
    assert state(net, "client", 3) == "ESTABLISHED"


def test_a_listener_answers_an_ack_with_a_reset_and_lives_on():
    net = make()
    net.listen("server", 80)
    inject(net, flags=ACK, ack=9, dport=80)
    inject(net, flags=RST, dport=80)
    run(net)
    assert [fact["flags"] for fact in facts(net) if fact["kind"] == "sent" and fact["from"] == "server"] == ["R"]
    assert not net.host_view("server").connections and net.host_view("server").listening


def test_a_refused_handshake_returns_to_listen_and_is_removed():
    net = make()
    net.listen("server", 80)
    net.connect("client", "server", 80)
    net.step()
    assert state(net, "server") == "SYN-RECEIVED"
    syn = tcb(net, "client")
    inject(net, flags=RST, seq=(syn.iss + 1) & 0xFFFFFFFF, sport=49152, dport=80)
    net.abort("client")
    run(net)
    assert net.host_view("server").connections[0].tcb.gone and net.host_view("server").listening == ((80, 5, 0),)
    net.connect("client", "server", 80)
    run(net)
    assert state(net, "server") == "ESTABLISHED"


def test_connect_from_a_listening_port_converts_the_listener():
    net = make()
    net.listen("client", 5000)
    net.listen("server", 80)
    net.connect("client", "server", 80, 5000)
    run(net)
    assert net.host_view("client").listening == () and state(net, "client") == "ESTABLISHED"
    walked = [(fact["from"], fact["to"]) for fact in facts(net) if fact["kind"] == "state" and fact["host"] == "client"]
    assert walked[:2] == [("CLOSED", "LISTEN"), ("LISTEN", "SYN-SENT")]


def test_send_on_a_listener():
    """RFC 9293 3.10.2, LISTEN: active if the remote socket is known, else an error."""
    net = make()
    net.listen("client", 5000)
    with pytest.raises(NetError, match="remote socket unspecified"):
        net.send("client", None, b"x")
    net.listen("server", 80)
    net.listen("client", 5001, remote=("10.0.0.2", 80))
    net.send("client", None, b"hello")
    run(net)
    assert tcb(net, "server").bytes_received == 5
    assert [port for port, _, _ in net.host_view("client").listening] == [5000]


def test_closing_a_listener():
    net = make()
    net.listen("server", 80)
    net.close("server")
    assert net.host_view("server").listening == ()
    assert facts(net)[-1] | {"host": "server"} == facts(net)[-1]
    assert [(f["from"], f["to"]) for f in facts(net) if f["kind"] == "state"] == [("CLOSED", "LISTEN"),
                                                                                ("LISTEN", "CLOSED")]
    with pytest.raises(NetError, match="connection does not exist"):
        net.close("server")


def test_simultaneous_open():
    net = make()
    net.connect("client", "server", 5001, 5000)
    net.connect("server", "client", 5000, 5001)
    run(net)
    assert state(net, "client") == state(net, "server") == "ESTABLISHED"
    assert len(net.host_view("client").connections) == len(net.host_view("server").connections) == 1
    assert {f["to"] for f in facts(net) if f["kind"] == "state"} == {"SYN-SENT", "SYN-RECEIVED", "ESTABLISHED"}


def test_simultaneous_close():
    net = opened(make())
    net.close("client")
    net.close("server")
    run(net)
    assert state(net, "client") == state(net, "server") == "TIME-WAIT"


def test_a_connection_in_time_wait_keeps_its_sockets():
    net = opened(make())
    net.close("client")
    run(net)
    net.close("server")
    run(net)
    with pytest.raises(NetError, match="connection already exists.*TIME-WAIT"):
        net.connect("client", "server", 80, 49152)
    n = net.connect("client", "server", 80)
    run(net)
    assert n == 2 and state(net, "client", 1) == "TIME-WAIT" and state(net, "client", 2) == "ESTABLISHED"


def test_ephemeral_ports_pass_over_those_in_use():
    net = make()
    net.listen("server", 80)
    net.listen("client", 49153)
    net.connect("client", "server", 80, 49152)
    net.connect("client", "server", 80)
    assert tcb(net, "client", 2).local[1] == 49154


def test_first_time_and_repetition():
    net = make()
    net.listen("server", 80)
    net.link_rule("drop", 2, Fits(lambda rec: rec.segment.flags == SYN))
    net.connect("client", "server", 80)
    run(net)
    sent = [event.seg for event in net.sink if event.kind == "sent" and event.seg.segment.flags == SYN]
    assert [(rec.repeated, rec.first_at) for rec in sent] == [(False, 0), (True, 0), (True, 0)]
    assert net.counters["segments_retransmitted"] == 2


def test_turning_a_knob_does_not_tell_a_connection_of_the_path():
    net = opened(make(knobs(mss=1460)))
    net.link_set(None, "mtu", 900)
    net.set_option("client", None, "pmtud", False)
    assert tcb(net, "client").smss == 1460
    net.set_option("client", None, "mss", 1400)
    assert tcb(net, "client").smss == 860


def test_mtu_bounds_the_mss_offered():
    """RFC 9293 3.7.1 [MUST-67]."""
    net = opened(make(knobs(mss=1460), mtu=576))
    assert tcb(net, "client").smss == 536


@pytest.mark.parametrize("act, text", [
    (lambda net: net.listen("server", 0), "a port is"),
    (lambda net: net.listen("server", 80), "listens on port 80 already"),
    (lambda net: net.listen("server", 81, 0), "a backlog is"),
    (lambda net: net.connect("client", "client", 80), "the other host, server"),
    (lambda net: net.connect("nobody", "server", 80), "there are client and server"),
    (lambda net: net.close("client"), "connection does not exist: connect first"),
    (lambda net: net.recv("server"), "connection does not exist"),
    (lambda net: net.set_option("client", None, "nagel", True), "has no option"),
    (lambda net: net.set_option("client", None, "nagle", 1), "takes a switch"),
    (lambda net: net.set_option("client", None, "mss", 0), "at least 1"),
    (lambda net: net.set_option("client", None, "profile", "modem"), "there are first-lessons, rfc"),
    (lambda net: net.set_app("client", None, "sing"), "choose one of"),
    (lambda net: net.set_app("client", None, "source"), "number of bytes"),
    (lambda net: net.advance_clock(-1), "the clock can be set"),
])
def test_what_cannot_be_done_says_so(act, text):
    net = make()
    net.listen("server", 80)
    before = len(facts(net)), net.host_view("server"), net.host_view("client")
    with pytest.raises(NetError, match=text):
        act(net)
    assert before == (len(facts(net)), net.host_view("server"), net.host_view("client"))


def test_options_reach_connections_that_live():
    net = opened(make())
    net.set_option("client", None, "msl", 5_000_000_000)
    net.set_option("server", 1, "rcvbuf", 2000)
    assert tcb(net, "server").rcvbuf == 2000
    net.connect("client", "server", 80)
    run(net)
    assert tcb(net, "server", 2).rcvbuf == 4000
    net.close("client", 1)
    net.close("server", 1)
    run(net)
    entered = net.now
    while not tcb(net, "client", 1).gone:
        net.step()
    assert net.now == entered + 10_000_000_000


def test_injected_segments_name_the_connection_they_imitate():
    net = opened(make())
    inject(net, sport=49152, dport=80, flags=ACK)
    assert net.sink[-1].conn == 1 and net.sink[-1].seg.injected and net.counters["segments_injected"] == 1
    assert kinds(net, "sent")[-1] == ("sent", 4)
