"""Idle: nothing will happen that anybody waits for (design section 4)."""

from tests.net.rig import ACK, SECOND, Fits, make, opened, run, state, tcb

FROM_SERVER = Fits(lambda rec: rec.src == "server")


def test_in_flight_and_retransmission_are_not_idle():
    net = make()
    assert net.idle()
    net.connect("client", "server", 80)
    assert not net.idle()
    net.link_hold(True)
    assert not net.idle()  # held segments do not count, but the retransmission timer does


def test_time_wait_is_idle_and_wait_ends_it():
    net = opened(make())
    net.close("client")
    net.close("server")
    run(net)
    assert net.idle() and state(net, "client") == "TIME-WAIT" and net.next_at() == 60 * SECOND + 250_000_000


def closed_window():
    net = opened(make())
    net.set_option("server", None, "reading", False)
    net.send("client", None, bytes(6000))
    run(net)
    assert tcb(net, "client").snd_wnd == 0
    return net


def test_persist_at_a_window_that_is_closed_is_idle():
    net = closed_window()
    assert net.idle() and ("persist" in dict(tcb(net, "client").timers))


def test_persist_after_a_lost_update_is_not():
    net = closed_window()
    net.link_rule("drop", 1, FROM_SERVER)
    net.set_option("server", None, "reading", True)
    while net.ways[1].flights:
        net.step()
    assert tcb(net, "client").snd_wnd == 0 and tcb(net, "server").rcv_wnd == 4000 and not net.idle()
    run(net)
    assert tcb(net, "server").bytes_received == 6000


def test_persist_towards_nobody_is_not():
    net = closed_window()
    net.link_rule("drop", 1, FROM_SERVER)
    net.abort("server")
    assert not net.idle()
    run(net)
    assert tcb(net, "client").gone


def test_a_delayed_ack_is_not_idle():
    net = opened(make())
    net.set_option("server", None, "delack", True)
    net.send("client", None, b"x")
    net.step()
    assert not net.ways[0].flights and not net.ways[1].flights and not net.idle()


def test_idle_connections_cost_nothing():
    net = opened(make())
    for _ in range(3):
        net.connect("client", "server", 80)
    run(net)
    assert net.next_at() is None and not net.queue.heap


def test_one_timer_entry_a_connection():
    net = opened(make())
    for _ in range(40):
        net.send("client", None, b"x" * 50)
        run(net)
        assert [sum(entry[1:3] == (1, host) for entry in net.queue.heap) <= 1 for host in (0, 1)] == [True, True]


def test_the_clock_goes_no_further_than_what_is_due():
    net = opened(make())
    net.advance_clock(5 * SECOND)
    net.send("client", None, b"x")
    assert net.now == 5 * SECOND and net.next_at() == 5 * SECOND + 50_000_000
    assert net.sink[-1].seg.segment.flags & ACK


def test_what_is_awaited():
    net = opened(make())
    net.send("client", None, b"x")
    net.link_drop(4)
    assert net.awaiting() == (SECOND + 150_000_000, "timer", "client", 1, "rtx")
    net.step()
    assert net.awaiting() == (SECOND + 200_000_000, "delivery", "server", 1, "#5")
    run(net)
    assert net.awaiting() is None
