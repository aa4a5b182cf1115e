"""`make mutants N=60 SEED=1`: does a test that carries an id notice when the line that obeys it is broken?

For N requirements drawn by the seed, statements that obey them are broken in ways drawn by the seed, one after another,
until a test with the id fails. A requirement whose tests notice none of the tries is reported, and the exit code is 1.
"""

from __future__ import annotations

import ast
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from tests.conformance.mutating import statement, ways
from tests.conformance.sites import Site, sites
from tests.support.requirements import ROOT, coverage

#: How many broken versions are tried for a requirement before it counts as not noticed.
TRIES = 8
TIMEOUT_S = 120


class Verdict(NamedTuple):
    """What became of a requirement: the mutation its tests noticed (None: none), and how many were tried."""

    id: str
    noticed: str | None
    tried: int


def mutations(site: Site) -> list[tuple[int, str]]:
    """(number, what is done) of every way to break the statement of a site."""
    found = statement(ast.parse((ROOT / site.file).read_text(encoding="utf-8")), site.line)
    if found is None:
        return []
    body, place = found
    return [(n, said) for n, (said, _) in enumerate(ways(body[place]))]


def run(nodes: list[str], mutant: str) -> int:
    """The exit code of pytest for `nodes`; a test that never ends has failed."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    env |= {"TCPLAB_MUTANT": mutant, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-B", "-W", "ignore", "-m", "pytest", "-x", "-q", "--no-header", "-p",
               "no:cacheprovider", "-p", "pytest_asyncio.plugin", "-p", "tests.conformance.mutating", *nodes]
    try:
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, timeout=TIMEOUT_S,
                              check=False).returncode
    except subprocess.TimeoutExpired:
        return 1


def notices(id: str, site: Site, n: int) -> bool:
    """Whether a test that carries `id` fails when `site` is broken in its `n`-th way.

    Only a failed test counts (exit code 1): an endpoint that cannot even be imported proves nothing about the test.
    """
    return run(coverage()[id], f"{site.file}:{site.line}:{n}") == 1


def judge(id: str, seed: int) -> Verdict:
    """Break the lines that obey `id` until a test notices. The coarse ways come first, the lines in drawn order."""
    dice = random.Random(f"{seed}/{id}")
    tries = [(rank + dice.random(), site, n, said) for site in sites()[id] for rank, (n, said) in
             enumerate(mutations(site))]
    tried = 0
    for _, site, n, said in sorted(tries)[:TRIES]:
        tried += 1
        if notices(id, site, n):
            return Verdict(id, f"{site.file}:{site.line} {said}", tried)
    return Verdict(id, None, tried)


def drawn(count: int, seed: int) -> list[str]:
    """`count` requirements with a site, drawn by the seed."""
    known = sorted(sites())
    random.Random(f"mutants/{seed}").shuffle(known)
    return known[:count]


def main() -> int:
    count, seed = (int(word) for word in (sys.argv[1:3] + ["60", "1"][len(sys.argv) - 1:]))
    ids = sys.argv[3:] or drawn(count, seed)
    if run(sorted({node for id in ids for node in coverage()[id]}), "") != 0:
        print("the tests fail as it is: see make conformance")
        return 2
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        verdicts = []
        for verdict in pool.map(lambda id: judge(id, seed), ids):
            print(f"{verdict.id:14} {'noticed: ' + verdict.noticed if verdict.noticed else 'NOT NOTICED'}"
                  f"  ({verdict.tried} tried)", flush=True)
            verdicts.append(verdict)
    missed = [verdict for verdict in verdicts if not verdict.noticed]
    print(f"{len(verdicts) - len(missed)} of {len(verdicts)} requirements: breaking the line is noticed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
