"""Pictures and reports of blocks from packs: what they are drawn as, how they are written, and names with a slash."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

import leporello
from leporello.graphs.analysis.operation_counts import Work, work
from leporello.graphs.drawing.equations.equations import equations
from leporello.graphs.drawing.folded.textbook import textbook
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.view import View
from tests.support.asking import model, spec
from tests.support.command_line import done
from tests.support.packs import PYTHON, copied

TEXT = spec(
    """
    n: {block: cells/rms_norm, input: h(t-1)}
    b: {block: cells/bilinear, left: [x, n], right: n, units: 8}
    p: {block: cells/halves, input: b}
    l: {block: cells/logit, input: 0.1 + 0.8 * sigmoid(h(t-1))}
    h: tanh(b + l)
    g: {block: cells/min_gru, input: h, units: 4}
    q: p.left(t-1) * p.right
    """,
    outputs="y: g\nq: q",
)


@pytest.fixture(autouse=True)
def _pack(using: Callable[[Path], None], site: Path) -> None:
    using(site)


def view() -> View:
    checked = model(TEXT)
    return folded(checked.graph, checked.axes)


def test_boxes_are_what_their_types_say() -> None:
    boxes = {box.path: box for box in view().boxes}
    kinds = {path: (box.kind, box.block) for path, box in boxes.items()}
    assert kinds["n"] == ("layer", "cells/rms_norm")
    assert kinds["b"] == ("layer", "cells/bilinear")
    assert kinds["l"] == ("function", "cells/logit")
    assert kinds["g"] == ("state", "cells/min_gru")
    assert not any(box.spelled for path, box in boxes.items() if path in "nblgp")


def test_equations_call_them_by_their_short_names() -> None:
    shown = view()
    lines = [line.text for line in equations(shown, [box.path for box in shown.boxes if box.path in "nbpl"])]
    assert lines == [
        "nt = rms norm(ht−1)",
        "bt = bilinear([xt,nt], nt)",
        "pt = halves(bt)",
        "lt = logit(0.1 + 0.8 σ(ht−1))",
    ]


@pytest.mark.parametrize(
    "more", [{}, {"steps": 3}, {"depth": 1}, {"cell": "h"}, {"style": "textbook"}, {"schedule": True}]
)
def test_they_are_drawn_in_every_way(more: dict[str, object]) -> None:
    root = ElementTree.fromstring(leporello.draw(TEXT, **more))
    words = " ".join(filter(None, root.itertext()))
    assert ("rms norm" if "cell" in more else "cells/rms_norm") in words
    json.loads(leporello.draw(TEXT, "json", **more))


def test_texts_name_them(tmp_path: Path) -> None:
    assert "cells/min_gru" in leporello.draw(TEXT, "txt") and "cells/min_gru" in leporello.draw(TEXT, "dot")
    (tmp_path / "a.yaml").write_text(TEXT)
    (tmp_path / "b.yaml").write_text(TEXT.replace("cells/min_gru", "gru"))
    told = done("compare", tmp_path / "a.yaml", tmp_path / "b.yaml")
    assert "cells/min_gru" in told and "gru" in told
    assert "cells/rms_norm" in done("check", tmp_path / "a.yaml")


def test_their_work_is_counted() -> None:
    found = work(model(spec("b: {block: cells/bilinear, left: x, right: x, units: 3, rank: 2}", outputs="y: b")))
    assert found == {("time",): Work(2 * (8 + 8 + 3), 2)}
    assert work(model(spec("n: {block: cells/rms_norm, input: x}", outputs="y: n"))) == {("time",): Work(0, 40)}


def test_an_activation_stands_on_the_layer_that_it_reads(
    site: Path, tmp_path: Path, using: Callable[[Path], None]
) -> None:
    signed = PYTHON.replace(
        'partial=("input",)),', 'partial=("input",)),\n        activation="logit",\n        equation="call",'
    )
    using(copied(site, tmp_path, {"__init__.py": signed}))
    done("blocks", "--index", "cells")
    checked = model(spec("W: {block: linear, input: x, units: 4}\nh: {block: cells/logit, input: W}"))
    drawn = textbook(folded(checked.graph, checked.axes))
    assert [(box.path, box.kind, box.block) for box in drawn.boxes if box.kind == "layer"] == [("h", "layer", "logit")]
