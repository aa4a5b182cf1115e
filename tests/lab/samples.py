"""A small whole lab, and the tools to break it."""

from tcplab.lab import LabError, read_lab
from tcplab.notation import NotationError

SMALL = """\
tcplab: 1
id: small
title: A small lab
summary: Two steps.
minutes: 3
needs: [handshake]
profile: rfc
show: [state, SND.NXT, ladder]
link: {delay: 50ms, loss: 5%, server: {delay: 70ms, rate: 10mbit, limit: 20}}
hosts: {server: {listen: 80, app: sink, reading: off, mss: 500, msl: 10s, nagle: on, cwnd: 4KiB}}
start: [client connect server 80]

steps:
  - id: hello
    say: Read this. SND.NXT is {{client.snd_nxt}}.
  - id: open
    task: Type [[client close]].
    goal: client.state == 'FIN-WAIT-1'
    see: [client FIN, server ACK]
    never: RST
    keep: {began: when(client.fin_sent)}
    mark: closed
    hints: [Think., {text: "Now `client close`.", cost: 1}]
    after: It took {{now}}.
    rfc: 9293 3.6
    points: 2
  - id: number
    from: closed
    do: [link drop next ACK from client]
    ask: Which number?
    about: server ACK
    answer: seg.ack
    wrong: {client.snd_nxt: "The FIN counts; you saw {{client.snd_nxt}}.", else: "No, it is {{answer}}."}
    points: 1
  - id: who
    challenge: true
    task: Do it alone.
    goal: client.gone and now > began
    points: 3

solution:
  open: [client close, run until idle]
  number: [answer seg.ack]
  who: [server close]
"""


def checker(_scope):
    """A command table of four words."""
    return _four_words


def _four_words(text):
    words = text.split()
    if words[:1] and words[0] in ("client", "server", "run", "link"):
        return
    raise NotationError(f"{text!r} is no command.", 0, "Write client close.")


def faults(text, check=checker):
    """Every error of a lab text, as (line, column, message with cure)."""
    try:
        read_lab(text, "x.yaml", check)
    except LabError as error:
        return [(p.line, p.column, f"{p.message} {p.cure}".strip()) for p in error.problems]
    return []


def place(text, needle, after=0):
    """Line and column of `needle` in `text`, from 1."""
    offset = text.index(needle) + after
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def ask(body, about="", lines=""):
    """A lab with one question."""
    text = "tcplab: 1\nid: q\ntitle: Q\nsteps:\n  - id: q\n    ask: What?\n"
    for line in body.strip().split("\n"):
        text += f"    {line}\n"
    return text
