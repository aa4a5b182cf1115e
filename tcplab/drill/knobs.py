"""The knobs a script may turn: every field of Config, spelt as `HOST set` spells it."""

from __future__ import annotations

from dataclasses import fields

from tcplab.notation.errors import NotationError, suggest
from tcplab.notation.units import parse_size, parse_time
from tcplab.tcp import PROFILES, Config

from .model import Setting

_SPELT = {"cwnd_fixed": "cwnd"}


def _names() -> dict[str, str]:
    """Spelling -> field; a time loses its unit, underscores and hyphens are alike."""
    names = {}
    for field in fields(Config):
        plain = _SPELT.get(field.name, field.name.removesuffix("_ns"))
        names[plain] = names[plain.replace("_", "-")] = field.name
    return names | {"delack-timeout": "delack_ns", "delack": "delack"}


KNOBS = _names()


def parse_knob(name: str, text: str, column: int) -> Setting:
    """``set NAME TEXT``. Raises NotationError."""
    field = KNOBS.get(name)
    if field is None:
        known = suggest(name, KNOBS).strip() or "Known are " + ", ".join(sorted(set(KNOBS))) + "."
        raise NotationError(f"There is no knob {name!r}.", column, known)
    kind = str(Config.__dataclass_fields__[field].type)
    try:
        value = _value(field, kind, text, column + len(name) + 1)
        Config(**{field: value})
    except NotationError:
        raise
    except ValueError as error:
        raise NotationError(f"{error}.", column + len(name) + 1) from None
    return Setting(field, value)


def _value(field: str, kind: str, text: str, column: int) -> object:
    if "None" in kind and text == "none":
        return None
    if kind == "bool":
        if text not in ("on", "off"):
            raise NotationError(f"{name_of(field)} is on or off, not {text!r}.", column)
        return text == "on"
    if kind == "bytes":
        return text.encode()
    if kind.startswith("str"):
        return text
    try:
        return parse_time(text) if field.endswith("_ns") else parse_size(text)
    except NotationError as error:
        raise error.shifted(column) from None


def name_of(field: str) -> str:
    return _SPELT.get(field, field.removesuffix("_ns"))


def parse_profile(name: str, column: int) -> Setting:
    """``profile NAME``. Raises NotationError."""
    if name not in PROFILES:
        raise NotationError(f"There is no profile {name!r}.", column,
                            suggest(name, PROFILES).strip() or "Known are " + ", ".join(PROFILES) + ".")
    return Setting(f"profile {name}", config=PROFILES[name])
