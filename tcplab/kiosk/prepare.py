"""`tcplab kiosk DIR --init`: what the operator does once, and again when learners were added."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tcplab.grading import kept
from tcplab.grading.salt import SALT, Salt, SaltError, give_learner, make_course_salt, read_salt
from tcplab.notation.errors import printable


def prepare(folder: Path) -> int:
    """Make the kiosk's folders and its salt, as far as they are not there, and say what was done. The salt belongs to
    whom `learners` belongs: root, or the one Unix user of all. A learner whose folder belongs to somebody else gets a
    salt of their own. Returns the exit code, 0 or 2."""
    try:
        for path in (folder, folder / kept.LEARNERS, folder / kept.LABS):
            if not path.is_dir():
                path.mkdir(mode=0o755, parents=True)
                print(f"{path}: made")
        salt = read_salt(folder / SALT)
        if salt is None:
            salt = make_course_salt(folder)
            print(f"{folder / SALT}: made; keep a copy, for without it what is recorded here cannot be graded")
        owner = (folder / kept.LEARNERS).stat().st_uid
        if owner != (folder / SALT).stat().st_uid:
            os.chown(folder / SALT, owner, -1, follow_symlinks=False)
            print(f"{folder / SALT}: belongs to user {owner} now, as {folder / kept.LEARNERS} does")
        return _learners(folder, salt, owner)
    except SaltError as error:
        return _say(str(error))
    except OSError as error:
        return _say(f"{error.filename or folder}: {error.strerror}")


def _say(words: str) -> int:
    print(f"tcplab: {printable(words, 500)}", file=sys.stderr)
    return 2


def _learners(folder: Path, salt: Salt, owner: int) -> int:
    new, there, code = 0, 0, 0
    for learner in kept.folders(folder):
        if learner.stat().st_uid == owner:
            continue
        if os.geteuid():
            code = _say(f"{learner} belongs to another user: only root can give it a salt")
            break
        given = give_learner(learner, salt)
        new, there = new + given, there + (not given)
    if new or there:
        print(f"a salt of their own: {new} learners got one, {there} had one")
    return code
