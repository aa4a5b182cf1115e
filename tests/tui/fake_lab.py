"""A small lesson for the fake session: one step of every kind."""

from __future__ import annotations

from dataclasses import dataclass

from tcplab.session.views import ChoiceView, QuestionView


@dataclass
class Step:
    """One step of a fake guide."""

    id: str
    title: str
    kind: str
    text: str
    commands: tuple[str, ...] = ()
    question: QuestionView | None = None
    right: str = ""
    points: int = 0
    goal: object = None
    hints: tuple[str, ...] = ()
    after: str = ""


LETTERS = ("a", "b", "c")

STEPS = (
    Step(
        "hello",
        "Two hosts, one link",
        "say",
        "Two hosts want to talk. Before the first byte each must tell the other **where it starts counting**. "
        "That is what the *three-way handshake* is for. Watch the numbers at both sides.",
    ),
    Step(
        "which-ack",
        "Which number comes back?",
        "ask",
        "The client will choose a number and send it with its SYN. Which ACK number comes back if it chose 4211?",
        question=QuestionView("number", "", (), True),
        right="4212",
        points=3,
        hints=("An ACK names the *next* number expected.",),
        after="A SYN uses up one number.",
    ),
    Step(
        "connect",
        "Open the connection",
        "task",
        "Let the client connect with [[client connect server 80]] and watch both badges.",
        ("client connect server 80",),
        goal=lambda s: s.state["server"] == "ESTABLISHED",
        after="SYN, SYN-ACK, ACK: three segments, and both sides know both numbers.",
    ),
    Step(
        "why-third",
        "Why a third segment?",
        "ask",
        "Why does the client answer the SYN,ACK at all?",
        question=QuestionView(
            "choice",
            "",
            tuple(
                ChoiceView(c, t)
                for c, t in zip(
                    LETTERS,
                    (
                        "Out of politeness.",
                        "The server must learn that its own number arrived.",
                        "To open the client's window.",
                    ),
                    strict=True,
                )
            ),
            False,
        ),
        right="b",
        points=2,
    ),
    Step(
        "bye",
        "Say goodbye",
        "task",
        "Close the client with [[client close]], then let time run.",
        ("client close",),
        goal=lambda s: s.state["client"] == "FIN-WAIT-2",
        points=1,
    ),
)
