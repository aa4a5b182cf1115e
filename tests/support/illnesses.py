"""The captures of the course, from seeded sessions: `python -m tests.support.illnesses` writes them anew.

Each is what an interface of one host saw, without the laboratory's comments: what is wrong is for the learner to find.
"""

from __future__ import annotations

from pathlib import Path

from tcplab.capture.pcapng import write_pcapng
from tests.support.captures import played

FOLDER = Path(__file__).resolve().parents[2] / "labs" / "captures"


def _begin(client: dict, server: dict, delay: str) -> list[str]:
    """Hosts without what the guided lessons have not shown yet, and their settings."""
    plain = {"nagle": "off", "delack": "off", "recovery": "newreno", "congestion": "reno"}
    return [f"{host} set {knob} {value}" for host, knobs in (("client", client), ("server", server))
            for knob, value in {**plain, **knobs}.items()] + [f"link delay {delay}", "server listen 80"]


def _amber(mss: int, delay: str, room: int, segments: int, lost: tuple[int, ...]) -> list[str]:
    """A buffer of two or three segments: whatever is lost, nobody can send three duplicate ACKs."""
    drops = [f"link drop next client DATA where seq == client.iss + 1 + {mss * index}" for index in lost]
    return [*_begin({"mss": mss}, {"mss": mss, "rcvbuf": room * mss}, delay), "client connect server 80",
            "run until client.state == 'ESTABLISHED'", *drops, f"client send {mss * segments}", "run until idle"]


def _birch(mss: int, delay: str, buffer: int, first: str, second: str) -> list[str]:
    """A program that does not read for a while, twice."""
    return [*_begin({"mss": mss}, {"mss": mss, "rcvbuf": buffer * mss}, delay), "server app none",
            "server set reading off", "client connect server 80", "run until client.state == 'ESTABLISHED'",
            f"client send {mss * (2 * buffer + 3)}", f"seek {first}", "server recv all", f"seek {second}",
            "server recv all", "run until idle"]


def _cedar(mss: int, delay: str, mtu: int, size: int, answer: int, end: str) -> list[str]:
    """A path that swallows large packets and says nothing: small ones pass both ways all the time."""
    return [*_begin({"mss": mss, "pmtud": "off"}, {"mss": mss}, delay), "client connect server 80",
            "run until client.state == 'ESTABLISHED'", f"client send {size}", "seek 600ms", f"server send {answer}",
            "seek 1s", f"link mtu {mtu}", "client send 6000", "seek 4700ms", "server send 60", f"seek {end}"]


def _dune(mss: int, delay: str, late: int, by: str, segments: int) -> list[str]:
    """A segment that takes a longer way: nothing is lost, and yet something is sent again."""
    return [*_begin({"mss": mss}, {"mss": mss, "rcvbuf": "8kB"}, delay), "client set cwnd 20000",
            "client connect server 80", "run until client.state == 'ESTABLISHED'",
            f"link delay next by {by} client DATA where seq == client.iss + 1 + {mss * late}",
            f"client send {mss * segments}", "run until idle", "client close", "run until idle", "server close",
            "run until idle"]


#: By name: who makes it, the seed, and the numbers. All were taken at the client.
CAPTURES = {
    "amber-1": (_amber, 11, (500, "40ms", 2, 12, (3, 8))),
    "amber-2": (_amber, 12, (700, "60ms", 3, 11, (2, 7))),
    "amber-3": (_amber, 13, (600, "25ms", 2, 13, (4, 6, 11))),
    "birch-1": (_birch, 21, (500, "30ms", 4, "9400ms", "11900ms")),
    "birch-2": (_birch, 22, (400, "45ms", 5, "5300ms", "8700ms")),
    "birch-3": (_birch, 23, (600, "20ms", 3, "18300ms", "19900ms")),
    "cedar-1": (_cedar, 31, (1460, "50ms", 1400, 340, 210, "12s")),
    "cedar-2": (_cedar, 32, (1400, "35ms", 1280, 410, 180, "30s")),
    "cedar-3": (_cedar, 33, (1360, "70ms", 1006, 290, 330, "40s")),
    "dune-1": (_dune, 41, (500, "50ms", 2, "33ms", 9)),
    "dune-2": (_dune, 42, (400, "60ms", 3, "41ms", 10)),
    "dune-3": (_dune, 43, (600, "45ms", 1, "27ms", 8)),
}


def write(name: str, folder: Path) -> Path:
    """Make one capture in `folder`."""
    make, seed, numbers = CAPTURES[name]
    session = played(make(*numbers), seed=seed)
    path = folder / f"{name}.pcapng"
    write_pcapng(path, session.trace, [host.name for host in session.view().hosts], at="client")
    return path


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for each in CAPTURES:
        write(each, FOLDER)
