"""The transmission control block: every variable of one connection (RFC 9293 section 3.3.1), and the one door
through which its state changes.

Sequence numbers are plain integers (see `seq`); None means not known yet. `snd_una` is the RFC's SND.UNA, and so on.
"""

from __future__ import annotations

from collections.abc import Iterable

from .config import DEFAULT_MSS_V4, DEFAULT_MSS_V6, Config
from .congestion import REGISTRY
from .ecn import Ecn
from .frto import Frto
from .options import TIMESTAMPS_SIZE
from .plain import Plain
from .prr import Prr
from .rack import Rack
from .reassembly import Reassembly
from .recovery import Recovery
from .reports import Report
from .rto import RtoEstimator
from .sack import Held
from .scoreboard import Scoreboard
from .segment import Segment
from .send_queue import SendQueue
from .state import Event, State, transition
from .timers import Timers
from .why import Why

Socket = tuple[str, int]


class TCB(Plain):
    """Variables only. The rules that change them stand in the files of section 3.10 and the mechanisms beside them."""

    __slots__ = (
        "config", "local", "remote", "wanted_remote", "state", "passive", "gone", "error",
        # send sequence variables
        "iss", "snd_una", "snd_nxt", "snd_wnd", "snd_wl1", "snd_wl2", "max_snd_wnd", "smss", "peer_mss",
        # receive sequence variables; `rcv_adv` is the right edge that was offered, RCV.NXT + RCV.WND
        "irs", "rcv_nxt", "rcv_adv",
        # what the SYNs agreed on (RFC 7323, RFC 2018): what we offered, and what is in use
        "offered", "wscale_on", "snd_shift", "rcv_shift", "sack_on", "ts_on", "extended", "by_sack",
        # timestamps: the instant of the call at hand, our clock's offset and beginning, TS.Recent, Last.ACK.sent
        "now", "ts_offset", "ts_since", "ts_recent", "ts_recent_at", "last_ack_sent",
        # selective acknowledgment: what we hold, what the peer holds; loss recovery by it, None while not in use
        "held", "board", "rack", "prr", "frto",
        # mechanisms
        "queue", "reassembly", "unread", "rto", "recovery", "cc", "timers",
        # closing: CLOSE called and not carried out, our FIN's number, whether it is acknowledged, the peer's FIN
        "close_wanted", "fin_seq", "fin_acked", "fin_received", "time_wait_since",
        # retransmission: times the timer resent the front; [rtx_nxt, rtx_end) is to be sent again after a time-out
        "rtx_count", "rtx_nxt", "rtx_end", "heard", "syn_timed_out", "last_send",
        # the end of the last segment sent below the full size
        "short_end",
        # zero-window probing: end of the probing octet, back-off, probes without any answer
        "probe_end", "probe_count", "probes_unanswered",
        # the one segment being timed (RFC 6298 section 3): its end, and when it was sent
        "rtt_end", "rtt_at",
        # acknowledging: why an ACK must go out, text segments not yet acknowledged, RCV.NXT when an empty segment at
        # the right edge was last answered
        "ack_pending", "unacked_segments", "unacked_bytes", "quick_acked", "edge_answered",
        # challenge ACKs: since when they are counted, how many (RFC 5961 section 7)
        "challenge_since", "challenges",
        # urgent marks, ours and the peer's, None when there is none ahead
        "snd_up", "rcv_up",
        # the estimate of the path MTU, None before any report, and how long it holds; the last soft ICMP error
        "path_mtu", "path_mtu_until", "soft_error",
        # keep-alives sent since something was heard
        "keepalives",
        # the number above which the ISS must lie: the end of the connection before (RFC 9293 section 3.6.1)
        "iss_above",
        # while a re-opened connection is half-open: the TIME-WAIT record to go back to (RFC 9293 section 3.6.1)
        "former",
        # ECN; None until it is offered, and when it is not agreed
        "ecn",
        # counters
        "bytes_sent", "bytes_received", "segments_retransmitted",
        # what goes out
        "out", "reports", "telling",
    )

    def __init__(self, config: Config, local: Socket) -> None:
        self.config = config
        self.local = local
        self.state = State.CLOSED
        self.telling = True
        self.now = 0
        self.out: list[Segment] = []
        self.reports: list[Report] = []
        self.gone = False
        self.error: str | None = None
        self.wanted_remote: Socket | None = None
        self.iss_above: int | None = None
        self.former: TCB | None = None
        self.fresh()

    def fresh(self) -> None:
        """Everything as before the first segment; state, reports and segments not yet taken stay."""
        self.remote: Socket | None = self.wanted_remote
        self.passive = False
        self.iss: int | None = None
        self.snd_una = self.snd_nxt = self.snd_wnd = self.snd_wl1 = self.snd_wl2 = self.max_snd_wnd = 0
        self.peer_mss: int | None = None
        self.smss = 0
        self.irs: int | None = None
        self.rcv_nxt = self.rcv_adv = 0
        self.offered: tuple[int | None, bool, bool] | None = None
        self.wscale_on = self.sack_on = self.ts_on = self.extended = self.by_sack = False
        self.snd_shift = self.rcv_shift = 0
        self.ts_offset = self.ts_since = self.ts_recent = self.ts_recent_at = self.last_ack_sent = 0
        self.held = Held()
        self.board = Scoreboard()
        self.rack: Rack | None = None
        self.prr: Prr | None = None
        self.frto: Frto | None = None
        self.queue = SendQueue()
        self.reassembly = Reassembly()
        self.unread = bytearray()
        self.rto = RtoEstimator(self.config)
        self.recovery = Recovery()
        self.cc = REGISTRY[self.config.congestion]()
        self.timers = Timers()
        self.close_wanted = self.fin_acked = self.fin_received = False
        self.fin_seq: int | None = None
        self.time_wait_since = 0
        self.rtx_count = self.rtx_nxt = self.rtx_end = 0
        self.heard = False
        self.syn_timed_out = 0
        self.last_send: int | None = None
        self.short_end = 0
        self.probe_end = self.probe_count = self.probes_unanswered = 0
        self.rtt_end: int | None = None
        self.rtt_at = 0
        self.ack_pending: Why | None = None
        self.unacked_segments = self.unacked_bytes = self.quick_acked = 0
        self.edge_answered: int | None = None
        self.challenge_since: int | None = None
        self.challenges = self.keepalives = 0
        self.path_mtu: int | None = None
        self.path_mtu_until: int | None = None
        self.soft_error: str | None = None
        self.snd_up: int | None = None
        self.rcv_up: int | None = None
        self.ecn: Ecn | None = None
        self.bytes_sent = self.bytes_received = self.segments_retransmitted = 0

    def move(self, event: Event, code: str, *args: object) -> None:
        """Change state as the table says. Raises IllegalTransition for a pair that is not in it."""
        row = transition(self.state, event)
        self.state = row.target
        if self.telling:
            self.tell("state", code, args, to=str(row.target), event=str(event), **{"from": str(row.source)})

    def tell(self, kind: str, code: str | None = None, args: Iterable[object] = (), /, **data: object) -> None:
        """Put a report on the list, unless nobody listens. Hot paths ask `telling` first."""
        if self.telling:
            why = Why(code, tuple(args)) if code is not None else None
            self.reports.append(Report(kind, why, tuple(data.items())))

    def tell_cwnd(self, code: str, *args: object) -> None:
        """Report cwnd and ssthresh, with the rule that set them."""
        if self.telling:
            self.tell("cwnd", code, args, cwnd=self.cc.cwnd, ssthresh=self.cc.shown_ssthresh)

    def delete(self, code: str, *args: object, error: str | None = None, keep_unread: bool = False) -> None:
        """Delete the TCB after the state has become CLOSED; its last values stay readable.

        `error` is what the user is told. Queues are flushed (RFC 9293 section 3.10.5); what had arrived in order
        stays readable after an orderly close (`keep_unread`), as a socket keeps it.
        """
        timers = self.timers
        timers.rtx = timers.persist = timers.delack = timers.time_wait = timers.user = timers.reo = timers.pto = None
        timers.keepalive = None
        self.forget_queues()
        if not keep_unread:
            self.unread.clear()
        self.gone = True
        if error is not None:
            self.error = error
            self.tell("error", code, args, message=error, soft=False)
        self.tell("gone", code, args)

    def forget_queues(self) -> None:
        """Flush what is queued, held, or due (RFC 9293 section 3.10.5)."""
        self.queue.clear()
        self.reassembly.clear()
        self.held.ranges.clear()
        self.ack_pending = None

    def learn_mss(self, option: int | None) -> None:
        """Set the send MSS from the SYN's option, or from the default (RFC 9293 section 3.7.1 [MUST-14, 15, 16])."""
        if option is None:
            option = DEFAULT_MSS_V6 if ":" in self.local[0] else DEFAULT_MSS_V4
        self.peer_mss = max(option, 1)
        self.fit_smss()

    def fit_smss(self) -> None:
        """SMSS: the smaller of what both sides take, less the options on every segment (RFC 9293 3.7.1 [MUST-16])."""
        smss = min(self.peer_mss, self.config.mss)
        self.smss = max(smss - TIMESTAMPS_SIZE, 1) if self.ts_on else smss

    def take_window(self, wnd: int, seq: int, ack: int) -> None:
        """SND.WND, SND.WL1 and SND.WL2 from a segment that was found good (RFC 9293 3.10.7.4; RFC 1122 4.2.2.20)."""
        self.snd_wnd, self.snd_wl1, self.snd_wl2 = wnd, seq, ack
        if wnd > self.max_snd_wnd:
            self.max_snd_wnd = wnd

    @property
    def flight_size(self) -> int:
        """FlightSize: sent and not yet cumulatively acknowledged, in sequence numbers (RFC 5681 section 2)."""
        return self.snd_nxt - self.snd_una

    @property
    def fin_sent(self) -> bool:
        return self.fin_seq is not None

    @property
    def rcv_wnd(self) -> int:
        """RCV.WND: what of the offered window is still open."""
        return max(self.rcv_adv - self.rcv_nxt, 0)
