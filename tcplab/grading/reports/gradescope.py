"""Gradescope's results.json: one hand-in, one test a check, its visibility passed on."""

from __future__ import annotations

import json

from tcplab.grading.clean import cleaned
from tcplab.grading.reports.batch import Batch, Row, hints, rows
from tcplab.grading.text import remarks


def write(batch: Batch) -> str:
    """The object for `/autograder/results/results.json`; scores are whole points."""
    result, problem = batch.the_one()
    if result is None:
        return _dump({"score": 0, "output": problem, "output_format": "text", "stdout_visibility": "hidden",
                      "tests": [], "extra_data": {"tcplab": {"lab": batch.lab["id"], "status": "error"}}})
    extra = {key: result.get(key) for key in ("status", "seed", "seed_source", "student", "passed", "complete",
                                              "exact", "sealed", "supervised", "submission", "attempt", "trace_sha256",
                                              "tcplab")}
    head = {"score": result["score"], "output_format": "text", "test_output_format": "text",
            "stdout_visibility": "hidden", "extra_data": {"tcplab": extra | {"lab": result["lab"]}}}
    said = remarks(result)
    if result["status"] != "graded":
        return _dump(head | {"output": "\n".join([f"not graded: {result['error']}", *said]), "tests": []})
    if said:
        head["output"] = "\n".join(said)
    return _dump(head | {"tests": [_test(number, row) for number, row in enumerate(rows(result), 1)],
                         "leaderboard": [{"name": "Hints used", "value": hints(result), "order": "asc"}]})


def _test(number: int, row: Row) -> dict:
    return {"number": str(number), "name": row.title, "score": row.score, "max_score": row.max_score,
            "status": "passed" if row.passed else "failed", "output": row.story, "visibility": row.visibility,
            "tags": [row.id], "extra_data": {"segments": list(row.segments), "hints_used": row.hints}}


def _dump(value: dict) -> str:
    return json.dumps(cleaned(value), ensure_ascii=True, indent=1) + "\n"
