"""First values: distributed as those of torch's own layers, or as `init:` says."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from leporello.builder.compiling import compile
from tests.support.numerics import LAYERS
from tests.truth.test_weights import text_of

SCHEMES = {
    "zeros": lambda w: (w == 0).all(),
    "ones": lambda w: (w == 1).all(),
    "{constant: 0.5}": lambda w: (w == 0.5).all(),
    "{uniform: 0.01}": lambda w: 0.008 < w.abs().max() <= 0.01,
    "{normal: 0.01}": lambda w: 0.008 < w.std() < 0.012,
    "orthogonal": lambda w: torch.allclose(w @ w.T, torch.eye(30), atol=1e-5),
    "xavier": lambda w: 0.9 * (6 / 60) ** 0.5 < w.abs().max() <= (6 / 60) ** 0.5,
    "kaiming": lambda w: 0.9 * (6 / 30) ** 0.5 < w.abs().max() <= (6 / 30) ** 0.5,
}


def draws(text: str, name: str, times: int = 300) -> Tensor:
    """First values of one weight over many modules."""
    module = compile(text)
    found = []
    for _ in range(times):
        module.reset_parameters()  # type: ignore[operator]
        found.append(module.get_parameter(name).detach().flatten().clone())
    return torch.cat(found)


def quantiles(values: Tensor) -> Tensor:
    """What two equal distributions share."""
    return torch.quantile(values[:100_000], torch.tensor([0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0]))


@pytest.mark.parametrize("block", ["rnn", "lstm", "gru"])
def test_first_values_are_distributed_as_torchs_own(block: str) -> None:
    torch.manual_seed(0)
    layer = LAYERS[block](3, 4)
    theirs: dict[str, list[Tensor]] = {"weight": [], "bias": []}
    for _ in range(300):
        layer.reset_parameters()
        theirs["weight"].append(
            torch.cat([layer.weight_ih_l0.detach().flatten(), layer.weight_hh_l0.detach().flatten()])
        )
        theirs["bias"].append((layer.bias_ih_l0 + layer.bias_hh_l0).detach())
    gate = {"rnn": "W", "lstm": "W_f", "gru": "W_z"}[block]
    text = text_of(f"h: {{block: {block}, input: x, units: 4}}")
    for kind, values in theirs.items():
        mine = draws(text, f"h.1.forward_.{gate}.{kind}")
        assert (quantiles(mine) - quantiles(torch.cat(values))).abs().max() < 0.08, kind


def test_a_grus_candidate_has_two_biases_as_in_torch() -> None:
    torch.manual_seed(0)
    text = text_of("h: {block: gru, input: x, units: 4}")
    for name in ("W_n.bias", "U_n.bias", "W_n.weight", "U_n.weight"):
        values = draws(text, f"h.1.forward_.{name}")
        assert values.abs().max() <= 0.5 and values.std().item() == pytest.approx(0.5 / 3**0.5, rel=0.05)


@pytest.mark.parametrize(("block", "same"), [("linear", nn.Linear(3, 4)), ("embedding", nn.Embedding(3, 4))])
def test_other_first_values_are_torchs_own_modules(block: str, same: nn.Module) -> None:
    kind = "{tokens: 3}" if block == "embedding" else "{features: 3}"
    module = compile(text_of(f"h: {{block: {block}, input: x, units: 4}}", inputs=f"x: {kind}"))
    torch.manual_seed(1)
    made = compile(text_of(f"h: {{block: {block}, input: x, units: 4}}", inputs=f"x: {kind}"))
    torch.manual_seed(1)
    again = type(same)(3, 4)
    assert type(module.h) is type(same)
    assert all(torch.equal(a, b) for a, b in zip(made.parameters(), again.parameters(), strict=True))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_init_says_how_weights_start(scheme: str) -> None:
    torch.manual_seed(2)
    for said in (scheme, f"{{weight: {scheme}}}"):
        module = compile(
            text_of(f"h: {{block: linear, input: x, units: 30, init: {said}}}", inputs="x: {features: 30}")
        )
        assert SCHEMES[scheme](module.get_parameter("h.weight").detach())


def test_a_bias_may_start_otherwise() -> None:
    text = text_of("h: {block: linear, input: x, units: 4, init: {bias: {constant: 1}}}")
    assert compile(text).get_parameter("h.bias").tolist() == [1.0] * 4
    weight = compile(text_of("w: {block: weight, units: 3, init: {value: ones}}\nh: x * w")).get_parameter("w.value")
    assert weight.tolist() == [1.0] * 3


def test_a_norm_that_shares_its_shift_starts_as_one_that_does_not() -> None:
    nodes = "n: {block: layer_norm, input: x}\nh: {block: layer_norm, input: n, share: {bias: n.bias}}"
    assert compile(text_of(nodes)).get_parameter("h.weight").tolist() == [1.0] * 3


def test_what_is_said_of_a_whole_block_is_said_of_what_it_can_be() -> None:
    blocks = """blocks:
  mine:
    inputs: [x]
    nodes:
      W: {block: linear, input: x, units: 4}
      n: {block: layer_norm, input: W}
      u: {block: weight, units: 4}
      y: n * u
    outputs: [y]
"""
    text = text_of("h: {block: mine, x: x, init: orthogonal}", inputs="x: {features: 4}") + blocks
    module = compile(text)
    W = module.get_parameter("h.W.weight").detach()  # noqa: N806, as in the spec
    assert torch.allclose(W @ W.T, torch.eye(4), atol=1e-5)
    assert module.get_parameter("h.n.weight").tolist() == [1.0] * 4
    assert 0 < module.get_parameter("h.u.value").abs().max() <= 0.5


def test_learned_initial_values_start_at_zero_and_learn() -> None:
    module = compile(text_of("h: {block: gru, input: x, units: 4, initial: learned}"))
    initial = module.get_parameter("h.1.forward_.h.initial")
    assert initial.eq(0).all()
    module(torch.ones(2, 3, 3))["y"].sum().backward()
    assert initial.grad is not None and initial.grad.abs().sum() > 0
