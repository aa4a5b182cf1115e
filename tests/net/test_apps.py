"""Programs: what they read, what waits in them, and when a CLOSE becomes a FIN."""

import pytest

from tcplab.net.app import pattern
from tcplab.net.errors import NetError
from tests.net.rig import Tapped, facts, knobs, make, opened, run, state, tcb


def test_what_waits_is_handed_over_as_room_appears():
    net = opened(make(knobs(sndbuf=1000)))
    net.send("client", None, bytes(5000))
    conn = net.host_view("client").newest
    assert conn.queued == 4000
    run(net)
    assert net.host_view("client").newest.queued == 0 and tcb(net, "server").bytes_received == 5000


def test_ten_gigabytes_cost_nothing_until_sent():
    net = opened(make())
    net.send_n("client", None, 10_000_000_000)
    assert net.host_view("client").newest.queued > 9_999_000_000
    run(net, 1)
    assert net.copy().host_view("client") == net.host_view("client")


def test_the_pattern_goes_on():
    assert pattern(0, 14) == b"000000\n000001\n"
    assert pattern(3, 200_000) == pattern(0, 200_003)[3:]
    net = opened(make(kind=Tapped))
    for n in (1, 999, 30_000):
        net.send_n("client", None, n)
    run(net)
    assert net.heard["server", 1] == pattern(0, 31_000)


def test_close_waits_for_what_is_queued():
    net = opened(make(knobs(sndbuf=1000)))
    net.send("client", None, bytes(5000))
    net.close("client")
    assert state(net, "client") == "ESTABLISHED"
    for call in (lambda: net.send("client", None, b"x"), lambda: net.close("client")):
        with pytest.raises(NetError, match="connection closing"):
            call()
    run(net)
    assert tcb(net, "server").bytes_received == 5000 and state(net, "client") == "FIN-WAIT-2"
    with pytest.raises(NetError, match="connection closing"):
        net.send("client", None, b"x")


def test_reading_goes_on_after_close():
    net = opened(make(kind=Tapped))
    net.close("client")
    run(net)
    net.send("server", None, b"late words")
    run(net)
    assert net.heard["client", 1] == b"late words" and state(net, "client") == "FIN-WAIT-2"


def test_the_program_reads_at_once_and_the_ack_says_so():
    net = opened(make())
    net.send("client", None, bytes(300))
    run(net)
    assert [fact["win"] for fact in facts(net) if fact["kind"] == "sent" and fact["ack"] and
            fact["from"] == "server"][1:] == [4000] * 3


def test_reading_off_fills_the_buffer_until_recv():
    net = opened(make())
    net.set_option("server", None, "reading", False)
    net.send("client", None, b"abc" * 2000)
    run(net)
    assert tcb(net, "server").unread == 4000 and tcb(net, "server").rcv_wnd == 0
    assert net.recv("server", None, 5) == b"abcab"
    assert len(net.recv("server")) == 3995
    assert net.recv("server") == b"" or tcb(net, "server").unread == 0
    run(net)
    assert tcb(net, "server").unread == 2000
    net.set_option("server", None, "reading", True)
    assert tcb(net, "server").unread == 0


def test_nobody_reads_for_app_none():
    net = make()
    net.set_app("server", None, "none")
    opened(net)
    net.send("client", None, b"wait")
    run(net)
    assert net.host_view("server").listening == ((80, 5, 1),)
    assert net.recv("server", 1, 100) == b"wait"
    assert net.host_view("server").listening == ((80, 5, 0),)


def test_echo():
    net = make(kind=Tapped)
    net.set_app("server", None, "echo")
    opened(net)
    net.send_n("client", None, 20_000)
    run(net)
    assert net.heard["client", 1] == pattern(0, 20_000)


def test_an_echo_reads_no_more_than_it_can_pass_on():
    net = make(knobs(sndbuf=500))
    net.set_app("server", None, "echo")
    opened(net)
    net.set_option("client", None, "reading", False)
    net.send_n("client", None, 100_000)
    run(net)
    assert tcb(net, "client").unread == 4000 and net.host_view("server").newest.queued <= 4000
    net.set_option("client", None, "reading", True)
    run(net)
    assert tcb(net, "client").bytes_received == 100_000


def test_source_sends_once_the_connection_stands():
    net = make()
    net.set_app("server", None, "source", 5000)
    opened(net)
    assert tcb(net, "client").bytes_received == 5000 and state(net, "server") == "ESTABLISHED"
    net.connect("client", "server", 80)
    run(net)
    assert tcb(net, "client", 2).bytes_received == 5000
    net.set_app("client", 1, "source", 700)
    run(net)
    assert tcb(net, "server", 1).bytes_received == 700 and tcb(net, "server", 2).bytes_received == 0


def test_programs_see_the_end_and_do_not_close():
    net = opened(make())
    net.close("client")
    run(net)
    assert [fact["op"] for fact in facts(net) if fact["kind"] == "app"][-1] == "eof"
    assert state(net, "server") == "CLOSE-WAIT"


def test_what_arrived_before_an_orderly_end_stays_readable():
    net = opened(make())
    net.set_option("server", None, "reading", False)
    net.send("client", None, b"last words")
    net.close("client")
    run(net)
    net.close("server")
    run(net)
    assert tcb(net, "server").gone
    twin = net.copy()
    assert net.recv("server", 1, 5) == b"last " and net.recv("server", 1) == b"words"
    with pytest.raises(NetError, match="connection does not exist"):
        net.recv("server", 1)
    assert twin.recv("server", 1) == b"last words"


def test_abort_forgets_what_waits():
    net = opened(make(knobs(sndbuf=1000)))
    net.send("client", None, bytes(5000))
    net.abort("client")
    run(net)
    assert tcb(net, "client").gone and tcb(net, "server").gone and net.host_view("client").newest.queued == 0


def test_data_queued_before_the_handshake_follows_it():
    net = make()
    net.listen("server", 80)
    net.connect("client", "server", 80)
    net.send("client", None, b"early")
    run(net)
    assert tcb(net, "server").bytes_received == 5
