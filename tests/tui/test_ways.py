"""The States page answers: how much was walked, and how do I get there?"""

from __future__ import annotations

from tcplab.session.session import Session
from tcplab.tui.desk import Desk
from tcplab.tui.draw.help import help_rows
from tcplab.tui.draw.runs import plain


def help_of(desk: Desk, page: str) -> str:
    return "\n".join(plain(row) for row in help_rows(desk.pages[page], desk.hosts, 100))


def page(session: Session) -> str:
    return help_of(Desk(session), "states")


def test_the_ways_begin_where_the_hosts_stand():
    session = Session.open("sandbox", 1)
    text = page(session)
    assert "State changes seen: 0 of" in text and "How does client get there from CLOSED?" in text
    session.execute("server listen 80; client connect server 80; run until idle")
    text = page(session)
    assert "State changes seen: 5 of" in text and "How does client get there from ESTABLISHED?" in text
    closing = next(line for line in text.splitlines() if line.strip().startswith("CLOSING"))
    assert "CLOSE, then rcv FIN" in closing


def test_other_pages_do_not_load_the_graph():
    assert "How does" not in help_of(Desk(Session.open("sandbox", 1)), "log")
