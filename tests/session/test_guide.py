"""The guide: steps that begin and end, questions that stop time, predictions judged by the run, and honest points."""

from __future__ import annotations

import pytest

from tcplab.lab.loader import read_lab
from tcplab.session.player import play_recording
from tcplab.session.recording import parse_recording
from tcplab.session.session import Session

HEAD = "tcplab: 1\nid: t\ntitle: T\nprofile: first-lessons\nhosts: {server: {listen: 80, app: sink}}\n"
CONNECTED = HEAD + "start: [client connect server 80, run until idle]\n"


def open_lab(text: str, seed: int = 1) -> Session:
    return Session(read_lab(text), seed)


def do(s: Session, *lines: str) -> Session:
    for line in lines:
        for outcome in s.execute(line):
            assert outcome.ok, outcome
    return s


def status(s: Session) -> dict[str, str]:
    return {plan.id: progress.status for plan, progress in s.guide.progress_items()}


def feedback(s: Session, step: str):
    return next(f for f in s.view().guide.feedback if f.step_id == step)


PREDICT = HEAD + """
steps:
  - {id: hi, say: Welcome.}
  - {id: go, task: 'Connect: [[client connect server 80]]', goal: client.state == 'SYN-SENT'}
  - id: guess
    ask: The client chose {{client.iss}}. Which ACK comes back?
    about: server SYN-ACK
    answer: seg.ack
    wrong: {client.iss: The SYN takes one number., else: It is the next number.}
    after: One more than the SYN's number.
    rfc: 9293 3.4
    points: 4
  - {id: up, task: Let time run., goal: server.state == 'ESTABLISHED', points: 1}
"""


def test_a_prediction_is_asked_while_time_stands_and_judged_by_the_run():
    s = do(open_lab(PREDICT), "next", "client connect server 80")
    assert s.question_open() and s.now == 0
    guide = s.view().guide
    iss = s.view().hosts[0].newest.tcb.iss
    assert str(iss) in guide.text and guide.question.prediction
    for refused in ("run 1s", "step", "seek 1s", "back", "client send 5", "link loss 5%", "run until idle", "reset"):
        outcome, = s.execute(refused)
        assert not outcome.ok and "time stands still" in outcome.message, refused
    assert not s.advance_one() and s.now == 0
    do(s, f"answer {iss + 1}", "run until idle")
    assert status(s) == {"hi": "done", "go": "done", "guess": "done", "up": "done"}
    assert (s.guide.score, s.guide.phase) == (5, "finished")
    verdict = s.guide.progress["guess"].verdict
    assert verdict.expected == str(iss + 1) and verdict.segments == (2,) and verdict.at == 50_000_000


def test_a_typical_wrong_answer_is_told_why_and_gets_no_second_try():
    s = do(open_lab(PREDICT), "next", "client connect server 80")
    iss = s.view().hosts[0].newest.tcb.iss
    do(s, f"answer {iss}")
    assert not s.execute(f"answer {iss + 1}")[0].ok
    do(s, "run until idle")
    told = feedback(s, "guess")
    assert told.good is False and told.text == "The SYN takes one number." and told.after and told.rfc == "9293 3.4"
    assert s.guide.score == 1
    do(s, "reset guess", "run until idle")
    assert status(s)["guess"] == "wrong" and s.guide.score == 1, "going back never reopens an answer"


def test_a_malformed_answer_uses_up_no_try():
    s = do(open_lab(PREDICT), "next", "client connect server 80")
    assert not s.execute("answer lots")[0].ok and s.question_open()


def test_a_run_ends_at_a_question():
    text = CONNECTED + """
steps:
  - {id: half, task: Close., goal: client.state == 'FIN-WAIT-2'}
  - {id: q, ask: What now?, answer: server.rcv_nxt, points: 1}
  - {id: rest, task: Rest., goal: now > 0s}
"""
    s = open_lab(text)
    outcomes = s.execute("client close; run until idle")
    assert outcomes[-1].stopped == "question" and s.question_open()
    assert not s.execute("run 1s")[0].ok


def test_see_wants_its_matches_in_order_and_never_forbids():
    text = CONNECTED + """
steps:
  - id: order
    task: Data, then an ACK that is lost.
    see: [client DATA, server ACK lost]
    never: [RST]
    points: 3
"""
    s = do(open_lab(text), "link drop next server ACK", 'client send "x"', "run until idle")
    assert status(s)["order"] == "done" and s.guide.progress["order"].verdict.segments == (4, 5)
    s = do(open_lab(text), "client abort", "run until idle")
    assert status(s)["order"] == "open" and "RST" in s.view().guide.blocked
    do(s, "reset", "link drop next server ACK", 'client send "x"', "run until idle")
    assert status(s)["order"] == "done" and s.view().guide.blocked == ""


FROM = CONNECTED + """
steps:
  - {id: one, task: Send., goal: server.bytes_received == 5, mark: sent}
  - {id: two, task: Close both., goal: server.gone}
  - {id: again, from: sent, do: [link drop next ACK from client], task: Again., goal: server.segments_retransmitted > 0,
     points: 2}
  - {id: life, ask: When is the client gone?, about: client.gone, answer: now, unit: s, points: 3}
  - {id: end, from: start, task: Send again., goal: server.bytes_received == 7, points: 1}
"""


def test_the_same_situation_twice():
    s = do(open_lab(FROM), 'client send "hello"', "run until idle")
    at = s.guide.marks["sent"]
    do(s, "client close; run until idle; server close; run until idle")
    assert s.guide.phase == "pending" and s.view().guide.step_id == "again"
    do(s, "next")
    assert s.now == at.point.t and s.view().hosts[1].newest.tcb.state == "ESTABLISHED" and s.view().link.rules
    do(s, "client close; run until idle")
    do(s, "server close")
    assert s.execute("run until idle")[-1].stopped == "question"


def test_a_prediction_whose_path_is_left_is_judged_on_a_copy_that_runs_on():
    s = do(open_lab(FROM), 'client send "hello"', "run until idle")
    do(s, "client close; run until idle; server close; run until idle", "client close; run until idle; server close")
    do(s, "run until idle", "answer 62.55 s")
    assert status(s)["life"] == "waiting"
    do(s, "next")
    assert status(s)["life"] == "done", s.guide.progress["life"].verdict
    do(s, 'client send "hello"', 'client send "!!"', "run until idle")
    assert s.guide.phase == "finished" and s.guide.score == 6


def test_a_page_is_turned_by_itself_and_the_recording_says_so(tmp_path):
    path = tmp_path / "r.jsonl"
    lab = read_lab(PREDICT)
    s = Session.open(lab, 3, record=path)
    do(s, "client connect server 80", "answer 5", "run until idle")
    s.close()
    recording = parse_recording(path.read_bytes())
    assert [line.cmd for line in recording.lines if line.cmd][:2] == ["next", "client connect server 80"]
    again = play_recording(recording, lab)
    assert again.trace_sha256() == s.trace_sha256() and again.guide.score == s.guide.score


CHOICE = CONNECTED + """
steps:
  - id: c
    ask: Which?
    choices:
      - {right: true, text: Yes it is}
      - {text: No, why: Because so.}
      - {text: Perhaps, why: Not quite.}
    points: 4
    hints: [Think., {text: It is short., cost: 1}, {text: It is yes., cost: 2}]
"""


def test_choices_are_shuffled_by_the_seed_and_explained():
    orders = {tuple(c.text for c in open_lab(CHOICE, seed).view().guide.question.choices) for seed in range(12)}
    assert len(orders) > 2
    s = open_lab(CHOICE)
    letter = next(c.letter for c in s.view().guide.question.choices if c.text == "Perhaps")
    do(s, f"answer {letter}")
    assert feedback(s, "c").text == "Not quite." and s.guide.score == 0


def test_hints_come_in_order_and_cost_what_they_say():
    s = open_lab(CHOICE)
    guide = s.view().guide
    assert (guide.hints, guide.hints_left, guide.hint_cost) == ((), 3, 0)
    do(s, "hint", "hint")
    assert s.view().guide.hints == ("Think.", "It is short.") and s.view().guide.hint_cost == 2
    letter = next(c.letter for c in s.view().guide.question.choices if c.text.startswith("Yes"))
    do(s, f"answer {letter}")
    assert s.guide.score == 3 and not s.execute("hint")[0].ok


def test_skip_leaves_a_step_without_its_points():
    s = do(open_lab(CHOICE), "skip")
    assert status(s) == {"c": "skipped"} and s.guide.score == 0 and s.guide.phase == "finished"
    assert not s.execute("skip")[0].ok and not s.execute("next")[0].ok


def test_kept_values_fill_later_texts():
    text = CONNECTED + """
steps:
  - id: a
    task: Close.
    goal: client.state == 'FIN-WAIT-2'
    keep: {left: when(client.state == 'FIN-WAIT-1'), una: client.snd_una}
  - {id: b, say: 'It left at {{left}}.'}
"""
    s = do(open_lab(text), "run 1s", "client close; run until idle")
    assert s.view().guide.text == "It left at 150 ms."


def test_show_and_hide_name_variables():
    text = CONNECTED + """
show: [state, snd.nxt]
steps:
  - {id: a, ask: How much?, answer: client.cwnd, show: [cwnd], hide: [snd.nxt]}
  - {id: b, say: Done.}
"""
    s = open_lab(text)
    assert s.view().guide.show == {"state", "snd_nxt", "cwnd"} and s.view().guide.hide == {"snd_nxt"}
    do(s, "answer 3")
    assert s.view().guide.hide == frozenset()


def test_back_keeps_what_was_achieved():
    s = do(open_lab(PREDICT), "next", "client connect server 80")
    iss = s.view().hosts[0].newest.tcb.iss
    do(s, f"answer {iss + 1}", "run until idle", "back 3")
    assert s.guide.score == 5
    do(s, "run until idle")
    assert s.guide.score == 5


@pytest.mark.parametrize("kind, answer, right", [
    ("order: [SYN, 'SYN,ACK', ACK]", None, True),
    ("match: {SYN: opens, FIN: closes}", None, True),
    ("words: true", "because", True),
])
def test_the_other_kinds_of_answer(kind, answer, right):
    from tcplab.lab.answers import right_answer

    s = open_lab(CONNECTED + f"steps:\n  - {{id: q, ask: What?, {kind}}}\n")
    plan = s.guide.plan
    do(s, "answer " + (answer or right_answer(plan.question, None, s.seed, plan.id)))
    assert (status(s)["q"] == "done") is right


def test_a_step_that_must_not_be_skipped_is_not():
    s = open_lab(CONNECTED + "steps:\n  - {id: q, ask: 'How many?', answer: '3', skippable: false}\n")
    outcome, = s.execute("skip")
    assert not outcome.ok and s.question_open()


def test_a_prediction_as_the_last_step_waits_for_the_wire():
    text = HEAD + """
steps:
  - {id: go, task: Connect., goal: client.state == 'SYN-SENT'}
  - {id: guess, ask: Which ACK?, about: server SYN-ACK, answer: seg.ack, points: 2}
"""
    s = do(open_lab(text), "client connect server 80", "answer 5")
    assert s.guide.phase == "finished" and status(s)["guess"] == "waiting"
    do(s, "run until idle")
    assert status(s)["guess"] == "wrong" and feedback(s, "guess").good is False
    s = do(open_lab(text), "client connect server 80", "answer 5")
    s.close()
    assert status(s)["guess"] == "wrong", "at the end of the session a copy runs on"


def test_an_answer_in_quotes_is_one_text():
    s = open_lab(CHOICE)
    outcome, = s.execute('answer "a; hint"')
    assert not outcome.ok and s.question_open() and s.view().guide.hints == ()


def test_a_right_answer_of_which_the_lab_says_nothing_is_said_as_a_sentence():
    session = open_lab(HEAD + "steps:\n  - id: a\n    ask: How much?\n    points: 1\n"
                       "    answer: 2000 + 2000\n    unit: kB\n"
                       "  - id: b\n    ask: Which?\n    points: 1\n    choices:\n"
                       "      - {text: That one., right: true}\n      - {text: This one., why: No.}\n"
                       "  - id: c\n    ask: More?\n    answer: 4\n    after: Because.\n    points: 1\n")
    said = []
    for literal in ("4", None, "4"):
        letters = {choice.text: choice.letter for choice in session.view().guide.question.choices}
        session.execute(f"answer {literal or letters['That one.']}")
        said.append((session.view().guide.feedback[-1].text, session.view().guide.feedback[-1].after))
    assert said == [("It is 4000 B.", ""), ("It is so: That one.", ""), ("", "Because.")]


def test_a_step_is_named_by_its_number_too():
    opened = []
    for name in ("3", "knock"):
        session = Session.open("resets", seed=3)
        session.execute("next; skip; next; skip; next")
        assert session.execute(f"reset {name}")[0].ok
        opened.append((session.guide.plan.id, session.timeline.n))
    assert opened[0] == opened[1] and opened[0][0] == "knock"
    (outcome,) = session.execute("reset 99")
    assert not outcome.ok and "its number, 1 to " in outcome.message
