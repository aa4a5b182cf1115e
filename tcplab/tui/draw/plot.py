"""A plot as rows: plotext draws it on its canvas of characters, and its colours become ours."""

from __future__ import annotations

import re

from tcplab.views.plots import Curve, Plot, round_ticks, short

from .runs import Row, ascii_text, cut, fit, row_width

#: plotext knows colours by number: one number stands for each meaning while it draws.
_ROLES = ("client", "server", "warn", "lost", "rtx", "dup", "good", "bright", "dim", "text")
_NUMBER = {role: 17 + index for index, role in enumerate(_ROLES)}
_ROLE = {str(number): role for role, number in _NUMBER.items()}
_ESCAPE = re.compile(r"\x1b\[([0-9;]*)m")
#: How a glyph of the model looks where there is more than ASCII; "" draws lines of braille dots.
_MARKER = {"*": "", "|": "", "-": "╌", "=": "═", "o": "○", "x": "✗", "R": "R", "S": "s", "·": "·"}
#: What stands for a line of braille dots in the legend.
_LINE, _BAR = "⠒⠒", "⡇"

NOTHING = "nothing to draw yet: this plot fills as bytes move"


def plot_rows(plot: Plot, cells: int, lines: int, ascii: bool = False, nothing: str = NOTHING) -> list[Row]:
    """`plot` in exactly `lines` rows: its legend with the newest values, then the picture with its axes.

    `nothing` is said where there is nothing to draw.
    """
    head = legend(plot, cells, ascii)
    room = lines - len(head)
    if plot.empty or room < 4 or cells < 24:
        words = nothing if plot.empty else "make the window larger, or z"
        return [*head, [(f"  {words}", "faint")]][:lines]
    return [*head, *_picture(plot, cells, room, ascii)]


def legend(plot: Plot, cells: int, ascii: bool) -> list[Row]:
    """One row: what the y axis measures, then each curve's glyph, name and newest value.

    Where that is too much, values give way, those of the last curves first; then names, as many as fit.
    """
    row: Row = [(f" {plot.y_title}", "head")]
    drawn = [curve for curve in reversed(plot.curves) if curve.x or curve.above]
    items = [_item(curve, ascii) for curve in drawn]
    for index in range(len(items) - 1, -1, -1):
        if row_width(row) + sum(row_width(item) + 1 for item in items) <= cells:
            break
        items[index] = items[index][:2]
    for item in items:
        if row_width(row) + row_width(item) < cells:
            row += [(" ", "text"), *item]
    return [cut(row, cells)]


def _item(curve: Curve, ascii: bool) -> Row:
    sign = (curve.glyph if ascii else _MARKER[curve.glyph]) or (_BAR if curve.kind == "strokes" else _LINE)
    # What lies above the picture is named with an arrow up.
    item: Row = [(f" {sign} ", f"{curve.role} bold"), (curve.name + " ↑" * curve.above, curve.role)]
    return [*item, (f" {curve.now}", "bright")] if curve.now else item


def _picture(plot: Plot, cells: int, lines: int, ascii: bool) -> list[Row]:
    import plotext

    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plotsize(cells, lines)
    plotext.xaxes(True, False)
    plotext.yaxes(True, False)
    plotext.xlim(plot.x0, plot.x1)
    plotext.ylim(plot.y0, plot.y1)
    _ticks(plotext, plot, cells, lines)
    for curve in plot.curves:
        _draw(plotext, curve, ascii)
    text = plotext.build()
    return [_row(line, cells, ascii) for line in text.split("\n")[:lines]]


def _ticks(plotext, plot: Plot, cells: int, lines: int) -> None:
    """Round numbers on both axes; the last one of the x axis says what it is."""
    ys = round_ticks(plot.y0, plot.y1, max(2, min(6, (lines - 1) // 3)))
    xs = round_ticks(plot.x0, plot.x1, max(2, min(10, cells // 14)))
    plotext.yticks(ys, [short(y) for y in ys])
    words = [f"{x:.6g}" for x in xs]
    if words:
        words[-1] += " s"
    plotext.xticks(xs, words)


def _draw(plotext, curve: Curve, ascii: bool) -> None:
    if not curve.x:
        return
    color = _NUMBER[curve.role]
    fine = not ascii and (not _MARKER[curve.glyph] or (curve.glyph == "·" and curve.kind == "dots"))
    marker = "braille" if fine else curve.glyph if ascii else _MARKER[curve.glyph]
    if curve.kind == "dots":
        plotext.scatter(curve.x, curve.y, marker=marker, color=color)
    elif curve.kind == "line":
        plotext.plot(curve.x, curve.y, marker=marker, color=color)
    else:
        for x, low, high in zip(curve.x, curve.y, curve.top, strict=True):
            plotext.plot([x, x], [low, high], marker=marker, color=color)


def _row(line: str, cells: int, ascii: bool) -> Row:
    """A line of plotext's canvas as our runs: its frame in the colour of rules, its curves by meaning."""
    row: Row = []
    role, at = "", 0
    for match in [*_ESCAPE.finditer(line), None]:
        text = line[at : match.start() if match else len(line)]
        if text:
            row.append((ascii_text(text) if ascii else text, role or "dim"))
        if match:
            role = _ROLE.get(match[1].rpartition(";")[2], "") if match[1].startswith("38") else ""
            at = match.end()
    return fit(row, cells)
