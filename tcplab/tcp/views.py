"""STATUS: a frozen copy of a connection's variables (RFC 9293 section 3.10.6)."""

from __future__ import annotations

from typing import NamedTuple


class TcbView(NamedTuple):
    """The transmission control block at one instant. Sequence numbers are wire numbers, None while unknown.

    Times are ns (`srtt`, `rttvar`, `rto`; None before the first measurement); `timers` holds (name, deadline) with
    the names rtx, persist, delack, time-wait, user, reordering, tail-loss, keep-alive. `unsent` bytes are queued but
    not yet sent, `unread` are in order but not yet read, `holes` are the ranges (left, right) of data held above
    RCV.NXT; `recovering` while in fast recovery, `error` what the user was told when the connection died. `recovery` is
    the engine in use, `sacked` bytes above SND.UNA are reported by SACK, `pipe` bytes thought to be in the network;
    `snd_shift` and `rcv_shift` scale the windows we get and send; `ts_recent` is TS.Recent, None without timestamps.
    `congestion` names the congestion control, `phase` what it is doing, `w_max` (bytes) where CUBIC's last reduction
    was; `path_mtu` (bytes) what ICMP has told; `urgent_left` bytes are to be read up to the peer's mark `rcv_up`,
    `snd_up` is ours (wire numbers); `ecn` whether ECN is agreed, `ecn_echo` whether ACKs carry ECE.
    """

    state: str
    local: tuple[str, int]
    remote: tuple[str, int] | None
    iss: int | None = None
    irs: int | None = None
    snd_una: int | None = None
    snd_nxt: int | None = None
    snd_wnd: int | None = None
    snd_wl1: int | None = None
    snd_wl2: int | None = None
    rcv_nxt: int | None = None
    rcv_wnd: int | None = None
    cwnd: int = 0
    ssthresh: int | None = None
    flight: int = 0
    smss: int = 0
    srtt: int | None = None
    rttvar: int | None = None
    rto: int = 0
    backoff: int = 0
    dup_acks: int = 0
    timers: tuple[tuple[str, int], ...] = ()
    sndbuf: int = 0
    rcvbuf: int = 0
    unsent: int = 0
    unread: int = 0
    holes: tuple[tuple[int, int], ...] = ()
    bytes_sent: int = 0
    bytes_received: int = 0
    segments_retransmitted: int = 0
    fin_sent: bool = False
    fin_acked: bool = False
    gone: bool = False
    fin_received: bool = False
    recovering: bool = False
    error: str | None = None
    recovery: str = "newreno"
    sacked: int = 0
    pipe: int = 0
    snd_shift: int = 0
    rcv_shift: int = 0
    ts_recent: int | None = None
    congestion: str = ""
    phase: str = ""
    w_max: int | None = None
    path_mtu: int | None = None
    urgent_left: int = 0
    snd_up: int | None = None
    rcv_up: int | None = None
    ecn: bool = False
    ecn_echo: bool = False
