"""A recording on a full disk: a command is refused, never written half, and never written later."""

from __future__ import annotations

import resource
import signal

import pytest

from tcplab.session.player import resume
from tcplab.session.recording import RecordingError, read_recording
from tcplab.session.session import Session


@pytest.fixture
def room():
    """Says how many more bytes a file may have; everything is possible again afterwards."""
    held = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (held[0] if size is None else size, held[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, held)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("more", [0, 1, 40])
def test_what_is_refused_is_neither_done_nor_written(tmp_path, room, more):
    path = tmp_path / "r.jsonl"
    session = Session.open("sandbox", seed=1, record=path)
    assert session.execute("server listen 80")[0].ok
    size = path.stat().st_size
    room(size + more)
    outcome, = session.execute("client connect server 80")
    assert not outcome.ok and "cannot write" in outcome.message
    session.mark()  # says nothing, breaks nothing
    room(None)
    assert b"connect" not in path.read_bytes() and path.read_bytes().endswith(b"\n")
    assert session.execute("client connect server 80; run until idle")[0].ok
    session.close()
    assert read_recording(path).complete
    again = resume(path)
    assert again.trace_sha256() == session.trace_sha256()
    again.recorder.abandon()


def test_no_room_for_the_trailer_is_said(tmp_path, room):
    path = tmp_path / "r.jsonl"
    session = Session.open("sandbox", seed=1, record=path)
    room(path.stat().st_size + 10)
    with pytest.raises(RecordingError, match="cannot write"):
        session.close()
    room(None)
    assert not read_recording(path).complete and session.recorder is None
