"""That breaking a line is noticed: a few here, as many as you like with `make mutants N=60 SEED=7`."""

import ast

import pytest

from tests.conformance.mutants import drawn, judge, mutations
from tests.conformance.mutating import ways
from tests.conformance.sites import listed, sites
from tests.support.requirements import coverage

SEED = 20


@pytest.mark.parametrize("id", drawn(3, SEED))
def test_breaking_the_line_that_obeys_is_noticed(id):
    verdict = judge(id, SEED)
    assert verdict.noticed, f"{verdict.tried} broken versions passed {coverage()[id]}"


def test_sites_csv_names_lines_that_exist():
    assert not listed()[1], "sites.csv: name the file, the function and a piece of the line that obeys now"


def test_every_requirement_with_a_test_has_a_line_that_can_be_broken():
    """Tag the line that obeys, or name it in sites.csv: else `make mutants` can never draw the requirement."""
    found = sites()
    assert not [id for id in coverage() if not id.startswith("T") and id not in found]
    assert all(any(mutations(site) for site in each) for each in found.values())


@pytest.mark.parametrize("line, said", [
    ("if a < b: c()", ["the condition holds never", "the condition holds always", "Lt becomes LtE"]),
    ("x = max(a, 1)", ["left out", "one more", "one less", "min and max change places", "a number grows by one"]),
    ("return not a", ["returns None", "returns False", "returns True", "returns 0", "a not goes"]),
])
def test_ways_to_break_a_statement(line, said):
    (node,) = ast.parse(line).body
    found = ways(node)
    assert [word for word, _ in found] == said
    for _, broken in found:
        assert ast.unparse(ast.fix_missing_locations(broken)) != line
