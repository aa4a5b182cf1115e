"""Who handed what in: the roster, students named by folder or file, latest attempts, and whose a copied file is."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from tcplab.grading.clean import clean, one_line
from tcplab.grading.identity import folded, folder_name, id_fault
from tcplab.grading.intake import Entry
from tcplab.grading.judge import Job
from tcplab.grading.kept import Kiosk
from tcplab.grading.salt import Salt
from tcplab.notation.errors import suggest
from tcplab.session.build import student_seed

#: A course has no more; a roster of more bytes is something else.
MOST_LEARNERS, MOST_BYTES = 20_000, 16 * 1024**2
#: For so many labels that name nobody it is asked whom they may mean.
MOST_QUESTIONS = 50
#: Names of a platform's folders: `Ada Lovelace_12345_assignsubmission_file_` is Moodle's.
_MOODLE = re.compile(r"^(?P<name>.+)_\d+_assignsubmission_\w+$")
#: What people add to a file's name when they hand in again: `ada-2`, `ada (3)`.
_AGAIN = re.compile(r"[-_ ]\(?\d{1,3}\)?$")

#: Columns of a roster by which a learner is found too, as far as they are unique.
LABELS = ("name", "email", "e-mail", "folder")


class RosterError(Exception):
    """A roster that cannot be used; the message names file, line and cure."""


@dataclass(frozen=True, slots=True)
class Learner:
    """One line of a roster: `student` is the id under which seeds are drawn, `more` the other columns."""

    student: str
    more: dict[str, str]


@dataclass
class Roster:
    """The learners of a course, found by student id, and by name, e-mail address or folder where those are unique."""

    learners: list[Learner]
    by_label: dict[str, Learner | None] = field(default_factory=dict)
    _asked: int = 0

    def __post_init__(self) -> None:
        for learner in self.learners:
            for label in map(learner.more.get, LABELS):
                if label:
                    key = folded(label)
                    self.by_label[key] = None if key in self.by_label else learner
        self.by_label |= {folded(folder_name(learner.student)): learner for learner in self.learners}
        self.by_label |= {folded(learner.student): learner for learner in self.learners}

    def find(self, label: str) -> Learner | None:
        """The learner whose id, name, address or kiosk's folder this is; case, blanks and accents' forms aside."""
        return self.by_label.get(folded(label))

    def near(self, label: str) -> str:
        """A question for people when `find` finds nobody: whom may have been meant. Never to be followed.

        Asked of the first few only: in a class of thousands it takes a second.
        """
        self._asked += 1
        if self._asked > MOST_QUESTIONS:
            return ""
        known = [learner.student for learner in self.learners]
        known += [value for learner in self.learners for key in LABELS if (value := learner.more.get(key))]
        return suggest(folded(label), known).strip()


def read_roster(path: Path) -> Roster:
    """Read a CSV file (comma, semicolon or tab) with a column `student`. Raises RosterError."""
    try:
        raw = path.read_bytes()[: MOST_BYTES + 1]
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise RosterError(f"{path}: the roster cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise RosterError(f"{path}:{line}: the roster is not UTF-8: export it as CSV in UTF-8") from None
    if len(raw) > MOST_BYTES:
        raise RosterError(f"{path}: the roster is larger than {MOST_BYTES // 1024**2} MiB")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    learners: list[Learner] = []
    lines: dict[str, int] = {}
    try:
        columns = [one_line(name).strip().casefold() for name in next(reader, [])]
        if "student" not in columns:
            raise RosterError(f"{path}:1: the roster has no column `student` (it has {', '.join(columns) or 'none'})")
        for row in reader:
            if any(cell.strip() for cell in row):
                learners.append(_learner(path, reader.line_num, columns, row, lines))
    except csv.Error as error:
        raise RosterError(f"{path}:{reader.line_num}: this is not CSV: {error}") from None
    if not learners or len(learners) > MOST_LEARNERS:
        raise RosterError(f"{path}: the roster lists {len(learners) or 'no'} students")
    return Roster(learners)


def _learner(path: Path, line: int, columns: list[str], row: list[str], lines: dict[str, int]) -> Learner:
    cells = {name: clean(cell.strip(), 200) for name, cell in zip(columns, row, strict=False) if name}
    student = row[columns.index("student")].strip() if len(row) > columns.index("student") else ""
    fault = id_fault(student)
    if fault:
        raise RosterError(f"{path}:{line}: this line has no proper student id: {fault}")
    if folded(student) in lines:
        raise RosterError(f"{path}:{line}: student {student} stands in line {lines[folded(student)]} already")
    lines[folded(student)] = line
    return Learner(student, cells)


class Owner(NamedTuple):
    """Whose a hand-in is: `student` (None: nobody in particular), or a `problem`; `near` is a question for staff only,
    since it names somebody else."""

    student: str | None
    problem: str = ""
    near: str = ""


@dataclass
class Cohort:
    """How each hand-in finds its learner. At most one of `seed` and `student`; `source` is "", folder or name."""

    lab_id: str
    seed: int | None = None
    student: str | None = None
    roster: Roster | None = None
    source: str = ""
    kiosk: Kiosk | None = None
    salt: Salt | None = None

    def learner_of(self, entry: Entry) -> Owner:
        """The student of a hand-in, or what is wrong if one had to be found."""
        if self.student is not None:
            return Owner(self.student)
        if self.source:
            return self._by_path(entry)
        kept = self.kiosk.student(entry.data) if self.kiosk is not None else None
        if self.roster is None:
            return Owner(kept)
        claimed = kept or claimed_student(entry.data)
        if claimed is None:
            return Owner(None, "it does not say whose it is: use --student-from folder or name")
        learner = self.roster.find(claimed)
        if learner is None:
            where = "the kiosk keeps it for" if kept else "its header says"
            return Owner(None, f"{where} student {one_line(claimed, 80)}, who is not on the roster",
                         self.roster.near(claimed))
        return Owner(learner.student)

    def _by_path(self, entry: Entry) -> Owner:
        label, problem = self.label_of(entry)
        if problem:
            return Owner(None, problem)
        if self.roster is None:
            fault = id_fault(label)
            return Owner(None, fault) if fault else Owner(label)
        learner = self.roster.find(label) or self.roster.find(_AGAIN.sub("", label))
        if learner is None:
            return Owner(None, f"{self.source} {one_line(label, 80)} names nobody on the roster",
                         self.roster.near(label))
        return Owner(learner.student)

    def label_of(self, entry: Entry) -> tuple[str, str]:
        """What says whose an entry is: the outermost folder or zip file that a learner can have handed in, never
        anything in it; and what is wrong if there is none."""
        parts = _parts(entry)
        if self.source == "name":
            label = next((part for part in [entry.around, *parts] if part.lower().endswith(".zip")), parts[-1])
            label = PurePosixPath(label).stem if "." in label.lstrip(".") else label
        elif self.roster is not None and entry.around and self.roster.find(entry.around):
            label = entry.around  # not a folder that an export put around all: the only learner's who handed in
        elif len(parts) < 2:
            return "", "it lies in no student's folder: give the folder that holds the students' folders"
        else:
            label = parts[0].removesuffix(".zip")
            match = _MOODLE.match(label)
            label = match["name"] if match else label
        if label.strip(" .") == "":
            return "", "its path names no student"
        return label, ""

    def within(self, entry: Entry) -> tuple[str, ...]:
        """What the path of a hand-in names: beside that which says whose it is, perhaps somebody else."""
        return tuple(dict.fromkeys(PurePosixPath(part).stem for part in _parts(entry))) if self.source else ()

    def job(self, student: str | None, threshold: int | None, seconds: float) -> Job:
        """How a hand-in of that student is to be played."""
        salt = self.salt and (self.salt.key, self.salt.fingerprint)
        return Job(self.seed if student is None else None, student, threshold, seconds, salt)

    def salted(self, result: dict) -> bool:
        """Whether a graded recording was shown to be made under the kiosk's salt."""
        claims = result["claims"] or {}
        return (self.salt is not None and result["status"] == "graded" and result["seed_source"] == "student"
                and claims.get("salt") == self.salt.fingerprint)

    @property
    def known(self) -> bool:
        """Whether each hand-in has a learner that was not taken from its own header."""
        return self.student is not None or bool(self.source) or self.roster is not None or self.kiosk is not None


def _parts(entry: Entry) -> list[str]:
    return list(PurePosixPath(entry.path.replace("\\", "/")).parts) or [""]


def claimed_student(data: bytes) -> str | None:
    """Whom the header of a recording names; None if it names nobody, or is none."""
    try:
        header = json.loads(data[: 64 * 1024].split(b"\n", 1)[0])
    except (ValueError, RecursionError):
        return None
    student = header.get("student") if isinstance(header, dict) else None
    return student if isinstance(student, str) else None


class Seeds:
    """Whose seed is whose: made of everybody whose name is known, to say from whom a recording comes."""

    def __init__(self, lab_id: str, students: Iterable[str], attempts: int, salt: Salt | None = None) -> None:
        self._owner: dict[int, tuple[str, int]] = {}
        for student in students:
            own = salt and salt.of(student)
            for attempt in range(1, attempts + 1):
                self._owner[student_seed(lab_id, student, attempt)] = student, attempt
                if own:
                    self._owner[own.seed(lab_id, student, attempt)] = student, attempt

    def owner(self, seed: int | None) -> tuple[str, int] | None:
        """The (student, attempt) under whose seed something was made, if that is anybody's."""
        return self._owner.get(seed) if seed is not None else None
