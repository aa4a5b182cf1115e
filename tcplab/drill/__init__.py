"""Drill scripts: tests of one endpoint, written as packetdrill writes them, in virtual time.

The script is the peer and the application; the endpoint is under test. A line is a time and an event::

    +0    listen                                      // a user call
    +0    < S 0:0(0) win 32792 <mss 1000,nop,wscale 7>  // the peer's segment arrives
    +0    > S. 0:0(0) ack 1 <mss 1460>                // the endpoint must send this, now
    +0.1  < . 1:1(0) ack 1 win 257
    +0    send 1000
    +0    > P. 1:1001(1000) ack 1
    +1    > P. 1:1001(1000) ack 1                     // one second later: the retransmission
    +0    assert cwnd == smss and backoff == 1

TIME       +0.1 after the line before it; 0.1 (no sign) from the start of the case; +0~+0.05 within these bounds;
           * whenever. Seconds, or with a unit: +50ms. Times are exact unless a line says --tolerance_usecs=N.
           A line may lack its time only if it is `set`, `profile`, `peer` or `ip`: it then counts as +0.
< SEGMENT  FLAGS FIRST:NEXT(LENGTH) [ack N] [win N] [urg N] [<OPTIONS>]. FLAGS are tcpdump's letters S F R P . U E W,
           or - for none; numbers count from the SYNs as in packetdrill (SYN 0, first byte 1), and may be negative.
           Before our SYN exists an ack is taken as it stands. Without `win` the peer names the window it named last.
> SEGMENT  What the endpoint must send next. `win` and `urg` are looked at only if written; options must be the same
           (padding and order aside) unless written <...>; one value may be any: TS val any ecr 100. The text is
           checked against what was written. The 0 of a RST,ACK that answers a segment without ACK is written 0.
OPTIONS    mss 1460, sackOK, wscale 7, TS val 1 ecr 0, sack 1:101 201:301, nop, eol, unknown 253 0a0b.
           The endpoint's clock of timestamps begins where the first > line with a TS val says.
nothing    Up to this time nothing may have been sent that no line expected. Every line that comes later than a
           segment, and the end of the case, check the same. pause: time passes, no more.
CALLS      listen [ADDRESS:PORT]   connect   send N [nopush]   read N   close   abort
           A result may follow: send 1000 = 600, read 10 = 0, send 1 = error "connection closing".
           packetdrill's calls: socket bind listen accept connect write send read recv shutdown close setsockopt fcntl
           with results such as = 0, = 1000, = -1 EAGAIN. Nothing blocks. SO_LINGER [1,0] makes close an ABORT.
SETTINGS   set KNOB VALUE (set nagle off, set msl 30s, set rcvbuf 4000), profile NAME (rfc unless said otherwise;
           plain is rfc without any extension: no SACK, no timestamps ...), peer iss N (where the peer begins to count),
           ip 6. Knobs are those of tcplab's `HOST set`.
assert E   E is an expression over the endpoint's variables by their RFC names (state == 'ESTABLISHED',
           snd_nxt - snd_una == 1000, rto == 2s, rtx_timer == 1s, error, gone), eof, readable, now and packetdrill's
           tcpi_snd_cwnd, tcpi_snd_ssthresh, tcpi_unacked, tcpi_snd_mss, tcpi_rto, tcpi_rtt, tcpi_rttvar,
           tcpi_backoff, tcpi_total_retrans. %{ assert E }% says the same; there is no Python in it.
case NAME  Begins another case: a new endpoint at time 0. Lines before the first case are played before each.
COMMENTS   // or # to the end of the line, /* ... */. `# req: 9293-MUST-12, 6298-11` names the requirements proved.

Of events at one instant the peer's segments come first, then timers, then calls, as on the laboratory's link.
"""

from __future__ import annotations

from .errors import DrillError
from .model import Case, Script
from .play import Failure, Outcome, play_case
from .read import read_script

__all__ = ["Case", "DrillError", "Failure", "Outcome", "Script", "play_case", "read_script"]
