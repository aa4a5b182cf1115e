"""What a hand-in is worth: the one result object behind every report, computed from a session that was played.

The keys are a contract (schema ``tcplab/result/1``); sequence numbers are absolute, times virtual nanoseconds.
"""

from __future__ import annotations

import re

from tcplab import __version__
from tcplab.grading.clean import cleaned
from tcplab.grading.wrongs import seedless, spelled
from tcplab.lab.lesson import Step
from tcplab.net.views import ConnView, HostView
from tcplab.session.guide import Progress
from tcplab.session.recording import BEHAVIOUR
from tcplab.session.session import Session
from tcplab.tcp.state import State

SCHEMA = "tcplab/result/1"

#: Commands named in a text, and holes of a text whose step never began.
_MARK = re.compile(r"\[\[(.*?)\]\]")
_HOLE = re.compile(r"\{\{.*?\}\}")


def result_of(session: Session, *, seed_source: str, complete: bool, status: str = "graded",
              error: str | None = None, threshold: int | None = None) -> dict:
    """The result of a session as it stands. `threshold` is in percent of the points (None: full marks)."""
    guide = session.guide
    guide.settle_predictions()
    world = session.timeline.world
    return cleaned({
        **_frame(session.lab.id, session.lab.title, session.lab.logic_sha256, session.seed, seed_source,
                 session.student),
        "complete": complete,
        "status": status,
        "score": guide.score,
        "max_score": guide.max_score,
        "passed": status == "graded" and reaches(guide.score, guide.max_score, threshold),
        "virtual_time_ns": session.now,
        "trace_sha256": session.trace_sha256(),
        "steps": [_step(plan, progress, session.seed) for plan, progress in guide.progress_items()],
        "hosts": {name: _host(world.host_view(name)) for name in world.hosts},
        "counters": dict(world.counters),
        "error": error,
        "words": {plan.id: progress.asked.shown for plan, progress in guide.progress_items()
                  if progress.asked is not None and plan.question is not None and plan.question.kind == "words"},
    })


def failed_result(lab: object | None, lab_id: str, status: str, error: str, seed: int | None = None,
                  student: str | None = None) -> dict:
    """The result of what could not be graded; all keys are there, the score is 0."""
    points = sum(step.points for step in lab.steps) if lab is not None else 0
    return cleaned({
        **_frame(lab_id, lab.title if lab else "", lab.logic_sha256 if lab else "", seed, "none", student),
        "complete": False, "status": status, "score": 0, "max_score": points, "passed": False, "virtual_time_ns": 0,
        "trace_sha256": "", "steps": [], "hosts": {}, "counters": {}, "error": error, "words": {},
    })


def _frame(lab_id: str, title: str, sha256: str, seed: int | None, source: str, student: str | None) -> dict:
    return {
        "schema": SCHEMA, "tcplab": __version__, "behaviour": BEHAVIOUR,
        "lab": {"id": lab_id, "title": title, "sha256": sha256},
        "seed": seed, "seed_source": source, "student": student,
    }


def percent_of(threshold: str | int | None) -> int | None:
    """What it takes to pass as a whole percentage: ``60%``, ``60`` (text or number), or None for full marks. Raises
    ValueError for all else: 0.6 would be read as less than one percent."""
    if threshold is None or (type(threshold) is int and 0 <= threshold <= 100):
        return threshold
    digits = threshold.strip().removesuffix("%") if isinstance(threshold, str) else ""
    if digits.isascii() and digits.isdigit() and len(digits) < 4 and int(digits) <= 100:
        return int(digits)
    raise ValueError(f"threshold {threshold}: give a percentage from 0% to 100%, such as 60%")


def reaches(score: int, max_score: int, threshold: int | None) -> bool:
    """Whether a score passes. A lab without points is passed with 0 of 0."""
    return score * 100 >= max_score * (100 if threshold is None else threshold)


def _step(plan: Step, progress: Progress, seed: int) -> dict:
    verdict = progress.verdict
    passed = progress.status == "done"
    check = {
        "text": _MARK.sub(r"`\1`", progress.text) if progress.text else _HOLE.sub("…", plan.text.plain),
        "passed": passed,
        "expected": verdict.expected if verdict else None,
        "got": verdict.got if verdict else (progress.asked.shown if progress.asked else None),
        "why": verdict.why if verdict else "",
        "at_ns": verdict.at if verdict else None,
        "segments": list(verdict.segments) if verdict else [],
    }
    check |= {f"{key}_text": text for key in ("expected", "got")
              if (text := spelled(plan, check[key], seed)) is not None}
    return {"id": plan.id, "kind": plan.kind, "title": plan.title, "score": progress.score,
            "max_score": plan.points, "passed": passed, "checks": [] if plan.kind == "say" else [check],
            "status": progress.status, "hints_used": progress.hints,
            "answer": progress.asked.shown if progress.asked else None, "wrong_as": seedless(plan, progress)}


def _host(host: HostView) -> dict:
    newest = host.newest
    state = newest.tcb.state if newest else (State.LISTEN.value if host.listening else State.CLOSED.value)
    return {"state": str(state), "connections": [_connection(conn) for conn in host.connections]}


def _connection(conn: ConnView) -> dict:
    tcb = conn.tcb
    return {
        "n": conn.n,
        "local": _socket(tcb.local),
        "remote": _socket(tcb.remote),
        "state": str(tcb.state),
        "gone": tcb.gone,
        "iss": tcb.iss, "irs": tcb.irs, "snd_una": tcb.snd_una, "snd_nxt": tcb.snd_nxt, "rcv_nxt": tcb.rcv_nxt,
        "bytes_sent": tcb.bytes_sent,
        "bytes_received": tcb.bytes_received,
        "segments_retransmitted": tcb.segments_retransmitted,
    }


def _socket(address: tuple[str, int] | None) -> str | None:
    if address is None:
        return None
    ip, port = address
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"
