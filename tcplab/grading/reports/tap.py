"""TAP 14: one line a check, with a YAML block that says what was expected; several hand-ins are subtests."""

from __future__ import annotations

import json

from tcplab.grading.clean import cleaned, one_line
from tcplab.grading.reports.batch import Batch, rows, who
from tcplab.grading.text import remarks


def write(batch: Batch) -> str:
    """The whole stream."""
    if batch.error is not None:
        return f"TAP version 14\n1..1\nBail out! {_plain(batch.error)}\n"
    results = list(map(_hand_in, batch))
    if len(results) == 1:
        return "\n".join(["TAP version 14", *results[0][0]]) + "\n"
    lines = ["TAP version 14", f"1..{len(results)}" + ("" if results else " # SKIP nothing was handed in")]
    for number, (inner, name, passed) in enumerate(results, 1):
        lines.append(f"# Subtest: {name}")
        lines += ["    " + line for line in inner]
        lines.append(f"{'ok' if passed else 'not ok'} {number} - {name}")
    return "\n".join(lines) + "\n"


def _hand_in(result: dict) -> tuple[list[str], str, bool]:
    name = _plain(f"{result['lab']['id']} {who(result)}")
    if result["status"] != "graded":
        facts = {"status": result["status"], "message": result["error"]}
        return ["1..1", "not ok 1 - hand-in", *_yaml(facts), *_remarks(result)], name, False
    cases = rows(result)
    lines = [f"1..{len(cases)}" + ("" if cases else " # SKIP this lab asks for nothing")]
    for number, row in enumerate(cases, 1):
        lines.append(f"{'ok' if row.passed else 'not ok'} {number} - {_plain(row.id)} {_plain(row.title)}")
        facts = {"score": row.score, "max_score": row.max_score}
        if not row.passed:
            facts |= {"message": row.story, "expected": row.expected, "got": row.got}
        lines += _yaml(facts)
    return lines + _remarks(result), name, all(row.passed for row in cases)


def _remarks(result: dict) -> list[str]:
    """Comments, which a reader of TAP passes on."""
    return [f"# {_plain(words)}" for words in remarks(result)]


def _yaml(facts: dict) -> list[str]:
    """A YAML block; texts are written as JSON, which is YAML and cannot break out of its line."""
    return ["  ---", *(f"  {key}: {json.dumps(value, ensure_ascii=False)}" for key, value in cleaned(facts).items()),
            "  ..."]


def _plain(text: str) -> str:
    return one_line(text).replace("\\", "\\\\").replace("#", "\\#")
