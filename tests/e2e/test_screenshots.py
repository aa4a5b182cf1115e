"""`make screenshots` finds its way through the labs as they are now, and draws well-formed pictures."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support import picture
from tests.support.screenshots import SCENES, shoot


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene[0])
def test_every_scene_is_reached_and_drawn(scene, tmp_path: Path):
    name, arguments, sizes, way = scene
    terminal = shoot(arguments, sizes[0], way, still=0.05)
    drawing = picture.svg(terminal.screen, name)
    root = ElementTree.fromstring(drawing)
    words = "".join(root.itertext())
    assert root.get("width") == str(sizes[0][0] * picture.WIDTH) and "tcplab" in words
    faces = picture.fonts()
    if faces is not None:
        picture.png(terminal.screen, tmp_path / "x.png", faces)
        assert (tmp_path / "x.png").stat().st_size > 5_000
    assert not any(path in drawing for path in ("/tmp", "/home", str(Path.home()) + "/"))
