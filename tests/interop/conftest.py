"""Namespaces for the tests against the kernel; where there can be none they skip and say why."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.interop.netns import Namespace, obstacle
from tests.interop.rig import judged

#: `make interop` asks for the whole of it.
FULL = os.environ.get("TCPLAB_INTEROP") == "full"
_why_not = cache(obstacle)


@pytest.fixture(scope="module")
def namespace() -> Iterator[Namespace]:
    reason = _why_not()
    if reason:
        pytest.skip(reason)
    with Namespace() as namespace:
        namespace.sysctl("net.ipv4.tcp_ecn", 1)
        yield namespace


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where benches keep their packets, a module in one file; tshark must find nothing wrong with them."""
    path = tmp_path_factory.mktemp("interop") / "wire.pcap"
    yield path
    if path.exists():
        complaints = judged(path)
        path.unlink()
        if complaints is None:
            print("tshark is not on this machine: the capture was not judged")
        assert not complaints, complaints[:4000]


@pytest.fixture
def full() -> None:
    if not FULL:
        pytest.skip("part of make interop only")
