"""A learner who has only a screen and a keyboard plays the handshake lab to full marks.

Every number comes off the screen, and every answer is worked out from what the screen says. The same learner sits
at a pty, at a tmux pane, or at the far end of an SSH connection.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol


class Seat(Protocol):
    """Where a learner sits: `wait_for` finds a regular expression in the screen's words."""

    def press(self, *keys: str) -> None: ...

    def type(self, text: str) -> None: ...

    def wait_for(self, pattern: str) -> re.Match[str]: ...


@dataclass(frozen=True, slots=True)
class LastPage:
    """What the last page of a lab said."""

    score: int
    max_score: int
    recording: str
    grading: str


class Learner:
    """Plays at a seat. `typed` is what was given, in the words of a script."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.typed: list[str] = []

    # -- what a learner does at any lab -------------------------------------------------------------------------

    def open_first_lab(self) -> None:
        """From the home screen into the lab that is highlighted, which is the first one."""
        self.seat.wait_for(r"[▸>] ○ 1 · The three-way handshake")
        self.seat.press("enter")

    def at_step(self, number: int, kind: str) -> None:
        """Wait for a step, by the line above its task; what was said before a question is read first."""
        if kind == "prediction" and self.seat.wait_for(rf"─ step {number} · ({kind}|go on)")[1] == "go on":
            self.seat.press("n")
        self.seat.wait_for(rf"─ step {number} · {kind}")

    def at_once(self) -> None:
        """The fastest speed: there is no virtue in watching a test's animation."""
        self.seat.press(*"+++++")
        self.seat.wait_for("at once")

    def give(self, key: str, words: str) -> None:
        """Press the key that stands for a command."""
        self.seat.press(key)
        self.typed.append(words)

    def command(self, text: str) -> None:
        """Type a command on the command line."""
        self.seat.press(":")
        self.seat.type(text)
        self.seat.wait_for("› " + re.escape(text))
        self.seat.press("enter")
        self.typed.append(text)

    def choose(self, words: str) -> None:
        """Answer with the letter that stands before these words."""
        letter = self.seat.wait_for(rf"\b([a-h]) {words}.*your answer ›")[1]
        self.seat.press(letter, "enter")
        self.typed.append(f"answer {letter}")

    def answer(self, number: int) -> None:
        """Type a number into the answer box and see it stand there."""
        self.seat.type(str(number))
        self.seat.wait_for(rf"your answer › +{number}\b")
        self.seat.press("enter")
        self.typed.append(f"answer {number}")

    # -- the handshake lab --------------------------------------------------------------------------------------

    def play_handshake(self) -> LastPage:
        """From the first step of the lab to its last page."""
        self.at_step(1, "read")
        self.at_once()
        self.give("n", "next")
        self._first_segment()
        self._second_segment()
        self._two_opinions()
        self._challenge()
        return self.last_page()

    def _first_segment(self) -> None:
        seat = self.seat
        self.at_step(2, "do")
        self.give("c", "client connect server 80")
        self.at_step(3, "prediction")
        iss = int(seat.wait_for(r"The SYN says SEQ (\d+)")[1])
        # What the task says, the ladder and the client's pane show as well.
        seat.wait_for(rf"SYN seq {iss}\b")
        seat.wait_for(rf"ISS {iss}\b")
        self.answer(iss + 1)
        self.at_step(4, "prediction")
        self.choose("From a number that the server chooses itself")

    def _second_segment(self) -> None:
        seat = self.seat
        self.at_step(5, "do")
        self.give("space", "run until idle")
        self.at_step(6, "prediction")
        seat.wait_for("SYN-RECEIVED")
        self.answer(int(seat.wait_for(r"under way: SEQ (\d+)")[1]) + 1)
        self.at_step(7, "do")
        self.give("space", "run until idle")
        seat.wait_for(r"ESTABLISHED.*ESTABLISHED.*n goes on")

    def _two_opinions(self) -> None:
        self.give("n", "next")
        self.at_step(8, "prediction")
        self.choose("The client is ESTABLISHED, the server is SYN-RECEIVED")
        self.at_step(9, "do")
        self.give("enter", "run until idle")
        self.at_step(10, "prediction")
        self.choose("Become ESTABLISHED and take the bytes")
        self.at_step(11, "do")
        self.give("enter", 'client send "hello"')
        # Time runs by itself when a command has set something going.
        self.typed.append("run until idle")
        self.seat.wait_for("n goes on")

    def _challenge(self) -> None:
        self.give("n", "next")
        self.at_step(12, "challenge")
        self.command("link drop next server SYN-ACK")
        self.give("c", "client connect server 80")
        self.typed.append("run until idle")
        self.seat.wait_for(r"The lab is finished: \d+ of \d+ points")
        self.seat.press("enter")

    def last_page(self) -> LastPage:
        """The score at the top, the recording and the grading command further down, above the learner's ladder."""
        score = self.seat.wait_for(r"The last page.*Score (\d+) of (\d+)")
        self.seat.press("end", *["up"] * 6)
        graded = r"Graded by (.*?tcplab grade .*?\.jsonl)"
        end = self.seat.wait_for(r"grader plays it again\. (/.*?\.jsonl) " + graded)
        return LastPage(int(score[1]), int(score[2]), end[1].replace(" ", ""), end[2].replace("\\ ", ""))
