"""The signs of segments: what happened to one that its numbers do not say, as a glyph before its number and a word.

One table for the ladder and for the legend in the help. Every glyph has a stand-in of its own in ASCII.
"""

from __future__ import annotations

from tcplab.views.entries import Entry

#: (glyph, word, style, what it means) by kind, the one that says most first.
SIGNS: dict[str, tuple[str, str, str, str]] = {
    "injected": ("✚", "inj", "warn", "made by hand and put on the link: no host sent it"),
    "damaged": ("≠", "damaged", "lost", "the link flipped a bit of it"),
    "edited": ("≠", "edited", "warn", "a hand changed its fields in mid-link"),
    "copy": ("=", "copy of #7", "dup", "the link doubled #7, this is the second one"),
    "rtx": ("↻", "again", "rtx", "sent again"),
    "probe-again": ("↻", "probe", "rtx", "the byte of a probe, sent again"),
    "probe": ("", "probe", "rtx", "one byte beyond a closed window"),
    "dup": ("", "dup", "dup", "a duplicate ACK: it says the same again"),
}

#: What the heads of the lines say.
HEADS = (
    ("●", "text", "on its way"),
    ("▶", "text", "arrived"),
    ("✗", "lost", "lost on the way, or thrown away by the receiver"),
    ("❚", "warn", "held in mid-link"),
    ("┄", "dim", "it arrived out of its turn: one row shows it leaving, another one arriving"),
)

_NOTED = ("damaged", "edited")


def kinds(entry: Entry) -> list[str]:
    """Which signs a segment bears, the one that says most first."""
    found = {"injected"} if entry.rec.injected else set()
    found |= {note.code for note in entry.notes if note.code in _NOTED}
    if entry.mark in SIGNS:
        found.add(entry.mark)
    return [kind for kind in SIGNS if kind in found]


def signed(entry: Entry) -> tuple[str, str]:
    """The number of a segment with its glyphs before it, and the word for what says most."""
    found = kinds(entry)
    glyphs = "".join(dict.fromkeys(SIGNS[kind][0] for kind in found))
    word = "" if not found else f"copy of #{entry.rec.copy_of}" if found[0] == "copy" else SIGNS[found[0]][1]
    return f"{glyphs}#{entry.rec.id}", word
