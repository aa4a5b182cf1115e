"""`tcplab kiosk DIR --init`: what the operator does once, and again when learners were added."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tcplab.grading import kept
from tcplab.grading.salt import SALT, Salt, SaltError, give_learner, make_course_salt, read_salt
from tcplab.notation.errors import printable


def prepare(folder: Path) -> int:
    """Make the kiosk's folders and its salt, as far as they are not there, and say what was done. A learner whose
    folder belongs to another user than the course's salt gets a salt of their own. Returns the exit code, 0 or 2."""
    try:
        for path in (folder, folder / kept.LEARNERS, folder / kept.LABS):
            if not path.is_dir():
                path.mkdir(mode=0o755, parents=True)
                print(f"{path}: made")
        salt = read_salt(folder / SALT)
        if salt is None:
            salt = make_course_salt(folder)
            print(f"{folder / SALT}: made; keep a copy, for without it what is recorded here cannot be graded")
        return _learners(folder, salt)
    except SaltError as error:
        return _say(str(error))
    except OSError as error:
        return _say(f"{error.filename or folder}: {error.strerror}")


def _say(words: str) -> int:
    print(f"tcplab: {printable(words, 500)}", file=sys.stderr)
    return 2


def _learners(folder: Path, salt: Salt) -> int:
    owner, new, there, code = (folder / SALT).stat().st_uid, 0, 0, 0
    for learner in kept.folders(folder):
        if learner.stat().st_uid == owner:
            continue
        if os.geteuid():
            code = _say(f"{learner} belongs to another user: only root can give it a salt")
            break
        given = give_learner(learner, salt)
        new, there = new + given, there + (not given)
    if new or there:
        print(f"{new} learners got a salt of their own, {there} had one")
    if not new and not there and owner == 0:
        print(f"One Unix user for all? Then the salt has to be that user's: chown lab {folder / SALT}")
    return code
