"""The gradient of a loop's weight as one product after the loop is the sum of one at each step, whoever asks for it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from leporello.builder.compiling import compile
from leporello.builder.lowering import scanning
from tests.support.comparing import assert_same, by_interpreter, by_module, checked_spec, make_case

PEEPHOLE = """
spec: 1
inputs: {x: {features: 3}}
nodes:
  h: {block: lstm, input: x, units: 4, gates: peephole}
  back: {block: gru, input: [x, h], units: 3, reset: before, direction: backward}
outputs: {h: h, back: back}
"""
TRANSLATOR = """
spec: 1
inputs:
  source: {tokens: 7, axis: source}
  target: {tokens: 6, axis: target}
nodes:
  encoder: {block: encoder, input: source, embedding: 3, cell: gru, units: 2, direction: both}
  decoder:
    {block: decoder, target: target, memory: encoder, initial: encoder.state, bridge: dense, wiring: WIRING,
    words: 6, embedding: 3, cell: gru, units: 4}
outputs: {words: decoder}
"""
SPECS = {"peephole": PEEPHOLE} | {wiring: TRANSLATOR.replace("WIRING", wiring) for wiring in ("bahdanau", "luong")}


@pytest.fixture(autouse=True)
def every_weight_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "LARGE", 0)


def peephole() -> Any:
    module = compile(checked_spec(PEEPHOLE)).double()
    assert "Later(" in module.source  # type: ignore[operator]
    return module


def loss_of(module: Any, x: Tensor) -> Tensor:
    found: Tensor = sum(value.square().sum() for value in module(x).values())  # type: ignore[assignment]
    return found


def plain(monkeypatch: pytest.MonkeyPatch, like: Any) -> Any:
    """The same module with a product at each step."""
    monkeypatch.setattr(scanning, "LARGE", 2**40)
    module = compile(checked_spec(PEEPHOLE)).double()
    assert "Later(" not in module.source  # type: ignore[operator]
    module.load_state_dict(like.state_dict())
    return module


@pytest.mark.parametrize("feedback", ["teacher", "free", "curriculum"])
@pytest.mark.parametrize("name", SPECS)
def test_outputs_and_gradients_are_the_truth(name: str, feedback: Any) -> None:
    checked = checked_spec(SPECS[name])
    lengths = {axis: (5, 2, 3) if axis == "source" else (3, 4, 1) for axis in ("source", "target", "time")}
    case = make_case(checked, lengths, seed=5)
    assert_same(by_module(case, feedback=feedback), by_interpreter(case, feedback=feedback))


def test_passes_that_end_before_the_weight_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    module, x = peephole(), torch.randn(2, 5, 3, dtype=torch.float64, requires_grad=True)
    other = plain(monkeypatch, module)
    gradients = []
    for one in (module, other):
        outputs = one(x)
        torch.autograd.grad(outputs["back"].sum(), x, retain_graph=True)
        outputs["h"][:, 1].sum().backward(retain_graph=True)
        outputs["h"][:, 3].sum().backward()
        gradients.append({name: weight.grad for name, weight in one.named_parameters() if weight.grad is not None})
    assert gradients[0].keys() == gradients[1].keys()
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(gradient, gradients[1][name], rtol=1e-12, atol=1e-14)


def test_gradients_have_gradients(monkeypatch: pytest.MonkeyPatch) -> None:
    module, x = peephole(), torch.randn(2, 3, 3, dtype=torch.float64, requires_grad=True)
    found = []
    for one in (module, plain(monkeypatch, module)):
        weights = list(one.parameters())
        first = torch.autograd.grad(loss_of(one, x), [x, *weights], create_graph=True)
        penalty: Any = sum(gradient.square().sum() for gradient in first)
        found.append(torch.autograd.grad(penalty, [x, *weights]))
    for here, there in zip(*found, strict=True):
        torch.testing.assert_close(here, there, rtol=1e-10, atol=1e-12)


def test_functions_of_torch_that_watch_get_products_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    module, many = peephole(), torch.randn(4, 2, 3, 3, dtype=torch.float64)
    weights = dict(module.named_parameters())

    def loss(values: Any, x: Tensor) -> Tensor:
        outputs = torch.func.functional_call(module, values, (x,))
        return outputs["h"].square().sum()

    found = torch.func.grad(loss)(weights, many[0])
    loss_at_once = torch.func.functional_call(module, weights, (many[0],))["h"].square().sum()
    gradients = torch.autograd.grad(loss_at_once, list(weights.values()), allow_unused=True)
    for name, gradient in zip(weights, gradients, strict=True):
        if gradient is not None:
            torch.testing.assert_close(found[name], gradient)
    for one, x in zip(torch.func.vmap(lambda x: module(x)["h"])(many), many, strict=True):
        torch.testing.assert_close(one, module(x)["h"])


def test_it_is_compiled_and_exported_as_it_is() -> None:
    module, x = peephole(), torch.randn(2, 3, 3, dtype=torch.float64)
    torch.testing.assert_close(torch.compile(module, backend="eager", fullgraph=True)(x)["h"], module(x)["h"])
    exported = torch.export.export(module, (x,)).module()
    torch.testing.assert_close(exported(x)["h"], module(x)["h"])


def test_weights_that_do_not_learn_and_autocast() -> None:
    module, x = peephole(), torch.randn(2, 3, 3, dtype=torch.float64, requires_grad=True)
    expected = module(x)["h"]
    with torch.no_grad():
        assert torch.equal(module(x)["h"], expected)
    module.requires_grad_(False)
    torch.testing.assert_close(module(x)["h"], expected)
    module(x)["h"].sum().backward()
    assert x.grad is not None
    half = module.float().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        loss_of(half, x.detach().float()).backward()
    assert all(weight.grad is not None for weight in half.parameters())


class Roundings(TorchDispatchMode):
    """Counts how often tensors of each shape become bfloat16 numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[tuple[int, ...]] = Counter()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.ops.aten._to_copy.default and (kwargs or {}).get("dtype") is torch.bfloat16:
            self.counts[tuple(args[0].shape)] += 1
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("wiring", ["bahdanau", "luong"])
def test_under_autocast_what_a_loop_multiplies_by_is_rounded_once(wiring: str) -> None:
    module: Any = compile(checked_spec(SPECS[wiring]))
    found = []
    for steps in (4, 8):
        source, target = torch.randint(0, 7, (9, 5)), torch.randint(0, 6, (9, steps))
        with Roundings() as seen, torch.autocast("cpu", torch.bfloat16):
            module(source=source, target=target, lengths={"source": torch.tensor([5, 2, 3] * 3)})
        weights = {shape for shape in seen.counts if len(shape) == 2 and shape[0] < 9}
        assert weights and seen.counts[9, 4, 5] == 1  # the memory, as the contexts are made of it
        found.append({shape: seen.counts[shape] for shape in weights})
    assert found[0] == found[1]


@pytest.mark.parametrize("name", SPECS)
def test_gradients_under_autocast_are_near_to_those_of_64_bits(name: str) -> None:
    torch.manual_seed(2)
    module: Any = compile(checked_spec(SPECS[name]))
    inputs = {"x": torch.randn(3, 9, 3)}
    if name != "peephole":
        inputs = {"source": torch.randint(0, 7, (3, 5)), "target": torch.randint(0, 6, (3, 9))}
    found = []
    for half in (True, False):
        module = module.float() if half else module.double()
        module.zero_grad()
        given = {key: value if half or value.dtype == torch.int64 else value.double() for key, value in inputs.items()}
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            outputs = module(**given)
        sum(value.double().square().sum() for value in outputs.values()).backward()
        found.append({key: weight.grad.double().clone() for key, weight in module.named_parameters()})
    for key, exact in found[1].items():
        assert (found[0][key] - exact).norm() <= 0.03 * exact.norm() + 1e-3, key
