"""`lab record`: what was played becomes a lab that passes lint and test."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tcplab.cli import cli
from tcplab.grading.authoring import trials
from tcplab.grading.writing import Unwritable, lab_text, played
from tcplab.lab.loader import lint_file, lint_text

STORY = ("server listen 80; link drop next server SYN-ACK; client connect server 80; run until idle; client send 20; "
         "run 60ms; client send 30; run until idle; client close; run until idle; server close; run until idle\n")


def tcplab(*arguments):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.mark.parametrize("recorded", [False, True])
def test_a_script_or_a_recording_becomes_a_lab(tmp_path, recorded):
    script, out = tmp_path / "script", tmp_path / "played.yaml"
    script.write_text(STORY)
    if recorded:
        assert tcplab("run", "sandbox", "--script", script, "--record", tmp_path / "r.jsonl").exit_code == 0
        script = tmp_path / "r.jsonl"
    done = tcplab("lab", "record", out, "--from", script)
    assert done.exit_code == 0, done.output
    lab = lint_file(out)[0]
    assert [step.id for step in lab.steps] == ["step-1", "step-2", "step-3", "step-4", "step-5", "alone"]
    assert lab.start == ("server listen 80",) and lab.step("step-2").goal.text == "server.bytes_received == 20"
    assert "server SYN-ACK lost" in [match.text for match in lab.step("alone").see]
    assert [fault for trial in trials(lab, 3) for fault in trial.faults] == []
    assert tcplab("lab", "record", out, "--from", script).exit_code == 2


@example(["client close", "server close", "wait"])  # idle in TIME-WAIT already, and time passed on from there
@example(["client close", "server close", "run until idle", "wait"])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(["client send 20", "server send 300", "run until idle", "step 2", "run 70ms", "wait",
                                 "client close", "server close", "link drop next client any", "back 2"]), max_size=8))
def test_whatever_is_played_is_written_without_fault(lines):
    script = "; ".join(["server listen 80", "client connect server 80", "run until idle", *lines])
    try:
        session = played("s", script.encode(), None, 3)
    except Unwritable:
        return  # a command that was refused has no place in a lab
    text = lab_text(session, "made")
    lab, problems = lint_text(text, "made.yaml")
    assert lab is not None, problems
    assert [fault for trial in trials(lab, 1) for fault in trial.faults if trial.pupil == "reference"] == []


@pytest.mark.parametrize(("text", "words"), [
    (b"", "nothing was played"), (b"client fly", "s:1:8"), (b"\xff", "cannot be played"), (b"{}", "cannot be played"),
    (b"server send 5", "refused"),
])  # fmt: skip
def test_what_cannot_be_written_is_refused_with_its_reason(text, words):
    with pytest.raises(Unwritable) as error:
        lab_text(played("s", text, None, 1), "made")
    assert words in str(error.value)


def test_haste_leaves_no_trace_where_it_changed_nothing():
    """What was typed while time still ran stands in the lab as if it had been typed calmly."""
    from tcplab.lab.loader import load_lab
    from tcplab.session.session import Session

    session = Session(load_lab("sandbox"), 1)
    for line in ("server listen 80", "client connect server 80", "run 130ms", "server listen 80", "client send 20",
                 "run 7ms", "client send 30", "run until idle", "client close", "run 60ms"):
        session.execute(line)
    lab, problems = lint_text(lab_text(session, "made"), "made.yaml")
    assert [step.solution for step in lab.steps[:-1]] == [
        ("client connect server 80", "run until idle"), ("client send 20", "run until idle"),
        ("client send 30", "run until idle"), ("client close", "run until idle")], problems
    hasty = Session(load_lab("sandbox"), 1)
    for line in ("server listen 80", "client connect server 80", "run 20ms", "client abort", "run until idle"):
        hasty.execute(line)
    assert "run 20ms" in lab_text(hasty, "made")  # here it mattered


def test_partial_runs_stay_where_they_matter_and_another_outcome_is_told(tmp_path):
    script, out = tmp_path / "s", tmp_path / "played.yaml"
    script.write_text("server listen 80; client connect server 80; run 20ms; client send 300; run 10ms; "
                      "link drop next client DATA; client send 50; run until idle")
    done = tcplab("lab", "record", out, "--from", script)
    assert done.exit_code == 0 and done.output.count("\n") == 1, done.output
    assert lint_file(out)[0].step("alone").solution == (  # calmly, the RTO would repeat it: no fast retransmit
        "client connect server 80", "run 20ms", "client send 300", "run 10ms", "link drop next client DATA",
        "client send 50", "run until idle")
    script.write_text(script.read_text() + "; client send 5")  # it is left out: no goal could name what it did
    done = tcplab("lab", "record", tmp_path / "other.yaml", "--from", script)
    words = "otherwise than what was played: server.bytes_received is 350, not 355"
    assert done.exit_code == 0 and words in done.output


def test_a_lab_with_steps_is_no_bench(tmp_path):
    script = tmp_path / "s"
    script.write_text(STORY)
    done = tcplab("lab", "record", tmp_path / "x.yaml", "--from", script, "--lab", "handshake")
    assert done.exit_code == 2 and not (tmp_path / "x.yaml").exists()
