"""What a lab may begin with: every knob that `set` turns and every setting of the link has its key."""

import pytest

from tcplab.lab import LabError, read_lab
from tcplab.lab.lesson import LinkSettings
from tcplab.lab.model import Direction, Host
from tcplab.lab.schema import json_schema
from tcplab.net.link import _FIELDS
from tcplab.net.options import FIELD, OPTIONS
from tcplab.session.build import network
from tcplab.tcp import Config

from .samples import checker

LAB = "tcplab: 1\nid: world\ntitle: A world\n{}\nsteps: [{{id: read, say: Read this.}}]\n"
#: Spelt otherwise, for the sake of older files.
OTHERWISE = {"delack-timeout": "delack_time"}
VALUES = {"switch": ("off", "on"), "time": ("400ms", "500s"), "size": ("900", "2kB"), "number": ("4", "3")}
SPECIAL = {"congestion": ("cubic", "tahoe"), "recovery": ("rack", "reno"), "delack-timeout": ("40ms", "90ms"),
           "pmtu-retry": ("6min", "7min")}
KNOBS = [knob for knob in OPTIONS if knob not in ("profile", "reading", "cwnd")]


def world(text):
    return network(read_lab(LAB.format(text), "world.yaml", checker), 1, [])


def key_of(knob):
    return OTHERWISE.get(knob, knob.replace("-", "_"))


@pytest.mark.parametrize("knob", KNOBS)
def test_every_knob_can_be_set_in_a_lab(knob):
    kind, field = OPTIONS[knob], FIELD[knob]
    values = SPECIAL.get(knob) or VALUES[kind.removesuffix(" or none")]
    values += ("none",) if kind.endswith("or none") and knob != "iw" and knob != "iss" else ()
    got = []
    for value in values:
        net = world(f"hosts: {{client: {{{key_of(knob)}: {value}}}, server: {{}}}}")
        got.append(getattr(net.host("client").config, field))
    assert len(set(got)) == len(values) and (got[-1] is None) == (values[-1] == "none")
    assert getattr(net.host("server").config, field) == getattr(Config(), field)


def test_a_constant_window_brings_the_control_that_has_one():
    config = world("hosts: {client: {cwnd: 4kB}, server: {}}").host("client").config
    assert (config.congestion, config.cwnd_fixed) == ("fixed", 4000)


def test_every_setting_of_the_link_can_be_set_in_a_lab():
    told_otherwise = {"up", "unreachable"}  # accidents: `start:` and `do:` have commands for them
    assert set(_FIELDS) - told_otherwise <= set(Direction.model_fields)
    net = world("link: {rate: 10mbit, ecn: 5, every: 7, jitter: 5ms, distribution: normal, mtu: 1300,\n"
                "       client: {gemodel: 1% 30% 90%}}")
    first, second = net.ways
    for way in (first, second):
        settings = way.settings
        assert (settings.ecn, settings.every, settings.distribution, settings.mtu) == (5, 7, "normal", 1300)
    assert tuple(first.settings.burst)[:3] == (10_000, 300_000, 900_000) and second.settings.burst is None


@pytest.mark.parametrize("text, words", [
    ("hosts: {client: {congestion: bbr}, server: {}}", "cubic"),
    ("hosts: {client: {r2: many}, server: {}}", "whole number, or none"),
    ("hosts: {client: {keepalive: 30}, server: {}}", "unit"),
    ("hosts: {client: {renige: on}, server: {}}", "Did you mean 'renege'"),
    ("hosts: {client: {keepalive_count: 1}, server: {}}", "2"),
    ("link: {gemodel: 1%}", "two to four chances"),
    ("link: {gemodel: 1% often}", "'often' is not a number"),
    ("link: {ecn: 0}", "1"),
    ("link: {distribution: even}", "uniform"),
])
def test_what_cannot_be_is_named(text, words):
    with pytest.raises(LabError) as caught:
        world(text)
    assert words in str(caught.value)


def test_the_schema_for_editors_knows_them():
    properties = json_schema()["$defs"]["Host"]["properties"]
    assert set(properties) == set(Host.model_fields)
    assert {"ecn", "gemodel"} <= set(json_schema()["$defs"]["Link"]["properties"])
    assert LinkSettings("client").gemodel == ()
