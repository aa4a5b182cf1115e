"""A limited process that plays submissions: `python -m tcplab.grading.worker`, spoken to in frames.

It opens no file once the lab is read, may write none, and has a bound on memory and on processor time for each
submission. Whoever started it watches the clock on the wall and kills it; see `crew`.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from typing import IO

from tcplab.grading.crew import OUT_OF_MEMORY
from tcplab.grading.frames import receive, send
from tcplab.grading.judge import NO_MEMORY, Job, grade_data
from tcplab.grading.overlay import Overlay
from tcplab.lab.lesson import Lab
from tcplab.lab.loader import load_lab, read_lab
from tcplab.session.labs import command_checker

try:
    import resource
except ImportError:  # not on Windows: there only the wall clock stops a runaway
    resource = None

#: Processor time is more exact than the clock on the wall; this much (seconds) is left for being late.
GRACE = 2


def main() -> None:
    """Serve frames on standard input and output until it ends."""
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints by mistake must not end up between frames
    first = receive(source)
    if first is None:
        return
    setup, _ = first
    lab = lab_of(setup)
    overlay = Overlay.of(setup["staff"]["text"], setup["staff"]["file"], lab) if setup["staff"] else None
    _confine(setup["memory"])
    # Sessions are small and many here: collecting them early keeps the memory in the processor's cache.
    gc.freeze()
    gc.set_threshold(5_000)
    send(sink, {"ready": lab.logic_sha256})
    try:
        _serve(source, sink, lab, overlay)
    except (MemoryError, SystemError):
        os._exit(OUT_OF_MEMORY)  # there was not even room to say so


def _serve(source: IO[bytes], sink: IO[bytes], lab: Lab, overlay: Overlay | None) -> None:
    while (frame := receive(source)) is not None:
        words, data = frame
        job = Job(**words["job"])
        _allow(job.seconds + GRACE)
        code, result = grade_data(lab, data, job, overlay)
        # What is left of the memory may be in shreds: a fresh process takes over.
        last = result["error"] == NO_MEMORY
        send(sink, {"code": code, "last": last}, json.dumps(result, ensure_ascii=True).encode())
        if last:
            return


def lab_of(setup: dict) -> Lab:
    """The lab that was sent: a shipped one by its id, any other as text."""
    if setup["text"] is None:
        return load_lab(setup["lab"])
    return read_lab(setup["text"], setup["file"], command_checker)


def _confine(memory: int) -> None:
    if resource is None:
        return
    for what, most in (("RLIMIT_AS", memory), ("RLIMIT_FSIZE", 0), ("RLIMIT_CORE", 0), ("RLIMIT_NOFILE", 32)):
        if hasattr(resource, what):
            _lower(getattr(resource, what), most)


def _lower(what: int, most: int) -> None:
    soft, hard = resource.getrlimit(what)
    if soft == resource.RLIM_INFINITY or soft > most:
        try:
            resource.setrlimit(what, (most, hard))
        except (ValueError, OSError):
            pass  # a system that has the name but not the limit


def _allow(seconds: float) -> None:
    """Grant so much more processor time."""
    if resource is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        wanted = int(time.process_time() + seconds) + 1
        if hard == resource.RLIM_INFINITY or wanted < hard:
            resource.setrlimit(resource.RLIMIT_CPU, (wanted, hard))


if __name__ == "__main__":
    main()
