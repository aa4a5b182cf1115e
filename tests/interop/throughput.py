"""Goodput of our endpoint pair beside Linux's through an equal link: ``python -m tests.interop.throughput``.

2 MB one way at 10 Mbit/s, a queue of 100 packets, RTT 20 ms, MTU 1500, buffers large enough not to matter, in virtual
time. Counted from the sender's ESTABLISHED until the receiver has read the last byte; the median of the seeds.

One run at 0.5 % loss lies 10 % from the next, at 2 % a fifth: five seeds say little, sixty say more. With `--linux N`
this machine's own kernel sends through our link N times at each point, in real time (root; half a minute for N = 2).
"""

from __future__ import annotations

import argparse
from dataclasses import fields, replace
from statistics import median

from tcplab.net.impair import Settings
from tcplab.net.network import Network
from tcplab.tcp.config import PROFILES, Config
from tcplab.tcp.congestion import REGISTRY

MS, SECOND = 1_000_000, 1_000_000_000
SIZE = 2_000_000
LINK = {"delay": 10 * MS, "rate": (10_000_000, 100)}
#: Mbit/s of a Linux kernel by congestion control and loss in percent (issue "The endpoint").
LINUX = {"cubic": {0: 9.54, 0.5: 8.75, 2: 3.81}, "reno": {0: 9.54, 0.5: 9.15, 2: 4.62}}
WITHIN = 0.15


class Timed(Network):
    """A network that notes when the transfer begins and when it is over."""

    began = ended = None

    def wake(self, host, conn):
        super().wake(host, conn)
        if host.index == 0:
            self.began = self.now

    def read(self, host, conn, data):
        super().read(host, conn, data)
        if conn.app.received >= SIZE:
            self.ended = self.now


def goodput(config: Config, loss: float, seed: int, one_way: bool = False, rtt: int = 20) -> tuple[float, int]:
    """Mbit/s of one transfer, and how many segments were sent again. `one_way`: no ACK is lost; `rtt` in ms."""
    net = Timed(link=LINK | {"delay": rtt * MS // 2}, seed=seed, configs=config)
    net.link_set("client" if one_way else None, "loss", round(loss * 10_000))
    net.listen("server", 80)
    net.set_app("client", None, "source", SIZE)
    net.connect("client", "server", 80)
    while net.ended is None and net.step():
        pass
    if net.ended is None:
        raise SystemExit(f"the transfer with loss {loss} % and seed {seed} never ends: {net.host_view('client')}")
    return SIZE * 8 * 1000 / (net.ended - net.began), net.counters["segments_retransmitted"]


def configured(profile: str, congestion: str, changes: dict[str, object] | None = None) -> Config:
    """`profile` with that congestion control, and buffers that do not matter."""
    known = {field.name for field in fields(Config)}
    roomy = getattr(PROFILES[profile], "wscale", False)
    return replace(PROFILES[profile], congestion=congestion, sndbuf=8_000_000, rcvbuf=8_000_000 if roomy else 65535,
                   **{name: value for name, value in (changes or {}).items() if name in known})


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--profile", choices=PROFILES, default="modern" if "modern" in PROFILES else "rfc")
    ask.add_argument("--seeds", type=int, default=5)
    ask.add_argument("--rtt", type=int, default=20, metavar="MS")
    ask.add_argument("--loss", type=float, nargs="+", default=[0, 0.5, 2], metavar="PERCENT")
    ask.add_argument("--one-way", action="store_true", help="lose only what the sender sends, no ACKs")
    ask.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="of tcp.config.Config")
    ask.add_argument("--linux", type=int, default=0, metavar="N", help="measure the kernel here, N times a point")
    wanted = ask.parse_args()
    base = PROFILES[wanted.profile]
    changes = {name: _typed(getattr(base, name), value) for name, _, value in (s.partition("=") for s in wanted.set)}
    print(f"profile {wanted.profile}: 2 MB at 10 Mbit/s, queue 100, RTT {wanted.rtt} ms; "
          f"Mbit/s, median of {wanted.seeds} seeds")
    more = "   here  ratio" if wanted.linux else ""
    print(f"congestion  loss    ours    lowest - highest   sent again   Linux  ratio{more}")
    for congestion in LINUX:
        if congestion in REGISTRY:
            config = configured(wanted.profile, congestion, changes)
            for loss in wanted.loss:
                print(point(congestion, config, loss, wanted), flush=True)


def point(congestion: str, config: Config, loss: float, wanted: argparse.Namespace) -> str:
    """One line of the table."""
    runs = [goodput(config, loss, seed, wanted.one_way, wanted.rtt) for seed in range(1, wanted.seeds + 1)]
    rates = sorted(rate for rate, _ in runs)
    ours = median(rates)
    text = (f"{congestion:<10}  {loss:>3g} %  {ours:6.2f}    {rates[0]:6.2f} - {rates[-1]:<6.2f}  "
            f"{median(again for _, again in runs):>11g}  ")
    mark = LINUX[congestion].get(loss) if wanted.rtt == 20 else None
    text += f"{mark:6.2f}  {ours / mark:5.2f}" if mark else f"{'-':>6}  {'-':>5}"
    if wanted.linux:
        here = kernel_here(congestion, loss, wanted.linux, wanted.rtt)
        text += f"  {here:5.2f}  {ours / here:5.2f}"
    return text + (f"   more than {WITHIN:.0%} off" if mark and abs(ours / mark - 1) > WITHIN else "")


def kernel_here(congestion: str, loss: float, runs: int, rtt: int) -> float:
    """The median of `runs` transfers of this machine's kernel to itself through an equal link."""
    from . import kernel

    settings = Settings(delay=rtt * MS // 2, rate=LINK["rate"][0], limit=LINK["rate"][1], loss=round(loss * 10_000))
    return median(kernel.goodput(congestion, settings, seed, SIZE) for seed in range(1, runs + 1))


def _typed(old: object, text: str) -> object:
    if isinstance(old, bool):
        return text in ("on", "True", "1")
    return text if isinstance(old, str) else int(text)


if __name__ == "__main__":
    main()
