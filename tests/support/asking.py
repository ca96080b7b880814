"""What tests of the graph core ask: is this spec a model, and if not, what is said of it and where."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked, check
from leporello.graphs.problems import Problem, SpecError
from leporello.graphs.specs import read_spec

PLACE = "@"
"""Stands in a spec of a test where a problem is expected; no spec has this character."""


def spec(nodes: str, inputs: str = "x: {features: 8}", outputs: str = "y: h", blocks: str = "", more: str = "") -> str:
    """A whole spec from its parts."""
    parts = {"inputs": inputs, "blocks": blocks, "nodes": nodes, "outputs": outputs}
    written = [
        f"{key}:\n{textwrap.indent(textwrap.dedent(part).strip(), '  ')}\n" for key, part in parts.items() if part
    ]
    return "spec: 1\n" + "".join(written) + more


def model(text: str, **sizes: Any) -> Checked:
    """The model of a spec that holds."""
    return check(read_spec(text, registry(), "spec.yaml"), registry(), sizes)


def problems(text: str, **sizes: Any) -> tuple[Problem, ...]:
    """All that is wrong with a spec that does not hold."""
    with pytest.raises(SpecError) as caught:
        model(text, **sizes)
    assert caught.value.problems
    return caught.value.problems


def refused(text: str, *words: str, **sizes: Any) -> Problem:
    """The one problem of a spec, at the place marked in it, with these words in its message."""
    found = problems(text.replace(PLACE, ""), **sizes)
    assert len(found) == 1, "\n".join(map(str, found))
    for word in words:
        assert word in str(found[0]), str(found[0])
    if PLACE in text:
        assert place(found[0]) == marked(text), str(found[0])
    return found[0]


def marked(text: str) -> tuple[int, int]:
    """Line and column of the place that is marked in a text."""
    before = text[: text.index(PLACE)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def place(problem: Problem) -> tuple[int, int]:
    """Line and column of a problem."""
    assert problem.mark is not None, str(problem)
    return problem.mark.line, problem.mark.column


def warnings(text: str, **sizes: Any) -> list[str]:
    """What a model that holds is warned of."""
    return [str(warning) for warning in model(text, **sizes).warnings]
