"""The guide: which step the learner is at, what counts as done, and what it earned.

Two kinds of memory. What was *achieved* (answers, met goals, points, hints) is never undone. What belongs to the
*path* through time (how far a `see` list has come, kept values, a broken `never`) lives in PathState, which the
timeline copies with the world, so that going back takes it back too.

A step that rewinds (`from:`) or acts (`do:`) waits until the learner turns the page; every other step begins the
moment the one before it ends, so that an open question stops time at the instant it is about.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tcplab.lab.lesson import Step
from tcplab.net.trace import Event
from tcplab.notation.expr import Expr
from tcplab.notation.values import Duration
from tcplab.session import judge, outlook
from tcplab.session.commands import Command
from tcplab.session.judge import Happening, Verdict
from tcplab.session.progress import GuideRefusal, PathState, Progress, goal_text
from tcplab.session.timeline import Moment
from tcplab.session.views import Feedback

if TYPE_CHECKING:
    from tcplab.session.session import Session


class Guide:
    """The lesson of one session; see the module text. `session` is the session it belongs to."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.plans: tuple[Step, ...] = session.lab.steps
        self.progress = {plan.id: Progress() for plan in self.plans}
        #: Every edge of the state diagram that was walked on any path, as (from, to).
        self.walked: dict[tuple[str, str], None] = {}
        self.index = 0
        self.phase = "none"
        self.marks: dict[str, Moment] = {}
        self.starts: dict[str, Moment] = {}
        self.feedback: list[Feedback] = []
        self._settling = False
        #: Told the step each time one is settled for the first time, at that instant.
        self.settled: Callable[[Step], None] | None = None
        #: Told a prediction and the instant by which it is judged, so that `lab test` can judge other answers by it.
        self.came_true: Callable[[Step, Happening], None] | None = None

    def new_path(self) -> PathState:
        """The path state of a session that begins."""
        return PathState(kept=dict(self.session.lab.drawn))

    @property
    def path(self) -> PathState:
        return self.session.timeline.path

    @property
    def plan(self) -> Step | None:
        """The step at which the learner stands; None before the first and after the last."""
        return self.plans[self.index] if self.phase in ("open", "pending") else None

    @property
    def question_open(self) -> bool:
        """Whether a question waits for its answer: time stands still."""
        return self.phase == "open" and self.plans[self.index].kind == "ask"

    @property
    def page_waits(self) -> bool:
        """Whether `next` would go on: a page that is only read, or a step that waits to begin."""
        return self.phase == "pending" or (self.phase == "open" and self.plans[self.index].kind == "say")

    @property
    def score(self) -> int:
        return sum(p.score for p in self.progress.values())

    @property
    def max_score(self) -> int:
        return sum(plan.points for plan in self.plans)

    @property
    def shown(self) -> frozenset[str] | None:
        """The variables and panels revealed so far; None for all."""
        lab = self.session.lab
        if lab.show is None:
            return None
        return lab.show.union(*(plan.show for plan in self.plans[: self.index + 1]))

    # -- steps begin and end ------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Open the first step. The instant is the mark ``start``."""
        self.marks["start"] = self.session.timeline.moment()
        if self.plans:
            self._arrive(0)

    def _arrive(self, index: int) -> None:
        """Come to a step: begin it now, or let it wait for the learner if it rewinds or acts."""
        while index < len(self.plans) and self.plans[index].kind == "ask" and self._answered(index):
            index += 1
        if index >= len(self.plans):
            self.index, self.phase = len(self.plans), "finished"
            return
        self.index = index
        plan = self.plans[index]
        if plan.from_ or plan.do:
            self.phase = "pending"
        else:
            self._enter()

    def _answered(self, index: int) -> bool:
        return self.progress[self.plans[index].id].status in ("done", "wrong", "skipped", "waiting")

    def _enter(self) -> None:
        """Begin the present step: rewind and act as it says, remember the instant, open it."""
        plan, timeline = self.plans[self.index], self.session.timeline
        self.phase = "entering"
        if plan.from_:
            self.settle_predictions()
            timeline.return_to(self.marks[plan.from_])
        self._begin(plan.id)
        for command in plan.do:
            self.session.play_lab_command(command)
        self._begin(plan.id)
        state = self.progress[plan.id]
        if state.status in ("todo", "open"):
            state.status = "open"
        state.text = judge.filled(self.session, plan.text)
        state.started = timeline.n
        self.phase = "open"
        self.starts[plan.id] = timeline.moment()
        if plan.kind == "task" and plan.goal is not None and not plan.see:
            self._check_goal(plan)

    def _finish_step(self, status: str, score: int, text: str, verdict: Verdict | None = None) -> None:
        """End the present step and come to the next."""
        plan = self.plans[self.index]
        self._conclude(plan, status, score, text, verdict)
        if plan.mark:
            self.marks[plan.mark] = self.session.timeline.moment()
        self._arrive(self.index + 1)

    def _conclude(self, plan: Step, status: str, score: int, text: str, verdict: Verdict | None = None) -> None:
        """Write down the outcome of a step; what was achieved once stays."""
        state = self.progress[plan.id]
        if state.status not in ("done", "wrong", "skipped"):
            state.status, state.score, state.verdict = status, score, verdict
            if self.settled is not None and status != "waiting":
                self.settled(plan)
        good = {"done": True, "wrong": False}.get(status)
        settled = status in ("done", "wrong")
        explained = verdict.after if verdict is not None else ""
        after = explained or judge.filled(self.session, plan.after) if settled else ""
        if verdict is not None and not (text or after):
            text = judge.in_words(self.session, plan, verdict)
        state.feedback = Feedback(plan.id, good, text, after, plan.rfc if settled else "", state.score, plan.points)
        if plan.kind != "say":
            self.feedback = [said for said in self.feedback if said.step_id != plan.id] + [state.feedback]

    def earned(self, plan: Step) -> int:
        """The points of a step less what its hints cost."""
        cost = sum(hint.cost for hint in plan.hints[: self.progress[plan.id].hints])
        return max(0, plan.points - cost)

    # -- what happens -------------------------------------------------------------------------------------------

    def observe(self, events: list[Event]) -> None:
        """Be told the events of one step of the timeline, right after it."""
        path = self.path
        for event in events:
            if event.kind == "state":
                edge = (event.host, str(event.get("from")), str(event.get("to")), str(event.get("event")))
                path.edges.pop(edge, None)
                path.edges[edge] = None
                self.walked[edge[1:3]] = None
            elif event.kind == "timer" and event.get("op") == "fired":
                path.fired += 1
        if self.phase == "entering" or not self.plans:
            return
        self._keep()
        self._judge_predictions(events)
        if self.phase == "open" and self.plans[self.index].kind == "task":
            self._observe_task(self.plans[self.index], events)

    def _begin(self, step_id: str) -> None:
        """A step begins on the present path."""
        self.path.begin(step_id, outlook.stood(self.session))

    def _counts(self, since: int) -> bool:
        """Whether what happens now lies after `since`, and is not merely the known past walked again."""
        timeline = self.session.timeline
        return timeline.n > since or not timeline.undone

    def _keep(self) -> None:
        """Remember values the lab asked for, the first time each has one."""
        for plan in self.plans[: self.index + 1]:
            if self.progress[plan.id].status == "todo":
                continue
            for name, expr in plan.keep:
                for condition in expr.whens:
                    self._keep_when(condition)
                if name not in self.path.kept:
                    value = judge.value_of(self.session, expr)
                    if value is not None:
                        self.path.kept[name] = value

    def _keep_when(self, condition: Expr) -> None:
        """Note the instant at which a ``when(...)`` first held."""
        key = f"when({condition.text})"
        if key not in self.path.kept and judge.value_of(self.session, condition):
            self.path.kept[key] = Duration(self.session.now)

    def _observe_task(self, plan: Step, events: list[Event]) -> None:
        state, path = self.progress[plan.id], self.path
        if not self._counts(state.started):
            return
        if path.step != plan.id:
            self._begin(plan.id)
        for event in events:
            for never in plan.never:
                if not path.broken and judge.happens(self.session, never, event):
                    path.broken = outlook.happened(never)
            if path.seen < len(plan.see) and judge.happens(self.session, plan.see[path.seen], event):
                path.seen += 1
                path.segments.append(event.seg.id)
        if not path.broken and path.seen == len(plan.see):
            self._check_goal(plan)
        if self.plan is plan and any(event.kind in ("state", "gone") for event in events):
            path.closed = outlook.closed(self.session, plan, path.seen, path.stood)

    def _check_goal(self, plan: Step) -> None:
        if plan.goal is None or judge.value_of(self.session, plan.goal) is True:
            met = Verdict(True, goal_text(plan), "met", "", self.session.now, tuple(self.path.segments))
            self._finish_step("done", self.earned(plan), "", met)

    # -- predictions --------------------------------------------------------------------------------------------

    def _judge_predictions(self, events: list[Event]) -> None:
        for plan in self.plans:
            state = self.progress[plan.id]
            if state.status == "waiting" and state.asked is not None and self._counts(state.asked.n):
                happening = judge.prediction(self.session, plan, events)
                if happening is not None:
                    self._settle_prediction(plan, happening)

    def _settle_prediction(self, plan: Step, happening: Happening) -> None:
        verdict = judge.judged(self.session, plan, self.progress[plan.id].asked, happening)
        if verdict is None:
            return
        if self.came_true is not None:
            self.came_true(plan, happening)
        self._conclude(plan, "done" if verdict.passed else "wrong", self.earned(plan) if verdict.passed else 0,
                       verdict.why, verdict)

    def settle_predictions(self) -> None:
        """Before this path is left for good: let a copy of it run on by itself, and judge what was foretold of it."""
        waiting = [p for p in self.plans if self.progress[p.id].status == "waiting"]
        if not waiting or self._settling:
            return
        self._settling = True
        try:
            for plan, happening in judge.run_on(self.session, waiting):
                self._settle_prediction(plan, happening)
        finally:
            self._settling = False

    # -- what the learner says ----------------------------------------------------------------------------------

    def prepare(self, command: Command) -> Callable[[], str]:
        """Check a guide command and return the act that carries it out (and says what came of it).

        Raises GuideRefusal or NotationError; then nothing has changed and nothing is to be recorded.
        """
        return getattr(self, "_prepare_" + command.verb)(command)

    def _prepare_answer(self, command: Command) -> Callable[[], str]:
        if not self.question_open:
            raise GuideRefusal("no question is open: `next` goes on, or do what the step asks")
        plan = self.plans[self.index]
        asked = judge.read_answer(self.session, plan, command.values[0])
        said = judge.as_said(self.session, plan, asked)

        def act() -> str:
            self.feedback.clear()
            self.progress[plan.id].asked = asked
            if plan.about is not None:
                self._finish_step("waiting", 0, f"You said {said}. The run will tell.")
                return f"{asked.shown}: noted; the run will tell"
            verdict = judge.answer_now(self.session, plan, asked)
            self._finish_step("done" if verdict.passed else "wrong", self.earned(plan) if verdict.passed else 0,
                              verdict.why, verdict)
            return ("right" if verdict.passed else "not so") + (f": {verdict.why}" if verdict.why else "")

        return act

    def _prepare_hint(self, command: Command) -> Callable[[], str]:
        plan = self.plan
        if plan is None or self.phase != "open" or not plan.hints:
            raise GuideRefusal("a challenge has no hints" if plan and plan.challenge else "there is no hint here")
        if self.progress[plan.id].hints >= len(plan.hints):
            raise GuideRefusal("there are no more hints for this step")

        def act() -> str:
            self.progress[plan.id].hints += 1
            return judge.filled(self.session, plan.hints[self.progress[plan.id].hints - 1].text)

        return act

    def _prepare_skip(self, command: Command) -> Callable[[], str]:
        if self.page_waits:
            return self._prepare_next(command)
        if self.phase != "open":
            raise GuideRefusal("there is no step to skip")
        if not self.plans[self.index].skippable:
            raise GuideRefusal("this lab does not let you skip this step")

        def act() -> str:
            self.feedback.clear()
            self._finish_step("skipped", 0, "Skipped.")
            return "skipped"

        return act

    def _prepare_next(self, command: Command) -> Callable[[], str]:
        if self.phase in ("none", "finished"):
            raise GuideRefusal("this lab has no further step")
        if not self.page_waits:
            what = "answer the question" if self.question_open else "do what this step asks"
            raise GuideRefusal(f"{what} first, or `skip` it")

        def act() -> str:
            self.feedback.clear()
            if self.phase == "pending":
                self._enter()
            else:
                self._finish_step("done", 0, "")
            return ""

        return act

    # -- going back ---------------------------------------------------------------------------------------------

    def reset(self, step_id: str | None) -> None:
        """Back to where a step began (the present one if not named); answers given stay given.

        Raises GuideRefusal for a step that has not begun yet.
        """
        timeline, wanted = self.session.timeline, self.reset_target(step_id)
        if not wanted:
            timeline.restore(timeline.base)
            timeline.forget()
        else:
            timeline.return_to(self.starts[wanted])
            self.index = next(i for i, p in enumerate(self.plans) if p.id == wanted)
            self.phase = "open"
            self._begin(wanted)
            if self.plans[self.index].kind == "ask" and self._answered(self.index):
                self._arrive(self.index)

    def reset_target(self, step_id: str | None) -> str:
        """The step whose beginning a `reset` goes back to; empty for the beginning of a session without steps.

        Raises GuideRefusal for a step that has not begun yet.
        """
        if step_id is None:
            begun = [plan.id for plan in self.plans[: self.index + 1] if plan.id in self.starts]
            return begun[-1] if begun else ""
        if step_id not in self.starts:
            raise GuideRefusal(f"step {step_id} has not begun yet")
        return step_id

    def facts(self) -> list:
        """What the guide settled, for the hash: ids, statuses, scores and answers, no prose."""
        return [[plan.id, p.status, p.score, p.hints, p.asked.literal if p.asked else None]
                for plan, p in self.progress_items()]

    def progress_items(self) -> list[tuple[Step, Progress]]:
        """Each step with what was achieved there, in order."""
        return [(plan, self.progress[plan.id]) for plan in self.plans]

    def said(self) -> list[Feedback]:
        """What was said at the end of each step so far, in the order of the steps."""
        return [progress.feedback for _, progress in self.progress_items() if progress.feedback is not None]
