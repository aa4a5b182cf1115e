"""The places where the grid stands: every state, with nothing and with something outstanding, with an open and with a
closed receive window, of active and of passive origin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tcplab.tcp import ACK, FIN, State
from tests.support import states as st

S = 1_000_000_000
Row = dict[str, str]
#: A small window, so that its edges are near.
RCVBUF = 300
#: RFC 9293 with the mitigations it recommends.
CONFIG = replace(st.CONFIG, rcvbuf=RCVBUF, mss=100, rfc6191=False, challenge_limit=10_000)
#: As it was before them.
AS_IN_793 = replace(CONFIG, rfc5961=False, rfc1337=False)


def with_text(build: Callable, **kw) -> st.Bench:
    """`build` a state whose way leads through ESTABLISHED, with 150 bytes sent there and not acknowledged."""
    bench = st.established(config=CONFIG)
    bench.end.send(b"x" * 150, 0)
    state = {st.fin_wait_1: "f", st.closing: "fF", st.close_wait: "F", st.last_ack: "Ff"}.get(build, "")
    for step in state:
        if step == "f":
            bench.end.close(0)
        else:
            bench.give(1, FIN, ack=1)
    return bench.mark()


def closed_window(build: Callable) -> st.Bench:
    """`build`, then the peer fills the receive buffer."""
    bench = build(config=CONFIG)
    una = (bench.end.status().snd_una - bench.iss) % 2**32
    for n in range(RCVBUF // 100):
        bench.give(1 + 100 * n, ACK, ack=una, text=b"z" * 100)
    assert bench.end.status().rcv_wnd == 0
    return bench.mark()


def held(build: Callable) -> st.Bench:
    """`build`, then a piece beyond a hole."""
    bench = build(config=CONFIG)
    una = (bench.end.status().snd_una - bench.iss) % 2**32
    bench.give(101, ACK, ack=una, text=b"z" * 50)
    return bench.mark()


SCENES: dict[str, Callable[[], st.Bench]] = {
    **{str(state): (lambda build=build: build(config=CONFIG)) for state, build in st.BUILD.items()},
    "TIME-WAIT, RFC 1337 off": lambda: st.time_wait(config=replace(CONFIG, rfc1337=False)),
    **{f"{state}, RFC 5961 off": (lambda build=st.BUILD[state]: build(config=AS_IN_793)) for state in (
        State.SYN_RECEIVED, State.ESTABLISHED, State.FIN_WAIT_1, State.FIN_WAIT_2, State.CLOSE_WAIT, State.CLOSING,
        State.LAST_ACK, State.TIME_WAIT)},
    "SYN-RECEIVED, active, RFC 5961 off": lambda: st.syn_received_active(config=AS_IN_793),
    "SYN-RECEIVED, active": lambda: st.syn_received_active(config=CONFIG),
    **{f"{state}, text outstanding": (lambda build=build: with_text(build)) for state, build in (
        (State.ESTABLISHED, st.established), (State.FIN_WAIT_1, st.fin_wait_1), (State.CLOSING, st.closing),
        (State.CLOSE_WAIT, st.close_wait), (State.LAST_ACK, st.last_ack))},
    **{f"{state}, closed window": (lambda build=build: closed_window(build)) for state, build in (
        (State.ESTABLISHED, st.established), (State.FIN_WAIT_1, st.fin_wait_1), (State.FIN_WAIT_2, st.fin_wait_2))},
    **{f"{state}, above a hole": (lambda build=build: held(build)) for state, build in (
        (State.ESTABLISHED, st.established), (State.FIN_WAIT_1, st.fin_wait_1), (State.FIN_WAIT_2, st.fin_wait_2))},
}


def scene(row: Row, **kw) -> st.Bench:
    return st.BUILD[State(row["from_state"])](config=replace(CONFIG, **kw))


def ends_in(bench: st.Bench, row: Row) -> None:
    assert str(bench.end.state) == row["to_state"]
    assert bench.end.gone == (row["to_state"] == "CLOSED" and row["from_state"] != "CLOSED")


def outstanding(row: Row, **kw) -> st.Bench:
    """The state, with something unacknowledged."""
    bench = scene(row, **kw)
    if row["from_state"] in ("ESTABLISHED", "CLOSE-WAIT"):
        bench.end.send(b"hello", 0)
        bench.taken()
    return bench
