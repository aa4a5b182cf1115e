"""The smallest tools for SVG: elements, escaped text, and one style sheet with a light and a dark side.

Pictures hold no script, no outside font and no link, so that they can be mailed, printed and put on any page. Colours
say what they say on the screen; shapes and words say it too. They are on the picture's own ground in light; in dark
pages the reader's preference changes ground and ink together.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

Number = int | float

#: Colours by meaning: (light, dark), as on the screen.
INK = {
    "text": ("#303030", "#d0d0d0"), "bright": ("#000000", "#ffffff"), "dim": ("#5f5f5f", "#a8a8a8"),
    "faint": ("#767676", "#8a8a8a"), "rule": ("#c6c6c6", "#4e4e4e"), "edge": ("#8a8a8a", "#767676"),
    "client": ("#005faf", "#5fd7ff"), "server": ("#af5f00", "#ffaf5f"), "both": ("#000000", "#ffffff"),
    "lost": ("#d70000", "#ff5f5f"), "dup": ("#8700af", "#d787ff"), "good": ("#007a00", "#87d787"),
    "rtx": ("#875f00", "#ffd75f"), "warn": ("#875f00", "#ffd75f"),
}
GROUND = ("#ffffff", "#121212")
_BOX = ("#eeeeee", "#303030")

MONO = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"


def _sheet(side: int) -> str:
    """The colour rules of one side."""
    rules = [f".bg{{fill:{GROUND[side]}}} .halo{{stroke:{GROUND[side]}}} .box{{fill:{_BOX[side]}}}",
             f".on{{fill:{GROUND[side]}}}"]
    for name, colours in INK.items():
        rules.append(f".{name}{{fill:{colours[side]}}} .s-{name}{{stroke:{colours[side]}}}")
    return "\n".join(rules)


STYLE = "\n".join((
    f"text{{font-family:{MONO};font-size:12px}}",
    ".line{fill:none;stroke-width:1.5} .heavy{fill:none;stroke-width:3} .thin{fill:none;stroke-width:1}",
    ".halo{stroke-width:4;stroke-linejoin:round;paint-order:stroke} .bold{font-weight:bold}",
    ".small{font-size:10px} .big{font-size:15px}",
    _sheet(0), f"@media (prefers-color-scheme: dark){{\n{_sheet(1)}\n}}"))


class Picture:
    """An SVG picture that grows; its size is said at the end. Places are in pixels."""

    def __init__(self, title: str) -> None:
        self.root = ET.Element("svg", xmlns="http://www.w3.org/2000/svg", role="img")
        ET.SubElement(self.root, "title").text = clean(title)
        ET.SubElement(self.root, "style").text = STYLE
        self._ground = self.add("rect", "bg", x=0, y=0)

    def add(self, tag: str, style: str = "", parent: ET.Element | None = None,
            **attributes: Number | str) -> ET.Element:
        """One element with the classes of `style`; underscores in names of attributes stand for hyphens."""
        given = {name.replace("_", "-"): _number(value) for name, value in attributes.items()}
        element = ET.SubElement(self.root if parent is None else parent, tag, given)
        if style:
            element.set("class", style)
        return element

    def text(self, x: Number, y: Number, words: str, style: str = "text", anchor: str = "start",
             **attributes: Number | str) -> ET.Element:
        """Words at a place."""
        if anchor != "start":
            attributes["text_anchor"] = anchor
        element = self.add("text", style, None, x=x, y=y, **attributes)
        element.text = clean(words)
        return element

    def line(self, points: list[tuple[Number, Number]], style: str, **attributes: Number | str) -> ET.Element:
        """A line through points."""
        way = " ".join(f"{_number(x)},{_number(y)}" for x, y in points)
        return self.add("polyline", style, None, points=way, **attributes)

    def head(self, tip: tuple[Number, Number], towards: tuple[float, float], style: str, size: float = 7) -> None:
        """An arrowhead whose point is at `tip`, looking along the vector `towards`."""
        (x, y), (dx, dy) = tip, towards
        length = (dx * dx + dy * dy) ** 0.5 or 1.0
        ux, uy = dx / length * size, dy / length * size
        corners = ((x, y), (x - ux - uy / 2, y - uy + ux / 2), (x - ux + uy / 2, y - uy - ux / 2))
        self.add("polygon", style, None, points=" ".join(f"{_number(a)},{_number(b)}" for a, b in corners))

    def done(self, width: Number, height: Number) -> str:
        """The whole file."""
        for element in (self.root, self._ground):
            element.set("width", _number(width))
            element.set("height", _number(height))
        self.root.set("viewBox", f"0 0 {_number(width)} {_number(height)}")
        return ET.tostring(self.root, encoding="unicode") + "\n"


def clean(text: str) -> str:
    """Text without what XML and terminals forbid."""
    return "".join(char if char.isprintable() else "·" for char in text)


def _number(value: Number | str) -> str:
    """Whole numbers without a point, others with two digits: the same on every machine."""
    if isinstance(value, str):
        return value
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
