"""What state-machine.csv says of one arriving segment: a walk over its rows, independent of the endpoint.

For a segment the rows of the current state are walked in the order of their steps; the first row of a step whose
condition holds decides the step (its README). A `Walk` ends with the rows that held, the state and the numbers after
it, and what must have been sent in answer.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from tcplab.tcp import ACK, FIN, RST, SYN, URG
from tests.support.requirements import rows

#: Variants that are not in force on the grid; "alt" only with the shortcut of Figure 7.
OFF = {"mls", "paws", "6191", "policy"}
#: What a listener chooses and offers on the grid.
ISS, RCVBUF = 1000, 300
STEPS = ("0c", "1", "1,2", "2", "3", "4", "4,8", "5", "6", "7", "7,8", "8")


@cache
def segment_rows() -> dict[str, tuple[dict[str, str], ...]]:
    """State -> its rows about segments that are in force here."""
    found: dict[str, list] = {}
    for row in rows("state-machine.csv"):
        if row["event"].startswith("seg:") and row["variant"] not in OFF and (row["event"], row["condition"]) in RULES:
            found.setdefault(row["from_state"], []).append(row)
    # A row of a variant in force beats a base row.
    return {state: tuple(sorted(listed, key=lambda row: row["variant"] == "base")) for state, listed in found.items()}


class Walk:
    """A segment against the variables of a connection; all numbers plain, as the endpoint under test keeps them."""

    def __init__(self, tcb, seq: int, flags: int, ack: int, text: int) -> None:
        self.state, self.passive = str(tcb.state), tcb.passive
        self.una, self.nxt, self.iss = tcb.snd_una, tcb.snd_nxt, tcb.iss
        self.rcv, self.edge, self.irs = tcb.rcv_nxt, max(tcb.rcv_adv, tcb.rcv_nxt), tcb.irs
        self.rfc1337, self.rfc5961, self.max_wnd = tcb.config.rfc1337, tcb.config.rfc5961, tcb.max_snd_wnd
        self.fin_seq, self.fin_acked = tcb.fin_seq, tcb.fin_acked
        self.held = [(left, left + len(piece)) for left, piece in
                     zip(tcb.reassembly.lefts, tcb.reassembly.texts, strict=True)]
        self.seq, self.flags, self.ack, self.text = seq, flags, ack, text
        self.first = seq + bool(flags & SYN)
        self.fin_at = self.first + text
        self.length = text + bool(flags & SYN) + bool(flags & FIN)
        self.fin = bool(flags & FIN)
        self.hit: list[str] = []
        self.replies: list[tuple[str, int, int]] = []
        self.gone = self.restarted = self.done = self.ack_taken = self.early = False

    # -- the segment -----------------------------------------------------------------------------------------------

    def has(self, *bits: int) -> bool:
        return all(self.flags & bit for bit in bits)

    @property
    def acceptable(self) -> bool:
        """The four cases of RFC 9293 section 3.4."""
        window = self.edge - self.rcv
        if not self.length:
            return self.seq == self.rcv if not window else self.rcv <= self.seq < self.edge
        return bool(window) and (self.rcv <= self.seq < self.edge or self.rcv <= self.seq + self.length - 1 < self.edge)

    @property
    def new_ack(self) -> bool:
        return self.una < self.ack <= self.nxt

    @property
    def covers_fin(self) -> bool:
        return self.fin_seq is not None and not self.fin_acked and self.ack > self.fin_seq and self.ack <= self.nxt

    def trim(self) -> None:
        """Cut off what lies outside the window, SYN and FIN included."""
        first = self.seq + bool(self.flags & SYN)
        last = first + self.text
        if self.fin and last >= self.edge:
            self.fin = False
        start, end = max(first, self.rcv), min(last, self.edge)
        self.text, self.first = max(end - start, 0), max(start, self.rcv)

    # -- answers ---------------------------------------------------------------------------------------------------

    def answer_ack(self) -> None:
        self.replies.append((".", self.nxt, self.rcv))

    def answer_rst(self) -> None:
        if self.has(ACK):
            self.replies.append(("R", self.ack, 0))
        else:
            self.replies.append(("R.", 0, self.seq + self.length))

    def drop(self) -> None:
        self.done = True

    # -- the walk ------------------------------------------------------------------------------------------------------

    def run(self) -> Walk:
        """Take every step; what was taken in and is not answered yet draws an ACK."""
        start, before = self.state, self.rcv
        for step in STEPS:
            self.step(step)
            if self.done:
                break
            if step == "2" and self.state not in ("CLOSED", "LISTEN", "SYN-SENT"):
                self.trim()
        if not self.gone and not self.replies and (self.rcv != before or self.early) and self.irs is not None:
            self.answer_ack()
        if self.restarted and not self.replies:
            self.answer_ack()
        self.hit += [row for row, held in (
            ("T080", start == "SYN-RECEIVED" and self.state == "ESTABLISHED" and self.rcv != before),
            ("T081", start == "SYN-RECEIVED" and self.state == "CLOSE-WAIT"),
            ("T156", start == "FIN-WAIT-1" and self.state == "TIME-WAIT")) if held]
        return self

    def step(self, step: str) -> None:
        """The first row of `step` that holds; its to_state is where the connection is afterwards."""
        if step == "5" and self.ack_taken:
            return
        for row in segment_rows().get(self.state, ()):
            if row["step"] != step:
                continue
            test, act = RULES[row["event"], row["condition"]]
            if test(self):
                self.hit.append(row["id"])
                if self.state == "FIN-WAIT-2" and step == "5" and self.ack == self.nxt:
                    self.hit.append("T194")  # all is acknowledged, CLOSE is done; said beside the rule that holds
                come_from = self.state
                self.state = row["to_state"]
                act(self)
                if self.state != come_from and self.state in ("CLOSED", "LISTEN"):
                    self.gone, self.done = self.state == "CLOSED", True
                return

    def deliver(self) -> None:
        """RCV.NXT passes the text and what was held behind it."""
        self.rcv = max(self.rcv, self.first + self.text)
        for left, right in self.held:
            if left <= self.rcv < right:
                self.rcv = right


# -- what rows ask for, and what they do ---------------------------------------------------------------------------


def in_window(w: Walk) -> bool:
    return w.rcv <= w.seq < max(w.edge, w.rcv + 1)


def bad_ack(w: Walk) -> bool:
    return not w.new_ack


def figure_7(w: Walk) -> bool:
    return (not w.passive and w.has(SYN, ACK) and not w.has(RST) and w.seq == w.irs and w.new_ack
            and not w.acceptable)


def probe(w: Walk) -> bool:
    """Text at RCV.NXT and a closed window: not acceptable, yet its RST, URG and ACK are looked at (MUST-66)."""
    return w.edge == w.rcv and w.seq == w.rcv and w.length > 0 and not w.has(SYN)


def rst_of_793(w: Walk) -> bool:
    return w.has(RST) and in_window(w) and not w.rfc5961


def syn_of_793(w: Walk) -> bool:
    return w.has(SYN) and w.seq >= w.rcv and not w.rfc5961


def beyond_the_limits(w: Walk) -> bool:
    """The row of RFC 5961; its upper limit holds without it, too, where the table has no row of its own for that."""
    above = w.ack > w.nxt and (w.rfc5961 or w.state in ("LAST-ACK", "TIME-WAIT"))
    return w.has(ACK) and (above or (w.rfc5961 and w.ack < w.una - w.max_wnd))


def fails(w: Walk) -> bool:
    return not w.acceptable and not w.has(RST) and not probe(w)


def nothing(w: Walk) -> None:
    pass


def drop(w: Walk) -> None:
    w.done = True


def reset(w: Walk) -> None:
    w.answer_rst()
    w.done = True


def ack_and_drop(w: Walk) -> None:
    repeated_fin(w)  # one segment draws one ACK at most (5681-29)
    w.done = True


def unacceptable(w: Walk) -> None:
    """ACK and drop; but one number to the left, or empty at the right edge, the ACK field counts (9293-U-50)."""
    w.done = True
    near = w.length <= 1 and w.seq == w.rcv - 1 or not w.length and w.seq == w.edge
    if near and w.has(ACK) and not w.has(SYN) and w.state != "SYN-RECEIVED":
        hit = list(w.hit)
        w.done = False
        w.step("5")
        w.hit = hit  # the row that decided is that of step 1
        if w.gone or w.done:
            return
    w.answer_ack()
    w.done = True


def restart(w: Walk) -> None:
    w.restarted = True
    ack_and_drop(w)


def new_ack(w: Walk) -> None:
    w.una = w.ack
    w.fin_acked = w.fin_acked or (w.fin_seq is not None and w.ack > w.fin_seq)


def new_ack_maybe(w: Walk) -> None:
    if w.new_ack:
        new_ack(w)


def handshake_done(w: Walk) -> None:
    new_ack(w)
    w.ack_taken = True


def shortcut(w: Walk) -> None:
    handshake_done(w)
    ack_and_drop(w)


def passive_open(w: Walk) -> None:
    w.replies.append(("S.", ISS, w.seq + 1))
    w.iss, w.una, w.nxt, w.irs, w.rcv, w.done = ISS, ISS, ISS + 1, w.seq, w.seq + 1, True


def simultaneous_open(w: Walk) -> None:
    w.replies.append(("S.", w.iss, w.seq + 1))
    w.irs, w.rcv, w.done = w.seq, w.seq + 1, True


def syn_ack(w: Walk) -> None:
    handshake_done(w)
    w.irs, w.rcv, w.edge = w.seq, w.seq + 1, w.seq + 1 + RCVBUF
    w.trim()


def hold(w: Walk) -> None:
    w.early = True


def fin_early(w: Walk) -> bool:
    return w.fin and w.fin_at > w.rcv


def fin(w: Walk) -> None:
    w.rcv += 1


def repeated_fin(w: Walk) -> None:
    if not w.replies:
        w.answer_ack()


def second_fin(w: Walk) -> None:
    w.restarted = True
    repeated_fin(w)


Rule = tuple[Callable[[Walk], bool], Callable[[Walk], None]]
#: (event, condition) -> (whether the row holds, what it does). Rows whose pair is missing are not driven by the grid.
RULES: dict[tuple[str, str], Rule] = {
    ("seg:SYN,ACK", "origin=active; SEQ=IRS; ACK acceptable (Figure 7, end of simultaneous open)"):
        (figure_7, shortcut),
    ("seg:FIN", "retransmission of the FIN (SEQ+LEN=RCV.NXT)"):
        (lambda w: w.fin and not w.has(RST) and w.seq + w.length == w.rcv, restart),
    ("seg:ACK", "SEG.ACK<=ISS or SEG.ACK>SND.NXT; RST off"):
        (lambda w: w.has(ACK) and not w.has(RST) and bad_ack(w), reset),
    ("seg:RST,ACK", "SEG.ACK<=ISS or SEG.ACK>SND.NXT"): (lambda w: w.has(ACK, RST) and bad_ack(w), drop),
    ("seg:RST", "any"): (lambda w: w.has(RST), drop),
    ("seg:any", "fails the acceptability test; RST off"): (fails, unacceptable),
    ("seg:any without RST", "ACK off"): (lambda w: not w.has(RST) and not w.has(ACK), reset),
    ("seg:any without RST", "ACK on"): (lambda w: not w.has(RST) and w.has(ACK), reset),
    ("seg:data", "RCV.WND=0"): (lambda w: probe(w) and not w.has(RST), Walk.answer_ack),
    ("seg:RST", "SEQ outside the window"): (lambda w: w.has(RST) and not in_window(w), drop),
    ("seg:RST", "any; RFC 1337 F1 in force"): (lambda w: w.has(RST) and w.rfc1337, drop),
    ("seg:RST", "in window but SEQ<>RCV.NXT"): (lambda w: w.has(RST) and w.seq != w.rcv and w.rfc5961, ack_and_drop),
    ("seg:RST", "in window, 5961 off"): (rst_of_793, drop),
    ("seg:RST", "origin=active; in window, 5961 off"): (lambda w: rst_of_793(w) and not w.passive, drop),
    ("seg:RST", "origin=passive; in window, 5961 off"): (lambda w: rst_of_793(w) and w.passive, drop),
    ("seg:SYN", "in window, 5961 off"): (syn_of_793, reset),
    ("seg:SYN", "origin=active; in window, 5961 off"): (lambda w: syn_of_793(w) and not w.passive, reset),
    ("seg:RST", "SEQ=RCV.NXT"): (lambda w: w.has(RST) and w.seq == w.rcv, drop),
    ("seg:RST", "origin=active; SEQ=RCV.NXT"): (lambda w: w.has(RST) and w.seq == w.rcv and not w.passive, drop),
    ("seg:RST", "origin=passive; SEQ=RCV.NXT"): (lambda w: w.has(RST) and w.seq == w.rcv and w.passive, drop),
    ("seg:RST", "no ACK"): (lambda w: w.has(RST) and not w.has(ACK), drop),
    ("seg:RST,ACK", "SND.UNA<SEG.ACK<=SND.NXT"): (lambda w: w.has(RST, ACK) and w.new_ack, drop),
    ("seg:ACK", "any (SYN,ACK and FIN,ACK included), RST off"): (lambda w: w.has(ACK) and not w.has(RST), reset),
    ("seg:SYN", "ACK and RST off; destination is unicast; source valid; listen matches remote"):
        (lambda w: w.has(SYN) and not w.fin, passive_open),
    ("seg:SYN,FIN", "ACK and RST off"): (lambda w: w.has(SYN) and w.fin, passive_open),
    ("seg:other", "no SYN, ACK or RST"): (lambda w: not w.has(SYN), drop),
    ("seg:SYN", "any SEQ (TIME-WAIT: only if 6191 rows do not apply)"):
        (lambda w: w.has(SYN) and w.rfc5961, ack_and_drop),
    ("seg:SYN", "origin=active; passes step 1"):
        (lambda w: w.has(SYN) and not w.passive and w.seq >= w.rcv and w.rfc5961, ack_and_drop),
    ("seg:SYN", "origin=passive; passes step 1 (in window)"):
        (lambda w: w.has(SYN) and w.passive and w.seq >= w.rcv, drop),
    ("seg:SYN", "no ACK (simultaneous open)"): (lambda w: w.has(SYN) and not w.has(ACK), simultaneous_open),
    ("seg:SYN,ACK", "ACK acceptable"): (lambda w: w.has(SYN, ACK) and not w.fin, syn_ack),
    ("seg:SYN,ACK,FIN", "ACK acceptable; FIN at RCV.NXT after any data"):
        (lambda w: w.has(SYN, ACK) and w.fin, lambda w: syn_ack_fin(w)),
    ("seg:other", "neither SYN nor RST (for example an acceptable bare ACK, or FIN)"):
        (lambda w: not w.has(SYN), drop),
    ("seg:ACK", "SEG.ACK not acceptable"): (lambda w: w.has(ACK) and bad_ack(w), reset),
    ("seg:ACK", "SEG.ACK<=SND.UNA (duplicate)"): (lambda w: w.has(ACK) and w.ack <= w.una, nothing),
    ("seg:ACK", "SEG.ACK>SND.NXT"): (lambda w: w.has(ACK) and w.ack > w.nxt, ack_and_drop),
    ("seg:ACK", "SND.UNA<SEG.ACK<=SND.NXT"): (lambda w: w.has(ACK) and w.new_ack, handshake_done),
    ("seg:ACK", "SND.UNA<SEG.ACK<=SND.NXT; our FIN not covered"):
        (lambda w: w.has(ACK) and w.new_ack and not w.covers_fin, new_ack),
    ("seg:ACK", "acceptable bare ACK"): (lambda w: w.has(ACK) and w.ack <= w.nxt, nothing),
    ("seg:ACK", "covers our FIN"): (lambda w: w.has(ACK) and w.covers_fin, new_ack),
    ("seg:ACK", "does not cover our FIN"):
        (lambda w: w.has(ACK) and w.ack <= w.nxt and not w.covers_fin, new_ack_maybe),
    ("seg:ACK", "SEG.ACK<SND.UNA-MAX.SND.WND or SEG.ACK>SND.NXT"):
        (beyond_the_limits, ack_and_drop),
    ("seg:no ACK", "ACK bit off, RST and SYN off"): (lambda w: not w.has(ACK), drop),
    ("seg:URG", "any"): (lambda w: w.has(URG), nothing),
    ("seg:data", "any"): (lambda w: w.text > 0, nothing),
    ("seg:data", "in order"): (lambda w: w.text > 0 and w.first == w.rcv, Walk.deliver),
    ("seg:data", "in window but above RCV.NXT"): (lambda w: w.text > 0 and w.first > w.rcv, hold),
    ("seg:FIN", "out of order (hole before it)"): (fin_early, hold),
    ("seg:FIN", "in order"): (lambda w: w.fin and w.fin_at == w.rcv, fin),
    ("seg:FIN", "in order; our FIN not yet acknowledged (simultaneous close)"):
        (lambda w: w.fin and w.fin_at == w.rcv, fin),
    ("seg:FIN", "passes step 1 (a FIN at RCV.NXT, not a plain retransmission)"): (lambda w: w.fin, second_fin),
    ("seg:FIN", "repeated FIN"): (lambda w: w.fin, repeated_fin),
    ("seg:FIN", "no SYN"): (lambda w: False, nothing),
}


def syn_ack_fin(w: Walk) -> None:
    """The row names where it ends; the way leads through ESTABLISHED, whose eighth step takes the FIN."""
    syn_ack(w)
    w.state = "ESTABLISHED"
