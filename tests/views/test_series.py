"""Series over time: what they say agrees with the endpoints, at every moment and on every way there."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcplab.session.session import Session
from tcplab.views import plots, series
from tcplab.views.flow import ARRIVED, FLYING, LOST, NOTHING, Flow, ranges
from tcplab.views.plots import first_time
from tcplab.views.series import Series
from tcplab.views.stretch import Stretch, busy

BUSY = "client set profile rfc; server set profile rfc; link rate 5mbit; link delay 30ms; "
OPEN = "server listen 80; client connect server 80; run until idle; "


def played(*lines: str, seed: int = 1) -> Session:
    session = Session.open("sandbox", seed)
    for line in lines:
        assert all(outcome.ok for outcome in session.execute(line))
    return session


def read(session: Session) -> Series:
    found = Series()
    assert found.read(session.trace)
    return found


def columns(flow: Flow) -> tuple:
    """Everything a flow holds, comparable."""
    mark = flow.mark()
    tracks = [(list(getattr(flow, name).t), list(getattr(flow, name).v)) for name in
              ("acks", "edge", "flight", "cwnd", "ssthresh", "rtt", "srtt", "rto", "arrived", "taken")]
    spans = [(list(getattr(flow, name).t), list(getattr(flow, name).lo), list(getattr(flow, name).hi)) for name in
             ("sent", "again", "sacks", "lost")]
    return flow.src, flow.iss, mark, tracks, spans


accidents = st.fixed_dictionaries({
    "loss": st.integers(0, 15), "reorder": st.integers(0, 30), "duplicate": st.integers(0, 20)})


@settings(max_examples=12)
@given(seed=st.integers(1, 999), odds=accidents, stop=st.integers(50, 1500), sack=st.booleans())
def test_the_series_know_what_the_endpoints_know(seed, odds, stop, sack):
    impair = "; ".join(f"link {name} {value}%" for name, value in odds.items() if value)
    plain = "" if sack else "client set sack off; server set sack off; "
    session = played(BUSY + plain + OPEN, impair or "link clear",
                     f"client send 60kB; server send 20kB; run {stop}ms", seed=seed)
    found = read(session)
    assert len(found.flows) == 2
    for host in session.view().hosts:
        tcb, flow = host.newest.tcb, found.flow(host.name, 1)
        assert (flow.wire(flow.una), flow.wire(flow.nxt)) == (tcb.snd_una, tcb.snd_nxt)
        assert flow.flight.last == flow.nxt - flow.una
        assert (flow.cwnd.last, flow.ssthresh.last) == (tcb.cwnd, NOTHING if tcb.ssthresh is None else tcb.ssthresh)
        assert flow.srtt.last == tcb.srtt
        assert list(flow.acks.v) == sorted(set(flow.acks.v)) and list(flow.edge.v) == sorted(flow.edge.v)
        assert sum(hi - lo for lo, hi in flow.sacked) == tcb.sacked or not sack
        parts = sorted((lo, hi) for fate in (FLYING, ARRIVED, LOST) for lo, hi in ranges(flow, fate))
        assert all(a[1] <= b[0] for a, b in zip(parts, parts[1:], strict=False))
        assert sum(hi - lo for lo, hi in parts) == flow.nxt - flow.una
        other = found.other(flow)
        assert other is not None and found.other(other) is flow and other.src == flow.dst
        assert other.taken.last in (NOTHING, other.taken.last) and flow.arrived.last >= flow.una - 2 or not flow.una


def test_samples_of_the_round_trip_are_those_the_endpoint_took():
    session = played(BUSY + "client set timestamps off; server set timestamps off; link loss 4%; " + OPEN,
                     "client send 80kB; run until idle")
    flow = read(session).flow("client", 1)
    measured = [event.t for event in session.trace if event.kind == "rto" and event.host == "client"]
    assert set(flow.rtt.t) <= set(flow.acks.t) and len(measured) > 5
    assert len(set(measured) & set(flow.rtt.t)) > 0.8 * len(measured)  # without timestamps it times one at a time
    assert min(flow.rtt.v) >= 60_000_000
    assert max(flow.rto.v) >= flow.rto.v[0] >= 1_000_000_000


def test_a_hand_made_segment_changes_nothing_that_the_sender_knows():
    session = played(OPEN)
    before = columns(read(session).flow("client", 1))
    for line in ("client \"TCP(flags='R', seq=99)\"", "server \"TCP(flags='A', ack=1)\""):
        session.execute(f"inject from {line}; step")
    after = columns(read(session).flow("client", 1))
    assert after[2][1] == before[2][1] and after[4] == before[4]


def test_a_port_used_again_begins_a_new_flow():
    session = played(OPEN, "client abort; run until idle; client connect server 80 from 49152; run until idle")
    found = read(session)
    assert [flow.src for flow in found.flows] == ["client", "server"] * 2
    assert found.flow("client", 2) is found.flows[2] and found.other(found.flows[2]) is found.flows[3]


@settings(max_examples=10)
@given(pieces=st.lists(st.integers(1, 60), min_size=1), back=st.integers(1, 200))
def test_piece_by_piece_and_there_and_back_again(pieces, back):
    session = played(BUSY + OPEN, "link loss 5%; client send 40kB; run 700ms")
    whole, bits = read(session), Series()
    saved, series.SPACING = series.SPACING, 64
    try:
        while not bits.read(session.trace, pieces[bits.count % len(pieces)]):
            assert bits.count < len(session.trace)
        assert [columns(flow) for flow in bits.flows] == [columns(flow) for flow in whole.flows]
        session.execute(f"back {back}")
        bits.read(session.trace)
        assert [columns(flow) for flow in bits.flows] == [columns(flow) for flow in read(session).flows]
        session.execute("link loss 20%; run 300ms")
        bits.read(session.trace)
        assert [columns(flow) for flow in bits.flows] == [columns(flow) for flow in read(session).flows]
    finally:
        series.SPACING = saved


# -- plots ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def flow() -> Flow:
    session = played(BUSY + OPEN, "link loss 5%; link reorder 10%; client send 150kB; run until idle", seed=3)
    return read(session).flow("client", 1)


@pytest.mark.parametrize("name", plots.NAMES)
@pytest.mark.parametrize("most", [10, 40, 4000])
def test_a_plot_stays_inside_its_axes_and_is_thin(flow, name, most):
    whole = plots.plot_model(name, flow, most=4000)
    plot = plots.plot_model(name, flow, most=most)
    assert not plot.empty and plot.x_title == "time (s)" and "(" in plot.y_title
    assert (plot.y0, plot.y1) == (whole.y0, whole.y1) or name == "rate"  # no peak is lost
    for curve in plot.curves:
        assert len(curve.x) == len(curve.y) and len(curve.x) <= 3 * most + 80
        assert all(plot.x0 <= x <= plot.x1 for x in curve.x) and curve.x == sorted(curve.x)
        assert all(plot.y0 - 1e-9 <= y <= plot.y1 + 1e-9 for y in [*curve.y, *curve.top])
    names = {curve.glyph for curve in plot.curves}
    assert len(names) == len(plot.curves)  # told apart without colour


def test_throughput_adds_up_to_all_bytes(flow):
    plot = plots.plot_model("rate", flow)
    scale = 1e6 if "Mbit" in plot.y_title else 1e3
    good = plot.curves[-1]
    steps = zip(good.x[::2], good.x[1::2], good.y[::2], strict=True)
    bits = sum((right - left) * y * scale for left, right, y in steps)
    assert bits / 8 == pytest.approx(150_000, rel=0.01)


@given(st.integers(1, 10**12))
def test_axes_end_at_round_numbers(span):
    width = plots.bin_width(span)
    assert span / width <= 25 and str(width)[0] in "125" and set(str(width)[1:]) <= {"0"}
    value = span / 1e6
    assert value <= plots.rounded_up(value) * (1 + 1e-9) <= value * 1.7


def test_an_empty_flow_gives_empty_plots():
    nothing = Flow("client", "server", 1, 2, 7)
    assert all(plots.plot_model(name, nothing).empty or name == "rate" for name in plots.NAMES)
    with pytest.raises(KeyError):
        plots.plot_model("nonsense", nothing)


def straggling(at: int) -> Flow:
    """Forty segments in four seconds, and one more at `at` seconds."""
    flow = Flow("client", "server", 1, 2, 7)
    for t in [*range(40), at * 10]:
        flow.sent.add(t * 10**8, t, t + 1)
    return flow


def test_a_straggler_does_not_squeeze_what_was_before():
    flow, shown = straggling(200), Stretch()
    assert busy(flow) == (0, 39 * 10**8) and shown.of(flow)[1] < 5 * 10**9 and shown.squeezed(flow)
    shown.whole()
    assert shown.of(flow) == (0, 200 * 10**9) and not shown.squeezed(flow)
    assert shown.first() and not shown.first() and not Stretch().squeezed(straggling(5))


@given(st.lists(st.sampled_from("iou,.a"), max_size=20), st.integers(1, 300))
def test_any_keys_leave_a_stretch_of_what_there_is(keys, at):
    flow, shown = straggling(at), Stretch()
    whole = shown.of(flow)
    for key in keys:
        {"i": shown.closer, "o": shown.wider, "u": lambda flow: shown.whole(), ",": lambda flow: shown.move(flow, -1),
         ".": lambda flow: shown.move(flow, 1), "a": lambda flow: shown.closer(flow, 10**9)}[key](flow)
        start, end = shown.of(flow)
        assert first_time(flow) <= start < end, keys
    shown.first()
    assert shown.of(flow) == whole


def test_a_limit_far_above_all_is_named_and_not_drawn():
    flow = straggling(5)
    flow.window.add(0, 30)
    flow.flight.add(0, 10)
    near = plots.plot_model("flight", flow)
    flow.window.add(10**9, 1_000)
    far = plots.plot_model("flight", flow)
    assert not near.curves[0].above and far.curves[0].above and far.curves[0].now == "1000 bytes"
    assert far.y1 == near.y1 and max(far.curves[0].y) == 30
