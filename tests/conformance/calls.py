"""The rows of state-machine.csv about user calls, timers and limits: each is made to happen in its state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from tcplab.net.errors import NetError
from tcplab.tcp import FIN, RST, SYN, TcpError
from tcplab.tcp.icmp import IcmpError
from tests.conformance import events
from tests.conformance.scenes import CONFIG, Row, ends_in, scene
from tests.net.rig import make, run
from tests.support import states as st
from tests.support.requirements import rows

NOT_EXIST, CLOSING, EXISTS = "connection does not exist", "connection closing", "connection already exists"


def listen_for(remote) -> st.Bench:
    bench = st.closed(config=CONFIG)
    bench.end.open_passive(0, remote)
    return bench.mark()


def refused(message: str, call: Callable, row: Row, build: Callable = scene) -> None:
    """The call fails with the RFC's words and changes nothing."""
    bench = build(row)
    before = bench.end.status()
    with pytest.raises(TcpError, match=message):
        call(bench.end)
    assert bench.taken() == [] and bench.end.status() == before
    ends_in(bench, row)


def _open(end):
    end.open_active(st.PEER, 0)


def _both_opens(row: Row) -> None:
    refused(EXISTS, _open, row)
    refused(EXISTS, lambda end: end.open_passive(0), row)


def passive(row: Row) -> None:
    bench = scene(row)
    bench.end.open_passive(0)
    assert bench.taken() == [] and bench.end.next_timeout() is None
    ends_in(bench, row)
    bench.give(0, SYN)
    assert bench.end.tcb.passive


def active(row: Row) -> None:
    bench = scene(row)
    bench.end.open_active(st.PEER, 0)
    (syn,) = bench.taken()
    view = bench.end.status()
    assert (syn.letters, syn.seq, view.snd_una, view.snd_nxt) == ("S", st.ISS, st.ISS, st.ISS + 1)
    assert view.timers[0][0] == "rtx" and not bench.end.tcb.passive
    ends_in(bench, row)


def listening_send(row: Row) -> None:
    bench = listen_for(st.PEER)
    assert bench.end.send(b"hello", 0) == 5
    assert [s.letters for s in bench.taken()] == ["S"]
    ends_in(bench, row)
    assert [s.payload for s in bench.give(0, SYN, ack=1)] == [b"hello"]


def queued_send(row: Row) -> None:
    bench = scene(row, sndbuf=100)
    assert bench.end.send(b"x" * 150, 0) == 100 and bench.end.send(b"x", 0) == 0
    assert bench.taken() == []
    ends_in(bench, row)
    seq = 0 if row["from_state"] == "SYN-SENT" else 1
    sent = bench.give(seq, 0 if seq else SYN, ack=1)
    assert b"".join(s.payload for s in sent) == b"x" * 100


def sends(row: Row) -> None:
    bench = scene(row)
    nxt, rcv = bench.end.status().snd_nxt, bench.end.status().rcv_nxt
    bench.end.send(b"x" * 150, 0)
    assert [(s.seq, len(s.payload), s.ack) for s in bench.taken()] == [(nxt, 100, rcv), (nxt + 100, 50, rcv)]
    ends_in(bench, row)


def receives(row: Row) -> None:
    bench = scene(row)
    una = 2 if row["from_state"].startswith("FIN") and bench.end.status().fin_acked else 1
    assert bench.end.receive(10, 0) == b""
    bench.give(1, 0, ack=una, text=b"abc")
    assert bench.end.receive(2, 0) == b"ab" and bench.end.receive(2, 0) == b"c"
    ends_in(bench, row)


def receives_nothing_yet(row: Row) -> None:
    bench = scene(row)
    assert bench.end.receive(10, 0) == b"" and bench.taken() == []
    ends_in(bench, row)
    if row["from_state"] != "LISTEN":
        if row["from_state"] == "SYN-SENT":
            bench.give(0, SYN, ack=1)
        bench.give(1, 0, ack=1, text=b"abc")
        assert bench.end.receive(10, 0) == b"abc"


def receives_the_rest(row: Row) -> None:
    bench = st.established(config=CONFIG)
    bench.give(1, FIN, ack=1, text=b"abc")
    assert bench.end.receive(2, 0) == b"ab" and bench.end.receive(9, 0) == b"c"
    ends_in(bench, row)


def closes_in_silence(row: Row) -> None:
    bench = scene(row)
    bench.end.close(0)
    assert bench.taken() == [] and bench.end.next_timeout() is None and bench.end.error is None
    ends_in(bench, row)


def closes_with_fin(row: Row) -> None:
    bench = scene(row)
    view = bench.end.status()
    bench.end.close(0)
    assert [(s.letters, s.seq, s.ack) for s in bench.taken()] == [("F.", view.snd_nxt, view.rcv_nxt)]
    assert bench.end.status().snd_nxt == view.snd_nxt + 1
    ends_in(bench, row)


def close_is_remembered(row: Row, then: str | None = None) -> None:
    """SYN-RECEIVED: carried out in ESTABLISHED; CLOSE-WAIT: when the last text has left."""
    half_open = "SYN-RECEIVED" in (row["from_state"], row["condition"][-12:])
    if half_open:
        bench = st.syn_received(config=CONFIG)
    else:
        bench = st.established(config=CONFIG, wnd=100)
        bench.give(1, FIN, ack=1, wnd=100)
    state = bench.end.state
    bench.end.send(b"x" * 150, 0)
    bench.end.close(0)
    assert bench.end.state is state and not bench.end.status().fin_sent
    bench.taken()
    sent = bench.give(1, 0, ack=1) if half_open else bench.give(2, 0, ack=101)
    assert sent[-1].letters == "FP." and b"".join(s.payload for s in sent)[-50:] == b"x" * 50
    assert str(bench.end.state) == then
    with pytest.raises(TcpError, match=CLOSING):
        bench.end.send(b"y", 0)


def aborts(row: Row, loud: bool) -> None:
    bench = scene(row)
    nxt = bench.end.status().snd_nxt
    bench.end.abort(0)
    assert [(s.letters, s.seq) for s in bench.taken()] == ([("R", nxt)] if loud else [])
    assert bench.end.next_timeout() is None
    ends_in(bench, row)


def status(row: Row) -> None:
    bench = scene(row)
    view, tcb = bench.end.status(), bench.end.tcb
    assert view.state == row["from_state"] == row["to_state"] and view.local == st.US
    for name in ("snd_una", "snd_nxt"):
        assert getattr(view, name) == (None if tcb.iss is None else getattr(tcb, name))
    for name in ("rcv_nxt", "snd_wnd", "rcv_wnd") if tcb.irs is not None else ():
        assert getattr(view, name) == getattr(tcb, name)
    assert view.timers == tcb.timers.running()


def bad_remote(row: Row) -> None:
    for address in ("255.255.255.255", "224.0.0.1", "ff02::1", "0.0.0.0", "::", "127.0.0.1", "240.0.0.1"):
        refused("single host", lambda end, to=address: end.open_active((to, 80), 0), row)


def two_listens(row: Row) -> None:
    refused(EXISTS, lambda end: end.open_passive(0), row)
    bench = scene(row)
    with pytest.raises(TcpError):
        bench.end.open_passive(0)
    assert [s.letters for s in bench.give(0, SYN)] == ["S."]


def bad_syn(row: Row) -> None:
    for change in ({"dst": "224.0.0.5"}, {"dst": "255.255.255.255"}, {"src": "224.0.0.1"}, {"src": "0.0.0.0"},
                   {"src": "127.0.0.1"}, {"src": "ff02::1"}):
        bench = st.listen(config=CONFIG)
        bench.end.segment_arrives(replace(st.Bench.seg(_numbered(bench), 0, SYN), **change), 0)
        assert bench.taken() == []
        ends_in(bench, row)


def _numbered(bench: st.Bench) -> st.Bench:
    """A bench that can make segments before our ISS is known."""
    twin = st.syn_sent(config=CONFIG)
    twin.end = twin.end if bench.end.tcb.iss is None else bench.end
    return twin


def no_ports_left(row: Row) -> None:
    """What runs out at a host are its dynamic ports: the OPEN fails, and nothing comes of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tcplab.net.host.FIRST_EPHEMERAL", 65534)
        net = make(CONFIG)
        for _ in range(2):
            net.connect("client", "server", 80)
        with pytest.raises(NetError, match="insufficient resources"):
            net.connect("client", "server", 80)
        assert len(net.host_view("client").connections) == 2


def aborts_into_time_wait(row: Row) -> None:
    bench = scene(row, abort_time_wait=True)
    if row["from_state"] in ("ESTABLISHED", "CLOSE-WAIT"):
        bench.end.send(b"x" * 150, 0)
        bench.taken()
    nxt = bench.end.status().snd_nxt
    bench.end.abort(0)
    assert [(s.letters, s.seq) for s in bench.taken()] == [("R", nxt)]
    ends_in(bench, row)
    view = bench.end.status()
    assert (view.flight, view.unsent, view.unread) == (0, 0, 0)
    assert view.timers == (("time-wait", 2 * CONFIG.msl_ns),) and bench.end.error is None
    with pytest.raises(TcpError, match=CLOSING):
        bench.end.send(b"x", 0)
    assert bench.wait(2 * CONFIG.msl_ns) == [] and bench.end.gone


def back_in_time_wait(row: Row) -> None:
    """A SYN that passed for new has re-opened the connection; nobody stands behind it."""
    old = st.time_wait(config=CONFIG)
    before = old.end.status()
    bench = st.closed(config=replace(CONFIG, r2_syn=2, user_timeout_ns=None))
    bench.end.open_passive(0, None, old.end.reopen(old.seg(9999, SYN)))
    bench.irs += 9999
    bench.give(0, SYN)
    assert str(bench.end.state) == row["from_state"]
    assert bench.give(1, RST) == [] if row["event"] == "seg:RST" else len(bench.wait(7 * events.S)) == 2
    ends_in(bench, row)
    after = bench.end.status()
    assert (after.snd_nxt, after.rcv_nxt, after.timers) == (before.snd_nxt, before.rcv_nxt, before.timers)
    bench.wait(2 * CONFIG.msl_ns)
    assert bench.end.gone and bench.end.error is None


def icmp_listens_on(row: Row) -> None:
    bench = scene(row)
    bench.mark()
    bench.end.icmp(IcmpError("unreachable", bench.end.status().snd_una, "port"), 0)
    assert bench.taken() == [] and bench.end.error is None and bench.end.next_timeout() is None
    ends_in(bench, row)
    assert [s.letters for s in bench.give(0, SYN)] == ["S."]


def reopens(row: Row) -> None:
    """At the host: the old record is deleted, the new one has its ISS above the old numbers."""
    net = make(replace(CONFIG, iss=None, isn_small=False, rfc6191=True))
    net.listen("server", 80)
    net.connect("client", "server", 80)
    run(net)
    net.close("server")
    run(net)
    net.close("client")
    run(net)
    old = net.host_view("server").connections[0].tcb
    assert old.state == row["from_state"]
    net.advance_clock(net.now + events.S)
    net.link_set("server", "loss", 1_000_000)  # the SYN,ACK does not get through
    net.connect("client", "server", 80, from_port=old.remote[1])
    run(net, 1)
    record = net.host_view("server").connections
    assert record[0].tcb.gone and record[1].tcb.state == row["to_state"]
    assert 0 < (record[1].tcb.iss - old.snd_nxt) % 2**32 < 2**31


def half_open_is_dropped(row: Row) -> None:
    """The host's listener goes on beside the connections it begets: see its own test at the network."""
    net = make(replace(CONFIG, r2_syn=2))
    net.listen("server", 80)
    net.link_set("server", "loss", 1_000_000)
    net.connect("client", "server", 80)
    run(net, 60)
    view = net.host_view("server")
    assert view.listening[0][2] == 0 and all(conn.tcb.gone for conn in view.connections)


_HANDLERS: dict[tuple[str, str], Callable[[Row], None]] = {
    ("call:OPEN-any", "no room or no permission"): no_ports_left,
    ("call:ABORT", "policy: resetting side keeps TIME-WAIT"): aborts_into_time_wait,
    ("seg:RST", "record was re-opened from TIME-WAIT; SEQ=RCV.NXT"): back_in_time_wait,
    ("policy:R2", "record was re-opened from TIME-WAIT; no handshake ACK"): back_in_time_wait,
    ("icmp:hard", "origin=passive; quotes our SYN,ACK"): icmp_listens_on,
    ("seg:SYN", "RFC 6191 conditions met (newer TSval, or SEQ beyond the old FIN where timestamps do not decide)"):
        reopens,
    ("call:OPEN-passive", "resources and permission available"): passive,
    ("call:OPEN-active", "remote specified and valid"): active,
    ("call:OPEN-active", "remote specified"): active,
    ("call:OPEN-active", "remote unspecified"):
        partial(refused, "remote socket unspecified", lambda end: end.open_active(None, 0)),
    ("call:OPEN-active", "remote is broadcast, multicast or otherwise invalid"): bad_remote,
    ("call:OPEN-passive", "same local port"): two_listens,
    ("call:OPEN-any", "same connection name"): _both_opens,
    ("call:SEND", "remote specified"): listening_send,
    ("call:SEND", "remote unspecified"):
        partial(refused, "remote socket unspecified", lambda end: end.send(b"x", 0)),
    ("call:RECEIVE", "undelivered data on hand"): receives_the_rest,
    ("call:RECEIVE", "nothing left"): partial(refused, CLOSING, lambda end: end.receive(1, 0)),
    ("call:CLOSE", "no SEND issued and nothing to send"): closes_with_fin,
    ("call:CLOSE", "all queued data already segmentized"): closes_with_fin,
    ("call:CLOSE", "data queued"): partial(close_is_remembered, then="FIN-WAIT-1"),
    ("internal:queued-CLOSE", "CLOSE was remembered in SYN-RECEIVED"): partial(close_is_remembered, then="FIN-WAIT-1"),
    ("call:CLOSE", "data still queued"): partial(close_is_remembered, then="LAST-ACK"),
    ("internal:queued-CLOSE", "last data segmentized after CLOSE"): partial(close_is_remembered, then="LAST-ACK"),
    ("timeout:USER", "user timeout expires"): events.user_timeout,
    ("timeout:RETRANSMISSION", "queue not empty"): events.retransmission,
    ("timeout:PERSIST", "SND.WND=0 and data or FIN waiting"): events.persist,
    ("timeout:DELAYED-ACK", "ACK pending"): events.delayed_ack,
    ("timeout:TIME-WAIT", "2MSL elapsed"): events.time_wait_over,
    ("policy:R1", "retransmissions reach R1"): events.r1,
    ("policy:R2", "retransmissions of one segment reach R2"): events.r2,
    ("policy:R2", "origin=active; SYN,ACK retransmissions reach R2"): events.r2,
    ("policy:R2", "origin=passive; SYN,ACK retransmissions reach R2"): half_open_is_dropped,
    ("timeout:KEEPALIVE", "enabled; idle for the interval; probes left"): events.keepalive,
    ("timeout:KEEPALIVE", "enabled; all probes unanswered"): events.keepalive,
    ("icmp:hard", "port or protocol unreachable quoting our SYN"): events.icmp_hard,
    ("icmp:hard", "origin=active; quotes our SYN,ACK"): events.icmp_hard,
    ("icmp:hard", "quoted SEQ in SND.UNA..SND.NXT"): events.icmp_hard,
    ("icmp:soft", "unreachable 0,1,5 (v6 0,3), time exceeded, parameter problem"): events.icmp_soft,
    ("icmp:source-quench", "any"): events.icmp_source_quench,
    ("seg:URG", "SEG.UP beyond what is known or read"): events.urgent,
    ("seg:SYN", "RFC 6191 in use; conditions not met"): events.old_syn_in_time_wait,
    ("seg:any", "timestamps on; SEG.TSval<TS.Recent (valid); RST off"): events.old_timestamp,
    ("seg:SYN", "destination broadcast or multicast, or source invalid"): bad_syn,
}


def _any_call(row: Row) -> Callable[[Row], None] | None:
    """Calls whose condition is "any": what the action says decides."""
    call, action = row["event"].removeprefix("call:"), row["action"]
    acts = {"SEND": lambda end: end.send(b"x", 0), "RECEIVE": lambda end: end.receive(1, 0),
            "CLOSE": lambda end: end.close(0), "ABORT": lambda end: end.abort(0)}
    if call in acts and action.startswith("error: connection"):
        return partial(refused, NOT_EXIST if "exist" in action else CLOSING, acts[call])
    if call == "STATUS" and action.startswith("return"):
        return status
    if call == "SEND":
        return queued_send if action.startswith("queue") else sends
    if call == "RECEIVE":
        return receives_nothing_yet if action.startswith("queue") else receives
    if call == "CLOSE":
        return closes_with_fin if "enter FIN-WAIT-1" in action else closes_in_silence
    if call == "ABORT" and row["variant"] == "base":
        return partial(aborts, loud=action.startswith("send"))
    return None


def _handler(row: Row) -> Callable[[Row], None] | None:
    special = _HANDLERS.get((row["event"], row["condition"]))
    if special is not None or not row["event"].startswith("call:"):
        return special
    return _any_call(row) if row["condition"] in ("any", "space available") else None


#: Id -> (the row, what makes it happen and looks).
CALL_ROWS = {row["id"]: (row, handler) for row in rows("state-machine.csv")
             if (handler := _handler(row)) is not None}
