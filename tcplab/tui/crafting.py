"""A segment being made by hand: typical ones to begin with, fields to fill in, and scapy's notation of all of it.

The notation is what counts: fields write it, and it is read back into the fields. Only literals are ever read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tcplab.net.views import HostView
from tcplab.notation.errors import NotationError
from tcplab.notation.scapyish import parse_segment
from tcplab.tcp.segment import MOD32, Segment, letters_to_flags

from .connections import Chosen, peer_of
from .editor import Editor

#: The fields of the form, as scapy names them, and what each is.
FIELDS = (
    ("flags", "control bits: F S R P A U E C"),
    ("seq", "number of its first byte"),
    ("ack", "next number expected, with A"),
    ("window", "bytes it offers, unscaled"),
    ("payload", r"its text; \n and \x41 are bytes"),
    ("sport", "port it comes from"),
    ("dport", "port it goes to"),
    ("src", "address it comes from"),
    ("dst", "address it goes to"),
)
_GLOSSES = dict(FIELDS)


class Preset(NamedTuple):
    """A typical segment: what it is for a learner, and the clause that says what is to happen."""

    name: str
    aim: str
    rfc: str
    flags: str
    seq: int
    ack: int = 0
    payload: bytes = b""


class Ends(NamedTuple):
    """Where a forged segment goes: sockets, and what its victim expects (sequence numbers, bytes)."""

    src: str
    dst: str
    sport: int
    dport: int
    expected: int | None
    window: int
    ack: int
    taken: int


def ends(hosts: Sequence[HostView], index: int, chosen: Chosen) -> Ends:
    """The way of a segment that pretends to come from host `index`, on its chosen connection or to a listener."""
    me, other = hosts[index], hosts[1 - index]
    conn = chosen.conn(hosts, index)
    if conn is None or conn.tcb.remote is None or conn.tcb.gone:
        port = other.listening[0][0] if other.listening else 80
        return Ends(me.address, other.address, 49152, port, None, 0, 0, 0)
    (src, sport), (dst, dport) = conn.tcb.local, conn.tcb.remote
    peer = peer_of(hosts, index, conn)
    victim = peer.tcb if peer is not None and not peer.tcb.gone else None
    if victim is None or victim.rcv_nxt is None:
        return Ends(src, dst, sport, dport, conn.tcb.snd_nxt, 0, conn.tcb.rcv_nxt or 0, 0)
    return Ends(src, dst, sport, dport, victim.rcv_nxt, victim.rcv_wnd or 0, victim.snd_nxt or 0,
                victim.bytes_received)


def presets(way: Ends) -> list[Preset]:
    """What can be tried on a connection, or on a listener where there is none."""
    if way.expected is None:
        return [
            Preset("a SYN", "opens a connection nobody asked for", "RFC 9293 3.10.7.2", "S", 1000),
            Preset("a RST to a listener", "there is nothing to reset", "RFC 9293 3.10.7.2", "R", 1000),
            Preset("an ACK out of the blue", "no connection matches it", "RFC 9293 3.10.7.1", "A", 1000, 2000),
            Preset("a flood's first SYN", "from an address that never answers", "RFC 4987 2.1", "S", 7),
        ]
    nxt, window = way.expected, way.window
    old = min(way.taken, 10)

    def at(by: int) -> int:
        return (nxt + by) % MOD32

    return [
        Preset("a blind RST", "in the window, but not the number expected", "RFC 5961 3.2", "R",
               at(max(window // 2, 1))),
        Preset("an exact RST", "just the number expected", "RFC 5961 3.2", "R", nxt),
        Preset("a RST outside the window", "an attacker who guessed badly", "RFC 5961 3.2", "R", at(window + 1000)),
        Preset("a SYN in the window", "as if the peer began anew", "RFC 5961 4.2", "S", at(10)),
        Preset("an old duplicate", "text that arrived long ago", "RFC 9293 3.10.7.4", "PA", at(-old), way.ack,
               b"x" * old),
        Preset("data outside the window", "more than was offered", "RFC 9293 3.10.7.4", "PA", at(window + 1000),
               way.ack, b"too far"),
        Preset("data that fits", "the victim cannot tell", "RFC 5961 5.2", "PA", nxt, way.ack, b"forged"),
        Preset("data after a hole", "a piece is missing before it", "RFC 9293 3.10.7.4", "PA", at(100), way.ack,
               b"later"),
        Preset("an ACK of the future", "acknowledges what was never sent", "RFC 9293 3.10.7.4", "A", nxt,
               (way.ack + 5000) % MOD32),
        Preset("a FIN", "ends a direction in the peer's name", "RFC 9293 3.10.7.4", "FA", nxt, way.ack),
    ]


def notation(fields: dict[str, str]) -> str:
    """The fields in scapy's notation, as they were typed: what is wrong in them is found when it is read."""
    text = fields["payload"]
    quote = "'" if "'" not in text else '"'
    payload = f"/{'b' * text.isascii()}{quote}{text}{quote}" if text else ""
    layer = "IPv6" if ":" in fields["src"] else "IP"
    return (f"{layer}(src='{fields['src']}', dst='{fields['dst']}')/TCP(sport={fields['sport']}, "
            f"dport={fields['dport']}, flags='{fields['flags']}', seq={fields['seq']}, ack={fields['ack']}, "
            f"window={fields['window']}){payload}")


def _escaped(data: bytes) -> str:
    """Bytes as they stand between the quotes of a literal."""
    return data.decode("latin-1").encode("unicode_escape").decode("ascii")


def fields_of(segment: Segment) -> dict[str, str]:
    """The fields of a segment, as they are typed."""
    letters = "".join(letter for letter in "FSRPAUEC" if segment.flags & letters_to_flags(letter.replace("C", "W")))
    return {"flags": letters, "seq": str(segment.seq), "ack": str(segment.ack), "window": str(segment.wnd),
            "payload": _escaped(segment.payload), "sport": str(segment.sport), "dport": str(segment.dport),
            "src": segment.src, "dst": segment.dst}


class Crafting:
    """The editor's state. `row` is the line with the cursor: 0 host, 1 preset, then FIELDS, last the notation."""

    HOST, PRESET, FIRST, NOTATION = 0, 1, 2, 2 + len(FIELDS)

    def __init__(self, hosts: Sequence[HostView], chosen: Chosen, source: int = 0) -> None:
        self.hosts, self._chosen = tuple(hosts), chosen
        self.source, self.preset, self.row = source, 0, self.PRESET
        self.editors = {name: Editor() for name in _GLOSSES}
        self.text = Editor()
        self.fresh = False  # the field was just come to: what is typed replaces it
        self.error: NotationError | None = None
        self.segment: Segment | None = None
        self._take_preset()

    @property
    def presets(self) -> list[Preset]:
        return presets(self._ends)

    @property
    def chosen(self) -> Preset:
        return self.presets[self.preset]

    @property
    def victim(self) -> str:
        """What the receiver expects, in the words of its TCB."""
        way, name = self._ends, self.hosts[1 - self.source].name
        if way.expected is None:
            return f"{name} has no such connection"
        right = (way.expected + max(way.window - 1, 0)) % MOD32
        return f"{name} expects {way.expected} (RCV.NXT), takes up to {right}, will send {way.ack}"

    @property
    def editor(self) -> Editor | None:
        """The line being typed on, None on the two that are chosen from."""
        if self.row == self.NOTATION:
            return self.text
        return None if self.row < self.FIRST else self.editors[FIELDS[self.row - self.FIRST][0]]

    def _take_preset(self) -> None:
        """Fill everything in from the preset."""
        self._ends = ends(self.hosts, self.source, self._chosen)
        way, preset = self._ends, self.presets[self.preset]
        segment = Segment(way.src, way.dst, way.sport, way.dport, preset.seq, preset.ack,
                          letters_to_flags(preset.flags), 8192, preset.payload)
        self._fill(segment)
        self._write()

    def _fill(self, segment: Segment) -> None:
        for name, text in fields_of(segment).items():
            self.editors[name].set(text)

    def _write(self) -> None:
        self.text.set(notation({name: editor.text for name, editor in self.editors.items()}))
        self._read()

    def _read(self) -> None:
        """What the notation means; `error` points at what cannot be read."""
        way = self._ends
        default = Segment(way.src, way.dst, way.sport, way.dport, 0, 0, 0, 8192)
        try:
            self.segment, self.error = parse_segment(self.text.text, default), None
        except NotationError as error:
            self.segment, self.error = None, error

    # -- keys ---------------------------------------------------------------------------------------------------

    def key(self, key: str, character: str | None) -> bool:
        """Take a key. Returns False for one that means nothing here (enter and esc are the screen's)."""
        if key in ("up", "shift+tab", "down", "tab"):
            self.row = max(0, min(self.NOTATION, self.row + (1 if key in ("down", "tab") else -1)))
            self.fresh = self.FIRST <= self.row < self.NOTATION
        elif self.editor is not None:
            if not self._edited(self.editor, key, character):
                return False
            self._typed()
        elif key in ("left", "right"):
            self._choose(1 if key == "right" else -1)
        else:
            return False
        return True

    def _edited(self, editor: Editor, key: str, character: str | None) -> bool:
        """A key in a line. A field just come to is chosen as a whole: typing replaces it, backspace empties it."""
        fresh, self.fresh = self.fresh, False
        if fresh and (key in ("backspace", "delete") or (character and character.isprintable())):
            editor.set("")
            if key in ("backspace", "delete"):
                return True
        return editor.key(key, character) or fresh

    def paste(self, text: str) -> None:
        """Pasted text belongs to the line with the cursor; it replaces a field just come to."""
        if self.editor is not None:
            if self.fresh:
                self.editor.set("")
            self.fresh = False
            self.editor.insert(text)
            self._typed()

    def _choose(self, by: int) -> None:
        if self.row == self.HOST:
            self.source = (self.source + by) % len(self.hosts)
            self.preset = 0
        else:
            self.preset = (self.preset + by) % len(self.presets)
        self._take_preset()

    def _typed(self) -> None:
        if self.row == self.NOTATION:
            self._read()
            if self.segment is not None:
                self._fill(self.segment)
        else:
            self._write()

    def command(self) -> str:
        """The command that injects it, '' while it cannot be read."""
        if self.segment is None:
            return ""
        text = self.text.text.replace("\\", "\\\\").replace('"', '\\"')
        return f'inject from {self.hosts[self.source].name} "{text}"'
