"""Equations parsed back as they are written give what the interpreter gives."""

from __future__ import annotations

import itertools

import torch
from hypothesis import assume, given
from torch import Tensor

from leporello.blocks.registry import registry
from leporello.builder.interpret import interpret
from leporello.builder.names import dotted
from leporello.graphs.analysis.checks import Checked, examine
from leporello.graphs.drawing.equations.equations import equations
from leporello.graphs.drawing.equations.weights import biases, weight
from leporello.graphs.drawing.letters.lettering import Label, label
from leporello.graphs.drawing.letters.typed import as_typed
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.opened import opened
from leporello.graphs.drawing.views.view import Box, Edge, View
from leporello.graphs.specs import read_spec
from tests.support.comparing import make_case
from tests.support.drawn.algebra import TOKEN, Algebra, UnknownError
from tests.support.strategies import Sample, samples, some

STEPS = 10


def values_of(checked: Checked, weights: dict[str, Tensor], inputs: dict[str, Tensor]) -> dict[str, Tensor]:
    """The value of every node at every step, `[time, features]`."""
    wanted = [node.path for node in checked.graph.nodes if node.block != "input"]
    lengths = {str(axis.own): STEPS for axis in checked.axes.values() if axis.own}
    found = interpret(checked, inputs, weights, lengths, also=wanted)
    return {name: value[0] for name, value in {**found, **inputs}.items()}


def letters(box: Box, edges: list[Edge], view: View, values: dict[str, Tensor]) -> dict[str, list[Tensor]]:
    """What each name, marks aside, may stand for in the equation of a box; steps near the ends are not looked at."""
    boxes = {one.path: one for one in view.boxes}
    found: dict[str, list[Tensor]] = {}
    for edge in edges:
        source, time = boxes[edge.source], edge.time
        if edge.source not in values or edge.port or time.kind == "all" or edge.style == "initial":
            continue
        value, when = values[edge.source], str(time).strip("()") or "t"
        if source.axis is not None and time.kind == "t":
            value = torch.roll(value, -time.offset, 0)
        elif source.axis is not None:
            value = value[0 if time.kind == "first" else -1]
        name = as_typed(label(source.label.partition("^")[0], when if source.axis else ""))
        found.setdefault(name, []).append(value)
    return found


def unmarked(name: str) -> str:
    """A name without what is raised."""
    base, caret, rest = name.partition("^")
    return base + (rest[rest.index("_") :] if "_" in rest else "") if caret else name


@given(samples(broken=False, fed=False))
@some(40)
def test_equations_read_back_give_the_value(sample: Sample) -> None:
    checked, problems = examine(read_spec(sample.text, registry()), registry())
    assume(not problems and not checked.unbound)
    assume(not any(node.block in ("sample", "feedback", "split") for node in checked.graph.nodes))
    case = make_case(checked, dict.fromkeys(sample.lengths, (STEPS,)), sample.seed)
    values = values_of(checked, dict(case.weights), dict(case.inputs))
    view = folded(checked.graph, checked.axes, opened(checked.graph, (), 9))
    compared = 0
    for box in view.boxes:
        if box.path in values and not box.carried and box.equation in ("formula", "product", "list"):
            compared += matches(box, view, checked, values, dict(case.weights))
    assume(compared)


def matches(box: Box, view: View, checked: Checked, values: dict[str, Tensor], weights: dict[str, Tensor]) -> bool:
    """Whether the equation of a box, with the layers within it, can be read back; it then gives the box's value."""
    near = {edge.source for edge in view.edges if edge.target == box.path}
    layers = [one for one in view.boxes if one.block in ("linear", "embedding") and one.path in {*near, box.path}]
    inline = {one.path for one in view.boxes if one.nameless}
    edges = [e for e in view.edges if e.target in {box.path, *(one.path for one in layers), *inline}]
    lines = [as_typed(line) for line in equations(view, {box.path, *(one.path for one in layers)}) if line.serif]
    text = " ".join(line.strip() if index else line for index, line in enumerate(lines))
    left = as_typed(label(box.label, "t" if box.axis else ""))
    start = text.find(f"{left} = ")
    if start < 0 or any(e.time.kind == "all" or e.port for e in edges) or box.nameless or " " in box.label:
        return False
    right = text[start + len(left) + 3 :].split(" = ")[0]
    right = right if " = " not in text[start + len(left) + 3 :] else right.rpartition(" ")[0]
    known: dict[str, Tensor] = {}
    for one in layers:
        shared = checked.graph[one.path].modifiers.share or {}
        assert not isinstance(shared, str)
        owner = shared.get("weight") or shared.get("*") or one.path
        owner = owner if owner in checked.graph else owner.rpartition("/")[0]
        known[as_typed(Label(weight(checked.graph[owner].label or owner.rpartition("/")[2])))] = weights[
            dotted(f"{owner}/weight")
        ]
    for path, runs in biases(layers, view.boxes).items():
        shared = checked.graph[path].modifiers.share or {}
        assert not isinstance(shared, str)
        owner = shared.get("bias") or shared.get("*") or path
        known[as_typed(Label(runs))] = weights[dotted(f"{owner}/bias")]
    found = letters(box, edges, view, values)
    names = [name for name in dict.fromkeys(named(right)) if unmarked(name) in found]
    inner = slice(4, STEPS - 4)
    wanted = values[box.path]
    seen = []
    for chosen in itertools.islice(itertools.product(*(found[unmarked(name)] for name in names)), 64):
        try:
            value = Algebra(right, dict(zip(names, chosen, strict=True)), known).value()
        except (UnknownError, KeyError):
            return False
        except RuntimeError:  # sizes that do not go together: another value is meant
            continue
        value = value.expand_as(wanted) if value.dim() < wanted.dim() else value
        seen.append(value)
        one, other = (v[inner] if box.axis else v for v in (value, wanted))
        if one.shape == other.shape and torch.allclose(one.double(), other.double(), atol=1e-9):
            return True
    raise AssertionError((box.path, text, right, sorted(found)))


def test_what_is_written_otherwise_gives_another_value() -> None:
    known = {name: torch.rand(3, dtype=torch.float64) for name in ("a_t", "b_t", "c_t")}
    right = known["a_t"] - (known["b_t"] + 0.5 * known["c_t"])
    assert torch.allclose(Algebra("a_t - (b_t + 0.5 c_t)", known, {}).value(), right)
    assert not torch.allclose(Algebra("a_t - b_t + 0.5 c_t", known, {}).value(), right)


def named(text: str) -> list[str]:
    """The names in an equation."""
    return [match[0] for match in TOKEN.finditer(text) if match.lastgroup == "name"]
