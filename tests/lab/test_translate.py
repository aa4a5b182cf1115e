"""Translations: words only, by the same ids; what is missing or stale is named, what decides a result never changes."""

from __future__ import annotations

import pytest

from tcplab.grading.pupils import Reference
from tcplab.grading.starting import template
from tcplab.lab.loader import find_lab, lab_ids, lint_file, list_labs, load_lab
from tcplab.lab.translate import (
    file_for,
    head_in,
    language,
    lint_translation,
    prefer,
    skeleton,
    translated,
    translations,
)
from tcplab.session.labs import command_checker
from tcplab.session.session import Session


@pytest.fixture
def lab(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(template("mine"))
    file_for(path, "de").write_text(skeleton(path, "de"))
    return path


def change(path, *changes) -> None:
    text = path.read_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path.write_text(text)


def told(lab) -> list[str]:
    return [f"{problem.severity} {problem.message}" for problem in lint_translation(file_for(lab, "de"))[1]]


def test_a_skeleton_is_whole_and_changes_nothing(lab):
    german, problems = lint_translation(file_for(lab, "de"))
    original = lint_file(lab)[0]
    assert german.logic_sha256 == original.logic_sha256
    assert [step.text.source.split() for step in german.steps] == [step.text.source.split() for step in original.steps]


@pytest.mark.parametrize("lab_id", [lab_id for lab_id in lab_ids() if lab_id != "sandbox"])
def test_every_lab_of_the_course_can_be_translated(lab_id, tmp_path):
    path = tmp_path / f"{lab_id}.yaml"
    path.write_bytes(find_lab(lab_id).read_bytes())
    file_for(path, "de").write_text(skeleton(path, "de"))
    german, problems = lint_translation(file_for(path, "de"))
    assert german.logic_sha256 == load_lab(lab_id).logic_sha256
    assert len(problems) > 20 and {problem.severity for problem in problems} == {"warning"}
    assert all("is still in the original language" in problem.message for problem in problems)


def test_texts_are_said_in_the_language_and_the_run_is_the_same(lab):
    german = file_for(lab, "de")
    change(german, ("What will come back?", "Was kommt zurück?"), ("My first lab", "Mein erstes Lab"),
           ("That is the number of the first byte.", "Das ist die Nummer des ersten Bytes, {{client.snd_nxt}}."))
    original = lint_file(lab)[0]
    found = translated(original, "de")
    assert found.title == "Mein erstes Lab" and found.step("foretell").title == "Was kommt zurück?"
    assert translated(original, "fr") is original and translated(original, "en") is original
    assert translated(original, "../x") is original
    runs = [Reference(one, 5).play() for one in (original, found)]
    assert runs[0].trace_sha256() == runs[1].trace_sha256() and runs[0].header() == runs[1].header()
    session = Session(found, 5)
    session.execute("next")
    session.execute(f"answer {session.evaluate(found.step('foretell').question.wrong[0].expr)}")
    session.execute("client send 20; run until idle")
    assert "Das ist die Nummer" in session.view().guide.feedback[0].text
    assert list_labs(lab.parent, "de")[0].title == "Mein erstes Lab"
    assert head_in(lab, "de")["title"] == "Mein erstes Lab" and head_in(lab, "fr") == {}
    assert translations(lab) == [german]


def test_what_is_missing_or_stale_is_named(lab):
    german = file_for(lab, "de")
    change(german, ('    title: "Send them"\n', ""))
    change(lab, ("The connection is open.", "The connection is open now."))
    found = [words for words in told(lab) if "still in the original" not in words]
    assert found == ["warning Step 'welcome' is stale: the original was changed since.",
                     "warning The text 'title' of step 'send' is missing."]
    assert lint_translation(german)[0].step("send").title == "Send them"
    text = german.read_text()
    german.write_text(text[:text.index("  twice:")])
    assert "warning Step 'twice' is not translated." in told(lab)
    assert translated(lint_file(lab)[0], "de").step("twice").title == "Sent twice"


def test_a_value_that_is_lost_or_added_is_named(lab):
    change(file_for(lab, "de"), ("will send {{n}} bytes", "will send {{ n+1 }} bytes"),
           ("ACK {{answer}}: everything before {{answer}}", "ACK {{ answer }}: everything before it"))
    assert [words for words in told(lab) if "original language" not in words] == [
        "warning The text 'ask' of step 'foretell' has lost {{n}} of the original.",
        "warning The text 'ask' of step 'foretell' has {{n+1}}, which the original has not."]


def test_what_nobody_has_translated_is_named(lab):
    whole = told(lab)
    for place in ("title'", "summary'", "say' of step 'welcome'", "hint 1' of step 'foretell'",
                  "wrong else' of step 'foretell'", "after' of step 'twice'"):
        assert f"warning The text '{place} is still in the original language." in whole
    assert all(problem.line > 1 and problem.column > 1 for problem in lint_translation(file_for(lab, "de"))[1])
    # A single word may be the same, where the other texts of the step were translated.
    assert any("'title' of step 'welcome'" in words for words in whole)
    change(file_for(lab, "de"), ("The connection is open.", "Die Verbindung steht."))
    assert len(whole) - len(told(lab)) == 2 and not any("step 'welcome'" in words for words in told(lab))


@pytest.mark.parametrize(("old", "new", "message"), [
    ("  welcome:", "  welcom:", "The lab has no step 'welcom'."),
    ("lang: de", "lang: fr", "This file needs lang: de."),
    ("lab: mine", "lab: other", "This file needs lab: mine."),
    ("    say: ", "    points: 3\n    say: ", "The lab has no text 'points' here."),
    ("steps:", "goal: x\nsteps:", "Unknown key 'goal'."),
    ("{{n}} bytes", "{{nn}} Bytes", "'nn'"),
    ("[[client send {{n}}]]", "[[klient sende {{n}}]]", "klient"),
    ('      - "An ACK', '      - "Two"\n      - "An ACK', "Here the lab has 1 texts in their order."),
])  # fmt: skip
def test_errors_are_told_at_their_place_in_the_translation(lab, old, new, message):
    german = file_for(lab, "de")
    change(german, (old, new))
    found, problems = lint_translation(german, command_checker)
    errors = [problem for problem in problems if problem.severity == "error"]
    assert errors and any(message in problem.message for problem in errors), problems
    assert all(problem.file == str(german) and problem.line > 1 or "lang" in problem.message for problem in errors)
    assert found is None


def test_a_broken_translation_leaves_the_original(lab):
    original = lint_file(lab)[0]
    for text in ("", "[]", "lang: [", "\0", "lang: de\nlab: mine\nsteps: 3\n"):
        file_for(lab, "de").write_text(text)
        assert translated(original, "de") is original
        head_in(lab, "de")


def test_the_language_comes_from_the_option_the_settings_the_environment():
    assert language({}) == language({"LANG": "C.UTF-8"}) == language({"LANG": "POSIX"}) == "en"
    assert language({"LANG": "de_DE.UTF-8"}) == language({"LANG": "de"}) == language({"LC_ALL": "de_AT"}) == "de"
    assert language({"LANG": "de_DE", "LC_ALL": "fr_FR"}) == "fr"
    prefer("de")
    try:
        assert language({"LANG": "en_US"}) == "de" and language({"TCPLAB_LANG": "fr"}) == "fr"
    finally:
        prefer("auto")


def test_translations_are_no_labs_of_their_own(lab):
    assert [entry.id for entry in list_labs(lab.parent)] == ["mine"]
    assert all("." not in lab_id for lab_id in lab_ids())


@pytest.mark.parametrize("path", [path for lab_id in lab_ids() for path in translations(find_lab(lab_id))], ids=str)
def test_shipped_translations_are_whole_and_fresh(path):
    lab, problems = lint_translation(path)
    assert lab is not None and list(problems) == []
