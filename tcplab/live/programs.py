"""What our host says to a browser or curl: one page about the connection it is reading."""

from __future__ import annotations

from tcplab.net.host import Connection


def page(conn: Connection) -> bytes:
    """An HTTP/1.0 answer to whatever was asked: the variables of the connection it travels over."""
    view = conn.status()
    body = "".join(f"{name:<9}{value}\n" for name, value in (
        ("state", view.state), ("you", _socket(view.remote)), ("me", _socket(view.local)),
        ("ISS", view.iss), ("IRS", view.irs), ("SND.NXT", view.snd_nxt), ("RCV.NXT", view.rcv_nxt),
        ("SND.WND", view.snd_wnd), ("RCV.WND", view.rcv_wnd), ("cwnd", view.cwnd), ("SMSS", view.smss),
        ("SRTT", _ms(view.srtt)), ("RTO", _ms(view.rto)))).encode()
    head = f"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


def _socket(socket: tuple[str, int]) -> str:
    address, port = socket
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _ms(ns: int | None) -> str:
    return "not measured yet" if ns is None else f"{ns / 1_000_000:.3f} ms"
