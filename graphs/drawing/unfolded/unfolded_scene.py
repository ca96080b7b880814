"""The unfolded picture as a scene: each strip's column is wired once, its copies stand side by side on a page."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from leporello.graphs.drawing.column.effort import BEST, Effort
from leporello.graphs.drawing.column.media import PIXELS, Medium
from leporello.graphs.drawing.column.wired import Draft, draft
from leporello.graphs.drawing.column.wishes import ColumnPlan
from leporello.graphs.drawing.scene.scene import Scene
from leporello.graphs.drawing.unfolded.column_frames import with_frames
from leporello.graphs.drawing.unfolded.focus import Focus, focused
from leporello.graphs.drawing.unfolded.heat_maps import with_grids
from leporello.graphs.drawing.unfolded.page import Page
from leporello.graphs.drawing.unfolded.strips import Strip, missing, planned
from leporello.graphs.drawing.unfolded.words import with_words
from leporello.graphs.drawing.views.description import description
from leporello.graphs.drawing.views.references import MARK, referred, with_references
from leporello.graphs.drawing.views.shown_values import NONE, ShownValues
from leporello.graphs.drawing.views.stretches import Stretch, stretches
from leporello.graphs.drawing.views.unfolded_view import shown
from leporello.graphs.drawing.views.view import View

Drafted = tuple[Stretch, ColumnPlan, Draft]


def unfolded_scene(
    view: View,
    last: Mapping[str, int],
    facts: Mapping[str, str],
    focus: Focus | None = None,
    values: ShownValues = NONE,
    medium: Medium = PIXELS,
    effort: Effort = BEST,
) -> Scene:
    """The view unfolded over `last[axis]` steps of each axis.

    `facts` adds a line to the hover text of a box, `focus` is a step that is looked at, `values` what flows.
    """
    page = unfolded_page(view, last, facts, focus, values, medium, effort)
    laid, made = page.view, page.scene()
    made = replace(made, figures=tuple(replace(f, strong=f.identity in page.attended) for f in made.figures))
    looked = page.attended | (
        {f"{box.path}@{focus.step}" for box in laid.boxes if box.axis == focus.axis} if focus else set()
    )
    made = with_words(made, values.words, _with_inputs(laid, looked)) if values.words else made
    made = made if medium.bare else with_frames(made, page.copies)
    made = focused(made, laid, focus) if focus else made
    made = replace(made, description=description(view, last), lost=page.lost)
    return with_grids(made, laid, values, focus)


def unfolded_page(
    view: View,
    last: Mapping[str, int],
    facts: Mapping[str, str],
    focus: Focus | None = None,
    values: ShownValues = NONE,
    medium: Medium = PIXELS,
    effort: Effort = BEST,
    every: bool = False,
) -> Page:
    """The page of an unfolded picture, before it is drawn; with `every` step, however many there are."""
    laid, drafts, offsets = _laid(view, last, medium, effort)
    strips = [_strip(part, plan, found, last, focus, every) for part, plan, found in drafts]
    return Page(laid, strips, offsets, facts, focus, values, medium)


def _laid(
    written: View, last: Mapping[str, int], medium: Medium, effort: Effort
) -> tuple[View, Sequence[Drafted], dict[str, int]]:
    """The view with references in place of wires that find no way, its columns, and how late references are read."""
    view, offsets = _shortened(referred(written))
    drafts = _drafts(view, written, last, medium, effort)
    for _ in range(2):
        lost = missing([found for _, _, found in drafts])
        if not lost:
            break
        before = {box.path for box in view.boxes}
        late = {e: e.time.offset for e in lost if not e.source.startswith(MARK)}
        view = with_references(view, late)
        added = [box.path for box in view.boxes if box.path not in before]
        offsets |= dict(zip(added, late.values(), strict=True))
        drafts = _drafts(view, written, last, medium, effort)
    return view, drafts, offsets


def _strip(
    part: Stretch, plan: ColumnPlan, found: Draft, last: Mapping[str, int], focus: Focus | None, every: bool
) -> Strip:
    """A stretch with its column and the steps that are shown."""
    end = last[part.axis] if part.axis else 1
    looked = focus.step if focus and focus.axis == part.axis else None
    steps: Sequence[int] = range(1, end + 1) if every else shown(end, looked)
    return Strip(part, plan, found.polished(), steps if part.axis else (1,), end)


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


def _drafts(view: View, written: View, last: Mapping[str, int], medium: Medium, effort: Effort) -> Sequence[Drafted]:
    """The columns of all strips from the bottom; those with an axis share their width where they can."""
    parts = stretches(view)
    part_of = {path: index for index, part in enumerate(parts) for path in part.paths}
    plans = [planned(view, written, part, part_of, last[part.axis] if part.axis else 1, medium) for part in parts]
    first = [draft(plan, medium.noting, effort) for plan in plans]
    widest = max((one.column.width for one, plan in zip(first, plans, strict=True) if plan.periodic), default=0)
    found = []
    for part, plan, one in zip(parts, plans, first, strict=True):
        alike = not plan.periodic or one.column.width == widest
        wider = plan if alike else replace(plan, least=widest)
        found.append((part, wider, one if alike else draft(wider, medium.noting, effort)))
    return found


def _with_inputs(view: View, looked: Collection[str]) -> frozenset[str]:
    """What is looked at, and the inputs of the same steps on its axes."""
    axis = {box.path: box.axis for box in view.boxes}
    steps = {(axis.get(path), step) for path, _, step in (name.rpartition("@") for name in looked)}
    inputs = {f"{b.path}@{step}" for b in view.boxes for own, step in steps if b.kind == "input" and b.axis == own}
    return frozenset(inputs) | frozenset(looked)
