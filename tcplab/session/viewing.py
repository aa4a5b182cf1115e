"""Making frozen views of a session: the one place that reads everything and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tcplab.lab.lesson import Step
from tcplab.notation.units import format_time
from tcplab.session import judge
from tcplab.session.views import GuideView, SessionView, StepMark

if TYPE_CHECKING:
    from tcplab.session.guide import Guide
    from tcplab.session.session import Session


def session_view(session: Session) -> SessionView:
    """Everything at this instant."""
    timeline = session.timeline
    world = timeline.world
    return SessionView(
        t=timeline.now,
        n=timeline.n,
        next_at=timeline.next_at(),
        idle=session.idle(),
        awaiting=awaiting(session),
        seed=None if session.veiled else session.seed,
        hosts=tuple(world.host_view(name) for name in world.hosts),
        link=world.link_view(),
        in_flight=tuple(world.in_flight()),
        guide=guide_view(session.guide),
        coverage=tuple(timeline.path.edges),
        can_back=timeline.base is not None and timeline.n > timeline.base.n,
        undone=len(timeline.undone),
    )


_TIMER_NAMES = {"rtx": "retransmission timer", "persist": "persist timer", "delack": "delayed-ACK timer",
                "time-wait": "TIME-WAIT timer", "user": "user timeout", "keep-alive": "keep-alive timer"}


def awaiting(session: Session) -> str:
    """What comes next, in a learner's words: an arrival, a timer, an answer, or a command."""
    if session.question_open():
        return "your answer"
    flying = len(session.timeline.world.in_flight())
    if flying:
        return f"{flying} segment{'s' if flying > 1 else ''} on the link"
    timers = [(at, host.name, name) for host in (session.timeline.world.host_view(n)
                                                 for n in session.timeline.world.hosts)
              for conn in host.connections for name, at in conn.tcb.timers]
    if timers:
        at, host, name = min(timers)
        return f"{host}'s {_TIMER_NAMES.get(name, name)}, in {format_time(at - session.now, ' ')}"
    return "a command; nothing more happens by itself"


def guide_view(guide: Guide) -> GuideView:
    """The lesson as the learner sees it."""
    lab, plan = guide.session.lab, guide.plan
    opened = plan is not None and guide.phase == "open"
    progress = guide.progress[plan.id] if plan else None
    hints = tuple(judge.filled(guide.session, h.text) for h in plan.hints[: progress.hints]) if plan else ()
    left = plan.hints[progress.hints :] if plan else ()
    return GuideView(
        lab_id=lab.id,
        lab_title=lab.title,
        profile=lab.profile,
        phase=guide.phase,
        step_id=plan.id if plan else "",
        step_number=min(guide.index + 1, len(guide.plans)),
        step_total=len(guide.plans),
        kind=plan.kind if plan else "",
        text=progress.text if opened else "",
        commands=plan.text.commands if opened else (),
        question=judge.question_view(guide.session, plan) if guide.question_open else None,
        hints=hints,
        hints_left=len(left),
        hint_cost=left[0].cost if left else 0,
        challenge=bool(plan and plan.challenge),
        blocked=guide.path.blocked if opened and guide.path.step == plan.id else "",
        feedback=tuple(guide.feedback),
        steps=tuple(_mark(guide, p) for p in guide.plans),
        score=guide.score,
        max_score=guide.max_score,
        show=guide.shown,
        hide=plan.hide if opened else frozenset(),
        leaves=bool(guide.phase == "pending" and plan and plan.from_),
    )


def _mark(guide: Guide, plan: Step) -> StepMark:
    progress = guide.progress[plan.id]
    return StepMark(plan.id, plan.title, plan.kind, progress.status, progress.score, plan.points)
