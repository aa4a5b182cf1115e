"""The class view: what is counted, that nothing in a page runs or loads, and which hand-ins resemble each other."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner

from tcplab.cli import cli
from tcplab.grading.judge import Job, grade_data
from tcplab.grading.stats import page, similar, table
from tcplab.grading.stats.gather import gather
from tcplab.grading.stats.reading import ResultsError, read_results
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
    assert kinds.count(None) == 1 and sum("shared" in (kind or "") or "share" in (kind or "") for kind in kinds) == 1


def test_tables(klass):
    text = table.text(gather(klass))
    assert "5 hand-ins count, 1 passed" in text and re.search(r"number +6 +20% +60% +20% +0%", text)
    rows = list(csv.DictReader(io.StringIO(table.table(gather(klass)))))
    assert rows[1]["wrong"] == "3" and "x" in rows[1]["wrong_answers"]


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
    found = similar.similar([*others(50), made("a", [], words="It HAS heard, the syn!"),
                             made("b", [], words="it has heard the SYN")])
    assert [(pair.first, pair.second, pair.words) for pair in found] == [("a", "b", ["tiny/words"])]
    found = similar.similar([*others(50), made("a", [], None, "40213377"), made("b", [], "right + 4711", "40213377")])
    assert [(pair.first, pair.second, pair.numbers) for pair in found] == [("a", "b", ["tiny/number"])]
    assert similar.similar([*others(50), made("a", [], None, "3000"), made("b", [], None, "3000")]) == []
    assert similar.similar(others(50)) == []
    assert similar.similar([made("a", tempo), made("a", tempo)]) == []


def test_a_metronome_is_no_pattern_and_a_thousand_are_compared_quickly():
    assert similar.similar([made("a", [20] * 30), made("b", [20] * 30)]) == []
    many = [made(f"s{n}", [(n * 37 + k * k) % 211 + 2 for k in range(20)], f"right + {n % 90}") for n in range(1000)]
    assert similar.similar(many, 1000.0) == []


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
