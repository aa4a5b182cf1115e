"""Whatever is handed in, the grader has an answer: never a defect, never a control character, always the same."""

from __future__ import annotations

import json
import os
import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tcplab.grading import reports
from tcplab.grading.clean import clean, one_line
from tcplab.grading.intake import Intake
from tcplab.grading.judge import Job, grade_data
from tcplab.grading.reports.batch import Batch
from tests.grading.test_reports import classroom50_shape, gradescope_shape, junit_shape
from tests.support.hand_ins import recording, tiny, zipped

LAB = tiny()
FEW = settings(max_examples=500 if os.environ.get("TCPLAB_LONG") else 25, deadline=None,
               suppress_health_check=[HealthCheck.function_scoped_fixture])
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@st.composite
def mutations(draw) -> list[tuple[int, int, bytes]]:
    return draw(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 40), st.binary(max_size=12)), min_size=1,
                         max_size=6))


@FEW
@given(mutations())
def test_a_mutated_recording_is_graded_or_refused(tmp_path, changes):
    data = recording(tmp_path, LAB, "ada")
    for at, length, new in changes:
        data = data[:at] + new + data[at + length:]
    one, two = (grade_data(LAB, data, Job(student="ada", seconds=5)) for _ in range(2))
    assert one == two and one[0] in (0, 1, 4, 5)
    assert not STEERING.search(json.dumps(one[1], ensure_ascii=False))


@FEW
@given(st.dictionaries(st.sampled_from(["seed", "attempt", "student", "behaviour", "lab", "format", "t_ns", "n", "cmd",
                                        "mark", "end", "trace_sha256", "at"]),
                       st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
                                    lambda inner: st.lists(inner, max_size=3), max_leaves=6), max_size=6),
       st.integers(0, 9))
def test_a_line_of_any_json_is_graded_or_refused(tmp_path, values, at):
    rows = recording(tmp_path, LAB, "ada").splitlines()
    at %= len(rows)
    rows[at] = json.dumps(json.loads(rows[at]) | values).encode("utf-8", "surrogatepass")
    code, result = grade_data(LAB, b"\n".join(rows) + b"\n", Job(student="ada", seconds=5))
    assert code in (0, 1, 4, 5), result["error"]


@FEW
@given(st.text(max_size=80))
def test_any_text_makes_a_valid_report(text):
    result = grade_data(LAB, b"", Job(student=text))[1] | {"error": text, "submission": text}
    batch = Batch({"id": text, "title": text}, lambda: [result, result | {"status": "error"}], missing={text: text})
    for form in reports.FORMATS:
        written = reports.text_of(form, batch)
        written.encode("utf-8")
        assert not STEERING.search(written)
    junit_shape(reports.text_of("junit", batch))
    for counts, shape in (("gradescope", gradescope_shape), ("classroom50", classroom50_shape)):
        shape(json.loads(reports.text_of(counts, Batch({"id": text, "title": ""}, lambda: [result]))))
    assert not STEERING.search(clean(text)) and len(one_line(text).splitlines()) <= 1


@FEW
@given(st.binary(max_size=300), st.integers(0, 400), st.dictionaries(
    st.text(min_size=1, max_size=12), st.binary(max_size=60), max_size=4))
def test_any_zip_is_read_or_marked(tmp_path, noise, at, members):
    names = {f"{name}.jsonl": data for name, data in members.items() if "\x00" not in name
             and name.encode("utf-8", "ignore").decode() == name}
    data = zipped(names)
    path = tmp_path / "a.zip"
    for content in (data, data[:at] + noise + data[at + len(noise):], noise):
        path.write_bytes(content)
        for entry in Intake([str(path)]):
            assert not STEERING.search(entry.name + entry.problem)
    assert [file.name for file in tmp_path.iterdir()] == ["a.zip"]
