"""Colours by meaning. Every colour is an exact xterm-256 entry, so a 256-colour terminal shows what truecolor shows.

A style is a string of words: one meaning (a key of a palette), any of `bold under italic reverse strike`, and a
ground (``on-bar``, ``on-pick``). Colour is never the only carrier of a meaning: letters and glyphs say it too.
"""

from __future__ import annotations

from functools import lru_cache

from rich.style import Style

#: What each colour word means on the screen, dark ground.
DARK = {
    "text": "#d0d0d0",
    "bright": "#ffffff",
    "dim": "#949494",
    "faint": "#808080",
    "rule": "#4e4e4e",
    "edge": "#626262",
    "head": "#c6c6c6",
    "client": "#5fd7ff",
    "server": "#ffaf5f",
    "both": "#ffffff",
    "lost": "#ff5f5f",
    "dup": "#d787ff",
    "good": "#87d787",
    "rtx": "#ffd75f",
    "warn": "#ffd75f",
    "key": "#87d787",
    "ink": "#121212",
    "on-base": "#121212",
    "on-bar": "#262626",
    "on-pick": "#303030",
    "on-box": "#303030",
    "on-client": "#5fd7ff",
    "on-server": "#ffaf5f",
    "on-good": "#87d787",
    "on-both": "#ffffff",
    "on-lost": "#ff5f5f",
    "on-key": "#3a3a3a",
    "on-warn": "#ffd75f",
}

#: The same meanings on a light ground.
LIGHT = {
    "text": "#303030",
    "bright": "#000000",
    "dim": "#626262",
    "faint": "#767676",
    "rule": "#b2b2b2",
    "edge": "#949494",
    "head": "#444444",
    "client": "#005faf",
    "server": "#af5f00",
    "both": "#000000",
    "lost": "#d70000",
    "dup": "#8700af",
    "good": "#008700",
    "rtx": "#875f00",
    "warn": "#875f00",
    "key": "#005f00",
    "ink": "#ffffff",
    "on-base": "#eeeeee",
    "on-bar": "#dadada",
    "on-pick": "#d0d0d0",
    "on-box": "#d0d0d0",
    "on-client": "#005faf",
    "on-server": "#af5f00",
    "on-good": "#008700",
    "on-both": "#303030",
    "on-lost": "#d70000",
    "on-key": "#d0d0d0",
    "on-warn": "#875f00",
}

#: NO_COLOR: no colour at all; weight and reverse carry what colour carried.
_MONO = {
    "bright": "bold",
    "dim": "",
    "rule": "dim",
    "edge": "dim",
    "head": "bold",
    "lost": "bold",
    "rtx": "bold",
    "warn": "bold",
    "key": "bold",
    "good": "bold",
    "faint": "dim",
    "on-client": "reverse",
    "on-server": "reverse",
    "on-good": "reverse",
    "on-both": "reverse",
    "on-lost": "reverse",
    "on-pick": "reverse",
    "on-warn": "reverse",
    "on-bar": "",
    "on-box": "",
    "on-base": "",
    "on-key": "reverse",
}

_ATTRIBUTES = {"bold": "bold", "under": "underline", "italic": "italic", "reverse": "reverse", "strike": "strike"}

THEMES = ("tcplab-dark", "tcplab-light", "tcplab-mono")
_PALETTES = {"tcplab-dark": DARK, "tcplab-light": LIGHT}


@lru_cache(maxsize=4096)
def style(theme: str, words: str) -> Style:
    """The rich Style of a string of style words. Unknown words mean plain text, never an error."""
    palette = _PALETTES.get(theme)
    return _mono(words) if palette is None else _coloured(palette, words)


def _coloured(palette: dict[str, str], words: str) -> Style:
    colour, ground, attributes = palette["text"], palette["on-base"], {}
    for word in words.split():
        if word in _ATTRIBUTES:
            attributes[_ATTRIBUTES[word]] = True
        elif word.startswith("on-"):
            ground = palette.get(word, ground)
        else:
            colour = palette.get(word, colour)
    return Style(color=colour, bgcolor=ground, **attributes)


def _mono(words: str) -> Style:
    attributes = {}
    for word in words.split():
        name = _ATTRIBUTES.get(word) or _MONO.get(word, "")
        if name:
            attributes[name] = True
    return Style(**attributes)


def textual_themes() -> list:
    """The Textual themes behind the three palettes (Textual's own widgets: the palette, tooltips)."""
    from textual.theme import BUILTIN_THEMES, Theme

    def make(name: str, p: dict[str, str], dark: bool) -> Theme:
        return Theme(
            name=name,
            primary=p["client"],
            secondary=p["server"],
            accent=p["good"],
            warning=p["warn"],
            error=p["lost"],
            success=p["good"],
            foreground=p["text"],
            background=p["on-base"],
            surface=p["on-bar"],
            panel=p["on-pick"],
            dark=dark,
        )

    ansi = BUILTIN_THEMES.get("ansi-dark") or BUILTIN_THEMES["textual-ansi"]
    plain = "ansi_default"
    mono = Theme(
        name="tcplab-mono", ansi=True, primary=plain, secondary=plain, accent=plain, warning=plain, error=plain,
        success=plain, foreground=plain, background=plain, surface=plain, panel=plain, boost=plain,
        variables={**dict.fromkeys(ansi.variables, plain), "input-cursor-text-style": "reverse",
                   "block-cursor-text-style": "bold reverse"},
    )  # fmt: skip
    return [make("tcplab-dark", DARK, True), make("tcplab-light", LIGHT, False), mono]
