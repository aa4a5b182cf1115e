"""The state changes that a learner has seen over all labs, as the diagram with a key."""

from __future__ import annotations

from collections.abc import Sequence

from textual.binding import Binding

from tcplab.tui.draw.frame import footer
from tcplab.tui.draw.guide_text import guide_text
from tcplab.tui.draw.layout import Box
from tcplab.tui.draw.runs import Row, cut, fit, spread, wrap
from tcplab.tui.draw.state_diagram import Marks, state_diagram
from tcplab.tui.screens.base import Page
from tcplab.tui.screens.reader import Reader
from tcplab.tui.widgets.surface import Part


def ways_parts(walked: Sequence[tuple[str, str]], cells: int, lines: int, ascii: bool = False) -> list[Part]:
    """The whole screen in `cells` by `lines`: the picture, and which changes are still to be seen."""
    from tcplab.graph.fsm import coverage

    found = coverage(walked)
    count = f"{len(found.walked)} of {found.total} state changes "
    title = spread([(" tcplab ", "ink on-good bold"), (" State changes that you have seen", "bright bold on-bar")],
                   [(count, "text on-bar")], cells, "on-bar")
    marks = Marks(("you",), ("",), tuple(("you", *edge) for edge in found.walked), (("nobody", "CLOSED", "LISTEN"),))
    below = 3 if lines >= 32 else 1  # rows for the words under the picture
    room = lines - 2 - below
    picture = state_diagram(marks, cells, room, ascii)
    line = "=" if ascii else "━"
    words: Row = [(f"{line} ", "client"), ("seen in your labs   ", "text")]
    if found.missing and below == 1:
        words.append((f"{len(found.missing)} still to come, from lab to lab", "dim"))
    elif found.missing:
        missing = ", ".join(f"{source} to {target}" for source, target in found.missing)
        words += [("still to come: ", "dim"), (missing, "text")]
    else:
        words.append(("all there are", "good bold"))
    said = [fit([(" ", "text"), *row], cells) for row in wrap(words, cells - 2)]
    if len(said) > below:
        said = [*said[: below - 1], [*cut(said[below - 1], cells - 2, ""), (" …", "dim")]]
    said += [fit([], cells)] * (below - len(said))
    return [
        (Box(0, 0, cells, 1), [title]),
        (Box(0, 1, cells, room), picture),
        (Box(0, room + 1, cells, below), said),
        (Box(0, lines - 1, cells, 1), [footer([("esc", "back to the labs"), ("?", "what is this")], cells)]),
    ]


def about(cells: int) -> list[Row]:
    """What the picture means, for somebody who has not yet opened a lab."""
    return guide_text(
        "A connection is always in one of eleven states, from CLOSED to TIME-WAIT. Each box is a state, each arrow a "
        "change of state. The words beside an arrow say what happens / what is sent then.\n\n"
        "A heavy arrow is a change that a host of yours has made in some lab. Together the labs of the path make every "
        "change in the picture; nothing here counts as points. In a lab, page 3 shows the same diagram for both hosts.",
        cells)


class YourWays(Page, inherit_bindings=False):
    """Shows the picture until a key closes it."""

    BINDINGS = [
        Binding("escape,enter,w,q,backspace", "act('back')", "back", show=False, id="ways.back"),
        Binding("question_mark", "act('help')", "what is this", show=False, id="ways.help"),
    ]

    def __init__(self, walked: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.walked = tuple(walked)

    def parts(self, cells: int, lines: int) -> list[Part]:
        return ways_parts(self.walked, cells, lines, self.app.terminal.ascii)

    def act(self, key_id: str) -> None:
        if key_id == "help":
            self.app.push_screen(Reader("State changes", about))
        else:
            self.app.pop_screen()
