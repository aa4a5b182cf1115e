"""`make conformance`: run every test that carries an id, write REPORT.md and REPORT.csv, name what is not covered.

`--prune` takes rows out of left_out.csv that a test proves by now.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter

import pytest

from tests.support.requirements import HOME, ROOT, coverage, left_out, requirements, rows


class Results:
    """A pytest plugin: node id without parameters and with -> worst outcome."""

    def __init__(self) -> None:
        self.of: dict[str, str] = {}

    def pytest_runtest_logreport(self, report) -> None:
        if report.when != "call" and report.outcome == "passed":
            return
        for node in (report.nodeid, report.nodeid.partition("[")[0]):
            if self.of.get(node) != "failed":
                self.of[node] = report.outcome


def nodes_to_run(covered: dict[str, list[str]]) -> list[str]:
    """Every test once; all drills and the whole grid by their function."""
    found = {node.partition("[")[0] for nodes in covered.values() for node in nodes}
    return [str(ROOT / node) for node in sorted(found)]


def result_of(nodes: list[str], results: dict[str, str]) -> str:
    outcomes = {results.get(node, "not run") for node in nodes}
    return next((word for word in ("failed", "not run", "skipped", "passed") if word in outcomes), "not run")


def table(results: dict[str, str]) -> list[tuple[str, str, str, str, str]]:
    """(id, level, requirement, tests, result) of every row of both csv files, in their order."""
    covered, out = coverage(), left_out()
    found = []
    for id, row in requirements().items():
        nodes = covered.get(id, [])
        if nodes:
            found.append((id, row.level, row.statement, " ".join(nodes), result_of(nodes, results)))
        elif id in out:
            found.append((id, row.level, row.statement, "", f"left out: {out[id]}"))
        else:
            found.append((id, row.level, row.statement, "", "uncovered" if row.applicable else row.applies))
    return found


def markdown(lines: list[tuple[str, str, str, str, str]]) -> str:
    count = Counter(result.partition(":")[0] for *_, result in lines)
    said = ", ".join(f"{n} {word}" for word, n in count.most_common())
    text = ["# Conformance", "", "Made by `make conformance` from requirements.csv and state-machine.csv.", "",
            said + ".", "", "| id | level | requirement | test | result |", "|---|---|---|---|---|"]
    for id, level, statement, nodes, result in lines:
        first, *others = nodes.split(" tests/") if nodes else [""]
        shown = first.removeprefix("tests/").replace("|", "\\|") + (f" and {len(others)} more" if others else "")
        text.append(f"| {id} | {level} | {statement.replace('|', chr(92) + '|')} | {shown} | {result} |")
    return "\n".join(text + choices({id: result for id, *_, result in lines})) + "\n"


def choices(results: dict[str, str]) -> list[str]:
    """The tables of choices.csv: what was decided where documents disagree, and where implementations go wrong."""
    text = ["", "## Where documents disagree", "", "| question | the texts | here | code | proven by |",
            "|---|---|---|---|---|"]
    for row in rows("choices.csv"):
        if row["kind"] == "trap" and "## Traps" not in text:
            text += ["", "## Traps", "", "| trap | here | code | proven by |", "|---|---|---|---|"]
        proofs = ", ".join(f"{id} {results[id]}" for id in row["ids"].split())
        cells = (row["question"], row["texts"], row["choice"], row["where"], proofs)
        text.append("| " + " | ".join(cell for cell in cells if cell or row["kind"] == "choice") + " |")
    return text


def prune() -> None:
    """Take out of left_out.csv what is covered (the grid's own rows stay until they are taken out by hand)."""
    covered = coverage()
    kept = [row for row in rows("left_out.csv") if row["id"] not in covered]
    with (HOME / "left_out.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ("id", "reason"), lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)


def main() -> int:
    if "--prune" in sys.argv:
        prune()
        return 0
    results = Results()
    pytest.main(["-q", "-p", "no:cacheprovider", *nodes_to_run(coverage())], plugins=[results])
    lines = table(results.of)
    with (HOME / "REPORT.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("id", "level", "requirement", "test", "result"))
        writer.writerows(lines)
    (HOME / "REPORT.md").write_text(markdown(lines), encoding="utf-8")
    count = Counter(result.partition(":")[0] for *_, result in lines)
    print(", ".join(f"{n} {word}" for word, n in count.most_common()))
    for id, _, statement, _, result in lines:
        if result in ("uncovered", "failed", "not run"):
            print(f"{result}: {id} {statement}")
    by_now = [id for id in left_out() if id in coverage()]
    if by_now:
        print(f"left out and yet proven: {' '.join(by_now)} (python -m tests.conformance.report --prune)")
    return 1 if count["uncovered"] or count["failed"] or count["not run"] else 0


if __name__ == "__main__":
    sys.exit(main())
