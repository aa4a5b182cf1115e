"""The frame around the panels: title bar, the rule with both hosts' addresses, tabs, command line, footer."""

from __future__ import annotations

from collections.abc import Sequence

from tcplab.net.views import HostView, LinkView
from tcplab.session.views import GuideView

from .bars import squares
from .runs import Row, clean, cut, fit, row_width, spread, width
from .values import format_percent, format_rate, seconds, span


def title_bar(guide: GuideView, now: int, running: str, speed: str, seed: int | None, cells: int) -> Row:
    """`running` is running, stopped, paused, question or at its end. `seed` None: it is not to be shown."""
    left: Row = [(" tcplab ", "ink on-good bold"), (" ", "on-bar"), (clean(guide.lab_title), "bright bold on-bar")]
    right = _clock(running, now, speed, cells)
    if guide.step_total:
        number = min(guide.step_number, guide.step_total)
        words = f"  step {number}/{guide.step_total}  "
        if cells >= 76 and row_width(left) + len(words) + row_width(right) <= cells:
            left.append((words, "dim on-bar"))
            done = sum(step.status in ("done", "wrong", "skipped") for step in guide.steps)
            room = cells - row_width(left) - row_width(right) - 2
            if room >= min(guide.step_total, 12):
                left += [(text, f"{style} on-bar") for text, style in squares(done, guide.step_total)]
        else:
            # A long title gives way: where one stands is known by this alone.
            count = f" {number}/{guide.step_total} "
            left = [*cut(left, cells - row_width(right) - len(count)), (count, "dim on-bar")]
    if cells >= 110 and seed is not None:
        left.append((f"   seed {seed}", "faint on-bar"))
    return spread(left, right, cells, "text on-bar")


def _clock(running: str, now: int, speed: str, cells: int) -> Row:
    glyph, style = {"running": ("▶", "good"), "question": ("?", "warn")}.get(running, ("❚❚", "warn"))
    words = f"{glyph} {running}"
    row: Row = [(words, f"{style} bold on-bar"), (f"  {seconds(now)} s", "bright on-bar")]
    if cells >= 70:
        row.append((f"  {speed}", "dim on-bar"))
    row.append((" ", "on-bar"))
    return row


def link_words(link: LinkView, cells: int) -> Row:
    """The link's settings as runs, as many as fit: delay first, then what can go wrong."""
    if not link.directions:
        return []
    there = link.directions[0]
    gap = " · " if cells > 60 else " "
    same = all(d._replace(src="", dst="", queued=0) == there._replace(src="", dst="", queued=0)
               for d in link.directions)
    row: Row = [(" HOLD ", "ink on-warn bold"), (" H lets go · ", "warn")] if link.holding else [("link ", "head")]
    if not all(d.up for d in link.directions):
        row.append(("DOWN ", "lost bold"))
    row.append((span(there.delay), "bright"))
    if there.jitter:
        row.append((f"±{span(there.jitter)}", "bright"))
    row.append((" each way" if same and cells > 30 and not link.holding else "", "dim"))
    for name, key, style in (
        ("loss", "loss", "lost"),
        ("reorder", "reorder", "dup"),
        ("dup", "duplicate", "dup"),
        ("corrupt", "corrupt", "lost"),
    ):
        chances = [getattr(d, key) for d in link.directions]
        if any(chances):
            row += [(f"{gap}{name} ", "dim"), ("/".join(dict.fromkeys(map(format_percent, chances))), f"{style} bold")]
    if any(d.gemodel for d in link.directions):
        row += [(gap, "dim"), ("bursts", "lost bold")]
    if any(d.every for d in link.directions):
        row += [(f"{gap}every ", "dim"), ("/".join(dict.fromkeys(str(d.every) for d in link.directions)), "lost bold")]
    if any(d.unreachable for d in link.directions):
        row += [(gap, "dim"), ("unreachable", "lost bold")]
    if there.rate:
        row += [(f"{gap}rate ", "dim"), (format_rate(there.rate), "bright")]
    count = len(link.rules)
    rules: Row = [(gap, "dim"), (f"{count} rule{'s' * (count > 1)}", "lost bold")] if count else []
    differ: Row = [(" (ways differ)", "dim")] if not same else []
    if row_width([*row, *differ, *rules]) > cells:
        differ = [(" ways ≠", "dim")] if differ else []
    return cut([*row, *differ, *rules], cells)


def host_rule(hosts: Sequence[HostView], link: LinkView, current: int, cells: int, pane: int) -> Row:
    """The line above the panes: who is left, how the link is set, who is right."""
    left, right = _socket(hosts[0], False), _socket(hosts[1], True)
    first: Row = [
        ("━", "client"),
        (f"{'▸' if current == 0 else ''}{hosts[0].name}", "client bold"),
        (f" {left} ", "client"),
    ]
    last: Row = [
        (f" {right} ", "server"),
        (f"{hosts[1].name}{'◂' if current == 1 else ''}", "server bold"),
        ("━", "server"),
    ]
    first.append(("━" * max(pane - row_width(first), 0), "client"))
    last.insert(0, ("━" * max(pane - row_width(last), 0), "server"))
    room = cells - row_width(first) - row_width(last)
    if room < 12:
        return fit([*first, ("─" * max(room, 0), "rule"), *last], cells)
    words = link_words(link, room - 4)
    spare = room - row_width(words) - 2
    return [
        *first,
        ("─" * (spare // 2), "rule"),
        (" ", "text"),
        *words,
        (" ", "text"),
        ("─" * (spare - spare // 2), "rule"),
        *last,
    ]


def _socket(host: HostView, mirrored: bool) -> str:
    conn = host.newest
    if conn is not None and conn.tcb.local:
        address, port = conn.tcb.local
        return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    if host.listening:
        return f"{host.address}:{host.listening[0][0]}"
    return host.address


def tabs(current: int, pages: Sequence[tuple[str, str]], cells: int) -> Row:
    """The row of pages at small sizes: (name, what stands beside it) of each; `current` counts from 1."""
    row: Row = []
    for number, (name, count) in enumerate(pages, 1):
        words = f"{name} {count}" if count else name
        if number == current:
            row += [(f" {number} ", "ink on-good bold"), (f" {words} ", "bright bold on-bar")]
        else:
            row.append((f" {number} {words} ", "dim on-bar"))
    hint = "tab turns the page "
    return spread(row, [(hint, "faint on-bar")] if cells - row_width(row) >= len(hint) else [], cells, "text on-bar")


def command_line(text: str, cursor: int, ghost: str, cells: int, offer: str = "") -> Row:
    """The line being typed, with a block for a cursor, the best completion after it, and what else fits at right."""
    room = cells - 6 - len(offer)
    start = max(0, cursor - room + 8)
    shown = text[start : start + room]
    at = cursor - start
    row: Row = [(" › ", "key bold on-bar"), (clean(shown[:at]), "bright on-bar")]
    # What is offered must not look typed: the cursor stands before it, and it is grey and slanted throughout.
    row.append((clean(shown[at : at + 1]) or " ", "reverse bright on-bar"))
    row.append((clean(shown[at + 1 :]), "bright on-bar"))
    if at >= len(shown) and ghost:
        row.append((clean(ghost), "faint italic on-bar"))
    return spread(row, [(f"{clean(offer)} " if offer else "", "dim on-bar")], cells, "text on-bar")


def message_line(text: str, style: str, fallback: str, cells: int) -> Row:
    """The last outcome, or what can be done."""
    if text:
        return fit([(" › ", "key on-bar"), (clean(text), f"{style} on-bar")], cells, "text on-bar")
    return fit([(" › ", "key on-bar"), (fallback, "faint on-bar")], cells, "text on-bar")


def progress_line(share: int, now: int, segments: int, cells: int) -> Row:
    """How far a run is that goes as fast as it can: `share` in thousandths, virtual time in ns, segments so far."""
    room = max(10, min(40, cells - 50))
    done = share * room // 1000
    row: Row = [(" › ", "key on-bar"), ("■" * done, "good on-bar"), ("□" * (room - done), "faint on-bar")]
    row += [(f" {share // 10:>3}%", "bright bold on-bar"), (f"  {seconds(now)} s", "text on-bar"),
            (f"  {segments:,} segments", "text on-bar")]
    return spread(row, [("esc stops ", "dim on-bar")], cells, "text on-bar")


def footer(keys: Sequence[tuple[str, str]], cells: int) -> Row:
    """Caps and words of the keys that matter now, the first ones first; whole pairs only; the last is always kept."""
    if not keys:
        return [(" " * cells, "on-bar")]
    last = keys[-1]
    room = cells - 1 - len(last[0]) - len(last[1]) - 2
    row: Row = [(" ", "on-bar")]
    for cap, words in keys[:-1]:
        need = width(cap) + 1 + len(words) + 2
        if need > room:
            continue
        row += [(cap, "key bold on-bar"), (f" {words}  ", "text on-bar")]
        room -= need
    row += [(last[0], "key bold on-bar"), (f" {last[1]}", "text on-bar")]
    return fit(row, cells, "text on-bar")
