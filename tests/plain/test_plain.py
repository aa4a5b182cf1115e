"""The laboratory as a dialogue in lines: whole labs from a pipe, every word, no cursor."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tcplab.front import opening
from tcplab.plain import dialogue, walk, words
from tcplab.session.player import play_recording
from tcplab.session.recording import read_recording
from tests.plain.pupil import Talked, by_solution, opened
from tests.tui.test_novice import played_to

ROOT = Path(__file__).resolve().parents[2]
LESSONS = ("handshake", "data", "loss", "window", "teardown")


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path))


def piped(lines: str, *arguments: str, **env: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "tcplab", *arguments], input=lines.encode(), capture_output=True,
                          check=False, cwd=ROOT, env=os.environ | {"TERM": "dumb", "PYTHONPATH": str(ROOT)} | env)


@pytest.mark.parametrize("lab", LESSONS)
def test_every_lesson_is_played_by_its_solution_to_full_marks(lab):
    talked = by_solution(lab, 2)
    guide = talked.session.view().guide
    assert guide.score == guide.max_score > 0
    assert "Passed, with full marks." in talked.text and f"Score: {guide.score} of" in talked.text
    assert all(line.isprintable() for line in map(words.safe, talked.said))
    assert not [line for line in talked.said if "**" in line or "[[" in line or "{{" in line]
    # It does not speak of what only a screen has.
    assert not re.search(r"\b(panes?|badges?|ladder|space bar)\b", talked.text)


def test_what_a_question_hides_is_not_told():
    session = played_to("sequence", "ledger")
    hidden = [str(host.newest.tcb.snd_nxt) for host in session.view().hosts]
    talked = Talked(session)
    told = talked.hear("where", "more", "more", "log", "more", "why", "why #10", "compare", "again", "help branches")
    assert not any(number in talked.text for number in hidden)
    assert "#10 DATA" in told and told.count("hides the numbers") == 3
    assert any(number in talked.hear("skip", "log", "last") for number in hidden)


def test_a_whole_lab_through_a_pipe_gives_a_hand_in_with_full_marks(tmp_path):
    typed = by_solution("handshake", 7).typed
    record = tmp_path / "hand-in.jsonl"
    lines = "\n".join([*typed, "q"]) + "\n"
    done = piped(lines, "open", "handshake", "--plain", "--seed", "7", "--record", str(record))
    out = done.stdout.decode()
    assert done.returncode == 0 and done.stderr == b""
    assert "Passed, with full marks." in out and "\x1b" not in out and "\r" not in out and "\b" not in out
    recording = read_recording(record)
    assert recording.complete
    guide = play_recording(recording, opening.open_session("handshake", 7).lab).guide
    assert guide.score == guide.max_score


def test_the_end_of_the_input_keeps_everything_and_resume_goes_on():
    first = piped("next\n1\n", "open", "handshake", "--plain", "--seed", "3")
    assert first.returncode == 0 and "Step 3 of" in first.stdout.decode()
    second = piped("q\n", "resume", "--plain")
    out = second.stdout.decode()
    assert second.returncode == 0 and "Step 3 of" in out and "Time stands at 0.000 s: client SYN-SENT" in out


def test_home_lists_the_labs_by_number_and_opens_them():
    done = piped("2\nq\n", "--plain")
    out = done.stdout.decode()
    assert done.returncode == 0 and "1. The three-way handshake." in out and "Seed" in out
    # Back home a lab that was begun goes on; an unknown one is refused.
    out = piped("77\nnew 1\nnext\nq\n", "--plain").stdout.decode()
    assert "There is no lab 77" in out
    assert "1. The three-way handshake. Begun: it goes on" in piped("q\n", "--plain").stdout.decode()


def test_home_tells_and_resets_what_was_reached(tmp_path):
    from tcplab.plain.home import Home

    session = opening.open_session("handshake", seed=4)
    session.execute("next; client connect server 80")
    opening.keep_progress(session)
    opening.end_recording(session)
    home, told = Home(), []

    def hear(*lines: str) -> str:
        told.clear()
        for line in lines:
            assert home.hear(line, told.append) is None
        return "\n".join(told)

    listed = hear("list")
    assert "Chapter: Opening." in listed and "(handshake)" in listed and "2 of 21 changes of state" in listed
    assert "CLOSED to SYN-SENT" in hear("states").split("Still")[0]
    assert "It builds on The three-way handshake: not finished" in hear("about handshake-loss")
    assert "once more forgets" in hear("reset 1") and "reset. Its recordings are kept" in hear("reset 1")
    assert "Nothing was reached yet" in hear("reset handshake") and "Begun" not in hear("list")
    assert "once more" not in hear("reset 99") and all(line.isprintable() for line in told)


def test_the_language_may_stand_behind_the_command():
    assert "Der Drei-Wege-Handshake" in piped("", "open", "handshake", "--lang", "de", "--plain").stdout.decode()


def test_an_ascii_terminal_gets_ascii_and_bad_input_harms_nothing():
    done = subprocess.run([sys.executable, "-m", "tcplab", "open", "sandbox", "--plain"], capture_output=True,
                          input=b"\xff\xfe\x1b[2J\nserver listen 80\nwhat \x1b[31m\n", check=False, cwd=ROOT,
                          env=os.environ | {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)})
    assert done.returncode == 0 and done.stderr == b""
    assert done.stdout.isascii() and b"\x1b" not in done.stdout and b"Not understood" in done.stdout


def test_the_dialogue_needs_no_textual():
    code = ("import sys; sys.argv = ['tcplab', 'open', 'sandbox', '--plain']\n"
            "from tcplab.cli import cli\n"
            "try: cli.main(sys.argv[1:])\n"
            "except SystemExit as end: assert not end.code, end.code\n"
            "print('heavy:', [m for m in ('textual', 'rich', 'scapy', 'networkx', 'asyncio') if m in sys.modules])\n")
    done = subprocess.run([sys.executable, "-c", code], input=b"server listen 80\n1\n", capture_output=True,
                          check=False, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert done.stdout.decode().splitlines()[-1] == "heavy: []", done.stderr


def test_the_screen_names_the_way_without_it():
    done = piped("", "open", "handshake")
    assert done.returncode == 2 and "--plain" in done.stderr.decode()


def test_errors_of_opening_have_their_exit_codes(tmp_path):
    assert piped("", "open", "nothing", "--plain").returncode == 2
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{}\n")
    done = piped("", "resume", str(bad), "--plain")
    assert done.returncode == 4 and "not a recording" in done.stderr.decode()


def test_a_segment_is_one_line_with_its_fate():
    talked = opened("sandbox")
    out = talked.hear("server listen 80; link drop next client ACK; client connect server 80")
    lines = [line for line in out.splitlines() if "Flags" in line]
    assert "0.000 s  #1 SYN arrived at 0.050 s" in lines[0] and "Flags [S]" in lines[0]
    assert "#3 ACK LOST on the link" in lines[2]
    assert out.count("#2 SYN-ACK arrived") == 1 and "Time stands at" in out
    assert "retransmission timer" in out and "client ESTABLISHED, server ESTABLISHED" in out.splitlines()[-1]


def test_what_is_under_way_is_told_when_it_arrives():
    talked = opened("sandbox")
    talked.hear("server listen 80; client connect server 80; client send 100")
    out = talked.hear("client send 10; run 10ms")
    assert "DATA on its way" in out
    out = talked.hear("run until idle")
    assert "DATA arrived." in out and out.count("Flags") == 1
    held = talked.hear("link hold on; client send 10")
    assert "DATA held on the link" in held
    number = held.split("#")[1].split()[0]
    assert talked.session.now < 10**9, "time must not run away while the learner decides"
    assert f"#{number} DATA arrived." in talked.hear(f"link deliver #{number}", "link hold off", "run until idle")


def test_long_answers_come_in_pages():
    talked = opened("sandbox")
    talked.hear("server listen 80; client connect server 80")
    out = talked.hear("client send 4kB")
    told = out.count("Flags")
    assert "more lines: type more" in out and "more, ? help" in talked.dialogue.prompt()
    while "type more" in out:
        out = talked.hear("more")
        told += out.count("Flags")
    assert told == len(talked.dialogue.news.story.entries) - 3
    assert "There is no more." in talked.hear("more") and "There is no more." in talked.hear("last")
    out = talked.hear("client send 9kB")
    assert "or last for the end" in out
    out = talked.hear("last")
    newest = len(talked.dialogue.news.story.entries)
    assert f"#{newest} ACK" in out and out.count("Flags") == dialogue.PAGE and "more" not in talked.dialogue.prompt()
    assert talked.hear("help link").count("link ") > 5


def test_every_word_of_the_dialogue_answers():
    talked = opened("handshake", 3)
    talked.hear("", "1")
    for word, proof in {"?": "more goes on with it", "where": "client ISS: ", "steps": "Step 1, done", "again":
                        "Which ACK number", "log": "1 segment up to", "log server ACK": "0 segments", "log foo":
                        "Not understood", "what cwnd": "network's sake", "what xyz": "is not in the list", "why #1":
                        "SYN opens the connection", "hint": "Hint: An ACK", "branches": "main"}.items():
        assert proof in talked.hear(word), word
    assert talked.hear("").count("\n") == 0
    assert "Refused" in talked.hear("run 1s") and talked.session.question_open()
    assert "costs 1 point" in talked.dialogue.prompt()


def test_answers_are_typed_as_they_are_and_choices_by_letter_or_number():
    talked = opened("handshake", 3)
    talked.hear("", "1", "soon")
    assert talked.session.question_open() and "Not taken: 'soon'" in talked.text
    iss = talked.session.view().hosts[0].newest.tcb.iss
    assert "The run will tell." in talked.hear(str(iss + 1))
    question = talked.session.view().guide.question
    assert question.kind == "choice" and "d: From" in talked.text
    talked.hear("3")
    own = next(step for step in talked.session.lab.steps if step.id == "own")
    assert talked.session.guide.progress[own.id].asked.literal == question.choices[2].letter
    out = talked.hear("1")
    assert "Right, 2 of 2 points" in out


def test_states_are_not_given_away_while_they_are_asked():
    from tests.session.test_guide import HEAD, open_lab

    talked = Talked(open_lab(HEAD + """
steps:
  - {id: go, task: 'Connect: [[client connect server 80]]', goal: client.state == 'SYN-SENT'}
  - {id: which, ask: Which state?, hide: [state], choices: [{right: true, text: one}, {text: two, why: no}]}
"""))
    out = talked.hear("1")
    assert "SYN-SENT" not in out and "client is hidden" in out
    assert "hidden" in talked.hear("where") and "SYN-SENT" not in talked.hear("where")


def test_the_letters_of_the_screen_work_where_no_answer_is_asked():
    talked = opened("handshake", 3)
    talked.hear("n", "c")
    assert talked.session.question_open() and talked.session.view().hosts[0].newest.tcb.state == "SYN-SENT"
    talked = opened("sandbox")
    talked.hear("l", "x", "c", "s", "b")
    assert "#1 SYN LOST on the link" in talked.text


def test_a_command_turns_the_page_and_a_question_behind_it_comes_first():
    from tests.session.test_guide import HEAD, open_lab

    talked = Talked(open_lab(HEAD + """
steps:
  - {id: hi, say: Welcome.}
  - {id: why, ask: Why?, choices: [{right: true, text: one}, {text: two, why: no}]}
  - {id: bye, say: Bye.}
  - {id: go, task: Connect., goal: server.state == 'ESTABLISHED'}
"""))
    out = talked.hear("client connect server 80")
    assert out.index("Why?") < out.index("The next step asks first. Not given: client connect server 80")
    talked.hear("1")
    assert "Step 4 of 4, a task" in talked.hear("client connect server 80; run 60ms")
    assert [choice.command for choice in talked.dialogue.menu()] == ["run until idle", "reset"]


def test_an_interrupt_stops_a_run_or_says_how_to_leave_and_nothing_else():
    import signal

    from tcplab.plain.app import Lines, Talk

    class Source:
        lines = iter([KeyboardInterrupt, "server listen 80\n", ""])

        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            line = next(self.lines)
            if line is KeyboardInterrupt:
                talk.interrupt(signal.SIGINT, None)
            return line

    class Target:
        encoding, text = "utf-8", ""

        def isatty(self) -> bool:
            return False

        def flush(self) -> None: ...

        def write(self, text: str) -> None:
            # An interrupt while something is being said is not to lose the rest of it.
            talk.interrupt(signal.SIGINT, None) if not talk._listening else None
            self.text += text

    target = Target()
    talk = Talk(Lines(Source(), target), 1, None)
    assert talk.lab(opening.open_session("sandbox", 1)) == "quit"
    assert "q leaves; everything is kept." in target.text and "1 client connect server 80" in target.text


def test_time_goes_back_and_that_is_said():
    talked = opened("sandbox")
    talked.hear("server listen 80; client connect server 80")
    out = talked.hear("back")
    assert "Time went back." in out and "Flags" not in out
    assert "#3 ACK arrived." in talked.hear("run until idle")


def test_two_futures_are_compared_in_lines():
    talked = opened("sandbox")
    assert "one future so far" in talked.hear("compare")
    talked.hear("server listen 80; client connect server 80", "link drop next server ACK; client send 100")
    talked.hear("back to loss", "back", "link clear", "run until idle")
    out = talked.hear("compare")
    assert "main, this one, beside try1." in out and "lost on the link: main 0, try1 1." in out
    assert "main: 0.150 s  The link is made perfect" not in out and "The link is made perfect" in out
    assert "server: bytes in order: both 100." in out
    assert "There are: try1." in talked.hear("compare nothing") and "beside try1" in talked.hear("compare try1")


def test_a_runaway_ends_by_itself_or_by_an_interrupt(monkeypatch):
    monkeypatch.setattr(walk, "MOST_RUN", 2000)
    talked = opened("sandbox")
    talked.hear("client set profile modern; server set profile modern; server listen 80; client connect server 80")
    out = talked.hear("client send 10GB")
    assert "long run" in out and "more lines" in out
    said = talked.dialogue.walk.say
    talked.dialogue.walk.clock = iter(range(0, 10**15, 10**10)).__next__

    def interrupt(line: str) -> None:
        said(line)
        talked.dialogue.walk.interrupted = True

    talked.dialogue.walk.say = interrupt
    out = talked.hear("seek 1000s")
    assert "Still running: 256 steps" in out and "You stopped time" in out and talked.session.now < 10**12


def test_a_task_that_cannot_be_reached_any_more_says_so():
    from tests.session.test_guide import CONNECTED, open_lab

    talked = Talked(open_lab(CONNECTED + """
steps:
  - {id: go, task: Send, goal: server.bytes_received >= 1, never: [client RST]}
"""))
    out = talked.hear("client abort")
    assert "can no longer be reached" in out and talked.dialogue.menu()[0].command == "reset"
    talked.hear("1", "client send 1")
    assert talked.session.view().guide.phase == "finished"


@pytest.mark.parametrize("text, lines", [
    ("Use [[client close]] and **watch** `SND.NXT`,\nplease.", ['Use "client close" and watch "SND.NXT", please.']),
    ("- one\n  more\n- two\n\n1. *first*", ["- one more", "- two", "1. first"]),
    ("# Head\n```\n a  b\n```\nend", ["Head", "   a  b", "end"]),
    ("*with `code` in it*", ['with "code" in it']),
    ("It says *next, I expect N*, a *phrase*.", ['It says "next, I expect N", a phrase.']),
    ("", []),
])
def test_markdown_becomes_lines(text, lines):
    assert words.paragraphs(text) == lines


def test_what_is_printed_is_safe():
    assert words.safe("a\x1b[31mb\u202e") == "a?[31mb?"
    assert words.safe("naïve → ✗", True) == "nai?ve to "
    assert dialogue.PAGE > 5
