"""After an edit the boxes of an axis that stay keep their order: from below, and from left to right in a row.

The axes themselves stand in the order in which they read each other, which an edit may turn round.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import examine
from leporello.graphs.drawing.column.effort import FIRST
from leporello.graphs.drawing.column.placement import Spot
from leporello.graphs.drawing.folded.folded_scene import placed
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.terminal.cell_picture import folded_picture, unfolded_picture
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.levels import upward
from leporello.graphs.drawing.views.opened import CLOSED
from leporello.graphs.drawing.views.view import View
from leporello.graphs.specs import read_spec
from tests.support.paths import EXAMPLES
from tests.support.strategies import Sample, samples, some


def view_of(text: str) -> View:
    return folded_of(text)[0]


def sampled(sample: Sample) -> View:
    view, whole = folded_of(sample.text)
    assume(whole)
    return view


def folded_of(text: str) -> tuple[View, bool]:
    """The view of a spec, and whether it has no problems."""
    checked, problems = examine(read_spec(text, registry()), registry())
    return folded(checked.graph, checked.axes, CLOSED), not problems


def near(spots: Mapping[str, Spot]) -> dict[str, tuple[float, float]]:
    return {path: (spot.x, spot.y) for path, spot in spots.items()}


def turned(view: View, before: Mapping[str, Spot], after: Mapping[str, Spot]) -> list[tuple[str, str]]:
    """The boxes of one axis of which the order has turned round."""
    found, axes = [], {box.path: box.axis for box in view.boxes}
    for one, other in combinations([path for path in before if path in after], 2):
        if axes[one] is None or axes[one] != axes[other]:
            continue
        (a, b), (c, d) = (before[one], before[other]), (after[one], after[other])
        level = a.y == b.y and c.y == d.y
        if (a.y - b.y) * (c.y - d.y) < 0 or (level and (a.x - b.x) * (c.x - d.x) < 0):
            found.append((one, other))
    return found


@given(samples(broken=False), st.randoms(use_true_random=False))
@some(40)
def test_without_some_boxes_the_others_keep_their_order(sample: Sample, chance: object) -> None:
    whole = sampled(sample)
    assume(len(whole.boxes) > 2)
    gone = set(chance.sample([box.path for box in whole.boxes], chance.randint(1, len(whole.boxes) // 2)))  # type: ignore[attr-defined]
    less = replace(
        whole,
        boxes=tuple(box for box in whole.boxes if box.path not in gone),
        edges=tuple(edge for edge in whole.edges if not {edge.source, edge.target} & gone),
    )
    for before, after in ((whole, less), (less, whole)):
        there = placed(before)
        found = placed(replace(after, near=near(there)))
        # What is read at the same step lies below its reader: that may turn two others round which had no tie before.
        ties = {(edge.source, edge.target) for edge in upward(after)} - {(e.source, e.target) for e in upward(before)}
        if not ties or after is less:
            assert turned(whole, there, found) == []
        for edge in upward(replace(after, near=near(there))):
            assert found[edge.source].y > found[edge.target].y


@given(samples(broken=False))
@some(20)
def test_a_picture_near_itself_is_itself(sample: Sample) -> None:
    view = sampled(sample)
    there = placed(view)
    assert turned(view, there, placed(replace(view, near=near(there)))) == []


@pytest.mark.parametrize("name", ["dates", "luong", "lstm_from_equations"])
def test_pictures_in_cells_tell_where_their_boxes_are(name: str) -> None:
    view = view_of((EXAMPLES / f"{name}.yaml").read_text())
    pictures = folded_picture(view, False, FIRST), unfolded_picture(view, dict.fromkeys(view.axes, 3), False, FIRST)
    for picture in pictures:
        assert {box.path for box in view.boxes} <= set(picture.near)
        for path, (x, y) in list(picture.near.items()):
            owner = picture.owner_at(int(x), int(y))
            assert owner is None or owner.path == path


def test_what_is_not_there_any_more_does_not_matter() -> None:
    view = view_of((EXAMPLES / "elman.yaml").read_text())
    assert placed(replace(view, near={"nobody": (0, 0)})) == placed(view)
    assert Options().near == {}
