"""Header prediction is a short cut and nothing else: with it and without it the same facts come about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tcplab.net.network import Network
from tcplab.net.trace import event_facts
from tcplab.tcp import prediction
from tcplab.tcp.config import PROFILES

MS = 1_000_000
LINKS = {
    "clean": {},
    "narrow": {"rate": (2_000_000, 8)},
    "lossy": {"loss": 20_000, "duplicate": 10_000},
    "shuffled": {"jitter": 15 * MS, "reorder": 50_000},
    "corrupting": {"corrupt": 30_000},
}


def story(link: str, app: str, profile: str, knobs: dict[str, object]) -> tuple[list[dict], int]:
    """Everything that happens when 60 kB go to `app`, and 5 kB come back; and how many steps that takes."""
    config = replace(PROFILES[profile], **knobs)
    net = Network(link={"delay": 20 * MS, **LINKS[link]}, seed=7, configs=config)
    net.sink = []
    net.listen("server", 80)
    net.set_app("server", None, app)
    net.connect("client", "server", 80)
    net.send_n("client", None, 60_000)
    steps = 0
    while not net.idle() and net.step():
        steps += 1
        if steps == 40:
            net.send_n("server", None, 5000)
        if steps == 60:
            net.recv("server", None, 3000) if app == "none" else net.close("client", None)
        assert steps < 20_000
    return [event_facts(event) for event in net.sink], steps


@pytest.mark.parametrize("knobs", [{}, {"timestamps": False}, {"sack": False}, {"recovery": "rack"}, {"ecn": True},
                                   {"delack": False, "nagle": False}, {"user_timeout_ns": 9000 * MS}],
                         ids=lambda knobs: " ".join(knobs) or "rfc")
@pytest.mark.parametrize("app", ["sink", "echo", "none"])
@pytest.mark.parametrize("link", LINKS)
def test_the_short_way_and_the_long_way_tell_the_same_story(link, app, knobs, monkeypatch):
    taken, short = prediction.taken, []

    def counted(*arguments):
        short.append(taken(*arguments))
        return short[-1]

    monkeypatch.setattr(prediction, "taken", counted)
    with_it = story(link, app, "rfc", knobs)
    monkeypatch.setattr(prediction, "taken", lambda *_: False)
    assert with_it == story(link, app, "rfc", knobs)
    assert any(short) is not bool(knobs.get("ecn"))


@pytest.mark.parametrize("link", LINKS)
def test_it_makes_no_difference_whether_anybody_listens(link):
    """The hot paths ask whether reports are wanted; what travels must not depend on the answer."""
    ends = []
    for sink in ([], None):
        net = Network(link={"delay": 20 * MS, **LINKS[link]}, seed=3, configs=PROFILES["rfc"])
        net.sink = sink
        net.listen("server", 80)
        net.connect("client", "server", 80)
        net.send_n("client", None, 100_000)
        while not net.idle() and net.step():
            pass
        ends.append((net.now, net.next_id, net.counters, net.host_view("client"), net.host_view("server")))
    assert ends[0] == ends[1]
