"""A pupil who plays a lab through the dialogue by its solution, and remembers the lines they typed."""

from __future__ import annotations

from tcplab.front import opening
from tcplab.grading.pupils import Reference
from tcplab.lab.loader import load_lab
from tcplab.plain.dialogue import Dialogue

MOST = 200


class Talked:
    """A dialogue about a session, all that was said, and all that was typed."""

    def __init__(self, session: object) -> None:
        self.said: list[str] = []
        self.typed: list[str] = []
        self.session = session
        self.dialogue = Dialogue(session, self.said.append)
        self.dialogue.begin()

    def hear(self, *lines: str) -> str:
        """Type lines; returns what was said to them."""
        begin = len(self.said)
        for line in lines:
            self.typed.append(line)
            self.said.append(self.dialogue.prompt())
            self.dialogue.hear(line)
        return "\n".join(self.said[begin:])

    @property
    def text(self) -> str:
        return "\n".join(self.said)


def opened(lab: str, seed: int = 1) -> Talked:
    return Talked(opening.open_session(lab, seed))


def by_solution(lab_id: str, seed: int) -> Talked:
    """Play a shipped lab to its end with everything right."""
    reference = Reference(load_lab(lab_id), seed)
    reference.play()
    talked = opened(lab_id, seed)
    guide = talked.session.guide
    for _ in range(MOST):
        if guide.phase == "finished":
            return talked
        if guide.page_waits:
            talked.hear("")
            continue
        step = guide.plan
        commands = [command for line in step.solution for command in line.split("\n")]
        if step.kind == "task":
            # Commands of one line are given at the same instant; of two, time runs between them.
            commands = ["; ".join(commands)]
        for command in commands:
            if command.startswith("answer "):
                command = reference._answer(talked.session, step, command.removeprefix("answer ").strip(), False)
            talked.hear(command)
            while talked.dialogue.not_given and guide.plan is step:
                talked.hear("; ".join(talked.dialogue.not_given))
        for _ in range(3):
            # Time stands wherever something was judged: the learner lets it run on.
            if guide.plan is step and not guide.question_open:
                talked.hear("run until idle")
        assert guide.plan is not step, f"the solution leaves {step.id} open: {talked.said[-12:]}"
    raise AssertionError("the lab does not come to an end")
