"""The last page of a lab: the score, what was learnt, where the recording is and how it is graded."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from tcplab.session.views import Feedback, GuideView

from .bars import squares
from .guide_page import step_rows
from .guide_text import guide_text
from .runs import Row, cut, spread, wrap


def summary_rows(
    guide: GuideView,
    learnt: Sequence[Feedback],
    path: Path | None,
    cells: int,
    grade: str = "",
    following: tuple[str, str] | None = None,
    own: Sequence[Row] = (),
) -> list[Row]:
    """All rows of the page. `grade` begins the command that grades it, as a shell takes it here; `following` is the
    lab to go on with (id and title), None after the last one; `own` is the ladder of the learner's own run."""
    full = guide.score >= guide.max_score
    rows: list[Row] = [[(guide.lab_title, "bright bold")], []]
    if guide.max_score:
        praise = (
            "Full marks." if full else "Finished." if guide.score * 2 >= guide.max_score else "Finished; play it again?"
        )
        rows += [
            [
                ("Score  ", "dim"),
                (f"{guide.score} of {guide.max_score}", "good bold" if full else "bright bold"),
                ("  ", "text"),
                *squares(guide.score * 12 // guide.max_score, 12),
                (f"  {praise}", "text"),
            ],
            [],
        ]
    rows += [*_onward(following, cells), []]
    rows += _learnt(guide, learnt, cells)
    rows += [*_passing(guide, cells), *_hand_in(path, cells, grade or f"tcplab grade {guide.lab_id}"), []]
    if own:
        rows += [[("Your own ladder, at the end", "head bold")], *own, []]
    return [*rows, [("Your steps", "head bold")], *step_rows(guide.steps, cells)]


def _learnt(guide: GuideView, learnt: Sequence[Feedback], cells: int) -> list[Row]:
    """What the learner found out, each under the step that asked for it; answers that were wrong are not learnt yet."""
    titles = {step.id: step.title for step in guide.steps}
    rows: list[Row] = []
    for item in learnt:
        if item.after and item.good:
            head: Row = [(" ✓ ", "good"), (titles.get(item.step_id, ""), "bright")]
            rows.append(spread(head, [(_clause(item.rfc), "faint")], cells))
            # Its first paragraph is the insight; what stands below it was read when it came.
            rows += [[("   ", "text"), *row] for row in guide_text(item.after.split("\n\n")[0], cells - 3)]
    return [[("What you have learnt", "head bold")], *rows, []] if rows else []


def _clause(rfc: str) -> str:
    return rfc if not rfc or rfc.upper().startswith("RFC") else f"RFC {rfc}"


def _onward(following: tuple[str, str] | None, cells: int) -> list[Row]:
    """Where enter leads from here."""
    if following is None:
        return [[("enter", "key bold"), (" goes home, to all labs", "text")]]
    return [cut([("enter", "key bold"), (" opens the next lab: ", "text"), (following[1], "bright")], cells)]


def _passing(guide: GuideView, cells: int) -> list[Row]:
    """What passing means, and where points were lost."""
    if not guide.max_score:
        return []
    if guide.score >= guide.max_score:
        return [[("✓ passed: ", "good bold"), (f"{guide.score} of {guide.max_score} needed", "text")], []]
    words = f": the grader wants all {guide.max_score} points unless your teacher says otherwise"
    rows: list[Row] = wrap([("not passed yet", "warn bold"), (words, "text")], cells)
    for number, step in enumerate(guide.steps, 1):
        if step.score < step.max_score:
            lost = f"{step.score} of {step.max_score}"
            rows.append(cut([(f" ✗ step {number} ", "lost"), (step.title, "text"), (f"  {lost}", "dim")], cells))
    rows += wrap([("To try again: choose this lab on the home screen, ", "dim"), ("enter", "key bold"),
                  (". The best attempt counts there.", "dim")], cells)
    return [*rows, []]


def _hand_in(path: Path | None, cells: int, grade: str) -> list[Row]:
    """The recording and the command that grades it, on lines of their own so that they can be copied."""
    if path is None:
        return [[("This session was not recorded.", "dim")]]
    return [
        [("To hand in", "head bold")],
        *wrap([("This file holds every command you gave and when; the grader plays it again.", "text")], cells),
        [],
        *[[(part, "bright")] for part in _pieces(str(path), cells)],
        [],
        [("Graded by", "dim")],
        *_command(grade, _typed(path), cells),
    ]


def _typed(path: Path) -> str:
    """A path as a shell takes it, the learner's own folder as ``~``."""
    try:
        return "~/" + shlex.quote(str(path.relative_to(Path.home())))
    except (ValueError, RuntimeError):
        return shlex.quote(str(path))


def _command(words: str, path: str, cells: int) -> list[Row]:
    """A command that still works when it is copied: the shell joins lines that end in a backslash."""
    whole = f"{words} {path}"
    lines = [whole] if len(whole) <= cells else [f"{words} \\", *_pieces(path, cells)]
    return [[(line, "key bold")] for line in lines]


def _pieces(text: str, cells: int) -> list[str]:
    """A text in pieces that fit into a row: nothing of a path may be cut off."""
    return [text[i : i + cells] for i in range(0, len(text), cells)]
