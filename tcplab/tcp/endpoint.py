"""The sans-IO door of one connection: user calls, arriving segments and time go in; segments and reports come out.

The endpoint does not know whether it is client or server, has no clock and no dice, and decides nothing itself: the
rules stand in the files of RFC 9293 section 3.10. After every call the owner drains `take_segments` and
`take_reports` and asks `next_timeout` again.
"""

from __future__ import annotations

from dataclasses import replace

from . import (
    acking,
    arrives,
    icmp,
    keepalive,
    loss,
    output,
    pathmtu,
    reopening,
    syncookies,
    timeouts,
    urgent,
    user_calls,
    window,
)
from .config import Config
from .congestion import REGISTRY
from .icmp import IcmpError
from .plain import Plain
from .reports import Report
from .segment import Segment
from .seq import wrap
from .state import State
from .tcb import TCB, Socket
from .views import TcbView
from .why import Why


class Endpoint(Plain):
    """One connection at `local` (address, port). Copies (`copy.deepcopy`) and pickles are independent.

    Let the user react to an arrival (read, write, close) *before* draining the segments: an ACK that is due then
    carries the window the reading opened, or rides on what was written.
    """

    __slots__ = ("tcb",)

    def __init__(self, config: Config, local: Socket) -> None:
        self.tcb = TCB(config, local)

    # -- user calls, RFC 9293 section 3.10 ---------------------------------------------------------------------------

    def open_active(self, remote: Socket, now: int) -> None:
        """Active OPEN towards `remote`: a SYN goes out. Raises TcpError unless CLOSED or LISTEN (3.10.1)."""
        self.tcb.now = now
        user_calls.open_active(self.tcb, remote, now)

    def open_passive(self, now: int, remote: Socket | None = None, former: TCB | None = None) -> None:
        """Passive OPEN: LISTEN, for anybody or for `remote` only. Raises TcpError unless CLOSED (3.10.1).

        `former` is what `reopen` of the connection before has returned: the ISS will lie beyond its numbers, and its
        TIME-WAIT is gone back to if no connection comes of it.
        """
        user_calls.open_passive(self.tcb, remote)
        if former is not None:
            self.tcb.iss_above, self.tcb.former = former.snd_nxt, former

    def send(self, data: bytes, now: int, push: bool = True, hurry: bool = False) -> int:
        """SEND: queue `data`; returns the bytes accepted, 0 when the buffer is full. Raises TcpError (3.10.2).

        With `hurry` the urgent mark is set behind it; for old applications only (3.8.5).
        """
        self.tcb.now = now
        return user_calls.send(self.tcb, data, now, push, hurry)

    def receive(self, n: int, now: int) -> bytes:
        """RECEIVE: at most `n` bytes in order, empty when none are there. Raises TcpError after the FIN (3.10.3)."""
        self.tcb.now = now
        return user_calls.receive(self.tcb, n, now)

    def close(self, now: int) -> None:
        """CLOSE: a FIN after everything queued; receiving goes on. Raises TcpError (3.10.4)."""
        self.tcb.now = now
        user_calls.close(self.tcb, now)

    def abort(self, now: int) -> None:
        """ABORT: forget the connection at once, with a RST where the peer must know. Raises TcpError (3.10.5)."""
        self.tcb.now = now
        user_calls.abort(self.tcb, now)

    def status(self) -> TcbView:
        """STATUS: a frozen copy of the TCB; after it is deleted, its last values with `gone` set (3.10.6)."""
        return status(self.tcb)

    def configure(self, config: Config, now: int) -> None:
        """Turn knobs while the connection lives; see `Config` for what takes effect when."""
        self.tcb.now = now
        configure(self.tcb, config, now)

    # -- segments and time -------------------------------------------------------------------------------------------

    def segment_arrives(self, seg: Segment, now: int) -> None:
        """SEGMENT ARRIVES (3.10.7). Never raises, whatever the segment."""
        self.tcb.now = now
        arrives.segment_arrives(self.tcb, seg, now)

    def from_cookie(self, seg: Segment, mss: int, now: int) -> None:
        """Passive OPEN, and the SYN that a SYN cookie remembered: SYN-RECEIVED, with nothing sent; `seg` is the ACK
        that brought the cookie back and is to be delivered next."""
        config = self.tcb.config
        self.tcb.now = now
        user_calls.open_passive(self.tcb, None)
        self.tcb.config = replace(config, iss=(seg.ack - 1) & 0xFFFFFFFF)
        arrives.segment_arrives(self.tcb, syncookies.syn_of(seg, mss), now)
        self.tcb.config = config
        syncookies.forget_beginning(self.tcb)

    def icmp(self, error: IcmpError, now: int) -> None:
        """The network reports about a segment of ours. Never raises (3.9.2.2)."""
        self.tcb.now = now
        icmp.arrives(self.tcb, error, now)

    def may_reopen(self, seg: Segment) -> bool:
        """Whether `seg` is a SYN that may end TIME-WAIT: certainly no old duplicate (RFC 6191 section 2)."""
        return reopening.may_reopen(self.tcb, seg)

    def reopen(self, seg: Segment) -> TCB:
        """Delete the TCB, in TIME-WAIT, in favour of the new connection of `seg`; returns its `former`."""
        return reopening.give_way(self.tcb, seg)

    def next_timeout(self) -> int | None:
        """The instant (ns) of the next timer, None when none runs."""
        return self.tcb.timers.earliest()

    def timeout(self, now: int) -> None:
        """Let every timer fire that is due at `now` (3.10.8); too early a call does nothing."""
        self.tcb.now = now
        timeouts.fire_due(self.tcb, now)

    def take_segments(self) -> list[Segment]:
        """Drain the segments to send, oldest first, each with its `why`; an ACK that is due goes last."""
        tcb = self.tcb
        if tcb.ack_pending is not None:
            acking.flush(tcb)
        out, tcb.out = tcb.out, []
        return out

    def take_reports(self) -> list[Report]:
        """Drain what happened since the last drain. Drain the segments first: making an ACK may report too."""
        reports, self.tcb.reports = self.tcb.reports, []
        return reports

    # -- looking -----------------------------------------------------------------------------------------------------

    @property
    def config(self) -> Config:
        return self.tcb.config

    @property
    def local(self) -> Socket:
        return self.tcb.local

    @property
    def remote(self) -> Socket | None:
        return self.tcb.remote

    @property
    def state(self) -> State:
        return self.tcb.state

    @property
    def gone(self) -> bool:
        """Whether the TCB was deleted; an endpoint is used once."""
        return self.tcb.gone

    @property
    def error(self) -> str | None:
        """What the user was told when the connection died, None after an orderly end."""
        return self.tcb.error

    @property
    def readable(self) -> int:
        """Bytes in order and not yet read."""
        return len(self.tcb.unread)

    @property
    def urgent_left(self) -> int:
        """Bytes up to the peer's urgent mark that are still to be read, arrived or not; 0 for none (3.8.5)."""
        return urgent.left(self.tcb)

    @property
    def writable(self) -> int:
        """Free bytes of the send buffer; 0 when SEND would be refused."""
        tcb = self.tcb
        if tcb.gone or tcb.close_wanted or tcb.state not in _WRITABLE:
            return 0
        room = tcb.config.sndbuf - len(tcb.queue.text)
        return room if room > 0 else 0

    @property
    def eof(self) -> bool:
        """The peer's FIN has been received and everything before it was read."""
        return self.tcb.fin_received and not self.tcb.unread

    @property
    def keeps_busy(self) -> bool:
        """Whether a timer runs that will do something by itself: retransmission, delayed ACK, or the silly-window
        override. TIME-WAIT, the user timeout and zero-window probing (see `probing`) do not count."""
        tcb = self.tcb
        timers = tcb.timers
        return (timers.rtx is not None or timers.reo is not None or timers.pto is not None
                or timers.delack is not None or (timers.persist is not None and tcb.snd_wnd > 0))

    @property
    def rcv_shift(self) -> int:
        """How far the windows we send are shifted, SYNs excepted (RFC 7323 section 2.2)."""
        return self.tcb.rcv_shift

    @property
    def probing(self) -> bool:
        """Whether the persist timer runs because the peer's last word was a window of 0."""
        return self.tcb.timers.persist is not None and self.tcb.snd_wnd == 0

    @property
    def quiet(self) -> bool:
        """Set it to stop making reports, for bulk runs."""
        return not self.tcb.telling

    @quiet.setter
    def quiet(self, value: bool) -> None:
        self.tcb.telling = not value

    def waiting(self) -> Why | None:
        """Why queued text or a FIN is not being sent right now; None when nothing is held back."""
        return waiting(self.tcb)


_WRITABLE = frozenset({State.SYN_SENT, State.SYN_RECEIVED, State.ESTABLISHED, State.CLOSE_WAIT})


def configure(tcb: TCB, config: Config, now: int) -> None:
    """Take `config` and let everything that depends on it follow."""
    old, tcb.config = tcb.config, config
    if tcb.gone or tcb.state is State.CLOSED:
        if not tcb.gone:
            tcb.fresh()
        return
    if config.congestion != old.congestion:
        before, tcb.cc = tcb.cc, REGISTRY[config.congestion]()
        tcb.cc.cwnd, tcb.cc.ssthresh, tcb.cc.cuts = before.cwnd, before.ssthresh, before.cuts
    if tcb.peer_mss is not None:
        tcb.fit_smss()
        pathmtu.fit(tcb)
        if tcb.cc.cwnd:  # once established
            tcb.cc.reconfigured(config, tcb.smss)
    if tcb.irs is not None:
        loss.choose(tcb)
    if tcb.rto.srtt is None and not tcb.rto.backoff:
        tcb.rto.rto = config.rto_initial_ns
    if not config.delack and tcb.unacked_segments and tcb.ack_pending is None:
        acking.due(tcb, "ack-data", wrap(tcb.rcv_nxt))
    if config.user_timeout_ns != old.user_timeout_ns:
        tcb.timers.user = None
        if tcb.queue.sent or tcb.timers.persist is not None:
            output.start_user_timer(tcb, now)
    if config.keepalive_ns != old.keepalive_ns:
        keepalive.configured(tcb, now)
    if tcb.state is State.TIME_WAIT:
        if config.msl_ns != old.msl_ns:
            since = tcb.time_wait_since
            timeouts.start_time_wait(tcb, now, "time-wait-msl")
            if not tcb.gone:
                tcb.time_wait_since = since
                tcb.timers.time_wait = max(since + 2 * config.msl_ns, now)
        return
    if tcb.irs is not None and not tcb.fin_received:
        window.after_read(tcb)
    output.output(tcb, now)


def waiting(tcb: TCB) -> Why | None:
    """The rule that holds queued text or a FIN back (RFC 9293 sections 3.7.4, 3.8.6; RFC 5681)."""
    unsent = tcb.queue.end - tcb.snd_nxt if tcb.iss is not None else len(tcb.queue.text)
    if tcb.fin_seq is not None or (unsent <= 0 and not tcb.close_wanted):
        return None
    if tcb.state in (State.SYN_SENT, State.SYN_RECEIVED):
        return Why("wait-handshake", (max(unsent, 0),))
    if tcb.rtx_nxt < tcb.rtx_end:
        return Why("wait-recovery")
    if tcb.snd_wnd == 0:
        return Why("wait-zero-window", (max(unsent, 0),))
    flying = loss.pipe(tcb) if tcb.by_sack else tcb.flight_size
    room = min(tcb.snd_una + tcb.snd_wnd - tcb.snd_nxt, tcb.cc.cwnd - flying)
    if room >= min(unsent, tcb.smss):
        return Why("wait-nagle", (unsent, tcb.flight_size))
    if tcb.cc.cwnd < tcb.snd_wnd:
        return Why("wait-cwnd", (tcb.cc.cwnd, tcb.flight_size))
    return Why("wait-window", (tcb.snd_wnd, tcb.flight_size))


def engine_name(tcb: TCB) -> str:
    """Which loss recovery is in use: without SACK, sack and rack are NewReno (RFC 8985 section 4)."""
    wanted = tcb.config.recovery
    return wanted if tcb.by_sack or wanted == "reno" else "newreno"


def status(tcb: TCB) -> TcbView:
    """A frozen copy of `tcb` with wire numbers (RFC 9293 section 3.10.6)."""
    known, synchronized = tcb.iss is not None, tcb.irs is not None
    numbers = {}
    if known:
        numbers.update(iss=wrap(tcb.iss), snd_una=wrap(tcb.snd_una), snd_nxt=wrap(tcb.snd_nxt))
    if synchronized:
        numbers.update(irs=wrap(tcb.irs), rcv_nxt=wrap(tcb.rcv_nxt), rcv_wnd=tcb.rcv_wnd, snd_wnd=tcb.snd_wnd,
                       snd_wl1=wrap(tcb.snd_wl1), snd_wl2=wrap(tcb.snd_wl2))
    elif tcb.state is not State.CLOSED:
        numbers.update(rcv_wnd=window.initial(tcb))
    return TcbView(
        state=str(tcb.state), local=tcb.local, remote=tcb.remote,
        cwnd=tcb.cc.cwnd, ssthresh=tcb.cc.shown_ssthresh, flight=tcb.flight_size, smss=tcb.smss,
        srtt=tcb.rto.srtt, rttvar=tcb.rto.rttvar, rto=tcb.rto.rto, backoff=tcb.rto.backoff,
        dup_acks=tcb.recovery.dup_acks, timers=tcb.timers.running(),
        sndbuf=tcb.config.sndbuf, rcvbuf=tcb.config.rcvbuf,
        unsent=max(tcb.queue.end - tcb.snd_nxt, 0) if known else len(tcb.queue.text), unread=len(tcb.unread),
        holes=tuple((wrap(left), wrap(right)) for left, right in tcb.reassembly.ranges()),
        bytes_sent=tcb.bytes_sent, bytes_received=tcb.bytes_received,
        segments_retransmitted=tcb.segments_retransmitted,
        fin_sent=tcb.fin_sent, fin_acked=tcb.fin_acked, gone=tcb.gone,
        error=tcb.error, fin_received=tcb.fin_received, recovering=tcb.recovery.active,
        recovery=engine_name(tcb), sacked=tcb.board.total, pipe=loss.pipe(tcb) if tcb.by_sack else tcb.flight_size,
        snd_shift=tcb.snd_shift, rcv_shift=tcb.rcv_shift, ts_recent=tcb.ts_recent if tcb.ts_on else None,
        congestion=tcb.cc.name, phase="fast recovery" if tcb.recovery.active else tcb.cc.phase,
        w_max=tcb.cc.shown_w_max,
        path_mtu=tcb.path_mtu, urgent_left=urgent.left(tcb),
        snd_up=None if tcb.snd_up is None else wrap(tcb.snd_up),
        rcv_up=None if tcb.rcv_up is None else wrap(tcb.rcv_up),
        ecn=tcb.ecn is not None and tcb.ecn.on, ecn_echo=tcb.ecn is not None and tcb.ecn.echo, **numbers,
    )
