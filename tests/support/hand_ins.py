"""Hand-ins for the tests of the grader: honest recordings, ten kinds of forgery, and files that mean harm."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tcplab.grading.pupils import Reference
from tcplab.lab.lesson import Lab
from tcplab.lab.loader import read_lab
from tcplab.session.build import student_seed
from tcplab.session.recording import Recorder, Seal

TINY = """\
tcplab: 1
id: tiny
title: Tiny
steps:
  - {id: open, task: Open a connection., goal: client.state == 'ESTABLISHED', points: 4, hints: [Listen first.]}
  - {id: number, ask: Which number does the server expect next?, answer: server.rcv_nxt, points: 6,
     wrong: {client.iss: The SYN takes one.}}
  - {id: words, ask: Why does it expect that?, words: true}
solution:
  open: [server listen 80, client connect server 80, run until idle]
  number: [answer right]
  words: [answer because]
"""


def tiny() -> Lab:
    """A lab of three steps."""
    return read_lab(TINY, "tiny.yaml")


def recording(tmp_path, lab: Lab, student: str | None = "ada", attempt: int = 1, pause: int = 20,
              finish: bool = True) -> bytes:
    """The reference solution as that student's recording; a command every `pause` seconds of the wall clock."""
    seed = student_seed(lab.id, student, attempt) if student is not None else 1
    path = tmp_path / f"made-{student}-{attempt}.jsonl"
    moments = iter(range(0, 100_000 * pause, pause)) if pause else iter(lambda: 0, 1)
    start = datetime(2026, 11, 20, 10, tzinfo=UTC)
    pupil = Reference(lab, seed)
    header = {"behaviour": 1, "tcplab": "0.1.0", "lab": {"id": lab.id, "sha256": lab.logic_sha256}, "seed": seed,
              "student": student, "attempt": attempt}
    recorder = Recorder(path, header, lambda: (start + timedelta(seconds=next(moments))).isoformat())
    session = pupil.play(recorder)
    if finish:
        session.close()
    data = path.read_bytes()
    path.unlink()
    return data


def script(answer: str = "1", words: str = "because") -> bytes:
    """A script for the tiny lab."""
    return (f"server listen 80; client connect server 80\nrun until idle\nanswer {answer}\n"
            f"answer {words}\n").encode()


def _lines(data: bytes) -> list[dict]:
    return [json.loads(line) for line in data.splitlines()]


def _bytes(lines: list[dict]) -> bytes:
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def sealed(data: bytes) -> bytes:
    """The recording with the hash of its lines made anew, as one who has read the source can do it."""
    lines, seal = _lines(data), Seal()
    for line in lines:
        seal.add(line)
    lines[-1]["lines_sha256"] = seal.hexdigest()
    return _bytes(lines)


def without_hash(data: bytes) -> bytes:
    """The recording as older versions wrote it: its trailer holds no hash of the lines."""
    return _edited(lambda lines: lines[-1].pop("lines_sha256"))(data)


def _edited(change: Callable[[list[dict]], None]) -> Callable[[bytes], bytes]:
    def edit(data: bytes) -> bytes:
        lines = _lines(data)
        change(lines)
        return _bytes(lines)

    return edit


def _answer(lines: list[dict]) -> dict:
    return next(line for line in lines if line.get("cmd", "").startswith("answer"))


def _command(lines: list[dict]) -> dict:
    return next(line for line in lines if line.get("cmd", "").startswith("client connect"))


def _swap(lines: list[dict]) -> None:
    first = next(index for index, line in enumerate(lines) if line.get("cmd", "").startswith("client connect"))
    lines[first], lines[first + 1] = lines[first + 1], lines[first]


def _drop(lines: list[dict]) -> None:
    lines.remove(_command(lines))


def _own_header(lines: list[dict]) -> None:
    """The header of the forger (student `eve`, her seed) over somebody else's commands."""
    lines[0] |= {"student": "eve", "seed": student_seed(lines[0]["lab"]["id"], "eve", 1), "attempt": 1}


#: Ways to improve on a recording of `ada` that is handed in as hers (or, the first two, as eve's).
FORGERIES: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "another student's file": ("eve", lambda data: data),
    "another student's commands under one's own header": ("eve", _edited(_own_header)),
    "an answer changed": ("ada", _edited(lambda lines: _answer(lines).update(cmd="answer 1"))),
    "a command changed": ("ada", _edited(lambda lines: _command(lines).update(cmd="server connect client 80"))),
    "a command left out": ("ada", _edited(_drop)),
    "commands swapped": ("ada", _edited(_swap)),
    "an instant moved": ("ada", _edited(lambda lines: _answer(lines).update(t_ns=_answer(lines)["t_ns"] + 1))),
    "a step number moved": ("ada", _edited(lambda lines: _answer(lines).update(n=_answer(lines)["n"] - 1))),
    "the seed of the header changed": ("ada", _edited(lambda lines: lines[0].update(seed=4711))),
    "the trailer's hash changed": ("ada", _edited(lambda lines: lines[-1].update(trace_sha256="0" * 64))),
    "another attempt's number": ("ada", _edited(lambda lines: lines[0].update(attempt=2))),
    "the lab's hash in the header changed": (
        "ada", _edited(lambda lines: lines[0]["lab"].update(sha256="0" * 64))),
    "other rules claimed, the right answer put in": ("ada", _edited(lambda lines: lines[0].update(behaviour=99))),
    "a line behind the end": ("ada", _edited(lambda lines: lines.append({"t_ns": 0, "n": 0, "cmd": "answer 1"}))),
}

_SHA = _edited(lambda lines: lines[0]["lab"].update(sha256="0" * 64))
_RULES = _edited(lambda lines: lines[0].update(behaviour=0))
#: Recordings of another world, so that lines cannot be held against what happens: these are marked, not refused.
LOOSE: dict[str, Callable[[bytes], bytes]] = {
    "another state of the lab": lambda data: sealed(_SHA(data)),
    "other rules of behaviour": lambda data: sealed(_RULES(data)),
    "other rules, and no hash": lambda data: without_hash(_RULES(data)),
}


def bomb(size: int = 20_000_000) -> bytes:
    """A zip file with one member that shrinks a thousandfold."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("r.jsonl", b"0" * size)
    return out.getvalue()


def zipped(members: dict[str, bytes], links: tuple[str, ...] = ()) -> bytes:
    """A zip file with these members; those in `links` are marked as symbolic links."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (0o120777 if name in links else 0o100644) << 16
            archive.writestr(info, data)
    return out.getvalue()


#: Files that mean harm: name and bytes. Each has to be marked, none may stop a batch.
HOSTILE: dict[str, bytes] = {
    "bomb.zip": bomb(),
    "outside.zip": zipped({"../../evil.jsonl": b"{}", "/etc/evil.jsonl": b"{}", "C:\\evil.jsonl": b"{}"}),
    "link.zip": zipped({"link.jsonl": b"/etc/passwd"}, links=("link.jsonl",)),
    "many.zip": zipped({"mine.zip": zipped({f"{number}.jsonl": b"" for number in range(10_000)})}),
    "nested.zip": zipped({"a.zip": zipped({"b.zip": zipped({"c.jsonl": b"{}"})})}),
    "broken.zip": bomb(100_000)[:-30],
    "empty.jsonl": b"",
    "noise.jsonl": bytes(range(256)) * 50,
    "deep.jsonl": b"[" * 100_000,
    "deep-object.jsonl": b'{"a":' * 100_000,
    "long-line.jsonl": b"{" + b" " * 3_000_000 + b"}\n",
    "huge-number.jsonl": b'{"format":"tcplab/recording/1","seed":' + b"9" * 5000 + b"}\n",
    "escape.txt": b"client \x1b]0;owned\x07\x1b[2Jclose\n",
    "endless.txt": b"answer 1; " * 2_000,
}
