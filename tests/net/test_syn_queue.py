"""The queue of half-open connections, and SYN cookies (RFC 4987)."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as some

from tcplab.tcp import ACK, PROFILES, SYN, Options, Segment, syncookies
from tests.net.rig import knobs, make, run, segment, state, tcb

S = 10**9
RFC = PROFILES["rfc"]


def flooded(count=5, backlog=3, **more):
    """A listener and `count` SYNs that nobody stands behind: their SYN,ACKs are lost."""
    net = make(knobs(isn_small=False, **more))
    net.listen("server", 80, backlog=backlog)
    for n in range(count):
        net.inject("client", replace(segment(net, flags=SYN, seq=n, wnd=4000, sport=2000 + n, dport=80),
                                     src="10.0.0.9"))
    run(net, seconds=0)
    for _ in range(count):
        net.step()
    return net


def dropped(net):
    return [e.get("reason") for e in net.sink if e.kind == "dropped" and e.host == "server"]


def test_half_open_connections_share_the_backlog_unless_told_otherwise():
    assert dropped(flooded(5, backlog=3)) == ["backlog"] * 2


def test_a_queue_of_their_own():
    net = flooded(5, backlog=3, syn_backlog=4)
    assert dropped(net) == ["synqueue"] and net.host_view("server").listening == ((80, 3, 4),)
    assert dropped(flooded(5, backlog=3, syn_backlog=1)) == ["synqueue"] * 4


def test_those_that_stand_are_counted_apart():
    net = make(knobs(syn_backlog=9))
    net.set_app("server", None, "none")
    net.listen("server", 80, backlog=2)
    for _ in range(3):
        net.connect("client", "server", 80)
        run(net, seconds=1)
    assert [state(net, "client", n) for n in (1, 2, 3)] == ["ESTABLISHED", "ESTABLISHED", "SYN-SENT"]


def test_with_cookies_a_flood_keeps_nobody_out():
    net = flooded(50, backlog=3, syncookies=True)
    assert dropped(net) == [] and len(net.host_view("server").connections) == 3
    cookies = [e.seg.segment for e in net.sink if e.kind == "sent" and e.why and e.why.code == "syn-cookie"]
    assert len(cookies) == 47
    net.connect("client", "server", 80)
    net.send("client", None, b"through")
    run(net, seconds=1)
    assert state(net, "client") == "ESTABLISHED" and state(net, "server", 4) == "ESTABLISHED"
    server, client = tcb(net, "server", 4), tcb(net, "client")
    assert server.bytes_received == 7 and server.smss == 100 and server.iss == client.irs and server.srtt is None
    net.close("client")
    run(net, seconds=1)
    net.close("server")
    run(net, seconds=1)
    assert state(net, "client") == "TIME-WAIT" and tcb(net, "server", 4).gone


def test_without_them_it_keeps_everybody_out():
    net = flooded(50, backlog=3)
    net.connect("client", "server", 80)
    run(net, seconds=1)
    assert state(net, "client") == "SYN-SENT"


def test_the_first_text_brings_the_cookie_back_when_the_ack_is_lost():
    net = flooded(5, backlog=3, syncookies=True)
    net.connect("client", "server", 80)
    net.send("client", None, b"hello")
    while state(net, "client") != "ESTABLISHED":
        net.step()
    bare = [f.record.id for f in net.in_flight() if f.record.src == "client" and not f.record.segment.payload]
    if bare:
        net.link_drop(*bare)
    run(net, seconds=3)
    assert tcb(net, "server", 4).bytes_received == 5


# -- the cookie itself -----------------------------------------------------------------------------------------------

CONFIG = replace(RFC, syncookies=True, secret=b"s")


def syn(mss=1460, seq=77):
    return Segment("10.0.0.1", "10.0.0.2", 5000, 80, seq, 0, SYN, 4000, options=Options(mss=mss))


def back(cookie, seq=78, **more):
    return replace(Segment("10.0.0.1", "10.0.0.2", 5000, 80, seq, (cookie.seq + 1) % 2**32, ACK, 4000), **more)


@given(some.integers(0, 2**40), some.integers(0, 63), some.one_of(some.none(), some.integers(0, 65535)),
       some.integers(0, 2**32 - 1))
def test_a_cookie_lives_between_one_and_two_periods(at, later, mss, seq):
    at *= 10**6
    cookie = syncookies.answer(CONFIG, syn(mss, seq), at)
    got = syncookies.mss_of(CONFIG, back(cookie, (seq + 1) % 2**32), at + later * S)
    assert got in syncookies.MSS_TABLE and got <= max(536 if mss is None else mss, 64)
    assert syncookies.mss_of(CONFIG, back(cookie, (seq + 1) % 2**32), at + 128 * S) is None


def test_nobody_can_make_one_up():
    cookie = syncookies.answer(CONFIG, syn(), 0)
    assert cookie.letters == "S." and cookie.ack == 78
    for wrong in (back(cookie, 79), back(cookie, sport=5001), back(cookie, src="10.0.0.3"),
                  back(cookie, ack=cookie.seq),
                  back(cookie, flags=SYN | ACK)):
        assert syncookies.mss_of(CONFIG, wrong, 0) is None
    assert syncookies.mss_of(CONFIG, back(cookie), 0) == 1460
    assert syncookies.mss_of(replace(CONFIG, secret=b"t"), back(cookie), 0) is None
    assert syncookies.mss_of(replace(CONFIG, syncookies=False), back(cookie), 0) is None
