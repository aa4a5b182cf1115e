"""What a grader and its worker processes say to each other: frames of a JSON object and some bytes."""

from __future__ import annotations

import json
import struct
from typing import IO

_HEAD = struct.Struct("!II")


def send(pipe: IO[bytes], words: dict, data: bytes = b"") -> None:
    """Write one frame. Raises OSError when the other side is gone."""
    head = json.dumps(words).encode()
    pipe.write(_HEAD.pack(len(head), len(data)) + head + data)
    pipe.flush()


def receive(pipe: IO[bytes]) -> tuple[dict, bytes] | None:
    """Read one frame; None when the other side is gone, also in mid-frame."""
    head = pipe.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    words_size, data_size = _HEAD.unpack(head)
    words, data = pipe.read(words_size), pipe.read(data_size)
    if len(words) < words_size or len(data) < data_size:
        return None
    return json.loads(words), data
