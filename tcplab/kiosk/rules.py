"""The kiosk's rules for sessions: which labs, under whose seed, where to, how much; and what the journal is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tcplab.front.opening import OpeningError, wall_clock
from tcplab.grading import kept
from tcplab.kiosk.seat import Seat

#: Events of one session (about 30 MB of memory): a lab needs a few hundred. `--events` says otherwise.
MOST_EVENTS = 60_000


class KioskRules:
    """See `front.house.Rules`. `news` writes into the journal where the learner stands, when that has changed."""

    def __init__(self, seat: Seat, most_events: int = MOST_EVENTS) -> None:
        self.seat, self.most_events = seat, most_events
        self.salt = seat.salt()
        self._stood: tuple = ()
        self._session: Any = None
        self._attempt: tuple[str, int] = ("", 0)

    def begin(self, lab: str) -> Any:
        """The next attempt at a lab: its number draws the seed, the journal knows it before the screen shows it.

        Raises OpeningError.
        """
        from tcplab.lab.errors import LabError, LabNotFound
        from tcplab.lab.loader import lab_ids
        from tcplab.lab.translate import translated
        from tcplab.session.labs import checked_lab
        from tcplab.session.recording import Recorder, RecordingError
        from tcplab.session.session import Session

        try:
            if lab not in lab_ids():
                raise LabNotFound("Only the labs of this kiosk can be opened here.")
            model = translated(checked_lab(lab))
            attempt = self.seat.next_attempt(model.id)
            path = self.seat.recordings / kept.recording_name(model.id, attempt)
            session = Session.open(model, self._seed(model.id, attempt), self.seat.student, attempt)
            session.veiled = self.salt is not None
            self.seat.note("open", lab=model.id, attempt=attempt, seed=session.seed, recording=path.name)
            path.touch(mode=0o640, exist_ok=False)
            header = session.header() | {"kiosk": self._marks(attempt)}
            session.record_to(Recorder(path, header, wall_clock))
        except LabNotFound as error:
            raise OpeningError(str(error), 2) from None
        except LabError as error:
            raise OpeningError(str(error), 3) from None
        except RecordingError as error:
            raise OpeningError(f"{error}. Tell your instructor.", 2) from None
        except OSError as error:
            raise OpeningError(f"nothing can be kept here: {error.strerror}. Tell your instructor.", 2) from None
        self._watch(session)
        return session

    def _seed(self, lab: str, attempt: int) -> int | None:
        """The seed under the kiosk's salt; None (the fixed formula) in a kiosk without one."""
        return None if self.salt is None else self.salt.seed(lab, self.seat.student, attempt)

    def _marks(self, attempt: int) -> dict[str, object]:
        """What the header of a recording says of the kiosk."""
        marks: dict[str, object] = {"learner": self.seat.student, "attempt": attempt}
        return marks if self.salt is None else marks | {"salt": self.salt.fingerprint}

    def own(self, recording: Path) -> Path:
        """The recording, if it lies among the learner's own attempts, and may be gone on with: what was handed in and
        taken home, with numbers that were a secret until then, may not. Raises OpeningError."""
        path = self.seat.recordings / Path(recording).name
        if path != Path(recording) or kept.attempt_of(path.name) is None or path.is_symlink():
            raise OpeningError("Only your own recordings can be gone on with here.", 2)
        if self.salt is not None and kept.ended(path):
            raise OpeningError("This attempt is handed in. Begin another one.", 2)
        return path

    def taken_up(self, session: Any) -> None:
        """An attempt is gone on with."""
        lab, attempt = self._number(session)
        session.veiled = self.salt is not None
        self.seat.try_note("resume", lab=lab, attempt=attempt)
        self._watch(session)

    def _watch(self, session: Any) -> None:
        session.watch = lambda events: events > self.most_events
        self._session, self._stood = session, ()
        self._attempt = self._number(session)
        self.news()

    @staticmethod
    def _number(session: Any) -> tuple[str, int]:
        """Lab and attempt, by the name of the recording: a header could say anything."""
        return kept.attempt_of(session.recording_path.name) or (session.lab.id, session.attempt)

    def news(self) -> None:
        """Write where the learner stands, if it is somewhere else than when it was last written."""
        if self._session is None:
            return
        guide = self._session.view().guide
        wrong = sum(mark.status == "wrong" for mark in guide.steps)
        stands = (guide.step_id, guide.phase, guide.score, len(guide.hints), wrong)
        if stands == self._stood:
            return
        self._stood = stands
        lab, attempt = self._attempt
        self.seat.try_note("step", lab=lab, attempt=attempt, step=guide.step_id, number=guide.step_number,
                           of=guide.step_total, phase=guide.phase, score=guide.score, max_score=guide.max_score,
                           hints=len(guide.hints), wrong=wrong)

    def away(self, by_choice: bool = True) -> None:
        """The session was left by the learner, or by what ended the login: then the next login goes on there."""
        self.news()
        lab, attempt = self._attempt
        if by_choice:
            self.seat.try_note("close", lab=lab, attempt=attempt)

    def release(self) -> None:
        """Let go of the recording at once: the next login may be waiting for it."""
        session, self._session = self._session, None
        if session is not None and session.recorder is not None:
            session.recorder.abandon()
            session.recorder = None
