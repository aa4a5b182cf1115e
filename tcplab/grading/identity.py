"""Who is who: one rule for student ids wherever one is given (options, rosters, kiosk, board, headers).

A seed is made of the spelling under which a lab was played; here is decided which spellings mean the same learner.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

from tcplab.grading.clean import clean, one_line

#: Letters of an id; ids of platforms are e-mail addresses at most.
LONGEST_ID = 200
#: What a file system puts into a folder by itself.
_NOT_LEARNERS = ("lost+found",)


def folded(label: str) -> str:
    """A label as labels are compared: case, blanks around and between words, and how accents are stored (macOS
    takes them apart) do not matter."""
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", label).casefold()).split())


def id_fault(student: str) -> str:
    """Why this cannot be a student id, "" if it can: nothing that is empty, too long, hides signs, or is a path."""
    shown = one_line(student, 60)
    if not student.strip():
        return "a student id cannot be empty"
    if len(student) > LONGEST_ID:
        return f"student id {shown}: it is longer than {LONGEST_ID} letters"
    if student != clean(student) or "\n" in student or "\t" in student:
        return f"student id {shown}: it holds control characters"
    parts = student.replace("\\", "/").split("/")
    if parts[0] in ("", "~") or "." in parts or ".." in parts:
        return f"student id {shown}: this is a path, not an id"
    return ""


def folder_name(student: str) -> str:
    """The name of a learner's folder in a kiosk, and of their report: letters, digits and ``-_.@+``, 48 at most.

    A name that had to be changed gets eight digits of its hash, so that two learners never share a folder. Raises
    ValueError for what is no id, with the reason.
    """
    fault = id_fault(student)
    if fault:
        raise ValueError(fault)
    plain = unicodedata.normalize("NFC", student)
    safe = re.sub(r"[^A-Za-z0-9_.@+-]", "-", plain)[:48].lstrip(".-")
    if safe == plain:
        return safe
    digest = hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{safe[:39].rstrip('-.') or 'learner'}-{digest}"


def is_folder_name(name: str) -> bool:
    """Whether a folder of that name can be a learner's; others in a kiosk are nobody's."""
    return name not in _NOT_LEARNERS and not id_fault(name) and folder_name(name) == name


def same(spelled: str, student: str) -> bool:
    """Whether two spellings mean the same learner: the name of the kiosk's folder counts as the id."""
    if folded(spelled) == folded(student):
        return True
    return not id_fault(student) and folded(spelled) == folded(folder_name(student))

