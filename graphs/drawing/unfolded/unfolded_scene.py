"""The unfolded picture as a scene: each strip's column is wired once, its copies stand side by side on a page."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from leporello.graphs.drawing.column.media import PIXELS, Medium
from leporello.graphs.drawing.scene.scene import Scene
from leporello.graphs.drawing.unfolded.column_frames import with_frames
from leporello.graphs.drawing.unfolded.focus import Focus, focused
from leporello.graphs.drawing.unfolded.heat_maps import with_grids
from leporello.graphs.drawing.unfolded.page import Page
from leporello.graphs.drawing.unfolded.strips import Strip, missing, strip
from leporello.graphs.drawing.unfolded.words import with_words
from leporello.graphs.drawing.views.description import description
from leporello.graphs.drawing.views.references import MARK, referred, with_references
from leporello.graphs.drawing.views.shown_values import NONE, ShownValues
from leporello.graphs.drawing.views.stretches import Stretch, stretches
from leporello.graphs.drawing.views.unfolded_view import shown
from leporello.graphs.drawing.views.view import View


def unfolded_scene(
    view: View,
    last: Mapping[str, int],
    facts: Mapping[str, str],
    focus: Focus | None = None,
    values: ShownValues = NONE,
    medium: Medium = PIXELS,
) -> Scene:
    """The view unfolded over `last[axis]` steps of each axis.

    `facts` adds a line to the hover text of a box, `focus` is a step that is looked at, `values` what flows.
    """
    laid, strips, offsets = _laid(view, last, focus, medium)
    page = Page(laid, strips, offsets, facts, focus, values, medium)
    made = page.scene()
    made = replace(made, figures=tuple(replace(f, strong=f.identity in page.attended) for f in made.figures))
    looked = page.attended | (
        {f"{box.path}@{focus.step}" for box in laid.boxes if box.axis == focus.axis} if focus else set()
    )
    made = with_words(made, values.words, _with_inputs(laid, looked)) if values.words else made
    made = made if medium.bare else with_frames(made, page.copies)
    made = focused(made, laid, focus) if focus else made
    made = replace(made, description=description(view, last), lost=len(missing(strips)))
    return with_grids(made, laid, values, focus)


def _laid(
    written: View, last: Mapping[str, int], focus: Focus | None, medium: Medium
) -> tuple[View, list[Strip], dict[str, int]]:
    """The view with references in place of wires that find no way, its strips, and how late references are read."""
    view, offsets = _shortened(referred(written))
    strips = _strips(view, written, last, focus, medium)
    for _ in range(2):
        if not missing(strips):
            break
        before = {box.path for box in view.boxes}
        late = {e: e.time.offset for e in missing(strips) if not e.source.startswith(MARK)}
        view = with_references(view, late)
        added = [box.path for box in view.boxes if box.path not in before]
        offsets |= dict(zip(added, late.values(), strict=True))
        strips = _strips(view, written, last, focus, medium)
    return view, strips, offsets


def _shortened(view: View) -> tuple[View, dict[str, int]]:
    """References in place of delays of two and more, with how late each is."""
    clock = {box.path: box.axis for box in view.boxes}
    known = {box.path for box in view.boxes}
    far = [
        e for e in view.edges if abs(e.time.offset) > 1 and e.time.kind == "t" and clock[e.source] == clock[e.target]
    ]
    found = with_references(view, far)
    added = [box.path for box in found.boxes if box.path not in known]
    offsets = dict(zip(added, (edge.time.offset for edge in dict.fromkeys(far)), strict=True))
    names = dict(zip(added, (edge.source for edge in dict.fromkeys(far)), strict=True))
    labels = {box.path: box.label for box in view.boxes}
    boxes = tuple(replace(b, label=labels[names[b.path]]) if b.path in names else b for b in found.boxes)
    return replace(found, boxes=boxes), offsets


def _strips(view: View, written: View, last: Mapping[str, int], focus: Focus | None, medium: Medium) -> list[Strip]:
    """The strips from the bottom; those with an axis share the width of their columns where they can."""
    parts = stretches(view)
    part_of = {path: index for index, part in enumerate(parts) for path in part.paths}

    def made(part: Stretch, least: int) -> Strip:
        end = last[part.axis] if part.axis else 1
        looked = focus.step if focus and focus.axis == part.axis else None
        steps = shown(end, looked) if part.axis else (1,)
        return strip(view, written, part, part_of, steps, end, least, medium)

    first = [made(part, 0) for part in parts]
    widest = max((one.wired.column.width for one in first if one.part.axis), default=0)
    alike = [one.part.axis is None or one.wired.column.width == widest for one in first]
    return [one if same else made(one.part, widest) for one, same in zip(first, alike, strict=True)]


def _with_inputs(view: View, looked: Collection[str]) -> frozenset[str]:
    """What is looked at, and the inputs of the same steps on its axes."""
    axis = {box.path: box.axis for box in view.boxes}
    steps = {(axis.get(path), step) for path, _, step in (name.rpartition("@") for name in looked)}
    inputs = {f"{b.path}@{step}" for b in view.boxes for own, step in steps if b.kind == "input" and b.axis == own}
    return frozenset(inputs) | frozenset(looked)
