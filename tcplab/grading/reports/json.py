"""JSON: one result object a line, in the order given; the schema is `tcplab/result/1`."""

from __future__ import annotations

import json

from tcplab.grading.clean import cleaned
from tcplab.grading.reports.batch import Batch
from tcplab.grading.result import failed_result


def write(batch: Batch) -> str:
    """One line for each submission; a batch that did not come to results says why, as often."""
    if batch.error is not None:
        status = batch.lab.get("status", "error")
        broken = failed_result(None, batch.lab["id"], status, batch.error)
        return (json.dumps(broken, ensure_ascii=True) + "\n") * max(1, batch.given)
    return "".join(json.dumps(cleaned(result), ensure_ascii=True) + "\n" for result in batch)
