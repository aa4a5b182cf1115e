"""JUnit XML as Jenkins, GitLab and others read it: one suite a hand-in, one case a check; points are properties."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from tcplab.grading.clean import clean
from tcplab.grading.clock import now
from tcplab.grading.reports.batch import Batch, Row, rows, who
from tcplab.grading.text import remarks


def write(batch: Batch) -> str:
    """The suites. Time is virtual: seconds from the beginning of the session to where the check was settled."""
    suites, totals = [], [0, 0, 0]
    for result in batch:
        suite, counts = _suite(result)
        suites.append(suite)
        totals = [a + b for a, b in zip(totals, counts, strict=True)]
    if batch.error is not None:
        suites.append(_broken(batch.lab["id"], batch.lab["id"], batch.error, []))
        totals = [1, 0, 1]
    head = (f'<testsuites name="tcplab" tests="{totals[0]}" failures="{totals[1]}" errors="{totals[2]}" skipped="0" '
            f'time="0">')
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *suites, "</testsuites>\n"])


def _suite(result: dict) -> tuple[str, tuple[int, int, int]]:
    name = f"{result['lab']['id']} {who(result)}"
    facts = [("tcplab.submission", result.get("submission")), ("tcplab.student", result["student"]),
             ("tcplab.seed", result["seed"]), ("tcplab.status", result["status"]), ("tcplab.score", result["score"]),
             ("tcplab.max_score", result["max_score"]), ("tcplab.passed", str(result["passed"]).lower()),
             ("tcplab.supervised", str(result.get("supervised", False)).lower()),
             *(("tcplab.remark", words) for words in remarks(result)),
             ("tcplab.counts", str(result.get("counts", True)).lower())]
    if result["status"] != "graded":
        return _broken(name, result["lab"]["id"], f"{result['status']}: {result['error']}", facts), (1, 0, 1)
    cases = rows(result)
    failures = sum(not row.passed for row in cases)
    lines = [_opening(name, len(cases), failures, 0, result["virtual_time_ns"]), _properties(facts)]
    lines += [_case(result["lab"]["id"], row) for row in cases]
    return "\n".join([*lines, " </testsuite>"]), (len(cases), failures, 0)


def _opening(name: str, tests: int, failures: int, errors: int, time_ns: int) -> str:
    return (f' <testsuite name={_attr(name)} tests="{tests}" failures="{failures}" errors="{errors}" skipped="0" '
            f'time="{time_ns / 1e9:.3f}" timestamp="{now():%Y-%m-%dT%H:%M:%S}" hostname="localhost">')


def _broken(name: str, lab: str, message: str, facts: list) -> str:
    return "\n".join([
        _opening(name, 1, 0, 1, 0), _properties(facts),
        f'  <testcase classname={_attr(lab)} name="hand-in" time="0"><error type="tcplab" message={_attr(message)}/>'
        "</testcase>", " </testsuite>"])


def _properties(facts: list) -> str:
    known = [f'   <property name="{key}" value={_attr(value)}/>' for key, value in facts if value is not None]
    return "\n".join(["  <properties>", *known, "  </properties>"])


def _case(lab: str, row: Row) -> str:
    lines = [f'  <testcase classname={_attr(lab)} name={_attr(row.id)} time="{(row.at_ns or 0) / 1e9:.3f}">',
             "   <properties>", f'    <property name="tcplab.score" value="{row.score}"/>',
             f'    <property name="tcplab.max_score" value="{row.max_score}"/>', "   </properties>"]
    if not row.passed:
        first, _, rest = row.story.partition("\n")
        lines.append(f'   <failure type="assertion" message={_attr(first)}>{escape(clean(rest))}</failure>')
    if row.segments:
        lines.append(f"   <system-out>segments {' '.join(f'#{number}' for number in row.segments)}</system-out>")
    return "\n".join([*lines, "  </testcase>"])


def _attr(value: object) -> str:
    return quoteattr(clean(str(value)).replace("\n", " "))
