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
@pytest.mark.parametrize("depth", [0, 2])
def test_graphviz_keeps_our_places(path: Path, depth: int) -> None:
    dot = leporello.draw(str(path), "dot", positions=True, depth=depth)
    drawn = subprocess.run(["neato", "-n2", "-Tjson"], input=dot.encode(), capture_output=True, timeout=60, check=True)
    assert b"too small" not in drawn.stderr
    found = json.loads(drawn.stdout)
    told = json.loads(leporello.draw(str(path), "json", depth=depth))
    assert sum(one["name"].startswith("?panel") for one in found["objects"]) == len(told["panels"])
    own = {one["name"]: one for one in found["objects"] if not one["name"].startswith("?")}
    assert set(own) == {figure["id"] for figure in told["figures"]}
    first = told["figures"][0]
    left, top = map(float, own[first["id"]]["pos"].split(","))  # Graphviz moves a picture as a whole
    for figure in told["figures"]:
        x, y = map(float, own[figure["id"]]["pos"].split(","))
        assert abs((x - left) / 0.75 - figure["x"] + first["x"]) < 0.2
        assert abs((top - y) / 0.75 - figure["y"] + first["y"]) < 0.2
    names = [one["name"] for one in found["objects"]]
    ends = [(names[edge["tail"]], names[edge["head"]], edge["pos"].split()) for edge in found["edges"]]
    assert sorted(end[:2] for end in ends) == sorted((wire["source"], wire["target"]) for wire in told["wires"])
    tips = []
    for source, target, points in ends:
        curve = [point for point in points if "e" not in point]
        assert len(curve) % 3 == 1, "Graphviz's curves have three points each, and a first"
        x, y = map(float, curve[-1].split(","))
        tips.append((source, target, (x - left) / 0.75 + first["x"], (top - y) / 0.75 + first["y"]))
    for wire in told["wires"]:
        x, y = wire["points"][-1]
        there = [tip for tip in tips if tip[:2] == (wire["source"], wire["target"])]
        assert min(abs(x - tip[2]) + abs(y - tip[3]) for tip in there) < (10 if wire["arrow"] else 1)


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
