"""rnn, lstm and gru against torch's own layers in float64: outputs, ends, gradients of inputs, weights and starts."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from leporello.builder.compiling import compile
from leporello.builder.interpret import interpret
from leporello.builder.names import dotted
from leporello.graphs.problems import SpecError
from tests.support.comparing import Outcome, Tensors, assert_same, differences, gradients
from tests.support.numerics import in_rows, outcome, randoms, spread, torch_layer, values, weight_gradients

FEATURES, UNITS, BATCH, STEPS = 3, 4, 3, 5
RAGGED = (5, 1, 3)


@dataclass(frozen=True)
class Kind:
    """A cell as we write it and as torch builds it."""

    block: str
    said: str = ""
    options: tuple[tuple[str, Any], ...] = ()

    @property
    def hidden(self) -> int:
        """The size of h."""
        return int(dict(self.options).get("proj_size", UNITS))

    @property
    def states(self) -> tuple[str, ...]:
        """The states in the body's order."""
        return ("c", "h") if self.block == "lstm" else ("h",)


KINDS = {
    "rnn": Kind("rnn"),
    "relu": Kind("rnn", ", activation: relu", (("nonlinearity", "relu"),)),
    "lstm": Kind("lstm"),
    "projection": Kind("lstm", ", projection: 2", (("proj_size", 2),)),
    "gru": Kind("gru"),
}
CASES = [
    (name, layers, direction, ragged, start, (i + i // 3) % 3 != 0)
    for i, (name, layers, direction, ragged, start) in enumerate(
        product(KINDS, (1, 2, 3), ("forward", "both"), (False, True), ("zeros", "given", "learned"))
    )
]


def copies(layers: int, direction: str) -> list[str]:
    """Layer and direction of every copy of the cell, in the documented order."""
    ways = ("forward", "backward") if direction == "both" else (direction,)
    return [f"{layer}/{way}" for layer in range(1, layers + 1) for way in ways]


def size_of(kind: Kind, state: str) -> int:
    """The size of a state."""
    return UNITS if state == "c" else kind.hidden


def given_name(copy: str, state: str) -> str:
    """The input that gives a state's first value."""
    return f"start_{copy.replace('/', '_')}_{state}"


def text_of(kind: Kind, layers: int = 1, direction: str = "forward", start: str = "zeros", bias: bool = True) -> str:
    """The spec of one block with all that can be read of it."""
    states = [(copy, state) for copy in copies(layers, direction) for state in kind.states]
    lines = ["spec: 1", "inputs:", f"  x: {{features: {FEATURES}}}"]
    initial = ", initial: learned" if start == "learned" else ""
    if start == "given":
        lines += [f"  {given_name(*s)}: {{features: {size_of(kind, s[1])}, axis: none}}" for s in states]
        initial = (
            ", initial: {" + ", ".join(f"{copy}/{state}: {given_name(copy, state)}" for copy, state in states) + "}"
        )
    said = f"units: {UNITS}{kind.said}, layers: {layers}, direction: {direction}, bias: {str(bias).lower()}{initial}"
    lines += ["nodes:", f"  h: {{block: {kind.block}, input: x, {said}}}"]
    return "\n".join([*lines, "outputs: {y: h, state: h.state, final: h.final}"]) + "\n"


def given_starts(kind: Kind, layers: int, direction: str, batch: int = BATCH) -> Tensors:
    """Random first values of all states."""
    listed = [(copy, state) for copy in copies(layers, direction) for state in kind.states]
    return {given_name(c, s): randoms(10 + i, batch, size_of(kind, s)) for i, (c, s) in enumerate(listed)}


def hx_of(kind: Kind, starts: list[Tensors]) -> Any:
    """torch's `hx` for the first values of every copy."""
    stacked = [torch.stack([copy[state] for copy in starts]) for state in kind.states]
    return (stacked[1], stacked[0]) if kind.block == "lstm" else stacked[0]


def ends_of(kind: Kind, end: Any, layers: int, ways: int) -> tuple[Tensor, Tensor]:
    """`.state` and `.final` as torch's last states have them."""
    by_state = {"h": end[0], "c": end[1]} if kind.block == "lstm" else {"h": end}
    parts = [by_state[state][copy] for copy in range(layers * ways) for state in kind.states]
    return torch.cat(parts, -1), torch.cat(list(by_state["h"][-ways:]), -1)


def theirs(
    kind: Kind, layer: nn.RNNBase, x: Tensor, lengths: Tensor | None, starts: Tensors, order: list[str]
) -> Tensors:
    """torch's outputs under our names."""
    hx = None
    if starts:
        hx = hx_of(kind, [{state: starts[given_name(copy, state)] for state in kind.states} for copy in order])
    y, end = in_rows(layer, x, lengths, hx)
    state, final = ends_of(kind, end, layer.num_layers, 2 if layer.bidirectional else 1)
    return {"y": y, "state": state, "final": final}


def learned_starts(module: nn.Module, kind: Kind, order: list[str]) -> tuple[Tensors, Tensors]:
    """The learned first values, and one row of them for every sequence of the batch."""
    mine = dict(module.named_parameters())
    names = {(c, s): dotted(f"h/{c}/{s}/initial") for c in order for s in kind.states}
    leaves = {name: mine[name].detach().clone().requires_grad_() for name in names.values()}
    return leaves, {given_name(*key): leaves[name].expand(BATCH, -1) for key, name in names.items()}


@pytest.mark.parametrize(("name", "layers", "direction", "ragged", "start", "bias"), CASES)
def test_module_is_the_layer_of_torch(
    name: str, layers: int, direction: str, ragged: bool, start: str, bias: bool
) -> None:
    kind, order = KINDS[name], copies(layers, direction)
    layer = torch_layer(
        kind.block,
        FEATURES,
        UNITS,
        num_layers=layers,
        bidirectional=direction == "both",
        bias=bias,
        **dict(kind.options),
    )
    module = spread(compile(text_of(kind, layers, direction, start, bias)).double(), seed=3)
    module.from_torch("h", layer)
    lengths = torch.tensor(RAGGED) if ragged else None
    x, starts = randoms(1, BATCH, STEPS, FEATURES), {}
    leaves: Tensors = {"x": x}
    if start == "given":
        starts = given_starts(kind, layers, direction)
        leaves |= starts
    elif start == "learned":
        learned, starts = learned_starts(module, kind, order)
        leaves |= learned
    expected_outputs = theirs(kind, layer, x, lengths, starts, order)
    expected = gradients(expected_outputs, {**leaves, **dict(layer.named_parameters(prefix="torch"))})
    for key, parameter in layer.named_parameters(prefix="torch"):
        parameter.grad = expected.pop(key)
    expected |= weight_gradients(kind.block, layer)
    inputs = {key: value for key, value in leaves.items() if "." not in key}
    found = outcome(
        module(**inputs, lengths=None if lengths is None else {"time": lengths}),
        {**inputs, **dict(module.named_parameters())},
    )
    assert_same(found, Outcome({k: v.detach() for k, v in expected_outputs.items()}, expected))


@pytest.mark.parametrize(
    ("name", "direction", "ragged"), list(product(KINDS, ("forward", "both", "backward"), (False, True)))
)
def test_interpreter_is_the_layer_of_torch(name: str, direction: str, ragged: bool) -> None:
    kind, layers = KINDS[name], 2 if name in ("lstm", "gru") else 1
    module = spread(compile(text_of(kind, layers, direction, "given")).double())
    starts = given_starts(kind, layers, direction)
    inputs = {"x": randoms(1, BATCH, STEPS, FEATURES), **starts}
    lengths = {"time": torch.tensor(RAGGED)} if ragged else None
    weights = dict(module.named_parameters())
    leaves = {**inputs, **weights}
    truth = outcome(interpret(module.checked, inputs, weights, lengths), leaves)
    assert_same(outcome(module(**inputs, lengths=lengths), leaves), truth)
    if direction == "backward":
        return
    layer = module.to_torch("h")
    found = theirs(kind, layer, inputs["x"], lengths and lengths["time"], starts, copies(layers, direction))
    assert not differences(truth.outputs, {key: value.detach() for key, value in found.items()})


@pytest.mark.parametrize(("name", "ragged"), list(product(KINDS, (False, True))))
def test_backward_alone_is_a_forward_layer_on_flipped_sequences(name: str, ragged: bool) -> None:
    kind = KINDS[name]
    layer = torch_layer(kind.block, FEATURES, UNITS, **dict(kind.options))
    module = compile(text_of(kind, direction="backward")).double()
    weights = {key.replace("forward_", "backward"): value for key, value in values(kind.block, layer).items()}
    module.load_state_dict(weights)
    x = randoms(1, BATCH, STEPS, FEATURES)
    lengths = RAGGED if ragged else (STEPS,) * BATCH
    rows, ends = [], []
    for row, length in enumerate(lengths):
        y, end = layer(x[row : row + 1, :length].flip(1))
        rows.append(torch.cat([y.flip(1), y.new_zeros(1, STEPS - length, kind.hidden)], 1))
        ends.append(torch.cat(ends_of(kind, end, 1, 1), -1))
    expected = {"y": torch.cat(rows), "ends": torch.cat(ends)}
    found = module(x, lengths={"time": torch.tensor(lengths)} if ragged else None)
    outputs = {"y": found["y"], "ends": torch.cat([found["state"], found["final"]], -1)}
    assert_same(outcome(outputs, {"x": x}), outcome(expected, {"x": x}))


@pytest.mark.parametrize(
    ("name", "layers", "direction", "bias"), list(product(KINDS, (1, 3), ("forward", "both"), (False, True)))
)
def test_weights_go_to_torch_and_back(name: str, layers: int, direction: str, bias: bool) -> None:
    kind = KINDS[name]
    text = text_of(kind, layers, direction, bias=bias)
    module = spread(compile(text).double(), seed=5)
    layer = module.to_torch("h")
    assert type(layer) is {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[kind.block]
    assert layer.bias == bias and layer.batch_first and layer.num_layers == layers
    x = randoms(1, BATCH, STEPS, FEATURES)
    assert not differences({"y": module(x)["y"]}, {"y": layer(x)[0]})
    other = compile(text).double()
    other.from_torch("h", layer)
    assert not differences(dict(other.named_parameters()), dict(module.named_parameters()))


def test_a_nested_block_takes_the_weights_of_torch() -> None:
    text = """
spec: 1
inputs: {x: {features: 3}}
blocks:
  tower:
    inputs: [x]
    nodes:
      up: {block: linear, input: x, units: 3, bias: false}
      cell: {block: gru, input: up, units: 4, layers: 2}
    outputs: [cell]
nodes:
  deep: {block: tower, x: x}
outputs: {y: deep}
"""
    module = compile(text).double()
    layer = torch_layer("gru", 3, 4, num_layers=2)
    path = next(composite.path for composite in module.graph.composites if composite.block == "gru")
    module.from_torch(path, layer)
    up = next(value for key, value in module.named_parameters() if "up.weight" in key)
    x = randoms(2, 2, 4, 3)
    assert not differences({"y": module(x)["y"]}, {"y": layer(x @ up.T)[0]})


def test_from_torch_in_float32_into_float64_and_back() -> None:
    module = compile(text_of(KINDS["lstm"])).double()
    layer = nn.LSTM(FEATURES, UNITS, batch_first=True)
    module.from_torch("h", layer)
    x = randoms(1, BATCH, STEPS, FEATURES)
    assert not differences({"y": module(x)["y"]}, {"y": layer.double()(x)[0]}, 1e-6)
    assert next(module.float().to_torch("h").parameters()).dtype == torch.float32


@pytest.mark.parametrize(
    ("said", "layer", "told"),
    [
        ("block: lstm, input: x, units: 4", nn.GRU(3, 4), "is a lstm|is an lstm"),
        ("block: lstm, input: x, units: 4", nn.LSTM(3, 5), "in torch"),
        ("block: lstm, input: x, units: 4", nn.LSTM(2, 4), "in torch"),
        ("block: lstm, input: x, units: 4", nn.LSTM(3, 4, bias=False), "bias"),
        ("block: lstm, input: x, units: 4, bias: false", nn.LSTM(3, 4), "bias"),
        ("block: lstm, input: x, units: 4", nn.LSTM(3, 4, num_layers=2), "layers"),
        ("block: lstm, input: x, units: 4, layers: 2", nn.LSTM(3, 4, bidirectional=True), "layers|direction"),
        ("block: lstm, input: x, units: 4", nn.LSTM(3, 4, proj_size=2), "in torch"),
        ("block: lstm, input: x, units: 4, gates: peephole", nn.LSTM(3, 4), "variant"),
        ("block: lstm, input: x, units: 4, gates: coupled", nn.LSTM(3, 4), "variant"),
        ("block: gru, input: x, units: 4, reset: before", nn.GRU(3, 4), "variant"),
        ("block: gru, input: x, units: 4, direction: backward", nn.GRU(3, 4), "backward"),
        ("block: rnn, input: x, units: 4", nn.RNN(3, 4, nonlinearity="relu"), "relu"),
        ("block: rnn, input: x, units: 4", nn.Linear(3, 4), "Linear"),
        ("block: linear, input: x, units: 4", nn.LSTM(3, 4), "no rnn, lstm or gru"),
    ],
)
def test_from_torch_refuses_what_does_not_fit(said: str, layer: nn.Module, told: str) -> None:
    module = compile(f"{{spec: 1, inputs: {{x: {{features: 3}}}}, nodes: {{h: {{{said}}}}}, outputs: {{y: h}}}}")
    before = {key: value.clone() for key, value in module.state_dict().items()}
    with pytest.raises(SpecError, match=told):
        module.from_torch("h", layer)
    assert all(torch.equal(value, before[key]) for key, value in module.state_dict().items())


def test_to_torch_names_the_blocks_there_are() -> None:
    module = compile(text_of(KINDS["gru"]))
    with pytest.raises(SpecError, match="did you mean h"):
        module.to_torch("hh")
    with pytest.raises(SpecError, match="no rnn, lstm or gru"):
        module.to_torch("x")
