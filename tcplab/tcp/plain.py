"""Plain data that can be copied: slots, no closures, no references outwards."""

from __future__ import annotations

from copy import deepcopy
from enum import Enum

_SHARED = (int, str, bytes, tuple, type(None), Enum)


class Plain:
    """Base of everything an endpoint is made of. A deep copy is independent and costs one pass over the slots.

    Values that never change (numbers, bytes, tuples, configurations, segments already handed out) are shared.
    """

    __slots__ = ()

    def __deepcopy__(self, memo: dict) -> Plain:
        twin = self.__class__.__new__(self.__class__)
        memo[id(self)] = twin
        for cls in self.__class__.__mro__:
            for name in cls.__dict__.get("__slots__", ()):
                value = getattr(self, name)
                if not isinstance(value, _SHARED):
                    value = deepcopy(value, memo)
                setattr(twin, name, value)
        return twin
