"""Statistics as text for a terminal, and as CSV."""

from __future__ import annotations

import csv
import io

from tcplab.grading.clean import one_line
from tcplab.grading.stats.gather import OUTCOMES, LabStats, StepStats
from tcplab.notation.plural import many


def clock(seconds: int | None) -> str:
    """Seconds as m:ss, an en dash for none."""
    return "–" if seconds is None else f"{seconds // 60}:{seconds % 60:02}"


def percent(part: int, whole: int) -> str:
    """A share in whole percent, rounded; 100% and 0% mean all and none."""
    if not whole:
        return "–"
    near = (part * 200 + whole) // (2 * whole)
    return f"{near if part in (0, whole) else min(99, max(1, near))}%"


def text(labs: list[LabStats]) -> str:
    """One block a lab, one line a step, with its two most common wrong answers."""
    blocks = []
    for lab in labs:
        lines = [f"{lab.id} · {lab.title}", summary(lab), "",
                 f"  {'step':<16} {'pts':>3} {'pass':>5} {'wrong':>6} {'skip':>5} {'not r.':>6} {'hints':>6} "
                 f"{'time':>6}"]
        for step in lab.steps.values():
            shares = [percent(step.outcomes[name], step.learners) for name in OUTCOMES]
            lines.append(f"  {step.id:<16.16} {step.points:>3} {shares[0]:>5} {shares[1]:>6} {shares[2]:>5} "
                         f"{shares[3]:>6} {step.hints:>6} {clock(step.median_seconds):>6}")
            lines += [f"{'':20}{count:>4} × {one_line(answer, 53)}" for answer, count in step.common(2)]
        lines += ["", *(f"  {head}: {_some(names)}" for head, names in absences(lab))] if absences(lab) else []
        blocks.append("\n".join(one_line(line) for line in lines))
    return "\n\n".join(blocks) + "\n"


def absences(lab: LabStats) -> list[tuple[str, list[str]]]:
    """Who is in none of the figures, under a head that says why."""
    found = [("could not be graded", lab.refused_by), ("handed in nothing", lab.missing or [])]
    return [(head, names) for head, names in found if names]


def _some(names: list[str], most: int = 20) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def summary(lab: LabStats) -> str:
    """Who is in it, in one sentence."""
    total = sum(score * count for score, count in lab.marks.items())
    average = f", on average {total / lab.graded:.1f} of {lab.max_score} points" if lab.graded else ""
    missing = "" if lab.missing is None else f"{many(len(lab.missing), 'learner')} handed in nothing, "
    left = many(lab.earlier, "earlier attempt")
    if lab.stray:
        left += f" and {many(lab.stray, 'other file')} that cannot count"
    return (f"{many(lab.graded, 'hand-in')} count{'s' if lab.graded == 1 else ''}, {lab.passed} passed{average}; "
            f"{many(lab.hints, 'hint')}; {missing}{lab.refused} could not be graded, {left} left out")


def table(labs: list[LabStats]) -> str:
    """CSV: one line a step; wrong answers as `count x answer`, most common first. A line without a step tells who
    could not be graded, and who handed in nothing (`kind` refused and missing)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["lab", "step", "title", "kind", "points", "learners",
                     *(name.replace(" ", "_") for name in OUTCOMES), "points_earned", "hints", "median_seconds",
                     "wrong_answers", "not_passed_by"])
    for lab in labs:
        for step in lab.steps.values():
            writer.writerow([safe(cell) for cell in _cells(lab, step)])
        for kind, names in (("refused", lab.refused_by), ("missing", lab.missing or [])):
            if names:
                writer.writerow([safe(cell) for cell in (lab.id, "", "", kind, "", len(names), *[""] * 8,
                                                         "; ".join(names))])
    return out.getvalue()


def _cells(lab: LabStats, step: StepStats) -> list[object]:
    middle = step.median_seconds
    return [lab.id, step.id, step.title, step.kind, step.points, step.learners,
            *(step.outcomes[name] for name in OUTCOMES), step.earned, step.hints, "" if middle is None else middle,
            "; ".join(f"{count} x {answer}" for answer, count in step.common(10)), "; ".join(step.failed_by)]


def safe(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    words = one_line(str(value), 8000)
    return "'" + words if isinstance(value, str) and words[:1] in ("=", "+", "-", "@") else words
