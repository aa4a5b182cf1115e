"""The state diagram: the picture is the machine, at every size, in colour, without colour and in ASCII."""

import pytest

from tcplab.graph.layouts import LARGE, LAYOUTS, MEDIUM, SMALL, TINY
from tcplab.tcp.state import TRANSITIONS, Event, State
from tcplab.tui.draw.canvas import HEAVY, LIGHT, RIGHT, UP, Canvas, cells_between, direction
from tcplab.tui.draw.runs import plain, plain_rows
from tcplab.tui.draw.state_diagram import Marks, _touches, draw, legend, letters, state_diagram, words
from tcplab.tui.draw.state_labels import dashed_label, forms, label, label_lines

HOSTS = ("client", "server")
STILL = Marks(HOSTS, ("CLOSED", "CLOSED"))
OPENED = (("server", "CLOSED", "LISTEN"), ("client", "CLOSED", "SYN-SENT"), ("server", "LISTEN", "SYN-RECEIVED"),
          ("client", "SYN-SENT", "ESTABLISHED"), ("server", "SYN-RECEIVED", "ESTABLISHED"))
CLOSING = Marks(HOSTS, ("FIN-WAIT-2", "CLOSE-WAIT"), (
    *OPENED, ("client", "ESTABLISHED", "FIN-WAIT-1"), ("server", "ESTABLISHED", "CLOSE-WAIT"),
    ("client", "FIN-WAIT-1", "FIN-WAIT-2")))
EDGES = list(dict.fromkeys((row.source, row.target) for row in TRANSITIONS if row.drawn))

every_layout = pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)


def text(marks, layout, **how):
    return plain_rows(draw(marks, layout, **how))


def style_of(rows, wanted):
    """The styles of the runs that hold `wanted`."""
    return [style for row in rows for run, style in row if wanted in run]


def route_cells(route):
    cells = [route.points[0]]
    for here, there in zip(route.points, route.points[1:], strict=False):
        cells += cells_between(here, there)[1:]
    return cells


# --- the picture is the table --------------------------------------------------------------------------------------


@every_layout
def test_every_drawn_edge_has_a_route_and_every_route_an_edge(layout):
    assert set(layout.routes) == set(EDGES)
    assert set(layout.boxes) == set(State)


@every_layout
def test_a_route_leaves_its_source_and_reaches_its_target(layout):
    for (source, target), route in layout.routes.items():
        cells = route_cells(route)
        ends = [layout.boxes[target]] + ([layout.end] if target is State.CLOSED else [])
        assert _touches(cells[0], layout.boxes[source]) is not None or len(cells) == 1, (source, target)
        assert any(_touches(cells[-1], box) is not None for box in ends), (source, target)
        assert all(0 <= x < layout.width and 0 <= y < layout.height for x, y in cells)


@every_layout
def test_no_route_runs_through_a_box_or_along_another_route(layout):
    boxes = {(box.x + i, box.y) for box in [*layout.boxes.values(), layout.end] for i in range(box.width)}
    ways = {}
    for edge, route in layout.routes.items():
        cells = route_cells(route)
        assert not boxes & set(cells), edge
        for here, there in zip(cells, cells[1:], strict=False):
            step = tuple(sorted((here, there)))
            other = ways.setdefault(step, edge)
            # The smallest picture lets two ways share a stretch: a common start, or two ends of one line.
            assert other == edge or layout is TINY, (edge, other, step)


@pytest.mark.parametrize("layout", [LARGE, MEDIUM, SMALL], ids=lambda layout: layout.name)
def test_labels_stand_free_of_boxes_and_of_each_other(layout):
    taken = {(box.x + i, box.y): state for state, box in [*layout.boxes.items(), ("end", layout.end)]
             for i in range(box.width)}
    for edge in EDGES:
        slot = layout.routes[edge].slot
        rows = [row for row in TRANSITIONS if row.drawn and (row.source, row.target) == edge]
        for y, line in enumerate(label_lines(rows, slot.width, slot.lines, note=slot.note), slot.y):
            for x in range(slot.at(line), slot.at(line) + len(line)):
                assert (x, y) not in taken, (edge, taken[x, y])
                taken[x, y] = edge
            assert "…" not in line, "a label is never cut"


@pytest.mark.parametrize("layout", [LARGE, MEDIUM, SMALL], ids=lambda layout: layout.name)
def test_every_label_on_the_picture_is_the_tables(layout):
    lines = text(STILL, layout)
    for edge in EDGES:
        rows = [row for row in TRANSITIONS if row.drawn and (row.source, row.target) == edge]
        slot = layout.routes[edge].slot
        assert all(line in lines for line in label_lines(rows, slot.width, slot.lines))


@every_layout
@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: f"{edge[0]}>{edge[1]}")
def test_a_removed_row_leaves_the_picture(layout, edge):
    table = [row for row in TRANSITIONS if (row.source, row.target) != edge]
    before, after = text(STILL, layout), text(STILL, layout, table=table)
    assert before != after and len(after.replace(" ", "")) < len(before.replace(" ", ""))


def test_an_altered_row_changes_its_label():
    table = [row._replace(sends="RST") if row.event is Event.CLOSE and row.source is State.CLOSE_WAIT else row
             for row in TRANSITIONS]
    assert "close / FIN │" in text(STILL, LARGE) and "close / RST │" in text(STILL, LARGE, table=table)


def test_an_edge_without_a_route_is_named_in_words():
    table = [*TRANSITIONS, TRANSITIONS[0]._replace(source=State.TIME_WAIT, target=State.LISTEN)]
    assert "also TIME-WAIT > LISTEN: passive open" in text(STILL, LARGE, table=table)


def test_without_note_3_there_is_no_dashed_way():
    assert "abort · RST · user timeout · R2 reached" in text(STILL, LARGE) and "╎" in text(STILL, LARGE)
    table = [row for row in TRANSITIONS if row.drawn]
    assert "abort" not in text(STILL, LARGE, table=table) and "╎" not in text(STILL, LARGE, table=table)


# --- what is marked ------------------------------------------------------------------------------------------------


def test_the_whole_picture():
    assert text(CLOSING, LARGE).split("\n")[2:18] == [
        "     LISTEN    ◀━ passive open ━    CLOSED    ━ active / SYN ━▶   SYN-SENT",
        "  △     ┃   │                      △   △  △                      │  │     ┃",
        "  │ RST ┃   └─────── close ────────┘   ╎  └─────── close ────────┘  │     ┃",
        "  │ SYN ┃ SYN / SYN,ACK  abort · RST · user timeout · R2 reached    │     ┃",
        "  │     ┃    ┌───────── SYN / SYN,ACK  simultaneous open ───────────┘     ┃",
        "  │     ▼    ▽                                                            ┃",
        "   SYN-RECEIVED  ━ ACK of SYN ━▶  ESTABLISHED  ◀━━━━━ SYN,ACK / ACK ━━━━━━┛",
        "        │                          ┃      ┃",
        "        │ close / FIN              ┃      ┃     what happens / what is sent",
        "        ▽                          ┃      ┃",
        "   FIN-WAIT-1  ◀━━━ close / FIN ━━━┛      ┗━━━━ FIN / ACK ━━━━▶  CLOSE-WAIT S",
        "  ┃         │ └────── FIN / ACK ───────┐                              │",
        "  ┃         └─────────┐                │                              │",
        "  ┃ ACK of FIN        │                │                  close / FIN │",
        "  ▼                   │                ▽                              ▽",
        " C FIN-WAIT-2         │            CLOSING                        LAST-ACK",
    ]


@every_layout
def test_walked_ways_are_heavy_without_any_colour(layout):
    for edge in EDGES:
        marks = Marks(HOSTS, ("CLOSED", "CLOSED"), (("client", str(edge[0]), str(edge[1])),))
        canvas = draw(marks, layout)
        x, y = layout.routes[edge].points[-1]
        assert plain(canvas[y])[x] in "▲▼◀▶", edge
        assert sum(plain(row).count(head) for row in canvas for head in "▲▼◀▶") == 1


def test_colours_say_who():
    rows = draw(CLOSING, LARGE)
    assert style_of(rows, "active / SYN") == ["client"] and style_of(rows, "passive open") == ["server"]
    assert style_of(rows, "FIN-WAIT-2") == ["ink on-client bold"]
    assert style_of(rows, "CLOSE-WAIT") == ["ink on-server bold"]
    assert style_of(rows, "ESTABLISHED") == ["both on-box"]
    assert style_of(rows, "ACK of FIN")[0] == "client bold under"
    assert style_of(rows, "LAST-ACK") == style_of(rows, "TIME-WAIT") == ["bright on-box"]
    assert style_of(rows, "CLOSED") == ["both on-box", "dim on-box"]
    both = Marks(HOSTS, ("ESTABLISHED", "ESTABLISHED"), (*OPENED, ("client", "SYN-RECEIVED", "ESTABLISHED")))
    assert style_of(draw(both, LARGE), "ESTABLISHED") == ["ink on-both bold"]
    assert style_of(draw(both, LARGE), "ACK of SYN") == ["both bold under"]


@every_layout
def test_both_letters_stand_on_a_shared_box(layout):
    for state in State:
        rows = draw(Marks(HOSTS, (state, state)), layout)
        box = layout.boxes[state]
        line = plain(rows[box.y])[box.x:box.x + box.width]
        assert line[0] == "C" and line[-1] == "S" and line[1:-1].strip()[:5] == layout.short.get(state, state)[:5]


@every_layout
def test_a_letter_stands_inside_the_filled_box(layout):
    for state in State:
        if layout in (SMALL, TINY) and state is State.CLOSE_WAIT:
            continue  # no blank is left beside the name: there the letter's own colour keeps the two apart
        for side, colour in enumerate(("client", "server")):
            states = ["LISTEN", "LISTEN"] if state is not State.LISTEN else ["CLOSED", "CLOSED"]
            states[side] = state
            rows, box = draw(Marks(HOSTS, tuple(states)), layout), layout.boxes[state]
            pill = next(text for text, style in rows[box.y] if style == f"ink on-{colour} bold")
            assert len(pill) == box.width
            letter, name = (pill[:2], pill[2:]) if side == 0 else (pill[-2:], pill[:-2])
            assert letter == ("C ", " S")[side] and name.strip()[:5] == layout.short.get(state, state)[:5]


def test_boxes_begin_below_one_another():
    boxes = [*LARGE.boxes.values(), LARGE.end]
    assert {box.x for box in boxes} == {1, 32, 63}


def test_closed_after_closing_is_the_lower_box():
    done = Marks(HOSTS, ("TIME-WAIT", "CLOSED"), (
        *CLOSING.walked, ("server", "CLOSE-WAIT", "LAST-ACK"), ("client", "FIN-WAIT-2", "TIME-WAIT"),
        ("server", "LAST-ACK", "CLOSED")))
    assert plain(draw(done, LARGE)[21]).endswith("CLOSED   S ")
    assert plain(draw(STILL, LARGE)[2])[32:46] == "C   CLOSED   S"


def test_a_reset_goes_the_dashed_way_to_the_upper_box():
    reset = Marks(HOSTS, ("CLOSED", "ESTABLISHED"), (*OPENED, ("client", "ESTABLISHED", "CLOSED")))
    rows = draw(reset, LARGE)
    assert "╏" in plain_rows(rows) and plain(rows[2])[32] == "C"
    assert style_of(rows, "R2 reached") == ["client bold under"]
    named = Marks(HOSTS, ("CLOSED", "CLOSED"), (("client", "SYN-SENT", "CLOSED", "rcv RST"),))
    assert "╏" in text(named, LARGE)
    assert "╏" not in text(Marks(HOSTS, named.states, (("client", "SYN-SENT", "CLOSED", "CLOSE"),)), LARGE)


def test_the_last_step_can_be_given():
    marks = Marks(HOSTS, ("ESTABLISHED", "ESTABLISHED"), OPENED, (("client", "SYN-SENT", "ESTABLISHED"),))
    assert style_of(draw(marks, LARGE), "SYN,ACK / ACK") == ["client bold under"]
    assert style_of(draw(marks, LARGE), "ACK of SYN") == ["server"]


# --- sizes, ASCII, words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("size", [(78, 22), (160, 48), (77, 24), (60, 24), (59, 23), (38, 20), (80, 10), (62, 9),
                                  (38, 9), (37, 9), (30, 4), (20, 1), (1, 1)])
def test_any_size_gives_exactly_that_size(size, ascii):
    rows = state_diagram(CLOSING, *size, ascii=ascii)
    assert len(rows) == size[1] and all(len(plain(row)) == size[0] for row in rows)


@every_layout
def test_ascii_is_ascii(layout):
    lines = text(CLOSING, layout, ascii=True)
    assert lines.isascii() and "#" in lines and "=" in lines and "+" in lines
    assert plain(legend(CLOSING, ascii=True)).isascii()
    assert plain_rows(words(CLOSING, 30, ascii=True)).isascii()


def test_the_smallest_picture_has_words_beside_it():
    lines = plain_rows(state_diagram(CLOSING, 76, 9)).split("\n")
    assert lines[0].endswith("C  FIN-WAIT-2") and lines[1].endswith("came ACK of FIN")
    assert lines[2].endswith("next FIN / ACK → TIME-WAIT")
    assert "next" not in plain_rows(state_diagram(CLOSING, 50, 9))


def test_too_small_for_a_picture_leaves_words():
    assert plain_rows(state_diagram(CLOSING, 36, 6)).split("\n")[0] == "C  FIN-WAIT-2"


def test_hosts_have_their_initials_or_numbers():
    assert letters(HOSTS) == ("C", "S") and letters(("anna", "alice")) == ("1", "2")
    assert plain(legend(STILL)) == "━ C client  ━ S server  ━ both"


def test_labels_get_shorter_by_rule():
    rows = [row for row in TRANSITIONS if row.event is Event.RCV_FIN_AND_ACK_OF_FIN]
    assert list(forms(rows)) == ["FIN and ACK of FIN / ACK", "FIN and ACK of FIN/ACK", "FIN,ACK / ACK", "FIN,ACK/ACK",
                                 "FIN,ACK/ACK"]
    assert label(rows, 6) == "FIN,A…" and label(rows, 6, ascii=True) == "FIN,A~"
    both = [row for row in TRANSITIONS if (row.source, row.target) == (State.LISTEN, State.SYN_SENT)]
    assert label(both, 40) == "send · active open / SYN" and label(both, 40, ascii=True) == "send, active open / SYN"
    assert dashed_label([row for row in TRANSITIONS if not row.drawn], 20) == "abort · RST …"


# --- the canvas ----------------------------------------------------------------------------------------------------


def test_lines_join():
    canvas = Canvas(5, 3)
    canvas.stroke(((0, 1), (4, 1)), LIGHT, "edge")
    canvas.stroke(((2, 0), (2, 2)), HEAVY, "client")
    canvas.stroke(((0, 1), (0, 2), (4, 2)), LIGHT, "edge")
    assert [plain(row) for row in canvas.rows()] == ["  ╻  ", "┌─╂─╴", "└─┸─╴"]
    assert canvas.rows()[1] == [("┌─", "edge"), ("╂", "client"), ("─╴", "edge")]


def test_what_lies_outside_is_ignored():
    canvas = Canvas(3, 1)
    canvas.put(-2, 0, "abcdef", "text")
    canvas.put(0, 5, "x", "text")
    canvas.stroke(((1, -3), (1, 3)), LIGHT, "edge")
    canvas.put(2, 0, "yz", "text")
    assert plain(canvas.rows()[0]) == "c│y"


def test_a_direction_is_straight():
    assert direction((1, 1), (1, 0)) == UP and direction((1, 1), (9, 1)) == RIGHT
    with pytest.raises(ValueError):
        direction((0, 0), (1, 1))
