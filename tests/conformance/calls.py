"""The rows of state-machine.csv about user calls, timers and limits: each is made to happen in its state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from tcplab.tcp import FIN, NO_OPTIONS, SYN, URG, State, TcpError
from tcplab.tcp.icmp import IcmpError
from tests.conformance.scenes import CONFIG
from tests.support import states as st
from tests.support.requirements import rows

S = 1_000_000_000
NOT_EXIST, CLOSING, EXISTS = "connection does not exist", "connection closing", "connection already exists"
Row = dict[str, str]


def scene(row: Row, **kw) -> st.Bench:
    return st.BUILD[State(row["from_state"])](config=replace(CONFIG, **kw))


def listen_for(remote) -> st.Bench:
    bench = st.closed(config=CONFIG)
    bench.end.open_passive(0, remote)
    return bench.mark()


def ends_in(bench: st.Bench, row: Row) -> None:
    assert str(bench.end.state) == row["to_state"]
    assert bench.end.gone == (row["to_state"] == "CLOSED" and row["from_state"] != "CLOSED")


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


def user_timeout(row: Row) -> None:
    bench = outstanding(row, r2=None, r2_syn=None, user_timeout_ns=20 * S)
    bench.wait(20 * S - 1)
    assert not bench.end.gone
    bench.wait(1)
    assert bench.end.error == "connection aborted due to user timeout"
    assert bench.end.tcb.queue.end == bench.end.tcb.queue.base and bench.end.next_timeout() is None
    ends_in(bench, row)


def outstanding(row: Row, **kw) -> st.Bench:
    """The state, with something unacknowledged."""
    bench = scene(row, **kw)
    if row["from_state"] in ("ESTABLISHED", "CLOSE-WAIT"):
        bench.end.send(b"hello", 0)
        bench.taken()
    return bench


def retransmission(row: Row) -> None:
    bench = outstanding(row)
    front = bench.end.tcb.queue.sent[0]
    rto = bench.end.status().rto
    (again,) = bench.wait(rto)
    letters = {"SYN-SENT": "S", "SYN-RECEIVED": "S.", "ESTABLISHED": "P.", "CLOSE-WAIT": "P."}
    assert again.letters == letters.get(row["from_state"], "F.") and again.seq == front.seq and again.rtx == 1
    assert bench.end.status().rto == 2 * rto and dict(bench.end.status().timers)["rtx"] == bench.now + 2 * rto
    ends_in(bench, row)


def persist(row: Row) -> None:
    """The peer's window is closed while something waits: text, or in CLOSING nothing but the FIN."""
    bench = st.established(config=CONFIG, wnd=0)
    if row["from_state"] == "CLOSE-WAIT":
        bench.give(1, FIN, ack=1, wnd=0)
    bench.end.send(b"x" * 50, 0)
    if row["from_state"] in ("FIN-WAIT-1", "CLOSING"):
        bench.end.close(0)
    if row["from_state"] == "CLOSING":
        bench.give(1, FIN, ack=1, wnd=0)
    assert str(bench.end.state) == row["from_state"] and bench.taken() == []
    seq = bench.end.status().rcv_nxt - st.IRS
    for delay in (1, 2, 4, 8):
        assert bench.wait(delay * S - 1) == []
        (probe,) = bench.wait(1)
        assert (probe.seq, probe.payload) == (st.ISS + 1, b"x")
        bench.give(seq, 0, ack=1, wnd=0)
    for _ in range(30):
        bench.wait(60 * S)
        bench.give(seq, 0, ack=1, wnd=0)
    ends_in(bench, row)


def delayed_ack(row: Row) -> None:
    bench = scene(row, delack=True)
    view = bench.end.status()
    assert bench.give(1, 0, ack=view.snd_una - st.ISS, text=b"abc") == []
    (ack,) = bench.wait(500_000_000 - 1)
    assert (ack.letters, ack.seq, ack.ack, ack.why.code) == (".", view.snd_nxt, view.rcv_nxt + 3, "ack-delayed")
    ends_in(bench, row)


def time_wait_over(row: Row) -> None:
    bench = scene(row)
    bench.wait(2 * CONFIG.msl_ns - 1)
    assert bench.end.state is State.TIME_WAIT
    assert bench.wait(1) == [] and bench.end.error is None
    ends_in(bench, row)


def r1(row: Row) -> None:
    bench = outstanding(row, r1=3, r2=None, r2_syn=None, user_timeout_ns=None)
    bench.wait(1 * S + 2 * S)
    assert not [r for r in bench.end.take_reports() if r.kind == "error"]
    bench.wait(4 * S)
    (told,) = [r for r in bench.end.take_reports() if r.kind == "error"]
    assert told.why.code == "r1-reached" and told.get("soft")
    ends_in(bench, row)


def r2(row: Row) -> None:
    kw = {"r1": 1, "r2": 2, "r2_syn": 2, "user_timeout_ns": None}
    bench = st.syn_received_active(config=replace(CONFIG, **kw)) if "active" in row["condition"] \
        else outstanding(row, **kw)
    bench.wait(3 * S)
    assert not bench.end.gone
    bench.wait(4 * S)
    assert "user timeout" in bench.end.error
    ends_in(bench, row)


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


def half_open_is_dropped(row: Row) -> None:
    """The host's listener goes on beside the connections it begets: see its own test at the network."""
    from tests.net.rig import SECOND, make, run
    net = make(kw_config(r2_syn=2))
    net.listen("server", 80)
    net.link_set("server", "loss", 1_000_000)
    net.connect("client", "server", 80)
    run(net, 60)
    view = net.host_view("server")
    assert view.listening[0][2] == 0 and all(conn.tcb.gone for conn in view.connections) and SECOND


def keepalive(row: Row) -> None:
    bench = scene(row, keepalive_ns=30 * S, keepalive_interval_ns=10 * S, keepalive_count=3)
    bench.end.configure(bench.end.config, 0)
    view = bench.end.status()
    rcv, una = view.rcv_nxt - st.IRS, view.snd_una - st.ISS
    bench.give(rcv, 0, ack=una)
    assert bench.wait(30 * S - 1) == []
    (probe,) = bench.wait(1)
    assert (probe.letters, probe.seq, probe.ack, probe.payload) == (".", view.snd_nxt - 1, view.rcv_nxt, b"")
    if row["to_state"] != "CLOSED":
        bench.give(rcv, 0, ack=una)
        assert bench.wait(30 * S - 1) == [] and len(bench.wait(1)) == 1
        return ends_in(bench, row)
    assert len(bench.wait(20 * S)) == 2 and not bench.end.gone
    bench.wait(10 * S)
    assert "keep-alive" in bench.end.error
    ends_in(bench, row)


def icmp_hard(row: Row) -> None:
    bench = st.syn_received_active(config=CONFIG) if "active" in row["condition"] else outstanding(row)
    una = bench.end.status().snd_una
    bench.end.icmp(IcmpError("unreachable", una - 1, "port"), 0)
    bench.end.icmp(IcmpError("unreachable", bench.end.status().snd_nxt, "port"), 0)
    assert str(bench.end.state) == row["from_state"]
    bench.end.icmp(IcmpError("unreachable", una, "port"), 0)
    assert "unreachable" in bench.end.error and bench.taken() == []
    ends_in(bench, row)


def icmp_soft(row: Row) -> None:
    bench = outstanding(row)
    una = bench.end.status().snd_una
    for code in ("net", "host"):
        bench.end.icmp(IcmpError("unreachable", una, code), 0)
    told = [r for r in bench.end.take_reports() if r.kind == "error"]
    quoted = una != bench.end.status().snd_nxt  # in FIN-WAIT-2 there is nothing that an error could quote
    assert len(told) == (2 if quoted else 0) and all(r.get("soft") for r in told) and bench.taken() == []
    ends_in(bench, row)


def icmp_source_quench(row: Row) -> None:
    bench = outstanding(row)
    before = bench.end.status()
    bench.end.take_reports()
    bench.end.icmp(IcmpError("source-quench", before.snd_una), 0)
    assert bench.end.status() == before and bench.taken() == [] and bench.end.take_reports() == []
    ends_in(bench, row)


def urgent(row: Row) -> None:
    bench = scene(row)
    una = bench.end.status().snd_una - st.ISS
    marks = []
    for up in (3, 5, 4):
        seg = replace(bench.seg(1, URG, ack=una), up=up)
        bench.end.segment_arrives(seg, 0)
        marks += [r.get("left") for r in bench.end.take_reports() if r.kind == "urgent"]
    assert marks == [3, 5] and bench.end.tcb.rcv_up == st.IRS + 1 + 5
    ends_in(bench, row)


def old_syn_in_time_wait(row: Row) -> None:
    bench = scene(row, rfc6191=True)
    before = bench.end.status().timers
    assert bench.give(1, SYN) == [] and bench.end.status().timers == before
    ends_in(bench, row)


def kw_config(**kw):
    return replace(CONFIG, **kw)


class Stamped(st.Bench):
    """A peer whose segments all carry a timestamp, `tsval`."""

    tsval = 5000

    def seg(self, seq, flags, ack=None, text=b"", wnd=4000, options=NO_OPTIONS):
        view = self.end.tcb.ts_offset if ack is not None else 0
        return super().seg(seq, flags, ack, text, wnd, options._replace(ts=(self.tsval, view)))


def old_timestamp(row: Row) -> None:
    """PAWS: a segment that would otherwise be taken is answered and dropped, before its number is looked at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(st, "Bench", Stamped)
        bench = scene(row, timestamps=True)
    view = bench.end.status()
    assert bench.end.tcb.ts_on
    rcv, una = view.rcv_nxt - st.IRS, view.snd_una - st.ISS
    for seq, flags, text in ((rcv, 0, b"abc"), (rcv, FIN, b""), (rcv, SYN, b""), (rcv + 20_000, 0, b"")):
        bench.tsval = 4999
        answers = bench.give(seq, flags, ack=una, text=text)
        assert [(s.letters, s.seq, s.ack) for s in answers] == [(".", view.snd_nxt, view.rcv_nxt)]
        assert bench.end.status().rcv_nxt == view.rcv_nxt and bench.end.readable == 0
        ends_in(bench, row)


_HANDLERS: dict[tuple[str, str], Callable[[Row], None]] = {
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
    ("timeout:USER", "user timeout expires"): user_timeout,
    ("timeout:RETRANSMISSION", "queue not empty"): retransmission,
    ("timeout:PERSIST", "SND.WND=0 and data or FIN waiting"): persist,
    ("timeout:DELAYED-ACK", "ACK pending"): delayed_ack,
    ("timeout:TIME-WAIT", "2MSL elapsed"): time_wait_over,
    ("policy:R1", "retransmissions reach R1"): r1,
    ("policy:R2", "retransmissions of one segment reach R2"): r2,
    ("policy:R2", "origin=active; SYN,ACK retransmissions reach R2"): r2,
    ("policy:R2", "origin=passive; SYN,ACK retransmissions reach R2"): half_open_is_dropped,
    ("timeout:KEEPALIVE", "enabled; idle for the interval; probes left"): keepalive,
    ("timeout:KEEPALIVE", "enabled; all probes unanswered"): keepalive,
    ("icmp:hard", "port or protocol unreachable quoting our SYN"): icmp_hard,
    ("icmp:hard", "origin=active; quotes our SYN,ACK"): icmp_hard,
    ("icmp:hard", "quoted SEQ in SND.UNA..SND.NXT"): icmp_hard,
    ("icmp:soft", "unreachable 0,1,5 (v6 0,3), time exceeded, parameter problem"): icmp_soft,
    ("icmp:source-quench", "any"): icmp_source_quench,
    ("seg:URG", "SEG.UP beyond what is known or read"): urgent,
    ("seg:SYN", "RFC 6191 in use; conditions not met"): old_syn_in_time_wait,
    ("seg:any", "timestamps on; SEG.TSval<TS.Recent (valid); RST off"): old_timestamp,
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
