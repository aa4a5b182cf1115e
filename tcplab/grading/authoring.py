"""For those who write labs: test with pupils, a translation to begin with, and the schemas."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from tcplab.grading.exits import BELOW, INVALID_LAB, PASSED, refuse, say
from tcplab.grading.linting import examine, files_of
from tcplab.grading.pupils import Reference, SolutionError, blank, guesser, obedient
from tcplab.grading.trying import Trying, findings
from tcplab.lab.errors import LabError, LabNotFound
from tcplab.lab.lesson import Lab
from tcplab.lab.loader import find_lab
from tcplab.lab.translate import skeleton
from tcplab.session.recording import RecordingError, parse_recording
from tcplab.session.session import Session

#: What a pupil may reach, in percent of the points.
LIMITS = {"blank": 0, "obedient": 40, "guesser": 25}
#: How far the seed of a foreign recording is from one's own.
_OTHER = 1_000_003


@dataclass
class Trial:
    """How one pupil fared over the seeds: points in percent, lowest and highest; `faults` in words; how often
    it did not come to the end (`failed`), under its own seeds or those of foreign recordings."""

    pupil: str
    low: int = 100
    high: int = 0
    faults: list[str] = field(default_factory=list)
    failed: int = 0

    def add(self, session: Session, seed: int) -> None:
        """Take in one session; a pupil above its limit (or a reference below 100 %) is a fault."""
        session.guide.settle_predictions()
        percent = session.guide.score * 100 // max(1, session.guide.max_score)
        self.low, self.high = min(self.low, percent), max(self.high, percent)
        limit = LIMITS.get(self.pupil)
        if limit is not None and session.guide.score * 100 > session.guide.max_score * limit:
            self.faults.append(f"seed {seed}: {percent} % of the points, at most {limit} % are honest")
        if self.pupil == "reference" and session.guide.score < session.guide.max_score:
            lost = [step.id for step, p in session.guide.progress_items() if p.score < step.points]
            self.faults.append(f"seed {seed}: {percent} % only; points are lost at {', '.join(lost)}. "
                               "Mend the solution there; hints that it opens cost points.")


def trials(lab: Lab, seeds: int) -> list[Trial]:
    """All pupils on seeds 1 .. `seeds`. A lab without points only has to be playable."""
    outcome = {name: Trial(name) for name in ("blank", "obedient", "guesser", "foreign", "reference")}
    for seed in range(1, seeds + 1):
        if lab.max_score:
            outcome["blank"].add(blank(lab, seed), seed)
            outcome["obedient"].add(obedient(lab, seed), seed)
            outcome["guesser"].add(guesser(lab, seed), seed)
        tried = seed
        try:
            pupil = Reference(lab, seed)
            outcome["reference"].add(pupil.play(), seed)
            tried = seed + _OTHER
            outcome["reference"].faults += [f"seed {seed}: step {step} asks about what has been seen. Ask earlier."
                                            for step in pupil.spoiled]
            _foreign(lab, seed, outcome["foreign"])
        except SolutionError as error:
            outcome["reference"].failed += 1
            outcome["reference"].faults.append(f"seed {tried}: {str(error).rstrip('.')}. {error.cure}".rstrip())
    return list(outcome.values())


def _foreign(lab: Lab, seed: int, trial: Trial) -> None:
    """Hand in the recording of another seed as one's own: it has to be refused."""
    from tcplab.session.player import play_recording

    lines: list[str] = []
    other = seed + _OTHER
    Reference(lab, other).rehearse(MemoryRecorder(lines, lab, other))  # refused for its seed, whatever it answers
    try:
        play_recording(parse_recording("".join(lines).encode()), lab, seed)
        trial.faults.append(f"seed {seed}: the recording of another seed was accepted")
    except RecordingError:
        trial.low = 0


class MemoryRecorder:
    """A recorder that keeps its lines; see `tcplab.session.recording.Recorder`."""

    def __init__(self, lines: list[str], lab: Lab, seed: int) -> None:
        from tcplab.session.recording import FORMAT

        self._lines = lines
        self._put(Session(lab, seed).header() | {"format": FORMAT})

    def _put(self, line: dict) -> None:
        self._lines.append(json.dumps(line) + "\n")

    def command(self, t: int, n: int, text: str) -> None:
        self._put({"t_ns": t, "n": n, "at": "", "cmd": text})

    def mark(self, t: int, n: int) -> None:
        self._put({"t_ns": t, "n": n, "at": "", "mark": True})

    def finish(self, t: int, n: int, trace_sha256: str) -> None:
        self._put({"t_ns": t, "n": n, "at": "", "end": True, "trace_sha256": trace_sha256})


def test(names: list[str], seeds: int, as_json: bool, verbose: bool = False) -> int:
    """`tcplab lab test`. Returns 0 when every pupil fares as it should, 1 when not, 3 for an invalid lab."""
    code, report = PASSED, []
    try:
        files = [file for name in names for file in files_of(name, labs_only=True)]
    except LabNotFound as error:
        return refuse(error)
    for name in files:
        try:
            lab, problems = examine(name)
        except LabNotFound as error:
            return refuse(error)
        if lab is None:
            for problem in problems:
                say(str(problem))
            code = INVALID_LAB
            continue
        outcome = trials(lab, seeds)
        tried = findings(lab, seeds) if not outcome[-1].faults else Trying()
        if any(trial.faults for trial in outcome) or any(finding.fault for finding in tried.found):
            code = code or BELOW
        report.append({"lab": lab.id, "seeds": seeds, "pupils": [vars(trial) for trial in outcome],
                       "steps": [finding._asdict() for finding in tried.found],
                       "answers": [told._asdict() for told in tried.told], "hints": tried.hints})
        if not as_json:
            _print_trials(lab, seeds, outcome)
            _print_tried(tried, verbose)
    if as_json:
        print(json.dumps(report, ensure_ascii=True))
    return code


def _print_tried(tried: Trying, verbose: bool) -> None:
    answers = {(told.step, told.name) for told in tried.told}
    if answers:
        print(f"  ✓ answers    {len(answers)} typical wrong ones given" + ("" if verbose else "; -v shows their words"))
    if tried.hints:
        print(f"  ✓ hints      {tried.hints} opened in their order")
    for told in tried.told if verbose else ():
        said = " ".join(told.said.split()) or "(nothing)"
        print(f"      {told.step}: {told.answer} ({told.name}, seed {told.seed})\n        {said}")
    for finding in tried.found:
        print(f"  {'✗' if finding.fault else '·'} step {finding.step}: {finding.words}. {finding.cure}".rstrip())


def _grouped(faults: list[str]) -> list[str]:
    """Each fault once, with the first seed that shows it; its numbers are those of that seed."""
    seeds: dict[str, list[str]] = {}
    for fault in faults:
        _, _, words = fault.partition(": ")
        seeds.setdefault(re.sub(r"\d+", "0", words), []).append(fault)
    return [found[0].replace(":", f" and {len(found) - 1} more:" if len(found) > 1 else ":", 1)
            for found in seeds.values()]


#: What to do about a pupil that gets too much, or too little.
_CURES = {
    "blank": "Something is earned without doing anything: let each goal: name what its step brings about.",
    "obedient": "Give no points for commands that a text names; ask, or put the points into the challenge.",
    "guesser": "Ask for numbers, offer four choices, give the challenge half of the points.",
    "foreign": "Let the numbers come from the seed: profile first-lessons, or pick:.",
}


def _print_trials(lab: Lab, seeds: int, outcome: list[Trial]) -> None:
    print(f"{lab.id}: {lab.max_score} points, {seeds} seed{'s' if seeds > 1 else ''}")
    for trial in outcome:
        if not lab.max_score and trial.pupil in LIMITS:
            continue
        if trial.pupil == "foreign":
            words = "refused" if not trial.faults else "accepted"
        else:
            words = f"{trial.low} %" if trial.low == trial.high else f"{trial.low} to {trial.high} %"
            words += f" (at most {LIMITS[trial.pupil]} %)" if trial.pupil in LIMITS else " (must be 100 %)"
            words = words if lab.max_score else "can be played; there are no points"
            if trial.failed:
                never = trial.low > trial.high
                words = "does not come to the end" if never else "comes to the end under some seeds only"
        print(f"  {'✗' if trial.faults else '✓'} {trial.pupil:<10} {words}")
        for fault in _grouped(trial.faults)[:5]:
            print(f"      {fault}")
        if trial.faults and trial.pupil in _CURES:
            print(f"      {_CURES[trial.pupil]}")


def translate(name: str, lang: str) -> int:
    """`tcplab lab translate`: a translation to begin with, beside the lab. Returns the exit code."""
    from tcplab.grading.starting import write_new
    from tcplab.lab.translate import file_for

    try:
        path = find_lab(name)
        text = skeleton(path, lang)
    except (LabNotFound, LabError) as error:
        return refuse(error)
    place = file_for(path, lang)
    return write_new(place, text, f"{place} holds all texts to be translated; then: tcplab lab lint {name}")


def schema(kind: str) -> int:
    """`tcplab lab schema`: the JSON Schema of a kind of file on stdout."""
    from tcplab.lab.schema import schema_for

    print(json.dumps(schema_for(kind), indent=2, ensure_ascii=True))
    return PASSED
