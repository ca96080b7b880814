"""The same picture by every renderer of SVG there is here, and how far apart what they draw is.

`python tests/renderers.py` compares every example in several views, light and dark; it needs Chromium.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy

import leporello
from tests.support.paths import EXAMPLES

VIEWS: Mapping[str, Mapping[str, Any]] = {
    "folded": {},
    "boxes": {"weights": "boxes"},
    "opened": {"depth": 1},
    "unfolded": {"steps": 3},
    "both": {"steps": 2, "both": True},
    "long": {"steps": 40},
}
Pixels = numpy.ndarray[Any, numpy.dtype[numpy.float64]]
TILE, FINE = 24, 6
"""Pixels of a side of what is compared: letters lie elsewhere by a pixel or two, and have other shapes."""


@dataclass(frozen=True)
class Limits:
    """How far apart two drawings of the same picture may be."""

    mean: float
    worst: float
    ink: float


CLOSE, OTHER_FONTS = Limits(1.0, 8.0, 0.65), Limits(2.0, 20.0, 0.65)
"""Chromium, resvg and Typst find the same fonts; CairoSVG sets maths in a sans, wider by a pixel a letter.

Seen at most, over all examples: 0.6, 6.8 and 0.76 of the first; 1.2, 17.2 and 0.74 of CairoSVG. Words that are lost
make a tile of 18 to 33 and ink of 0.09 at most, a lost wire a tile of 13 to 18, a colour or a dash of 10 to 13.
"""


@dataclass(frozen=True)
class Difference:
    """How far two drawings of a picture are apart, in levels of 255: on the whole, and in the worst tile.

    `ink` is the smallest ratio of the ink inside a figure: 0 where words are missing, 1 where all is the same.
    """

    mean: float
    worst: float
    ink: float
    figure: str = ""

    def within(self, limits: Limits) -> bool:
        """Whether it is the same picture."""
        return self.mean <= limits.mean and self.worst <= limits.worst and self.ink >= limits.ink


def with_resvg(svg: str) -> Pixels:
    """As resvg draws it."""
    import resvg_py

    return pixels(resvg_py.svg_to_bytes(svg_string=svg))


def with_cairosvg(svg: str) -> Pixels:
    """As CairoSVG draws it."""
    import cairosvg

    return pixels(cairosvg.svg2png(bytestring=svg.encode()))


def with_chromium(svg: str, dark: bool = False) -> Pixels:
    """As headless Chromium shows it to someone who prefers light or dark."""
    program = shutil.which("chromium")
    assert program is not None
    root = ElementTree.fromstring(svg)
    wide, high = (round(float(root.get(name, "0"))) for name in ("width", "height"))
    with tempfile.TemporaryDirectory() as folder:
        source, shot = Path(folder, "picture.svg"), Path(folder, "picture.png")
        source.write_text(svg, encoding="utf-8")
        options = [
            *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"),
            *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"),
            f"--user-data-dir={folder}/profile",
            "--force-device-scale-factor=1",
            f"--window-size={wide},{high}",
            f"--blink-settings=preferredColorScheme={0 if dark else 1}",
            f"--screenshot={shot}",
        ]
        subprocess.run([program, *options, source.as_uri()], capture_output=True, timeout=120, check=True)
        return pixels(shot.read_bytes())


def pixels(png: bytes) -> Pixels:
    """A PNG as `[height, width, colour]`, on white."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        ground = Image.new("RGBA", image.size, "white")
        ground.alpha_composite(image.convert("RGBA"))
        return numpy.asarray(ground.convert("RGB")).astype(float)


def tiled(image: Pixels, size: int) -> Pixels:
    """The mean colour of every tile."""
    high, wide = (length // size * size for length in image.shape[:2])
    return image[:high, :wide].reshape(high // size, size, wide // size, size, 3).mean(axis=(1, 3))


def ink(image: Pixels) -> float:
    """The share of pixels that are not of the ground's colour, which is that of most."""
    flat = image.reshape(-1, 3)
    colours, counts = numpy.unique(flat.astype(int), axis=0, return_counts=True)
    return float((abs(flat - colours[counts.argmax()]).sum(axis=1) > 90).mean())


def difference(one: Pixels, other: Pixels, figures: Iterable[Mapping[str, Any]] = ()) -> Difference:
    """How far two drawings are apart; `figures` as in the picture's JSON."""
    high, wide = (min(lengths) for lengths in zip(one.shape[:2], other.shape[:2], strict=True))
    assert max(abs(a - b) for a, b in zip(one.shape[:2], other.shape[:2], strict=True)) <= 1
    one, other = one[:high, :wide], other[:high, :wide]
    mean = abs(tiled(one, FINE) - tiled(other, FINE)).mean()
    worst = abs(tiled(one, TILE) - tiled(other, TILE)).mean(axis=2).max()
    ratios = [(ratio(inside(one, figure), inside(other, figure)), figure["id"]) for figure in figures]
    return Difference(float(mean), float(worst), *min(ratios, default=(1.0, "")))


def ratio(one: Pixels, other: Pixels) -> float:
    """The ratio of the ink in two drawings of a figure; what is hardly there is as good as nothing."""
    less, more = sorted((ink(one), ink(other)))
    return (less + 0.002) / (more + 0.002)


def inside(image: Pixels, figure: Mapping[str, Any]) -> Pixels:
    """The pixels of a figure, its border aside."""
    x, y, wide, high = (figure[name] for name in ("x", "y", "width", "height"))
    wide, high = max(wide - 10, 4), max(high - 10, 4)
    return image[int(y - high / 2) : int(y + high / 2) + 1, int(x - wide / 2) : int(x + wide / 2) + 1]


def compared(spec: Path, wanted: Mapping[str, Any]) -> Iterator[tuple[str, Difference, Limits]]:
    """Every pair of drawings of a picture."""
    svg = leporello.draw(str(spec), **wanted)
    figures = json.loads(leporello.draw(str(spec), "json", **wanted))["figures"]
    light, dark = with_chromium(svg), with_chromium(svg, dark=True)
    resvg, cairo = with_resvg(svg), with_cairosvg(svg)
    ours, ours_dark = (pixels(leporello.draw(str(spec), "png", dark=dark, **wanted)) for dark in (False, True))
    yield "chromium, resvg", difference(light, resvg, figures), CLOSE
    yield "chromium, png", difference(light, ours, figures), CLOSE
    yield "chromium, cairosvg", difference(light, cairo, figures), OTHER_FONTS
    yield "resvg, cairosvg", difference(resvg, cairo, figures), OTHER_FONTS
    yield "chromium dark, png", difference(dark, ours_dark, figures), CLOSE


def main() -> int:
    """Print a line for each pair; 1 where any is too far apart."""
    if shutil.which("chromium") is None:
        print("there is no chromium here: nothing is compared")
        return 0
    apart = 0
    print(f"{'picture':32}{'drawn by':20}{'mean':>7}{'worst':>8}{'ink':>7}")
    for spec in sorted(EXAMPLES.glob("*.yaml")):
        for view, wanted in VIEWS.items():
            for pair, found, limits in compared(spec, wanted):
                apart += not found.within(limits)
                line = f"{spec.stem + ' ' + view:32}{pair:20}{found.mean:7.2f}{found.worst:8.2f}{found.ink:7.2f}"
                print(line if found.within(limits) else f"{line}  too far apart, at {found.figure}", flush=True)
    print(f"{apart} too far apart" if apart else "the same pictures everywhere")
    return 1 if apart else 0


if __name__ == "__main__":
    sys.exit(main())
