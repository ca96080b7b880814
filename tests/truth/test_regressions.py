"""One test for every bug that random models found, as small as it came out."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from leporello.blocks.registry import registry
from leporello.builder.compiling import compile
from leporello.builder.interpret import interpret
from leporello.graphs.analysis.checks import check
from leporello.graphs.edits.feedback import Mode, resolve
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_spec
from tests.support.comparing import assert_same, by_interpreter, by_module, checked_spec, compiled, make_case

Tensors = dict[str, Tensor]


def column(*values: float) -> Tensor:
    """One sequence of one feature: `[1, time, 1]`."""
    return torch.tensor(values, dtype=torch.float64).view(1, -1, 1)


def interpreted(text: str, weights: Tensors | None = None, feedback: Mode = "teacher", **inputs: Tensor) -> Tensors:
    """What the interpreter gives for a spec."""
    return interpret(checked_spec("spec: 1\n" + text), inputs, weights or {}, feedback=feedback)


def assert_compiled(text: str, lengths: tuple[int, ...] = (4, 2), feedback: Mode = "teacher") -> None:
    """The compiled module of a spec gives what the interpreter gives."""
    case = make_case(checked_spec("spec: 1\n" + text), {"time": lengths}, 3)
    assert_same(by_module(case, feedback=feedback), by_interpreter(case, feedback=feedback))


def test_an_output_that_reads_another_step_gives_that_step() -> None:
    found = interpreted(
        """
inputs: {x: {features: 1}}
nodes: {h: x + h(t-1)}
outputs: {ending: h(last), start: h(first), late: h(t-1), ahead: h(t+1)}
""",
        x=column(1, 2, 3),
    )
    assert found["ending"].tolist() == [[6]]
    assert found["start"].tolist() == [[1]]
    assert found["late"].flatten().tolist() == [0, 1, 3]
    assert found["ahead"].flatten().tolist() == [3, 6, 0]


def test_an_initial_value_is_the_port_that_is_named() -> None:
    text = """
inputs: {x: {features: 2}, g: {features: 4, axis: none}}
nodes:
  s: {block: split, input: g, into: [a, b]}
  h: {value: x + h(t-1), initial: s.b}
outputs: {y: h}
"""
    g = torch.arange(4.0, dtype=torch.float64).view(1, 4)
    assert interpreted(text, x=torch.zeros(1, 1, 2, dtype=torch.float64), g=g)["y"].flatten().tolist() == [2, 3]
    assert_compiled(text)


def test_an_initial_value_is_the_same_for_all_of_a_carried_axis() -> None:
    text = """
inputs: {x: {features: 1}, s: {features: 1, axis: source}, g: {features: 1, axis: none}}
nodes:
  seen: {value: x * s(all) + seen(t-1), initial: g}
  share: {block: softmax, input: seen(t-1)}
outputs: {y: share}
"""
    found = interpreted(text, x=column(1, 1), s=column(1, 2), g=torch.ones(1, 1, dtype=torch.float64))
    assert found["y"][0, 0].flatten().tolist() == [0.5, 0.5]
    case = make_case(checked_spec("spec: 1\n" + text), {"time": (3, 2), "source": (1, 4)}, 3)
    assert_same(by_module(case), by_interpreter(case))


@pytest.mark.parametrize(("initial", "words"), [("x(all)", "runs on time"), ("both", "carries the axis source")])
def test_an_initial_value_is_one_per_sequence(initial: str, words: str) -> None:
    with pytest.raises(SpecError, match=words):
        checked_spec(
            f"""
spec: 1
inputs: {{x: {{features: 1}}, s: {{features: 1, axis: source}}}}
nodes:
  both: s(all) + 1
  h: {{value: x + h(t-1), initial: {initial}}}
outputs: {{y: h, z: both}}
"""
        )


@pytest.mark.parametrize(
    "block",
    ["lstm, input: g, units: 2", "gru, input: g, units: 2, direction: backward", "rnn, input: g, units: 2, layers: 2"],
)
def test_a_block_says_the_axis_of_its_loops(block: str) -> None:
    text = f"""
inputs: {{x: {{features: 1}}, g: {{features: 2, axis: none}}}}
nodes:
  h: {{block: {block}, axis: time}}
  y: h * x
outputs: {{y: y}}
"""
    assert_compiled(text)
    with pytest.raises(SpecError, match="nothing that has a time axis goes into h\n"):
        checked_spec("spec: 1\n" + text.replace(", axis: time", ""))


def test_a_block_cannot_say_another_axis_than_it_reads() -> None:
    with pytest.raises(SpecError, match="axis"):
        checked_spec(
            """
spec: 1
inputs: {x: {features: 1}, s: {features: 1, axis: source}}
nodes: {h: {block: rnn, input: x, units: 2, axis: source}}
outputs: {y: h, z: s}
"""
        )


@pytest.mark.parametrize("initial", ["learned", "7", "0.5", "-1"])
def test_the_initial_value_of_tokens_is_a_token(initial: str) -> None:
    text = """
spec: 1
inputs: {{x: {{features: 3}}}}
nodes:
  k: {{block: argmax, input: x, initial: {initial}}}
  e: {{block: embedding, input: k(t-1), units: 2}}
outputs: {{y: e}}
"""
    with pytest.raises(SpecError, match="initial value of k"):
        checked_spec(text.format(initial=initial))
    assert checked_spec(text.format(initial=2)).graph["k"].initial == 2.0


def test_blocks_without_bias() -> None:
    assert_compiled(
        """
inputs: {x: {features: 2}}
nodes:
  a: {block: linear, input: x, units: 3, bias: false}
  h: {block: minimal_gru, input: a, units: 2, bias: false}
outputs: {y: h}
"""
    )


def test_one_token_per_sequence() -> None:
    assert_compiled(
        """
inputs: {x: {features: 2}, label: {tokens: 4, axis: none}, words: {tokens: 5}}
nodes:
  e: {block: embedding, input: label, units: 2}
  f: {block: embedding, input: words(first), units: 2}
  y: x * e + f
outputs: {y: y}
"""
    )


def test_a_linear_with_the_weight_of_an_embedding_and_a_bias_of_its_own() -> None:
    assert_compiled(
        """
inputs: {x: {tokens: 5}}
nodes:
  e: {block: embedding, input: x, units: 2}
  logits: {block: linear, input: e, units: 5, share: {weight: e.weight}}
outputs: {y: logits}
"""
    )


@pytest.mark.parametrize("initial", ["learned", "0.5"])
def test_a_feedback_that_is_read_late(initial: str) -> None:
    """Its new value is another state's old one, which must not have moved on before."""
    text = f"""
inputs: {{x: {{features: 1}}}}
nodes:
  f: {{block: feedback, truth: x(t-1), own: h(t-1)}}
  W: {{block: linear, input: f(t-1), units: 1, bias: false}}
  h: {{value: tanh(W + x), initial: {initial}}}
outputs: {{y: h}}
"""
    assert_compiled(text, feedback="free")
    assert_compiled(text)


def test_states_that_exchange_their_values() -> None:
    text = """
inputs: {x: {features: 1}, g: {features: 1, axis: none}}
nodes:
  a: {value: b(t-1), initial: g, axis: time}
  b: {value: a(t-1), initial: 2 * g}
outputs: {y: x + 10 * a + b}
"""
    assert interpreted(text, x=column(0, 0, 0), g=torch.ones(1, 1, dtype=torch.float64))["y"].flatten().tolist() == [
        21,
        12,
        21,
    ]
    assert_compiled(text)


def test_a_feedback_keeps_its_initial_value_when_it_is_stepped() -> None:
    checked = checked_spec(
        """
spec: 1
inputs: {x: {features: 1}}
nodes:
  f: {block: feedback, truth: x(t-1), own: h(t-1), initial: 0.5}
  h: tanh(x + f(t-1))
outputs: {y: h}
"""
    )
    assert [resolve(checked, mode).graph["f"].initial for mode in ("teacher", "free", "step")] == [0.5, 0.5, 0.5]
    case = make_case(checked, {"time": (3,)}, 1)
    module = compiled(case)
    state = module.start(batch=1)
    fed = torch.cat([torch.zeros(1, 1, 1, dtype=torch.float64), case.inputs["x"][:, :-1]], 1)
    whole = by_interpreter(case).outputs["y"]
    for step in range(3):
        outputs, state = module.step({"x": case.inputs["x"][:, step], "f": fed[:, step]}, state)
        assert torch.allclose(outputs["y"], whole[:, step], atol=1e-12)


@pytest.mark.parametrize(
    "node",
    [
        "h: {value: x + h(t-1), initial: x(first)}",
        "{s: tanh(x(first)), h: x + s}",
        "h: {block: rnn, input: x, units: 1, initial: x(first)}",
    ],
)
def test_what_the_first_step_gives_is_not_known_before_it(node: str) -> None:
    nodes = node if node.startswith("{") else f"{{{node}}}"
    text = f"inputs: {{x: {{features: 1}}}}\nnodes: {nodes}\noutputs: {{y: h}}\n"
    assert_compiled(text)
    case = make_case(checked_spec("spec: 1\n" + text), {"time": (2,)}, 1)
    with pytest.raises(ValueError, match=r"x\(first\)"):
        compiled(case).start(batch=1)


def test_a_state_that_starts_from_a_number_needs_no_weight_to_be_stepped() -> None:
    text = """
spec: 1
inputs: {x: {features: 1}}
nodes: {h: {value: h(t-1) / 2 + tanh(x), initial: 0.1}}
outputs: {y: h}
"""
    case = make_case(checked_spec(text), {"time": (2,)}, 1)
    module = compiled(case)
    outputs, _ = module.step({"x": case.inputs["x"][:, 0]}, module.start(batch=1))
    assert torch.allclose(outputs["y"], by_interpreter(case).outputs["y"][:, 0], atol=1e-12)


def test_two_ends_of_another_axis_are_two_values_of_a_step() -> None:
    checked = checked_spec(
        """
spec: 1
inputs: {x: {features: 1}, s: {features: 1, axis: source}}
nodes: {h: x * s(first) + s(last) + h(t-1)}
outputs: {y: h}
"""
    )
    case = make_case(checked, {"time": (2,), "source": (3,)}, 1)
    module = compiled(case)
    state = module.start(s=case.inputs["s"])
    for step in range(2):
        outputs, state = module.step({"x": case.inputs["x"][:, step]}, state)
        assert torch.allclose(outputs["y"], by_interpreter(case).outputs["y"][:, step], atol=1e-12)


@pytest.mark.parametrize("projection", [1, 2, 3])
def test_a_projection_to_as_many_features_as_there_are_units(projection: int) -> None:
    """torch's kernel tells by the sizes alone whether there is a projection."""
    assert_compiled(
        f"""
inputs: {{x: {{features: 2}}}}
nodes: {{h: {{block: lstm, input: x, units: 2, projection: {projection}}}}}
outputs: {{y: h, c: h.state}}
"""
    )


def test_one_number_is_the_length_of_every_sequence() -> None:
    checked = checked_spec(
        """
spec: 1
inputs: {g: {features: 1, axis: none}}
nodes: {h: {value: h(t-1) + g, axis: time}}
outputs: {y: h}
"""
    )
    g = torch.tensor([[1.0], [2.0], [3.0]], dtype=torch.float64)
    found = interpret(checked, {"g": g}, {}, {"time": 2})["y"]
    assert found[..., 0].tolist() == [[1, 2], [2, 4], [3, 6]]


ENDING = """
inputs: {{x: {{features: 1}}}}
blocks:
  behind: {{inputs: [u], nodes: {{h: u + h(t-1)}}, outputs: {{y: h(t-1)}}}}
  ahead: {{inputs: [u], nodes: {{h: u + h(t+1), y: 2 * h}}, outputs: [y]}}
  once: {{inputs: [u], nodes: {{h: u + h(t-1)}}, outputs: {{y: h(first)}}}}
nodes: {{m: {{block: {block}, u: x{more}}}}}
outputs: {{y: m.final}}
"""


@pytest.mark.parametrize(
    ("block", "more", "value"),
    [
        ("behind", "", 3),
        ("behind", ", direction: backward", 6),
        ("behind", ", residual: 1", 7),
        ("behind", ", residual: 1, direction: backward", 7),
        ("ahead", "", 14),
        ("ahead", ", direction: backward", 14),
        ("ahead", ", residual: 1", 15),
        ("once", "", 1),
    ],
)
def test_final_is_where_the_loops_end_that_it_depends_on(block: str, more: str, value: float) -> None:
    """Sequence 1 2 4: also for what is computed from a loop, late reads of it, and residuals of backward loops."""
    found = interpreted(ENDING.format(block=block, more=more), x=column(1, 2, 4))
    assert found["y"].tolist() == [[value]]


def test_an_end_of_what_runs_both_ways_is_warned_of() -> None:
    cell = "{block: rnn, input: x, units: 1, direction: both, residual: 1}"
    text = f"spec: 1\ninputs: {{x: {{features: 2}}}}\nnodes: {{r: {cell}}}\n"
    warnings = checked_spec(text + "outputs: {y: r.final}\n").warnings
    assert any("have seen one step" in warning.what for warning in warnings)
    assert not checked_spec(text.replace(", residual: 1", "") + "outputs: {y: r.final}\n").warnings


@pytest.mark.parametrize("ring", ["a.weight", "b.weight"])
def test_weights_that_share_each_other(ring: str) -> None:
    text = (
        "spec: 1\ninputs: {x: {features: 4}}\nnodes:\n"
        "  a: {block: linear, input: x, units: 4, share: {weight: " + ring + "}}\n"
        "  b: {block: linear, input: a, units: 4, share: {weight: a.weight}}\noutputs: {y: b}\n"
    )
    with pytest.raises(SpecError, match=r":4:49: error: weights share each other: a.weight -> "):
        check(read_spec(text, registry()), registry())


def test_a_chain_of_shared_weights_ends_at_its_owner() -> None:
    text = (
        "spec: 1\ninputs: {x: {features: 4}}\nnodes:\n"
        "  a: {block: linear, input: x, units: 4, share: {weight: b.weight}}\n"
        "  b: {block: linear, input: a, units: 4, share: c}\n"
        "  c: {block: linear, input: b, units: 4}\noutputs: {y: c}\n"
    )
    checked = check(read_spec(text, registry()), registry())
    assert dict(checked.graph["a"].modifiers.share) == {"weight": "c/weight"}  # type: ignore[arg-type]
    assert set(checked.weights) == {"a", "c"}


def test_a_model_of_weights_alone_goes_step_by_step() -> None:
    text = (
        "spec: 1\ninputs: {x: {features: 2}}\nnodes:\n  w: {block: weight, units: 2}\n"
        "  h: {value: tanh(w), axis: time}\noutputs: {y: h}\n"
    )
    module: Any = compile(text)
    state = module.start(batch=3)
    outputs, state = module.step({}, state)
    assert outputs["y"].shape == (3, 2)
    assert module.step({}, state)[0]["y"].shape == (3, 2)
