"""capture/pcapng.py: what is written, scapy and tshark read."""

import json
import shutil
import subprocess
import sys

import pytest

from tcplab.capture.pcapng import INBOUND, OUTBOUND, packets, write_pcapng
from tcplab.net.trace import Event, SegmentRecord
from tcplab.tcp.options import Options
from tcplab.tcp.segment import ACK, PSH, SYN, Segment
from tcplab.tcp.why import REASONS, Reason, Why
from tcplab.tcp.wire import encode

HOSTS = ["client", "server"]
MS = 1_000_000


@pytest.fixture(autouse=True)
def dice(monkeypatch):
    monkeypatch.setitem(REASONS, "test.dice", Reason("The link lost it by chance: {0}.", ""))


def segment(back=False, **change):
    ends = ("10.0.0.2", "10.0.0.1", 80, 49152) if back else ("10.0.0.1", "10.0.0.2", 49152, 80)
    fields = dict(seq=7001 if back else 4211, ack=0, flags=SYN, wnd=4000)
    return Segment(*ends, **fields | change)


def record(number, seg, back=False, **change):
    ends = HOSTS[::-1] if back else HOSTS
    return SegmentRecord(number, change.pop("copy_of", None), *ends, seg, 0, 0, **change)


def story():
    """SYN arrives, SYN-ACK is lost and sent again, the ACK is duplicated, data is corrupted, the end is held."""
    syn = record(1, segment(options=Options(mss=100)))
    answer = segment(True, ack=4212, flags=SYN | ACK, options=Options(mss=100))
    lost, again = record(2, answer, True), record(3, answer, True, repeated=True)
    ack = record(4, segment(seq=4212, ack=7002, flags=ACK))
    twin = record(5, ack.segment, copy_of=4)
    data = record(6, segment(seq=4212, ack=7002, flags=ACK | PSH, payload=b"hello"))
    broken = bytearray(encode(data.segment, ident=6))
    broken[-1] ^= 1
    bad = record(6, data.segment, wire=bytes(broken))
    held = record(7, data.segment)
    return [
        Event(0, "sent", "client", 1, syn), Event(0, "state", "client", 1),
        Event(50 * MS, "delivered", "server", 1, syn),
        Event(50 * MS, "sent", "server", 1, lost), Event(50 * MS, "lost", seg=lost, why=Why("test.dice", ("loss 5%",))),
        Event(1050 * MS, "sent", "server", 1, again), Event(1100 * MS, "delivered", "client", 1, again),
        Event(1100 * MS, "sent", "client", 1, ack), Event(1100 * MS, "duplicated", seg=twin),
        Event(1150 * MS, "delivered", "server", 1, ack), Event(1150 * MS + 1, "delivered", "server", 1, twin),
        Event(1200 * MS, "sent", "client", 1, data), Event(1200 * MS, "corrupted", seg=bad, why=Why("no.such.code")),
        Event(1250 * MS + 7, "dropped", "server", 0, bad, data=(("reason", "tcp-checksum"),)),
        Event(1300 * MS, "sent", "client", 1, held), Event(1300 * MS, "held", seg=held),
    ]


def test_which_packets_the_interfaces_saw():
    seen = list(packets(story(), both=True))
    assert [(p.host, p.direction) for p in seen] == [
        ("client", OUTBOUND), ("server", INBOUND), ("server", OUTBOUND), ("server", OUTBOUND), ("client", INBOUND),
        ("client", OUTBOUND), ("server", INBOUND), ("server", INBOUND), ("client", OUTBOUND), ("server", INBOUND),
        ("client", OUTBOUND)]
    assert [p.comment for p in seen] == [
        "", "", "#2 The link lost it by chance: loss 5%.", "", "", "#4 Duplicated as #5.", "#4 Duplicated as #5.",
        "#5 Copy of #4.", "#6 A bit was flipped. Discarded by the receiver.",
        "#6 A bit was flipped. Discarded by the receiver.", "#7 Held in mid-link."]
    assert seen[6].data == seen[7].data and seen[8].data != seen[9].data


def test_by_default_every_packet_stands_once():
    seen = list(packets(story()))
    assert [(p.host, p.direction, p.comment[:2]) for p in seen] == [
        ("client", OUTBOUND, ""), ("server", OUTBOUND, "#2"), ("server", OUTBOUND, ""), ("client", OUTBOUND, "#4"),
        ("server", INBOUND, "#5"), ("client", OUTBOUND, "#6"), ("server", INBOUND, "#6"), ("client", OUTBOUND, "#7")]


def test_a_delivered_and_then_dropped_segment_is_one_packet():
    syn = record(1, segment())
    events = [Event(0, "sent", "client", 1, syn), Event(1, "delivered", "server", 0, syn),
              Event(1, "dropped", "server", 0, syn)]
    assert len(list(packets(events, both=True))) == 2


def test_scapy_reads_it_back(tmp_path):
    from scapy.layers.inet import IP, TCP
    from scapy.utils import PcapNgReader

    path = tmp_path / "story.pcapng"
    assert write_pcapng(path, story(), HOSTS, both=True) == 11
    wanted = list(packets(story(), both=True))
    with PcapNgReader(str(path)) as reader:
        for packet, want in zip(reader, wanted, strict=True):
            assert bytes(packet) == want.data and IP in packet and TCP in packet
            # scapy keeps times as decimals, to the nanosecond
            assert round(packet.time * 10**9) == want.t
            assert packet.sniffed_on == want.host and packet.direction == want.direction
            comments = getattr(packet, "comments", None) or []
            assert [comment.decode() for comment in comments] == ([want.comment] if want.comment else [])


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_tshark_reads_it_and_finds_nothing_malformed(tmp_path):
    path = tmp_path / "story.pcapng"
    write_pcapng(path, story(), HOSTS, both=True)
    fields = ["frame.time_epoch", "frame.interface_name", "frame.comment", "tcp.seq_raw", "tcp.checksum.status",
              "ip.checksum.status", "_ws.malformed"]
    command = ["tshark", "-r", str(path), "-T", "json", "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
    for field in fields:
        command += ["-e", field]
    out = json.loads(subprocess.run(command, capture_output=True, check=True, text=True, timeout=60).stdout)
    rows = [row["_source"]["layers"] for row in out]
    wanted = list(packets(story(), both=True))
    assert len(rows) == len(wanted)
    for row, want in zip(rows, wanted, strict=True):
        assert row["frame.interface_name"] == [want.host] and "_ws.malformed" not in row
        assert row.get("frame.comment", [""]) == [want.comment]
        whole, _, part = row["frame.time_epoch"][0].partition(".")
        if whole.isdigit():
            assert int(whole) * 10**9 + int(part.ljust(9, "0")[:9]) == want.t
        assert row["ip.checksum.status"] == ["1"]
    assert [row["tcp.checksum.status"] for row in rows] == [["1"]] * 9 + [["0"], ["1"]]


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_tshark_agrees_on_ipv6(tmp_path):
    path = tmp_path / "six.pcapng"
    seg = segment(payload=b"odd", options=Options(mss=1440, wscale=3, sack_permitted=True, ts=(1, 0)))
    seg.src, seg.dst = "fd00::1", "fd00::2"
    write_pcapng(path, [Event(5, "sent", "client", 1, record(1, seg))], HOSTS)
    command = ["tshark", "-r", str(path), "-T", "fields", "-o", "tcp.check_checksum:TRUE"]
    for field in ("ipv6.src", "tcp.options.mss_val", "tcp.options.wscale.shift", "tcp.checksum.status"):
        command += ["-e", field]
    out = subprocess.run(command, capture_output=True, check=True, text=True, timeout=60).stdout
    assert out.split() == ["fd00::1", "1440", "3", "1"]


def test_an_empty_trace_is_a_valid_file(tmp_path):
    from scapy.utils import rdpcap

    path = tmp_path / "empty.pcapng"
    assert write_pcapng(path, [], HOSTS) == 0 and path.stat().st_size > 60
    assert len(rdpcap(str(path))) == 0


def test_a_place_that_cannot_be_written_is_an_os_error(tmp_path):
    with pytest.raises(OSError):
        write_pcapng(tmp_path / "no" / "such" / "place", [], HOSTS)


def test_scapy_comes_with_the_first_use():
    code = ("import sys, tcplab.capture.pcapng, tcplab.capture.dissect; "
            "sys.exit(any(name.split('.')[0] == 'scapy' for name in sys.modules))")
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_rules_and_hands_did_is_said():
    from tcplab.session.session import Session

    session = Session.open("sandbox", 1)
    for command in ("server listen 80; client connect server 80; run until idle",
                    "link delay next client DATA; client send 100; run until idle; link hold on",
                    "client send 300", "link edit #6 win=1", "link swap #7 #8", "link deliver #6", "link delay #7 1s",
                    "link hold off; run until idle"):
        assert all(outcome.ok for outcome in session.execute(command)), command
    said: dict[int, str] = {}
    for packet in packets(session.trace):
        number = int.from_bytes(packet.data[4:6], "big")
        said[number] = said.get(number, "") + packet.comment
    first = next(e.seg.id for e in session.trace if e.seg is not None and e.seg.segment.payload)
    assert "delay it" in said[first]
    assert "changed by hand" in said[6].lower() and "Changed places with #8" in said[7] and "with #7" in said[8]
    assert "Delayed" in said[7]
    # An edited segment stands there twice: as it was sent, and as it arrived.
    windows = [int.from_bytes(p.data[34:36], "big") for p in packets(session.trace)
               if int.from_bytes(p.data[4:6], "big") == 6]
    assert len(windows) == 2 and windows[1] == 1 != windows[0]
