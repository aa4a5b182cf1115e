"""The task in the frame: what to do or to answer now, the box for the answer, how it went. Never in a tab."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tcplab.session.views import ChoiceView, Feedback, GuideView, QuestionView

from .guide_text import KeyFor, guide_text
from .runs import Row, clean, cut, fit, row_width, rule, wrap

_ASKS = {
    "number": "a number",
    "choice": "one letter",
    "several": "the letters of all that are true, e.g. a c",
    "order": "the letters in their order, e.g. b a c",
    "match": "pairs such as a1 b2",
    "words": "your own words",
}


@dataclass(frozen=True, slots=True)
class TaskState:
    """What the learner is doing with the task: the line typed so far and whether it has the focus, what went wrong.

    `watch`: a prediction is about to come true on a path that is left next: time is ``running``, or ``stopped``.
    """

    typed: str = ""
    cursor: int = 0
    typing: bool = False
    refusal: str = ""
    watch: str = ""


def task_frame(
    guide: GuideView, state: TaskState, hosts: tuple[str, ...], key_for: KeyFor, cells: int, most: int
) -> tuple[list[Row], bool]:
    """The frame in at most `most` rows, each `cells` wide, and whether the step's text was too long for it."""
    head = _head(guide, cells)
    inner = cells - 4
    text, rest = _body(guide, state, hosts, key_for, inner)
    room = max(most - 1 - len(rest), 1)
    long = len(text) > room
    if long and room == 1:
        text = [[*cut(text[0], inner - 2, ""), (" …", "faint")]]
    elif long:
        text = [*text[: room - 1], [("… the whole text is on the guide's page", "faint italic")]]
    marked = []
    for i, row in enumerate([*text, *rest]):
        lead = [(" ▸ ", "good bold")] if i == 0 else [("   ", "text")]
        marked.append(fit([*lead, *row], cells))
    return [head, *marked][:most], long


def _head(guide: GuideView, cells: int) -> Row:
    """The rule above the task: which kind of step it is, what it is worth, which hints there are."""
    if guide.phase == "none":
        return rule("sandbox", cells)
    if guide.phase == "finished":
        return rule("finished", cells, title_style="good bold")
    question = guide.question
    if guide.phase == "pending":
        name = "go on"
    elif question is not None:
        name = "prediction" if question.prediction else "question"
    else:
        name = {"say": "read", "task": "challenge" if guide.challenge else "do"}.get(guide.kind, guide.kind)
    extra: Row = []
    mark = next((step for step in guide.steps if step.id == guide.step_id), None)
    if mark is not None and mark.max_score and guide.phase == "open":
        extra.append((f"· {mark.max_score} point{'s' * (mark.max_score != 1)} ", "dim"))
    if question is not None:
        extra.append(("· one try ", "warn"))
    right: Row = []
    if guide.hints_left and guide.phase == "open":
        cost = f", costs {guide.hint_cost}" if guide.hint_cost else ""
        right = [(" h", "key bold"), (f" hint, {guide.hints_left} left{cost} ", "dim"), ("─", "rule")]
    return rule(f"step {guide.step_number} · {name}", cells, extra=extra, right=right, title_style="good bold")


def _body(
    guide: GuideView, state: TaskState, hosts: tuple[str, ...], key_for: KeyFor, cells: int
) -> tuple[list[Row], list[Row]]:
    """The text, which may be cut, and what must stand below it whatever happens."""
    if guide.phase == "none":
        return guide_text(
            "Try anything: nothing is asked here. The keys below act on the hosts, `:` types any command.",
            cells,
            hosts,
            key_for,
        ), []
    if guide.phase == "finished":
        return [
            [
                ("The lab is finished", "good bold"),
                (f": {guide.score} of {guide.max_score} points. ", "text"),
                ("enter", "key bold"),
                (" shows the last page.", "text"),
            ]
        ], []
    if guide.phase == "pending":
        rows = short_feedback(guide.feedback[-1], cells, hosts) if guide.feedback else []
        return [*rows, *_next_step(guide, cells)], _go_on(state.watch)
    text = guide_text(guide.text, cells, hosts, key_for)
    rest: list[Row] = []
    if guide.question is not None:
        rest += _question(guide.question, state, hosts, cells)
    elif guide.kind == "say":
        rest.append([("n", "key bold"), (" goes on when you have read this", "dim")])
    if guide.blocked:
        rest += wrap(
            [
                ("✗ This can no longer be reached: ", "lost bold"),
                (guide.blocked, "text"),
                ("  r", "key bold"),
                (" begins the step again", "dim"),
            ],
            cells,
        )
    return text, rest


def _next_step(guide: GuideView, cells: int) -> list[Row]:
    """What comes next, so that a page that waits always says something."""
    title = guide.steps[guide.step_number - 1].title if guide.step_number <= len(guide.steps) else ""
    words: Row = [(f"Next: {guide.step_number}", "text"), (" · " if title else "", "text"), (title, "bright")]
    if guide.leaves and guide.feedback:
        words.append(("  (the clock goes back for it)", "dim"))
    return wrap(words, cells)


def _go_on(watch: str) -> list[Row]:
    """What leads on from a step that has ended; before a path is left its end may be watched."""
    if watch == "running":
        words = "Watch the ladder: it shows how it really goes.  ", "n", " goes on without it"
    elif watch:
        words = "space", " shows how it really goes   ", "n", " goes on without it"
    else:
        words = "n", " goes on to the next step"
    styles = ("text", "key bold", "dim") if watch == "running" else ("key bold", "dim", "key bold", "dim")
    return [list(zip(words, styles, strict=False))]


def short_feedback(item: Feedback, cells: int, hosts: tuple[str, ...]) -> list[Row]:
    """An outcome in a line or two, as the frame shows it."""
    glyph, style = {True: ("✓", "good bold"), False: ("✗", "lost bold")}.get(item.good, ("…", "warn bold"))
    words = item.text or item.after or ("Done." if item.good else "Noted.")
    rows = guide_text(words, cells - 2, hosts)
    rows[0] = [(f"{glyph} ", style), *rows[0]]
    return rows


def _question(question: QuestionView, state: TaskState, hosts: tuple[str, ...], cells: int) -> list[Row]:
    """The choices and the line for the answer."""
    rows = _choices(question.choices, cells, hosts)
    if question.left:
        rows = [*_choices(question.left, cells, hosts), *rows]
    rows.append(_answer_line(question, state, cells))
    if state.refusal:
        rows += wrap([("✗ ", "lost bold"), (state.refusal, "warn")], cells)
    return rows


def _choices(choices: Sequence[ChoiceView], cells: int, hosts: tuple[str, ...]) -> list[Row]:
    rows: list[Row] = []
    for choice in choices:
        body = guide_text(choice.text, cells - 3, hosts)
        for i, row in enumerate(body or [[]]):
            lead = [(f"{choice.letter}", "key bold"), ("  ", "text")] if i == 0 else [("   ", "text")]
            rows.append([*lead, *row])
    return rows


def _answer_line(question: QuestionView, state: TaskState, cells: int) -> Row:
    unit = f" in {question.unit}" if question.unit else ""
    if state.typing:
        before, under = clean(state.typed[: state.cursor]), clean(state.typed[state.cursor : state.cursor + 1]) or " "
        after = clean(state.typed[state.cursor + 1 :])
        box: Row = [
            (" ", "on-box"),
            (before, "bright bold on-box"),
            (under, "reverse bright on-box"),
            (after, "bright bold on-box"),
        ]
    else:
        box = [(f" {clean(state.typed)} ", "text on-box")]
    box.append((" " * max(14 - row_width(box), 1), "on-box"))
    ask = "choose " if question.kind == "choice" else ""
    row: Row = [("your answer › ", "good bold"), *box, (f"  {ask}{_ASKS.get(question.kind, '')}{unit}", "dim")]
    tail: Row = [("  time stands still until you answer", "faint italic")]
    if not state.typing:
        tail = [("  enter", "key bold"), (" to type it", "dim")]
    if row_width(row) + row_width(tail) <= cells:
        row += tail
    return cut(row, cells)
