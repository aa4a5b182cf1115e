"""What holds for every lab of the course: honest marks, full marks for who knows, a word on every wrong answer."""

from __future__ import annotations

import os
import re

import pytest

from tcplab.grading.authoring import trials
from tcplab.grading.linting import examine
from tcplab.grading.trying import findings
from tcplab.lab.loader import lab_ids, list_labs
from tests.support.sentences import plainly_told

from .lessons import Lesson, lab_of

SEEDS = 20 if os.environ.get("TCPLAB_LONG") else 1
LABS = [lab_id for lab_id in lab_ids() if lab_of(lab_id).steps]


@pytest.fixture(scope="module", params=LABS)
def lab_id(request) -> str:
    """All tests of one lab stand together: what one of them worked out serves the next."""
    return request.param


def test_the_file_is_without_fault(lab_id):
    lab, problems = examine(lab_id)
    assert lab is not None and problems == []
    assert 5 <= lab.minutes <= 15 and lab.summary.endswith(("?", "."))


def test_the_pupils_fare_as_they_should(lab_id):
    assert [f"{trial.pupil}: {fault}" for trial in trials(lab_of(lab_id), SEEDS) for fault in trial.faults] == []


def test_every_typical_wrong_answer_is_told_why(lab_id):
    """Each wrong answer counts as wrong and hears its own word; hints come in order; no goal is met by waiting."""
    trying = findings(lab_of(lab_id))
    assert trying.found == [] and len(trying.told) >= 4


def test_texts_are_complete_and_full_marks_are_possible(lab_id):
    lesson = Lesson(lab_id).finish()
    guide = lesson.session.guide
    assert guide.score == guide.max_score > 0 and lesson.session.lab_faults == []
    assert 2 * sum(step.points for step in guide.plans if step.challenge) >= guide.max_score
    shown = [p.text for _, p in guide.progress_items()] + [said.text + said.after for said in lesson.said.values()]
    assert [text for text in shown if "–" in text or "{{" in text] == []
    plainly_told(lesson.session.trace)


def test_each_step_says_what_it_rests_on(lab_id):
    lab = lab_of(lab_id)
    for step in lab.steps:
        if step.rfc:
            assert re.fullmatch(r"\d{3,5} [A-D0-9][A-Z0-9.]*", step.rfc), step.id
        if step.kind == "task" and step.text.commands:
            assert step.points == 0, f"{step.id}: obeying earns nothing"
    assert sum(bool(step.rfc) for step in lab.steps) >= 4
    assert [step.id for step in lab.steps if step.kind != "say" and not step.after] == []
    assert "**Now try**" in lab.steps[-1].after.source


def test_the_course_lists_every_lab_after_what_it_needs():
    entries = list_labs()
    seen: set[str] = set()
    for entry in entries:
        assert set(entry.needs) <= seen, entry.id
        assert entry.id == "sandbox" or set(entry.needs) == set(lab_of(entry.id).needs), entry.id
        seen.add(entry.id)
