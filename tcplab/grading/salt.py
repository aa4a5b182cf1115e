"""The salt of a kiosk: a secret that is mixed into seeds, so that an attempt's numbers cannot be had at home before.

`DIR/kiosk.salt` holds the course's salt. Where learners are Unix users of their own, the kiosk runs as the learner and
cannot read that; then `DIR/learners/NAME/kiosk.salt` holds what is derived from it for this one learner, and `grade`
derives it again. A file is one line: format, kind, the fingerprint of the course's salt, 64 hexadecimal digits.
Recordings carry the fingerprint, which tells one salt from another and nothing else.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import os
import re
import stat
from pathlib import Path
from typing import NamedTuple

from tcplab.session.build import salted_seed

SALT = "kiosk.salt"
_LINE = re.compile(rb"tcplab-salt/1 (course|learner) ([0-9a-f]{8}) ([0-9a-f]{64})\s*")


class SaltError(Exception):
    """A salt that cannot be used; the message names the file and the cure."""


class Salt(NamedTuple):
    """A salt as read: the course's (`own` False) or one learner's. `fingerprint` is that of the course's."""

    key: str
    fingerprint: str
    own: bool = False

    def of(self, student: str) -> Salt:
        """The salt of one learner; a learner's own stays what it is."""
        if self.own:
            return self
        key = hmac.new(bytes.fromhex(self.key), b"learner\0" + _bytes(student), hashlib.sha256).hexdigest()
        return Salt(key, self.fingerprint, True)

    def seed(self, lab_id: str, student: str, attempt: int) -> int:
        """The seed of an attempt under this salt."""
        return salted_seed(lab_id, student, attempt, bytes.fromhex(self.of(student).key))

    def line(self) -> bytes:
        """How it stands in a file."""
        return f"tcplab-salt/1 {'learner' if self.own else 'course'} {self.fingerprint} {self.key}\n".encode()


def _bytes(student: str) -> bytes:
    return student.encode("utf-8", "surrogateescape")


def course_salt(key: str) -> Salt:
    """The course's salt with this key (64 hexadecimal digits)."""
    return Salt(key, hashlib.sha256(b"tcplab salt\0" + bytes.fromhex(key)).hexdigest()[:8])


def read_salt(path: Path) -> Salt | None:
    """The salt in that file, None where there is none. Raises SaltError when it cannot be read, is damaged, or when
    others may read it. The group may be allowed to: that is how staff grade without being root."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
                         | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return None
    except OSError as error:
        words = "it is a link" if error.errno == errno.ELOOP else error.strerror
        raise SaltError(f"{path} cannot be read: {words}") from None
    try:
        mode = os.fstat(handle).st_mode
        match = _LINE.fullmatch(os.read(handle, 200)) if stat.S_ISREG(mode) else None
    finally:
        os.close(handle)
    if match is None or (match[1] == b"course" and course_salt(match[3].decode()).fingerprint != match[2].decode()):
        raise SaltError(f"{path} is damaged: it holds no salt as tcplab kiosk --init writes it")
    if os.name == "posix" and mode & (stat.S_IRWXO | stat.S_IWGRP):
        raise SaltError(f"{path} is open to others (mode {mode & 0o777:o}), so it is no secret: chmod 400 {path}")
    return Salt(match[3].decode(), match[2].decode(), match[1] == b"learner")


def make_course_salt(folder: Path) -> Salt:
    """A new salt in a kiosk's folder, readable by its owner only. Raises OSError, also when there is one already."""
    import secrets

    salt = course_salt(secrets.token_hex(32))
    handle = os.open(folder / SALT, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(handle, "wb") as file:
        file.write(salt.line())
        file.flush()
        os.fsync(file.fileno())
    return salt


def give_learner(folder: Path, salt: Salt) -> bool:
    """Put a learner's own salt into their folder, as a file of the folder's owner. Returns whether it is new.

    The folder is not trusted: nothing in it is followed. Raises OSError.
    """
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        owner = os.fstat(place)
        try:
            handle = os.open(SALT, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o400, dir_fd=place)
        except FileExistsError:
            return False
        with os.fdopen(handle, "wb") as file:
            file.write(salt.of(folder.name).line())
            os.fchown(file.fileno(), owner.st_uid, -1)
        return True
    finally:
        os.close(place)
