"""Escapes inside a paste become no keys, wherever the pieces of the input are cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.drivers import linux_driver

from tcplab.tui.app import TcplabApp
from tcplab.tui.pasting import PasteParser, Pastes

BEGIN, END = "\x1b[200~", "\x1b[201~"


def read(text: str, cuts: list[int]) -> list:
    """The messages of a terminal's input that comes in pieces."""
    parser, found, places = PasteParser(), [], sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    for start, end in zip(places, places[1:], strict=False):
        found += parser.feed(text[start:end])
    return found


PASTED = st.text(st.sampled_from("\x1b[]201~qxl;m\x07 "), max_size=80).filter(lambda text: END not in text)


@given(PASTED, st.lists(st.integers(0, 200), max_size=6))
def test_a_paste_is_one_text_without_escapes_and_presses_no_key(pasted, cuts):
    found = read(f"a{BEGIN}{pasted}{END}b", cuts)
    # An escape right before the end mark makes the mark ambiguous to nobody: the mark is the last thing of the paste.
    keys = [message.key for message in found if isinstance(message, events.Key)]
    texts = [message.text for message in found if isinstance(message, events.Paste)]
    assert keys == ["a", "b"] and "".join(texts) == pasted.replace("\x1b", "")


@given(st.text(st.sampled_from("\x1b[]20019~qx"), max_size=60), st.lists(st.integers(0, 80), max_size=5))
def test_what_is_not_pasted_passes_unchanged(text, cuts):
    text = text.replace(BEGIN, "")
    pastes, places = Pastes(), sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    got = "".join(pastes.clean(text[a:b]) for a, b in zip(places, places[1:], strict=False))
    assert got == text or BEGIN in text


def test_the_real_driver_reads_through_the_filter():
    TcplabApp().get_driver_class()
    assert linux_driver.XTermParser is PasteParser
