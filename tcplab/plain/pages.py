"""Longer texts of the dialogue: a step, an outcome, where things stand, the steps, the help, the last page."""

from __future__ import annotations

import shlex
from typing import Any

from tcplab.front import opening
from tcplab.notation.glossary import VARIABLES, variable_key
from tcplab.notation.plural import many
from tcplab.notation.units import format_percent, format_rate, format_time
from tcplab.session.views import Feedback, GuideView, QuestionView, SessionView

from .news import value_text
from .words import inline, paragraphs, said, seconds

_KINDS = {"number": "Answer with a number{unit}.", "choice": "Answer with one letter, or type its number alone.",
          "several": "Answer with the letters of all that are true, for example: a c.",
          "order": "Answer with the letters in their order, for example: b a c.",
          "match": "Answer with pairs such as a1 b2.", "words": "Answer in your own words, in one line."}

HELP = (
    "This is a laboratory for TCP: two hosts, a client and a server, and a link between them. Nothing moves until you "
    "cause it; then time runs until nothing more happens by itself, and every event is told in a line.",
    "At each prompt you are told what you can do. Type the number before it, or the command itself. An empty line does "
    "number 1, except at a question.",
    "At a question time stands still: type your answer. hint gives a hint, skip leaves it without its points.",
    "The variables of both hosts are said by where, all segments by log, the events as they come.",
    "again says the step again. where says how both hosts and the link stand. steps lists the steps and your points.",
    "log lists all segments; log server ACK only those that fit. why says why the last thing happened, why #3 what "
    "became of segment 3. what cwnd explains a word.",
    "Commands in one line, with ; between them, are given at the same instant.",
    "step does one event, back undoes one, wait goes to the next timer, run until idle runs on. branch NAME tries "
    "another future from here, branches lists them, compare "
    "says where this one and the other part and what came of each.",
    "help lists every command of the laboratory, help link those with the word link.",
    "The keys of the screen work as well, outside a question: s step, b back, w wait, x drop next, r reset, n next.",
    "A long answer stops after some lines: more goes on with it, last says its end.",
    "q leaves. Everything is kept: tcplab resume --plain goes on here.",
)


def step_lines(guide: GuideView) -> list[str]:
    """The present step: what kind, its text, the question with its choices."""
    if guide.phase == "none":
        return ["The sandbox: nothing is asked here. Two hosts, one link, and every command."]
    if guide.phase == "finished":
        return ["This lab is finished."]
    head = f"Step {guide.step_number} of {guide.step_total}"
    if guide.phase == "pending":
        title = guide.steps[guide.step_number - 1].title if guide.step_number <= len(guide.steps) else ""
        back = " Time goes back to where it begins." if guide.leaves and guide.feedback else ""
        return [f"{head} is next{f': {said(title)}' if title else '.'}{back}"]
    mark = next((step for step in guide.steps if step.id == guide.step_id), None)
    question = guide.question
    if question is not None:
        kind = "a prediction, one try" if question.prediction else "a question, one try"
    else:
        kind = {"say": "to read", "task": "a challenge" if guide.challenge else "a task"}.get(guide.kind, guide.kind)
    points = "" if mark is None or not mark.max_score else f", {many(mark.max_score, 'point')}"
    lines = [f"{head}, {kind}{points}: {said(mark.title if mark else guide.step_id)}", *paragraphs(guide.text)]
    if question is not None:
        lines += question_lines(question)
    for number, hint in enumerate(guide.hints, 1):
        lines += [f"Hint {number}: {line}" for line in paragraphs(hint)]
    return lines


def question_lines(question: QuestionView) -> list[str]:
    """The choices, each a line that begins with its letter, and how to answer."""
    lines = [f"{choice.letter}: {' '.join(paragraphs(choice.text))}" for choice in (*question.left, *question.choices)]
    unit = f" in {question.unit}" if question.unit else ""
    return [*lines, _KINDS.get(question.kind, "Type your answer.").format(unit=unit)]


def feedback_lines(item: Feedback, title: str) -> list[str]:
    """How a step ended: right or not, the points, what the guide says to it, and the clause."""
    points = f", {item.score} of {many(item.max_score, 'point')}" if item.max_score and item.good is not None else ""
    head = {True: "Right" if item.max_score else "Done", False: "Not so"}.get(item.good, "")
    lines = [f"{head}{points}: {said(title)}"] if head else []
    for text in (item.text, item.after):
        lines += paragraphs(text)
    if item.rfc:
        clause = item.rfc if item.rfc.upper().startswith("RFC") else f"RFC {item.rfc}"
        lines.append(f"See {clause}.")
    return lines


def status_line(view: SessionView) -> str:
    """The clock, both states, and what will happen next."""
    hidden = "state" in {variable_key(name) for name in view.guide.hide}
    states = ", ".join(f"{host.name} {'is hidden' if hidden else state_of(host)}" for host in view.hosts)
    ahead = "" if view.guide.question is not None else \
        " Nothing more will happen by itself." if view.awaiting.startswith("a command") else f" Next: {view.awaiting}."
    return f"Time stands at {seconds(view.t)}: {states}.{ahead}"


def state_of(host: Any) -> str:
    """The state of a host's newest connection, also of one that is gone; with none ever, LISTEN or CLOSED."""
    if host.newest is None:
        return "LISTEN" if host.listening else "CLOSED"
    return f"{host.newest.tcb.state}{' (gone)' if host.newest.tcb.gone else ''}"


def where_lines(session: Any) -> list[str]:
    """Both hosts with their variables, the link, what is on it."""
    view = session.view()
    guide, env = view.guide, session.env()
    hidden = {variable_key(name) for name in guide.hide}
    wanted = None if guide.show is None else {variable_key(name) for name in guide.show}
    lines = [status_line(view)]
    for host in view.hosts:
        ports = ", ".join(str(port) for port, _, _ in host.listening)
        lines.append(f"{host.name} has the address {host.address}{f' and listens on port {ports}' if ports else ''}.")
        if host.newest is not None and host.newest.tcb.gone:
            lines.append(f"The connection of {host.name} is gone; these are its last values.")
        for key, row in VARIABLES.items():
            if key == "state" or (wanted is not None and key not in wanted):
                continue
            text = "hidden while the question is open" if key in hidden else value_text(env, host.name, key)
            lines += [f"{host.name} {row.rfc}: {text}."] if text else []
    return [*lines, *link_lines(view), *_flying(view)]


def link_lines(view: SessionView) -> list[str]:
    """What the link does, a line a direction."""
    lines = []
    for way in view.link.directions:
        words = [f"delay {format_time(way.delay, ' ')}"]
        words += [f"{name} {format_percent(getattr(way, name))}" for name in ("loss", "reorder", "duplicate", "corrupt")
                  if getattr(way, name)]
        words += [f"rate {format_rate(way.rate)}"] if way.rate else []
        words += [] if way.up else ["DOWN"]
        lines.append(f"The link from {way.src} to {way.dst}: {', '.join(words)}.")
    lines += [f"A rule waits: {rule}." for rule in map(str, view.link.rules)]
    return [*lines, *(["The link holds every segment."] if view.link.holding else [])]


def _flying(view: SessionView) -> list[str]:
    return [f"#{flight.record.id} is on the link." for flight in view.in_flight]


def steps_lines(guide: GuideView) -> list[str]:
    """All steps with what became of them."""
    words = {"todo": "to come", "open": "here", "done": "done", "wrong": "wrong", "skipped": "skipped",
             "waiting": "waits for the run"}
    lines = []
    for number, step in enumerate(guide.steps, 1):
        settled = step.max_score and step.status in ("done", "wrong", "skipped")
        points = f", {step.score} of {many(step.max_score, 'point')}" if settled else ""
        lines.append(f"Step {number}, {words.get(step.status, step.status)}{points}: {said(step.title)}")
    return [*lines, score_line(guide)] if guide.steps else ["This lab has no steps."]


def score_line(guide: GuideView) -> str:
    """The points so far."""
    return f"Score: {guide.score} of {many(guide.max_score, 'point')}."


def end_lines(session: Any) -> list[str]:
    """The last page: score, what passing means, where the recording is and how it is graded."""
    guide, path = session.view().guide, session.recording_path
    lines = ["", f"The end of {guide.lab_title}.", score_line(guide)]
    if guide.max_score and guide.score >= guide.max_score:
        lines.append("Passed, with full marks.")
    elif guide.max_score:
        lines.append(f"Not passed yet: the grader wants all {guide.max_score} points unless your teacher says "
                     "otherwise.")
        lines += [f"Points were lost at step {number}: {step.title}, {step.score} of {step.max_score}."
                  for number, step in enumerate(guide.steps, 1) if step.score < step.max_score]
    if path is None:
        return [*lines, "This session was not recorded."]
    lab = opening.lab_words(session, guide.lab_id)
    return [*lines, "To hand in, give this file:", f"  {path}", "It is graded by:",
            f"  {opening.program()} grade {lab} {shlex.quote(str(path))}"]


def compare_lines(session: Any, name: str) -> list[str]:
    """This future beside another one: where they part, and what came of each. Raises ValueError for an unknown name."""
    from tcplab.front.compare import Comparison

    found = Comparison(session, [host.name for host in session.view().hosts])
    if name:
        found.choose(found.names.index(name) - found.chosen)
    while not found.read():
        pass
    runs = (found.here, found.there)
    lines = [f"{found.here.name}, this one, beside {found.there.name}.", "They part here:"]
    lines += [f"{run.name}: {found.difference(run)}" for run in runs]
    figures = zip(*(run.figures(found.hosts) for run in runs), strict=True)
    for (label, mine), (_, theirs) in figures:
        same = "both " + mine if mine == theirs else f"{found.here.name} {mine}, {found.there.name} {theirs}"
        lines.append(f"{label}: {same}.")
    return lines


def what_lines(word: str) -> list[str]:
    """One word of the glossary."""
    key = variable_key(word.strip())
    row = VARIABLES.get(key)
    if row is None:
        names = ", ".join(row.rfc for row in VARIABLES.values())
        return [f"{inline(word)} is not in the list of words. These are: {names}."]
    return [f"{row.rfc}: {said(row.text)} {row.clause}."]
