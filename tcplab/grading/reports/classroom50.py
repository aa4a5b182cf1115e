"""Classroom 50's result.json (`classroom50/result/v1`): a closed top level and whole numbers; identity from the
environment that its workflow sets."""

from __future__ import annotations

import json
import os

from tcplab.grading.clean import cleaned, one_line
from tcplab.grading.clock import now
from tcplab.grading.reports.batch import Batch, hidden_words, rows, shown_score, shown_to_learners
from tcplab.grading.text import remarks

#: The platform wants a word everywhere; its runner puts in the true ones where its environment is not set.
UNKNOWN = "unknown"


def write(batch: Batch) -> str:
    """The object for `./result.json`. Checks that learners may not see yet are only counted: a total that held their
    points would tell how they went."""
    result, problem = batch.the_one()
    graded = result is not None and result["status"] == "graded"
    if graded:
        tests = _tests(result)
        score, most = shown_score(result)
    else:
        score, most = 0, 0 if result is None else result["max_score"]
        message = problem if result is None else f"{result['status']}: {result['error']}"
        tests = [{"test-name": "hand-in", "passed": False, "score": 0, "max-score": most, "message": one_line(message)}]
    kind = _env("ASSIGNMENT_TYPE")
    tag = _env("SUBMISSION_TAG")
    value = {
        "schema": "classroom50/result/v1", "classroom": _env("CLASSROOM") or UNKNOWN,
        "assignment": _env("ASSIGNMENT") or UNKNOWN,
        "assignment_type": kind if kind in ("individual", "group") else "individual",
        "owner": _env("OWNER") or _env("USERNAME") or UNKNOWN,
        "submission": tag if tag.startswith("submit/") else f"submit/{tag or 'local'}",
        "commit": _env("COMMIT_URL") or UNKNOWN, "release": _env("RELEASE_URL") or UNKNOWN,
        "review": _env("REVIEW_URL") or _env("COMMIT_URL") or UNKNOWN,
        "datetime": f"{now():%Y-%m-%dT%H:%M:%SZ}", "score": score, "max-score": most, "tests": tests,
    }
    return json.dumps(cleaned(value), ensure_ascii=True, indent=1) + "\n"


def _tests(result: dict) -> list[dict]:
    shown, hidden = [], []
    for row in rows(result):
        (shown if shown_to_learners(row, result.get("due")) else hidden).append(row)
    tests = [{"test-name": row.title, "passed": row.passed, "score": row.score, "max-score": row.max_score,
              "id": row.id, "message": one_line(row.story), "hints-used": row.hints} for row in shown]
    told = [*remarks(result), *([hidden_words(len(hidden))] if hidden else [])]
    return tests + [{"test-name": "about the hand-in", "passed": True, "score": 0, "max-score": 0,
                     "message": one_line("; ".join(told))}] * bool(told)


def _env(name: str) -> str:
    return one_line(os.environ.get(name, ""), 500)
