"""The headless commands as staff script them: stdout is data, exit codes are a contract, bad input is named."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tcplab import grade
from tcplab.cli import cli

LAB = """\
tcplab: 1
id: tiny
title: Tiny
steps:
  - {id: open, task: Open a connection., goal: client.state == 'ESTABLISHED', points: 4}
  - {id: number, ask: Which number does the server expect next?, answer: server.rcv_nxt, points: 6,
     wrong: {client.iss: The SYN takes one.}}
solution:
  open: [server listen 80, client connect server 80, run until idle]
  number: [answer right]
"""
SCRIPT = "server listen 80; client connect server 80\nrun until idle\n"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "tiny.yaml").write_text(LAB)
    (tmp_path / "half.txt").write_text(SCRIPT)
    (tmp_path / "bad.txt").write_text("server listen 80\n  client conect server 80\n")
    return tmp_path


def run(*arguments: str, stdin: str | None = None):
    result = CliRunner().invoke(cli, [str(a) for a in arguments], input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_a_handshake_headless(files):
    result = run("run", "sandbox", "--script", files / "half.txt", "--json")
    out = json.loads(result.stdout)
    assert result.exit_code == 0
    assert {h: d["state"] for h, d in out["hosts"].items()} == {"client": "ESTABLISHED", "server": "ESTABLISHED"}
    conn = out["hosts"]["client"]["connections"][0]
    assert conn["snd_nxt"] == (conn["iss"] + 1) % 2**32 and conn["n"] == 1 and conn["gone"] is False
    assert out["counters"]["segments_sent"] == 3 and out["score"] == out["max_score"] == 0 and out["passed"]
    keys = ("schema tcplab behaviour lab seed seed_source student complete status score max_score passed "
            "virtual_time_ns trace_sha256 steps hosts counters error words").split()
    assert list(out) == keys


def test_the_blank_hand_in_scores_nothing(files):
    result = run("run", files / "tiny.yaml", "--json")
    out = json.loads(result.stdout)
    assert result.exit_code == 1 and (out["score"], out["max_score"], out["passed"]) == (0, 10, False)
    check = out["steps"][0]["checks"][0]
    assert set(check) == {"text", "passed", "expected", "got", "why", "at_ns", "segments"} and check["expected"] is None


def test_a_script_and_its_recording_give_the_same_bytes(files):
    record = files / "r.jsonl"
    one = run("run", files / "tiny.yaml", "--script", files / "half.txt", "--record", record, "--json", "--seed", "7")
    two = run("grade", files / "tiny.yaml", record, "--json", "--seed", "7")
    three = run("grade", files / "tiny.yaml", files / "half.txt", "--json", "--seed", "7")
    played, graded, script = (json.loads(result.stdout) for result in (one, two, three))
    assert played.items() <= graded.items() and played.items() <= script.items()
    assert one.exit_code == two.exit_code == three.exit_code == 1 and played["score"] == 4


def test_a_wrong_answer_is_explained(files):
    (files / "wrong.txt").write_text(SCRIPT + "answer 1\n")
    result = run("grade", files / "tiny.yaml", files / "wrong.txt")
    assert result.exit_code == 1 and "got 1" in result.stdout and "score 4 of 10: not passed" in result.stdout


def test_threshold_and_exit_zero(files):
    tiny, half = files / "tiny.yaml", files / "half.txt"
    assert run("grade", tiny, half, "--threshold", "40%").exit_code == 0
    below = run("grade", tiny, half, "--threshold", "41%")
    assert below.exit_code == 1 and "not passed (41 % needed, 40 % reached)" in below.output
    assert run("grade", tiny, half, "--exit-zero").exit_code == 0
    assert run("grade", tiny, half, "--threshold", "lots").exit_code == 2
    for said, passed in (("40%", True), (40, True), ("41%", False), (41, False), (None, False)):
        assert grade(half, tiny, threshold=said)["passed"] is passed
    for wrong in (0.6, 1.0, "0.6", 101, -1, True, "lots", b"60%"):
        with pytest.raises(ValueError, match="such as 60%"):
            grade(half, tiny, threshold=wrong)


@pytest.mark.parametrize("data", ["\0" * 5000, "x" * 5000 + " y", "client send 5 " + "x" * 5000,
                                  "client send" + " 7" * 900])
def test_a_message_repeats_little_of_what_was_handed_in(files, data):
    path = files / "long.txt"
    path.write_text(data)
    error = grade(path, files / "tiny.yaml")["error"]
    assert error.startswith("line 1, column 1") and len(error) < 400 and "\\x00" not in error


@pytest.mark.parametrize("bad", ["json:{}/no/r.jsonl", "gradescope:{}/no/{{student}}.json", "json:{}"])
def test_a_report_that_has_no_place_keeps_all_from_being_written(files, tmp_path, bad):
    out = tmp_path / "m.csv"
    done = run("grade", files / "tiny.yaml", files / "half.txt", "--report", f"csv:{out}", "--report",
               bad.format(tmp_path))
    assert done.exit_code == 2 and "cannot be written" in done.output and not out.exists()


def test_a_lab_of_the_kiosks_own_is_known_by_its_id(files, tmp_path):
    (tmp_path / "labs").mkdir()
    (tmp_path / "labs" / "tiny.yaml").write_text((files / "tiny.yaml").read_text())
    done = run("grade", "tiny", files / "half.txt", "--kiosk", tmp_path, "--exit-zero")
    assert done.exit_code == 0 and "score 4 of 10" in done.output
    assert run("grade", "tiny", files / "half.txt").exit_code == 2


def test_usage_and_unknown_labs_exit_with_2(files):
    assert run("run", "sandbx").exit_code == 2
    assert "sandbox" in run("run", "sandbx").stderr
    assert run("run", "sandbox", "--seed", "1", "--student", "x").exit_code == 2
    assert run("run", "sandbox", "--seed", "-1").exit_code == 2
    assert run("run", files / "none.yaml").exit_code == 2


def test_an_invalid_lab_exits_with_3_and_names_the_place(files):
    broken = files / "broken.yaml"
    broken.write_text(LAB.replace("task:", "tsak:").replace("client.state", "client.stat"))
    result = run("run", broken, "--json")
    assert result.exit_code == 3 and f"{broken}:5:" in result.stderr
    assert json.loads(result.stdout)["status"] == "invalid-lab"
    broken.write_text(LAB.replace("tcplab: 1", "tcplab: 2"))
    assert "newer" in run("lab", "lint", broken).stdout
    assert run("lab", "lint", broken).exit_code == 3


def test_an_unreadable_submission_exits_with_4_and_names_the_place(files):
    tiny = files / "tiny.yaml"
    result = run("run", tiny, "--script", files / "bad.txt", "--json")
    assert result.exit_code == 4 and "bad.txt:2:10" in result.stderr and "connect" in result.stderr
    assert json.loads(result.stdout)["status"] == "invalid-submission"
    (files / "noise.bin").write_bytes(bytes(range(256)) * 20)
    (files / "esc.txt").write_text("client \x1b[2Jclose")
    for name in ("noise.bin", "esc.txt", "missing.jsonl"):
        result = run("grade", tiny, files / name, "--json")
        assert result.exit_code == 4 and json.loads(result.stdout)["score"] == 0, name
        assert "\x1b" not in result.stdout + result.stderr
    record = files / "r.jsonl"
    run("run", tiny, "--script", files / "half.txt", "--record", record)
    text = record.read_text()
    record.write_text(text.replace('"trace_sha256":"', '"trace_sha256":"0'))
    assert run("grade", tiny, record).exit_code == 4
    record.write_text(text.replace("client connect", "server connect"))
    assert run("replay", record, "--lab", tiny).exit_code == 4


def test_a_recording_of_somebody_else_is_refused(files):
    tiny, record = files / "tiny.yaml", files / "r.jsonl"
    run("run", tiny, "--script", files / "half.txt", "--record", record, "--student", "alice")
    mine = run("grade", tiny, record, "--student", "alice", "--json")
    assert mine.exit_code == 1 and json.loads(mine.stdout)["seed_source"] == "student"
    result = run("grade", tiny, record, "--student", "bob", "--json")
    assert result.exit_code == 4 and "seed" in json.loads(result.stdout)["error"]


def test_a_batch_goes_on_and_exits_with_the_worst(files):
    tiny, half = files / "tiny.yaml", files / "half.txt"
    result = run("grade", tiny, half, files / "bad.txt", half, "--json")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["status"] for line in lines] == ["graded", "invalid-submission", "graded"]
    assert result.exit_code == 4


def test_a_runaway_ends_at_a_virtual_limit(files):
    (files / "long.txt").write_text(
        "server listen 80; client connect server 80; run until idle; server set reading off; client send 9000\n"
        + "run until client.state == 'CLOSED'\n" + "wait\n" * 12000)
    result = run("run", "sandbox", "--script", files / "long.txt", "--json")
    assert result.exit_code == 5 and json.loads(result.stdout)["status"] == "limit"


def test_trace_and_pcap_are_written(files):
    trace, pcap = files / "t.jsonl", files / "p.pcapng"
    run("run", "sandbox", "--script", files / "half.txt", "--trace", trace, "--pcap", pcap)
    events = [json.loads(line) for line in trace.read_text().splitlines()]
    sent = next(e for e in events if e["kind"] == "sent")
    assert {"t_ns", "kind", "id", "copy_of", "from", "to", "flags", "seq", "ack", "win", "win_scaled", "len", "options",
            "why"} <= set(sent)
    assert pcap.read_bytes()[:4] == b"\x0a\x0d\x0d\x0a"
    assert run("run", "sandbox", "--trace", files / "no" / "t.jsonl").exit_code == 2


def test_replay_tells_the_story(files):
    record = files / "r.jsonl"
    run("run", "sandbox", "--script", files / "half.txt", "--record", record)
    result = run("replay", record)
    assert result.exit_code == 0 and "Flags [S.]" in result.stdout and "SYN-RECEIVED" in result.stdout


def test_labs_are_listed():
    listed = json.loads(run("labs", "--json").stdout)
    assert [lab["id"] for lab in listed][0] == "sandbox"
    assert "sandbox" in run("labs").stdout


def test_pupils_judge_a_lab(files):
    result = run("lab", "test", files / "tiny.yaml", "--seeds", "3")
    assert "reference" in result.stdout and "100 %" in result.stdout
    cheap = files / "cheap.yaml"
    cheap.write_text(LAB.replace("Open a connection.", "'Type [[server listen 80]] and [[client connect server 80]].'")
                     .replace("points: 4", "points: 9"))
    assert run("lab", "test", cheap, "--seeds", "1").exit_code == 1
    broken = files / "unsolved.yaml"
    broken.write_text(LAB.replace("run until idle", "run 1ms"))
    result = run("lab", "test", broken, "--seeds", "1")
    assert result.exit_code == 1 and "step open" in result.stdout


def test_a_headless_run_stays_light(files):
    code = ("import sys; from click.testing import CliRunner; from tcplab.cli import cli;"
            f"CliRunner().invoke(cli, ['grade', 'sandbox', {str(files / 'half.txt')!r}]);"
            "print([m for m in ('textual', 'scapy', 'networkx') if m in sys.modules])")
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]", out.stdout


def test_the_python_door(files):
    from tcplab import Session, grade

    assert grade(files / "half.txt", files / "tiny.yaml")["score"] == 4
    assert Session.open("sandbox").view().t == 0


def test_several_processes_give_the_same_bytes(files):
    names = [files / "half.txt", files / "bad.txt"] * 6
    one = run("grade", files / "tiny.yaml", *names, "--json")
    code = "from tcplab.cli import cli; cli()"
    command = [sys.executable, "-c", code, "grade", str(files / "tiny.yaml"), *map(str, names), "--json", "--jobs", "2"]
    two = subprocess.run(command, capture_output=True, text=True)
    assert (two.returncode, two.stdout) == (one.exit_code, one.stdout) and one.exit_code == 4


@pytest.mark.parametrize(("lost", "said"), [("server SYN-ACK", False), ("client SYN", True)])
def test_a_capture_with_the_answer_in_it_is_not_said_to_hold_none(tmp_path, lost, said):
    (tmp_path / "s.txt").write_text(
        f"server listen 80; link drop next {lost}; client connect server 80; run until idle")
    wire = tmp_path / "w.pcapng"
    CliRunner().invoke(cli, ["run", "sandbox", "--script", str(tmp_path / "s.txt"), "--pcap", str(wire)])
    text = CliRunner().invoke(cli, ["view", str(wire), "--text"]).stdout
    assert ("1 syn again" in text) is said and ("retransmission" in text) is not said, text
