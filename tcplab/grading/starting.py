"""`tcplab lab new`: a first lab with comments, which passes lint and test as it stands."""

from __future__ import annotations

import re
from pathlib import Path

from tcplab.grading.exits import PASSED, USAGE, say

TEMPLATE = '''\
# A lab of tcplab. Change one thing at a time, and look at it at once:  tcplab lab preview FILE
# Is it right?   tcplab lab lint FILE     Are its marks honest?   tcplab lab test FILE
# How it is done: tcplab lab guide. Expressions and matches: tcplab lab guide --language. Editors: tcplab lab schema
tcplab: 1
id: ID
title: My first lab
summary: How does a sender learn that its bytes have arrived?
minutes: 5
needs: [handshake]

# first-lessons: short numbers, no delayed ACKs, segments of 100 bytes. Others: rfc, modern.
profile: first-lessons
# What the panes show from the start; a step may add more with its own `show:`.
show: [state, snd_una, snd_nxt, rcv_nxt]
# Drawn from the seed, so that no two learners have the same numbers. Use it as n, in commands as {{n}}.
pick: {n: [20, 30, 50]}
link: {delay: 50ms}
hosts: {server: {listen: 80, app: sink}}
# Carried out before the first step.
start: [client connect server 80, run until idle]

steps:
  # A step to read.
  - id: welcome
    title: Welcome
    say: |-
      The connection is open. The **client** is about to send bytes, and wants to know whether they arrive.

  # A question stops time. With `about:` it is a prediction, judged by the learner's own run.
  - id: foretell
    title: What will come back?
    ask: |-
      The client will send {{n}} bytes, and the first of them has the number {{client.snd_nxt}}. Which **ACK** number
      will the server answer?

      ACK names the next number that the sender of the ACK expects.
    about: server ACK
    answer: seg.ack
    # Typical wrong answers, each an expression, each with a word about it.
    wrong:
      client.snd_nxt: >-
        That is the number of the first byte. It has arrived, so the server does not expect it again.
      client.snd_nxt + n - 1: >-
        That is the number of the last byte. An ACK names the number after it.
      else: >-
        Count from {{client.snd_una}}: so many bytes have arrived, and the next number is expected.
    hints:
      - "An ACK does not say *I got number N*. It says *next, I expect N*."
    after: "ACK {{answer}}: everything before {{answer}} has arrived."
    rfc: 9293 3.4
    points: 2

  # A task ends at the instant at which its goal is true. [[...]] names a command: enter gives it.
  - id: send
    title: Send them
    task: |-
      Send the bytes with [[client send {{n}}]], and watch the ACK come back: [[run until idle]].
    goal: server.bytes_received == n and client.snd_una == client.snd_nxt
    after: "SND.UNA, the oldest number that is not acknowledged yet, has moved to {{client.snd_una}}."
    rfc: 9293 3.4

  # The challenge names no commands and gives no hints. It is worth at least half of all points.
  - id: twice
    title: Sent twice
    challenge: true
    from: start
    task: |-
      Make the client send a segment with data twice, **although the first one arrived**.

      The client sends again when it has heard nothing for a second. The link is yours.
    see: [server ACK lost, client DATA repeated]
    never: [client DATA lost]
    goal: server.bytes_received > 0 and client.snd_una == client.snd_nxt
    after: |-
      To the sender a lost ACK looks like a lost segment: both are silence. The second copy did no harm, its number was
      known.
    rfc: 9293 3.8.1
    points: 6

# What a learner would type: lint and test play it. Learners do not get it: tcplab lab pack.
solution:
  foretell: [answer seg.ack]
  send: ['client send {{n}}', run until idle]
  twice: [link drop next server ACK, client send 20, run until idle]
'''


def template(lab_id: str) -> str:
    """The text of a new lab of that id."""
    return TEMPLATE.replace("id: ID\n", f"id: {lab_id}\n", 1)


def id_of(path: Path) -> str:
    """The id of a lab kept in that file: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")[:40].strip("-") or "my-lab"


def write_new(path: Path, text: str, said: str) -> int:
    """Write a file that must not be there yet. Returns 0; 2 when it is there, or cannot be written."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        say(f"{path} exists already; name another file")
        return USAGE
    except OSError as error:
        say(f"{path} cannot be written: {error.strerror or error}")
        return USAGE
    say(said)
    return PASSED


def new(path: Path) -> int:
    """`tcplab lab new`. Returns the exit code."""
    if str(path) == "-":
        print(template("my-lab"), end="")
        return PASSED
    return write_new(path, template(id_of(path)), f"{path} is a whole lab. Now: tcplab lab preview {path}")


def guide(language: bool) -> int:
    """`tcplab lab guide`: the page for authors, or that of the language of matches and expressions, on stdout."""
    from tcplab.lab.loader import labs_dir

    print((labs_dir() / ("LANGUAGE.md" if language else "README.md")).read_text("utf-8"), end="")
    return PASSED
