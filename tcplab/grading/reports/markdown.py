"""Markdown for people, as in a step summary of GitHub Actions: a table of hand-ins, and of one its checks."""

from __future__ import annotations

import re

from tcplab.grading.clean import one_line
from tcplab.grading.reports.batch import Batch, hidden_words, rows, shown_score, shown_to_learners, who
from tcplab.grading.text import remarks


def write(batch: Batch) -> str:
    """The page. That of a class is for staff; any other may be read by learners: what they may not see is only
    counted, and the points of all rows are of the checks shown."""
    lines = [f"# {_text(batch.lab['title'] or batch.lab['id'])}", ""]
    if batch.error is not None:
        return "\n".join([*lines, f"**Not graded:** {_text(batch.error)}", ""])
    first: dict | None = None
    lines += ["| who | score | of | passed | remarks |", "|---|---:|---:|---|---|"]
    whole = batch.klass and len({result.get("student") for result in batch}) > 1
    total = batch.lab.get("max_score", 0) if whole else _shown_points(batch)
    count = 0
    for result in batch:
        count += 1
        first = first or result
        score, most = (result["score"], result["max_score"]) if whole else shown_score(result)
        most = most if result["steps"] else total
        passed = "–" if not whole and _hides(result) else "yes" if result["passed"] else "no"
        lines.append(f"| {_text(who(result))} | {score} | {most} | {passed} | {_text(_remarks(result))} |")
    lines += [f"| {_text(student)} | 0 | {total} | no | {_text(words)} |" for student, words in batch.missing.items()]
    if count == 1 and first is not None and first["status"] == "graded":
        lines += ["", *_checks(first)]
    return "\n".join([*lines, ""])


def _hides(result: dict) -> bool:
    return not all(shown_to_learners(row, result.get("due")) for row in rows(result))


def _shown_points(batch: Batch) -> int:
    """What there is to earn by the checks that learners may see; all of it where nothing was graded."""
    return next((shown_score(result)[1] for result in batch if result["steps"]), batch.lab.get("max_score", 0))


def _remarks(result: dict) -> str:
    said = [] if result["status"] == "graded" else [f"{result['status']}: {result['error']}"]
    said += remarks(result)
    if not result.get("counts", True):
        said.append("does not count: another hand-in of this student does" if result.get("student")
                    else "counts for nobody")
    return "; ".join([*said, "supervised" if result.get("supervised") else "not supervised"])


def _checks(result: dict) -> list[str]:
    lines = ["| check | points | result |", "|---|---:|---|"]
    hidden = 0
    for row in rows(result):
        if not shown_to_learners(row, result.get("due")):
            hidden += 1
            continue
        points = f"{row.score}/{row.max_score}" if row.max_score else ""
        verdict = "✓" if row.passed else "✗ " + row.story
        lines.append(f"| {_text(row.title)} | {points} | {_text(verdict)} |")
    return lines + (["", f"{hidden_words(hidden)}."] if hidden else [])


def _text(text: str) -> str:
    """Words that stay words: no markup, no link, no HTML, one cell."""
    return re.sub(r"([\\`*_{}\[\]<>|#~&!$@])", r"\\\1", one_line(text, 500)).replace("://", ":\\//")
