"""The words of `tcplab live`: typed as everywhere, and refused by name before any device is made."""

from __future__ import annotations

import errno

import pytest
from click.testing import CliRunner

from tcplab.cli import cli
from tcplab.live import tun
from tcplab.live.settings import SettingsError, settings


def read(**changes):
    words = {"tun": "t0", "address": "10.9.0.2/24", "peer": "10.9.0.1", "app": "echo", "knobs": (), "profile": "rfc",
             "seed": 1, "verbose": False, "link": {}}
    return settings(**words | changes)


def test_everything_is_typed():
    wanted = read(app="source 1MB", knobs=("nagle=off", "msl=100ms", "rcvbuf=20kB", "r2=none", "congestion=reno"),
                  link={"delay": "20ms", "loss": "1%", "rate": "10mbit", "limit": "100", "jitter": None})
    assert (wanted.app, wanted.amount) == ("source", 1_000_000)
    assert wanted.knobs == [("profile", "rfc"), ("nagle", False), ("msl", 100_000_000), ("rcvbuf", 20_000),
                            ("r2", None), ("congestion", "reno")]
    assert wanted.link == {"delay": 20_000_000, "loss": 10_000, "rate": 10_000_000, "limit": 100}
    assert str(wanted.peer) == "10.9.0.1/24" and wanted.far == wanted.peer.ip


def test_ipv6_and_a_host_beyond():
    wanted = read(address="fd09::2/64", peer="fd09::1", far="fd42::7")
    assert str(wanted.peer) == "fd09::1/64" and str(wanted.far) == "fd42::7"


@pytest.mark.parametrize(("changes", "word"), [
    ({"address": "10.9.0/24"}, "is not an address"), ({"address": "10.9.0.2"}, "10.9.0.2/24"),
    ({"peer": "10.8.0.1"}, "10.9.0.0/24"), ({"peer": "10.9.0.2"}, "another address"), ({"peer": "fd09::1"}, "another"),
    ({"far": "here"}, "is not an address"), ({"far": "fd09::1"}, "IP version 4"),
    ({"app": "ecko"}, "Did you mean 'echo'"), ({"app": "source"}, "source 1MB"), ({"app": "echo 5"}, "no more words"),
    ({"app": "source lots"}, "lots"), ({"profile": "moddern"}, "rfc"),
    ({"knobs": ("nagle",)}, "KNOB=VALUE"), ({"knobs": ("nagel=on",)}, "Did you mean 'nagle'"),
    ({"knobs": ("nagle=maybe",)}, "on or off"), ({"knobs": ("r1=x",)}, "whole number"), ({"knobs": ("msl=5",)}, "msl"),
    ({"link": {"loss": "5"}}, "--loss"), ({"link": {"limit": "many"}}, "--limit"),
], ids=str)
def test_what_makes_no_sense_is_named(changes, word):
    with pytest.raises(SettingsError, match=word.replace("(", ".")):
        read(**changes)


@pytest.mark.parametrize("arguments", [
    ["serve", "7", "--app", "ecko"], ["serve", "0"], ["serve", "7", "--loss", "5"], ["connect", "nobody", "7"],
], ids=str)
def test_wrong_words_exit_with_2(arguments):
    done = CliRunner().invoke(cli, ["live", *arguments])
    assert done.exit_code == 2 and "Error:" in done.output and "Traceback" not in done.output


def test_without_a_device_it_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(tun, "DEVICE", str(tmp_path / "tun"))
    done = CliRunner().invoke(cli, ["live", "serve", "7"])
    assert done.exit_code == 2 and "modprobe tun" in done.output


@pytest.mark.parametrize(("code", "word"), [(errno.EPERM, "run as root"), (errno.EBUSY, "in use by another")])
def test_without_the_right_it_is_refused(monkeypatch, tmp_path, code, word):
    (tmp_path / "tun").touch()
    monkeypatch.setattr(tun, "DEVICE", str(tmp_path / "tun"))

    def refuse(*arguments):
        raise OSError(code, "refused")

    monkeypatch.setattr(tun.fcntl, "ioctl", refuse)
    done = CliRunner().invoke(cli, ["live", "connect", "10.9.0.1", "7"])
    assert done.exit_code == 2 and word in done.output


@pytest.mark.parametrize("name", ["", "a" * 16, "a b", "a/b"])
def test_a_device_has_a_short_name(name):
    done = CliRunner().invoke(cli, ["live", "serve", "7", "--tun", name])
    assert done.exit_code == 2 and "1 to 15 characters" in done.output
