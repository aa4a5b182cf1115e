"""Lab files: what is read, and that every fault has its line, column and cure."""

import re
from pathlib import Path

import pytest

from tcplab.lab import LabError, LabNotFound, lint_file, list_labs, load_lab, read_lab
from tcplab.lab.loader import find_lab, lab_ids, labs_dir, lint_text
from tcplab.notation import Expr, Match

from .samples import SMALL, checker, faults, place

S = 10**9


def test_a_whole_lab():
    lab = read_lab(SMALL, "small.yaml", checker)
    assert (lab.id, lab.profile, lab.minutes, lab.needs, lab.ip) == ("small", "rfc", 3, ("handshake",), 4)
    assert lab.show == {"state", "snd_nxt", "ladder"}
    client, server = lab.hosts
    assert client.name == "client" and client.listen == () and client.knobs == ()
    assert (server.listen, server.app, server.reading) == ((80,), "sink", False)
    assert dict(server.knobs) == {"mss": 500, "msl": 10 * S, "nagle": True, "cwnd": 4096}
    there, back = lab.link
    assert (there.src, there.delay, there.loss, there.rate) == ("client", 50_000_000, 50_000, 0)
    assert (back.src, back.delay, back.loss, back.rate, back.limit) == ("server", 70_000_000, 50_000, 10**7, 20)
    assert lab.max_score == 6
    assert [step.kind for step in lab.steps] == ["say", "task", "ask", "task"]
    task, number = lab.steps[1], lab.steps[2]
    assert isinstance(task.goal, Expr) and [m.text for m in task.see] == ["client FIN", "server ACK"]
    assert task.never[0].word == "RST" and task.mark == "closed" and task.title == "Open"
    assert task.text.commands == ("client close",)
    assert [hint.cost for hint in task.hints] == [0, 1]
    assert task.keep[0][0] == "began" and task.keep[0][1].whens
    assert number.from_ == "closed" and isinstance(number.about, Match) and number.question.prediction
    assert number.question.kind == "number" and number.question.otherwise
    assert task.solution == ("client close", "run until idle")
    assert lab.step("who").challenge
    with pytest.raises(KeyError):
        lab.step("nobody")


@pytest.mark.parametrize(
    ("old", "new", "needle", "words"),
    [
        ("tcplab: 1", "tcplab: 2", "2", "newer tcplab"),
        ("title: A small", "titel: A small", "titel", "Did you mean 'title'"),
        ("minutes: 3", "minutes: three", "three", "whole number"),
        ("id: small", "id: Small Lab", "Small Lab", "small letters"),
        ("profile: rfc", "profile: rcf", "rcf", "Did you mean 'rfc'"),
        ("delay: 50ms", "delay: 50", "50,", "unit"),
        ("loss: 5%", "loss: 5", "5,", "percent"),
        ("delay: 50ms", "dely: 50ms", "dely", "Did you mean 'delay'"),
        ("server: {delay: 70ms", "srver: {delay: 70ms", "srver", "Did you mean 'server'"),
        ("rate: 10mbit", "rate: 10Mbit", "10Mbit", "mbit"),
        ("listen: 80", "listen: 80000", "80000", "at most 65535"),
        ("app: sink", "app: snik", "snik", "none, sink, echo"),
        ("reading: off", "reading: maybe", "maybe", "on or off"),
        ("client connect server 80", "conect server", "conect", "no command"),
        ("{{client.snd_nxt}}.\n", "{{client.snd_next}}.\n", "snd_next", "Did you mean 'snd_nxt'"),
        ("{{client.snd_nxt}}.\n", "{{client.snd_nxt}.\n", "{{client", "not closed"),
        ("[[client close]]", "[[clent close]]", "clent close", "no command"),
        ("client.state == 'FIN-WAIT-1'", "clint.state == 'FIN-WAIT-1'", "clint", "client.state"),
        ("client.state == 'FIN-WAIT-1'", "client.state == 'FIN_WAIT_1'", "'FIN_WAIT_1'", "Did you mean 'FIN-WAIT-1'"),
        ("client.state == 'FIN-WAIT-1'", "when(client.gone)", "when(", "keep"),
        ("[client FIN,", "[clint FIN,", "clint", "Did you mean 'client'"),
        ("never: RST", "never: RSTT", "RSTT", "kind of segment"),
        ("hints: [Think.,", "hints: [77,", "77,", "mapping"),
        ("cost: 1", "price: 1", "price", "cost"),
        ("mark: closed", "marks: closed", "marks", "Did you mean 'mark'"),
        ("from: closed", "from: closd", "closd", "Did you mean 'closed'"),
        ("answer: seg.ack", "answer: seg.akc", "akc", "Did you mean 'ack'"),
        ("answer: seg.ack", "answer: seg.ack\n    goal: now > 1s", "goal: now", "belongs to task steps"),
        ("about: server ACK", "about: srver ACK", "srver", "Did you mean 'server'"),
        ("{client.snd_nxt: \"The", "{client.snd_nx: \"The", "snd_nx:", "Did you mean 'snd_nxt'"),
        ("you saw {{client.snd_nxt}}", "you saw {{client.x}}", "x}}", "no 'x'"),
        ("now > began", "now > begun", "begun", "Did you mean 'began'"),
        ("id: number", "id: open", "id: open\n    from", "called 'open' too"),
        ("who: [server close]", "whom: [server close]", "whom", "Did you mean 'who'"),
        ("answer seg.ack]", "answer seg.akc]", "akc]", "Did you mean 'ack'"),
        ("points: 3", "points: -3", "-3", "at least 0"),
        ("Do it alone.", "Do it with [[client close]].", "[[client close]].\n    goal: client.gone", "no commands"),
        ("challenge: true", "challenge: true\n    hints: [No.]", "hints: [No.]", "no hints"),
        ("    goal: client.gone and now > began\n", "", "- id: who", "never be done"),
        ("say: Read this. SND.NXT is {{client.snd_nxt}}.", "says: Read", "says", "Did you mean 'say'"),
        ("say: Read", "points: 1\n    say: Read", "1\n    say", "0"),
        ("show: [state, SND.NXT", "show: [state, SND.NTX", "SND.NTX", "Did you mean 'snd_nxt'"),
        ("keep: {began:", "keep: {now:", "now: when", "meaning"),
        ("rfc: 9293 3.6", "rfc: [9293]", "[9293]", "text"),
        ("title: A small lab", "title: true", "true", "quotes"),
        ("title: A small lab", "title:", "title:", "Nothing stands"),
        ("title: A small lab", "title: A small lab\ntitle: Again", "title: Again", "line 3"),
        ("minutes: 3", "minutes: !!python/object:os.system 3", "!!python", "tags"),
        ("start: [client connect server 80]", "start: [client connect #7 80]", "", "YAML"),
        ("never: RST", "never: link deliver #7", "link deliver", "comment"),
    ],
)
def test_every_fault_has_a_place_and_a_cure(old, new, needle, words):
    assert old in SMALL
    text = SMALL.replace(old, new, 1)
    found = faults(text)
    assert found, "no error"
    assert any(words in message for _, _, message in found), found
    if needle.strip():
        line, column = place(text, needle, {"- id": 2, "id: ": 4}.get(needle[:4], 0))
        near = [(at, col) for at, col, message in found if words in message]
        assert any(at == line and abs(col - column) <= 2 for at, col in near), (found, line, column)
    assert all("pydantic" not in message and "Traceback" not in message for _, _, message in found)


def test_all_faults_are_told_at_once():
    text = SMALL.replace("now > began", "nwo > 1s").replace("server ACK\n", "server AKC\n")
    text = text.replace("[[client close]]", "[[xx]]")
    found = faults(text)
    assert len(found) == 3
    assert found == sorted(found)
    text = SMALL.replace("minutes: 3", "minutes: x").replace("title:", "titel:").replace("cost: 1", "cost: -1")
    assert len(faults(text)) == 3  # nobody is told that title is missing, too


BROKEN = """\
tcplab: 1
id: Bad Lab
titel: A lab
minutes: five
profile: first-lesson
pick: {n: [2, x], m: 5}
link: {delay: 50ms, lose: 5%}
hosts: {server: {listen: eighty, app: sink}}
start: [client conect server 80, run until idle]
steps:
  - id: hello
    says: Look at {{client.snd_nex}}, {{m}} and {{n}}.
  - id: Two Words
    task: Do [[client clse]].
    goal: client.stat == 'CLOSED'
    marc: here
  - id: four
    from: here
    ask: What?
    answer: client.iss + Foo
    keep: {Foo: now}
    wrong: {client.isss: "no"}
    points: -1
  - id: five
    ask: Which?
    choices: [{text: A, rigth: true}, {text: 5, why: [x]}]
  - id: six
    tsk: hm
    gaol: client.gone
  - nothing
  - id: seven
    goal: client.gone and
  - id: eight
    task: go
    see: {a: b}
  - id: nine
    from: ther
    task: go
    see: [client DTA, any]
solution:
  Two Words: [client close]
  four: [answer 5]
  fiv: [answer right]
  six: 5
  nine: [clint close]
"""


def test_one_pass_tells_what_lies_behind_the_first_faults_and_nothing_twice(tmp_path):
    """Structure, expressions, matches, commands and references, each at its place, none of them a consequence."""
    from tcplab.session.labs import command_checker

    path = tmp_path / "broken.yaml"
    path.write_text(BROKEN)
    lab, problems = lint_file(path, command_checker)
    errors = [problem for problem in problems if problem.severity == "error"]
    wanted = ["Bad Lab", "titel", "five", "first-lesson", "x], m", "5}\nlink", "lose", "eighty", "conect", "says",
              "snd_nex", "Two Words", "clse", "stat ==", "marc", "Foo: now", "isss", "-1", "rigth", "[x]", "tsk",
              "gaol", "nothing", "id: seven", "client.gone and", "{a: b}", "ther\n", "DTA", "fiv:",
              "5\n  nine", "clint"]
    assert lab is None and [(problem.line, problem.column) for problem in errors] == \
        [place(BROKEN, needle) for needle in wanted], "\n".join(map(str, errors))
    assert list(problems) == sorted(problems, key=lambda one: (one.line, one.column))
    assert [problem.line for problem in problems if problem.severity == "warning"] == [31, 33]  # without a solution


def test_a_misspelt_key_is_read_as_the_one_that_was_meant():
    for old, new in (("mark: closed", "marks: closed"), ("title: A small", "titel: A small"), ("text: ", "txt: "),
                     ("answer: seg.ack", "anwser: seg.ack"), ("say: Read", "says: Read"), ("id: hello", "ids: hello")):
        assert len(faults(SMALL.replace(old, new, 1))) == 1, new


def test_places_inside_a_block():
    text = SMALL.replace(
        "task: Type [[client close]].", "task: |\n      First line.\n      Then {{client.x}} and [[xx]].\n"
    )
    assert [(line, column) for line, column, _ in faults(text)] == [place(text, "x}}"), place(text, "xx]]")]


@pytest.mark.parametrize(
    "text",
    [
        "", "a: b: c", "a: [1", "a: 'x", "\ta: 1", "a: \x1b", "[" * 1000, "a: &x [*x]", "%YAML 1.1\n---\na: no", "- 1",
        "a: 1\n---\nb: 1", "? [1]\n: 2", "x", "a: @b", "tcplab: one", "tcplab: 1", "tcplab: 1.5", "tcplab: true",
        "tcplab: 99999999999999999999999999", 'a: "\\e[31m"', "a: !!binary x", "<<: 1", "tcplab: 1\nsteps: 5",
        "tcplab: 1\nsteps: [5]", "tcplab: 1\nsteps: {a: b}", "tcplab: 1\nsteps: [{id: a}]", "tcplab: 1\nhosts: 3",
        "tcplab: 1\nlink: 3",
        "tcplab: 1\nid: x\ntitle: T\nhosts: {a: {}, b: {}, c: {}}", "{}", "null", "a: 0x",
        "tcplab: 1\nid: x\ntitle: T\nhosts: {run: {}, b: {}}", "tcplab: 1\nsolution: [1]", "a: 0o8",
        "tcplab: 1\nsteps:\n- say: 1",
    ],
)  # fmt: skip
def test_broken_files_are_told_not_thrown(text):
    found = faults(text)
    assert found and all(line >= 1 and column >= 1 and message for line, column, message in found)


def test_bombs_end_quickly():
    laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for n in range(1, 9):
        laughs += f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * 10) + "]\n"
    assert "at most" in faults(laughs)[0][2]
    assert "KiB" in str(LabErrorOf(b"a: " + b"x" * 300_000))
    assert "deep" in faults("a: " + "{a: " * 40 + "1" + "}" * 40)[0][2]


def LabErrorOf(raw):
    from tcplab.lab.yamltree import decode

    with pytest.raises(LabError) as caught:
        decode(raw, "x.yaml")
    return caught.value


def test_a_file_that_is_not_utf8(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_bytes(b"tcplab: 1\ntitle: \xff\xfe\n")
    lab, problems = lint_file(path)
    assert lab is None and (problems[0].line, problems[0].column) == (2, 8)
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert load_lab(str(path)).id == "small"


def test_warnings_are_not_errors():
    text = SMALL.replace("points: 3", "points: 10").replace("challenge: true", "challenge: false")
    text = text.replace("  open: [client", "  hello: [client")
    lab, problems = lint_text(text, "x")
    assert lab is not None
    assert all(problem.severity == "warning" for problem in problems) and lab.warnings == tuple(problems)
    assert any("half" in problem.message for problem in problems)
    assert any("no solution" in problem.message for problem in problems)
    asked = "\nsteps: [{id: a, ask: Which?, choices: [{text: X, right: true}, {text: Z}], wrong: {}}]"
    text = f"tcplab: 1\nid: x\ntitle: T{asked}\nsolution: {{a: [answer right]}}"
    assert [(one.line, one.message) for one in lint_text(text, "x")[1]] == [(4, "The wrong choice 'Z' has no why.")]
    assert not lint_text(text.replace("{}", "{else: Look.}"), "x")[1]
    for wrong in ("yes", "'yes'"):  # one fault, one cure
        found = lint_text(text.replace("{}", "{else: Look.}").replace("true", wrong), "x")[1]
        assert [one.cure for one in found] == ["Write true, without quotes."]
    _, problems = lint_text(SMALL.replace("title: A small lab", "title: No"), "x")
    assert any("quotes" in problem.cure for problem in problems)


def test_hosts_and_their_names():
    names = SMALL.replace("hosts: {server", "hosts: {client: {iss: 5}, server")
    assert read_lab(names).host_names == ("client", "server")
    swapped = "tcplab: 1\nid: x\ntitle: T\nhosts: {server: {listen: [80, 81]}, client: {}}\n"
    assert read_lab(swapped).host_names == ("client", "server")
    others = "tcplab: 1\nid: x\ntitle: T\nhosts: {alice: {}, bob: {app: source 1MB}}\nip: 6\n"
    lab = read_lab(others)
    assert lab.host_names == ("alice", "bob") and lab.ip == 6 and lab.show is None and lab.steps == ()
    assert "two hosts" in faults("tcplab: 1\nid: x\ntitle: T\nhosts: {alice: {}}\n")[0][2]


def test_shipped_labs_load():
    assert lab_ids()[0] == "sandbox"
    entries = list_labs()
    assert [entry.id for entry in entries] == list(lab_ids())
    for entry in entries:
        assert not entry.problem and entry.title and entry.summary
        lab = load_lab(entry.id)
        assert lab.id == entry.id and lab.title == entry.title
    sandbox = load_lab("sandbox")
    assert sandbox.steps == () and sandbox.max_score == 0 and sandbox.start == ()
    assert all(host.listen == () for host in sandbox.hosts)


def test_finding_labs(tmp_path):
    assert find_lab("teardown") == labs_dir() / "teardown.yaml"
    for name, words in (("teardwn", "Did you mean 'teardown'"), ("course", "no lab"), ("/nowhere.yaml", "no lab file"),
                        ("../x", "no lab"), ("a\0b", "no lab"), ("x" * 5000, "no lab"), ("\x1b[2J", "no lab"),
                        (str(tmp_path), "no lab")):  # fmt: skip
        with pytest.raises(LabNotFound) as caught:
            load_lab(name)
        assert words in str(caught.value) and "\x1b" not in str(caught.value)


def test_a_course_survives_broken_files(tmp_path):
    (tmp_path / "course.yaml").write_text("labs: [b, {id: a, needs: [b]}, missing, 7]")
    (tmp_path / "a.yaml").write_text("tcplab: 1\nid: a\ntitle: A\n")
    (tmp_path / "b.yaml").write_text("a: b: c")
    (tmp_path / "z.yaml").write_text(SMALL)
    entries = list_labs(tmp_path)
    assert [(entry.id, entry.needs) for entry in entries] == [("b", ()), ("a", ("b",)), ("z", ("handshake",))]
    assert entries[0].problem and not entries[1].problem


def test_the_logic_hash_ignores_prose_only():
    def logic(text):
        return read_lab(text).logic_sha256

    base = logic(SMALL)
    assert re.fullmatch("[0-9a-f]{64}", base)
    for old, new in (("A small lab", "Other"), ("Read this.", "Lies dies."), ("Think.", "Denk."), ("It took", "Nach"),
                     ("The FIN counts", "Das FIN zählt"), ("minutes: 3", "minutes: 4"), ("# ", ""),
                     ("goal: client.state == ", "goal:   client.state == "),
                     ("who: [server close]", "who: [client close]")):  # fmt: skip
        assert logic(SMALL.replace(old, new)) == base, old
    for old, new in (("50ms", "60ms"), ("points: 3", "points: 4"), ("cost: 1", "cost: 0"), ("seg.ack\n", "seg.seq\n"),
                     ("client FIN,", "server FIN,"), ("listen: 80", "listen: 81"), ("profile: rfc", "profile: modern"),
                     ("client.snd_nxt: ", "client.snd_una: "),
                     ("began: when(client.fin_sent)", "began: now")):  # fmt: skip
        assert old in SMALL and logic(SMALL.replace(old, new)) != base, old


def test_texts_render():
    lab = read_lab(SMALL)

    class World:
        def lookup(self, name):
            return {"client.snd_nxt": 4212}[name]

    assert lab.steps[0].text.render(World()) == "Read this. SND.NXT is 4212."
    assert lab.steps[1].after.render(World()) == "It took –."
    assert lab.steps[1].text.plain == "Type `client close`."


def test_schema_covers_the_shipped_labs():
    from tcplab.lab.schema import json_schema

    schema = json_schema()
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == {"tcplab", "id", "title"}
    assert "directions" not in schema["$defs"]["Link"]["properties"]
    assert schema["$defs"]["Link"]["additionalProperties"] == {"$ref": "#/$defs/Direction"}
    assert "from" in schema["$defs"]["TaskModel"]["properties"]


def test_the_file_of_this_test_is_small():
    assert len(Path(__file__).read_text().splitlines()) < 400
