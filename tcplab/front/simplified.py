"""What the profile for first lessons leaves out, read from the options that the hosts really have now."""

from __future__ import annotations

from typing import Any

from tcplab.notation.units import format_time

#: Below this many bytes a segment is small for show: what every host must take (RFC 9293 3.7.1).
_SMALL_MSS = 536


def simplified(session: Any, brief: bool = False) -> str:
    """One paragraph on what is simpler here than at a real host, and where that ends; '' where nothing is.

    `brief`: for the first page of a lab, whose reader does not know the words yet; the help says them.
    """
    names = [host.name for host in session.view().hosts]
    host = next((name for name in names if session.options(name)["profile"] == "first-lessons"), "")
    if not host:
        return ""
    if brief and session.view().guide.step_total:
        return "Some things are simpler here than at real hosts, and the numbers are smaller. `?` says which."
    parts = ", ".join(_parts(session.options(host)))
    if session.view().guide.step_total:
        return f"Made simple here: {parts}. Real hosts differ; later labs drop these one by one."
    commands = " and ".join(f"[[{name} set profile rfc]]" for name in names)
    return f"Made simple here: {parts}. As real hosts do it: {commands}, before they connect."


def _parts(options: dict[str, Any]) -> list[str]:
    found = [] if options["iss"] is not None else ["small starting numbers, the same again for the same ports"]
    if options["mss"] < _SMALL_MSS:
        found.append(f"segments of at most {options['mss']} bytes")
    found += [words for name, words in (("delack", "no delayed ACKs"), ("nagle", "no Nagle")) if not options[name]]
    if options["congestion"] == "fixed":
        found.append("a constant window of the sender")
    left_out = [words for name, words in (("sack", "SACK"), ("wscale", "window scale"), ("timestamps", "timestamps"))
                if not options[name]]
    if len(left_out) == 3:
        found.append("no options but MSS")
    elif left_out:
        found.append("no " + ", ".join(left_out[:-1]) + (" or " if len(left_out) > 1 else "") + left_out[-1])
    return [*found, f"MSL {format_time(options['msl'], ' ')}"]
