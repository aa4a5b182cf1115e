"""The user calls of RFC 9293 sections 3.10.1 to 3.10.5: OPEN, SEND, RECEIVE, CLOSE, ABORT. STATUS (3.10.6) only looks,
and stands with the door, in `endpoint`.

Each raises TcpError with the RFC's words when the state forbids it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import output, timeouts, timers, urgent, window
from .addresses import is_unicast
from .isn import initial_sequence_number
from .reopening import iss_beyond
from .reports import TcpError
from .segment import RST
from .send_queue import SendQueue
from .state import Event, State
from .why import Why

if TYPE_CHECKING:
    from .tcb import TCB, Socket

_NOT_OPEN = "connection does not exist"
_CLOSING = "connection closing"
#: States in which a SEND is queued (RFC 9293 section 3.10.2).
_TAKES_TEXT = frozenset({State.SYN_SENT, State.SYN_RECEIVED, State.ESTABLISHED, State.CLOSE_WAIT})


def open_passive(tcb: TCB, remote: Socket | None) -> None:
    """OPEN, passive (RFC 9293 section 3.10.1); with `remote` only that peer is accepted."""
    if tcb.gone or tcb.state is not State.CLOSED:
        raise TcpError("connection already exists", "RFC 9293 3.10.1")
    tcb.wanted_remote = remote
    tcb.fresh()
    tcb.passive = True
    tcb.move(Event.PASSIVE_OPEN, "move-passive-open")


def open_active(tcb: TCB, remote: Socket | None, now: int) -> None:
    """OPEN, active, from CLOSED or LISTEN (RFC 9293 section 3.10.1)."""
    if tcb.gone or tcb.state not in (State.CLOSED, State.LISTEN):
        raise TcpError("connection already exists", "RFC 9293 3.10.1")
    if remote is None:
        raise TcpError("remote socket unspecified", "RFC 9293 3.10.1")
    if not is_unicast(remote[0]):  # [MUST-46]
        raise TcpError(f"remote address {remote[0]} is not a single host's", "RFC 9293 3.9.2.3")
    tcb.fresh()
    tcb.remote = remote
    start_active(tcb, Event.ACTIVE_OPEN, "move-active-open", now)


def start_active(tcb: TCB, event: Event, code: str, now: int) -> None:
    """Choose the ISS, enter SYN-SENT and send the SYN (RFC 9293 section 3.10.1)."""
    tcb.passive = False  # RFC 9293 3.10.1 [MUST-11]: the origin is remembered
    choose_iss(tcb, now)
    tcb.move(event, code)
    output.send_syn(tcb, now, "syn", tcb.iss)


def choose_iss(tcb: TCB, now: int) -> None:
    """Draw the ISS; SND.UNA = ISS, SND.NXT = ISS + 1 (RFC 9293 sections 3.4.1, 3.10.1)."""
    text = tcb.queue.text
    tcb.iss = iss_beyond(initial_sequence_number(tcb.config, tcb.local, tcb.remote, now), tcb.iss_above)
    tcb.snd_una, tcb.snd_nxt = tcb.iss, tcb.iss + 1
    tcb.rtx_nxt = tcb.rtx_end = tcb.probe_end = tcb.iss
    tcb.queue = SendQueue(tcb.iss + 1)
    tcb.queue.text += text
    tcb.smss = tcb.config.mss


def send(tcb: TCB, data: bytes, now: int, push: bool, hurry: bool = False) -> int:
    """SEND (RFC 9293 section 3.10.2), urgent with `hurry`; returns how many bytes found room in the buffer."""
    if tcb.gone or tcb.close_wanted or tcb.state not in _TAKES_TEXT:
        open_by_send(tcb, now)
    if hurry and not data:  # RFC 9293 3.8.5
        raise TcpError("urgent data has at least one byte", "RFC 9293 3.8.5")
    room = tcb.config.sndbuf - len(tcb.queue.text)
    taken = data if len(data) <= room else data[:max(room, 0)]
    if taken:
        tcb.queue.append(taken, push)
        if hurry:
            urgent.mark(tcb)
        output.output(tcb, now)
    return len(taken)


def open_by_send(tcb: TCB, now: int) -> None:
    """SEND where text is not simply taken: LISTEN turns active, everywhere else it is refused (3.10.2)."""
    if tcb.gone or tcb.state is State.CLOSED:
        raise TcpError(_NOT_OPEN, "RFC 9293 3.10.2")
    if tcb.state is not State.LISTEN:
        raise TcpError(_CLOSING, "RFC 9293 3.10.2")
    if tcb.remote is None:
        raise TcpError("remote socket unspecified", "RFC 9293 3.10.2")
    start_active(tcb, Event.SEND, "move-send", now)


def receive(tcb: TCB, n: int, now: int) -> bytes:
    """RECEIVE (RFC 9293 section 3.10.3): at most `n` bytes of what is in order; empty when nothing is there yet.

    Raises "connection closing" when everything before the peer's FIN has been read. What had arrived before the
    connection was closed in order stays readable.
    """
    unread = tcb.unread
    if not unread:
        if tcb.gone or tcb.state is State.CLOSED:
            raise TcpError(_NOT_OPEN, "RFC 9293 3.10.3")
        if tcb.fin_received:
            raise TcpError(_CLOSING, "RFC 9293 3.10.3")
        return b""
    if n >= len(unread):
        data = bytes(unread)
        unread.clear()
    else:
        data = bytes(unread[:n])
        del unread[:n]
    if tcb.rcv_up is not None:
        urgent.read(tcb)
    if not tcb.fin_received and not tcb.gone:
        window.after_read(tcb)
    return data


def close(tcb: TCB, now: int) -> None:
    """CLOSE (RFC 9293 section 3.10.4): no more SENDs; the FIN follows everything queued; receiving goes on."""
    state = tcb.state
    if tcb.gone or state is State.CLOSED:
        raise TcpError(_NOT_OPEN, "RFC 9293 3.10.4")
    if state in (State.LISTEN, State.SYN_SENT):
        tcb.move(Event.CLOSE, "move-close")
        tcb.delete("gone-close")
    elif state not in (State.SYN_RECEIVED, State.ESTABLISHED, State.CLOSE_WAIT) or tcb.close_wanted:
        raise TcpError(_CLOSING, "RFC 9293 3.10.4")
    else:
        tcb.close_wanted = True
        tcb.timers.keepalive = None  # the FIN will be acknowledged or not
        if state is State.ESTABLISHED or (state is State.SYN_RECEIVED and not tcb.queue.text):
            tcb.move(Event.CLOSE, "move-close")
        output.output(tcb, now)


#: States in which ABORT tells the peer (RFC 9293 section 3.10.5).
_RESET_ON_ABORT = frozenset({State.SYN_RECEIVED, State.ESTABLISHED, State.FIN_WAIT_1, State.FIN_WAIT_2,
                             State.CLOSE_WAIT})


def abort(tcb: TCB, now: int) -> None:
    """ABORT (RFC 9293 section 3.10.5): everything is forgotten at once; the peer is told where it could not know."""
    state = tcb.state
    if tcb.gone or state is State.CLOSED:
        raise TcpError(_NOT_OPEN, "RFC 9293 3.10.5")
    if state in _RESET_ON_ABORT:
        output.emit(tcb, tcb.snd_nxt, RST, b"", Why("rst-abort"))  # <SEQ=SND.NXT><CTL=RST>
        if tcb.config.abort_time_wait:
            return keep_time_wait(tcb, now)
    timers.stop_all(tcb, "timer-abort")
    tcb.move(Event.ABORT, "move-abort")
    tcb.delete("gone-abort")


def keep_time_wait(tcb: TCB, now: int) -> None:
    """The side that sends the RST stays in TIME-WAIT (RFC 9293 section 3.5.2, Figure 5 note 3): only queues go."""
    tcb.move(Event.ABORT_KEPT, "move-abort-kept")
    tcb.forget_queues()
    tcb.unread.clear()
    tcb.close_wanted = False
    tcb.snd_una = tcb.rtx_nxt = tcb.rtx_end = tcb.snd_nxt  # nothing of ours is waited for any more
    timeouts.enter_time_wait(tcb, now)
