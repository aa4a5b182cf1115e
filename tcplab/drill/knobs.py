"""The knobs a script may turn: every field of Config, spelt as `HOST set` spells it."""

from __future__ import annotations

from dataclasses import fields, replace

from tcplab.notation.errors import NotationError, suggest
from tcplab.notation.units import parse_size, parse_time
from tcplab.tcp import PROFILES, Config

from .model import Setting

_SPELT = {"cwnd_fixed": "cwnd"}


#: What the profile `plain` does without: every extension, as far as the endpoint has a knob for it.
_EXTENSIONS = {"sack": False, "wscale": False, "timestamps": False, "recovery": "newreno", "limited_transmit": False,
               "frto": False, "prr": False, "iw": None, "ecn": False, "hystart": False, "hybrid_start": False,
               "quick_acks": 0, "rfc6191": False, "minshall": False}
#: RFC 9293, 6298, 5681 and 6582 and nothing else.
PLAIN = replace(PROFILES["rfc"], **{name: value for name, value in _EXTENSIONS.items()
                                    if name in Config.__dataclass_fields__})
_PROFILES = PROFILES | {"plain": PLAIN}


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
    if name not in _PROFILES:
        raise NotationError(f"There is no profile {name!r}.", column,
                            suggest(name, _PROFILES).strip() or "Known are " + ", ".join(_PROFILES) + ".")
    return Setting(f"profile {name}", config=_PROFILES[name])
