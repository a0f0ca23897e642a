"""The pictures: deterministic, different from each other, harmless."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from hashlib import sha256

import pytest

from shop.catalogue.drawing import KINDS, draw
from shop.catalogue.drawing.colour import lab, shade
from shop.demo_catalogue import CATEGORIES, specs


def test_no_two_pictures_of_the_demo_are_alike() -> None:
    tints = {name: tint for name, tint, _ in CATEGORIES}
    seen: dict[str, str] = {}
    for spec in specs():
        for picture in spec.pictures:
            svg = draw(picture.drawing or {}, ground=tints[spec.category])
            mark = sha256(svg.encode()).hexdigest()
            assert mark not in seen, f"{picture.alt} looks like {seen.get(mark)}"
            seen[mark] = picture.alt
    assert len(seen) > 350


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_drawn_the_same_way_each_time_as_well_formed_svg(kind: str) -> None:
    drawing = {"kind": kind, "colour": "#9C4A4F", "accent": "#26221F", "metal": "silver"}
    once = draw(drawing, ground="#F1DED6")
    assert once == draw(dict(drawing), ground="#F1DED6")
    root = ET.fromstring(once)
    assert root.tag.endswith("svg")
    assert root.get("viewBox") == "0 0 800 800"
    assert len(once) < 40_000
    assert "<text" not in once
    assert "nan" not in once
    used = {part.split(")")[0] for part in once.split("url(#")[1:]}
    given = {node.get("id") for node in root.iter() if node.get("id")}
    assert used <= given


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_another_colour_is_another_picture(kind: str) -> None:
    red = {"kind": kind, "colour": "#B8323A", "accent": "#2A282B", "metal": "gold"}
    blue = {"kind": kind, "colour": "#3F5F94", "accent": "#EADFC8", "metal": "silver"}
    assert draw(red) != draw(blue)


def test_nothing_from_outside_gets_into_a_picture() -> None:
    evil = '"/><script>alert(1)</script>'
    svg = draw(
        {"kind": evil, "colour": evil, "accent": evil, "metal": evil, "look": evil, "ground": evil},
        ground=evil,
    )
    assert "script" not in svg
    assert "alert" not in svg


def test_odd_options_fall_back_instead_of_failing() -> None:
    for kind in KINDS:
        svg = draw(
            {
                "kind": kind,
                "size": "big",
                "turns": True,
                "pans": ["red", 3],
                "wave": None,
                "count": 99,
            }
        )
        assert ET.fromstring(svg).tag.endswith("svg"), kind


def test_a_lipstick_has_the_colour_of_its_shade() -> None:
    assert 'stop-color="#C62B3F"' in draw({"kind": "lipstick", "colour": "#C62B3F"})


def test_lighter_is_lighter() -> None:
    for colour in ("#9C4A4F", "#1B1A1C", "#F3E9E2"):
        assert lab(shade(colour, 0.1))[0] > lab(shade(colour, -0.05))[0]
