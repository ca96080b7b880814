"""The folded picture as DOT with its own places: Graphviz draws it where our own pictures have it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from command_line import ELMAN, LUONG, done, refused
from test_drawing import hostile
from test_trust_names import ACTING, dot_tokens, inert

import leporello
from leporello.graphs.drawing.draw import draw
from leporello.graphs.drawing.options import Options

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.yaml"))


@pytest.mark.skipif(shutil.which("neato") is None, reason="Graphviz is not installed")
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_graphviz_keeps_our_places(path: Path) -> None:
    dot = leporello.draw(str(path), "dot", positions=True)
    drawn = subprocess.run(["neato", "-n2", "-Tjson"], input=dot.encode(), capture_output=True, timeout=60, check=True)
    found = json.loads(drawn.stdout)
    told = json.loads(leporello.draw(str(path), "json"))
    own = {one["name"]: one for one in found["objects"] if not one["name"].startswith("?")}
    assert set(own) == {figure["id"] for figure in told["figures"]}
    high = told["height"]
    for figure in told["figures"]:
        x, y = map(float, own[figure["id"]]["pos"].split(","))
        assert abs(x / 0.75 - figure["x"]) < 0.1
        assert abs(high - y / 0.75 - figure["y"]) < 0.1
    ends = {
        (found["objects"][e["tail"]]["name"], found["objects"][e["head"]]["name"]): e["pos"] for e in found["edges"]
    }
    assert len(found["edges"]) == len(told["wires"])
    for wire in told["wires"]:
        points = [tuple(map(float, point.split(",")[-2:])) for point in ends[wire["source"], wire["target"]].split()]
        assert all(0 <= x <= told["width"] * 0.75 and 0 <= y <= high * 0.75 for x, y in points)
        assert (len(points) - ("e," in ends[wire["source"], wire["target"]])) % 3 == 1


@pytest.mark.parametrize("name", ACTING)
def test_no_text_of_a_spec_acts_in_it(name: str) -> None:
    dot = draw(*hostile(ACTING[name]), Options(positions=True), "dot")
    assert inert(dot.replace("\t", " "))
    assert "evil" not in dot_tokens(dot)


def test_the_command_line_says_where_places_are_of_use() -> None:
    assert done("draw", ELMAN, "--positions", "--format", "dot") == leporello.draw(ELMAN, "dot", positions=True)
    assert leporello.draw(ELMAN, "dot", positions=True) != leporello.draw(ELMAN, "dot")
    assert ".dot only" in refused("draw", ELMAN, "--positions")
    assert "placed by Graphviz" in refused("draw", LUONG, "--positions", "--schedule", "--format", "dot")
    unfolded = leporello.draw(ELMAN, "dot", steps=2)
    assert leporello.draw(ELMAN, "dot", steps=2, positions=True) == unfolded, "unfolded it has its places anyway"
