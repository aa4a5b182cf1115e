"""The hash of what happened: canonical JSON of facts only, never of prose.

Two runs of the same lab, seed and commands have the same hash on every supported Python; a recording's trailer
carries it, and a grader computes it anew.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from tcplab.net.trace import event_facts

if TYPE_CHECKING:
    from tcplab.session.session import Session


def canonical(value: object) -> bytes:
    """JSON with sorted keys and no blanks, in ASCII: the same bytes everywhere."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def trace_sha256(session: Session) -> str:
    """SHA-256 (hex) over lab, seed, every event of the present path, and what the guide settled."""
    digest = hashlib.sha256()
    digest.update(canonical({"lab": session.lab.id, "logic": session.lab.logic_sha256, "seed": session.seed}))
    for event in session.trace:
        digest.update(b"\n" + canonical(event_facts(event, prose=False)))
    digest.update(b"\n" + canonical(session.guide.facts()))
    return digest.hexdigest()
