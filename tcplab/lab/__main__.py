"""``python -m tcplab.lab``: read the shipped labs once and keep what that came to beside the compiled program.

For whoever sets the program up, as ``python -m compileall`` is: no learner's first start then loads YAML and pydantic,
which take a second and 13 MB for each of them. Says what cannot be written, with exit code 1.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from tcplab.lab import cache
from tcplab.lab.loader import find_lab, lab_ids, list_labs, load_lab
from tcplab.lab.translate import original_of, translations


def main(place: Path | None = None) -> int:
    """Keep every lab and every list of labs in `place`; returns the exit code."""
    place = place or cache.beside()
    with tempfile.TemporaryDirectory() as home:
        os.environ["TCPLAB_HOME"] = home  # so that it is all read now, whatever a learner keeps
        languages = {original_of(path)[1] for lab_id in lab_ids() for path in translations(find_lab(lab_id))}
        for lang in sorted(languages | {""}):
            list_labs(lang=lang)
        for lab_id in lab_ids():
            load_lab(lab_id)
        try:
            place.mkdir(exist_ok=True)
            for file in sorted(cache.folder().glob("*.json")):
                shutil.copyfile(file, place / file.name)
        except OSError as error:
            print(f"tcplab: {place} cannot be written: {error.strerror or error}; each learner reads the labs then",
                  file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
