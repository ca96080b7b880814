"""The folded picture as DOT with its own places: Graphviz draws it where our own pictures have it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import leporello
from leporello.graphs.drawing.draw import draw
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.writers.dot import names_of
from tests.graphs.drawing.test_pictures import hostile
from tests.support.command_line import ELMAN, LUONG, done, refused
from tests.support.drawn.graphviz import drawn
from tests.support.paths import EXAMPLES as FOLDER
from tests.support.strategies import thinned
from tests.trust.test_names import ACTING, dot_tokens, inert

EXAMPLES = sorted(FOLDER.glob("*.yaml"))


OPTIONS = ({"depth": 2}, {"steps": 3}, {"steps": 14, "depth": 1})


@pytest.mark.thinned
@pytest.mark.parametrize(
    ("path", "options"),
    thinned([(path, OPTIONS[(index + turn) % 3]) for turn in range(3) for index, path in enumerate(EXAMPLES)], every=3),
)
def test_graphviz_keeps_our_places(path: Path, options: dict[str, int], capfd: pytest.CaptureFixture[str]) -> None:
    dot = leporello.draw(str(path), "dot", positions=True, **options)
    found = json.loads(drawn(dot, "json", "neato", "-n2"))
    assert "too small" not in capfd.readouterr().err
    told = json.loads(leporello.draw(str(path), "json", **options))
    assert sum(one["name"].startswith("?panel") for one in found["objects"]) == len(told["panels"])
    own = {one["name"]: one for one in found["objects"]}
    called = names_of(figure["id"] for figure in told["figures"])  # references have names that only DOT knows
    boxes = set(called.values())
    placed = {name for name, one in own.items() if one.get("shape") != "point"}
    assert {name for name in placed if not re.match(r"\?[a-z]", name)} == boxes
    first = told["figures"][0]
    left, top = map(float, own[called[first["id"]]]["pos"].split(","))  # Graphviz moves a picture as a whole
    for figure in told["figures"]:
        x, y = map(float, own[called[figure["id"]]]["pos"].split(","))
        assert abs((x - left) / 0.75 - figure["x"] + first["x"]) < 0.2
        assert abs((top - y) / 0.75 - figure["y"] + first["y"]) < 0.2
    names = [one["name"] for one in found["objects"]]
    ends = [(names[edge["tail"]], names[edge["head"]], edge["pos"].split()) for edge in found["edges"]]
    drawn_ends = sorted((ends_in(boxes, source), ends_in(boxes, target)) for source, target, _ in ends)
    told_ends = [(called.get(wire["source"], ""), called.get(wire["target"], "")) for wire in told["wires"]]
    assert drawn_ends == sorted([*told_ends, *(("", "") for _ in told["axes"])])
    tips = []
    for source, target, points in ends:
        curve = [point for point in points if "e" not in point]
        assert len(curve) % 3 == 1, "Graphviz's curves have three points each, and a first"
        x, y = map(float, curve[-1].split(","))
        tips.append((source, target, (x - left) / 0.75 + first["x"], (top - y) / 0.75 + first["y"]))
    for wire in told["wires"]:
        x, y = wire["points"][-1]
        there = [tip for tip in tips if wire["target"] not in called or tip[1] == called[wire["target"]]]
        assert min(abs(x - tip[2]) + abs(y - tip[3]) for tip in there) < (10 if wire["arrow"] else 1)


@pytest.mark.skipif(shutil.which("dot") is None, reason="the program dot is not installed")
@pytest.mark.parametrize(("program", "positions"), [(["dot"], False), (["neato", "-n2"], True)])
def test_the_programs_take_what_the_command_writes(tmp_path: Path, program: list[str], positions: bool) -> None:
    words = ["--positions"] if positions else []
    done("draw", ELMAN, *words, "-o", tmp_path / "a.dot")
    made = subprocess.run([*program, "-Tsvg", str(tmp_path / "a.dot")], capture_output=True, timeout=60, check=True)
    assert b"<svg" in made.stdout and b"Error" not in made.stderr


def ends_in(boxes: set[str], name: str) -> str:
    """The name of a box; nothing for what is none."""
    return name if name in boxes else ""


def test_what_others_read_is_joined_by_the_name_of_its_value() -> None:
    dot = leporello.draw(LUONG, "dot", steps=2)
    for step in (1, 2):
        assert re.search(rf'encoder@{step}" -> "\?\d+"', dot)
        assert re.search(rf'"\?\d+" -> "attention@{step}"', dot)


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
