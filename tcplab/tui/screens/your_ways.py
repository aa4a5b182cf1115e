"""The ways of the state diagram that a learner has walked over all labs, as a picture with a key."""

from __future__ import annotations

from collections.abc import Sequence

from textual.binding import Binding

from tcplab.tui.draw.frame import footer
from tcplab.tui.draw.layout import Box
from tcplab.tui.draw.runs import Row, cut, fit, spread, wrap
from tcplab.tui.draw.state_diagram import Marks, state_diagram
from tcplab.tui.screens.base import Page
from tcplab.tui.widgets.surface import Part


def ways_parts(walked: Sequence[tuple[str, str]], cells: int, lines: int, ascii: bool = False) -> list[Part]:
    """The whole screen in `cells` by `lines`: the picture, and which ways are still to be walked."""
    from tcplab.graph.fsm import coverage

    found = coverage(walked)
    count = f"{len(found.walked)} of {found.total} state changes "
    title = spread([(" tcplab ", "ink on-good bold"), (" Your ways through the states", "bright bold on-bar")],
                   [(count, "text on-bar")], cells, "on-bar")
    marks = Marks(("you",), ("",), tuple(("you", *edge) for edge in found.walked), (("nobody", "CLOSED", "LISTEN"),))
    below = 3 if lines >= 32 else 1  # rows for the words under the picture
    room = lines - 2 - below
    picture = state_diagram(marks, cells, room, ascii)
    line = "=" if ascii else "━"
    words: Row = [(f"{line} ", "client"), ("walked in any lab   ", "text")]
    if found.missing and below == 1:
        words.append((f"{len(found.missing)} still to be walked", "dim"))
    elif found.missing:
        missing = ", ".join(f"{source} to {target}" for source, target in found.missing)
        words += [("still to be walked: ", "dim"), (missing, "text")]
    else:
        words.append(("every way there is", "good bold"))
    said = [fit([(" ", "text"), *row], cells) for row in wrap(words, cells - 2)]
    if len(said) > below:
        said = [*said[: below - 1], [*cut(said[below - 1], cells - 2, ""), (" …", "dim")]]
    said += [fit([], cells)] * (below - len(said))
    return [
        (Box(0, 0, cells, 1), [title]),
        (Box(0, 1, cells, room), picture),
        (Box(0, room + 1, cells, below), said),
        (Box(0, lines - 1, cells, 1), [footer([("esc", "back to the labs")], cells)]),
    ]


class YourWays(Page, inherit_bindings=False):
    """Shows the picture until a key closes it."""

    BINDINGS = [
        Binding("escape,enter,w,q,backspace", "act('back')", "back", show=False, id="ways.back"),
    ]

    def __init__(self, walked: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.walked = tuple(walked)

    def parts(self, cells: int, lines: int) -> list[Part]:
        return ways_parts(self.walked, cells, lines, self.app.terminal.ascii)

    def act(self, _key_id: str) -> None:
        self.app.pop_screen()
