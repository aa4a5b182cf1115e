"""Every knob of an endpoint, each with its clause. Times are ns, sizes bytes.

A `Config` is frozen: turning a knob makes another one (`dataclasses.replace`) and hands it to `Endpoint.configure`.
"""

from __future__ import annotations

from dataclasses import dataclass

MS = 1_000_000
SECOND = 1_000_000_000

#: How long a connection is silent before a keep-alive, unless told otherwise (RFC 9293 section 3.8.4 [MUST-28]).
KEEPALIVE_NS = 7200 * SECOND

#: What may be advertised without window scaling (RFC 9293 section 3.1).
MAX_WINDOW = 65535

#: Send MSS when the peer names none: IPv4 and IPv6 (RFC 9293 section 3.7.1 [MUST-15]).
DEFAULT_MSS_V4 = 536
DEFAULT_MSS_V6 = 1220


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one endpoint. Raises ValueError for a value that no RFC would allow.

    Changed while a connection lives, `iss`, `isn_small` and `secret` matter at the next OPEN only and `mss` changes
    what is sent, not what was advertised; everything else takes effect at once.
    """

    #: MSS option sent on SYNs; also the largest text of a segment we send. RFC 9293 3.7.1 [MUST-14]
    mss: int = 1460
    #: RCV.BUFF. RFC 9293 3.8.6.2.2
    rcvbuf: int = 65535
    #: How much SEND may queue, sent and not yet acknowledged text included. RFC 9293 3.10.2
    sndbuf: int = 65535
    #: Nagle algorithm. RFC 9293 3.7.4 [SHLD-7, MUST-17]
    nagle: bool = True
    #: Minshall's modification: only an unacknowledged *short* segment holds the next short one back. RFC 9293 A.3
    minshall: bool = False
    #: Delayed ACK, and how long one may be held. RFC 9293 3.8.6.3 [SHLD-18, MUST-40]
    delack: bool = True
    delack_ns: int = 200 * MS
    #: Maximum segment lifetime; TIME-WAIT lasts twice as long. RFC 9293 3.4.2, 3.6.1 [MUST-13]
    msl_ns: int = 120 * SECOND
    #: Congestion control: "reno" (RFC 5681, 6582), "cubic" (RFC 9438), "tahoe" (no fast recovery: for comparing) or
    #: "fixed" (a constant window, for lessons).
    congestion: str = "reno"
    #: The constant window of "fixed"; None means ten segments.
    cwnd_fixed: int | None = None
    #: A fixed initial sequence number; None draws one as RFC 6528 says.
    iss: int | None = None
    #: Four-digit initial sequence numbers (1000 .. 9999), still drawn from secret and sockets: for lessons.
    isn_small: bool = False
    #: The secret key of the ISN function. RFC 6528 section 3
    secret: bytes = b""
    #: Retransmission time-out before the first measurement, its floor and its ceiling. RFC 6298 (2.1) (2.4) (2.5)
    rto_initial_ns: int = 1 * SECOND
    rto_min_ns: int = 1 * SECOND
    rto_max_ns: int = 60 * SECOND
    #: RTO once established when the SYN's timer had expired. RFC 6298 (5.7)
    rto_after_lost_syn_ns: int = 3 * SECOND
    #: Clock granularity G. RFC 6298 (2.2)
    granularity_ns: int = 1 * MS
    #: Retransmissions of one segment before advice (R1) and before giving up (R2; None: never).
    #: Six back-offs from 1 s are 123 s, seven 183 s. RFC 9293 3.8.3 [SHLD-10, SHLD-11, MUST-21, MUST-23]
    r1: int = 3
    r2: int | None = 6
    r2_syn: int | None = 7
    #: User timeout; None: none. RFC 9293 3.10.1
    user_timeout_ns: int | None = 300 * SECOND
    #: How long the sender holds back a small segment at a small window. RFC 9293 3.8.6.2.1 (0.1 - 1.0 s)
    sws_override_ns: int = 500 * MS
    #: Ignore a RST in TIME-WAIT. RFC 1337 section 3 (F1)
    rfc1337: bool = True
    #: The side that sends a RST to ABORT stays in TIME-WAIT, as RFC 9293 3.5.2 and note 3 of Figure 5 want; off, the
    #: TCB is deleted, as 3.10.5 says and everybody does.
    abort_time_wait: bool = False
    #: A RST whose timestamp echoes what we never sent is not believed. RFC 7323 5.2 (a MAY)
    rst_echo: bool = False
    #: Offer selective acknowledgment, window scale, timestamps; matters at the next OPEN. RFC 2018, RFC 7323
    sack: bool = True
    wscale: bool = True
    timestamps: bool = True
    #: Loss recovery: "reno" (RFC 5681), "newreno" (RFC 6582), "sack" (RFC 6675) or "rack" (RFC 8985). The last two
    #: need SACK; without it they are NewReno.
    recovery: str = "sack"
    #: NewReno: only the first partial ACK of a recovery restarts the retransmission timer, so that many losses end in
    #: a time-out ("impatient"); off, each of them does ("slow but steady"). RFC 6582 3.2 step 3, section 4
    impatient: bool = True
    #: A receiver short of memory, to try senders with: of what came early it keeps the newest segment only, though it
    #: has reported more. RFC 2018 section 8
    renege: bool = False
    #: Send new text on the first two duplicate ACKs. RFC 3042
    limited_transmit: bool = True
    #: Find out whether a time-out was spurious. RFC 5682
    frto: bool = False
    #: Proportional rate reduction in recovery with SACK. RFC 9937
    prr: bool = False
    #: Initial window in segments, at most 10 (RFC 6928); None: RFC 5681's two to four.
    iw: int | None = None
    #: How many segments of text at the beginning of a connection are acknowledged one by one. RFC 9293 3.8.6.3 lets a
    #: receiver; Linux does so while its window opens, for a mebibyte of it at two segments each.
    quick_acks: int = 0
    #: Blind attacks are answered with challenge ACKs, so many of them in so much time for each connection.
    #: RFC 5961 sections 3.2, 4.2, 5.2, 7
    rfc5961: bool = True
    challenge_limit: int = 10
    challenge_ns: int = 5 * SECOND
    #: A new SYN may end TIME-WAIT when it cannot be an old duplicate. RFC 6191, RFC 9293 3.6.1 [MAY-2, SHLD-4]
    rfc6191: bool = True
    #: Explicit congestion notification: ask for it, and agree to it. RFC 3168, RFC 9293 3.8.2 [SHLD-8]
    ecn: bool = False
    #: Keep-alive after so much silence; None: never. Then how often, and how many go unanswered before the connection
    #: is given up; whether a probe carries a byte of garbage. RFC 9293 3.8.4 [MUST-24 to 29, SHLD-12, MAY-5, MAY-6]
    keepalive_ns: int | None = None
    keepalive_interval_ns: int = 75 * SECOND
    keepalive_count: int = 9
    keepalive_garbage: bool = False
    #: Path MTU discovery: believe reports that a segment was too big. RFC 1191, RFC 8201, RFC 9293 3.7.2
    pmtud: bool = True
    #: After so long without such a report a larger size is tried again; None: never. RFC 1191 6.3, RFC 8201 4: at
    #: least five minutes, better ten
    pmtu_retry_ns: int | None = 600 * SECOND
    #: Hard ICMP errors abort an open connection, as RFC 9293 3.9.2.2 [SHLD-26] says; off, they are remembered as soft
    #: ones are, which is common practice (RFC 5461, RFC 5927). A connection being opened fails either way.
    icmp_hard: bool = True
    #: How many half-open connections a listener may have; None: they share the backlog with those that stand. Whether
    #: a full queue answers with SYN cookies instead of silence. RFC 4987 sections 3.1, 3.6
    syn_backlog: int | None = None
    syncookies: bool = False
    #: HyStart++: leave the first slow start when the round trips grow. RFC 9406
    hystart: bool = False
    #: Its ancestor, which Linux keeps in CUBIC: a long train of ACKs or a longer round trip ends the first slow start.
    hybrid_start: bool = False
    #: CUBIC's fast convergence: give way to newcomers after two losses in a row. RFC 9438 4.7
    fast_convergence: bool = True
    #: The window counted in whole segments, as Linux does: what a loss leaves of it is rounded down (from cwnd, which
    #: RFC 9438 4.6 allows where cwnd grows only while it is used), growth waits for a whole segment, slow start counts
    #: every byte of an ACK and HyStart++ sleeps below sixteen segments. Off, windows are bytes as in the documents.
    whole_segments: bool = False
    #: CUBIC's Reno-friendly growth quickens from alpha to 1 once it has come back to where the last loss was (RFC 9438
    #: 4.3, a SHOULD); Linux keeps alpha.
    reno_alpha_rises: bool = True

    def __post_init__(self) -> None:
        for name in ("mss", "rcvbuf", "sndbuf", "rto_initial_ns", "rto_min_ns", "rto_max_ns", "delack_ns", "r1",
                     "challenge_limit", "keepalive_interval_ns"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")
        if self.mss > MAX_WINDOW:
            raise ValueError(f"mss is a 16-bit number, {self.mss} is above {MAX_WINDOW}")
        if self.keepalive_ns is not None and self.keepalive_ns < 1:
            raise ValueError("keep-alive takes a time above 0, or none")
        if self.keepalive_count < 2:  # RFC 9293 3.8.4 [MUST-29]
            raise ValueError("one unanswered keep-alive proves nothing: keepalive-count is at least 2")
        if self.pmtu_retry_ns is not None and self.pmtu_retry_ns < 300 * SECOND:  # RFC 1191 6.3 [MUST NOT earlier]
            raise ValueError("pmtu-retry is five minutes at least, or none")
        if self.msl_ns < 0:
            raise ValueError("msl cannot be negative")
        if self.cwnd_fixed is not None and self.cwnd_fixed < 1:
            raise ValueError(f"a constant congestion window needs at least 1 byte, not {self.cwnd_fixed}")
        if self.congestion not in CONGESTION_NAMES:
            raise ValueError(f"congestion is one of {', '.join(CONGESTION_NAMES)}, not {self.congestion!r}")
        if self.iss is not None and not 0 <= self.iss < 1 << 32:
            raise ValueError(f"iss is a 32-bit number, not {self.iss}")
        if self.recovery not in RECOVERY_NAMES:
            raise ValueError(f"recovery is one of {', '.join(RECOVERY_NAMES)}, not {self.recovery!r}")
        if self.iw is not None and not 1 <= self.iw <= 10:  # RFC 6928 section 2
            raise ValueError(f"the initial window is 1 to 10 segments, not {self.iw}")
        if self.delack_ns >= 500 * MS:  # RFC 9293 3.8.6.3 [MUST-40]
            raise ValueError("a delayed ACK is held for less than 0.5 s")

    def __deepcopy__(self, memo: dict) -> Config:
        return self


CONGESTION_NAMES = ("reno", "fixed", "tahoe", "cubic")
RECOVERY_NAMES = ("reno", "newreno", "sack", "rack")

#: `first-lessons` simplifies (and says so on the screen); `rfc` is what the documents ask for.
PROFILES: dict[str, Config] = {
    "first-lessons": Config(mss=100, rcvbuf=4000, delack=False, nagle=False, msl_ns=30 * SECOND, isn_small=True,
                            congestion="fixed", sack=False, wscale=False, timestamps=False, recovery="newreno",
                            limited_transmit=False, rfc6191=False, pmtud=False),
    "rfc": Config(),
    "modern": Config(rcvbuf=1 << 20, sndbuf=1 << 20, delack_ns=40 * MS, rto_min_ns=200 * MS, recovery="rack", frto=True,
                     prr=True, iw=10, congestion="cubic", hybrid_start=True, quick_acks=360, icmp_hard=False,
                     minshall=True, whole_segments=True, reno_alpha_rises=False, impatient=False),
}
