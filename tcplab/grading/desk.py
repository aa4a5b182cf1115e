"""The command `tcplab grade`: what was asked for is read, everything handed in is played, reports are delivered."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tcplab.grading import reports
from tcplab.grading.batch import Graded, Order, grade_all
from tcplab.grading.clean import one_line
from tcplab.grading.cohort import Cohort, Kiosk, RosterError, read_roster
from tcplab.grading.crew import CrewError
from tcplab.grading.exits import BELOW, DEFECT, INVALID_LAB, PASSED, USAGE, batch_exit, say
from tcplab.grading.identity import folded
from tcplab.grading.intake import Intake
from tcplab.grading.kept import LABS
from tcplab.grading.ledger import Ledger, LedgerError
from tcplab.grading.overlay import Overlay
from tcplab.grading.reports.batch import NOT_FINISHED, Batch, rows
from tcplab.grading.result import percent_of
from tcplab.grading.salt import SALT, Salt, SaltError, read_salt
from tcplab.grading.text import result_text
from tcplab.lab.errors import LabError, LabNotFound
from tcplab.lab.lesson import Lab
from tcplab.lab.loader import find_lab
from tcplab.session.labs import checked_lab


@dataclass
class Request:
    """The options of the command line, as they were given."""

    lab: str
    submissions: list[str]
    seed: int | None = None
    student: str | None = None
    roster: Path | None = None
    student_from: str | None = None
    staff: Path | None = None
    kiosk: Path | None = None
    salt: Path | None = None
    reports: list[str] = field(default_factory=list)
    as_json: bool = False
    threshold: str | None = None
    checks: list[str] = field(default_factory=list)
    jobs: int = 1
    scheduler: str | None = None
    journal: Path | None = None
    timeout: float = 60
    exit_zero: bool | None = None


class UsageFault(Exception):
    """An option that cannot be followed; the message says the cure."""


def grade(request: Request) -> int:
    """`tcplab grade`. Returns the exit code of the batch."""
    try:
        wanted = reports.wanted([*request.reports, *(["json"] if request.as_json else [])])
        threshold = _percent(request.threshold)
        reports.check_folders(wanted)
        _announce(wanted, request, NOT_FINISHED)
    except (reports.ReportError, UsageFault) as error:
        say(str(error))
        return USAGE
    try:
        lab = checked_lab(_lab_name(request))
        overlay = Overlay.read(request.staff, lab) if request.staff else None
        order = _order(request, lab, threshold, overlay)
        code = _work(request, order, wanted)
    except LabNotFound as error:
        return _given_up(wanted, request, USAGE, "error", str(error))
    except LabError as error:
        return _given_up(wanted, request, INVALID_LAB, "invalid-lab", str(error))
    except (UsageFault, RosterError, LedgerError, reports.ReportError) as error:
        return _given_up(wanted, request, USAGE, "error", str(error))
    except CrewError as error:
        return _given_up(wanted, request, DEFECT if request.scheduler is None else USAGE, "error", str(error))
    except BrokenPipeError:
        raise  # the reader of our output went away: `__main__` knows
    except OSError as error:
        return _given_up(wanted, request, USAGE, "error", f"{error.filename or ''}: {error.strerror}".lstrip(": "))
    except KeyboardInterrupt:
        how = f"; the same command goes on with --journal {request.journal}" if request.journal else \
            "; with --journal FILE it could have gone on later"
        return _given_up(wanted, request, 130, "error", "grading was interrupted" + how)
    exit_zero = request.exit_zero if request.exit_zero is not None else any(one.exit_zero for one in wanted)
    return PASSED if exit_zero and code not in (USAGE, INVALID_LAB, DEFECT) else code


def _lab_name(request: Request) -> str:
    """The lab that was asked for; of a kiosk also one of its own, which cannot take the place of a shipped one."""
    try:
        find_lab(request.lab)
    except LabNotFound:
        if request.kiosk is not None and (own := request.kiosk / LABS / f"{request.lab}.yaml").is_file():
            return str(own)
    return request.lab


def _order(request: Request, lab: Lab, threshold: int | None, overlay: Overlay | None) -> Order:
    known = [step.id for step in lab.steps if step.kind != "say"]
    known += [check.id for check in overlay.plan.checks] if overlay else []
    for name in request.checks:
        if name not in known:
            raise UsageFault(f"--check {name}: there is no such step or check; there are {', '.join(known) or 'none'}")
    if request.kiosk is not None and not request.kiosk.is_dir():
        raise UsageFault(f"--kiosk {request.kiosk}: there is no such folder")
    roster = read_roster(request.roster) if request.roster else None
    kiosk = Kiosk(request.kiosk) if request.kiosk else None
    cohort = Cohort(lab.id, request.seed, request.student, roster, request.student_from or "", kiosk, _salt(request))
    if not request.submissions and kiosk is not None:
        request.submissions = kiosk.of_lab(lab.id)
        if not request.submissions:
            raise UsageFault(f"--kiosk {request.kiosk}: nobody has begun {lab.id} there yet")
    return Order(lab, cohort, threshold, request.staff, overlay, kiosk, request.jobs, request.scheduler,
                 request.timeout)


def _salt(request: Request) -> Salt | None:
    """The kiosk's salt: the file that was named, else that in the kiosk's folder, if there is one."""
    path = request.salt or (request.kiosk / SALT if request.kiosk else None)
    try:
        salt = None if path is None else read_salt(path)
    except SaltError as error:
        cure = "" if request.salt else "; be its owner, or give a copy of it with --salt FILE"
        raise UsageFault(f"the kiosk's salt: {error}{cure}") from None
    if salt is not None and salt.own:
        raise UsageFault(f"--salt {path}: this is one learner's salt; give the course's, DIR/{SALT}")
    return salt


def _work(request: Request, order: Order, wanted: list[reports.Wanted]) -> int:
    ledger = Ledger(request.journal, order.head())
    try:
        with Bar(request.submissions) as bar:
            graded, intake = grade_all(order, request.submissions, ledger, bar.show)
        if ledger.recalled:
            say(f"{ledger.recalled} of {len(ledger)} were graded before, says the journal {request.journal}")
        _talk(graded, intake)
        alone = not (intake.many or request.roster or request.student_from or request.staff or request.kiosk)
        batch = Batch(_lab_words(order), lambda: graded, graded.missing, alone=alone,
                      klass=bool(request.roster or request.kiosk))
        _say_that_one_is_too_few(batch, [one for one in wanted if not one.each])
        for report in wanted:
            if report.each:
                reports.deliver_each(report, batch)
            else:
                reports.deliver(report, batch)
        if not any(report.path is None for report in wanted):
            _print_texts(graded, intake.many)
        for_one = any(one.form in reports.FOR_ONE and not one.each for one in wanted)
        if for_one and DEFECT not in graded.codes and _is_a_class(graded):
            return USAGE
        return _check_exit(graded, request.checks) if request.checks else batch_exit(graded.codes)
    finally:
        ledger.close()


def _is_a_class(graded: Graded) -> bool:
    """Whether several students handed in. One who handed in two files made a mistake of their own, which their report
    tells them; a report for one over a class is a mistake of staff, and would give everybody nothing."""
    counting = {folded(result["student"]) for result in graded if result["counts"] and result["student"]}
    return len(counting) > 1


def _say_that_one_is_too_few(batch: Batch, wanted: list[reports.Wanted]) -> None:
    """Warn when a platform's report can hold one hand-in only, and there are several."""
    for form in dict.fromkeys(one.form for one in wanted if one.form in reports.FOR_ONE):
        result, problem = batch.the_one()
        if result is None:
            say(one_line(f"--report {form}: {problem}; for a class name a file for each: {form}:{{student}}.json"))


def _lab_words(order: Order) -> dict:
    return {"id": order.lab.id, "title": order.lab.title, "sha256": order.lab.logic_sha256,
            "max_score": order.max_score()}


def _check_exit(graded: Graded, names: list[str]) -> int:
    """0 if every named check passed in every hand-in that counts; else 1, or what kept one from being graded."""
    code = batch_exit(code for code in graded.codes if code not in (PASSED, BELOW))
    if code != PASSED:
        return code
    for result in graded:
        if result["counts"]:
            passed = {row.id: row.passed for row in rows(result)}
            if not all(passed.get(name, True) for name in names):
                return BELOW
    return PASSED


def _talk(graded: Graded, intake: Intake) -> None:
    """What people should know besides the results."""
    for result in graded:
        if result["error"]:
            say(one_line(f"{result['submission']}: {result['error']}. {result['near']}".rstrip(". ")))
    if intake.passed_over:
        some = ", ".join(one_line(name, 80) for name in intake.passed_over[:5])
        say(f"{_other_files(len(intake.passed_over))} passed over: {some}"
            + (" …" if len(intake.passed_over) > 5 else ""))
    if graded.missing:
        some = ", ".join(list(graded.missing)[:20])
        say(f"{len(graded.missing)} of the roster handed in nothing: {some}"
            + (" …" if len(graded.missing) > 20 else ""))


def _other_files(count: int) -> str:
    return "1 other file was" if count == 1 else f"{count:,} other files were"


def _print_texts(graded: Graded, many: bool) -> None:
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a locale that has no tick must not end a batch
    for result in graded:
        if many:
            print(result["submission"])
        print(result_text(result))


def _percent(text: str | None) -> int | None:
    try:
        return percent_of(text)
    except ValueError as error:
        raise UsageFault(f"--{error}") from None


# -- reports that say what went wrong ---------------------------------------------------------------------------


def _announce(wanted: list[reports.Wanted], request: Request, error: str, status: str = "error",
              also_stdout: bool = False) -> None:
    batch = Batch({"id": one_line(request.lab, 200), "title": "", "status": status}, lambda: (), error=error,
                  given=len(request.submissions))
    for report in wanted:
        if not report.each and (also_stdout or not report.streams):
            reports.deliver(report, batch)


def _given_up(wanted: list[reports.Wanted], request: Request, code: int, status: str, message: str) -> int:
    """Say why nothing was graded, in every report too."""
    say(message)
    try:
        _announce(wanted, request, message, status, also_stdout=code != USAGE)
    except reports.ReportError as error:
        say(str(error))
    return code


class Bar:
    """A progress bar on stderr, on a terminal only."""

    WIDTH = 30

    def __init__(self, given: list[str]) -> None:
        self._show = sys.stderr.isatty()
        self._total = Intake(given).count() if self._show else None
        self._begun = self._last = time.monotonic()

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *problem: object) -> None:
        if self._show:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def show(self, done: int) -> None:
        """Draw, at most ten times a second."""
        moment = time.monotonic()
        if not self._show or moment - self._last < 0.1:
            return
        self._last = moment
        rate = done / max(0.001, moment - self._begun)
        if self._total:
            full = min(self.WIDTH, self.WIDTH * done // self._total)
            bar = f"[{'#' * full}{'.' * (self.WIDTH - full)}] {done:,} of {self._total:,}"
            left = f", {max(0, self._total - done) / max(rate, 0.001):.0f} s to go"
        else:
            bar, left = f"{done:,} done", ""
        print(f"\r\x1b[Kgrading {bar}, {rate:.0f}/s{left}", end="", file=sys.stderr, flush=True)

