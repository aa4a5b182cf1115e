"""The rows of state-machine.csv about timers, limits, reports of the network, and what comes before the checks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tcplab.tcp import FIN, NO_OPTIONS, SYN, URG
from tcplab.tcp.icmp import IcmpError
from tcplab.tcp.state import State
from tests.conformance.scenes import CONFIG, Row, S, ends_in, outstanding, scene
from tests.support import states as st


def user_timeout(row: Row) -> None:
    bench = outstanding(row, r2=None, r2_syn=None, user_timeout_ns=20 * S)
    bench.wait(20 * S - 1)
    assert not bench.end.gone
    bench.wait(1)
    assert bench.end.error == "connection aborted due to user timeout"
    assert bench.end.tcb.queue.end == bench.end.tcb.queue.base and bench.end.next_timeout() is None
    ends_in(bench, row)


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
