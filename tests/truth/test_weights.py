"""Weights: names that never depend on mode or wish, save and load, sharing, freezing, first values as torch's."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch

from leporello.builder.compiling import compile
from leporello.builder.interpret import interpret
from leporello.graphs.problems import SpecError
from tests.support.comparing import assert_same, differences
from tests.support.numerics import outcome, randoms, spread, tokens


def text_of(nodes: str, outputs: str = "y: h", inputs: str = "x: {features: 3}") -> str:
    """A small spec."""
    lines = "".join(f"  {line}\n" for line in nodes.splitlines())
    return f"spec: 1\ninputs: {{{inputs}}}\nnodes:\n{lines}outputs: {{{outputs}}}\n"


DECODER = text_of(
    "previous: {block: feedback, truth: x(t-1), own: choice(t-1)}\n"
    "e: {block: embedding, input: previous, units: 3}\n"
    "decoder: {block: lstm, input: e, units: 4, layers: 2, initial: learned}\n"
    "n: {block: layer_norm, input: decoder}\n"
    "logits: {block: linear, input: n, units: 5}\n"
    "choice: {block: argmax, input: logits}",
    "y: {from: logits, predicts: x}",
    "x: {tokens: 5}",
)
NAMES = {
    "e.weight",
    *(
        f"decoder.{layer}.forward_.W_{gate}.{kind}"
        for layer in (1, 2)
        for gate in "ifgo"
        for kind in ("weight", "bias")
    ),
    *(f"decoder.{layer}.forward_.{state}.initial" for layer in (1, 2) for state in "ch"),
    "n.weight",
    "n.bias",
    "logits.weight",
    "logits.bias",
}


def test_names_are_dotted_paths_in_every_mode() -> None:
    made = [
        compile(DECODER),
        compile(DECODER, feedback="free"),
        compile(DECODER, feedback="step"),
        compile(DECODER, also=["decoder/1/forward/f", "decoder/2/forward/c", "e"]),
    ]
    orders = {tuple(module.state_dict()) for module in made}
    assert len(orders) == 1 and set(next(iter(orders))) == NAMES
    assert {tuple(name for name, _ in module.named_parameters()) for module in made} == orders
    assert {tuple(p.shape for p in module.parameters()) for module in made} == {
        tuple(p.shape for p in made[0].parameters())
    }


def test_weights_go_from_mode_to_mode() -> None:
    teacher = spread(compile(DECODER).double())
    x = tokens(1, 5, 2, 4)
    for options in ({"also": ["decoder/1/forward/f"]}, {"feedback": "free"}, {"feedback": "step"}):
        other = compile(DECODER, **options).double()  # type: ignore[arg-type]
        assert str(other.load_state_dict(teacher.state_dict())) == "<All keys matched successfully>"
        back = compile(DECODER).double()
        back.load_state_dict(other.state_dict())
        assert not differences(back(x), teacher(x))


def test_unused_weights_are_there_and_get_no_gradient() -> None:
    text = text_of("a: {block: linear, input: x, units: 2}\nh: {block: linear, input: x, units: 2}\nb: tanh(a)")
    module = compile(text)
    assert set(module.state_dict()) == {"a.weight", "a.bias", "h.weight", "h.bias"}
    module(torch.zeros(1, 2, 3))["y"].sum().backward()
    assert module.get_parameter("a.weight").grad is None


def test_deep_copies_are_apart() -> None:
    module = spread(compile(DECODER).double())
    other = copy.deepcopy(module)
    x = tokens(1, 5, 2, 4)
    before = module(x)["y"].detach().clone()
    spread(other, seed=9)
    assert torch.equal(module(x)["y"], before) and not torch.equal(other(x)["y"], before)
    assert type(other) is type(module) and other.source == module.source


def test_safetensors_keep_every_bit(tmp_path: Path) -> None:
    from safetensors.torch import load_file, load_model, save_file, save_model

    module = spread(compile(DECODER))
    save_file(module.state_dict(), tmp_path / "weights.safetensors")
    other = compile(DECODER)
    other.load_state_dict(load_file(tmp_path / "weights.safetensors"))
    assert all(torch.equal(a, b) for a, b in zip(module.parameters(), other.parameters(), strict=True))
    save_model(module, str(tmp_path / "model.safetensors"))
    third = compile(DECODER)
    assert load_model(third, str(tmp_path / "model.safetensors")) == (set(), [])
    x = tokens(1, 5, 2, 4)
    assert torch.equal(third(x)["y"], module(x)["y"])


def test_types_follow_the_module() -> None:
    text = text_of("h: {block: gru, input: x, units: 4, direction: both}\ns: s(t-1) / 2 + x", "y: h, s: s")
    module = spread(compile(text), 0.5)
    x, lengths = randoms(1, 2, 5, 3), {"time": torch.tensor([5, 2])}
    exact = copy.deepcopy(module).double()(x, lengths=lengths)
    assert {value.dtype for value in exact.values()} == {torch.float64}
    for dtype, tolerance in ((torch.float32, 1e-5), (torch.bfloat16, 0.1), (torch.float16, 0.02)):
        found = copy.deepcopy(module).to(dtype)(x.to(dtype), lengths=lengths)
        assert {value.dtype for value in found.values()} == {dtype}
        assert all((found[key].double() - exact[key]).abs().max() < tolerance for key in exact)
    assert next(module.half().parameters()).dtype == torch.float16
    assert next(module.float().parameters()).dtype == torch.float32


def test_half_lstm_with_ragged_lengths() -> None:
    module = spread(compile(text_of("h: {block: lstm, input: x, units: 4}", "y: h, s: h.state")), 0.5)
    x, lengths = randoms(1, 2, 5, 3), {"time": torch.tensor([5, 2])}
    exact = copy.deepcopy(module).double()(x, lengths=lengths)
    found = module.to(torch.bfloat16)(x.bfloat16(), lengths=lengths)
    assert all((found[key].double() - exact[key]).abs().max() < 0.1 for key in exact)


def test_tied_embedding_and_output() -> None:
    text = text_of(
        "p: {block: feedback, truth: x(t-1), own: c(t-1)}\n"
        "embedding: {block: embedding, input: p, units: 4}\n"
        "r: {block: gru, input: embedding, units: 4}\n"
        "h: {block: linear, input: r, units: 5, share: {weight: embedding.weight}}\n"
        "c: {block: argmax, input: h}",
        inputs="x: {tokens: 5}",
    )
    module = spread(compile(text).double())
    names = {name for name, _ in module.named_parameters()}
    assert "h.weight" not in names and {"embedding.weight", "h.bias"} <= names
    x, w = tokens(1, 5, 2, 4), dict(module.named_parameters())
    layer = module.to_torch("r")
    shifted = torch.cat([torch.zeros(2, 1, dtype=torch.long), x[:, :-1]], 1)
    hidden = layer(w["embedding.weight"][shifted])[0]
    expected = {"y": hidden @ w["embedding.weight"].T + w["h.bias"]}
    assert not differences(module(x), expected)
    truth = interpret(module.checked, {"x": x}, w)  # type: ignore[arg-type]
    assert_same(outcome(module(x), w), outcome(truth, w))


def test_a_whole_composite_shared() -> None:
    text = text_of(
        "a: {block: lstm, input: x, units: 3, layers: 2}\nb: {block: lstm, input: a, units: 3, layers: 2, share: a}\n"
        "h: {block: lstm, input: b, units: 3, layers: 2, share: b, direction: forward}",
        "y: h, s: b.state",
    )
    module = spread(compile(text).double())
    assert {name.split(".")[0] for name in module.state_dict()} == {"a"}
    layer = module.to_torch("a")
    x = randoms(1, 2, 4, 3)
    leaves = {"x": x, **dict(module.named_parameters())}
    assert not differences({"y": module(x)["y"]}, {"y": layer(layer(layer(x)[0])[0])[0]})
    lengths = {"time": torch.tensor([4, 2])}
    truth = interpret(module.checked, {"x": x}, dict(module.named_parameters()), lengths)  # type: ignore[arg-type]
    assert_same(outcome(module(x, lengths=lengths), leaves), outcome(truth, leaves))


@pytest.mark.parametrize("share", ["x", "nowhere", "b", "{weigth: a.weight}", "{weight: a.bias}", "{weight: a}", "g"])
def test_sharing_that_does_not_fit_is_refused(share: str) -> None:
    text = text_of(
        "a: {block: linear, input: x, units: 4}\n"
        "b: {block: linear, input: x, units: 5}\n"
        "g: {block: gru, input: x, units: 4}\n"
        f"h: {{block: linear, input: x, units: 4, share: {share}}}"
    )
    with pytest.raises(SpecError):
        compile(text)


def test_frozen_weights_stay() -> None:
    text = text_of(
        "e: {block: gru, input: x, units: 3, layers: 2, frozen: true, initial: learned}\n"
        "h: {block: linear, input: e, units: 2}"
    )
    module = compile(text)
    grads = {name: parameter.requires_grad for name, parameter in module.named_parameters()}
    assert all(required == name.startswith("h.") for name, required in grads.items()), grads
    module(torch.ones(1, 2, 3))["y"].sum().backward()
    assert module.get_parameter("h.weight").grad is not None
    assert copy.deepcopy(module).get_parameter("e.1.forward_.W_n.weight").requires_grad is False


def test_weights_of_another_model_are_refused_by_name() -> None:
    module = compile(text_of("h: {block: gru, input: x, units: 4}"))
    for other in (
        "h: {block: lstm, input: x, units: 4}",
        "h: {block: gru, input: x, units: 5}",
        "h: {block: gru, input: x, units: 4, layers: 2}",
    ):
        with pytest.raises(RuntimeError, match=r"h\.[12]\.forward"):
            module.load_state_dict(compile(text_of(other)).state_dict())
    with pytest.raises(SpecError, match="without a value"):
        compile(text_of("h: {block: gru, input: x, units: $n}", inputs="x: {features: $n}"))
    with pytest.raises(SpecError, match="m"):
        compile(text_of("h: {block: gru, input: x, units: $n}", inputs="x: {features: $n}"), m=3)
