"""JSON: one result object a line, in the order given; the schema is `tcplab/result/1`.

A single file is told as `tcplab run` tells it, to the last byte: a recording and the same commands as a script give
the same result. What is known of hand-ins beside their result comes with batches.
"""

from __future__ import annotations

import json

from tcplab.grading.clean import cleaned
from tcplab.grading.reports.batch import Batch
from tcplab.grading.result import failed_result

#: What is known of a hand-in beside its result.
_HANDLING = ("exact", "sealed", "remarks", "pace", "claims", "submission", "attempt", "supervised", "counts",
             "copied_from", "near", "salted", "threshold")


def write(batch: Batch) -> str:
    """One line for each submission; a batch that did not come to results says why, as often."""
    if batch.error is not None:
        status = batch.lab.get("status", "error")
        broken = failed_result(None, batch.lab["id"], status, batch.error)
        return (json.dumps(broken, ensure_ascii=True) + "\n") * max(1, batch.given)
    return "".join(json.dumps(cleaned(_told(result, batch.alone)), ensure_ascii=True) + "\n" for result in batch)


def _told(result: dict, alone: bool) -> dict:
    if not alone:
        return result
    return {key: value for key, value in result.items()
            if key not in _HANDLING or (key == "exact" and value is False) or (key == "remarks" and value)}
