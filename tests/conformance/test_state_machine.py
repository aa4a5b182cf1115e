"""All rows of state-machine.csv that are in force: segments as a grid, calls and timers one by one."""

import pytest

from tests.conformance.calls import CALL_ROWS
from tests.conformance.grid import covered_rows, segment_row_ids, verdict
from tests.support.requirements import left_out, rows


@pytest.mark.parametrize("row", covered_rows())
def test_row(row):
    """A row of calls and timers is made to happen; a row of segments held on the grid, and never otherwise."""
    if row in CALL_ROWS:
        entry, handler = CALL_ROWS[row]
        handler(entry)
    if row in segment_row_ids():
        found = verdict()
        assert found.hits.get(row), "the grid never came to this row"
        assert not found.wrong.get(row), "\n".join(found.wrong[row][:5])


def test_the_grid_stands_at_every_edge():
    found = verdict()
    assert found.segments > 25_000 and not found.wrong


def test_every_row_is_driven_or_left_out_with_a_reason():
    driven, out = set(covered_rows()), left_out()
    unexplained = [row["id"] for row in rows("state-machine.csv") if row["id"] not in driven and row["id"] not in out]
    assert not unexplained, unexplained
    assert not [row for row in driven if row in out]
