"""Renderers that know no browser draw the same picture, and the comparison sees what it is there to see."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

import leporello
from tests.support.command_line import ELMAN, LUONG
from tests.support.renderers import CLOSE, OTHER_FONTS, difference, pixels, with_cairosvg, with_resvg

try:
    import cairosvg  # noqa: F401

    CAIRO = True
except OSError:  # the system's Cairo is missing
    CAIRO = False

PICTURES: list[tuple[str, dict[str, Any]]] = [
    (ELMAN, {"steps": 3, "both": True}),
    (LUONG, {}),
    (LUONG, {"depth": 1}),
    (LUONG, {"steps": 20}),
]


def figures(spec: str, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """The boxes of a picture."""
    found = json.loads(leporello.draw(spec, "json", **wanted))["figures"]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize(("spec", "wanted", "dark"), [(*PICTURES[0], True), *((*one, False) for one in PICTURES)])
def test_our_png_is_what_resvg_draws(spec: str, wanted: dict[str, Any], dark: bool) -> None:
    svg = leporello.draw(spec, dark=dark, **wanted)
    ours = pixels(leporello.draw(spec, "png", dark=dark, **wanted))
    found = difference(ours, with_resvg(svg), figures(spec, wanted))
    assert found.within(CLOSE), found


@pytest.mark.skipif(not CAIRO, reason="there is no Cairo on this machine")
@pytest.mark.parametrize(("spec", "wanted"), PICTURES)
def test_cairosvg_draws_what_resvg_draws(spec: str, wanted: dict[str, Any]) -> None:
    svg = leporello.draw(spec, **wanted)
    found = difference(with_cairosvg(svg), with_resvg(svg), figures(spec, wanted))
    assert found.within(OTHER_FONTS), found


FAULTS = {
    "words lost": (r"(<g id=\"h@2\".*?)<text.*?</text>", r"\1"),
    "a wire lost": (r"<g class=\"delay\">.*?</g>", ""),
    "all wires dotted": (r"stroke-linecap=\"butt\"", r'stroke-dasharray="2 5"'),
    "a colour": (r"(<g id=\"h@2\".*?fill=\")#\w+", r"\1#ffffff"),
    "a box moved": (r"<g id=\"h@2\"", r'<g transform="translate(9 0)" id="h@2"'),
    "words not in the middle": (r"text-anchor=\"middle\"", ""),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_comparison_sees(fault: str) -> None:
    svg = leporello.draw(ELMAN, steps=3)
    spoiled = re.sub(*FAULTS[fault], svg, flags=re.DOTALL)
    assert spoiled != svg
    drawn, boxes = with_resvg(svg), figures(ELMAN, {"steps": 3})
    assert difference(drawn, drawn, boxes).within(CLOSE)
    assert not difference(drawn, with_resvg(spoiled), boxes).within(CLOSE)
