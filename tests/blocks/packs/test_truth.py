"""Models made of a pack's blocks against the interpreter and against formulas: outputs and gradients, in float64."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from leporello.blocks.registry import registry
from leporello.builder.compiling import compile
from leporello.builder.lowering.generate import source as source_of
from leporello.graphs.edits.grouping import group
from leporello.graphs.interchange.node_link import from_json, to_json
from leporello.graphs.opening.open_graph import open_graph
from leporello.graphs.specs import read_spec
from leporello.graphs.writing.spec import write_spec
from tests.support.asking import model, spec
from tests.support.comparing import (
    Case,
    assert_same,
    by_interpreter,
    by_module,
    checked_spec,
    compiled,
    differentiate,
    make_case,
    with_padding,
)
from tests.support.streams import piece_differences, step_differences

LENGTHS = {"time": (5, 3, 1), "source": (2, 4, 3)}
SPECS = {
    "layers": spec(
        """
        n: {block: cells/rms_norm, input: x}
        g: {block: cells/min_gru, input: n, units: 4, layers: 2, residual: 2, initial: learned}
        r: {block: cells/ind_rnn, input: [g, x], units: 4, direction: both}
        b: {block: cells/bilinear, left: g, right: r, units: 3}
        """,
        outputs="y: b\nend: g.final",
    ),
    "in a loop": spec(
        """
        n: {block: cells/rms_norm, input: h(t-1)}
        b: {block: cells/bilinear, left: x, right: n, units: 8, rank: 3}
        p: {block: cells/halves, input: b}
        q: {block: cells/halves, input: x}
        l: {block: cells/logit, input: 0.1 + 0.8 * sigmoid(h(t-1))}
        h: {value: "tanh(b + 0.1 * l + 0.2 * h(t-2))", initial: learned}
        s: p.left(t-1) * q.right - p.right(t-2)
        """,
        outputs="y: h\nz: s",
    ),
    "within the pack": spec("h: {block: cells/lstm, input: x, units: 4, layers: 2}"),
    "the padding of what is not finite at 0": spec("q: x * x / 5\nh: {block: cells/logit, input: q}"),
    "over a whole axis": spec(
        """
        K: {block: linear, input: s, units: 8}
        e: {block: linear, input: tanh(x + K(all)), units: 1}
        a: {block: cells/sparsemax, input: e}
        c: sum(a * s(all))
        f: {block: cells/sparsemax, input: x}
        """,
        inputs="x: {features: 8}\ns: {features: 8, axis: source}",
        outputs="y: c\nw: a\nf: f",
    ),
    "shared": spec(
        """
        n: {block: cells/rms_norm, input: x}
        m: {block: cells/rms_norm, input: 2 * x + n, share: n}
        o: {block: cells/rms_norm, input: x, share: {gain: n.gain}, epsilon: 0.5}
        g: {block: cells/min_gru, input: m, units: 3}
        k: {block: cells/min_gru, input: o, units: 3, share: g}
        """,
        outputs="y: [g, k]",
    ),
    "a block of the spec's own": spec(
        "h: {block: mine, x: x}",
        blocks="mine: {inputs: [x], nodes: {n: {block: cells/normed, input: x, units: 4}, h: tanh(n)}, outputs: [h]}",
    ),
}


@pytest.fixture(autouse=True)
def _pack(using: Callable[[Path], None], site: Path) -> None:
    using(site)


def case_of(name: str) -> Case:
    checked = checked_spec(SPECS[name])
    lengths = {axis: LENGTHS[axis] for axis in {str(axes.own) for axes in checked.axes.values() if axes.own}}
    return with_padding(make_case(checked, lengths, 5), 1)


@pytest.mark.parametrize("name", SPECS)
def test_compiled_is_what_the_interpreter_gives(name: str) -> None:
    case = case_of(name)
    assert_same(by_module(case), by_interpreter(case))


@pytest.mark.parametrize("name", ["in a loop", "within the pack", "shared"])
def test_step_by_step_and_in_pieces(name: str) -> None:
    case = make_case(checked_spec(SPECS[name]), {"time": LENGTHS["time"]}, 5)
    assert step_differences(case, compiled(case), "time") == []
    whole = make_case(case.checked, {"time": (5, 5)}, 6)
    assert piece_differences(whole, compiled(whole), 2) == []


def rows(run: Callable[[list[Tensor]], Tensor], value: Tensor) -> Tensor:
    """A formula for one sequence of ragged ones, zero beyond each end."""
    longest, found = max(LENGTHS["time"]), []
    for row, length in enumerate(LENGTHS["time"]):
        made = run(list(value[row, :length]))
        found.append(torch.cat([made, made.new_zeros(longest - length, made.shape[-1])]))
    return torch.stack(found)


def affine(weights: dict[str, Tensor], name: str, value: Tensor) -> Tensor:
    return weights[f"{name}.weight"] @ value + weights[f"{name}.bias"]


def min_gru(weights: dict[str, Tensor], steps: list[Tensor]) -> Tensor:
    """Feng et al. 2024, equation by equation."""
    h, found = torch.zeros(4, dtype=torch.float64), []
    for x in steps:
        z = torch.sigmoid(affine(weights, "k.1.forward_.W_z", x))
        h = (1 - z) * h + z * affine(weights, "k.1.forward_.W_n", x)
        found.append(h)
    return torch.stack(found)


def ind_rnn(weights: dict[str, Tensor], steps: list[Tensor]) -> Tensor:
    """Li et al. 2018: every unit has one recurrent weight."""
    h, found = torch.zeros(4, dtype=torch.float64), []
    for x in steps:
        h = torch.relu(affine(weights, "k.1.forward_.W", x) + weights["k.1.forward_.u.value"] * h)
        found.append(h)
    return torch.stack(found)


def rms_norm(weights: dict[str, Tensor], steps: list[Tensor]) -> Tensor:
    """Zhang and Sennrich 2019."""
    return torch.stack([x / ((x**2).sum() / len(x) + 1e-6) ** 0.5 * weights["k.gain"] for x in steps])


def sparsemax(weights: dict[str, Tensor], steps: list[Tensor]) -> Tensor:
    """Martins and Astudillo 2016: the projection onto the simplex, by bisection of its threshold."""
    low, high = (torch.stack(steps) - 1).amin(-1, keepdim=True), torch.stack(steps).amax(-1, keepdim=True)
    for _ in range(80):
        middle = (low + high) / 2
        more = (torch.stack(steps) - middle).clamp(min=0).sum(-1, keepdim=True) > 1
        low, high = torch.where(more, middle, low), torch.where(more, high, middle)
    return (torch.stack(steps) - low).clamp(min=0)


@pytest.mark.parametrize("formula", [min_gru, ind_rnn, rms_norm], ids=lambda formula: formula.__name__)
def test_blocks_are_their_formulas(formula: Callable[[dict[str, Tensor], list[Tensor]], Tensor]) -> None:
    units = ", units: 4" if formula is not rms_norm else ""
    text = spec(f"k: {{block: cells/{formula.__name__}, input: x{units}}}", "x: {features: 6}", "y: k")
    case = make_case(checked_spec(text), {"time": LENGTHS["time"]}, 7)

    def run(inputs: dict[str, Tensor], weights: dict[str, Tensor]) -> dict[str, Tensor]:
        return {"y": rows(lambda steps: formula(weights, steps), inputs["x"])}

    assert_same(by_module(case), differentiate(run, case.inputs, case.weights))


def test_sparsemax_is_a_projection() -> None:
    case = make_case(checked_spec(spec("k: {block: cells/sparsemax, input: x}", outputs="y: k")), {"time": (4, 2)}, 8)
    true = torch.stack([sparsemax({}, list(row)) for row in case.inputs["x"]])
    found = by_module(case).outputs["y"]
    assert torch.allclose(found[0], true[0], atol=1e-12) and torch.allclose(found[1, :2], true[1, :2], atol=1e-12)


def test_the_source_needs_nothing_but_torch_and_has_each_helper_once() -> None:
    text = source_of(model(SPECS["shared"]))
    assert text.count("def _cells_rms_norm(") == 1 and "def _cells_sparsemax(" not in text
    imported = [line for line in text.splitlines() if line.startswith(("import", "from"))]
    assert all(line.split()[1].partition(".")[0] in ("__future__", "torch") for line in imported), imported


def test_weights_start_as_their_block_says() -> None:
    torch.manual_seed(0)
    gain = compile(spec("h: {block: cells/rms_norm, input: x}", "x: {features: 500}")).get_parameter("h.gain")
    assert 0.9 <= gain.min() < 0.91 and 1.09 < gain.max() <= 1.1
    u = compile(spec("h: {block: cells/ind_rnn, input: x, units: 500}")).get_parameter("h.1.forward_.u.value")
    assert -1 <= u.min() < -0.9 and 0.9 < u.max() <= 1
    said = "h: {block: cells/rms_norm, input: x, init: {gain: {constant: 3}}}"
    assert set(compile(spec(said)).get_parameter("h.gain").tolist()) == {3.0}
    matrices = compile(spec("h: {block: cells/normed, input: x, units: 8, init: orthogonal}"))
    (value,) = [value.detach() for name, value in matrices.named_parameters() if name.endswith("W.weight")]
    assert torch.allclose(value @ value.T, torch.eye(8), atol=1e-5)


def test_graphs_of_a_pack_are_written_exchanged_and_grouped() -> None:
    for text in SPECS.values():
        graph = read_spec(text, registry())
        assert read_spec(write_spec(graph), registry()) == graph
        assert from_json(json.loads(to_json(graph)), registry()) == graph
        opened = open_graph(graph, registry())
        assert open_graph(from_json(json.loads(to_json(opened)), registry()), registry()) == opened
        assert read_spec(write_spec(opened), registry()).outputs
    grouped = group(read_spec(SPECS["layers"], registry()), ["n", "g"], "cell", "both", registry())
    assert len(open_graph(grouped, registry())) == len(open_graph(read_spec(SPECS["layers"], registry()), registry()))
