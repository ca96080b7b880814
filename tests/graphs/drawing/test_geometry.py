"""The geometry of every view of every model: nothing overlaps, columns repeat, and every run gives the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, check, examine
from leporello.graphs.drawing.draw import scene
from leporello.graphs.drawing.letters.lettering import label
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.scene.scene import Figure, Line, Note, Rectangle, Scene
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.opened import opened
from leporello.graphs.drawing.writers.allowed import forbidden
from leporello.graphs.drawing.writers.svg import svg_text
from leporello.graphs.specs import read_file, read_spec
from tests.support.drawn.pictures import faults, uneven
from tests.support.paths import EXAMPLES, LARGE, PICTURES
from tests.support.strategies import Sample, samples, some, thinned

OURS = {path.name: path for path in EXAMPLES.glob("*.yaml")}
GOLDEN = {path.name: path for path in PICTURES.glob("*.yaml")}
SPECS = [path for _, path in sorted((GOLDEN | OURS).items())]
LOOKS = [(None, False), (4, False), (3, True), (30, False)]


def wrong(checked: Checked, depth: int, steps: object, both: bool, weights: str) -> list[str]:
    """Everything that is wrong with a view of a model, its SVG included, and with its first picture."""
    options = Options(steps, both, weights, opened(checked.graph, (), depth))  # type: ignore[arg-type]
    view = folded(checked.graph, checked.axes, options.grouping)
    found, axes = scene(view, options), {box.path: box.axis for box in view.boxes}
    first = scene(view, options, first=True)
    written = ElementTree.fromstring(svg_text(found))
    wrong = [*faults(found), *uneven(found, axes), *(f"{thing} is not allowed" for thing in forbidden(written))]
    return wrong + [f"first: {fault}" for fault in (*faults(first), *uneven(first, axes))]


CASES = [
    (path, depth, weights)
    for depth in range(3)
    for weights in ("wires", "boxes")
    for path in SPECS
    if depth < 2 or path.stem not in LARGE
]


@pytest.mark.thinned
@pytest.mark.parametrize(
    ("path", "depth", "weights"),
    thinned([pytest.param(*case, id=f"{case[0].stem}-{case[1]}-{case[2]}") for case in CASES], every=3),
)
def test_every_view_of_every_example(path: Path, depth: int, weights: str) -> None:
    checked = check(read_file(path, registry()), registry())
    for steps, both in LOOKS if depth == 0 and weights == "wires" else LOOKS[:2] if depth < 2 else LOOKS[1:2]:
        assert not wrong(checked, depth, steps, both, weights)


@st.composite
def steps(sample: st.DrawFn, axes: tuple[str, ...]) -> object:
    """Steps to unfold: none, the same of every axis, or others of each."""
    number = st.sampled_from([1, 2, 3, 5, 12, 13, 40, 1000])
    return sample(st.one_of(st.none(), number, st.fixed_dictionaries(dict.fromkeys(axes, number))))


@given(samples(broken=False), st.data())
@some(16)
def test_every_view_of_random_models(sample: Sample, data: st.DataObject) -> None:
    checked, problems = examine(read_spec(sample.text, registry()), registry())
    assume(not problems)
    axes = folded(checked.graph, checked.axes).axes
    depth, both = data.draw(st.integers(0, 2)), data.draw(st.booleans())
    assert not wrong(checked, depth, data.draw(steps(axes)), both, data.draw(st.sampled_from(["wires", "boxes"])))


DIGESTS = """
import hashlib, json, sys
from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import check
from leporello.graphs.drawing.draw import draw
from leporello.graphs.drawing.views.opened import opened
from leporello.graphs.drawing.options import Options
from leporello.graphs.specs import read_spec
digest = hashlib.sha256()
for text in json.load(sys.stdin):
    checked = check(read_spec(text, registry()), registry())
    for depth, steps in ((0, None), (1, 20)):
        options = Options(steps, False, "wires", opened(checked.graph, (), depth))
        for format in ("svg", "dot", "txt"):
            digest.update(draw(checked.graph, checked.axes, options, format).encode())
print(digest.hexdigest())
"""


def digest(texts: list[str], seed: str) -> str:
    """What a process of its own draws, with strings hashed in another way."""
    said, surroundings = json.dumps(texts), {**os.environ, "PYTHONHASHSEED": seed}
    command = [sys.executable, "-c", DIGESTS]
    return subprocess.run(command, input=said, capture_output=True, text=True, check=True, env=surroundings).stdout


@given(st.lists(samples(broken=False), min_size=4, max_size=4))
@settings(max_examples=max(1, settings.default.max_examples // 50), suppress_health_check=list(HealthCheck))
def test_every_process_draws_the_same_bytes(found: list[Sample]) -> None:
    texts = [path.read_text(encoding="utf-8") for path in SPECS[::6]]
    texts += [s.text for s in found if not examine(read_spec(s.text, registry()), registry())[1]]
    assert digest(texts, "1") == digest(texts, "271828")


def test_an_uneven_column_is_found() -> None:
    def box(step: int, x: float) -> Figure:
        return Figure(f"h@{step}", "state", "box", Rectangle(x, 50, 20, 20), label("h"))

    boxes = tuple(box(step, 100.0 * step) for step in (1, 2, 3, 4))
    late = [Line("h", ((100.0 * step + 10, 50), (100.0 * step + 90, 50)), "delay", title="wire") for step in (1, 2, 3)]
    words = [Note(Rectangle(100.0 * step + 30, 45, 10, 8), label("W"), 12) for step in (1, 2, 3)]
    axes = {"h": "time"}
    even = Scene(500, 100, "even", "", boxes, tuple(late), tuple(words))
    assert not list(uneven(even, axes))
    moved = Scene(500, 100, "uneven", "", (*boxes[:3], box(4, 410)), tuple(late), tuple(words))
    assert any("h@4" in fault for fault in uneven(moved, axes))
    assert any(
        "wire" in fault for fault in uneven(Scene(500, 100, "uneven", "", boxes, tuple(late[:2]), tuple(words)), axes)
    )
    assert any(
        "W" in fault for fault in uneven(Scene(500, 100, "uneven", "", boxes, tuple(late), tuple(words[:2])), axes)
    )
