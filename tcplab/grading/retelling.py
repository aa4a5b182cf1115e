"""What was played, told again: how time passed, what was seen and how it ended; and whether a lab ends the same."""

from __future__ import annotations

from collections.abc import Iterator

from tcplab.grading.pupils import Reference, SolutionError
from tcplab.lab.lesson import Lab
from tcplab.net.trace import SegmentRecord
from tcplab.notation.expr import compile_expr
from tcplab.notation.units import format_time
from tcplab.session.session import Session
from tcplab.tcp.segment import ACK, FIN, RST, SYN

_MOST_SEEN = 6


def calmed(session: Session) -> Session:
    """The same without haste: what was typed while time still ran is typed when it has run out, if every host still
    sends and loses the same and ends the same. Else the session itself."""
    exact, calm = Session(session.lab, session.seed), Session(session.lab, session.seed)
    for n, t, command in session.timeline.done:
        passed = let_pass(exact, n, t)
        for line in passed if exact.idle() else ["run until idle"] if passed else []:
            calm.execute(line)
        if exact.carry_out(command).ok:
            calm.execute(command.text)
    for one in (exact, calm):
        one.execute("run until idle")
    return calm if facts_of(exact) == facts_of(calm) and story(exact) == story(calm) else session


def let_pass(session: Session, n: int, t: int) -> list[str]:
    """Let time run to step `n` and instant `t` (ns); the commands that do the same."""
    began, steps = session.now, n - session.timeline.n
    first_idle = 0 if session.idle() else None
    for step in range(1, steps + 1):
        session.advance_one()
        if first_idle is None and session.idle():
            first_idle = step  # `run until idle` goes so far and no farther: not through TIME-WAIT
    if steps and first_idle is None:
        session.advance_clock(t)
        if not session.due_now():
            return [f"run {format_time(t - began)}"]  # a part of the way, as it is typed
    lines = ["run until idle"] if first_idle else []
    if steps > (first_idle or 0):
        lines.append(f"step {steps - (first_idle or 0)}")
    if session.now < t:
        lines.append(f"run {format_time(t - session.now)}")
        session.advance_clock(t)
    return lines


def facts_of(session: Session) -> dict[str, object]:
    """What a goal may name, now."""
    names = [f"{host}.{name}" for host in session.lab.host_names for name in ("state", "bytes_received")]
    return {name: session.evaluate(compile_expr(name)) for name in names}


def seen(session: Session) -> list[str]:
    """The MATCHes that tell this run from others, in order: what opens, closes, resets, is lost or repeated."""
    found: list[str] = []
    for event in session.trace:
        if event.kind not in ("sent", "lost") or event.seg is None:
            continue
        words = f"{event.seg.src} {_word(event.seg)}"
        if event.kind == "lost":
            words += " lost"
        elif event.seg.repeated:
            words += " repeated"
        elif not event.seg.segment.flags & (SYN | FIN | RST):
            continue
        if not found or found[-1] != words:
            found.append(words)
    return found[:_MOST_SEEN]


def _word(seg: SegmentRecord) -> str:
    flags = seg.segment.flags
    if flags & SYN:
        return "SYN-ACK" if flags & ACK else "SYN"
    return "RST" if flags & RST else "FIN" if flags & FIN else "DATA" if seg.segment.payload else "ACK"


def story(session: Session) -> dict[str, list[tuple]]:
    """What each host sent and what was lost of it, in its order, and why it was sent again; without the times."""
    told: dict[str, list[tuple]] = {host: [] for host in session.lab.host_names}
    for event in session.trace:
        if event.kind in ("sent", "lost") and event.seg is not None:
            segment, repeated = event.seg.segment, event.seg.repeated
            why = event.why.code if event.why is not None and repeated else ""
            told[event.seg.src].append(
                (event.kind, segment.flags, segment.seq, len(segment.payload), repeated, why))
    return told


def differences(session: Session, lab: Lab) -> Iterator[str]:
    """In what the tasks of a written lab, done as its solution says, end otherwise than what was played."""
    try:
        done = Reference(lab._replace(steps=lab.steps[:-1]), session.seed).play()
    except SolutionError:
        return  # lint tells it
    exact = Session(session.lab, session.seed)
    for n, t, command in session.timeline.done:
        let_pass(exact, n, t)
        exact.carry_out(command)
    let_pass(exact, session.timeline.n, session.now)
    for one in (exact, done):
        one.execute("run until idle")
    played, written = facts_of(exact), facts_of(done)
    others = [f"{name} is {written[name]}, not {value}" for name, value in played.items() if written[name] != value]
    if others:
        yield f"its solution ends otherwise than what was played: {'; '.join(others)}. Compare the commands."
    elif story(exact) != story(done):
        yield "its solution ends as what was played, but other segments are sent or lost on the way. Compare them."
