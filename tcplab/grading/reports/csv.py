"""CSV for a spreadsheet or a gradebook: one line a hand-in, one for each student who handed in nothing."""

from __future__ import annotations

import csv
import io

from tcplab.grading.clean import one_line
from tcplab.grading.reports.batch import Batch, hints
from tcplab.grading.text import remarks

COLUMNS = ("student", "lab", "score", "max_score", "passed", "hints", "attempt", "seed", "replay", "counts",
           "supervised", "complete", "virtual_time_s", "submission", "error", "remarks", "copied_from")


def write(batch: Batch) -> str:
    """The table. A cell that a spreadsheet would take for a formula gets a quote before it."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    if batch.error is not None:
        table.writerow(_cells(["", batch.lab["id"], 0, 0, False, 0, "", "", "error", *[""] * 5, batch.error, "", ""]))
    for result in batch:
        table.writerow(_cells([
            result["student"], result["lab"]["id"], result["score"], result["max_score"], result["passed"],
            hints(result), result.get("attempt"), result["seed"],
            _replay(result), result.get("counts", True),
            result.get("supervised", False), result["complete"], f"{result['virtual_time_ns'] / 1e9:.3f}",
            result.get("submission"), _error(result), "; ".join(remarks(result)), _owner(result)]))
    for student, words in batch.missing.items():
        table.writerow(_cells([student, batch.lab["id"], 0, batch.lab.get("max_score", 0), False, 0, "", "", "missing",
                               True, False, "", "", "", words, "", ""]))
    return out.getvalue()


def _error(result: dict) -> str | None:
    """What went wrong, and whom a name that is nobody's may mean: this report is for staff."""
    return f"{result['error']}. {result['near']}" if result["error"] and result.get("near") else result["error"]


def _owner(result: dict) -> str | None:
    """From whom a copy was taken, as far as that is known: by its run, its seed, or what its header says."""
    copied = result.get("copied_from") or {}
    return copied.get("run_of") or copied.get("seed_of") or copied.get("header_student")


def _replay(result: dict) -> str:
    """How playing it again went: `loose` is a recording that claims another state of the lab."""
    if result["status"] != "graded":
        return result["status"]
    return "loose" if result.get("exact") is False else "ok"


def _cells(values: list) -> list[str]:
    return [_cell(value) for value in values]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = one_line(str(value))
    return "'" + text if text[:1] in ("=", "+", "-", "@") and isinstance(value, str) else text
