"""The hash of a lab's logic: what decides a result, without the prose."""

from __future__ import annotations

import hashlib
import json

from .model import LabModel, step_kind

#: Words for the reader, and what only the screen or the course list shows. A comma mended here changes no result.
_PROSE = frozenset(
    {"title", "summary", "minutes", "needs", "say", "task", "ask", "text", "why", "after", "rfc", "show", "hide"}
)

#: Texts of which only the number decides.
_COUNTED = frozenset({"order", "match"})


def logic_sha256(model: LabModel) -> str:
    """SHA-256 over canonical JSON of everything but prose, as hex.

    Hints count by their number and cost, choices by which are right, `wrong` by its cases. Defaults are left out, so
    that a key which a later version adds does not change the hash of a lab that does not use it.
    """
    data = model.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    # The solution proves a lab, it decides nothing: learners' files are without it and have the same hash.
    data.pop("solution", None)
    logic = _without_prose(data)
    for step, made in zip(logic.get("steps", ()), model.steps, strict=True):
        step["kind"] = step_kind(made)
    text = json.dumps(logic, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _without_prose(value: object, key: str = "") -> object:
    if key == "wrong" and isinstance(value, dict):
        return sorted(value)
    if key in _COUNTED:
        return len(value)  # type: ignore[arg-type]
    if isinstance(value, dict):
        # The keys of these are names, not keys of the format: a kept value may be called `after`.
        named = key in ("keep", "hosts", "solution", "directions", "pick")
        return {name: _without_prose(item, "" if named else name) for name, item in value.items()
                if named or name not in _PROSE}  # fmt: skip
    if isinstance(value, list):
        return [_without_prose(item) for item in value]
    return value.strip() if isinstance(value, str) else value
