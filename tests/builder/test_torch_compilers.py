"""torch.compile and torch.export of generated modules: whole graphs, any batch, any time where torch can."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from leporello.builder.compiling import compile
from tests.support.comparing import compiled
from tests.support.sources import (
    case_of,
    cell_text,
    example,
    given,
)
from tests.support.strategies import thinned


@pytest.mark.parametrize("ragged", [False, True])
@pytest.mark.parametrize("name", ["lstm", "gru", "rnn", "lstm_peephole", "block_attention", "lstm_stacked", "context"])
def test_torch_compile_takes_the_whole_module(name: str, ragged: bool) -> None:
    case = case_of(name)
    module = compiled(case)
    inputs = {key: value.clone().requires_grad_() for key, value in given(case, module).items()}
    lengths = case.lengths if ragged else None
    torch.compiler.reset()
    fast = torch.compile(module, backend="eager", fullgraph=True)
    found, expected = fast(**inputs, lengths=lengths), module(**inputs, lengths=lengths)
    for key, value in expected.items():
        assert torch.allclose(found[key], value, atol=1e-12), key
    leaves = [*inputs.values(), *module.parameters()]
    scalars = [sum(value.square().sum() for value in outputs.values()) for outputs in (found, expected)]
    mine, theirs = (torch.autograd.grad(scalar, leaves, allow_unused=True) for scalar in scalars)
    for a, b in zip(mine, theirs, strict=True):
        assert (a is None) == (b is None)
        assert a is None or torch.allclose(a, b, atol=1e-10)


@pytest.mark.parametrize("way", ["compile", "export", "strict export"])
def test_torch_takes_memory_that_is_kept_beyond_the_end(way: str) -> None:
    text = "spec: 1\ninputs: {x: {features: 2}}\nnodes: {h: {block: lstm, input: x, units: 2}}\noutputs: {y: h.state}\n"
    module = compile(text).eval()
    given = {"x": torch.randn(3, 4, 2), "lengths": {"time": torch.tensor([4, 1, 2])}}
    expected = module(**given)["y"]
    torch.compiler.reset()
    if way == "compile":
        found = torch.compile(module, backend="eager", fullgraph=True)(**given)["y"]
    else:
        found = torch.export.export(module, (), given, strict=way == "strict export").module()(**given)["y"]
    assert torch.allclose(found, expected, atol=1e-6)
    assert not torch.allclose(module(given["x"])["y"], expected, atol=1e-6)


PLAIN = """
spec: 1
inputs: {x: {features: 4}}
nodes:
  e: tanh(x(t-1)) * x(t+1)
  W: {block: linear, input: [x, e], units: 3}
  n: {block: layer_norm, input: W}
  mean: mean(n(all))
  o: n + mean * x(last)
  u: {block: linear, input: o, units: 2}
outputs: {y: u}
"""


def exported(module: nn.Module, x: Tensor, dims: tuple[int, ...], strict: bool) -> nn.Module:
    """The module as torch.export gives it, some dimensions of x dynamic."""
    dynamic = {"x": dict.fromkeys(dims, torch.export.Dim.DYNAMIC)}
    program = torch.export.export(module, (), {"x": x}, dynamic_shapes=dynamic, strict=strict)
    found: nn.Module = program.module()
    return found


@pytest.mark.parametrize("strict", [False, True])
def test_torch_export_without_loops_has_any_batch_and_any_time(strict: bool) -> None:
    module = compile(PLAIN.replace(", units: 3", ", units: 4")).eval()
    fixed = exported(module, torch.randn(3, 5, 4), (0, 1), strict)
    for shape in ((2, 7, 4), (6, 3, 4)):
        x = torch.randn(*shape)
        assert torch.allclose(fixed(x=x)["y"], module(x)["y"], atol=1e-6)


LOOPS = ["lstm", "gru", "rnn", "gru_before", "lstm_peephole", "lstm_stacked", "context", "elman", "lstm_from_equations"]


@pytest.mark.parametrize(
    ("name", "strict"), [*((name, False) for name in LOOPS), *((name, True) for name in LOOPS[::4])]
)
def test_torch_export_of_loops_has_any_batch(name: str, strict: bool) -> None:
    module = compiled(case_of(name)).float().eval()
    (x,) = [value.float() for value in given(case_of(name), module).values()]
    fixed = exported(module, x, (0,), strict)
    other = torch.cat([x, x.flip(1), -x])
    for key, value in module(x=other).items():
        assert torch.allclose(fixed(x=other)[key], value, atol=1e-6), key


@pytest.mark.thinned
@pytest.mark.parametrize("name", thinned(LOOPS))
def test_torch_export_of_ragged_batches_has_any_batch(name: str) -> None:
    module = compiled(case_of(name)).float().eval()
    (x,) = [value.float() for value in given(case_of(name), module).values()]
    length = torch.arange(x.shape[0]) % 3 + 2
    batch = torch.export.Dim("batch")
    shapes = {"x": {0: batch}, "lengths": {"time": {0: batch}}}
    program = torch.export.export(module, (), {"x": x, "lengths": {"time": length}}, dynamic_shapes=shapes)
    other, lengths = torch.cat([x, x.flip(1), -x]), torch.cat([length, length.flip(0), length])
    for key, value in module(x=other, lengths={"time": lengths}).items():
        found = program.module()(x=other, lengths={"time": lengths})[key]
        assert torch.allclose(found, value, atol=1e-6), key


class Kernel(nn.Module):
    """torch's kernel and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.weights = nn.ParameterList(nn.LSTM(4, 3).parameters())

    def forward(self, x: Tensor) -> Tensor:
        start = (x.new_zeros(1, x.shape[0], 3), x.new_zeros(1, x.shape[0], 3))
        found: Tensor = torch.lstm(x, start, list(self.weights), True, 1, 0.0, False, False, True)[0]
        return found


def test_torch_export_fixes_the_time_of_its_kernels() -> None:
    # Should torch learn to keep the time open, ours must follow.
    for module in (Kernel().eval(), compile(cell_text("lstm")).eval(), example_module("elman")):
        x = torch.randn(3, 5, 8 if isinstance(module, nn.Module) and "Elman" in type(module).__name__ else 4)
        with pytest.raises(Exception, match="specialized it to be a constant"):
            exported(module, x, (1,), strict=False)


def example_module(name: str) -> nn.Module:
    """A compiled example."""
    return compile(example(name)).eval()
