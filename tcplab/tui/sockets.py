"""What the keys for hosts and their connections stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .desk import Desk


def commands(desk: Desk) -> dict[str, str]:
    """Which command each socket key gives in this lab, at this moment: command to key id."""
    first, second = desk.hosts[0], desk.hosts[1]
    ports = [port for port, _, _ in desk.view.hosts[1].listening]
    port = ports[0] if ports else last_port(desk)
    me = desk.chosen.name(desk.view.hosts, desk.current)
    return {
        f"{second} listen {port}": "listen",
        f"{first} connect {second} {port}": "connect",
        f"{me} send 100": "send",
        f"{me} close": "close",
    }


def last_port(desk: Desk) -> int:
    """The port the second host used last, 80 before any."""
    conn = desk.conn(1)
    return conn.tcb.local[1] if conn is not None and conn.tcb.local and conn.tcb.local[1] < 49152 else 80
