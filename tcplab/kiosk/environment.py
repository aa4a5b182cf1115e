"""What a kiosk lets in: variables of the environment by a list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

#: A value that names something (a terminal, a locale, a time zone), never a path: a locale or a zone with a path in it
#: would be read from there.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+@,:<>-]{0,63}")
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,31}(/[A-Za-z0-9_+-]{1,32}){0,2}(,[A-Za-z0-9./:,+-]{1,40})?")
_LINE = re.compile(r"[0-9A-Fa-f.:%a-z ]{1,120}")
ALLOWED = {"TERM": _PLAIN, "COLORTERM": _PLAIN, "LANG": _PLAIN, "TZ": _ZONE, "SSH_CONNECTION": _LINE,
           "NO_COLOR": _PLAIN}
_LC = re.compile(r"LC_[A-Z]{1,20}")
#: Where programs are looked for; the kiosk starts none, and this way neither does anything it uses.
PATH = "/usr/bin:/bin"


def environment(given: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The environment of a kiosk: what is allowed of the `given` one, and the learner's `folder` as home.

    A value that is no plain name is left out, as if it had not been sent.
    """
    kept = {}
    for name, value in given.items():
        form = ALLOWED.get(name, _PLAIN if _LC.fullmatch(name) else None)
        if form is not None and form.fullmatch(value) and ".." not in value:
            kept[name] = value
    return kept | {"PATH": PATH, "HOME": str(folder), "TCPLAB_HOME": str(folder)}

