"""The one table of commands: parsing, help, completion, the palette and the README's list are all read from it.

A command is the only way to change anything. Its `kind` says what it acts on: ``world`` (hosts and link; recorded,
counted, undone by `back`), ``time`` (lets time pass), ``guide`` (the lesson; recorded, never undone), ``past``
(moves in what was; recorded) and ``look`` (changes nothing).
"""

from __future__ import annotations

from typing import NamedTuple

from tcplab.notation.errors import NotationError, OutOfRange, printable, quoted, suggest
from tcplab.session.grammar import Context, Trial, compile_usage, offers, try_row
from tcplab.session.tokens import Statement, split_line
from tcplab.session.values import check_values


class Row(NamedTuple):
    """One command: `usage` is its grammar (see `grammar`), `verb` names its handler, `help` is one sentence."""

    verb: str
    kind: str
    usage: str
    help: str

    @property
    def nodes(self) -> tuple:
        return _NODES[self.usage]


class Command(NamedTuple):
    """A parsed command: the row it fits, its values in the order of the usage line, and its text as written."""

    row: Row
    values: tuple
    text: str

    @property
    def verb(self) -> str:
        return self.row.verb

    @property
    def kind(self) -> str:
        return self.row.kind


COMMANDS: tuple[Row, ...] = (
    Row("listen", "world", "HOST listen PORT [backlog N]", "wait for connections on a port (passive OPEN)"),
    Row("unlisten", "world", "HOST unlisten PORT", "stop waiting there; connections made already live on (CLOSE)"),
    Row("connect", "world", "HOST connect PEER PORT [from PORT]", "open a connection (active OPEN)"),
    Row("send", "world", "HOST send DATA", "hand bytes to TCP to be sent, a text or an amount"),
    Row("send_urgent", "world", "HOST send urgent DATA", "the same, with the urgent mark behind it"),
    Row("recv", "world", "HOST recv all", "read everything that has arrived in order"),
    Row("recv", "world", "HOST recv SIZE", "read at most so many bytes of what has arrived"),
    Row("close", "world", "HOST close|shutdown", "end sending after all that is queued; reading goes on (CLOSE)"),
    Row("abort", "world", "HOST abort", "give up the connection at once with a RST (ABORT)"),
    Row("app", "world", "HOST app none|sink|echo|respond",
        "attach a small program: sink reads all, echo sends it back, respond answers `2000\\n` with 2000 bytes"),
    Row("app_source", "world", "HOST app source SIZE", "attach a program that sends so many bytes"),
    Row("app_request", "world", "HOST app request SIZE answer SIZE [times N]",
        "attach a program that asks a `respond` for so many bytes, and again when they are there"),
    Row("set", "world", "HOST set KNOB VALUE", "change a setting of the host's TCP, e.g. `client set nagle off`"),
    Row("link_delay", "world", "link delay TIME [jitter TIME] [distribution uniform|normal|pareto] [from HOST]",
        "how long a crossing takes, each way, and how much that varies"),
    Row("link_delay_one", "world", "link delay ID TIME", "let this segment arrive so much later"),
    Row("link_rule_delay", "world", "link delay next [N] by TIME MATCH", "delay the next matching segments by a time"),
    Row("link_rule", "world", "link drop|delay|dup|corrupt next [N] MATCH", "act on the next matching segments"),
    Row("link_gemodel", "world", "link loss gemodel PERCENT PERCENT [PERCENT [PERCENT]] [from HOST]",
        "losses in bursts: chance to go bad, to recover, of loss while bad (100%) and while good (0%)"),
    Row("link_gemodel_off", "world", "link loss gemodel off [from HOST]", "no more bursts"),
    Row("link_every", "world", "link loss every N [from HOST]", "lose each N-th segment; 0: none"),
    Row("link_chance", "world", "link loss|reorder|duplicate|corrupt PERCENT [from HOST]",
        "the chance that it happens to a segment"),
    Row("link_limit", "world", "link limit N [from HOST]", "how many packets may wait for the rate"),
    Row("link_rate", "world", "link rate RATE [limit N] [from HOST]", "bits per second, and the queue in packets"),
    Row("link_mtu", "world", "link mtu N [from HOST]", "the largest packet that fits through, in bytes"),
    Row("link_ecn", "world", "link ecn N [from HOST]", "mark segments when N others wait for the rate; 0: never"),
    Row("link_unreachable", "world", "link unreachable off|net|host|protocol|port|prohibited [from HOST]",
        "a router answers every segment with this ICMP error"),
    Row("link_updown", "world", "link down|up [from HOST]", "cut the link, or mend it"),
    Row("link_clear", "world", "link clear", "no impairments, no rules: only the delay stays"),
    Row("link_hold", "world", "link hold on|off", "stop segments in mid-link, or let them go on"),
    Row("link_one", "world", "link deliver|drop|dup ID", "decide about one segment on the link"),
    Row("link_all", "world", "link deliver|drop all", "decide about all segments on the link"),
    Row("link_corrupt_one", "world", "link corrupt ID [byte N]",
        "flip a bit of a segment on the link, in byte N of its packet or anywhere"),
    Row("link_edit", "world", "link edit ID REST", "change fields of a segment, e.g. `link edit #7 seq=1 flags=R`"),
    Row("link_swap", "world", "link swap ID ID", "exchange the places of two segments"),
    Row("inject", "world", "inject from HOST TEXT", "put a hand-made segment on the link, in scapy's notation"),
    Row("run_idle", "time", "run until idle", "let time pass until nothing more will happen by itself"),
    Row("run_to", "time", "run until loss|retransmission|state", "let time pass to the next one of these"),
    Row("run_until", "time", "run until EXPR", "let time pass until a condition holds, or a segment that fits is sent"),
    Row("run_for", "time", "run TIME", "let so much time pass"),
    Row("wait", "time", "wait", "let time pass to the next timer, TIME-WAIT included"),
    Row("step", "time", "step [N]", "one arrival, timer or call with all that it causes at once"),
    Row("back", "past", "back [N]", "undo so many steps; running forward does them again"),
    Row("back_to", "past", "back to loss|retransmission|state", "go back to the latest one of these before now"),
    Row("seek", "past", "seek TIME", "go to an instant of this session"),
    Row("seek_part", "past", "seek PERCENT", "go to that part of the time that is known so far"),
    Row("branch", "past", "branch NAME", "try another future from here; or go to the end of a known one"),
    Row("reset", "past", "reset [STEP]", "back to where this step (or that one) began"),
    Row("answer", "guide", "answer REST", "answer the open question"),
    Row("hint", "guide", "hint", "show the next hint"),
    Row("skip", "guide", "skip", "leave this step without its points"),
    Row("next", "guide", "next", "go on to the next step"),
    Row("note", "guide", "note REST", "write a remark into the recording"),
    Row("branches", "look", "branches", "list the futures that were tried"),
    Row("pin", "guide", "pin ID", "put a pin on a segment, or take it off; the recording keeps it"),
    Row("why", "look", "why [ID]", "explain the last event, or what happened to a segment"),
    Row("capture", "look", "capture CAPTURE", "look at a capture of the course; nothing changes here"),
    Row("help", "look", "help [REST]", "what can be typed"),
)

_NODES = {row.usage: compile_usage(row.usage) for row in COMMANDS}


def parse_statement(statement: Statement, context: Context) -> Command:
    """Fit one statement to the table. Raises NotationError that points at the place and names the cure."""
    best: tuple[Row, Trial] | None = None
    for row in _rows_for(statement.words[0].text, context) or COMMANDS:
        ok, trial = try_row(row.nodes, statement, context)
        if ok:
            check_values(row.verb, trial.values, statement.words)
            return Command(row, tuple(trial.values), statement.text)
        if best is None or _promise(trial) > _promise(best[1]):
            best = (row, trial)
    raise _refusal(statement, context, *best)


def _promise(trial: Trial) -> tuple[int, bool, bool]:
    """How near a row came: the places it took, whether it read a value there, whether that was of its kind."""
    return trial.position, trial.error is not None, isinstance(trial.error, OutOfRange)


def _rows_for(word: str, context: Context) -> list[Row]:
    """The rows that may begin with `word`: any other stops there, and would be tried in vain."""
    if word.partition("#")[0] in context.hosts:
        return [row for row in COMMANDS if row.nodes[0].slot]
    return [row for row in COMMANDS if word.lower() in row.nodes[0].words]


def _refusal(statement: Statement, context: Context, row: Row, trial: Trial) -> NotationError:
    """The error for a statement that fits no row, from the row that got furthest."""
    if trial.position == 0:
        first = statement.words[0]
        if trial.error is not None and first.text.partition("#")[0] in context.hosts:
            raise trial.error
        known = list(dict.fromkeys([*context.hosts, *(w for r in COMMANDS for w in r.nodes[0].words)]))
        return NotationError(f"{quoted(first.text)} is no command.{suggest(first.text, known)}", first.column,
                             "a command begins with " + " ".join(known))
    if trial.position >= len(statement.words):
        wanted = list(dict.fromkeys(_wanted(statement, context)))
        return NotationError(f"`{printable(statement.text, 80)}` is not complete: {_either(wanted)} is missing",
                             statement.column + len(statement.text), f"write: {row.usage}")
    word = statement.words[trial.position]
    if trial.error is not None and not _literal_meant(word.text, statement, context, trial):
        return trial.error
    wanted = _wanted(statement, context)
    if not wanted:
        return NotationError(f"{quoted(word.text)} is too much here", word.column, f"write: {row.usage}")
    hint = suggest(word.text, wanted)
    choices = list(dict.fromkeys(wanted))
    cure = f"write: {row.usage}" if len(choices) < 3 else "here fits " + _either(choices)
    return NotationError(f"{quoted(word.text)} does not fit here.{hint}", word.column, cure)


def _literal_meant(text: str, statement: Statement, context: Context, trial: Trial) -> bool:
    """Whether `text` looks like a misspelt word of the table rather than a bad value."""
    return bool(text.isalpha() and suggest(text, _literals(statement, context)))


def _wanted(statement: Statement, context: Context) -> list[str]:
    """All that any row would have taken where the furthest rows stopped."""
    trials = [try_row(row.nodes, statement, context)[1] for row in COMMANDS]
    furthest = max(t.position for t in trials)
    return [w for t in trials if t.position == furthest for w in t.expected]


def _literals(statement: Statement, context: Context) -> list[str]:
    return [w for w in _wanted(statement, context) if " " not in w]


def _either(words: list[str]) -> str:
    if not words:
        return "something"
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]


def parse_line(line: str, context: Context) -> list[Command]:
    """Parse one line that may hold several commands; all of it or nothing. Raises NotationError."""
    return [parse_statement(statement, context) for statement in split_line(line)]


def complete(line: str, context: Context) -> list[str]:
    """What could stand in place of the last word of `line` (or come next, after a space), in the table's order."""
    try:
        statements = split_line(line)
    except NotationError:
        return []
    words = list(statements[-1].words) if statements and not line.rstrip().endswith(";") else []
    stub = words.pop().text if words and not line[-1:].isspace() else ""
    found: dict[str, None] = {}
    for row in COMMANDS:
        for word in offers(row.nodes, words, context):
            if word.startswith(stub):
                found[word] = None
    return list(found)


def usage_of(word: str, hosts: tuple[str, ...] = ()) -> list[Row]:
    """The rows that hold `word` (a verb such as ``listen`` or ``link``); all rows for an empty word."""
    return [row for row in COMMANDS if not word or word in row.usage.replace("|", " ").split()
            or (word in hosts and row.usage.startswith("HOST"))]
