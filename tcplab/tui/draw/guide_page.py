"""The guide's page: what was just learnt, the step's whole text, the hints taken, words that are new, the steps."""

from __future__ import annotations

from collections.abc import Sequence

from tcplab.notation.glossary import gloss
from tcplab.session.views import Feedback, GuideView, StepMark

from .guide_text import KeyFor, guide_text
from .runs import Row, cut, row_width, width, wrap

_MARKS = {
    "done": ("✓", "good"),
    "wrong": ("✗", "lost"),
    "skipped": ("–", "faint"),
    "open": ("▸", "bright bold"),
    "waiting": ("…", "warn"),
    "todo": ("·", "faint"),
}


def feedback_rows(
    item: Feedback, cells: int, hosts: tuple[str, ...], key_for: KeyFor, title: str = "", skipped: bool = False
) -> list[Row]:
    """One outcome: right, wrong, waiting or `skipped`, of the step of that `title`; what the guide says to it, why it
    is so, and where the RFC says it."""
    if skipped:
        return [cut([("· Skipped.", "warn bold"), (f"  {title}", "dim")], cells)]
    if item.good is None:
        head, style = "… Waiting: your prediction is judged when it happens.", "warn bold"
    elif item.good:
        head, style = "✓ Right." if item.max_score else "✓ Done.", "good bold"
    else:
        head, style = "✗ Not so.", "lost bold"
    first: Row = [(head, style)]
    if item.good is not None and title:
        first.append((f"  {title}", "dim"))
    if item.good is not None and item.max_score:
        points = "point" if item.max_score == 1 else "points"
        first.append((f"  {item.score} of {item.max_score} {points}", "dim"))
    clause = f"→ {item.rfc if item.rfc.upper().startswith('RFC') else f'RFC {item.rfc}'}" if item.rfc else ""
    if clause and not item.text and not item.after:
        return [cut([*first, (f"  {clause}", "dim")], cells)]
    rows = [cut(first, cells)]
    for text in (item.text, item.after):
        if text:
            rows += guide_text(text, cells, hosts, key_for)
    if clause:
        rows.append([(clause, "dim")])
    return rows


def gloss_rows(names: Sequence[str], cells: int) -> list[Row]:
    """Words that appear for the first time, each with one sentence."""
    rows: list[Row] = []
    for name in names:
        entry = gloss(name)
        if entry is None:
            continue
        lead = f" {entry.rfc:<8} "
        rows += [
            [(lead if i == 0 else " " * len(lead), "bright bold"), *row]
            for i, row in enumerate(wrap([(entry.text, "text")], cells - len(lead)))
        ]
    return rows


def step_rows(steps: Sequence[StepMark], cells: int, first: int = 1) -> list[Row]:
    """The steps of the lab with their marks, in as many columns as fit; the first of them has the number `first`."""
    if not steps:
        return []
    longest = max(len(step.title) for step in steps) + 12
    columns = max(1, min(3, cells // max(longest, 24)))
    column_cells = cells // columns
    lines = -(-len(steps) // columns)
    rows: list[Row] = []
    for y in range(lines):
        row: Row = []
        for x in range(columns):
            index = y + x * lines
            if index < len(steps):
                row += _step(steps[index], index + first, column_cells)
        rows.append(row)
    return rows


def steps_from_here(steps: Sequence[StepMark], current: int, cells: int, lines: int) -> list[Row]:
    """All steps; where `lines` do not reach to the one with the index `current`, the first ones stand below the others.

    So the open step is seen without scrolling, and nothing is lost to who scrolls.
    """
    rows = step_rows(steps, cells)
    # The end of the last row that is seen says that there are more.
    if lines < 2 or current % len(rows) < lines - (len(rows) > lines):
        return rows
    first = max(1, current - max(lines - 2, 0))
    rows = step_rows(steps[first:], cells, first + 1)
    if current - first >= len(rows):
        first = current
        rows = step_rows(steps[first:], cells, first + 1)
    said = f" …  1 to {first} stand below" if first > 1 else " …  1 stands below"
    return [[(said, "faint")], *rows, [], [("The steps before", "head bold")], *step_rows(steps[:first], cells)]


def _step(step: StepMark, number: int, cells: int) -> Row:
    glyph, style = _MARKS.get(step.status, ("·", "faint"))
    words = "bright bold" if step.status == "open" else "dim" if step.status in ("todo", "skipped") else "text"
    points = f" {step.score}/{step.max_score}" if step.max_score and step.status in ("done", "wrong", "skipped") else ""
    room = cells - len(points) - 1
    title = _whole_words(f"{number:>2} {step.title}", room - 3)
    row: Row = [(f" {glyph} ", style), (title, words), (points, "dim")]
    return [*row, (" " * max(cells - row_width(row), 0), "text")]


def _whole_words(text: str, room: int) -> str:
    """As many words as fit, and a sign that there are more."""
    if width(text) <= room:
        return text
    words = text.split(" ")
    while len(words) > 1 and width(" ".join(words)) + 2 > room:
        words.pop()
    short = " ".join(words).rstrip(" ,:") + " …"
    return short if width(short) <= room else "".join(part for part, _ in cut([(text, "text")], room))


def guide_page(
    guide: GuideView,
    cells: int,
    hosts: tuple[str, ...],
    key_for: KeyFor,
    new_words: Sequence[str],
    whole_text: bool,
    feedback: Sequence[Feedback],
    seed: int | None,
    simple: str = "",
    lines: int = 0,
) -> list[Row]:
    """All rows of the page (the widget scrolls), of which `lines` are seen at first (0: all).

    `whole_text`: the frame above could not hold the step's text. `simple` says what is made simple here, where it is to
    be read before all else.
    """
    inner = cells - 2
    rows: list[Row] = []
    if simple:
        rows += [*guide_text(simple, inner, hosts, base="dim"), []]
    # What is new comes first: the hint just taken, then what was judged, in the order of the steps.
    for number, hint in reversed(list(enumerate(guide.hints, 1))):
        rows += [[(f"Hint {number}", "warn bold")], *guide_text(hint, inner, hosts, key_for), []]
    skipped = {step.id for step in guide.steps if step.status == "skipped"}
    titles = {step.id: f"{number} · {step.title}" for number, step in enumerate(guide.steps, 1)}
    order = {step.id: number for number, step in enumerate(guide.steps)}
    for item in sorted(feedback, key=lambda one: order.get(one.step_id, len(order))):
        rows += [*feedback_rows(item, inner, hosts, key_for, titles.get(item.step_id, ""), item.step_id in skipped), []]
    if whole_text and guide.text:
        rows += [*guide_text(guide.text, inner, hosts, key_for), []]
    words = gloss_rows(new_words, inner)
    if words:
        rows += [[("New on the screen", "head bold")], *words, []]
    if guide.steps:
        current = min(guide.step_number, len(guide.steps)) - 1
        head = (
            f"Steps of this lab · {guide.score} of {guide.max_score} points" if guide.max_score else "Steps of this lab"
        )
        rows += [[(head, "head bold"), ("" if seed is None else f" · seed {seed}", "dim")],
                 *(steps_from_here(guide.steps, current, inner, lines - len(rows) - 1) if lines else
                   step_rows(guide.steps, inner))]
    elif guide.phase == "none":
        rows += _sandbox(inner, hosts)
    return [[(" ", "text"), *row] for row in rows]


def _sandbox(cells: int, hosts: tuple[str, ...]) -> list[Row]:
    """The guide of a lab without steps."""
    first, second = (hosts + ("client", "server"))[:2]
    text = (
        f"Nothing is asked here: two hosts, one link, and every command.\n\n"
        f"- Let the {second} wait for connections: [[{second} listen 80]]\n"
        f"- Open one from the {first}: [[{first} connect {second} 80]]\n"
        f"- Send something, lose it, look: [[{first} send 100]], [[link drop next any]]\n"
        f"- Say goodbye: [[{first} close]]\n\n"
        "Every command can also be typed after a colon."
    )
    return guide_text(text, cells, hosts, _sandbox_keys(first, second))


def _sandbox_keys(first: str, second: str) -> KeyFor:
    caps = {
        f"{second} listen 80": "l",
        f"{first} connect {second} 80": "c",
        f"{first} send 100": "d",
        "link drop next any": "x",
        f"{first} close": "f",
    }
    return lambda command: caps.get(command, "")
