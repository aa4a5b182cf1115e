"""The labs together walk every drawn edge of the state diagram."""

from __future__ import annotations

from tcplab.grading.pupils import Reference
from tcplab.graph.fsm import coverage
from tcplab.lab.loader import lab_ids

from .lessons import lab_of


def test_the_course_walks_every_arrow():
    labs = [lab_of(lab_id) for lab_id in lab_ids()]
    walked = [edge for lab in labs if lab.steps for edge in Reference(lab, 1).play().guide.walked]
    assert coverage(walked).missing == ()
