"""One segment in one line: the log's columns, and the short label that rides on the ladder."""

from __future__ import annotations

from collections.abc import Sequence

from tcplab.tcp.segment import ACK, FIN, MOD32, RST, SYN, Segment
from tcplab.views.entries import Entry, Story

from .runs import Row, fit, row_width, width
from .signs import signed
from .values import HIDDEN, seconds


def flag_words(seg: Segment) -> str:
    """The control bits that matter in words: ``SYN``, ``SYN,ACK``, ``FIN,ACK``, ``ACK``; empty for plain data."""
    words = [name for bit, name in ((SYN, "SYN"), (FIN, "FIN"), (RST, "RST")) if seg.flags & bit]
    if seg.flags & ACK and not seg.payload and (not words or words in (["SYN"], ["FIN"], ["RST"])):
        words.append("ACK")
    return ",".join(words)


def numbers(entry: Entry, story: Story, relative: bool) -> tuple[int, int | None]:
    """SEG.SEQ and SEG.ACK as shown (None without the ACK bit)."""
    seg = entry.rec.segment
    seq_base = story.base(entry.rec, True) if relative else 0
    ack_base = story.base(entry.rec, False) if relative else 0
    ack = (seg.ack - ack_base) % MOD32 if seg.flags & ACK else None
    return (seg.seq - seq_base) % MOD32, ack


def label(entry: Entry, story: Story, relative: bool, room: int, veiled: bool = False, spare: int = 0,
          full: bool = False, windows: bool = False) -> str:
    """What a segment says, as long as `room` allows: number with its signs, flags, sequence range, ACK number.

    `veiled` keeps these two to itself. `spare` more cells may be taken where an ACK number would be left out else;
    `full` says SEG.SEQ of a bare ACK too, `windows` SEG.WND where nothing else has to give way for it.
    """
    seg = entry.rec.segment
    seq, ack = numbers(entry, story, relative)
    size = len(seg.payload)
    name = flag_words(seg)
    number, tail = signed(entry)
    if veiled:
        size_text = f"({size} bytes)" if size else ""
        bare = name or ("" if size else "no flags")
        return _first(([number, bare, size_text, tail], [number, bare, tail], [number]), room)
    if size:
        shapes = _data_shapes(number, name, f"{seq}:{(seq + size) % MOD32}", size, ack, tail)
    elif seg.flags & (SYN | FIN | RST):
        shapes = _flag_shapes(number, name, seq, ack, tail)
    elif ack is None:
        shapes = [[number, "no flags", tail], [number, "no flags"], [number]]
    else:
        shapes = [[number, "ACK", str(ack), tail], [number, "ACK", str(ack)], [number, "ACK"], [number]]
        if full:
            shapes[:0] = [[number, "ACK", f"seq {seq}", f"ack {ack}", word] for word in (tail, "")]
    if windows:
        shapes.insert(0, [*shapes[0][:-1], f"win {seg.wnd}", shapes[0][-1]])
    said = [shape for shape in shapes if any(word.startswith("ack ") for word in shape)]
    return (_first(shapes[: 1 + windows], room) or _first(said, room + spare)) or _first(shapes, room)


def _first(shapes: Sequence[Sequence[str]], room: int) -> str:
    """The first of several ways to say something that fits; empty if none does."""
    return next((text for text in (" ".join(filter(None, shape)) for shape in shapes) if len(text) <= room), "")


def _data_shapes(number: str, name: str, span: str, size: int, ack: int | None, tail: str) -> list[list[str]]:
    """Ways to tell of a segment with text, the longest first."""
    says = "" if ack is None else f"ack {ack}"
    first = [name] if name else []
    return [[number, *first, span, f"({size} bytes)", says, tail], [number, *first, span, says, tail],
            [number, *first, span, f"({size})", tail], [number, *first, span, tail], [number, *first, span],
            [number, tail], [number, *first], [number]]


def _flag_shapes(number: str, name: str, seq: int, ack: int | None, tail: str) -> list[list[str]]:
    """Ways to tell of a SYN, FIN or RST; `seq` as a word gives way before the ACK number does."""
    if ack is None:
        return [[number, name, f"seq {seq}", tail], [number, name, f"seq {seq}"], [number, name, tail], [number, name],
                [number]]
    return [[number, name, f"seq {seq}", f"ack {ack}", tail], [number, name, f"seq {seq}", f"ack {ack}"],
            [number, name, str(seq), f"ack {ack}", tail], [number, name, str(seq), f"ack {ack}"],
            [number, name, f"seq {seq}", tail], [number, name, f"seq {seq}"], [number, name, tail], [number, name],
            [number]]


def fate_style(entry: Entry, side: int) -> str:
    """The colour of a segment on the ladder: what befell it before whose it is."""
    if entry.fate in ("lost", "dropped"):
        return "lost"
    if entry.rec.injected:
        return "warn"
    if entry.mark in ("dup", "copy"):
        return "dup"
    if entry.mark == "rtx":
        return "rtx"
    if entry.fate == "held":
        return "warn"
    return ("client", "server")[side]


def number_digits(entries: Sequence[Entry], story: Story, relative: bool) -> int:
    """How many digits the numbers of these rows need, so that their columns stand straight."""
    longest = 0
    for entry in entries:
        seq, ack = numbers(entry, story, relative)
        longest = max(longest, (seq + len(entry.rec.segment.payload)) % MOD32, seq, ack or 0)
    return max(3, len(str(longest)))


def log_line(
    entry: Entry,
    story: Story,
    relative: bool,
    hosts: tuple[str, ...],
    cells: int,
    picked: bool,
    digits: int = 0,
    pinned: bool = False,
    veiled: bool = False,
) -> Row:
    """The row of the log for one segment; what an expert remarks on it stands in a column of its own at the right.

    Where ten-digit numbers leave no room for it, the end of the text and the window give way: its length is said.
    """
    rec, seg = entry.rec, entry.rec.segment
    side = 0 if rec.src == hosts[0] else 1
    seq, ack = numbers(entry, story, relative)
    size = len(seg.payload)
    wide = cells >= 100
    digits = digits or number_digits([entry], story, relative)
    tight = not wide and digits > 6
    seq_text = f"{seq}:{(seq + size) % MOD32}" if size and not tight else str(seq)
    if veiled:
        seq_text, ack = HIDDEN, None if ack is None else HIDDEN
    own = ("client", "server")[side]
    ground = " on-pick" if picked else ""
    row: Row = [
        ("★" if pinned else "▸" if picked else " ", ("warn" if pinned else "bright") + ground),
        (f"{seconds(rec.sent_at):>7} ", "dim" + ground),
        (f"#{rec.id:<4}" if rec.id > 99 or wide else f"#{rec.id:<3}", "dim" + ground),
        (_arrow(rec.src, hosts, wide), f"{own} bold{ground}"),
        (f" {'[' + seg.letters + ']':<5}", "text" + ground),
        ("seq ", "dim" + ground),
        (f"{seq_text:<{digits + 1 if tight else 2 * digits + 2}}", "text" + ground),
        ("ack " if ack is not None else "    ", "dim" + ground),
        (f"{'' if ack is None else ack:<{digits + 1}}", "text" + ground),
        (f"len {size:<{4 if wide or digits > 6 else 3}} ", ("text" if size else "dim") + ground),
    ]
    if not tight:
        row.append((f"win {seg.wnd:<5} ", "dim" + ground))
    room = cells - row_width(row)
    if entry.notes and not veiled:
        row += [(text, style + ground) for text, style in note_words(entry, room)]
    elif not entry.over:
        row.append(("held" if entry.fate == "held" else "on its way", "dim" + ground))
    options, left = option_words(seg), cells - row_width(row) - 2
    remarked = bool(entry.notes) or not entry.over
    if options and left >= (12 if remarked else 6):
        row.append(("  " * remarked + options, "faint" + ground))
    return fit(row, cells, "text" + ground)


def note_words(entry: Entry, room: int) -> Row:
    """The expert's notes in at most `room` cells: all in full, then all in short, then as many as fit."""
    notes = entry.notes
    for words in ([note.text for note in notes], [notes[0].text, *(note.short for note in notes[1:])],
                  [note.short for note in notes]):
        if sum(map(width, words)) + 3 * (len(words) - 1) <= room:
            break
    else:
        words, left = [], room
        for note in notes:
            left -= width(note.short) + (3 if words else 0)
            if left < 0 and words:
                break
            words.append(note.short)
    row: Row = []
    for note, text in zip(notes, words, strict=False):
        row += [(" · ", "faint")] * bool(row) + [(text, note.style)]
    return row


def letters(hosts: tuple[str, ...]) -> tuple[str, str]:
    """One letter for each host: its own first one, or A and B when they are the same."""
    first, second = hosts[0][:1].upper(), hosts[1][:1].upper()
    return (first, second) if first != second else ("A", "B")


def _arrow(src: str, hosts: tuple[str, ...], wide: bool) -> str:
    """Who speaks to whom, by name where there is room and else by letter."""
    one, two = (f"{hosts[0][:8]}", f"{hosts[1][:8]}") if wide else letters(hosts)
    return f"{one}→{two}" if src == hosts[0] else f"{two}→{one}"


def option_words(seg: Segment) -> str:
    """The options in brackets, as tcpdump names them: ``[mss 100]``."""
    options, words = seg.options, []
    if options.mss is not None:
        words.append(f"mss {options.mss}")
    if options.wscale is not None:
        words.append(f"wscale {options.wscale}")
    if options.sack_permitted:
        words.append("sackOK")
    if options.ts is not None:
        words.append(f"TS {options.ts[0]}/{options.ts[1]}")
    words += [f"sack {left}:{right}" for left, right in options.sack]
    return f"[{', '.join(words)}]" if words else ""
