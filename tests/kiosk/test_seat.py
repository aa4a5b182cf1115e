"""A learner's place: made, refused, taken over from whoever sits there, with a journal that holds whole lines."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys

import pytest

from tcplab.grading import kept
from tcplab.kiosk import seat as seats
from tcplab.kiosk.seat import Seat, SeatError, holder, sits_there

SITTER = """
import signal, sys
from pathlib import Path
from tcplab.kiosk.seat import Seat, TAKEN_OVER
if sys.argv[2] == "stubborn": signal.signal(TAKEN_OVER, signal.SIG_IGN)
seat = Seat(Path(sys.argv[1]), "ada")
seat.sit()
print("sits", flush=True)
signal.pause()
signal.pause()
"""


def sitter(folder, manner=""):
    process = subprocess.Popen([sys.executable, "-c", SITTER, str(folder), manner], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "sits\n"
    return process


def test_a_new_login_ends_the_old_one(tmp_path):
    old, new = sitter(tmp_path), Seat(tmp_path, "ada")
    assert sits_there(new.folder)
    assert new.sit() is True
    assert old.wait(10) == -seats.TAKEN_OVER
    new.rise()
    assert not sits_there(new.folder)


def test_one_that_does_not_listen_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(seats, "PATIENCE_S", 0.3)
    old, new = sitter(tmp_path, "stubborn"), Seat(tmp_path, "ada")
    assert new.sit() is True and old.wait(10) == -signal.SIGKILL
    new.rise()


def test_the_kernel_says_who_sits_there_so_nothing_is_stale_after_a_crash(tmp_path):
    old, new = sitter(tmp_path), Seat(tmp_path, "ada")
    handle = os.open(new.folder / seats.LOCK, os.O_RDWR)
    assert holder(handle) == old.pid
    old.kill()
    old.wait(10)
    assert holder(handle) == 0
    os.close(handle)
    assert new.sit() is False  # nobody was asked, nobody was signalled
    new.rise()


def test_another_learner_is_left_in_peace(tmp_path):
    old, other = sitter(tmp_path), Seat(tmp_path, "bob")
    assert other.sit() is False and old.poll() is None
    other.rise()
    old.kill()
    old.wait(10)


def test_a_link_or_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / kept.LEARNERS).mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / kept.LEARNERS / "ada").symlink_to(tmp_path / "elsewhere")
    (tmp_path / kept.LEARNERS / "bob").write_text("")
    for name in ("ada", "bob"):
        with pytest.raises(SeatError, match="Tell your instructor"):
            Seat(tmp_path, name).sit()


def test_a_full_disk_is_said_at_the_door(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "statvfs", lambda path: type("Full", (), {"f_bavail": 1, "f_frsize": 4096}))
    with pytest.raises(SeatError, match="disk under .* is full"):
        Seat(tmp_path, "ada").sit()


def test_the_journal_holds_whole_lines_whatever_happens(seat):
    seat.note("login", took_over=False)
    journal = seat.folder / kept.JOURNAL
    size = journal.stat().st_size
    held = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, held[1]))
        with pytest.raises(OSError):
            seat.note("open", lab="handshake", attempt=1)
        seat.try_note("step", lab="handshake")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, held)
        signal.signal(signal.SIGXFSZ, handler)
    assert journal.stat().st_size == size
    journal.write_bytes(journal.read_bytes() + b'{"half":')
    seat.note("open", lab="handshake", attempt=1)
    assert [line["event"] for line in seat.journal()] == ["login", "open"]


def test_attempts_are_numbered_above_all_that_are_known(seat, play):
    assert seat.next_attempt("handshake") == 1
    first, second = play("handshake"), play("handshake")
    assert (first.name, second.name) == ("handshake.001.jsonl", "handshake.002.jsonl")
    assert play("handshake-loss").name == "handshake-loss.001.jsonl"
    second.unlink()
    assert seat.next_attempt("handshake") == 3  # the journal remembers it
    (seat.folder / kept.JOURNAL).unlink()
    assert seat.next_attempt("handshake") == 2  # the files do
