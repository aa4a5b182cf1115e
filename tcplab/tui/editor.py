"""A line being typed: text, cursor, history. No widget: the screen routes keys here while a line is open."""

from __future__ import annotations

#: Longest line taken from keyboard or clipboard.
MAX_LENGTH = 2000


class Editor:
    """One editable line. `key` takes a key's name and character and says whether it used it."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.cursor = len(text)

    def set(self, text: str) -> None:
        """Replace the line and put the cursor at its end."""
        self.text, self.cursor = text[:MAX_LENGTH], len(text[:MAX_LENGTH])

    def insert(self, text: str) -> bool:
        """Put printable text at the cursor; line ends become blanks. Returns whether all of it fitted."""
        whole, text = len(text), text[: 4 * MAX_LENGTH]
        text = "".join(c for c in text.replace("\r", " ").replace("\n", " ").replace("\t", " ") if c.isprintable())
        room = MAX_LENGTH - len(self.text)
        fits = whole <= 4 * MAX_LENGTH and len(text) <= room
        text = text[:room]
        self.text = self.text[: self.cursor] + text + self.text[self.cursor :]
        self.cursor += len(text)
        return fits

    def key(self, key: str, character: str | None) -> bool:
        """Edit by one key. Returns False for keys that are not about editing."""
        match key:
            case "left":
                self.cursor = max(0, self.cursor - 1)
            case "right":
                self.cursor = min(len(self.text), self.cursor + 1)
            case "home" | "ctrl+a":
                self.cursor = 0
            case "end" | "ctrl+e":
                self.cursor = len(self.text)
            case "backspace" | "ctrl+h":
                self.text = self.text[: max(0, self.cursor - 1)] + self.text[self.cursor :]
                self.cursor = max(0, self.cursor - 1)
            case "delete":
                self.text = self.text[: self.cursor] + self.text[self.cursor + 1 :]
            case "ctrl+u":
                self.text, self.cursor = self.text[self.cursor :], 0
            case "ctrl+w":
                head = self.text[: self.cursor].rstrip()
                head = head[: head.rfind(" ") + 1]
                self.text, self.cursor = head + self.text[self.cursor :], len(head)
            case _:
                if not character or not character.isprintable():
                    return False
                self.insert(character)
        return True


class History:
    """Lines entered before. `older` and `newer` walk through those that begin with what was typed."""

    def __init__(self, lines: list[str] | None = None) -> None:
        self.lines = lines or []
        self._at: int | None = None
        self._stub = ""

    def add(self, line: str) -> None:
        """Keep a line; the same line twice in a row is kept once."""
        if line and (not self.lines or self.lines[-1] != line):
            self.lines.append(line)
        self._at = None

    def older(self, current: str) -> str:
        if self._at is None:
            self._at, self._stub = len(self.lines), current
        for index in range(self._at - 1, -1, -1):
            if self.lines[index].startswith(self._stub):
                self._at = index
                return self.lines[index]
        return current

    def newer(self, current: str) -> str:
        if self._at is None:
            return current
        for index in range(self._at + 1, len(self.lines)):
            if self.lines[index].startswith(self._stub):
                self._at = index
                return self.lines[index]
        self._at = None
        return self._stub
