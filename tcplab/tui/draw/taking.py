"""The form of `e`: kinds of files to mark, the names they will get, what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .runs import Row, clean, cut, fit, rule, wrap

if TYPE_CHECKING:
    from tcplab.tui.taking import Taking


def taking_rows(form: Taking, cells: int, lines: int = 0) -> list[Row]:
    """All rows of the form in `cells` cells; where `lines` leave room, what the file under the cursor will hold."""
    rows: list[Row] = [[(" What do you want to take away?", "bright bold")], []]
    words = max(len(kind.words) for kind in form.kinds) + 2
    for number, kind in enumerate(form.kinds):
        here = number == form.picked
        ground = " on-pick" if here else ""
        mark = "[x]" if kind.id in form.marked else "[ ]"
        row: Row = [("▸ " if here else "  ", "bright" + ground),
                    (f"{mark} ", ("good bold" if kind.id in form.marked else "dim") + ground),
                    (f"{kind.words:<{words}}", ("bright" if here else "text") + ground)]
        name = f"✓ {form.written[kind.id]}" if kind.id in form.written else form.target(kind).name
        rows.append(fit([*row, *_tail(name, cells - words - 6, "dim" + ground)], cells,
                        "text" + ground))
    rows += [[], *_name(form, cells), []]
    for done in form.said:
        rows += wrap([(clean(done.words), done.style)], cells, "   ", " ")
    room = lines - len(rows) - 2
    if room >= 3:
        name = clean(form.target(form.looked_at).name)
        rows += [[], rule(name if len(name) < cells - 8 else form.looked_at.words, cells)]
        shown = form.preview()
        if len(shown) == 1:
            rows += wrap([(clean(shown[0]), "dim")], cells, " ", " ")
        else:
            more = len(shown) > room
            rows += [cut([(" " + clean(line), "dim")], cells) for line in shown[: room - more]]
            rows += [[(" …", "faint")]] if more else []
    return rows


def _name(form: Taking, cells: int) -> list[Row]:
    """Where the files go: the beginning of every name."""
    ground = " on-pick" if form.on_name else ""
    head: Row = [("▸ " if form.on_name else "  ", "bright" + ground), ("folder and name ", "dim" + ground)]
    room = cells - 19
    text, cursor = form.base.text, form.base.cursor
    start = max(0, cursor - room + 4)
    shown, at = text[start:start + room], cursor - start
    if form.typing:
        head += [(clean(shown[:at]), "bright" + ground), (clean(shown[at:at + 1]) or " ", "reverse bright"),
                 (clean(shown[at + 1:]), "bright" + ground)]
    else:
        head.append((clean(shown), "text" + ground))
    return [fit(head, cells, "text" + ground)]


def _tail(text: str, cells: int, style: str) -> Row:
    """A name whose end is seen: there it says what it is."""
    text = clean(text)
    return [(text if len(text) <= cells else "…" + text[len(text) - cells + 1:], style)]
