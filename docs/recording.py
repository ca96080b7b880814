"""Frames of the terminal UI as one SVG that moves by its style sheet: each line of cells is kept once for as long as it
stays the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from rich.color import Color
from rich.segment import Segment
from rich.style import Style

WIDE, HIGH = 10, 21
Span = tuple[int, int]
"""The first frame, and the one after the last."""
Ground = tuple[str, str]
"""The colour of the ground, and that of letters which have none of their own."""
Line = tuple[tuple[str, Style], ...]
"""The pieces of a line of cells."""


@dataclass(frozen=True)
class Frame:
    """What the screen shows for so many seconds."""

    lines: tuple[Line, ...]
    seconds: float


def line_of(strip: Sequence[Segment]) -> Line:
    """A line of a screen, neighbours of one look together."""
    found: list[tuple[str, Style]] = []
    for segment in strip:
        style = segment.style or Style()
        if found and found[-1][1] == style:
            found[-1] = (found[-1][0] + segment.text, style)
        else:
            found.append((segment.text, style))
    return tuple(found)


def moving(frames: Sequence[Frame], columns: int, ground: Ground) -> str:
    """The SVG; who wants no motion sees the last frame."""
    looks: dict[str, str] = {}
    total = sum(frame.seconds for frame in frames)
    begins = [sum(frame.seconds for frame in frames[:index]) / total for index in range(len(frames) + 1)]
    groups: dict[tuple[Span, ...], list[str]] = {}
    for y in range(len(frames[0].lines)):
        for line, seen in spans([frame.lines[y] for frame in frames]).items():
            groups.setdefault(seen, []).append(row(line, y, ground, looks))
    rules, parts = [], []
    for number, (seen, rows) in enumerate(groups.items()):
        if seen == ((0, len(frames)),):
            parts.append(f"<g>{''.join(rows)}</g>")
            continue
        rules.append(rule(number, [(begins[first], begins[last]) for first, last in seen]))
        still = ' class="l"' if seen[-1][1] == len(frames) else ""
        parts.append(f'<g{still} style="animation-name:k{number}">{"".join(rows)}</g>')
    width, height = columns * WIDE, len(frames[0].lines) * HIGH
    size = f'width="{width * 0.84:g}" height="{height * 0.84:g}"'
    sheet = "".join(f".{name}{{{said}}}" for said, name in looks.items())
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {size}>',
            f"<style>text{{fill:{ground[1]}}}{sheet}",
            f"g[style]{{visibility:hidden;animation:{total:g}s step-end infinite}}",
            *rules,
            "@media (prefers-reduced-motion){g[style]{animation:none}g.l{visibility:visible}}</style>",
            f'<rect width="100%" height="100%" fill="{ground[0]}"/>',
            '<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="16.6" xml:space="preserve">',
            *parts,
            "</g>",
            "</svg>\n",
        ]
    )


def spans(lines: Sequence[Line]) -> dict[Line, tuple[Span, ...]]:
    """Each line that is seen at some time, and from which frame to which."""
    found: dict[Line, list[Span]] = {}
    first = 0
    for index in range(1, len(lines) + 1):
        if index == len(lines) or lines[index] != lines[first]:
            found.setdefault(lines[first], []).append((first, index))
            first = index
    return {line: tuple(seen) for line, seen in found.items()}


def rule(number: int, seen: Sequence[tuple[float, float]]) -> str:
    """When a group is seen, as shares of the whole."""
    steps = {0.0: "hidden"}
    for begin, end in seen:
        steps |= {begin: "visible"} | ({end: "hidden"} if end < 1 else {})
    return f"@keyframes k{number}{{{''.join(f'{at:.2%}{{visibility:{how}}}' for at, how in steps.items())}}}"


def row(line: Line, y: int, ground: Ground, looks: dict[str, str]) -> str:
    """The pieces of a line; how they look is said once, in `looks`."""
    x, made = 0, []
    for text, style in line:
        back, look = looks_of(style, ground)
        cells = Segment(text).cell_length
        if back:
            name = looks.setdefault(f"fill:{back}", f"s{len(looks)}")
            box = f'x="{x * WIDE}" y="{y * HIGH}" width="{cells * WIDE}" height="{HIGH}"'
            made.append(f'<rect class="{name}" {box}/>')
        bare = text.rstrip()
        if bare:
            named = f' class="{looks.setdefault(look, f"s{len(looks)}")}"' if look else ""
            lead = len(bare) - len(bare.lstrip())
            wide = Segment(bare.lstrip()).cell_length
            place = f'x="{(x + lead) * WIDE}" y="{y * HIGH + 16}"'
            place += f' textLength="{wide * WIDE}"' if wide > 1 else ""
            made.append(f"<text{named} {place}>{escape(bare.lstrip())}</text>")
        x += cells
    return "".join(made)


def looks_of(style: Style, ground: Ground) -> tuple[str, str]:
    """The ground of a piece, where it has one of its own, and how its letters look."""
    front, back = said(style.color, ground[1]), said(style.bgcolor, ground[0])
    if style.reverse:
        front, back = back, front
    look = [f"fill:{front}"] if front != ground[1] else []
    look += ["font-weight:bold"] if style.bold else []
    look += ["font-style:italic"] if style.italic else []
    look += ["opacity:.65"] if style.dim else []
    return ("" if back == ground[0] else back), ";".join(look)


def said(colour: Color | None, default: str) -> str:
    """A colour as SVG writes it."""
    return default if colour is None or colour.is_default else colour.get_truecolor().hex
