"""What is taken away: text, Mermaid and pictures say what happened, hold nothing foreign; files are whole."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from tcplab.cli import cli
from tcplab.export.files import KINDS, free_name, render, write
from tcplab.export.ladder import LEFT, RIGHT, _Ladder, ladder_svg
from tcplab.export.mermaid import MAX_ARROWS, escaped, mermaid
from tcplab.export.plots import model, plots_svg
from tcplab.export.states import states_svg
from tcplab.export.subject import Subject, of_session
from tcplab.export.text import text
from tcplab.graph.fsm import drawn_edges
from tcplab.session.session import Session
from tcplab.views.plots import NAMES
from tcplab.views.series import Series

OPEN = "server listen 80; client connect server 80; run until idle"
ROUGH = ("link loss 8%; link duplicate 8%; link reorder 10%", OPEN, "client send 3000; run until idle",
         "client close; run until idle; server close; run until idle; wait")
SVG = "{http://www.w3.org/2000/svg}"


def played(*commands: str, seed: int = 5, lab: str = "sandbox") -> Session:
    session = Session.open(lab, seed)
    for command in commands:
        session.execute(command)
    return session


@pytest.fixture(scope="module")
def rough() -> Subject:
    return of_session(played(*ROUGH))


def words(svg: str) -> str:
    return " ".join("".join(element.itertext()) for element in ET.fromstring(svg).iter(f"{SVG}text"))


# --- text and Mermaid --------------------------------------------------------------------------------------------


def test_text_has_a_line_for_each_segment_with_its_fate(rough):
    lines = text(rough).splitlines()
    rows = [line for line in lines if re.match(r"^ +\d+\.\d{6}  #", line)]
    assert len(rows) == len(rough.entries)
    for row, entry in zip(rows, rough.entries, strict=True):
        assert f"#{entry.rec.id} " in row and (", lost" in row or "— lost" in row) == (entry.fate == "lost")
    assert any("— " in row and "copy of #" in row for row in rows) and any("again" in row for row in rows)
    assert lines[-1].endswith("client: TIME-WAIT > CLOSED  (2MSL timeout)")


def test_text_counts_from_first_numbers_when_asked():
    session = played(OPEN, "client send 10; run until idle")
    assert "seq 1:11, ack 1" in text(of_session(session, relative=True))


#: What a line of a Mermaid sequence diagram may be (mermaid.js.org/syntax/sequenceDiagram).
GRAMMAR = re.compile(r"    (participant [AB] as [^;]*|Note over (A|B|A,B): .+|[AB](->>|-->>|-x|--\))[AB]: .+)$")


def test_mermaid_is_valid_and_shows_losses(rough):
    lines = mermaid(rough).splitlines()
    assert lines[0] == "sequenceDiagram"
    for line in lines[1:]:
        assert GRAMMAR.match(line), line
        # Outside entities no character is left that Mermaid would read.
        assert not re.search(r'[#;<>"{}%&]', re.sub(r"#(\d+|lt|gt|quot|amp);", "", line.partition(": ")[2])), line
    arrows = [line for line in lines if "->>" in line or "-x" in line]
    assert len(arrows) == len(rough.entries)
    assert sum("-x" in line for line in arrows) == sum(entry.fate == "lost" for entry in rough.entries) > 0


def test_mermaid_of_a_long_session_says_what_it_leaves_out():
    subject = of_session(played(OPEN, "client send 100kB; run until idle"))
    assert f"{len(subject.entries) - MAX_ARROWS} more segments are not drawn" in mermaid(subject)


@given(st.text())
def test_nothing_in_a_text_is_mermaid(value):
    assert not re.search(r'[<>"{}%&\x00-\x1f\x7f-\x9f]', escaped(value))


def test_the_word_that_ends_a_block_is_no_word():
    assert escaped("the end; endless #7") == "the e#110;d#59; endless #35;7"


# --- pictures ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("writer", [ladder_svg, states_svg, plots_svg])
def test_a_picture_is_self_contained_and_has_two_grounds(rough, writer):
    svg = writer(rough)
    root = ET.fromstring(svg)
    assert {element.tag for element in root.iter()} <= {
        SVG + tag for tag in ("svg", "title", "style", "rect", "text", "polyline", "polygon", "circle")}
    assert "prefers-color-scheme: dark" in svg and "href" not in svg and "url(" not in svg and "@import" not in svg
    assert "monospace" in svg and svg.count("http") == 1  # the name of the format


def test_the_ladder_slopes_with_time_and_keeps_the_order(rough):
    ladder = _Ladder(rough)
    ladder.draw()
    for entry in rough.entries:
        if entry.fate == "delivered":
            y0, y1 = ladder.leaves[entry.rec.id], ladder.reaches[entry.rec.id]
            assert y1 > y0 if entry.at > entry.rec.sent_at else y1 >= y0
    # Whatever happens later stands no higher, on either side.
    placed = [(entry.rec.sent_at, ladder.leaves[entry.rec.id]) for entry in rough.entries]
    placed += [(e.at, ladder.reaches[e.rec.id]) for e in rough.entries if e.fate == "delivered"]
    placed.sort()
    highest = 0.0
    for index, (t, y) in enumerate(placed):
        assert all(y >= other - 1e-6 for at, other in placed[:index] if at < t)
        highest = max(highest, y)


def test_the_ladder_shows_losses_copies_and_labels(rough):
    svg = ladder_svg(rough)
    root = ET.fromstring(svg)
    crosses = [line for line in root.iter(f"{SVG}polyline") if line.get("class") == "heavy s-lost"]
    copies = [line for line in root.iter(f"{SVG}polyline") if line.get("stroke-dasharray")]
    assert len(crosses) == 2 * sum(entry.fate in ("lost", "dropped") for entry in rough.entries)
    assert len(copies) == sum(entry.copy_of is not None for entry in rough.entries) > 0
    said = words(svg)
    assert all(f"#{entry.rec.id} " in said for entry in rough.entries)
    for x in (LEFT, RIGHT):
        assert any(line.get("points").startswith(f"{x},") for line in root.iter(f"{SVG}polyline"))
    assert "TIME-WAIT" in said and "⋯" in said


def test_the_diagram_draws_every_edge_and_what_was_walked(rough):
    svg = states_svg(rough)
    root = ET.fromstring(svg)
    lines = list(root.iter(f"{SVG}polyline"))
    legend, dashed = 3, 1
    assert len(lines) == len(drawn_edges()) + legend + dashed
    walked = {step[1:3] for step in rough.steps}
    assert sum("heavy" in line.get("class") for line in lines) == len(walked) + legend
    assert f"{len(walked)} of {len(drawn_edges())} edges" in words(svg)
    assert words(svg).count("client") == 2  # the legend, and the box where it stands


def test_a_reset_walks_the_dashed_way():
    svg = states_svg(of_session(played(OPEN, "client abort; run until idle")))
    dashed = [line for line in ET.fromstring(svg).iter(f"{SVG}polyline") if line.get("stroke-dasharray")]
    assert "heavy s-both" in dashed[0].get("class")


def test_plots_draw_the_model_of_the_screen(rough):
    """Every plot with something in it, its title, its newest values; points lie where the model says."""
    series = Series()
    series.read(rough.trace)
    flow = max(series.flows, key=lambda one: one.nxt)
    said = words(plots_svg(rough))
    for name in NAMES:
        plot = model(flow, name, 0)
        assert (plot.title in said) == (not plot.empty)
        assert all(f"{curve.name} {curve.now}".strip() in said for curve in plot.curves if curve.x)


def test_a_plot_marks_each_loss_with_a_cross():
    subject = of_session(played(OPEN, "link drop next 2 client DATA", "client send 1000; run until idle"))
    root = ET.fromstring(plots_svg(subject, ["stevens"]))
    crosses = [line for line in root.iter(f"{SVG}polyline") if line.get("class") == "line s-lost"]
    assert len(crosses) == 2 * (2 + 1)  # two losses, and the legend


def test_an_empty_session_has_pictures_too():
    subject = of_session(played())
    for kind in KINDS:
        assert render(kind.id, subject)


@settings(max_examples=15, deadline=None)
@given(payload=st.text(alphabet=st.characters(codec="utf-8"), max_size=20), seed=st.integers(0, 1000))
def test_no_payload_and_no_title_gets_out_raw(payload, seed):
    session = played(OPEN, seed=seed)
    session.execute('client send "\\x1b[31m<b>&amp;</b>"; run until idle')
    subject = of_session(session)
    subject.title = f"{payload}\x1b[2J<script>"
    for kind in ("text", "mermaid", "svg", "states", "plot", "dot"):
        data = render(kind, subject).decode()
        assert "<script" not in data or kind == "text"
        assert not any(char != "\n" and unicodedata.category(char) == "Cc" for char in data), kind
        if kind in ("svg", "states", "plot"):
            ET.fromstring(data)


@pytest.mark.skipif(shutil.which("rsvg-convert") is None, reason="needs librsvg")
@pytest.mark.parametrize("kind", ["svg", "states", "plot"])
def test_another_program_draws_it(rough, kind, tmp_path):
    (tmp_path / "p.svg").write_bytes(render(kind, rough))
    subprocess.run(["rsvg-convert", tmp_path / "p.svg", "-o", tmp_path / "p.png"], check=True)
    assert (tmp_path / "p.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.skipif(shutil.which("tshark") is None, reason="needs tshark")
def test_tshark_reads_the_capture_and_sees_what_the_link_did(rough, tmp_path):
    (tmp_path / "p.pcapng").write_bytes(render("pcapng", rough))
    done = subprocess.run(["tshark", "-r", tmp_path / "p.pcapng", "-T", "fields", "-e", "frame.comment", "-e",
                           "frame.interface_name", "-e", "_ws.malformed", "-o", "tcp.check_checksum:TRUE",
                           "-e", "tcp.checksum.status"], check=True, capture_output=True, text=True)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert {row[1] for row in rows} == set(rough.hosts) and all(row[2] == "" and row[3] == "1" for row in rows)
    said = [row[0] for row in rows]
    for fate, phrase in (("lost", "lost it"), ("copy", "Copy of #"), ("reordered", "overtook")):
        assert any(phrase in comment for comment in said), fate


# --- files -------------------------------------------------------------------------------------------------------


def test_names_never_overwrite(tmp_path):
    base = tmp_path / "my.lab"
    assert free_name(base, "svg") == tmp_path / "my.lab-ladder.svg"
    (tmp_path / "my.lab.txt").write_text("mine")
    assert free_name(base, "text") == tmp_path / "my.lab-2.txt"


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    target = tmp_path / "a.svg"
    target.write_text("old")
    write(target, b"new")
    assert target.read_text() == "new" and [p.name for p in tmp_path.iterdir()] == ["a.svg"]
    with pytest.raises(OSError) as caught:
        write(tmp_path / "no" / "a.svg", b"x")
    assert caught.value.filename.endswith("no/a.svg")


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    path = tmp_path_factory.mktemp("rec") / "r.jsonl"
    session = Session.open("sandbox", 5, record=path)
    for command in ROUGH:
        session.execute(command)
    session.close()
    return path


def run(*words: object):
    return CliRunner().invoke(cli, ["export", *map(str, words)])


def test_the_command_writes_what_is_asked(recording, rough, tmp_path):
    files = {kind.id: tmp_path / f"out{kind.ending}" for kind in KINDS}
    done = run(recording, *(word for kind, path in files.items() for word in (f"--{kind}", path)))
    assert done.exit_code == 0, done.output
    for kind, path in files.items():
        assert path.read_bytes() == render(kind, rough), kind
    done = run(recording, "--text", "-")
    assert done.exit_code == 0 and done.stdout == text(rough)


def test_the_command_says_what_is_wrong(recording, tmp_path):
    assert run(recording).exit_code == 2
    assert run(recording, "--svg", "-", "--text", "-").exit_code == 2
    done = run(recording, "--svg", tmp_path / "no" / "x.svg", "--text", tmp_path / "x.txt")
    assert done.exit_code == 2 and "no/x.svg" in done.stderr and "folder" in done.stderr
    assert (tmp_path / "x.txt").exists()  # the other file is written all the same
    (tmp_path / "bad.jsonl").write_text("{}\n")
    done = run(tmp_path / "bad.jsonl", "--text", "-")
    assert done.exit_code == 4 and "bad.jsonl:1" in done.stderr
    assert run(tmp_path / "none.jsonl", "--text", "-").exit_code == 4
