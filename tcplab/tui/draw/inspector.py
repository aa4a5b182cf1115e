"""One segment opened, the why: what befell it, which rule made it, which variables that and its arrival changed."""

from __future__ import annotations

from tcplab.net.trace import Event
from tcplab.notation.glossary import VARIABLES, variable_key
from tcplab.session.around import Around, changes
from tcplab.session.explain import happened, reason
from tcplab.tcp.views import TcbView
from tcplab.tcp.why import Why
from tcplab.tui.inspection import Inspection

from .runs import Row, clean, row_width, wrap
from .segment_line import flag_words, numbers, option_words
from .values import TIMER_NAMES, seconds, span, values

#: What a host or the link did with a segment, by the kind of the event.
_DEEDS = {
    "sent": "sent it",
    "delivered": "received it",
    "lost": "lost it",
    "held": "holds it",
    "dropped": "discarded it",
    "corrupted": "damaged it",
    "duplicated": "doubled it",
    "marked": "marked it (CE)",
    "reordered": "let it overtake others",
}

#: Where the words of a fact begin.
_INDENT = " " * 11


def heading(look: Inspection, relative: bool, hosts: tuple[str, ...]) -> Row:
    """The segment in one line."""
    rec, seg = look.entry.rec, look.entry.rec.segment
    side = _side(rec.src, hosts)
    seq, ack = numbers(look.entry, look.story, relative)
    size = len(seg.payload)
    return [
        (f"{rec.src} → {rec.dst}", f"{side} bold"),
        (f"  {flag_words(seg) or 'data'}", "bright bold"),
        (f"  [{seg.letters}]", "text"),
        (f"  seq {f'{seq}:{seq + size}' if size else seq}", "text"),
        (f"  ack {ack}" if ack is not None else "", "text"),
        (f"  len {size}", "text" if size else "dim"),
        (f"  win {seg.wnd}", "text"),
        (f"  {option_words(seg)}", "dim"),
    ]


def why_rows(look: Inspection, relative: bool, hosts: tuple[str, ...], hidden: frozenset[str], cells: int) -> list[Row]:
    """The expert's notes, then each fact with its reason, the variables before and after, and the effects."""
    rows: list[Row] = []
    for note in look.entry.notes:
        clause = f"  [{note.clause}]" if note.clause else ""
        rows += wrap([(note.text, f"{note.style} bold"), (clause, "faint")], cells, "  ", "")
    if rows:
        rows.append([])
    for event in look.facts:
        rows += _fact(event, cells, hosts)
        if event.kind in ("sent", "delivered"):
            step = look.sending if event.kind == "sent" else look.arrival
            owner = (event.host, event.conn) if event.kind == "sent" else look.receiving
            rows += _company(look, step, event, cells)
            if event.kind == "delivered":
                rows += effect_rows(look, cells, hosts)
            rows += _variables(step, owner, event.kind, relative, hidden, hosts, cells)
            rows.append([])
    return rows


def effect_rows(look: Inspection, cells: int, hosts: tuple[str, ...]) -> list[Row]:
    """What its arrival brought about, each with its reason."""
    rows: list[Row] = []
    for event in look.effects:
        if event.kind == "app":
            continue
        if event.seg is not None:
            number = (f"#{event.seg.id}", f"{_side(event.host, hosts)} bold")
            rows += wrap([("It answers with ", "text"), number], cells, _INDENT, _INDENT)
        else:
            rows += _effect(event, cells)
    return rows


def _company(look: Inspection, step: Around | None, event: Event, cells: int) -> list[Row]:
    """The segments that left in the same step: the variables below belong to all of them."""
    others = look.sent_with(step) if step is not None and event.kind == "sent" else []
    if not others:
        return []
    if len(others) > 1 and others[-1] - others[0] <= len(others):
        names = f"#{others[0]} to #{others[-1]}"
    else:
        names = ", ".join(f"#{number}" for number in others[:8]) + (" …" if len(others) > 8 else "")
    return wrap([(f"The same step sent {names}.", "dim")], cells, _INDENT, _INDENT)


def _fact(event: Event, cells: int, hosts: tuple[str, ...]) -> list[Row]:
    head: Row = [
        (f" {seconds(event.t):>8}  ", "dim"),
        (f"{event.host} " if event.host else "the link ", _side(event.host, hosts)),
        (_DEEDS.get(event.kind, event.kind), "bright bold"),
    ]
    return [head, *(_reason(event.why, cells, _INDENT) if event.why is not None else [])]


def _effect(event: Event, cells: int) -> list[Row]:
    """One report of the endpoint that took the segment in, and the reason for it."""
    style = "bright" if event.kind in ("state", "error", "gone") else "text"
    rows = wrap([(clean(happened(event)), style)], cells, _INDENT + "  ", _INDENT)
    return rows + (_reason(event.why, cells, _INDENT + "   ") if event.why is not None else [])


def _reason(why: Why, cells: int, indent: str) -> list[Row]:
    try:
        text, clause = reason(why)
    except (KeyError, IndexError):
        return []
    rest = f"  [{clause}]" if clause else ""
    return wrap([(text, "text"), (rest, "faint")], cells, indent, indent)


def _side(host: str, hosts: tuple[str, ...]) -> str:
    return ("client", "server")[hosts.index(host)] if host in hosts else "text"


# -- variables --------------------------------------------------------------------------------------------------


def _variables(step: Around | None, owner: tuple[str, int], kind: str, relative: bool, hidden: frozenset[str],
               hosts: tuple[str, ...], cells: int) -> list[Row]:
    """A host's variables before and after the step, those that it changed."""
    host, conn = owner
    if step is None or not conn:
        return []
    before, after = step.tcbs(host, conn)
    head: Row = [(f"{host}'s variables", f"{_side(host, hosts)} bold"),
                 (f", before → after {'sending' if kind == 'sent' else 'its arrival'}", "dim")]
    lines = before_after(before, after, relative, hidden, step.t)
    if not lines:
        return wrap([("No variable of its connection changed.", "dim")], cells, _INDENT, _INDENT)
    label = max(len(line[0]) for line in lines)
    left = min(max(len(line[1]) for line in lines), 14)
    widest = label + 2 + max(max(len(line[1]), left) + 3 + len(line[2]) for line in lines)
    # In a narrow column the values stand under their head's beginning, so that none is cut off.
    indent = f"{_INDENT}  " if len(_INDENT) + 2 + widest <= cells else "  "
    rows: list[Row] = wrap(head, cells, _INDENT, _INDENT)
    for name, was, now, gloss in lines:
        before_it: Row = [(f"{indent}{name:<{label}}  ", "dim"), (f"{was:>{left}}", "text")]
        row: Row = [*before_it, (" → ", "dim"), (now, "bright bold")]
        room = cells - row_width(row) - 2
        if room < -2:
            rows += [before_it, *wrap([("→ ", "dim"), (now, "bright bold")], cells, indent * 2, indent * 2)]
        else:
            rows.append([*row, (f"  {gloss}", "faint")] if 20 <= len(gloss) <= room else row)
    return rows


def before_after(before: TcbView | None, after: TcbView | None, relative: bool, hidden: frozenset[str], now: int
                 ) -> list[tuple[str, str, str, str]]:
    """(name, before, after, what it is) of each variable that differs; timers by the time that is left on them.

    Sequence numbers are relative to the initial ones if `relative`; what the lab hides at the moment is left out.
    """
    differing = {change.name for change in changes(before, after)}
    hide = {variable_key(name) for name in hidden}
    keys = tuple(key for key in VARIABLES if key in differing and key not in hide)
    pairs = zip(values(before, keys, frozenset(), now, relative), values(after, keys, frozenset(), now, relative),
                strict=True)
    lines = [(new.label, old.text, new.text, VARIABLES[new.key].text) for old, new in pairs if old.text != new.text]
    if "timers" in differing and not hide & {"timer", "rtx_timer"}:
        lines += _timers(before, after, now)
    return lines


def _timers(before: TcbView | None, after: TcbView | None, now: int) -> list[tuple[str, str, str, str]]:
    was, is_ = dict(before.timers if before else ()), dict(after.timers if after else ())
    lines = []
    for name in dict.fromkeys((*was, *is_)):
        if was.get(name) != is_.get(name):
            old, new = ("–" if at is None else span(max(at - now, 0)) for at in (was.get(name), is_.get(name)))
            lines.append((TIMER_NAMES.get(name, name), old, new, ""))
    return lines
