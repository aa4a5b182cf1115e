"""Every shipped drill script, under its own initial numbers and under numbers that wrap on the way."""

import pytest

from tcplab.drill import play_case, read_script
from tcplab.drill.face import story
from tcplab.drill.read import with_numbers
from tcplab.tcp import prediction
from tests.support.requirements import DRILLS

SCRIPTS = [read_script(path.read_text(encoding="utf-8"), path.name) for path in sorted(DRILLS.glob("*.drill"))]
CASES = [pytest.param(script, case, id=f"{script.path.removesuffix('.drill')}: {case.name}",
                      marks=pytest.mark.req(*case.reqs)) for script in SCRIPTS for case in script.cases]
#: (ours, the peer's): at and around the places where numbers wrap or seem to turn negative.
NUMBERS = ((0, 2**32 - 1), (2**31 - 1, 0), (2**32 - 16, 2**31 - 2), (2**32 - 1, 2**32 - 900))


@pytest.mark.parametrize("script, case", CASES)
def test_drill(script, case, monkeypatch):
    outcome = play_case(case)
    assert outcome.passed, story(script, outcome)
    monkeypatch.setattr(prediction, "taken", lambda *_: False)  # the eight checks one by one
    outcome = play_case(case)
    assert outcome.passed, story(script, outcome)


@pytest.mark.parametrize("iss, irs", NUMBERS)
@pytest.mark.req("9293-U-04")
def test_drills_wherever_the_numbers_begin(iss, irs):
    for script in SCRIPTS:
        for case in script.cases:
            outcome = play_case(with_numbers(case, iss, irs))
            assert outcome.passed, story(script, outcome)


def test_every_case_proves_something():
    assert not [f"{script.path}: {case.name}" for script in SCRIPTS for case in script.cases if not case.reqs]
