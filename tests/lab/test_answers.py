"""Questions and answers of every kind."""

from fractions import Fraction

import pytest

from tcplab.lab import read_lab
from tcplab.lab.answers import JudgedEnv, early_wrong, judge, parse_answer, right_answer, shown, shuffled
from tcplab.notation import Duration, NotationError, Seq
from tcplab.notation.expr import compile_expr

from .samples import ask, faults

S = 10**9


class World:
    def __init__(self, **values):
        self.values = {name.replace("__", "."): value for name, value in values.items()}

    def lookup(self, name):
        return self.values[name]


def question(body):
    return read_lab(ask(body)).steps[0].question


def verdict(q, text, truth=None, world=None, early=(), seed=1):
    return judge(q, parse_answer(q, text, seed, "q"), truth, world or World(), early)


TIME = "answer: now\nunit: s"


@pytest.mark.parametrize(
    ("text", "right", "literal"),
    [
        ("1", True, "1s"), ("1s", True, "1s"), ("1000 ms", True, "1s"), ("1.05", True, "1.05s"), ("1.2", False, "1.2s"),
        ("0.9 s", True, "900ms"), ("-1", False, "-1s"), ("0", False, "0s"), ("1000000us", True, "1s"),
    ],
)  # fmt: skip
def test_times(text, right, literal):
    got = verdict(question(TIME), text, Duration(S))
    assert (got.right, got.literal) == (right, literal)
    assert parse_answer(question(TIME), literal, 1, "q").literal == literal


@pytest.mark.parametrize("text", ["", "soon", "1 m", "1,5", "1 h", "5 kB", "1 2", "nan", "1e9", "٣", "--1", "1" * 99])
def test_malformed_answers_use_up_no_try(text):
    with pytest.raises(NotationError):
        parse_answer(question(TIME), text, 1, "q")


def test_plain_numbers_are_exact():
    q = question("answer: client.snd_nxt")
    assert verdict(q, "4212", Seq(4212)).right
    assert verdict(q, "4,212", Seq(4212)).right and verdict(q, "4 212", Seq(4212)).right
    assert not verdict(q, "4211", Seq(4212)).right
    assert not verdict(q, "4212.5", Seq(4212)).right
    assert verdict(q, "4294967295", Seq(2**32 - 1)).right
    assert not verdict(q, str(2**32 + 4212), Seq(4212)).right
    assert verdict(question("answer: client.dup_acks"), "3 segments", 3).right
    assert verdict(question("answer: 1 / 4"), "0.25", Fraction(1, 4)).right


def test_sizes_and_units_of_their_own():
    q = question("answer: client.flight\nunit: kB")
    assert verdict(q, "2", 2000).right and verdict(q, "2000 B", 2000).right and verdict(q, "2 kB", 2000).right
    assert not verdict(q, "2 KiB", 2000).right
    assert parse_answer(q, parse_answer(q, "2", 1, "q").literal, 1, "q").value == 2000
    q = question("answer: client.dup_acks\nunit: ACKs")
    assert verdict(q, "3", 3).right and verdict(q, "3 acks", 3).right and verdict(q, "3 ACK", 3).right
    with pytest.raises(NotationError):
        parse_answer(q, "3 s", 1, "q")


def test_tolerance():
    cases = (("20%", "1.2", "1.21"), ("5ms", "1.005", "1.006"), ("0.5", "1.5", "1.51"), ("0%", "1", "1.01"))
    for within, ok, bad in cases:
        q = question(f"{TIME}\nwithin: {within}")
        assert verdict(q, ok, Duration(S)).right and not verdict(q, bad, Duration(S)).right
    q = question("answer: client.cwnd\nwithin: 2")
    assert verdict(q, "12", 10).right and not verdict(q, "13", 10).right
    assert not verdict(question(TIME), "1", True).right


def test_an_unknown_truth_is_an_error():
    with pytest.raises(NotationError):
        verdict(question(TIME), "1", None)


def test_wrong_answers_are_told_why():
    q = question(
        "about: server ACK\nanswer: seg.ack\nwrong:\n"
        "  client.snd_nxt: You saw {{client.snd_nxt}}.\n"
        "  4000: Where from?\n"
        "  seg.seq: That is its own number.\n"
        "  given > answer: Too far by {{given - answer}}.\n"
        "  else: It is {{answer}}, not {{given}}."
    )
    before = World(client__snd_nxt=Seq(4211))
    early = early_wrong(q, before)
    assert early == (4211, 4000, None, None)
    after = World(client__snd_nxt=Seq(4212), seg__seq=Seq(9))

    def said(text):
        return verdict(q, text, Seq(4212), after, early).feedback

    assert said("4212") == ""
    assert said("4211").startswith("You saw")
    assert said("4000") == "Where from?"
    assert said("9") == "That is its own number."
    assert said("4300") == "Too far by 88."
    assert said("17") == "It is 4212, not 17."
    q = question(TIME + "\nwrong: {2: Twice., else: No.}")
    assert verdict(q, "2000ms", Duration(S), early=early_wrong(q, World())).feedback == "Twice."
    assert verdict(question(TIME + "\nwrong: It was {{answer}}."), "9", Duration(S)).feedback == "It was 1 s."


CHOICES = """choices:
  - {right: true, text: One}
  - {text: Two, why: Because two.}
  - {text: Three, why: Because three.}
  - Four
"""


def test_choices_are_shuffled_by_the_seed():
    q = question(CHOICES.replace("- Four", "- {text: Four}") + "wrong: {else: None of these.}")
    orders = {tuple(text.source for _, text in shown(q, seed, "q").choices) for seed in range(40)}
    assert len(orders) > 10
    assert shown(q, 7, "q") == shown(q, 7, "q")
    for seed in range(20):
        letters = {text.source: letter for letter, text in shown(q, seed, "q").choices}
        assert sorted(letters.values()) == list("abcd")
        assert right_answer(q, None, seed, "q") == letters["One"]
        assert verdict(q, letters["One"].upper() + ")", seed=seed).right
        assert verdict(q, letters["Two"], seed=seed).feedback == "Because two."
        assert verdict(q, letters["Four"], seed=seed).feedback == "None of these."
    for text in ("e", "ab", "a b", "1", "", "One", "aa"):
        with pytest.raises(NotationError):
            parse_answer(q, text, 1, "q")


def test_the_shuffle_is_pinned():
    # Recordings keep the letters shown: this order may never change.
    assert shuffled(5, 1, "may-speak") == shuffled(5, 1, "may-speak")
    assert sorted(shuffled(9, 3, "x")) == list(range(9))
    assert (shuffled(5, 1, "may-speak"), shuffled(4, 2, "q")) == ((3, 1, 2, 4, 0), (3, 2, 1, 0))


def test_several():
    choices = CHOICES.replace("- {text: Two,", "- {text: Two, right: true,").replace("- Four", "")
    q = question("several: true\n" + choices)
    for seed in range(10):
        letters = {text.source: letter for letter, text in shown(q, seed, "q").choices}
        both = f"{letters['Two']}, {letters['One']}"
        got = verdict(q, both, seed=seed)
        assert got.right and got.literal == " ".join(sorted((letters["One"], letters["Two"])))
        assert got.literal == right_answer(q, None, seed, "q")
        assert verdict(q, letters["One"], seed=seed).feedback == "Because two."
        everything = verdict(q, "abc", seed=seed)
        assert not everything.right and everything.feedback == "Because three."


def test_order():
    q = question("order: [SYN, SYN-ACK, ACK]\nwrong: {else: Not so.}")
    for seed in range(20):
        on_screen = [text.source for _, text in shown(q, seed, "q").choices]
        assert on_screen != ["SYN", "SYN-ACK", "ACK"]
        right = right_answer(q, None, seed, "q")
        assert [on_screen["abc".index(letter)] for letter in right.split()] == ["SYN", "SYN-ACK", "ACK"]
        assert verdict(q, right.replace(" ", ""), seed=seed).right
        assert verdict(q, "a b c", seed=seed).feedback == "Not so."
    for text in ("a b", "a b b", "a b d", ""):
        with pytest.raises(NotationError):
            parse_answer(q, text, 1, "q")


def test_match():
    q = question("match: {LISTEN: waits, SYN-SENT: calls, CLOSED: sleeps}")
    for seed in range(20):
        view = shown(q, seed, "q")
        assert [letter for letter, _ in view.left] == ["a", "b", "c"]
        assert sorted(text.source for _, text in view.choices) == ["calls", "sleeps", "waits"]
        right = right_answer(q, None, seed, "q")
        number = {text.source: letter for letter, text in view.choices}
        assert right == f"a{number['waits']} b{number['calls']} c{number['sleeps']}"
        assert verdict(q, right, seed=seed).right
        shuffled_text = ", ".join(reversed(right.upper().replace("A", "A - ").split()))
        assert verdict(q, right.replace("a", "A="), seed=seed).literal == right, shuffled_text
        assert not verdict(q, "a1 b2 c3", seed=seed).right
    for text in ("a1 b2", "a1 a2 b3", "a1 b2 c9", "a1 b2 d3", "abc", "1a 2b 3c"):
        with pytest.raises(NotationError):
            parse_answer(q, text, 1, "q")


def test_words_are_kept():
    q = question("words: true")
    got = verdict(q, "  Because it waits.  ")
    assert got.right and got.literal == "Because it waits."
    for text in ("x" * 3000, "a\x1bb", " "):
        with pytest.raises(NotationError):
            parse_answer(q, text, 1, "q")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("points: 1", "form of answer"),
        ("answer: 3\nchoices: [{text: A, right: true}, {text: B}]", "one form"),
        ("choices: [{text: A}, {text: B}]", "One choice is right, not 0"),
        ("choices: [{text: A, right: true}, {text: B, right: true}]", "several"),
        ("choices: [{text: A, right: true}]", "at least 2"),
        ("choices: [{text: A, right: true}, {text: A}]", "the same"),
        ("choices: [{text: A, right: yes}, {text: B}]", "true or false"),
        ("choices: [{text: A, right: true}, {txt: B}]", "Did you mean 'text'"),
        ("choices: [{text: A, right: true}, {text: B}]\nunit: s", "unit belongs"),
        ("choices: [{text: A, right: true}, {text: B}]\nwrong: {a: No.}", "own why"),
        ("order: [A, B]\nseveral: true", "several belongs"),
        ("order: [A, A]", "the same"),
        ("match: {A: x, B: x}", "the same"),
        ("words: true\npoints: 2", "earn no points"),
        ("words: true\nabout: SYN", "predict nothing"),
        ("answer: client.state", "choices"),
        ("answer: now", "unit: s"),
        ("answer: seg.ack", "known"),
        ("answer: 3\nwithin: much", "number"),
        ("answer: now\nunit: s\nwithin: 10", ""),
        ("answer: 3\nwithin: 5ms", "percentage"),
        ("answer: when(client.gone)\nunit: s", "keep"),
        ("answer: 3\nwrong: {clint.iss: No.}", "known"),
        ("answer: 3\nwrong: {4: 'No {{x}}.'}", "known"),
    ],
)
def test_questions_that_make_no_sense(body, words):
    found = faults(ask(body))
    assert bool(found) == bool(words)
    if words:
        assert any(words in message for _, _, message in found), found


@pytest.mark.parametrize(
    ("key", "cure"),
    [
        ("100 or given == 101", "given == 100 or given == 101"),
        ("client.snd_nxt or given == answer", "given == client.snd_nxt or given == answer"),
        ("given > 9 or (1 + 2) or 7", "given > 9 or given == (1 + 2) or given == 7"),
        ("min(3, 4) or client.gone", "given == min(3, 4) or client.gone"),
        ("given == 100 or 101", ""),
        ("client.gone or given == 4", ""),
        ("given == 1 and answer > 3 or given == 2", ""),
    ],
)
def test_a_number_before_or_is_warned_of(key, cure):
    """The trap: such a key always gives the number, whatever was answered."""
    lab = read_lab(ask(f"about: server ACK\nanswer: seg.ack\nwrong: {{'{key}': No.}}"))
    cures = [warning.cure for warning in lab.warnings if "`or`" in warning.message]
    assert cures == ([f"Write {cure}, or two keys."] if cure else [])


def test_numbers_for_the_reference_pupil():
    assert right_answer(question(TIME), Duration(1_500_000_000), 1, "q") == "1.5s"
    assert right_answer(question("answer: client.snd_nxt"), Seq(4212), 1, "q") == "4212"
    assert right_answer(question("answer: client.flight\nunit: kB"), 2500, 1, "q") == "2.5"
    assert right_answer(question("answer: 1 / 4"), Fraction(1, 4), 1, "q") == "0.25"
    assert right_answer(question("words: true"), None, 1, "q") == "-"
    with pytest.raises(NotationError):
        right_answer(question(TIME), None, 1, "q")


def test_a_number_beyond_32_bits_is_not_taken_for_a_sequence_number():
    env = JudgedEnv({}, 2**32 + 70, Seq(70))
    assert compile_expr("given // 1 > 4294967295", ("given",)).holds(env)
    assert not compile_expr("given // 1 > 4294967295", ("given",)).holds(JudgedEnv({}, 71, Seq(70)))
