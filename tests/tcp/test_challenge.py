"""Blind attacks and their answers: RFC 5961, switched on and off."""

from dataclasses import replace

import pytest

from tcplab.tcp import ACK, FIN, RST, SYN, SYNCHRONIZED, State
from tests.support import states as st

S = 10**9
OFF = replace(st.CONFIG, rfc5961=False)
ALL = sorted(SYNCHRONIZED - {State.TIME_WAIT})


def right(bench):
    """RCV.NXT relative to the peer's SYN, and the window."""
    view = bench.end.status()
    return (view.rcv_nxt - st.IRS) % 2**32, view.rcv_wnd


def acks(segments):
    return [s.why.code for s in segments if s.letters == "."]


@pytest.mark.parametrize("state", ALL)
def test_only_the_exact_rst_counts(state):  # RFC 5961 3.2 [5961-01, 5961-02, 5961-03]
    for offset in ("next", "edge"):
        bench = st.BUILD[state]()
        nxt, wnd = right(bench)
        seq = nxt + 1 if offset == "next" else nxt + wnd - 1
        assert acks(bench.give(seq, RST)) == ["ack-challenge-rst"] and bench.end.state is state
    bench = st.BUILD[state]()
    nxt, wnd = right(bench)
    assert bench.give(nxt - 1, RST) == [] and bench.give(nxt + wnd, RST) == [] and bench.end.state is state
    bench.give(nxt, RST)
    assert bench.end.gone


@pytest.mark.parametrize("state", ALL)
def test_a_syn_is_challenged_whatever_its_number(state):  # RFC 5961 4.2 [5961-05]
    bench = st.BUILD[state]()
    nxt, wnd = right(bench)
    for seq in (nxt, nxt + wnd - 1, nxt - 5000, nxt + wnd + 5000):
        assert acks(bench.give(seq, SYN)) == ["ack-challenge-syn"], seq
        assert bench.end.state is state


def test_a_restarted_peer_answers_the_challenge_with_a_rst():  # [5961-06]
    bench = st.established()
    challenge, = bench.give(77, SYN)
    nxt, _ = right(bench)
    bench.give(challenge.ack - st.IRS, RST)
    assert challenge.ack - st.IRS == nxt and bench.end.gone


@pytest.mark.parametrize("flags, text", [(ACK, b"evil"), (FIN, b""), (ACK, b"")])
def test_acks_from_before_any_window_are_guesses(flags, text):  # RFC 5961 5.2 [5961-07, 5961-08, MAY-12]
    bench = st.established(wnd=1000)
    for n in range(40):  # SND.UNA goes to 4001
        bench.end.send(b"x" * 100, 0)
        bench.give(1, 0, ack=101 + 100 * n, wnd=500 if n else 1000)
    bench.mark()
    lowest = 4001 - 1000  # MAX.SND.WND is the largest window ever [5961-09]
    sent = bench.give(1, flags, ack=lowest - 1, text=text)
    assert acks(sent) == ["ack-challenge-ack"]
    assert bench.end.state is State.ESTABLISHED and bench.end.readable == 0
    assert "drop-ack-too-old" in [r.why.code for r in bench.end.take_reports() if r.kind == "dropped"]
    bench.give(1, flags, ack=lowest, text=text)  # old, but possible: only the ACK number is ignored
    assert bench.end.readable == len(text)
    assert bench.end.state is (State.CLOSE_WAIT if flags == FIN else State.ESTABLISHED)


def test_a_flood_is_answered_by_ten_in_five_seconds():  # [5961-10]
    bench = st.established()
    sent = [s for _ in range(1000) for s in bench.give(50, RST)]
    assert len(sent) == 10
    assert any(r.why.code == "challenge-throttled" for r in bench.end.take_reports())
    bench.wait(5 * S - 1)
    assert bench.give(50, RST) == []
    bench.wait(1)
    assert len(bench.give(50, SYN)) == 1


def test_the_budget_can_be_set():  # [5961-11]
    bench = st.established(config=replace(st.CONFIG, challenge_limit=2, challenge_ns=S))
    assert sum(len(bench.give(50, flags)) for flags in (RST, SYN, RST, SYN)) == 2
    bench.wait(S)
    assert sum(len(bench.give(1, 0, ack=9999)) for _ in range(5)) == 2  # what was never sent is questioned as well


def test_each_connection_has_its_own_budget():  # [5961-12]
    one, other = st.established(), st.established()
    for _ in range(20):
        one.give(50, RST)
    assert one.give(50, RST) == [] and len(other.give(50, RST)) == 1


def test_the_budget_does_not_hold_back_ordinary_acks():
    bench = st.established()
    for _ in range(20):
        bench.give(50, RST)
    assert acks(bench.give(1, 0, ack=1, text=b"x")) == ["ack-data"]
    assert acks(bench.give(1, 0, ack=1, text=b"x")) == ["ack-unacceptable"]


# -- without it ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("state", ALL)
def test_without_5961_any_rst_in_the_window_counts(state):
    bench = st.BUILD[state](config=OFF)
    nxt, wnd = right(bench)
    bench.give(nxt + wnd - 1, RST)
    assert bench.end.gone


@pytest.mark.parametrize("state", [*ALL, State.TIME_WAIT])
def test_without_5961_a_syn_in_the_window_resets(state):
    bench = st.BUILD[state](config=OFF)
    nxt, _ = right(bench)
    sent = bench.give(nxt, SYN)
    assert [s.letters for s in sent] == ["R."] and bench.end.gone and bench.end.error == "connection reset"


def test_without_5961_old_acks_are_just_old():
    bench = st.established(config=OFF, wnd=1000)
    bench.give(1, ACK, ack=-5000, text=b"kept")
    assert bench.end.readable == 4
