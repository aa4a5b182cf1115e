"""A result for people: one line a step, then the score."""

from __future__ import annotations

from tcplab.grading.clean import one_line
from tcplab.notation.units import format_time

#: Of a recording that claims another state of the lab or other rules: there its lines cannot be held against it.
LOOSE = "made in another state of the lab: its commands were played as well as they fit"

#: Of a recording whose session was never closed, or whose trailer is gone.
CUT_SHORT = "session cut short: nothing at its end vouches for its lines"
#: Of a recording from a tcplab that kept no hash of the lines, or whose hash is gone.
UNSEALED = "its trailer holds no hash of its lines"


def remarks(result: dict) -> list[str]:
    """What people should know of a hand-in besides its marks; every report says it."""
    said = []
    if result["status"] == "graded" and not result["complete"]:
        said.append(CUT_SHORT)
    elif result["status"] == "graded" and result.get("exact") is not None and result.get("sealed") is None:
        said.append(UNSEALED)
    if result.get("exact") is False:
        said.append(LOOSE)
    return said + (result.get("pace") or {}).get("odd", []) + result.get("remarks", [])


def result_text(result: dict) -> str:
    """The result as text, without colour and without control characters."""
    seed = "" if result["seed"] is None else f" · seed {result['seed']} ({result['seed_source']})"
    lines = [f"{result['lab']['id']} · {result['lab']['title']}{seed}"
             + (f" · student {result['student']}" if result["student"] else "")]
    for step in result["steps"]:
        if step["kind"] != "say":
            lines.extend(_step_lines(step))
    for check in result.get("staff_checks", []):
        points = f"{check['score']}/{check['max_score']}" if check["max_score"] else ""
        lines.append(f"  {'✓' if check['passed'] else '✗'} {points:>5}  {check['id']:<14} {check['title']} (staff)")
    if result["status"] != "graded":
        lines.append(f"not graded: {result['error']}")
    else:
        verdict = "passed" if result["passed"] else f"not passed ({_needed(result)})"
        lines.append(f"score {result['score']} of {result['max_score']}: {verdict}"
                     f" · {format_time(result['virtual_time_ns'])} of virtual time"
                     + "".join(f" · {words}" for words in remarks(result)))
    return "\n".join(one_line(line) for line in lines)


def _needed(result: dict) -> str:
    """What a hand-in that did not pass lacks."""
    threshold = result.get("threshold")
    if threshold is None:
        return "full marks are needed, or what --threshold says"
    reached = result["score"] * 100 // result["max_score"]  # never rounded up to what was needed
    return f"{threshold} % needed, {reached} % reached"


def _step_lines(step: dict) -> list[str]:
    check = step["checks"][0]
    points = f"{step['score']}/{step['max_score']}" if step["max_score"] else ""
    lines = [f"  {'✓' if step['passed'] else '✗'} {points:>5}  {step['id']:<14} {step['title']}"]
    if not step["passed"] and check["got"] is not None:
        expected = "not settled" if check["expected"] is None else check.get("expected_text", check["expected"])
        lines.append(f"{'':25}expected {expected}, got {check.get('got_text', check['got'])}")
        if check["why"]:
            lines.append(f"{'':25}{check['why']}")
    return lines

