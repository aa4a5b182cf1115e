"""One state opened: what it means, how each host gets there from where it stands, and the ways in and out of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tcplab.net.trace import Event
from tcplab.session.around import Around
from tcplab.session.explain import happened, reason
from tcplab.tcp.state import TRANSITIONS, State, Transition

from .inspector import before_after
from .runs import Row, clean, wrap
from .values import seconds

#: What a connection in each state waits for (after RFC 9293 section 3.3.2).
MEANINGS = {
    State.CLOSED: "There is no connection, and nothing is remembered of one.",
    State.LISTEN: "A program waits for whoever may connect. No segment has come yet.",
    State.SYN_SENT: "A SYN was sent. The peer must answer it with a SYN of its own and with the ACK of ours.",
    State.SYN_RECEIVED: "Both SYNs are known here. Only the ACK of our SYN is missing.",
    State.ESTABLISHED: "Both sides know both first numbers. Data may go both ways.",
    State.FIN_WAIT_1: "This side has closed: its FIN was sent, and its ACK is awaited. Data may still arrive.",
    State.FIN_WAIT_2: "Our FIN was acknowledged. The peer may send for as long as it likes, until its own FIN.",
    State.CLOSE_WAIT: "The peer has closed. The program here may still send; it must close too.",
    State.CLOSING: "Both sides sent a FIN at the same time. The ACK of ours is still missing.",
    State.LAST_ACK: "The peer has closed, and so have we. The ACK of our FIN is the last thing awaited.",
    State.TIME_WAIT: "All was said. Two segment lifetimes pass, so that a repeated FIN is answered and no old segment "
                     "disturbs a later connection.",
}


class Walk(NamedTuple):
    """When a way was walked last: the host, the index of the event in the trace, and the event."""

    host: str
    index: int
    event: Event


def ways_of(state: str) -> tuple[list[Transition], list[Transition]]:
    """The rows of the table that lead into a state and out of it, those of Figure 5 first."""
    here = State(state)
    rows = sorted(TRANSITIONS, key=lambda row: not row.drawn)
    return [row for row in rows if row.target is here], [row for row in rows if row.source is here]


Walks = dict[tuple[str, str, str], Walk]


def last_walks(trace: Sequence[Event], start: int = 0, known: Walks | None = None) -> Walks:
    """When each way was walked last: (from, to, event) to the host and the event that tells it.

    With `start` and `known`, what was found up to there is completed.
    """
    found: Walks = known if known is not None else {}
    for index in range(start, len(trace)):
        event = trace[index]
        if event.kind == "state":
            key = str(event.get("from")), str(event.get("to")), str(event.get("event"))
            found[key] = Walk(event.host, index, event)
    return found


def card_rows(state: str, standing: Sequence[tuple[str, str]], walks: Walks, cursor: int,
              hosts: tuple[str, ...], cells: int) -> tuple[list[Row], int]:
    """The card, and the row on which the cursor stands. `standing` is (host, its state), empty while that is hidden;
    `cursor` counts the ways in, then the ways out.
    """
    rows: list[Row] = [[(f" {state} ", "ink on-good bold"), ("  RFC 9293 3.3.2", "faint")],
                       *wrap([(MEANINGS[State(state)], "text")], cells, " ", " ")]
    for host, there in standing:
        rows += _way_there(host, there, state, hosts, cells)
    into, out = ways_of(state)
    at, number = 0, 0
    for title, ways in (("Ways in", into), ("Ways out", out)):
        done = sum((str(w.source), str(w.target), str(w.event)) in walks for w in ways)
        rows.append([(f" {title}", "head bold"), (f"  {done} of {len(ways)} walked", "dim")])
        for way in ways:
            if number == cursor:
                at = len(rows)
            rows.append(_way_row(way, title == "Ways in", walks, number == cursor, hosts))
            number += 1
    return rows, at


def _way_there(host: str, there: str, state: str, hosts: tuple[str, ...], cells: int) -> list[Row]:
    """How a host gets there from where it stands, event by event."""
    from tcplab.graph.fsm import path_to

    role = _side(host, hosts)
    if there == state:
        return [[(f" {host} ", f"{role} bold"), ("stands here now", "text")]]
    way = path_to(there, state)
    if way is None:
        return [[(f" {host} ", f"{role} bold"), (f"cannot get there from {there}", "text")]]
    runs: Row = []
    for row in way:
        runs += [(" → ", "faint"), (str(row.event), "bright"), (f" / {row.sends}" if row.sends else "", "dim"),
                 (" → ", "faint"), (str(row.target), "text")]
    rows = wrap([(there, "text"), *runs], cells, " " * (len(host) + 2), f" {host} ")
    lead = len(host) + 2
    (text, style), *more = rows[0]
    return [[(text[:lead], f"{role} bold"), (text[lead:], style), *more], *rows[1:]]


def _way_row(way: Transition, inward: bool, walks: dict, picked: bool, hosts: tuple[str, ...]) -> Row:
    walk = walks.get((str(way.source), str(way.target), str(way.event)))
    ends = f"from {way.source}" if inward else f"to {way.target}"
    ground = " on-pick" if picked else ""
    row: Row = [("▸" if picked else " ", f"key bold{ground}"),
                (" ✓ " if walk else " · ", f"{'good' if walk else 'faint'} bold{ground}"),
                (f"{ends:<18}", f"{'bright' if walk else 'text'}{ground}"),
                (f"{way.label:<26}", f"{'text' if way.drawn else 'dim'}{ground}")]
    if walk:
        return [*row, (f" {walk.host} at {seconds(walk.event.t)} s", f"{_side(walk.host, hosts)}{ground}")]
    return [*row, (f" {way.clause}", f"faint{ground}")]


def walk_rows(way: Transition, walk: Walk | None, around: Around | None, hidden: frozenset[str], relative: bool,
              hosts: tuple[str, ...], cells: int) -> list[Row]:
    """Why a way was walked last: what happened, the rule, the variables before and after; or what it would take."""
    rows: list[Row] = [[(f"{way.source} → {way.target}", "good bold")],
                       [(way.label, "bright"), (f"   {way.clause}", "faint")], []]
    if walk is None:
        return [*rows, [("Nobody has gone this way yet in this session.", "dim")]]
    role = _side(walk.host, hosts)
    rows += wrap([(f"{walk.host} ", f"{role} bold"), (f"went this way last, at {seconds(walk.event.t)} s. ", "text"),
                  (clean(happened(walk.event)), "text")], cells)
    if walk.event.why is not None:
        text, clause = reason(walk.event.why)
        rows += wrap([(text, "text"), (f"  [{clause}]" if clause else "", "faint")], cells)
    if around is None:
        return rows
    lines = before_after(*around.tcbs(walk.host, walk.event.conn), relative, hidden, around.t)
    if lines:
        rows += [[], [(f"{walk.host}'s variables", f"{role} bold"), (", before → after", "dim")]]
        name = max(len(line[0]) for line in lines)
        rows += [[(f"  {line[0]:<{name}}  ", "dim"), (f"{line[1]:>14}", "text"), (" → ", "dim"),
                  (line[2], "bright bold")] for line in lines]
    return rows


def _side(host: str, hosts: tuple[str, ...]) -> str:
    return ("client", "server")[hosts.index(host)] if host in hosts else "text"
