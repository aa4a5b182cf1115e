"""`tcplab view`: real captures read, connections found, what they tell inferred, damage said."""

from __future__ import annotations

import gzip
import json
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tcplab.capture.container import CaptureError
from tcplab.capture.flows import Stopped, load
from tcplab.capture.headers import LINKS
from tcplab.capture.lens import Lens, counted
from tcplab.capture.signs import COPY, FAST, NEEDLESS, REPEAT, SYN_AGAIN
from tcplab.capture.told import capture_lines, segment_lines
from tcplab.grading.viewing import capture_facts, view
from tcplab.tcp.segment import ACK, FIN, PSH, RST, SYN, Segment
from tests.support.captures import HEADERS, frame, pcap, session_capture

OPEN = "server listen 80; client connect server 80; run until idle"
CLIENT, SERVER = ("10.0.0.1", 5000), ("10.0.0.2", 80)
V6 = ("fd00::1", 5000), ("fd00::2", 80)


def seg(here, there, seq, ack, flags, text=b"", win=1000):
    return Segment(here[0], there[0], here[1], there[1], seq, ack, flags, win, text)


def handshake(a=CLIENT, b=SERVER, iss=100, irs=900):
    return [seg(a, b, iss, 0, SYN), seg(b, a, irs, iss + 1, SYN | ACK), seg(a, b, iss + 1, irs + 1, ACK)]


def talk(a=CLIENT, b=SERVER):
    """A whole connection: open, ten bytes, close."""
    return [*handshake(a, b), seg(a, b, 101, 901, PSH | ACK, b"0123456789"), seg(b, a, 901, 111, ACK),
            seg(a, b, 111, 901, FIN | ACK), seg(b, a, 901, 112, ACK), seg(b, a, 901, 112, FIN | ACK),
            seg(a, b, 112, 902, ACK)]


def write(path: Path, segments, link=101, step=10_000_000, **more) -> Path:
    path.write_bytes(pcap([(index * step, frame(s, link)) for index, s in enumerate(segments)], link, **more))
    return path


def inferred(path: Path) -> dict[str, int]:
    return counted(load(path).connections[0])


# --- what is read ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("link", sorted(HEADERS))
def test_every_link_type_is_read(tmp_path, link):
    ends = V6 if link == 229 else (CLIENT, SERVER)
    capture = load(write(tmp_path / "c.pcap", talk(*ends), link))
    assert link in LINKS and not capture.cautions
    (conn,) = capture.connections
    assert conn.ends == ends and conn.opened and len(conn.packets) == 9 and conn.sent == [10, 0]
    assert Lens(capture, conn).paths.states == ("TIME-WAIT", "CLOSED")
    assert Lens(capture, conn).record(3, full=True).segment.payload == b"0123456789"


def test_ipv6_vlan_and_gzip(tmp_path):
    tags = b"\x81\0\0\5\x88\xa8\0\7"
    data = pcap([(0, frame(s, 1, tags)) for s in talk(*V6)], 1)
    (tmp_path / "c.pcap.gz").write_bytes(gzip.compress(data))
    capture = load(tmp_path / "c.pcap.gz")
    assert capture.connections[0].name == "[fd00::1]:5000 > [fd00::2]:80" and len(capture.columns) == 9
    assert Lens(capture, capture.connections[0]).record(3, full=True).segment.payload == b"0123456789"


@pytest.mark.skipif(shutil.which("editcap") is None, reason="needs Wireshark's editcap")
@pytest.mark.parametrize("kind", ["pcap", "nsecpcap", "pcapng"])
def test_what_wireshark_writes_is_read(tmp_path, kind):
    """editcap writes each container from our own capture; nothing of it changes on the way but the precision."""
    source = tmp_path / "s.pcapng"
    session_capture(source, ["server listen 80; client connect server 80; run until idle"])
    target = tmp_path / "t"
    subprocess.run(["editcap", "-F", kind, source, target], check=True, capture_output=True)
    capture = load(target)
    assert len(capture.columns) == 3 and Lens(capture, capture.connections[0]).paths.states == ("ESTABLISHED",) * 2
    times = [entry.rec.sent_at for entry in Lens(capture, capture.connections[0]).entries]
    assert times == [0, 50_000_000, 100_000_000]


def test_scapy_writes_ethernet_and_we_agree(tmp_path):
    from scapy.layers.inet import IP, TCP, UDP
    from scapy.layers.inet6 import IPv6
    from scapy.layers.l2 import ARP, Ether
    from scapy.utils import wrpcap

    packets = [Ether() / IP(src="1.1.1.1", dst="2.2.2.2") / TCP(sport=9999, dport=22, flags="S", seq=5,
                                                                 options=[("MSS", 1400), ("WScale", 7)]),
               Ether() / ARP(), Ether() / IP() / UDP(), Ether() / IP(frag=5) / b"x",
               Ether() / IPv6(src="::1", dst="::2") / TCP(dport=443, flags="S")]
    wrpcap(str(tmp_path / "e.pcap"), packets)
    capture = load(tmp_path / "e.pcap")
    assert [conn.name for conn in capture.connections] == ["1.1.1.1:9999 > 2.2.2.2:22", "[::1]:20 > [::2]:443"]
    assert capture.connections[0].mss == [1400, None] and capture.connections[0].shift == [7, None]
    assert capture.odd == {"not IP": 1, "not TCP": 2}


# --- bad input ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data, words", [
    (b"", "empty"), (b"hello world, this is text", "neither pcap nor pcapng"), (b"\xa1\xb2\xc3\xd4\0", "cut short"),
    (b"\x0a\x0d\x0d\x0a\0\0\0\x08", "cut short"), (b"\x1f\x8b\x08garbage", "empty")])
def test_what_is_no_capture_is_refused_with_a_cure(tmp_path, data, words, capsys):
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(CaptureError, match=words):
        load(tmp_path / "x")
    assert view(tmp_path / "x", True) == 4
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["pcap", "pcapng"])
def test_truncated_at_every_byte_never_raises(tmp_path, kind):
    """What stands before the end is read, and the damage is said, at every length."""
    path = tmp_path / "c"
    if kind == "pcap":
        write(path, handshake(), 1)
    else:
        session_capture(path, ["server listen 80; client connect server 80; run until idle"])
    data, seen = path.read_bytes(), []
    for size in range(len(data)):
        path.write_bytes(data[:size])
        try:
            capture = load(path)
        except CaptureError:
            assert size < 28 + 64
            continue
        for lines in (capture_lines(capture), [json.dumps(capture_facts(capture))]):
            assert lines
        whole = not capture.file.damage
        assert whole or f"of {size:,}" in capture.cautions[0]
        seen.append((len(capture.columns), whole))
        capture.close()
    assert {count for count, _ in seen} == {0, 1, 2} and sum(whole for _, whole in seen) in (3, 4, 5)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_bytes_never_raise(tmp_path, data):
    path = tmp_path / "c"
    ng = data.draw(st.booleans())
    session_capture(path, ["server listen 80; client connect server 80; run until idle"]) if ng else write(
        path, talk(), 1)
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(4, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw)
    try:
        capture = load(path)
    except CaptureError:
        return
    capture_facts(capture)
    for conn in capture.connections:
        assert segment_lines(capture, conn.number)
        assert list(Lens(capture, conn).trace())
    capture.close()


def test_an_absurd_length_is_damage(tmp_path):
    (tmp_path / "c").write_bytes(write(tmp_path / "d", talk()).read_bytes() + struct.pack("<IIII", 0, 0, 1 << 31, 60))
    capture = load(tmp_path / "c")
    assert len(capture.columns) == 9 and "damaged at byte" in capture.cautions[0]


def test_what_cannot_be_read_is_counted_and_named(tmp_path):
    (tmp_path / "wifi").write_bytes(pcap([(0, b"x" * 60)] * 3, 127))
    capture = load(tmp_path / "wifi")
    assert capture.cautions == ["No TCP segment is in this file.",
                                "3 packets left out: of a link type that is not read here: "
                                "IEEE 802.11 with radiotap (127)."]
    (tmp_path / "none").write_bytes(pcap([]))
    assert load(tmp_path / "none").cautions == ["The file holds no packet."]


def test_packets_cut_by_a_snap_length_keep_their_numbers(tmp_path):
    capture = load(write(tmp_path / "c", talk(), 1, snap=56))
    assert capture.cautions[0].startswith("1 packet kept only in part")
    conn = capture.connections[0]
    assert conn.sent == [10, 0] and len(Lens(capture, conn).entries[3].rec.segment.payload) == 10


def test_wrong_checksums_of_a_sending_host_are_probably_offload(tmp_path):
    frames = [bytearray(frame(s)) for s in talk()]
    for data in frames:
        if data[15] == 1:  # from 10.0.0.1
            data[36] ^= 0x55
    (tmp_path / "c").write_bytes(pcap([(0, bytes(data)) for data in frames]))
    capture = load(tmp_path / "c")
    assert len(capture.cautions) == 1 and "10.0.0.1" in capture.cautions[0] and "offload" in capture.cautions[0]
    assert "bad_checksum" not in counted(capture.connections[0])
    frames = [bytearray(frame(s)) for s in talk()]
    frames[3][-1] ^= 1
    (tmp_path / "c").write_bytes(pcap([(0, bytes(data)) for data in frames]))
    capture = load(tmp_path / "c")
    assert "damaged on the way" in capture.cautions[0] and counted(capture.connections[0]) == {"bad_checksum": 1}


def test_of_a_huge_file_the_beginning_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("tcplab.capture.flows.MOST", 5)
    capture = load(write(tmp_path / "c", talk()))
    assert len(capture.columns) == 5 and "first 5 segments were read" in capture.cautions[0]
    assert "editcap" in capture.cautions[0] and Lens(capture, capture.connections[0]).paths.states[0] == "ESTABLISHED"


def test_reading_can_be_stopped(tmp_path):
    path = write(tmp_path / "c", talk() * 1000)
    told = []
    with pytest.raises(Stopped):
        load(path, lambda done, total, packets: told.append((done, total, packets)) or len(told) < 2)
    assert [packets for _, _, packets in told] == [2000, 4000] and told[0][0] < told[1][0] < told[0][1]


# --- what is inferred --------------------------------------------------------------------------------------------

DATA = [seg(CLIENT, SERVER, 101 + 10 * i, 901, ACK, b"x" * 10) for i in range(6)]


def ack(number, win=1000):
    return seg(SERVER, CLIENT, 901, number, ACK, win=win)


@pytest.mark.parametrize("after, expected", [
    ([DATA[0], DATA[0]], {"retransmission": 1}),
    ([DATA[0], ack(111), DATA[0]], {"needless_retransmission": 1}),
    ([DATA[0], *DATA[2:6], ack(111), ack(111), ack(111), ack(111), DATA[1]],
     {"fast_retransmission": 1, "gap": 1, "duplicate_ack": 3}),
    ([DATA[0], DATA[2]], {"gap": 1}),
    ([ack(101, win=0), seg(CLIENT, SERVER, 101, 901, ACK, b"x"), ack(101, win=0), ack(101)],
     {"zero_window": 2, "window_probe": 1, "duplicate_ack": 1, "window_update": 1}),
    ([ack(101, win=20), DATA[0], DATA[1]], {"window_full": 1}),
    ([DATA[0], ack(111), seg(CLIENT, SERVER, 110, 901, ACK), ack(111)], {"keep_alive": 1}),
    ([ack(500)], {"ack_of_unseen": 1}),
    ([seg(SERVER, CLIENT, 901, 101, RST | ACK)], {"reset": 1}),
])
def test_notes(tmp_path, after, expected):
    assert inferred(write(tmp_path / "c", [*handshake(), *after])) == expected


def test_a_segment_that_was_overtaken_is_not_a_retransmission(tmp_path):
    path = write(tmp_path / "c", [*handshake(), DATA[0], DATA[2], DATA[1]], step=1_000_000)
    assert inferred(path) == {"gap": 1, "out_of_order": 1}


def test_a_syn_again_and_sockets_used_again(tmp_path):
    capture = load(write(tmp_path / "c", [handshake()[0], *talk(), *handshake(iss=5000)]))
    assert [len(conn.packets) for conn in capture.connections] == [10, 3]
    assert counted(capture.connections[0]) == {"syn_again": 1}


@pytest.mark.parametrize("cut, states", [(0, ("TIME-WAIT", "CLOSED")), (3, ("TIME-WAIT", "CLOSED")),
                                         (1, ("TIME-WAIT", "CLOSED"))])
def test_a_capture_may_begin_in_the_middle(tmp_path, cut, states):
    capture = load(write(tmp_path / "c", talk()[cut:]))
    conn = capture.connections[0]
    assert conn.ends == (CLIENT, SERVER) and conn.opened == (cut == 0)
    assert Lens(capture, conn).paths.states == states


def test_a_refused_connection(tmp_path):
    capture = load(write(tmp_path / "c", [handshake()[0], seg(SERVER, CLIENT, 0, 101, RST | ACK)]))
    steps = Lens(capture, capture.connections[0]).steps()
    assert [(s.side, s.target) for s in steps] == [(0, "SYN-SENT"), (0, "CLOSED")]


# --- our own captures --------------------------------------------------------------------------------------------

TALKS = ["client close; run until idle; server close; run until idle", "server close; run 1ms; client close; run 5s",
         "client close; server close; run 5s", "client abort; run until idle", ""]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), loss=st.sampled_from(["0%", "0%", "15%"]), size=st.integers(0, 5000),
       end=st.sampled_from(TALKS))
def test_our_own_capture_tells_what_the_session_knew(tmp_path, seed, loss, size, end):
    """Same connections, bytes, first numbers; same states where nothing is lost, each known state in order where it is.

    What leaves no trace on the wire is not inferred: the end of TIME-WAIT, and giving up.
    """
    path = tmp_path / "own.pcapng"
    commands = [f"link loss {loss}; server listen 80; client connect server 80; run until idle"]
    commands += [f"client send {size}; run until idle"] if size else []
    session = session_capture(path, [*commands, *([end] if end else [])] if loss == "0%" else commands, seed=seed)
    capture = load(path)
    hosts = session.view().hosts
    (conn,) = capture.connections
    mine, theirs = (host.newest for host in hosts)
    assert [end[0] for end in conn.ends] == [host.address for host in hosts] and conn.opened
    assert conn.iss[0] == mine.tcb.iss
    assert conn.sent[0] == size and (theirs is None or conn.iss[1] in (theirs.tcb.iss, None))
    lens = Lens(capture, conn)
    walked = [(e.host, str(e.get("from")), str(e.get("to"))) for e in session.trace if e.kind == "state"]
    for side, host in enumerate(hosts):
        known = [step[1:] for step in walked if step[0] == host.name and step[1] != "TIME-WAIT"]
        # A listener keeps listening beside the connections it begets; on the wire there is only the connection.
        told = [(str(s.source), str(s.target)) for s in lens.steps() if s.side == side]
        if loss == "0%":
            assert [s for s in told if "LISTEN" not in s[1]] == [s for s in known if "LISTEN" not in s[1]], (end, side)
        else:
            assert told[-1:] == known[-1:]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), profile=st.sampled_from(["rfc", "modern"]))
@example(seed=101, profile="rfc")  # a hole that is filled while new text goes on coming
def test_repeats_are_told_as_the_session_knew_them(tmp_path, seed, profile):
    """Through loss, reordering and duplication: every segment that was sent again is told, and no other."""
    path = tmp_path / "own.pcapng"
    session = session_capture(path, [
        f"client set profile {profile}; server set profile {profile}",
        "link loss 4%; link reorder 5%; link duplicate 2%; link rate 2mbit limit 20",
        OPEN, "client send 40kB; run until idle", "client close; run until idle"], seed=seed)
    lens = Lens(capture := load(path), capture.connections[0])
    told, copies = set(), set()
    for place in range(len(lens.entries)):
        ident = int.from_bytes(lens.packet(place)[4:6], "big")
        if lens.notes(place) & (REPEAT | FAST | NEEDLESS | SYN_AGAIN):
            told.add(ident)
        copies |= {ident} if lens.notes(place) & COPY else set()
    sent = [event.seg for event in session.trace if event.kind == "sent"]
    assert told == {record.id for record in sent if record.repeated and record.segment.length}
    arrived = {event.seg.copy_of for event in session.trace if event.kind == "delivered"} - {None}
    assert copies == arrived


def test_a_sender_that_numbers_no_packets_is_still_read(tmp_path):
    frames = [bytearray(frame(s)) for s in [*handshake(), DATA[0], DATA[1], DATA[1], ack(121), ack(121)]]
    for data in frames:
        data[4:6] = b"\x12\x34"
    (tmp_path / "c").write_bytes(pcap([(i * 10**7, bytes(data)) for i, data in enumerate(frames)]))
    assert inferred(tmp_path / "c") == {"retransmission": 1}


def test_the_same_commands_give_the_same_file(tmp_path):
    for name in ("a", "b"):
        session_capture(tmp_path / name, ["link loss 10%; server listen 80; client connect server 80; run until idle"])
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_headless_text_and_json(tmp_path, capsys):
    path = write(tmp_path / "c", talk())
    assert view(path, False) == 0
    assert "10.0.0.1:5000 > 10.0.0.2:80   9 segments" in capsys.readouterr().out
    assert view(path, True) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["schema"] == "tcplab/capture/1" and facts["connections"][0]["ends"]["B"]["state"] == "CLOSED"
    assert view(path, False, 1) == 0
    assert "#4      A > B  [P.]  DATA 101:111 (10)" in capsys.readouterr().out
    assert view(path, False, 2) == 4
