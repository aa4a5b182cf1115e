"""The class view: what is counted, that nothing in a page runs or loads, and which hand-ins resemble each other."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from html.parser import HTMLParser
from math import exp
from time import process_time

import pytest
from click.testing import CliRunner

from tcplab.cli import cli
from tcplab.grading.judge import Job, grade_data
from tcplab.grading.stats import page, similar, table
from tcplab.grading.stats.gather import gather
from tcplab.grading.stats.reading import ResultsError, read_results
from tcplab.grading.text import remarks
from tests.support.hand_ins import recording, script, tiny


def result(data: bytes, student: str, lab=None, seed=None, **more) -> dict:
    code, found = grade_data(lab or tiny(), data, Job(seed=seed))
    return found | {"student": student, "counts": True, "submission": f"{student}.txt"} | more


@pytest.fixture
def klass(tmp_path) -> list[dict]:
    right = recording(tmp_path, tiny(), None, pause=30)
    first = [result(script("1"), f"s{n}", seed=n) for n in range(3)]
    return [*first, result(b"server listen 80; client connect server 80; hint; run until idle; skip", "skipper"),
            result(right, "ada"), result(right, "ada", counts=False), result(b"{}", "broken")]


def test_each_step_is_counted(klass):
    lab, = gather(klass)
    assert (lab.graded, lab.passed, lab.refused, lab.earlier, lab.hints) == (5, 1, 1, 1, 1)
    number = lab.steps["number"]
    assert dict(number.outcomes) == {"wrong": 3, "skipped": 1, "passed": 1} and number.earned == 6
    assert number.failed_by == ["s0", "s1", "s2", "skipper"]
    assert lab.steps["open"].hints == 1 and lab.steps["words"].outcomes["not reached"] == 1
    assert lab.steps["number"].median_seconds == 60 and lab.marks == {4: 4, 10: 1}


def test_wrong_answers_are_counted_without_their_numbers(tmp_path):
    lab = tiny()
    iss = grade_data(lab, script(), Job(seed=5))[1]["hosts"]["client"]["connections"][0]["iss"]
    rows = [result(script(str(answer)), "x", seed=5) for answer in (iss, iss, iss + 4, 17)]
    counted, = gather(rows)
    assert counted.steps["number"].common(9)[0] == ("client.iss", 2)
    assert ("right + 3", 1) in counted.steps["number"].common(9)


def test_choices_are_told_by_their_text(tmp_path):
    from tcplab.lab.loader import load_lab

    lab = load_lab("handshake")
    play = b"next; client connect server 80; answer 1; answer %s"
    kinds = [step["wrong_as"] for letter in b"abcd" for step in
             result(play % bytes([letter]), "x", lab, 3)["steps"] if step["id"] == "own"]
    check = next(step for step in result(play % b"a", "x", lab, 3)["steps"] if step["id"] == "own")["checks"][0]
    assert check["got"] == "a" and check["got_text"] == f"a ({kinds[0].rstrip('.')})" and len(check["expected"]) == 1
    assert kinds.count(None) == 1 and sum("shared" in (kind or "") or "share" in (kind or "") for kind in kinds) == 1


def test_tables(klass):
    text = table.text(gather(klass))
    assert "5 hand-ins count, 1 passed" in text and re.search(r"number +6 +20% +60% +20% +0%", text)
    rows = list(csv.DictReader(io.StringIO(table.table(gather(klass)))))
    assert rows[1]["wrong"] == "3" and "x" in rows[1]["wrong_answers"]


def test_who_handed_in_nothing_is_counted_and_named_in_every_form(tmp_path, klass):
    roster = tmp_path / "course.csv"
    roster.write_text("student,name\n" + "".join(f"{n},Person {n}\n" for n in ("S0", "s1", "s2", "ada", "dave", "eve")))
    klass.append(result(b"{}", "s1", counts=False, status="invalid-submission"))
    klass.append(result(b"{}", None, counts=False) | {"submission": "stray.txt", "status": "invalid-submission"})
    path, page_path = tmp_path / "r.jsonl", tmp_path / "p.html"
    path.write_text("".join(json.dumps(row) + "\n" for row in klass))
    words = ["stats", str(path), "--roster", str(roster)]
    said = CliRunner().invoke(cli, words).stdout
    assert "2 learners handed in nothing, 2 could not be graded, 1 earlier attempt and 1 other file that cannot count "\
        "left out" in said
    assert "  handed in nothing: dave, eve\n" in said and "  could not be graded: broken, stray.txt\n" in said
    rows = list(csv.DictReader(io.StringIO(CliRunner().invoke(cli, [*words, "--csv"]).stdout)))
    assert {row["kind"]: (row["learners"], row["not_passed_by"]) for row in rows if not row["step"]} == {
        "refused": ("2", "broken; stray.txt"), "missing": ("2", "dave; eve")}
    assert CliRunner().invoke(cli, [*words, "--html", "-o", str(page_path)]).exit_code == 0
    Strict().feed(page_path.read_text())
    assert "<h3>Who handed in nothing</h3><p>dave, eve</p>" in page_path.read_text()
    roster.write_text("name\n")
    refused = CliRunner().invoke(cli, words)
    assert refused.exit_code == 2 and "no column `student`" in refused.stderr
    assert gather(klass)[0].missing is None and "handed in nothing" not in table.text(gather(klass))


class Strict(HTMLParser):
    """Fails on anything that runs or loads, and on tags that do not close."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        assert tag not in ("script", "img", "iframe", "link", "object", "a", "base", "form", "use", "image")
        for name, value in attrs:
            assert not name.startswith("on") and name not in ("src", "href", "xlink:href"), (tag, name)
            assert "url(" not in (value or "")
        if tag not in ("meta", "rect"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        if tag != "rect":
            assert self.open.pop() == tag


def test_a_page_needs_nothing_and_runs_nothing(klass):
    evil = "<script>alert(1)</script>\" onload=x ]]> \x1b\u202e"
    klass[0] |= {"student": evil, "lab": {"id": evil, "title": evil, "sha256": ""}}
    klass[0]["steps"][1] |= {"wrong_as": evil, "title": evil, "id": evil}
    text = page.page(gather(klass))
    parser = Strict()
    parser.feed(text)
    assert parser.open == [] and "<script" not in text and "http:" not in text and "\x1b" not in text
    assert text.count("<svg") in range(5, 9) and "skipper" in text and "default-src 'none'" in text
    Strict().feed(page.page([]))


def test_the_commands(tmp_path, klass):
    path = tmp_path / "results.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in klass))
    run = CliRunner().invoke
    assert "hand-ins count" in run(cli, ["stats", str(path)]).stdout
    assert run(cli, ["stats", str(path), "--csv"]).stdout.startswith("lab,step")
    assert run(cli, ["stats", str(path), "--html", "-o", str(tmp_path / "p.html")]).exit_code == 0
    assert (tmp_path / "p.html").read_text().startswith("<!doctype html>")
    assert "no two" in run(cli, ["similar", str(path), "--at-least", "60"]).stdout
    assert run(cli, ["similar", str(path), "--csv"]).stdout.startswith("rank,first")
    copy = klass[-1] | {"student": "dan", "copied_from": {"run_of": "ada"}}
    path.write_text("".join(json.dumps(row) + "\n" for row in (*klass[:-1], copy)))
    assert "1 refused hand-in was not compared: dan (a copy of ada's)" in run(cli, ["similar", str(path)]).stderr
    assert run(cli, ["stats", str(tmp_path / "none")]).exit_code == 4


@pytest.mark.parametrize(("line", "word"), [
    ("nonsense", ":2: this is not JSON"), ("[" * 10_000, "not JSON"), ('{"a": 1}', "not a result"),
    ('{"schema": "tcplab/result/1", "steps": 3}', "lacks something")])
def test_what_is_no_result_is_refused_with_its_line(tmp_path, klass, line, word):
    path = tmp_path / "r.jsonl"
    path.write_text(json.dumps(klass[0]) + "\n" + line + "\n")
    with pytest.raises(ResultsError, match=word):
        list(read_results([str(path)]))


# -- similarity -------------------------------------------------------------------------------------------------


def made(student: str, pauses: list[int], wrong: str | None = None, answer: str = "1", words: str = "") -> dict:
    step = {"id": "number", "kind": "ask", "title": "", "status": "wrong" if wrong else "done", "score": 0,
            "max_score": 1, "hints_used": 0, "wrong_as": wrong, "answer": answer}
    return {"schema": "tcplab/result/1", "lab": {"id": "tiny", "title": ""}, "status": "graded", "score": 0,
            "max_score": 1, "student": student, "steps": [step], "words": {"words": words},
            "pace": {"steps": {}, "pauses": pauses}}


def others(count: int) -> list[dict]:
    return [made(f"o{n}", [3 + n, 40 + n, 5 * n, 7, 11 + n, 2], "common") for n in range(count)]


def test_copied_pauses_words_and_numbers_are_found_and_prescribed_things_are_not():
    tempo = [4, 31, 8, 2, 95, 12, 3]
    found = similar.similar([*others(50), made("a", tempo), made("b", [9, *tempo])])
    assert [(pair.first, pair.second, pair.pauses, pair.of) for pair in found] == [("a", "b", 7, 7)]
    found = similar.similar([*others(50), made("a", [], words="It HAS heard the syn, and says so!"),
                             made("b", [], words="it has heard the SYN and says so")])
    assert [(pair.first, pair.second, pair.words) for pair in found] == [("a", "b", ["tiny/words"])]
    found = similar.similar([*others(50), made("a", [], None, "40213377"), made("b", [], "right + 4711", "40213377")])
    assert [(pair.first, pair.second, pair.numbers) for pair in found] == [("a", "b", ["tiny/number"])]
    assert similar.similar([*others(50), made("a", [], None, "3000"), made("b", [], None, "3000")]) == []
    assert similar.similar(others(50)) == []
    assert similar.similar([made("a", tempo), made("a", tempo)]) == []


def test_a_metronome_is_no_pattern_and_a_large_class_is_compared_quickly():
    assert similar.similar([made("a", [20] * 30), made("b", [20] * 30)]) == []
    many = [made(f"s{n}", tempo, f"right + {n % 90}") for n, tempo in enumerate(synthetic(300, random.Random(1)))]
    begun = process_time()
    assert similar.similar(many, 1000.0) == [] and process_time() - begun < 5


def synthetic(count: int, rng: random.Random, commands: int = 18) -> list[list[int]]:
    """Pauses of learners who know nothing of each other: a lab has its long and its short places, everybody has a pace,
    and chance does the rest."""
    long = [rng.gauss(2.2, 0.8) for _ in range(commands)]
    paces = [rng.gauss(0, 0.35) for _ in range(count)]
    return [[int(exp(place + pace + rng.gauss(0, 0.6))) for place in long] for pace in paces]


def shuffled(pauses: list[int], share: float, rng: random.Random) -> list[int]:
    """A copy: each pause changed by up to a share, and all of it faster or slower."""
    faster = rng.uniform(0.7, 1.5)
    return [round(pause * faster * (1 + rng.uniform(-share, share))) for pause in pauses]


def timed(student: str, pauses: list[int], lab: str = "tiny") -> dict:
    one = made(student, pauses)
    one["lab"] = one["lab"] | {"id": lab}
    one["pace"]["places"] = [f"step-{at // 3}" for at in range(len(pauses))]
    return one


def test_copies_with_shuffled_pauses_are_found_and_two_hundred_innocents_are_not():
    rng = random.Random("tempo")
    innocent = synthetic(200, rng)
    klass = [timed(f"s{n}", pauses) for n, pauses in enumerate(innocent)]
    assert similar.similar(klass) == []  # 19,900 pairs
    shares = (0.1, 0.2, 0.3)
    copies = [timed(f"c{share}-{15 * k + n}", shuffled(innocent[15 * k + n], share, rng))
              for k, share in enumerate(shares) for n in range(15)]
    found = similar.similar([*klass, *copies])
    guilty = [one for one in found if one.first[1:] == one.second.rpartition("-")[2]]
    assert len(found) == len(guilty), found  # a copy accuses nobody else
    caught = [sum(one.second.startswith(f"c{share}") for one in guilty) for share in shares]
    assert caught[0] >= 12 and caught[1] >= 9 and caught[2] >= 3, caught


def test_two_labs_tell_more_than_one_and_a_command_more_hides_nothing():
    rng = random.Random("labs")
    rows, source = [], 7
    for lab in ("one", "two", "three"):
        klass = synthetic(60, rng)
        copy = shuffled(klass[source], 0.3, rng)
        rows += [timed(f"s{n}", pauses, lab) for n, pauses in enumerate([*klass, [4, *copy] if lab == "two" else copy])]
    assert [(pair.first, pair.second, pair.exact) for pair in similar.similar(rows)] == [("s7", "s60", False)]
    assert "pauses alike, in proportion" in similar.text(similar.similar(rows))


@pytest.mark.parametrize(("times", "words"), [
    ((None, None, None), "hold no times"), ((0, "nonsense", 30), "1 of 4 lines hold no time"),
    ((30, 0, 7), "goes backwards once"), ((0, "2399-01-01T00:00:00Z", 7), "1 of 4 lines have times in the future"),
    (("1970-01-01T00:00:00Z", 0, 7), "1 of 4 lines have times before there was tcplab"), ((2, 0, 7), "")])
def test_a_clock_that_cannot_be_is_named_and_does_no_harm(tmp_path, times, words):
    rows = [json.loads(line) for line in recording(tmp_path, tiny(), "ada", pause=0, finish=False).splitlines()]
    commands = [row for row in rows if "cmd" in row]
    for row, at in zip(commands[-3:], times, strict=True):
        row["at"] = f"2026-11-20T10:00:{at:02}Z" if isinstance(at, int) else at or ""
    for row in rows if times[0] is None else ():
        row["at"] = ""
    found = grade_data(tiny(), "".join(json.dumps(row) + "\n" for row in rows).encode(), Job(student="ada"))[1]
    assert found["score"] == 10 and all(0 <= pause <= 600 for pause in found["pace"]["pauses"])
    assert len(found["pace"]["pauses"]) == len(found["pace"]["places"]) == len(commands) == 4
    said = "; ".join(remarks(found))
    assert words in said and ("clock" in said or " time" in said) == bool(words)
    gather([found | {"student": "ada", "counts": True}])
    similar.similar([found | {"student": "ada"}, found | {"student": "bob"}])


def test_shares_are_rounded_and_only_all_is_100_percent():
    from tcplab.grading.stats.table import percent

    assert [percent(22, 23), percent(1, 23), percent(0, 5), percent(5, 5), percent(999, 1000)] == [
        "96%", "4%", "0%", "100%", "99%"] and percent(0, 0) == "–"


def test_results_that_are_given_twice_count_once(tmp_path, capsys):
    from tcplab.grading.judge import Job, grade_data
    from tcplab.grading.stats.reading import read_results
    from tests.support.hand_ins import script, tiny

    result = grade_data(tiny(), script(), Job(student="ada"))[1] | {"submission": "ada.txt"}
    path = tmp_path / "r.jsonl"
    path.write_text(json.dumps(result) + "\n")
    assert len(list(read_results([str(path), str(path)]))) == 1
    assert "given twice" in capsys.readouterr().err
