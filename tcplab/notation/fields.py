"""From frozen views to the values of expressions: sequence numbers become `Seq`, times `Duration`, None unknown."""

from __future__ import annotations

from typing import Protocol

from tcplab.tcp.segment import ACK
from tcplab.tcp.views import TcbView

from .glossary import HOST_FACTS, SEGMENT_FIELDS, VARIABLES
from .values import UNKNOWN, Duration, Seq


class Env(Protocol):
    """Where an expression finds its values. `lookup` raises KeyError for a name it does not know."""

    def lookup(self, name: str) -> object: ...


#: What a host without any connection says; everything else is unknown there.
_WITHOUT_CONNECTION = {
    "gone": False, "fin_sent": False, "fin_acked": False, "fin_received": False,
    "recovering": False, "bytes_sent": 0, "bytes_received": 0,
    "segments_retransmitted": 0, "flight": 0, "unsent": 0, "unread": 0, "dup_acks": 0, "holes": 0, "backoff": 0,
}  # fmt: skip

_TIMERS = {
    "rtx_timer": "rtx", "persist_timer": "persist", "delack_timer": "delack",
    "time_wait_timer": "time-wait", "user_timer": "user", "reo_timer": "reordering",
    "pto_timer": "tail-loss", "keep_alive_timer": "keep-alive",
}  # fmt: skip


def typed(value: object, kind: str) -> object:
    """`value` as an expression computes with it; `kind` is that of the glossary."""
    if value is None:
        return UNKNOWN
    if kind == "seq":
        return Seq(value)
    if kind == "time":
        return Duration(value)
    return value


def tcb_value(tcb: TcbView, field: str, now: int = 0) -> object:
    """The variable `field` of a connection at the instant `now`. Raises KeyError for an unknown field."""
    if field == "timer":
        return Duration(min(due for _, due in tcb.timers) - now) if tcb.timers else UNKNOWN
    if field in _TIMERS:
        due = dict(tcb.timers).get(_TIMERS[field])
        return UNKNOWN if due is None else Duration(due - now)
    if field == "mss":
        return tcb.smss
    if field == "holes":
        return len(tcb.holes)
    if field == "state":
        return str(tcb.state)
    if field == "local_port":
        return tcb.local[1]
    if field == "remote_port":
        return UNKNOWN if tcb.remote is None else tcb.remote[1]
    return typed(getattr(tcb, field) if field in VARIABLES else _unknown(field), VARIABLES[field].kind)


def _unknown(field: str) -> object:
    raise KeyError(field)


def host_value(host: object, field: str, n: int | None = None, now: int = 0) -> object:
    """The value of ``HOST.field`` (`n` None: the newest connection) or ``HOST#n.field``; `host` is a HostView.

    With no connection ever, `state` is LISTEN while the host listens, else CLOSED. Raises KeyError for an unknown
    field.
    """
    connections = host.connections
    conn = connections[-1] if connections and n is None else None
    if n is not None:
        conn = next((one for one in connections if one.n == n), None)
    if field in HOST_FACTS:
        return _host_fact(host, conn, field)
    if conn is not None:
        return tcb_value(conn.tcb, field, now)
    if field == "state":
        return "LISTEN" if host.listening and n is None else "CLOSED"
    if field in _WITHOUT_CONNECTION:
        return _WITHOUT_CONNECTION[field]
    return UNKNOWN if field in VARIABLES else _unknown(field)


def _host_fact(host: object, conn: object, field: str) -> object:
    if field == "listening":
        return bool(host.listening)
    if field == "connections":
        return len(host.connections)
    if field == "app":
        return host.app if conn is None else conn.app
    if conn is None:
        return UNKNOWN if field == "reading" else 0
    return getattr(conn, field)


def segment_value(rec: object, field: str) -> object:
    """The field of a segment on the link; `rec` is a SegmentRecord. Raises KeyError for an unknown field."""
    segment = rec.segment
    if field == "ack":
        return Seq(segment.ack) if segment.flags & ACK else UNKNOWN
    if field == "seq":
        return Seq(segment.seq)
    if field == "len":
        return len(segment.payload)
    if field == "win":
        return segment.wnd
    if field == "flags":
        return segment.letters
    if field == "at":
        return Duration(rec.sent_at)
    if field == "first_at":
        return Duration(rec.first_at)
    if field in SEGMENT_FIELDS:
        return getattr(rec, field)
    raise KeyError(field)


class SegmentEnv:
    """Values around one segment: ``seg.field`` and the bare fields are its own, all else is the outer world's."""

    __slots__ = ("rec", "outer")

    def __init__(self, rec: object, outer: Env | None = None) -> None:
        self.rec = rec
        self.outer = outer

    def lookup(self, name: str) -> object:
        if name.startswith("seg."):
            return segment_value(self.rec, name[4:])
        if name in SEGMENT_FIELDS:
            return segment_value(self.rec, name)
        if self.outer is None:
            raise KeyError(name)
        return self.outer.lookup(name)
