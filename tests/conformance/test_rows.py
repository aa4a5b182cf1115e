"""Requirements that a drill script cannot show: bytes on the wire, hosts, initial numbers, both ends at once."""

import random
from dataclasses import replace

import pytest

from tcplab.net.errors import NetError
from tcplab.tcp import ACK, FIN, NO_OPTIONS, PROFILES, SYN, URG, Config, Endpoint, Options, Segment, State, TcpError
from tcplab.tcp.icmp import IcmpError
from tcplab.tcp.isn import initial_sequence_number
from tcplab.tcp.wire import WireError, decode, encode, options_from_bytes, options_to_bytes
from tests.conformance.scenes import CONFIG
from tests.net.rig import LESSON, make, run
from tests.support import states as st
from tests.support.pair import MS, PLAIN, Pair, S, dice

req = pytest.mark.req
V4, V6 = ("10.0.0.1", "10.0.0.2"), ("fd00::1", "fd00::2")


def segment(addresses=V4, payload=b"", flags=ACK, options=NO_OPTIONS, **kw):
    return Segment(addresses[0], addresses[1], 4000, 80, 5, 7, flags, 4000, payload, options, **kw)


def plain_sum(data):
    """The checksum as the RFC writes it: word by word, an odd byte padded on the right."""
    total = 0
    for word in range(0, len(data) - len(data) % 2, 2):
        total += data[word] << 8 | data[word + 1]
    if len(data) % 2:
        total += data[-1] << 8
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def pseudo(data):
    if data[0] >> 4 == 4:
        return data[12:20] + bytes((0, 6)) + (len(data) - 20).to_bytes(2, "big")
    return data[8:40] + (len(data) - 40).to_bytes(4, "big") + bytes((0, 0, 0, 6))


@req("9293-MUST-2", "9293-U-02", "9293-U-03")
@pytest.mark.parametrize("addresses", [V4, V6], ids=["v4", "v6"])
def test_every_checksum_is_that_of_the_rfc(addresses):
    for length in (0, 1, 2, 3, 99, 1460):
        data = encode(segment(addresses, bytes(range(7, 7 + length % 100)) * (length // 100 + 1)))
        head = 20 if addresses is V4 else 40
        assert plain_sum(pseudo(data) + data[head:]) == 0xFFFF


@req("9293-MUST-3")
@pytest.mark.parametrize("addresses", [V4, V6], ids=["v4", "v6"])
def test_one_flipped_bit_and_the_segment_is_discarded(addresses):
    data = encode(segment(addresses, b"hello", SYN, Options(mss=1460)))
    for bit in range(8 * (12 if addresses is V4 else 8), 8 * len(data)):
        wrong = bytearray(data)
        wrong[bit >> 3] ^= 0x80 >> (bit & 7)
        with pytest.raises(WireError):
            decode(bytes(wrong), mine=(addresses[1],))


@req("9293-MUST-3")
def test_corrupted_segments_change_nothing_at_the_host():
    net = make(replace(LESSON, iss=None))
    net.listen("server", 80)
    net.connect("client", "server", 80)
    run(net)
    net.link_set("client", "corrupt", 1_000_000)
    before = net.host_view("server").connections[0].tcb
    net.send_n("client", None, 300)
    run(net, 1)
    after = net.host_view("server").connections[0].tcb
    assert (after.rcv_nxt, after.snd_una, after.state) == (before.rcv_nxt, before.snd_una, before.state)


@req("9293-MUST-4", "9293-MUST-6", "9293-MUST-64", "9293-MUST-68")
def test_options_have_a_length_and_stand_at_any_byte():
    for options in (Options(mss=1460, wscale=7, sack_permitted=True, ts=(1, 2)), Options(unknown=((253, b"abc"),)),
                    Options(sack=((1, 2), (3, 4)), ts=(5, 6))):
        data, at = options_to_bytes(options), 0
        while at < len(data) and data[at]:
            at += 1 if data[at] == 1 else data[at + 1]
        assert at <= len(data) and not any(data[at:])
    odd = bytes((1, 253, 3, 9, 2, 4, 3, 232, 0))
    assert options_from_bytes(odd).mss == 1000


@req("7323-44")
def test_the_layout_of_timestamps_behind_the_syn():
    assert options_to_bytes(Options(ts=(1, 2))) == bytes((1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2))


@req("9293-U-01", "8311-04")
def test_reserved_bits_are_sent_as_zero_and_not_looked_at():
    data = bytearray(encode(segment(payload=b"x")))
    assert not data[32] & 0x0F
    data[32] |= 0x0F
    data[36:38] = b"\0\0"
    data[36:38] = (0xFFFF - plain_sum(pseudo(bytes(data)) + bytes(data[20:]))).to_bytes(2, "big")
    assert decode(bytes(data)) == segment(payload=b"x")


@req("9293-MUST-50", "9293-U-49")
def test_ip_options_and_the_ds_field_are_passed_over():
    data = bytearray(encode(segment(payload=b"x")))
    data[1] = 46 << 2
    data[20:20] = bytes((1, 0x9E, 3, 0))  # NOP and an option nobody knows
    data[0], data[2:4] = 0x46, len(data).to_bytes(2, "big")
    data[10:12] = b"\0\0"
    data[10:12] = (0xFFFF - plain_sum(bytes(data[:24]))).to_bytes(2, "big")
    assert decode(bytes(data)) == segment(payload=b"x")


@req("1122-12")
def test_a_ttl_of_one_is_enough_to_arrive():
    assert decode(encode(segment(), ttl=1)) == segment() and encode(segment())[8] == 64


@req("1122-06")
def test_a_packet_for_another_is_dropped_without_a_word():
    with pytest.raises(WireError) as caught:
        decode(encode(segment(flags=SYN)), mine=("10.0.0.9",))
    assert caught.value.reason == "address"


@req("1122-06", "9293-MUST-63", "9293-MUST-57")
@pytest.mark.parametrize("change", [{"src": "224.0.0.1"}, {"src": "127.0.0.1"}, {"src": "255.255.255.255"},
                                    {"src": "0.0.0.0"}, {"src": "::"}, {"src": "ff02::1"}, {"src": "240.0.0.9"},
                                    {"dst": "224.0.0.5"}, {"dst": "ff02::1"}, {"dst": "255.255.255.255"}])
def test_a_syn_from_or_to_what_is_no_host(change):
    bench = st.listen()
    bench.end.segment_arrives(replace(segment((st.PEER[0], st.US[0]), flags=SYN), ack=0, **change), 0)
    assert bench.taken() == [] and bench.end.state is State.LISTEN


@req("9293-MUST-8", "9293-MUST-9", "9293-SHLD-1", "6528-01", "6528-02", "6528-05")
def test_initial_numbers():
    config, here, there = Config(secret=b"k" * 16), ("10.0.0.1", 1), ("10.0.0.2", 2)
    at = [initial_sequence_number(config, here, there, now) for now in (0, 4000, 10 * MS, S)]
    assert [(n - at[0]) % 2**32 for n in at] == [0, 1, 2500, 250_000]
    others = {initial_sequence_number(*each, 0) for each in (
        (replace(config, secret=b"K" * 16), here, there), (config, there, here), (config, here, ("10.0.0.2", 3)),
        (config, ("10.0.0.1", 9), there), (config, here, ("10.0.0.3", 2)))}
    assert len(others) == 5 and at[0] not in others


@req("6528-03")
def test_the_secret_is_long_and_of_each_host():
    net = make()
    secrets = [net.hosts[name].config.secret for name in ("client", "server")]
    assert all(len(secret) >= 16 for secret in secrets) and secrets[0] != secrets[1]


@req("9293-U-36")
def test_two_minutes_are_the_maximum_segment_lifetime():
    assert PROFILES["rfc"].msl_ns == 120 * S


@req("6928-07")
def test_the_first_window_offered_holds_ten_segments():
    end = Endpoint(PROFILES["rfc"], st.US)
    end.open_active(st.PEER, 0)
    (syn,) = end.take_segments()
    assert syn.wnd >= 10 * syn.options.mss


@req("9293-MUST-41")
def test_a_second_listen_fails_and_harms_nobody():
    net = make()
    net.listen("server", 80)
    with pytest.raises(NetError, match="already"):
        net.listen("server", 80)
    net.connect("client", "server", 80)
    run(net)
    assert net.host_view("server").connections[0].tcb.state == "ESTABLISHED"


@req("9293-MUST-42")
def test_listening_on_the_port_of_a_connection_that_is_being_opened():
    net = make()
    net.listen("client", 9)
    net.connect("server", "client", 9, from_port=80)  # SYN-SENT on port 80
    assert net.host_view("server").connections[0].tcb.state == "SYN-SENT"
    net.listen("server", 80)
    net.connect("client", "server", 80)
    run(net)
    assert [conn.tcb.state for conn in net.host_view("server").connections] == ["ESTABLISHED"] * 2


@req("9293-MUST-44", "9293-MUST-45")
@pytest.mark.parametrize("ip", [4, 6])
def test_one_address_from_the_first_syn_to_the_last_ack(ip):
    net = make(ip=ip)
    net.listen("server", 80)
    net.connect("client", "server", 80)
    net.send_n("client", None, 500)
    run(net)
    net.close("client", None)
    run(net)
    address = net.hosts["client"].address
    sent = [event.seg.segment.src for event in net.sink if event.kind == "sent" and event.seg.src == "client"]
    assert len(sent) > 5 and set(sent) == {address} and ("." in address) == (ip == 4)


@req("9293-MUST-67")
@pytest.mark.parametrize("ip, mss", [(4, 536), (6, 1240)])
def test_the_mss_offered_fits_what_ip_can_carry(ip, mss):
    net = make(replace(LESSON, mss=1460), ip=ip, mtu=576 if ip == 4 else 1300)
    net.listen("server", 80)
    net.connect("client", "server", 80)
    run(net)
    syns = [event.seg.segment for event in net.sink if event.kind == "sent" and event.seg.segment.flags & SYN]
    assert syns and {seg.options.mss for seg in syns} == {mss}


@req("9293-MUST-47")
def test_soft_errors_are_told_as_they_happen():
    bench = st.established()
    bench.end.segment_arrives(replace(bench.seg(1, URG, ack=1, text=b"hurry"), up=5), 0)
    bench.end.send(b"x", 0)
    bench.end.icmp(IcmpError("unreachable", st.ISS + 1, "host"), 0)
    bench.wait(8 * S)
    told = [(r.kind, r.why.code) for r in bench.end.take_reports() if r.kind in ("urgent", "error")]
    assert told == [("urgent", "urgent-arrived"), ("error", "icmp-soft"), ("error", "r1-reached")]


@req("9293-U-53", "7323-42")
def test_path_mtu_discovery_with_timestamps():
    config = replace(PROFILES["rfc"], iss=1000, mss=1460, nagle=False)
    bench = st.syn_sent(config=config)
    bench.give(0, SYN, ack=1, options=Options(mss=1460, ts=(1, 0)), wnd=60000)
    bench.mark()
    bench.end.send(b"x" * 1448, 0)
    (sent,) = bench.taken()
    assert len(sent.payload) == 1448 and encode(sent)[6] & 0x40  # DF
    bench.end.icmp(IcmpError("too-big", sent.seq, mtu=1000), 0)
    assert [len(seg.payload) for seg in bench.taken()] == [948, 500]


@req("8311-01")
def test_ect_0_is_the_codepoint():
    pair = Pair(replace(PLAIN, ecn=True)).connect()
    pair.a.send(b"x" * 500, pair.now)
    pair.settle()
    assert {seg.ecn for seg in pair.sent("a") if seg.payload} == {2}


@req("6191-07")
def test_timestamps_go_on_from_connection_to_connection():
    stamps = []
    for now in (0, S):
        end = Endpoint(replace(PROFILES["rfc"], secret=b"k" * 16), st.US)
        end.open_active(st.PEER, now)
        (syn,) = end.take_segments()
        stamps.append(syn.options.ts[0])
    assert (stamps[1] - stamps[0]) % 2**32 == 1000


@req("8985-17")
def test_rack_comes_with_prr():
    config = replace(PROFILES["modern"], secret=b"x")
    pair = Pair(config, accident=lambda seg, n: [] if seg.payload and not seg.rtx and n % 40 == 20 else [0]).connect()
    pair.a.send(b"x" * 200_000, pair.now)
    pair.run(until=lambda: len(pair.got["b"]) == 200_000)
    codes = {report.why.code for _, name, report in pair.reports if name == "a" and report.why}
    assert "rtx-rack" in codes and "cwnd-prr" in codes


@req("9293-U-48")
@pytest.mark.parametrize("state", State)
def test_status_is_a_snapshot(state):
    bench = st.BUILD[state]()
    view, tcb = bench.end.status(), bench.end.tcb
    assert view.state == str(state) and view.local == tcb.local and view.remote == tcb.remote
    assert view.unread == len(tcb.unread) and view.timers == tcb.timers.running()
    if tcb.irs is not None:
        assert (view.snd_una, view.snd_nxt, view.rcv_nxt) == (tcb.snd_una, tcb.snd_nxt, tcb.rcv_nxt)
        assert (view.snd_wnd, view.rcv_wnd) == (tcb.snd_wnd, tcb.rcv_wnd)
    bench.end.tcb.snd_wnd += 1
    assert view.snd_wnd is None or view.snd_wnd != tcb.snd_wnd


@req("9293-U-32")
def test_a_fin_is_told_without_being_asked_for():
    bench = st.established()
    bench.give(1, FIN, ack=1, text=b"abc")
    kinds = [(r.kind, r.get("to")) for r in bench.end.take_reports()]
    assert ("state", "CLOSE-WAIT") in kinds and bench.end.readable == 3


@req("9293-MUST-12", "9293-U-47")
def test_an_end_and_a_reset_look_different():
    told = []
    for flags in (FIN | ACK, 4):
        bench = st.established()
        bench.give(1, flags, ack=1 if flags & ACK else None)
        with pytest.raises(TcpError) as caught:
            bench.end.receive(1, 0)
        told.append((caught.value.message, bench.end.error))
    assert told == [("connection closing", None), ("connection does not exist", "connection reset")]


@req("9293-MUST-20", "9293-SHLD-9", "9293-SHLD-10")
def test_r1_comes_with_the_third_retransmission_and_before_r2():
    bench = st.established(config=replace(PROFILES["rfc"], iss=1000))
    bench.end.send(b"x", 0)
    bench.wait(7 * S - 1)
    assert not [r for r in bench.end.take_reports() if r.kind == "error"]
    bench.wait(1)
    (told,) = [r for r in bench.end.take_reports() if r.kind == "error"]
    assert told.get("soft") and not bench.end.gone and bench.end.config.r1 < bench.end.config.r2


@req("9293-MUST-22", "9293-SHLD-9")
def test_r1_is_told_for_syns_too():
    bench = st.syn_sent()
    bench.wait(8 * S)
    assert [r.why.code for r in bench.end.take_reports() if r.kind == "error"] == ["r1-reached"]


@req("6582-09")
def test_recover_does_not_block_recovery_after_half_the_circle():
    bench = st.established(config=replace(CONFIG, congestion="reno", rcvbuf=65535), wnd=65535)
    tcb, far = bench.end.tcb, 2**31 + 5000
    tcb.recovery.recover = tcb.iss
    for name in ("snd_una", "snd_nxt", "snd_wl2", "rtx_nxt", "rtx_end", "probe_end"):
        setattr(tcb, name, getattr(tcb, name) + far)
    tcb.queue.base += far
    bench.end.send(b"x" * 400, 0)
    assert len(bench.taken()) == 4
    for _ in range(3):
        bench.give(1, 0, ack=1 + far, wnd=65535)
    assert bench.end.status().recovering


@req("5681-02", "5681-11")
def test_cwnd_never_runs_ahead_of_the_rules():
    """A shadow of RFC 5681 in its most generous reading runs beside the endpoint through a lossy transfer."""
    config = replace(PLAIN, congestion="reno", rcvbuf=60_000, sndbuf=60_000, r2=None, user_timeout_ns=None)
    pair = Pair(config, accident=dice("shadow", loss=0.03)).connect()
    cc, top = pair.a.tcb.cc, []

    def watch(_):
        top.append((cc.cwnd, pair.a.tcb.recovery.active, pair.a.tcb.snd_una))

    pair.on_step = watch
    for _ in range(20):
        pair.a.send(b"x" * 20_000, pair.now)
        pair.settle()
    for (before, active, una), (after, then, beyond) in zip(top, top[1:], strict=False):
        if not active and not then and after > before:
            assert after - before <= 100 and beyond > una
    assert len(top) > 2000 and pair.a.status().segments_retransmitted > 20


@req("9293-SHLD-28", "9293-MUST-16")
def test_every_segment_of_a_bulk_write_but_the_last_is_full():
    pair = Pair(replace(PLAIN, sndbuf=100_000)).connect()
    pair.a.send(b"x" * 20_050, pair.now)
    pair.settle()
    sizes = [len(seg.payload) for seg in pair.sent("a") if seg.payload]
    assert sizes == [100] * 200 + [50]


@req("9293-U-26", "9293-MUST-65")
def test_a_whole_life_scanned():
    rng = random.Random("scan")
    pair = Pair(accident=dice("scan", loss=0.1, dup=0.1, jitter=30 * MS)).connect()
    for _ in range(8):
        pair.a.send(b"x" * (1 + int(rng.random() * 900)), pair.now)
        pair.b.send(b"y" * (1 + int(rng.random() * 900)), pair.now)
        pair.settle()
    pair.a.close(pair.now)
    pair.b.close(pair.now)
    pair.run()
    for _, _, seg in pair.log:
        assert (seg.options.mss is not None) == bool(seg.flags & SYN)
    assert all(seg.flags & ACK for _, _, seg in pair.log if not seg.flags & SYN)
