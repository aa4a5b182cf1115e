"""Drill scripts: what they can say, what a failure looks like, and how faults of a script are named."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tcplab.cli import cli
from tcplab.drill import DrillError, play_case, read_script
from tcplab.drill.face import facts, story
from tcplab.drill.packet import pattern
from tcplab.drill.read import with_numbers

OPEN = """+0 listen
+0 < S 0:0(0) win 4000 <mss 1000>
+0 > S. 0:0(0) ack 1 <mss 1460>
+0 < . 1:1(0) ack 1
"""

PACKETDRILL = """// as packetdrill's own scripts are written
0   socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0  setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
+0  bind(3, ..., ...) = 0
+0  listen(3, 1) = 0
+0  accept(3, ..., ...) = -1 EAGAIN (Resource temporarily unavailable)
+0  < S 0:0(0) win 32792 <mss 1000,unknown 253 0a0b,nop,nop,nop,eol>
+0  > S. 0:0(0) ack 1 <...>
+.1 < . 1:1(0) ack 1 win 257
+0  accept(3, ..., ...) = 4
+0  fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0  setsockopt(4, SOL_TCP, TCP_NODELAY, [1], 4) = 0
+0  read(4, ..., 1000) = -1 EAGAIN
+0  write(4, ..., 200) = 200
+0  > P. 1:201(200) ack 1 /* and
no more */
+0 %{
assert cwnd == 4000 and tcpi_snd_cwnd == 4
assert tcpi_unacked == 1; assert state == 'ESTABLISHED'
}%
+1~+1.2  > P. 1:201(200) ack 1
+.1 < FP. 1:11(10) ack 201 win 257
*   > . 201:201(0) ack 12 win 65525
+0  read(4, ..., 1000) = 10
+0  read(4, ..., 1000) = 0
+0  close(4) = 0
+0  > F. 201:201(0) ack 12
+50ms < . 12:12(0) ack 202
+0 %{ assert gone and error == '' or gone }%
+0  write(4, ..., 1) = -1 ENOTCONN
"""


def play(text, **numbers):
    return [play_case(with_numbers(case, numbers.get("iss"), numbers.get("irs")))
            for case in read_script(text, "x.drill").cases]


def failure(text):
    (outcome,) = play(text)
    assert not outcome.passed, story(read_script(text, "x.drill"), outcome)
    return outcome.failure


@pytest.mark.parametrize("iss, irs", [(None, None), (0, 2**32 - 1), (2**32 - 1, 0), (2**31 - 100, 2**31)])
def test_packetdrills_own_notation(iss, irs):
    text = PACKETDRILL.replace("; assert state", "\nassert state")
    (outcome,) = play(text, iss=iss, irs=irs)
    assert outcome.passed, outcome.failure


def test_own_calls_settings_and_cases():
    text = "set iss 7\npeer iss 9\n" + OPEN + """
case nagle    # req: is a comment here
set nagle off
+0 send 10
+0 > P. 1:11(10) ack 1
+0 send 10 nopush
+0 > P. 11:21(10) ack 1
+0 assert snd_nxt - iss == 21 and iss == 7 and irs == 9

case abort
# req: 9293-U-35, 9293-MUST-12
+1 abort
+0 > R 1:1(0)
+0 send 1 = error "connection does not exist"
+0 < . 1:1(0) ack 5
+0 > R 5:5(0)
+0 < S 9:9(0)
+0 > R. 0:0(0) ack 10
+0 listen
+0 assert state == 'LISTEN' and not gone

case six
ip 6
profile first-lessons
0 nothing
"""
    outcomes = play(text)
    assert [outcome.failure for outcome in outcomes] == [None] * 3
    assert [outcome.case.reqs for outcome in outcomes] == [(), ("9293-U-35", "9293-MUST-12"), ()]


@pytest.mark.parametrize("text, line, expected, got, remark", [
    (OPEN + "+0 send 10\n+0 > P. 1:12(11) ack 2 win 5", 6, "> P. 1:12(11) ack 2 win 5  at 0 s",
     "> P. 1:11(10) ack 1 win 65535  at 0 s", "differs: length 10, not 11; ack 1, not 2; win 65535, not 5"),
    (OPEN + "+0 send 10\n+.5 > P. 1:11(10) ack 1", 6, "> P. 1:11(10) ack 1  at 0.5 s",
     "> P. 1:11(10) ack 1 win 65535  at 0 s", "differs: time 0 s, not 0.5 s"),
    (OPEN + "+1 > . 1:1(0) ack 1", 5, "> . 1:1(0) ack 1  at 1 s", "nothing was sent",
     "the endpoint is in ESTABLISHED"),
    (OPEN + "+0 send 10\n+1 nothing", 6, "no segment that no line asks for", "> P. 1:11(10) ack 1 win 65535  at 0 s",
     None),
    (OPEN + "+0 send 10", 5, "no segment that no line asks for", "> P. 1:11(10) ack 1 win 65535  at 0 s", None),
    (OPEN + "+0 assert cwnd == 5 and rto > 1s", 5, "cwnd == 5 and rto > 1s", "cwnd is 4000, rto is 1 s", None),
    (OPEN + "+0 read 5 = 1", 5, "read returns 1", "it returns 0", None),
    (OPEN + "+0 connect", 5, "connect succeeds", "it fails: connection already exists [RFC 9293 3.10.1]", None),
    (OPEN + "+0 send 5 = error \"no\"", 5, "send fails with no", "it returns 5", None),
    (OPEN.replace("mss 1460", "mss 9,sackOK"), 3, "> S. 0:0(0) ack 1 <mss 9,sackOK>  at 0 s",
     "> S. 0:0(0) ack 1 win 65535 <mss 1460>  at 0 s", "differs: option mss 1460, not mss 9; no option sackOK"),
    (OPEN.replace(" <mss 1460>", ""), 3, "> S. 0:0(0) ack 1  at 0 s",
     "> S. 0:0(0) ack 1 win 65535 <mss 1460>  at 0 s",
     "differs: option mss 1460, which no one asked for (write <...> for any)"),
    (OPEN + "+1 pause\n0.5 pause", 6, "line at 0.5 s", "it is 1 s already", None),
    (OPEN + "+0 assert ssthresh > 5", 5, "ssthresh > 5", "ssthresh is –", None),
])
def test_what_went_otherwise_is_told(text, line, expected, got, remark):
    found = failure(text)
    assert (found.line, found.expected, found.got) == (line, expected, got)
    assert remark is None or found.remarks[0] == remark


def test_the_story_is_numbered_and_ends_with_file_and_line():
    script = read_script(OPEN + "+.1 > . 1:1(0) ack 1\n", "some.drill")
    told = story(script, play_case(script.cases[0])).split("\n")
    assert told[0] == "some.drill: FAILED"
    assert told[2] == "    2  line 2              0  < S 0:0(0) win 4000 <mss 1000>"
    assert told[5:8] == ["    5  some.drill:5  at 0.1 s", "       expected   > . 1:1(0) ack 1  at 0.1 s",
                         "       got        nothing was sent"]
    assert facts(script, play_case(script.cases[0]))["failed_line"] == 5


def test_wrong_bytes_are_found():
    from tcplab.drill import play as module
    right = module.pattern
    try:
        module.pattern = lambda first, length: b"?" * length
        assert failure(OPEN + "+0 send 10\n+0 > P. 1:11(10) ack 1").got == "other bytes"
    finally:
        module.pattern = right
    assert pattern(1, 600)[251:] == pattern(252, 349) and pattern(-250, 5) == pattern(1, 5)


def test_options_with_any_value():
    text = "profile plain\n+0 connect\n+0 > S 0:0(0) <mss any>\n"
    assert play(text)[0].passed
    assert "TS val any ecr 5" in failure(text.replace("mss any", "mss 1460,TS val any ecr 5")).expected


def test_timestamps_window_scale_and_sack():
    """packetdrill's own way: our clock begins where the script says, an echo is given in the script's time."""
    (outcome,) = play("""
+0   connect
+0   > S 0:0(0) <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale any>
+.05 < S. 0:0(0) ack 1 win 5000 <mss 1460,sackOK,TS val 700 ecr 100,nop,wscale 2>
+0   > . 1:1(0) ack 1 <nop,nop,TS val 150 ecr 700>
+0   assert snd_wnd == 5000 and srtt == 50ms
+0   < . 1:1(0) ack 1 win 5000 <nop,nop,TS val 700 ecr 150>
+0   assert snd_wnd == 20000
+.05 < P. 1001:2001(1000) ack 1 <nop,nop,TS val 750 ecr 150>
+0   > . 1:1(0) ack 1 <nop,nop,TS val 200 ecr 700,nop,nop,sack 1001:2001>
+0   send 10
+0   > P. 1:11(10) ack 1 <...>
""")
    assert outcome.passed, outcome.failure


@pytest.mark.parametrize("text, column, message, cure", [
    ("+0 lisen", 4, "'lisen' is not understood", "'listen'"),
    ("listen", 1, "time is missing", "Write +0 listen"),
    ("+0", 3, "what happens", "call"),
    ("+0 < Q 0:0(0)", 6, "'Q' are not control bits", "letters"),
    ("+0 < S 0:5(0)", 8, "there are 5 bytes, not 0", "0:0(0)"),
    ("+0 < . 1:1(0)", 14, "no ack is written", "ack N"),
    ("+0 < S 1:1(0) ack 5", 6, "needs the ACK bit", "S."),
    ("+0 < S 1:1(0) win 70000", 19, "16-bit", ""),
    ("+0 < S 1:1(0) win 7 win 8", 21, "twice", ""),
    ("+0 < S 1:1(0) wni 7", 15, "'wni' is not understood", "'win'"),
    ("+0 < S 0:0(0) <mss 1460,wscle 7>", 25, "'wscle 7' is not an option", "'wscale'"),
    ("+0 < S 0:0(0) <...>", 15, "options of its own", ""),
    ("+0 < S 0:0(0) <mss any>", 16, "needs all its values", ""),
    ("+0 assert cwdn == 1", 11, "'cwdn' is not known", "'cwnd'"),
    ("+0 assert cwnd == 1, cwnd", 20, "one condition", "and"),
    ("+0 assert __import__('os')", 11, "no function", ""),
    ("+0 set nagel off", 8, "no knob 'nagel'", "'nagle'"),
    ("+0 set nagle maybe", 14, "on or off", ""),
    ("+0 set mss 70000", 12, "16-bit", ""),
    ("+0 set msl 5", 13, "needs a unit", "5ms"),
    ("profile rcf", 9, "no profile", "'rfc'"),
    ("peer iss 99999999999", 1, "not how peer", "below"),
    ("+0 send", 8, "number of bytes", "send 1000"),
    ("+0 send 5 6", 11, "too much", "= N"),
    ("+0 write(4, ..., 5)", 20, "result of write is missing", "="),
    ("+0 write(4, ..., 5) = -1 EFOO", 26, "EFOO", "EAGAIN"),
    ("+0 write(4, ...) = 5", 10, "third argument", "1000"),
    ("+0 poll(4) = 1", 4, "no call 'poll'", "socket"),
    ("+0 setsockopt(4, SOL_TCP, TCP_NODLAY, [1], 4) = 0", 27, "no knob", "'TCP_NODELAY'"),
    ("+0...0.2 connect(3, ..., ...) = 0", 3, "do not block", "one time"),
    ("+0 `sysctl -q net.ipv4.tcp_sack=0`", 4, "not run", "set"),
    ("* listen", 1, "whenever", "time"),
    ("+0~+1 listen", 3, "two times", "one"),
    ("+1~+0 > . 1:1(0) ack 1", 3, "before the first", ""),
    ("+1~2 > . 1:1(0) ack 1", 3, "Both times", "+0~+0.05"),
    ("--mss=5", 3, "means nothing", "out"),
    ("# req: nonsense", 8, "not the id", "9293-MUST-12"),
    ("case a\n+0 pause\ncase a\n", 6, "already", "another name"),
    ("// nothing", 1, "no line that does anything", ""),
])
def test_faults_of_a_script_have_line_column_and_cure(text, column, message, cure):
    with pytest.raises(DrillError) as caught:
        read_script("\n" + text, "y.drill")
    error = caught.value
    assert (error.path, error.column) == ("y.drill", column)
    assert message in error.message and cure in error.cure and error.line >= 2
    assert str(error).startswith(f"y.drill:{error.line}:{column}: ")


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as end:
        cli.main(list(arguments))
    out, err = capsys.readouterr()
    return end.value.code or 0, out, err


def test_exit_codes_and_json(tmp_path, capsys):
    good, bad, broken = (tmp_path / name for name in ("good.drill", "bad.drill", "broken.drill"))
    good.write_text(OPEN)
    bad.write_text(OPEN + "+0 assert gone\n")
    broken.write_bytes(b"+0 listen\n\xff\n")
    assert run(capsys, "drill", str(good))[:2] == (0, "1 of 1 cases passed\n")
    code, out, _ = run(capsys, "drill", str(good), str(bad))
    assert code == 1 and "FAILED" in out and "1 of 2" in out
    code, out, err = run(capsys, "drill", str(bad), str(broken), str(tmp_path / "none.drill"), "--json")
    assert code == 4 and [entry["passed"] for entry in json.loads(out)] == [False] * 3
    assert "UTF-8" in err and "cannot be read" in err
    assert run(capsys, "drill")[0] == 2
    code, out, _ = run(capsys, "drill", "--help")
    assert code == 0 and "% " not in out[:10] and "assert E" in out and "Exit codes" in out
    assert run(capsys, "drill", "-v", "--iss", "4294967295", "--peer-iss", "0", str(good))[0] == 0


@settings(max_examples=200, deadline=None)
@given(some.text(max_size=80), some.integers(0, len(PACKETDRILL)), some.integers(0, 30))
def test_no_text_raises_anything_else(junk, at, cut):
    for text in (junk, "+0 " + junk, PACKETDRILL[:at] + junk + PACKETDRILL[at + cut:]):
        try:
            script = read_script(text, "z.drill")
        except DrillError as error:
            assert error.line >= 1 and error.column >= 1 and error.message
            continue
        for case in script.cases:
            play_case(case)
