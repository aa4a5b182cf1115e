"""Batches: limited processes, rosters, copies that are named, forgeries that are caught, journals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tcplab.cli import cli
from tcplab.grading import crew, reports
from tcplab.grading.batch import Order, grade_all
from tcplab.grading.cohort import Cohort, Kiosk, RosterError, Seeds, read_roster
from tcplab.grading.crew import Setup, Worker
from tcplab.grading.judge import Job, grade_data
from tcplab.grading.ledger import Ledger, LedgerError
from tcplab.grading.reports.batch import Batch
from tcplab.grading.text import remarks, result_text
from tcplab.lab.loader import load_lab
from tcplab.session.player import play_recording, resume
from tcplab.session.recording import RecordingError, read_recording
from tests.support.hand_ins import (
    FORGERIES,
    HOSTILE,
    LOOSE,
    TINY,
    recording,
    script,
    sealed,
    tiny,
    without_hash,
    zipped,
)

LONG = os.environ.get("TCPLAB_LONG")


@pytest.fixture
def lab(tmp_path) -> Path:
    path = tmp_path / "tiny.yaml"
    path.write_text(TINY)
    return path


def run(*arguments: object):
    result = CliRunner().invoke(cli, ["grade", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def lines(result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def put(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


# -- whose it is ------------------------------------------------------------------------------------------------


def test_a_class_is_graded_by_folder(tmp_path, lab):
    model = tiny()
    folder = put(tmp_path / "in", {
        "ada/first.jsonl": recording(tmp_path, model, "ada"), "ada/second.jsonl": recording(tmp_path, model, "ada", 2),
        "Bob B_77_assignsubmission_file_/r.jsonl": recording(tmp_path, model, "bob"),
        "submission_9/mine.jsonl": recording(tmp_path, model, "bob"), "mallory/x.jsonl": b"{}"})
    roster = tmp_path / "roster.csv"
    roster.write_text("\ufeffName;Student;E-Mail;Folder\nAda A;ada;;\nBob B;bob;\nC;carol;;submission_9\nDave;dave;;\n")
    result = run(lab, folder, "--roster", roster, "--student-from", "folder", "--json", "--report",
                 f"csv:{tmp_path / 'marks.csv'}")
    rows = lines(result)
    assert [(row["student"], row["score"], row["counts"]) for row in rows] == [
        ("bob", 10, True), ("ada", 10, False), ("ada", 10, True), (None, 0, False), ("carol", 0, True)]
    copied = rows[4]
    assert copied["status"] == "invalid-submission" and copied["copied_from"] == {
        "header_student": "bob", "attempt": 1, "seed_of": "bob", "run_of": "bob"}
    assert "that of bob, attempt 1" in copied["error"] and "nobody on the roster" in rows[3]["error"]
    assert result.exit_code == 4 and "1 of the roster handed in nothing: dave" in result.stderr
    assert (tmp_path / "marks.csv").read_text().splitlines()[-1].startswith("dave,tiny,0,10,false")
    assert all(row["supervised"] is False for row in rows)


def test_a_roster_alone_goes_by_the_header_and_by_name_goes_by_the_file(tmp_path, lab):
    model = tiny()
    folder = put(tmp_path / "in", {"ada-2.jsonl": recording(tmp_path, model, "ada", 2), "eve.txt": script()})
    roster = tmp_path / "roster.csv"
    roster.write_text("student\nada\n")
    rows = lines(run(lab, folder, "--roster", roster, "--json"))
    assert [(row["student"], row["score"]) for row in rows] == [("ada", 10), (None, 0)]
    assert "does not say whose" in rows[1]["error"]
    rows = lines(run(lab, folder, "--roster", roster, "--student-from", "name", "--json"))
    assert rows[0]["student"] == "ada" and rows[0]["attempt"] == 2 and "nobody on the roster" in rows[1]["error"]


def test_a_copy_under_ones_own_header_is_named_too(tmp_path, lab):
    honest = recording(tmp_path, tiny(), "ada")
    copy = FORGERIES["another student's commands under one's own header"][1](honest)
    folder = put(tmp_path / "in", {"ada/r.jsonl": honest, "eve/r.jsonl": copy})
    rows = lines(run(lab, folder, "--student-from", "folder", "--json"))
    assert rows[0]["passed"] and rows[0]["copied_from"] is None
    assert rows[1]["copied_from"]["run_of"] == "ada" and "ends as the run of ada" in rows[1]["error"]


@pytest.mark.parametrize(("text", "word"), [
    ("name\nada\n", "no column `student`"), ("", "no column"), ("student\n", "no students"),
    ("student\nada\nADA\n", ":3:.*line 2 already"), ("student,name\n,x\n", ":2:.*no proper"),
    ("student\na\x1bb\n", ":2:.*no proper"), ("student\n\xff", "not UTF-8")])
def test_a_bad_roster_is_refused_with_its_place(tmp_path, text, word):
    path = tmp_path / "roster.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(RosterError, match=word):
        read_roster(path)


def test_a_kiosk_is_trusted_for_what_lies_in_its_folder_never_for_a_header(tmp_path):
    put(tmp_path, {"ada/1.jsonl": b"kept"})
    kiosk = Kiosk(tmp_path)
    assert kiosk.keeps(b"kept") and not kiosk.keeps(b"kpet") and not kiosk.keeps(b"")
    assert Seeds("tiny", ["ada"], 3).owner(None) is None


# -- forgeries --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", FORGERIES)
@pytest.mark.parametrize("name", ["tiny", "handshake"])
def test_forged_and_altered_recordings_are_caught(tmp_path, kind, name):
    model = tiny() if name == "tiny" else load_lab(name)
    honest = recording(tmp_path, model, "ada")
    student, forge = FORGERIES[kind]
    code, result = grade_data(model, honest, Job(student="ada"))
    assert code == 0 and result["passed"], result["error"]
    code, result = grade_data(model, forge(honest), Job(student=student))
    assert code == 4 and result["status"] == "invalid-submission" and result["score"] == 0
    assert "line " in result["error"], result["error"]


@pytest.mark.parametrize("kind", LOOSE)
def test_a_claim_to_come_from_another_world_is_marked_and_gains_nothing(tmp_path, kind):
    model = tiny()
    honest = recording(tmp_path, model, "ada")
    code, result = grade_data(model, LOOSE[kind](honest), Job(student="ada"))
    assert result["exact"] is False and result["score"] == 10
    assert grade_data(model, honest, Job(student="ada"))[1]["exact"] is True
    assert "another state of the lab" in remarks(result)[-1]
    stolen = sealed(FORGERIES["another student's commands under one's own header"][1](LOOSE[kind](honest)))
    code, result = grade_data(model, stolen, Job(student="eve"))
    assert code == 1 and result["score"] == 4 and result["exact"] is False


def test_a_deleted_trailer_and_a_deleted_hash_are_said_in_every_report(tmp_path):
    model = tiny()
    honest = recording(tmp_path, model, "ada")
    assert grade_data(model, honest, Job(student="ada"))[1]["sealed"] is True
    cut = honest[: honest.rindex(b"\n", 0, -1) + 1]
    for data, word in ((cut, "session cut short"), (without_hash(honest), "no hash"),
                       (LOOSE["other rules of behaviour"](honest), "another state of the lab")):
        result = grade_data(model, data, Job(student="ada"))[1] | {"submission": "r.jsonl"}
        assert result["score"] == 10 and word in result_text(result)
        lab = {"id": "tiny", "title": "Tiny", "sha256": "", "max_score": 10}
        for form in ("junit", "tap", "classroom50", "gradescope", "markdown", "csv"):
            assert word in reports.text_of(form, Batch(lab, lambda result=result: [result])), form


def test_other_line_ends_and_a_resumed_session_keep_the_seal(tmp_path):
    model = tiny()
    honest = recording(tmp_path, model, "ada")
    assert grade_data(model, honest.replace(b"\n", b"\r\n"), Job(student="ada"))[1]["sealed"] is True
    path = tmp_path / "r.jsonl"
    path.write_bytes(honest[: honest.index(b"\n", 300) + 1])
    session = resume(path, model, lambda: "later")
    session.execute("server close")
    session.close()
    assert read_recording(path).sealed is True
    path.write_bytes(path.read_bytes().replace(b"later", b"never", 1))
    assert read_recording(path).sealed is False
    with pytest.raises(RecordingError, match="changed after it was written"):
        play_recording(read_recording(path), model)


# -- limits -----------------------------------------------------------------------------------------------------


def test_a_worker_that_hangs_or_dies_is_replaced(tmp_path, lab):
    model = tiny()
    setup = Setup.of(model._replace(file=str(lab)))
    worker = Worker(setup, model)
    try:
        job = Job(seed=1, seconds=60)
        code, payload = worker.play(job, script())
        assert code == 1 and json.loads(payload)["score"] == 4
        first = worker._process
        first.send_signal(signal.SIGSTOP)
        crew._PATIENCE, patience = 0.2, crew._PATIENCE
        try:
            code, payload = worker.play(job._replace(seconds=0.1), script())
        finally:
            crew._PATIENCE = patience
        assert code == 5 and json.loads(payload)["status"] == "limit" and first.poll() is not None
        worker.play(job, script())
        worker._process.kill()
        code, payload = worker.play(job, script())
        assert code == 70 and json.loads(payload)["error"] == crew.DIED
        assert worker.play(job, script())[0] == 1
    finally:
        worker.stop()


def test_memory_has_a_bound_and_the_batch_goes_on(tmp_path, lab):
    flood = b"server listen 80; client connect server 80; run until idle; client send 20MB; run until idle\n"
    folder = put(tmp_path / "in", {"a.txt": flood, "b.txt": b"server listen 80\n"})
    order = Order(load_lab("sandbox"), Cohort("sandbox", seed=1), seconds=20, memory=80 * 1024**2)
    graded, _ = grade_all(order, [str(folder)], Ledger(None, {}))
    assert [(code, row["status"]) for code, row in zip(graded.codes, graded, strict=True)] == [
        (5, "limit"), (0, "graded")]
    assert "memory" in list(graded)[0]["error"]


def test_hostile_files_are_marked_and_the_rest_is_graded_alike_for_any_number_of_jobs(tmp_path, lab):
    model = tiny()
    honest = {f"{n:02}/r.jsonl": recording(tmp_path, model, f"{n:02}") for n in range(6)}
    folder = put(tmp_path / "in", honest | {f"x{n}/{name}": data for n, (name, data) in enumerate(HOSTILE.items())})
    before = sorted(path for path in tmp_path.rglob("*"))
    one = run(lab, folder, "--student-from", "folder", "--json", "--jobs", "1")
    two = run(lab, folder, "--student-from", "folder", "--json", "--jobs", "3")
    assert one.stdout == two.stdout and one.exit_code == two.exit_code == 5
    rows = lines(one)
    assert [row["passed"] for row in rows] == [True] * 6 + [False] * (len(rows) - 6) and len(rows) >= 20
    assert {row["status"] for row in rows[6:] if row["error"]} == {"invalid-submission", "limit"}
    assert sum(row["error"] is None for row in rows[6:]) == 1  # a script of nonsense is a hand-in
    assert "the file is empty" in one.stderr
    assert "\x1b" not in one.stdout + one.stderr and sorted(path for path in tmp_path.rglob("*")) == before


@pytest.mark.skipif(not LONG, reason="make test-long")
def test_a_thousand_recordings_five_percent_hostile_twice_the_same_bytes(tmp_path):
    model = load_lab("handshake")
    bad = [(name, data) for name, data in HOSTILE.items()]
    for n in range(1000):
        name, data = (f"{n:04}/{bad[n // 20 % len(bad)][0]}", bad[n // 20 % len(bad)][1]) if n % 20 == 0 else \
            (f"{n:04}/r.jsonl", recording(tmp_path, model, f"{n:04}"))
        put(tmp_path / "in", {name: data})
    one = run("handshake", tmp_path / "in", "--student-from", "folder", "--json", "--jobs", "2")
    two = run("handshake", tmp_path / "in", "--student-from", "folder", "--json", "--jobs", "1")
    assert one.stdout == two.stdout
    assert sum(row["passed"] for row in lines(one)) == 950


# -- journals ---------------------------------------------------------------------------------------------------


def test_a_stopped_batch_goes_on_from_its_journal(tmp_path, lab):
    folder = put(tmp_path / "in", {f"{n}.txt": script(str(n)) for n in range(5)})
    journal = tmp_path / "journal"
    whole = run(lab, folder, "--json", "--journal", journal)
    kept = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(kept[:3]) + kept[3][:40])  # killed in mid-line, two were done
    (folder / "0.txt").write_bytes(script("77"))            # and one was handed in anew meanwhile
    again = run(lab, folder, "--json", "--journal", journal)
    assert again.stdout.splitlines()[1:] == whole.stdout.splitlines()[1:]
    assert again.stdout.splitlines()[0] != whole.stdout.splitlines()[0] and "1 of 5 were graded before" in again.stderr
    other = run(lab, folder, "--threshold", "10%", "--journal", journal)
    assert other.exit_code == 2 and "another batch" in other.stderr
    with pytest.raises(LedgerError, match="cannot be written"):
        Ledger(tmp_path, {})


def test_who_interrupts_between_two_results_ends_the_workers_too(tmp_path, lab, monkeypatch):
    workers, begun = [], Worker.__init__
    monkeypatch.setattr(Worker, "__init__", lambda self, *given: (workers.append(self), begun(self, *given))[1])
    folder = put(tmp_path / "in", {"1.txt": script("1"), "2.txt": script("2") + b"client app source 10GB; wait\n"})
    loaded = load_lab(str(lab))
    order = Order(loaded, Cohort(loaded.id, 1, None, None, ""))

    def interrupt(done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as held:  # whoever holds the exception holds the lines above alive
        grade_all(order, [str(folder)], Ledger(None, {}), interrupt)
    assert held and [worker._process for worker in workers] == [None]


def test_ctrl_c_leaves_a_valid_report_and_the_same_command_goes_on(tmp_path, lab):
    endless = script("29") + b"client app source 10GB; run until idle\n"
    folder = put(tmp_path / "in", {f"{n:02}.txt": script(str(n)) for n in range(29)} | {"29.txt": endless})
    report, journal = tmp_path / "marks.csv", tmp_path / "journal"
    command = [sys.executable, "-m", "tcplab", "grade", str(lab), str(folder), "--report", f"csv:{report}",
               "--journal", str(journal)]
    screen, terminal = os.openpty()
    grader = subprocess.Popen(command, stderr=terminal, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                              cwd=Path(__file__).parents[2], start_new_session=True)
    os.close(terminal)
    shown = b""
    while b" of 30" not in shown:
        shown += os.read(screen, 4096)
    os.killpg(grader.pid, signal.SIGINT)
    assert grader.wait(30) == 130
    while b"interrupted" not in shown:
        shown += os.read(screen, 4096)
    os.close(screen)
    assert b"goes on with --journal" in shown and b"Traceback" not in shown and b"[#" in shown.replace(b"[.", b"[#")
    assert "interrupted" in report.read_text() and 1 <= len(journal.read_bytes().splitlines()) < 31
    (folder / "29.txt").write_bytes(script("29"))
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 1 and "of 30 were graded before" in done.stderr and "\x1b" not in done.stderr
    assert len(report.read_text().splitlines()) == 31


def test_a_report_is_valid_from_the_start_even_if_grading_is_killed(tmp_path, lab):
    report = tmp_path / "results.json"
    code = ("import sys, tcplab.grading.desk as desk\n"
            "desk.grade_all = lambda *a: __import__('os').kill(__import__('os').getpid(), 9)\n"
            "from tcplab.cli import cli; cli()")
    done = subprocess.run([sys.executable, "-c", code, "grade", str(lab), str(lab), "--report",
                           f"gradescope:{report}"], capture_output=True, cwd=Path(__file__).parents[2])
    assert done.returncode == -9 and "not finished" in json.loads(report.read_text())["output"]


# -- the command ------------------------------------------------------------------------------------------------


def test_check_gives_an_exit_code_for_one_thing(tmp_path, lab):
    (tmp_path / "half.txt").write_bytes(script())
    assert run(lab, tmp_path / "half.txt", "--check", "open").exit_code == 0
    assert run(lab, tmp_path / "half.txt", "--check", "open", "--check", "number").exit_code == 1
    result = run(lab, tmp_path / "half.txt", "--check", "opne")
    assert result.exit_code == 2 and "there are open, number" in result.stderr


def test_a_platforms_report_over_a_class_is_refused_and_one_for_each_is_written(tmp_path, lab):
    folder = put(tmp_path / "in", {f"{name}/r.jsonl": recording(tmp_path, tiny(), name) for name in ("ada", "Bob B")})
    words = [lab, folder, "--student-from", "folder"]
    one = tmp_path / "g.json"
    result = run(*words, "--report", f"gradescope:{one}", "--report", f"csv:{tmp_path / 'marks.csv'}")
    assert result.exit_code == 2 and "name a file for each: gradescope:{student}.json" in result.stderr
    assert json.loads(one.read_text())["score"] == 0 and len((tmp_path / "marks.csv").read_text().splitlines()) == 3
    out = tmp_path / "out"
    each = f"gradescope:{out}/{{student}}.json"
    assert run(*words, "--report", each).exit_code == 2  # there is no such folder
    out.mkdir()
    result = run(*words, "--report", each, "--report", f"markdown:{out}/{{student}}.md")
    assert result.exit_code == 0 and json.loads((out / "ada.json").read_text())["score"] == 10
    assert sorted(path.name for path in out.iterdir())[0].startswith("Bob-B-") and len(list(out.iterdir())) == 4
    assert "ada" not in (out / sorted(path.name for path in out.iterdir())[0]).read_text()


def test_two_files_of_one_learner_are_told_to_the_learner_and_are_no_fault_of_staff(tmp_path, lab):
    put(tmp_path / "in", {f"{n}.jsonl": recording(tmp_path, tiny(), "ada", n) for n in (1, 2)})
    one = tmp_path / "g.json"
    assert run(lab, tmp_path / "in", "--report", f"gradescope:{one}").exit_code == 0
    assert "hand in one file" in json.loads(one.read_text())["output"]
    assert run(lab, tmp_path / "in", "--student", "ada", "--report", f"gradescope:{one}").exit_code == 0
    assert json.loads(one.read_text())["score"] == 10


def test_the_exit_code_and_passed_are_of_all_checks_hidden_ones_too(tmp_path, lab):
    """Marks are marks: the exit code is for staff. What learners can read tells nothing of it."""
    overlay = tmp_path / "staff.yaml"
    overlay.write_text("staff: 1\nlab: tiny\nchecks:\n  - {id: secret, see: [RST], points: 10, visibility: hidden}\n")
    hand_in, page = tmp_path / "r.jsonl", tmp_path / "r.md"
    hand_in.write_bytes(recording(tmp_path, tiny(), "ada"))
    words = [lab, hand_in, "--student", "ada", "--staff", overlay]
    assert run(lab, hand_in, "--student", "ada").exit_code == 0
    result = run(*words, "--json", "--report", f"markdown:{page}", "--report", f"classroom50:{tmp_path / 'c'}",
                 "--no-exit-zero")
    row, = lines(result)
    assert result.exit_code == 1 and (row["passed"], row["score"], row["max_score"]) == (False, 10, 20)
    assert run(*words, "--threshold", "50%").exit_code == 0 and run(*words, "--threshold", "51%").exit_code == 1
    assert run(*words, "--check", "secret").exit_code == 1 and run(*words, "--check", "open").exit_code == 0
    assert run(*words, "--exit-zero").exit_code == 0 and run(*words, "--report", f"classroom50:{page}").exit_code == 0
    told = json.loads((tmp_path / "c").read_text())
    assert (told["score"], told["max-score"]) == (10, 10) and "secret" not in json.dumps(told)


def test_options_that_contradict_each_other_are_refused(tmp_path, lab):
    (tmp_path / "r.csv").write_text("student\nada\n")
    for words in (["--seed", 1, "--student", "ada"], ["--seed", 1, "--roster", tmp_path / "r.csv"],
                  ["--student", "ada", "--student-from", "name"], ["--student", "ada", "--roster", tmp_path / "r.csv"],
                  ["--report", "csv", "--json"], ["--report", "nonsense"], ["--jobs", 0], ["--timeout", 0],
                  ["--kiosk", tmp_path / "none"], ["--staff", tmp_path / "none.yaml"], ["--roster", tmp_path / "none"]):
        result = run(lab, lab, *words)
        assert result.exit_code == 2 and result.stdout == "" and result.stderr, words


def test_platforms_get_exit_code_0_and_a_report_whatever_happens(tmp_path, lab):
    report = tmp_path / "r.json"
    (tmp_path / "half.txt").write_bytes(script())
    assert run(lab, tmp_path / "half.txt", "--report", f"gradescope:{report}").exit_code == 0
    assert json.loads(report.read_text())["score"] == 4
    assert run(lab, tmp_path / "half.txt", "--report", f"gradescope:{report}", "--no-exit-zero").exit_code == 1
    lab.write_text(TINY.replace("goal:", "gaol:"))
    result = run(lab, tmp_path / "half.txt", "--report", f"gradescope:{report}")
    assert result.exit_code == 3 and f"{lab}:5:" in json.loads(report.read_text())["output"]
    assert run("nolab", tmp_path / "half.txt", "--report", "junit:" + str(tmp_path)).exit_code == 2


def test_it_works_without_home_lang_and_terminal(tmp_path, lab):
    (tmp_path / "half.txt").write_bytes(script(words="grün"))
    done = subprocess.run([sys.executable, "-m", "tcplab", "grade", str(lab), str(tmp_path / "half.txt"), "--report",
                           "markdown"], capture_output=True, stdin=subprocess.DEVNULL, cwd=tmp_path,
                          env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2]),
                               "FORCE_COLOR": "true"})
    plain = subprocess.run([sys.executable, "-m", "tcplab", "grade", str(lab), str(tmp_path / "half.txt")],
                           capture_output=True, cwd=tmp_path, env=os.environ | {
                               "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONIOENCODING": "ascii"})
    assert plain.returncode == 1 and b"\\u2713" in plain.stdout, plain.stderr
    assert done.returncode == 1 and b"\x1b" not in done.stdout and "✓".encode() in done.stdout, done.stderr


def test_words_are_kept_for_staff(tmp_path, lab):
    (tmp_path / "half.txt").write_bytes(script(words='"it has heard the SYN"'))
    row, = lines(run(lab, tmp_path / "half.txt", "--json"))
    assert "it has heard the SYN" in row["words"]["words"]


def test_a_dask_cluster_gives_the_same_bytes(tmp_path, lab):
    distributed = pytest.importorskip("distributed", reason="pip install 'tcplab[cluster]'")
    folder = put(tmp_path / "in", {f"{n}.txt": script(str(n)) for n in range(6)} | {"x.jsonl": b"noise"})
    here = run(lab, folder, "--json")
    with distributed.LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as there:
        result = run(lab, folder, "--json", "--scheduler", there.scheduler_address)
    assert result.stdout == here.stdout and result.exit_code == here.exit_code == 4


# -- the outermost folder owns a hand-in ------------------------------------------------------------------------


def test_a_folder_in_a_zip_never_takes_anothers_mark(tmp_path, lab):
    honest = recording(tmp_path, tiny(), "s09")
    thief = zipped({"s09/zzz.txt": b"next", "../s10/a.txt": b"next"})
    own = zipped({"play.txt": script()})
    folder = put(tmp_path / "in", {"s09/r.jsonl": honest, "s99/x.zip": thief, "s10/w.zip": own})
    (tmp_path / "class.zip").write_bytes(zipped({"s09/r.jsonl": honest, "s99/x.zip": thief, "../evil.txt": b"next"}))
    roster = tmp_path / "roster.csv"
    roster.write_text("student\ns09\ns10\ns99\n")
    for given in (folder, tmp_path / "class.zip"):
        for more in ([], ["--roster", roster]):
            rows = lines(run(lab, given, "--student-from", "folder", "--json", *more))
            assert {row["student"] for row in rows} <= {"s09", "s10", "s99", None}
            marks = [(row["score"], row["counts"]) for row in rows if row["student"] == "s09"]
            assert marks == [(10, True)]
            stolen, = [row for row in rows if "zzz" in row["submission"]]
            assert stolen["student"] == "s99" and "names s09 as well" in stolen["remarks"][0]
    own, = [row for row in lines(run(lab, folder, "--student-from", "folder", "--json")) if row["student"] == "s10"]
    assert own["submission"].endswith("w.zip:play.txt") and own["score"] == 4


def test_by_name_a_zip_owns_what_is_in_it(tmp_path, lab):
    folder = put(tmp_path / "in", {"s09.txt": script(), "s99.zip": zipped({"s09.txt": b"next"})})
    rows = lines(run(lab, folder, "--student-from", "name", "--json"))
    assert [(row["student"], row["score"], row["counts"]) for row in rows] == [("s09", 4, True), ("s99", 0, True)]


def test_the_only_learner_of_an_export_is_not_taken_for_its_wrapping(tmp_path, lab):
    path = tmp_path / "class.zip"
    path.write_bytes(zipped({"s99/s09/a.txt": b"next", "s99/s10/a.txt": b"next"}))
    (tmp_path / "roster.csv").write_text("student\ns09\ns10\ns99\n")
    rows = lines(run(lab, path, "--student-from", "folder", "--roster", tmp_path / "roster.csv", "--json"))
    assert {row["student"] for row in rows} == {"s99"}


def test_a_wrong_suffix_is_not_called_nothing(tmp_path, lab):
    folder = put(tmp_path / "in", {"ada/hand-in.json": b"{}", "bob/r.txt": script()})
    (tmp_path / "roster.csv").write_text("student\nada\nbob\ncarol\n")
    result = run(lab, folder, "--student-from", "folder", "--roster", tmp_path / "roster.csv", "--report", "csv")
    assert "hand-in.json is neither a recording nor a script" in result.stdout
    assert result.stdout.count("nothing was handed in") == 1 and "1 other file was passed over" in result.stderr


def test_the_attempt_that_ended_last_counts_whatever_its_name_and_spelling(tmp_path, lab):
    model = tiny()
    new = recording(tmp_path, model, "ada", pause=50)
    old = recording(tmp_path, model, "ada", pause=2)
    folder = put(tmp_path / "in", {"ADA/a.jsonl": new, "ADA/b.jsonl": old})
    rows = lines(run(lab, folder, "--student-from", "folder", "--json"))
    assert [(row["score"], row["counts"]) for row in rows] == [(10, True), (10, False)]
    row, = lines(run(lab, folder / "ADA/a.jsonl", "--student", "Ada", "--json"))
    assert row["score"] == 10
    put(folder, {"ada/c.txt": script()})
    rows = lines(run(lab, folder, "--student-from", "folder", "--json"))
    assert sum(row["counts"] for row in rows) == 1


def test_a_report_for_one_says_on_stderr_that_there_are_more(tmp_path, lab):
    folder = put(tmp_path / "in", {"a.txt": script(), "b.txt": script()})
    result = run(lab, folder, "--report", f"gradescope:{tmp_path / 'r.json'}")
    assert "--report gradescope: there are 2 hand-ins" in result.stderr


def test_replay_and_export_say_that_the_lab_is_another(tmp_path):
    data = LOOSE["another state of the lab"](recording(tmp_path, load_lab("handshake"), "ada"))
    path = tmp_path / "r.jsonl"
    path.write_bytes(data)
    for words in (["replay", str(path)], ["export", str(path), "--text", "-"]):
        result = CliRunner().invoke(cli, words)
        assert result.exit_code == 0 and "made in another state of the lab" in result.output, words
        assert "cut short" not in result.output


def test_the_text_report_lists_what_staff_checked(tmp_path, lab):
    overlay = tmp_path / "o.yaml"
    overlay.write_text("staff: 1\nlab: tiny\nchecks:\n  - {id: up, expr: client.state == 'ESTABLISHED', points: 3}\n")
    (tmp_path / "half.txt").write_bytes(script())
    result = run(lab, tmp_path / "half.txt", "--staff", overlay)
    assert "✓   3/3  up" in result.stdout and "score 7 of 13" in result.stdout, result.stdout
