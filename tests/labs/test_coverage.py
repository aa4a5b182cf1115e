"""The labs together walk every drawn edge of the state diagram."""

from __future__ import annotations

from tcplab.graph.fsm import coverage
from tcplab.lab.loader import lab_ids

from .lessons import Lesson, lab_of, rehearsed


def test_the_course_walks_every_arrow():
    labs = [lab_id for lab_id in lab_ids() if lab_of(lab_id).steps]
    walked = [edge for lab_id in labs for edge in rehearsed(lab_id, Lesson.seed)[1]]
    assert coverage(walked).missing == ()
