"""Segments with options of every kind, sane or not, against every engine: nothing raises, the books balance."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as some

from tcplab.tcp import ACK, FIN, NO_OPTIONS, PSH, RST, SYN, Config, Options, TcpError, explain
from tcplab.tcp.wire import decode, encode
from tests.support import states as st

MS = 1_000_000
edges = some.one_of(some.integers(-50, 3000), some.integers(0, 2**32 - 1))
pairs = some.lists(some.tuples(edges, edges), max_size=4)
stamps = some.one_of(some.none(), some.tuples(some.integers(-5, 200), some.integers(-5, 5000)),
                     some.tuples(some.integers(0, 2**32 - 1), some.integers(0, 2**32 - 1)))
options = some.builds(dict, mss=some.sampled_from([None, 0, 1, 60, 100, 65535]),
                      wscale=some.sampled_from([None, 0, 3, 14, 15, 255]), sack_permitted=some.booleans(), sack=pairs,
                      ts=stamps, unknown=some.sampled_from([(), ((99, b"xy"),), ((5, b"odd"),), ((8, b""),)]))
segments = some.tuples(
    some.one_of(some.integers(-3, 3), some.integers(-300, 3000), some.integers(0, 2**32 - 1)),
    some.one_of(some.integers(-3, 3), some.integers(-3000, 300), some.integers(0, 2**32 - 1)),
    some.sampled_from([ACK, ACK, ACK, ACK | PSH, ACK | FIN, SYN, SYN | ACK, RST, RST | ACK, 0, FIN]),
    some.sampled_from([0, 1, 30, 1000, 65535]), some.sampled_from([b"", b"", b"abc", b"x" * 100]), options)
steps = some.lists(some.one_of(segments, segments, segments, some.sampled_from(["send", "read", "close", "engine"]),
                               some.integers(1, 3000).map(lambda ms: ms * MS)), max_size=30)
knobs = some.fixed_dictionaries({
    "recovery": some.sampled_from(["reno", "newreno", "sack", "rack"]), "prr": some.booleans(),
    "frto": some.booleans(), "timestamps": some.booleans(), "wscale": some.booleans(), "sack": some.booleans(),
    "rcvbuf": some.sampled_from([500, 65535, 1 << 20]), "congestion": some.sampled_from(["reno", "fixed"]),
    "limited_transmit": some.booleans(), "iw": some.sampled_from([None, 10]),
})


def segment(bench, seq, ack, flags, wnd, text, fields):
    view = bench.end.status()
    tcb = bench.end.tcb
    iss, una = view.iss or 0, view.snd_una or 0
    ts = fields["ts"]
    if ts is not None:
        ts = ((tcb.ts_recent + ts[0]) & 0xFFFFFFFF, ts[1] & 0xFFFFFFFF)
    elif tcb.ts_on:
        ts = (tcb.ts_recent, bench.now // MS)
    sack = tuple(((una + left) & 0xFFFFFFFF, (una + right) & 0xFFFFFFFF) for left, right in fields["sack"])
    made = Options(**{**fields, "ts": ts, "sack": sack})
    at, field = ((view.rcv_nxt or 0) + seq) & 0xFFFFFFFF, ((view.snd_nxt or iss) + ack) & 0xFFFFFFFF
    return bench.seg(0, 0).__class__(st.PEER[0], st.US[0], st.PEER[1], st.US[1], at, field, flags, wnd, text, made)


def act(bench, step):
    end = bench.end
    try:
        if step == "send":
            end.send(b"d" * 900, bench.now)
        elif step == "read":
            end.receive(10_000, bench.now)
        elif step == "close":
            end.close(bench.now)
        else:
            order = ["reno", "newreno", "sack", "rack"]
            turned = order[(order.index(end.config.recovery) + 1) % 4]
            end.configure(replace(end.config, recovery=turned), bench.now)
    except TcpError:
        pass
    return end.take_segments()


def balance(bench):
    """The scoreboard, RACK's count and the queue agree; windows and buffers keep their bounds."""
    tcb = bench.end.tcb
    view = bench.end.status()
    assert tcb.snd_una <= tcb.snd_nxt and view.pipe >= 0 and view.rcv_wnd is None or view.rcv_wnd >= 0
    assert len(tcb.unread) + sum(map(len, tcb.reassembly.texts)) <= max(tcb.config.rcvbuf, 1)
    assert len(tcb.held.ranges) <= len(tcb.reassembly.texts) + 1
    assert all(left > tcb.rcv_nxt for left, _ in tcb.held.ranges)
    assert tcb.board.total == sum(right - left for left, right in tcb.board.ranges)
    assert not tcb.board.ranges or tcb.snd_una <= tcb.board.ranges[0][0] and tcb.board.highest <= tcb.snd_nxt
    if tcb.rack is not None and not tcb.gone:
        assert tcb.rack.lost == sum(e.end - e.seq for e in tcb.queue.sent if e.lost)
        assert tcb.rack.sacked == sum(e.sacked for e in tcb.queue.sent)
        running = [at for at in (tcb.timers.rtx, tcb.timers.reo, tcb.timers.pto) if at is not None]
        assert len(running) == (1 if tcb.queue.sent else 0), tcb.timers.running()  # [8985-25]
    else:
        assert not any(entry.lost for entry in tcb.queue.sent) or tcb.gone


@settings(max_examples=400, deadline=None)
@given(knobs=knobs, agreed=some.tuples(some.booleans(), some.booleans(), some.booleans()), steps=steps,
       iss=some.sampled_from([0, 1000, 2**32 - 500]))
def test_no_option_breaks_anything(knobs, agreed, steps, iss):
    config = replace(Config(), mss=100, iss=iss, nagle=False, **knobs)
    bench = st.Bench(config=config)
    bench.end.open_active(st.PEER, 0)
    bench.taken()
    sack, scale, stamped = agreed
    bench.give(0, SYN, ack=1, wnd=20_000, options=Options(mss=100, sack_permitted=sack, wscale=3 if scale else None,
                                                         ts=(2**32 - 3, 0) if stamped else None))
    bench.end.send(b"d" * 2000, 0)
    bench.taken()
    for step in steps:
        if isinstance(step, int):
            out = bench.wait(step)
        elif isinstance(step, str):
            out = act(bench, step)
        else:
            bench.end.segment_arrives(segment(bench, *step), bench.now)
            out = bench.taken()
        for seg in out:
            assert decode(encode(seg)).options == seg.options and explain(seg.why).text
            size = len(encode(seg)) - 40
            assert size <= 100 or seg.options is NO_OPTIONS or not seg.payload, seg
        for report in bench.end.take_reports():
            assert report.why is None or explain(report.why).clause
        if bench.end.gone:
            break
        balance(bench)
