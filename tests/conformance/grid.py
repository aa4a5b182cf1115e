"""The grid of arriving segments: every scene, every number around every edge, every combination of bits that a row of
state-machine.csv speaks of. The endpoint must do what the walk over the table does."""

from __future__ import annotations

import copy
from functools import cache
from typing import NamedTuple

from tcplab.tcp import ACK, FIN, RST, SYN, URG, Segment, wrap
from tests.conformance.calls import CALL_ROWS
from tests.conformance.oracle import Walk, segment_rows
from tests.conformance.scenes import SCENES
from tests.support import states as st
from tests.support.requirements import left_out

FLAGS = (0, ACK, FIN, FIN | ACK, SYN, SYN | ACK, SYN | FIN, SYN | FIN | ACK, RST, RST | ACK, ACK | URG)
LENGTHS = (0, 1, 2, 100)
SECOND = 1_000_000_000
MSL = st.CONFIG.msl_ns


class Verdict(NamedTuple):
    """How often a row held, and the segments for which the endpoint did otherwise."""

    hits: dict[str, int]
    wrong: dict[str, list[str]]
    segments: int


def places(tcb) -> list[int]:
    """At, just inside and just outside each edge of the receive window; and far away."""
    if tcb.irs is None:
        return [st.IRS, 0, 2**32 - 1]
    nxt, edge = tcb.rcv_nxt, max(tcb.rcv_adv, tcb.rcv_nxt)
    around = {at + by for at in (nxt, edge) for by in (-2, -1, 0, 1)} | {tcb.irs, nxt - 100, edge - 100, nxt + 2**20}
    return sorted(around)


def acks(tcb) -> list[int]:
    """At, just inside and just outside both ends of what is outstanding, and the FIN's number."""
    if tcb.iss is None:
        return [0, 777]
    around = {at + by for at in (tcb.snd_una, tcb.snd_nxt) for by in (-1, 0, 1)}
    if tcb.irs is not None:  # RFC 5961 5.2
        around |= {tcb.snd_una - tcb.max_snd_wnd + by for by in (-1, 0)}
    return sorted(around)


def compare(scene: str, bench: st.Bench, seq: int, flags: int, ack: int, length: int) -> tuple[Walk, str]:
    """The walk over the table, and what the endpoint did otherwise ("" if nothing)."""
    twin = copy.deepcopy(bench.end)
    tcb = twin.tcb
    unknown = tcb.iss is None
    if unknown:
        tcb.iss = 0
    walk = Walk(tcb, seq, flags, ack, length).run()
    if unknown:
        tcb.iss = None
    seg = Segment(st.PEER[0], st.US[0], st.PEER[1], st.US[1], wrap(seq), wrap(ack) if flags & ACK else 0, flags, 4000,
                  b"z" * length, up=1 if flags & URG else 0)
    twin.segment_arrives(seg, SECOND)
    got = [(s.letters, s.seq, s.ack) for s in twin.take_segments()]
    wanted = [(letters, wrap(number), wrap(acked)) for letters, number, acked in walk.replies]
    differences = []
    if got != wanted:
        differences.append(f"sent {got}, not {wanted}")
    if str(twin.state) != walk.state:
        differences.append(f"is in {twin.state}, not {walk.state}")
    if twin.gone != walk.gone:
        differences.append(f"gone is {twin.gone}")
    if tcb.irs is not None and not walk.gone and walk.state != "LISTEN":
        if (tcb.snd_una, tcb.rcv_nxt) != (walk.una, walk.rcv):
            differences.append(f"SND.UNA, RCV.NXT {tcb.snd_una}, {tcb.rcv_nxt}, not {walk.una}, {walk.rcv}")
    if walk.restarted and tcb.timers.time_wait != SECOND + 2 * MSL:
        differences.append("the 2MSL timer was not restarted")
    if not walk.restarted and bench.end.tcb.timers.time_wait not in (None, tcb.timers.time_wait) and not twin.gone:
        differences.append("the 2MSL timer was restarted")
    if not differences:
        return walk, ""
    said = f"{scene}: seq {seq} flags {seg.letters} ack {ack} length {length}"
    return walk, f"{said} [{' '.join(walk.hit)}]: {'; '.join(differences)}"


@cache
def verdict() -> Verdict:
    """Drive the whole grid once."""
    hits: dict[str, int] = {}
    wrong: dict[str, list[str]] = {}
    count = 0
    for scene, build in SCENES.items():
        bench = build()
        bench.end.quiet = True
        tcb = bench.end.tcb
        for seq in places(tcb):
            for flags in FLAGS:
                for ack in acks(tcb) if flags & ACK else acks(tcb)[:1]:
                    for length in LENGTHS:
                        walk, fault = compare(scene, bench, seq, flags, ack, length)
                        count += 1
                        for row in dict.fromkeys(walk.hit + unprocessed_fin(scene, flags)):
                            hits[row] = hits.get(row, 0) + 1
                            if fault:
                                wrong.setdefault(row, []).append(fault)
    return Verdict(hits, wrong, count)


def unprocessed_fin(scene: str, flags: int) -> list[str]:
    """The rows that say a FIN counts for nothing where no number is known; the others decide what is answered."""
    if flags & FIN and not flags & SYN:
        return [row for row, state in (("T014", "CLOSED"), ("T031", "LISTEN"), ("T048", "SYN-SENT")) if scene == state]
    return []


@cache
def segment_row_ids() -> frozenset[str]:
    """Rows about segments that the grid is to prove."""
    found = {row["id"] for listed in segment_rows().values() for row in listed}
    return frozenset(found | {"T014", "T031", "T048", "T080", "T081", "T156", "T194"}) - frozenset(left_out())


def covered_rows() -> list[str]:
    """Every row of state-machine.csv that a test of this folder drives, sorted."""
    return sorted((segment_row_ids() | set(CALL_ROWS)) - set(left_out()))


