"""What happened since the last line was said: a line an event, a segment told once with what became of it."""

from __future__ import annotations

from typing import Any

from tcplab.net.trace import Event
from tcplab.notation.glossary import VARIABLES, gloss, variable_key
from tcplab.notation.match import kind_of
from tcplab.notation.plural import many
from tcplab.notation.segline import tcpdump_line
from tcplab.notation.values import format_value
from tcplab.session.explain import happened
from tcplab.views.entries import Entry, Story

from .words import said, seconds

#: Events that are lines of their own, beside segments and states: what a learner would miss.
_TOLD = ("refused", "gone", "icmp", "error")


def fate(entry: Entry, dated: bool = True) -> str:
    """What became of a segment; `dated` with its instant."""
    at = f" at {seconds(entry.at)}" if dated and entry.at is not None else ""
    return {"flying": "on its way", "held": "held on the link", "delivered": f"arrived{at}",
            "lost": f"LOST on the link{at}", "dropped": f"discarded on arrival{at}"}.get(entry.fate, entry.fate)


def segment_line(entry: Entry, veiled: bool = False) -> str:
    """A segment: when, its number, what it is, what became of it, then the line as tcpdump prints it.

    `veiled`: an open question hides the numbers, so only the length is told.
    """
    rec = entry.rec
    if veiled:
        size = many(len(rec.segment.payload), "byte")
        return f"{seconds(rec.sent_at)}  #{rec.id} {kind_of(rec.segment)} {fate(entry)}. {size}, numbers hidden."
    notes = [note.text.lstrip("✗↻≠⇄◆❚· ") for note in entry.notes if not note.code.startswith(("lost", "held"))]
    remarks = f" ({', '.join(notes)})" if notes else ""
    return f"{seconds(rec.sent_at)}  #{rec.id} {kind_of(rec.segment)} {fate(entry)}{remarks}. {tcpdump_line(rec)}"


class News:
    """Reads a session's trace as it grows. `tell` gives the lines that are new; `entries` all segments so far."""

    def __init__(self, session: Any) -> None:
        self.session, self.story = session, Story()
        self._told: dict[int, str] = {}
        self._values: dict[tuple[str, str], str] = {}
        self._known: set[str] = set()
        self.skip()

    def skip(self) -> None:
        """Take all that is there as told."""
        self.story.read(self.session.trace)
        self._read, self._epoch = len(self.session.trace), self.session.epoch
        self._told = {entry.rec.id: entry.fate for entry in self.story.entries if not entry.over}

    @property
    def went_back(self) -> bool:
        """Whether the past was changed since the last `tell`."""
        return self._epoch != self.session.epoch

    def tell(self) -> list[str]:
        """The lines for what is new; nothing when time went back."""
        if self.went_back:
            self.skip()
            return []
        trace, begin = self.session.trace, self._read
        self.story.read(trace)
        self._read = len(trace)
        hidden = {variable_key(name) for name in self.session.view().guide.hide}
        lines = [self._line(trace[index], index, hidden) for index in range(begin, len(trace))]
        return [line for line in lines if line]

    def _line(self, event: Event, index: int, hidden: set[str]) -> str:
        if event.seg is not None:
            return self._segment(event, index)
        if event.kind == "state":
            return "" if "state" in hidden else f"{seconds(event.t)}  {event.host}: {happened(event)}"
        if event.kind in _TOLD or (event.kind == "timer" and event.get("op") == "fired"):
            place = f"{event.host}: " if event.host else ""
            return f"{seconds(event.t)}  {place}{happened(event)}"
        return ""

    def _segment(self, event: Event, index: int) -> str:
        entry = self.story.by_id.get(event.seg.id)
        if entry is None:
            return ""
        if entry.born == index:
            if not entry.over:
                self._told[entry.rec.id] = entry.fate
            return segment_line(entry, self.session.view().guide.veiled)
        before = self._told.get(entry.rec.id)
        if before is None or before == entry.fate:
            return ""
        if entry.over:
            del self._told[entry.rec.id]
        else:
            self._told[entry.rec.id] = entry.fate
        return f"{seconds(event.t)}  #{entry.rec.id} {kind_of(entry.rec.segment)} {fate(entry, False)}."

    def values(self) -> list[str]:
        """Variables this lab shows that have changed, and a sentence about each that shows a value for the first time.

        A lab that shows everything tells none of them here: `where` lists them.
        """
        guide, env = self.session.view().guide, self.session.env()
        if guide.show is None:
            return []
        hidden = {variable_key(name) for name in guide.hide}
        keys = [key for key in VARIABLES if key in {variable_key(name) for name in guide.show} - hidden - {"state"}]
        lines, fresh = [], []
        for host in (view.name for view in self.session.view().hosts):
            changes = []
            for key in keys:
                text = value_text(env, host, key)
                if text and self._values.get((host, key)) != text:
                    self._values[host, key] = text
                    changes.append(f"{VARIABLES[key].rfc} {text}")
                    fresh += [key] if key not in self._known else []
                    self._known.add(key)
            if changes:
                lines.append(f"{host}: {', '.join(changes)}.")
        return lines + [f"New: {VARIABLES[key].rfc}. {said(gloss(key).text)}" for key in dict.fromkeys(fresh)]


def value_text(env: Any, host: str, key: str) -> str:
    """A variable of a host's connection as text; '' while it has no value."""
    try:
        text = format_value(env.lookup(f"{host}.{key}"))
    except KeyError:
        return ""
    return "" if text == "–" else text
