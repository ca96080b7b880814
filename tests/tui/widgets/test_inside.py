"""What goes on inside a model at a step, as lines: words, attention, gates; and what is no such thing."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from leporello.graphs.problems import SpecError
from leporello.tui.runs.inside import inside_of
from leporello.tui.widgets.inside import at_step, bar

INKS = ("green", "blue")
SAID = {
    "steps": {"source": 3, "target": 2},
    "axes": {"x": "source", "y": "target", "look": "target", "h": "target", "e": "source"},
    "words": {"x": ["a", "\x1b", "c"], "y": ["d", "e"]},
    "attention": {"look": [[0.0, 0.1, 0.9], [1.0, 0.0, 0.0]]},
    "gates": {"h": [[1.0, -1.0], [0.0, 0.5]], "e": [[0.25, 0.5, 0.75]]},
}


def test_a_step_tells_what_is_on_its_axis() -> None:
    seen = inside_of(SAID)
    first, second = (at_step(seen, "target", step, 80, INKS).plain.split("\n") for step in (1, 2))
    assert first[0].split() == ["y", "d", "e"]
    assert first[2] == "look looks at"
    assert [line.split()[0] for line in first[-1:]] == ["h"]
    assert "█ " in first[-1] + " " and "█▄" in second[-1]
    source = at_step(seen, "source", 3, 80, INKS).plain
    assert source.startswith("x ") and "\x1b" not in source and "look" not in source
    assert list(seen.read_by("look")) == SAID["words"]["x"]


@pytest.mark.parametrize("columns", [20, 38, 80])
def test_long_lines_are_shown_around_the_step(columns: int) -> None:
    words = [f"word{n}" for n in range(200)]
    seen = inside_of(SAID | {"steps": {"target": 200}, "words": {"y": words}, "attention": {}})
    for step in (1, 100, 200):
        line = at_step(seen, "target", step, columns, INKS).plain.split("\n")[0]
        assert f"word{step - 1} " in line and cell_len(line) <= columns + 2


def test_plain_characters_are_enough() -> None:
    assert at_step(inside_of(SAID), "source", 1, 40, INKS, True).plain.isascii()


def test_what_is_below_0_has_the_other_ink() -> None:
    assert [str(span.style) for span in bar([0.5, -0.5], INKS).spans] == ["green", "blue"]


@pytest.mark.parametrize("lacking", ["steps", "axes", "words"])
def test_what_is_not_told_is_an_error(lacking: str) -> None:
    with pytest.raises(SpecError, match=lacking):
        inside_of({key: value for key, value in SAID.items() if key != lacking})


def test_a_model_without_time_is_an_error() -> None:
    with pytest.raises(SpecError, match="no axis"):
        inside_of(SAID | {"steps": {}})


def test_a_box_and_the_one_in_it_that_looks_are_told_once() -> None:
    look = SAID["attention"]["look"]
    axes = SAID["axes"] | {"look/inner": "target", "other": "target"}
    seen = inside_of(
        SAID | {"axes": axes, "attention": {"look": look, "look/inner": look, "other": [[1.0, 0.0, 0.0]] * 2}}
    )
    first, second = (at_step(seen, "target", step, 80, INKS).plain for step in (1, 2))
    assert "look looks at" in first and "inner looks at" not in first and "other looks at" in first
    assert second.count("looks at") == 1
