"""Play the golden sessions and say what came of them. ``python -m tests.golden.play`` prints it as JSON.

It imports nothing but the laboratory, so that another interpreter without the test tools can play them too.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tcplab.grading.pupils import Reference
from tcplab.lab.loader import lab_ids, load_lab, read_lab
from tcplab.session.session import Session

FILE = Path(__file__).with_name("sessions.json")
#: The seeds under which the reference solutions of the shipped labs are played.
SEEDS = (1, 2)


def read() -> dict:
    """The file: `worlds` (labs without steps), `sessions` with their scripts, `labs` pinned by their logic."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def play(entry: dict, worlds: dict[str, list[str]]) -> dict:
    """What a session of the file leads to: the hash, and figures that say where to look when it differs."""
    session = Session(read_lab("\n".join(worlds[entry["world"]])), entry["seed"])
    refused = []
    for line in entry["script"]:
        refused += [outcome.command for outcome in session.execute(line) if not outcome.ok]
    return {**figures(session), "refused": refused}


def figures(session: Session) -> dict:
    """The hash of a session and its outline."""
    world = session.timeline.world
    states = {host: [conn.tcb.state for conn in world.host_view(host).connections] for host in world.hosts}
    return {"trace_sha256": session.trace_sha256(), "events": len(session.trace), "steps": session.timeline.n,
            "t_ns": session.now, "states": states,
            "counters": {name: count for name, count in world.counters.items() if count}}


def play_lab(lab_id: str, seeds: tuple[int, ...] = SEEDS) -> dict:
    """The reference solution of a shipped lab under each seed; the logic's hash says what it belongs to."""
    lab = load_lab(lab_id)
    return {"logic_sha256": lab.logic_sha256,
            "traces": {str(seed): Reference(lab, seed).play().trace_sha256() for seed in seeds}}


def play_all(seeds: tuple[int, ...] = SEEDS) -> dict:
    """Every session and every lab, by name."""
    file = read()
    return {"sessions": {entry["name"]: play(entry, file["worlds"]) for entry in file["sessions"]},
            "labs": {lab_id: play_lab(lab_id, seeds) for lab_id in lab_ids()}}


if __name__ == "__main__":
    json.dump(play_all(), sys.stdout)
