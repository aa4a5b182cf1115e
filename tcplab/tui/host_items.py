"""What can be done with one host, as a list: its connections, its listeners, its calls, its options.

Everything is a command of the table; choosing a connection only decides which one the commands name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from tcplab.net.app import KINDS
from tcplab.net.options import OPTIONS, WORDS
from tcplab.net.views import ConnView, HostView
from tcplab.notation.units import format_time
from tcplab.session.tokens import quoted

#: Older connections than these are named only by commands.
SHOWN = 40

#: The options most wanted, in front of all others.
FIRST = ("nagle", "delack", "sack", "timestamps", "wscale", "ecn", "mss", "rcvbuf", "sndbuf", "congestion", "cwnd",
         "recovery", "profile", "msl", "iss")

_GLOSSES = {
    "nagle": "wait with small segments while text is unacknowledged [RFC 9293 3.7.4]",
    "delack": "acknowledge every second segment, or after a while [RFC 5681 4.2]",
    "sack": "tell the peer which text arrived above a hole [RFC 2018]",
    "timestamps": "a clock in each segment: better RTT, old duplicates known [RFC 7323]",
    "wscale": "windows beyond 65535 bytes [RFC 7323 2]",
    "ecn": "slow down at marks instead of losses [RFC 3168]",
    "mss": "the longest text taken in one segment, told in the SYN [RFC 9293 3.7.1]",
    "rcvbuf": "room for what was not read yet: the window offered [RFC 9293 3.8.6]",
    "sndbuf": "room for what was not acknowledged yet",
    "congestion": "how cwnd grows and shrinks [RFC 5681, RFC 9438]",
    "cwnd": "a constant congestion window in bytes, for comparing",
    "recovery": "how losses are repaired [RFC 6582, RFC 6675, RFC 8985]",
    "profile": "all options at once",
    "msl": "the longest life of a segment; TIME-WAIT lasts two [RFC 9293 3.4.2]",
    "iss": "the first sequence number of the next connection [RFC 9293 3.4.1]",
}


class Item(NamedTuple):
    """One line: `text` left, `value` right. `command` is given at once; or `build` makes one of what is typed after
    `prompt` (`empty` when nothing is); or `pick` is the connection to choose. A `head` can do nothing."""

    text: str
    value: str = ""
    style: str = "text"
    gloss: str = ""
    command: str = ""
    build: Callable[[str], str] | None = None
    prompt: str = ""
    empty: str = ""
    pick: int = 0
    head: bool = False


def items(host: HostView, peer: HostView, conn: ConnView | None, name: str, options: Mapping[str, object],
          hidden: bool = False) -> list[Item]:
    """The lines of one host. `conn` is the connection looked at, `name` how commands name it (``client#2``).

    `hidden` while a question asks for the states: then they are dots here too.
    """
    found = [_head(f"{host.name} {host.address}")]
    found += _connections(host, conn, hidden)
    found += _calls(host, peer, conn, name)
    if options:
        found += _options(name, options)
    return found


def _head(text: str) -> Item:
    return Item(text, style="head bold", head=True)


def _connections(host: HostView, looked_at: ConnView | None, hidden: bool) -> list[Item]:
    found = []
    for port, backlog, waiting in host.listening:
        found.append(Item(f"listens on {port}", f"{waiting} waiting of {backlog}", "good",
                          "enter: stop listening; connections made already live on", f"{host.name} unlisten {port}"))
    for conn in reversed(host.connections[-SHOWN:]):
        found.append(_connection(host, conn, looked_at is not None and conn.n == looked_at.n, hidden))
    if len(host.connections) > SHOWN:
        found.append(_head(f"  and {len(host.connections) - SHOWN} older: {host.name}#1 …"))
    if not found:
        found.append(_head("  no connection, nobody listens"))
    return found


def _connection(host: HostView, conn: ConnView, here: bool, hidden: bool) -> Item:
    tcb = conn.tcb
    far = f" → :{tcb.remote[1]}" if tcb.remote else ""
    state = f"gone {tcb.state}".replace("gone CLOSED", "gone") if tcb.gone else tcb.state
    if hidden:
        state = "····"
    queued = f", {conn.queued} wait in the program" if conn.queued else ""
    gloss = f"{tcb.bytes_sent} bytes sent, {tcb.bytes_received} received, {tcb.unread} unread{queued}; {conn.app}"
    return Item(f"{'●' if here else '·'} #{conn.n} :{tcb.local[1]}{far}", state, "faint" if tcb.gone else "bright",
                f"{gloss}. enter: look at it and act on it", pick=conn.n)


def _calls(host: HostView, peer: HostView, conn: ConnView | None, name: str) -> list[Item]:
    port = peer.listening[0][0] if peer.listening else 80
    unread = f"{conn.tcb.unread} unread" if conn is not None else ""
    reading = conn.reading if conn is not None else True
    app = conn.app if conn is not None else host.app
    return [
        _head(f"calls on {name}"),
        Item("send …", "", gloss="hand bytes to TCP", build=lambda typed: f"{name} send {send_words(typed)}",
             prompt='a text, or an amount such as 100kB', empty="100"),
        Item("read …", unread, gloss="take what has arrived in order",
             build=lambda typed: f"{name} recv {typed}", prompt="how many bytes? enter: all", empty="all"),
        Item("reading", "on" if reading else "off", gloss="whether the program reads by itself; off: the window closes",
             command=f"{name} set reading {'off' if reading else 'on'}"),
        Item("close", "", gloss="end sending after what is queued; reading goes on", command=f"{name} close"),
        Item("abort", "", gloss="forget everything at once; the peer gets a RST", command=f"{name} abort"),
        Item("connect …", f":{port}", gloss="open a connection (active OPEN)",
             build=lambda typed: f"{host.name} connect {peer.name} {typed}",
             prompt="to which port? e.g. 80 from 5000", empty=str(port)),
        Item("listen …", "", gloss="wait for connections (passive OPEN)",
             build=lambda typed: f"{host.name} listen {typed}", prompt="on which port? e.g. 80 backlog 2", empty="80"),
        Item("program …", app, gloss="what reads and writes here: " + ", ".join(KINDS),
             build=lambda typed: f"{name} app {typed}",
             prompt="sink, echo, source 1MB, request 100 answer 2kB times 5, respond, none"),
    ]


def send_words(typed: str) -> str:
    """What was typed as the last word of `send`: an amount, a text in quotes, or a text that gets its quotes."""
    typed = typed.strip()
    if typed[:1] in "\"'" or typed[:1].isdigit():
        return typed
    return quoted(typed)


def _options(name: str, options: Mapping[str, object]) -> list[Item]:
    found = [_head(f"options of {name}" + ("" if "#" in name else ", all connections"))]
    for knob in (*FIRST, *(knob for knob in options if knob not in FIRST)):
        if knob not in options or knob == "reading":
            continue
        kind, value = OPTIONS[knob], options[knob]
        gloss = _GLOSSES.get(knob, f"takes a {kind}")
        if kind == "switch":
            found.append(Item(knob, "on" if value else "off", gloss=gloss,
                              command=f"{name} set {knob} {'off' if value else 'on'}"))
            continue
        words = WORDS.get(knob)
        prompt = "one of " + ", ".join(words) if words else f"a {kind}, now {shown(kind, value)}"
        found.append(Item(knob, shown(kind, value), gloss=gloss, prompt=prompt,
                          build=lambda typed, knob=knob: f"{name} set {knob} {typed}"))
    return found


def shown(kind: str, value: object) -> str:
    """The value of an option as it is typed."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    return format_time(value) if kind.startswith("time") else str(value)
