"""Two futures side by side, in rows: heading, where they part, and ladders, plots or figures under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .ladder import LadderState, ladder
from .plot import plot_rows
from .runs import Row, beside, block, clean, cut, fit, spread, wrap
from .values import seconds

if TYPE_CHECKING:
    from tcplab.front.compare import Comparison, Run


def comparison_rows(
    found: Comparison, cells: int, lines: int, relative: bool = False, ascii: bool = False
) -> list[Row]:
    """The comparison in exactly `cells` by `lines`."""
    half, gap = (cells - 3) // 2, 3
    name = found.showing
    heads = [_head(found, run, half, "here" if run is found.here else "left") for run in (found.here, found.there)]
    most = max(len(head) for head in heads)
    head = [row for row in _beside(block(heads[0], half, most), block(heads[1], half, most), half, gap)]
    room = lines - len(head) - 1
    body = {"ladders": _ladders, "figures": _figures}.get(name)
    if found.share < 1000 and name != "ladders":
        sides: list[list[Row]] = [[[(f"  reading … {found.share // 10} %", "warn")]], []]
    elif body is not None:
        sides = [body(found, run, half, room, relative, ascii) for run in (found.here, found.there)]
    else:
        sides = [[[("  nothing was sent here", "faint")]] if plot is None else plot_rows(plot, half, room, ascii)
                 for plot in found.plots(name, 2 * half)]
    rows = [*head, [("─" * half, "rule"), ("─┼─", "rule"), ("─" * (cells - half - 3), "rule")],
            *_beside(block(sides[0], half, room), block(sides[1], half, room), half, gap)]
    return block(rows, cells, lines)


def _beside(left: list[Row], right: list[Row], half: int, gap: int) -> list[Row]:
    lined = [[*fit(row, half), (" │ ", "rule")] for row in left]
    return beside(lined, right, half + gap, 0)


def _head(found: Comparison, run: Run, cells: int, which: str) -> list[Row]:
    """Name and end of a run, and what it did where the two part, in two rows."""
    words = "this one, now at" if which == "here" else "leads to"
    title: Row = [(f" {clean(run.name)} ", "ink on-good bold" if which == "here" else "bright on-pick bold"),
                  (f" {words} {seconds(run.t)} s", "text")]
    text = clean(found.difference(run))
    rows = wrap([(text, "bright")], cells - 1)[:2]
    if len(wrap([(text, "bright")], cells - 1)) > 2:
        rows[1] = cut([*rows[1], (" …", "faint")], cells - 1)
    return [fit(title, cells), *[[(" ", "text"), *row] for row in rows]]


def _ladders(found: Comparison, run: Run, cells: int, lines: int, relative: bool, ascii: bool) -> list[Row]:
    """One ladder from the common instant on; what both share is pale, so that the eye finds where they part."""
    start = run.index_at(found.top_time())
    entries = run.entries[start : start + lines]
    if not entries:
        return [[("  nothing more was sent", "faint")]]
    state = LadderState((found.hosts[0], found.hosts[1]), run.t, {}, 0, relative, ascii, level=True)
    rows = ladder(entries, run.story, state, cells, lines)
    pale = max(0, min(found.shared(run) - start, len(rows)))
    return [[(text, "faint") for text, _ in row] if index < pale else row for index, row in enumerate(rows)]


def _figures(found: Comparison, run: Run, cells: int, lines: int, relative: bool, ascii: bool) -> list[Row]:
    """What came of it; what differs is bright and marked."""
    mine, other = run.figures(found.hosts), (found.there if run is found.here else found.here).figures(found.hosts)
    rows: list[Row] = []
    for (name, value), (_, theirs) in zip(mine, other, strict=True):
        differs = value != theirs
        label: Row = [(" ≠ " if differs else "   ", "warn bold"), (name, "dim")]
        text: Row = [(clean(value), "bright bold" if differs else "text"), (" ", "text")]
        if len(name) + len(value) + 5 <= cells:
            rows.append(spread(label, text, cells))
        else:
            rows += [fit(label, cells), *[[("     ", "text"), *row] for row in wrap(text[:1], cells - 6)]]
    return rows
