"""``python -m tests.golden.make [SESSION|LAB...]``: write down anew what the golden sessions lead to.

Do it when behaviour was meant to change, look at the difference, and raise BEHAVIOUR in tcplab/session/recording.py
if recordings that people have made would now lead elsewhere.
"""

from __future__ import annotations

import json
import sys

from tcplab.lab.loader import lab_ids
from tests.golden.play import FILE, play, play_lab, read


def make(names: list[str]) -> list[str]:
    """Renew the named sessions and labs (all when none is named); returns those that changed."""
    file, changed = read(), []
    for entry in file["sessions"]:
        if not names or entry["name"] in names:
            expected = play(entry, file["worlds"])
            if expected != entry.get("expected"):
                changed.append(entry["name"])
            entry["expected"] = expected
    for lab_id in lab_ids():
        if not names or lab_id in names:
            pinned = play_lab(lab_id)
            if pinned != file["labs"].get(lab_id):
                changed.append(lab_id)
            file["labs"][lab_id] = pinned
    FILE.write_text(json.dumps(file, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
    return changed


if __name__ == "__main__":
    print("changed:", ", ".join(make(sys.argv[1:])) or "nothing")
