"""Faults planted in the lowering, one at a time: each has to change what some comparison sees."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from leporello.builder import compiling
from leporello.builder.compiling import source
from leporello.builder.lowering import delay_lines as lines
from leporello.builder.lowering import fusing, scanning
from leporello.builder.lowering import primitives as operations
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.edits import feedback as feedback_modes
from leporello.graphs.edits.feedback import Mode
from tests.support.comparing import (
    Case,
    Outcome,
    by_interpreter,
    by_module,
    checked_spec,
    compiled,
    differences,
    make_case,
    with_padding,
)
from tests.support.streams import end_differences, piece_differences, step_differences

LENGTHS = {"time": (5, 3, 1), "source": (2, 4, 3)}

SPECS = {
    "loop": """
inputs: {x: {features: 2}}
nodes:
  h: {value: tanh(x - 0.5 * h(t-1) + 0.3 * h(t-3)), initial: learned}
  g: {value: sigmoid(x * 2 + g(t-1)) - 0.1 * h(t-1), initial: 0.5}
outputs: {h: h, g: g, end: h(last), start: g(first)}
""",
    "backward": """
inputs: {x: {features: 2}}
nodes:
  h: {value: tanh(x + 0.5 * h(t+1) - 0.2 * h(t+2)), initial: learned}
  r: {block: gru, input: x, units: 2, direction: both}
outputs: {h: h, r: r, end: r.final, start: h(first)}
""",
    "lstm": """
inputs: {x: {features: 3}}
nodes:
  r: {block: lstm, input: x, units: 2, layers: 2, dropout: 0.5, initial: learned}
outputs: {y: r, state: r.state}
""",
    "shifts": """
inputs: {x: {features: 2}, w: {tokens: 4}}
nodes:
  late: x(t-2) * x(t-1)
  ahead: x(t+2) - x(t+1)
  before: {block: embedding, input: w(t-1), units: 2}
  after: {block: embedding, input: w(t+1), units: 2}
  parts: {block: split, input: x, into: [a, b]}
  W: {block: linear, input: x, units: 2, bias: false}
  y: parts.a - 2 * parts.b + log(softplus(late) + 1) - log(square(W)) / W
outputs: {y: y, start: x(first), before: before, after: after, ahead: ahead}
""",
    "attention": """
inputs: {x: {features: 2}, s: {features: 2, axis: source}}
nodes:
  d: tanh(x + 0.5 * a(t-1))
  a: {block: attention, query: d, memory: s, units: 3}
  most: max(-square(s(all)) - 1)
  mean: mean(s(all) + 1)
  total: sum(x(all) + 1)
  y: a - most + mean * total
outputs: {y: y, weights: a.weights}
""",
    "feedback": """
inputs: {w: {tokens: 4}, g: {features: 2, axis: none}}
nodes:
  fed: {block: feedback, truth: w(t-1), own: choice(t-1)}
  e: {block: embedding, input: fed, units: 2}
  h: {value: tanh(e + h(t-1)), initial: g}
  o: {block: linear, input: h, units: 4, share: {weight: e.weight}}
  choice: {block: argmax, input: o}
outputs: {y: o, choice: choice}
""",
    "streams": """
inputs: {x: {features: 2}}
nodes:
  a: {block: linear, input: [x, x(t-2)], units: 2}
  h: {block: rnn, input: a, units: 2, layers: 2, residual: 2}
  y: h - x(first) * h(t-1)
outputs: {y: y}
""",
    "behind": """
inputs: {x: {features: 2}}
nodes:
  p: h(t-1)
  h: {value: tanh(x + 0.5 * p(t-1)), initial: learned}
outputs: {y: h}
""",
    "own_cell": """
inputs: {x: {features: 2}}
blocks:
  cell:
    inputs: [x]
    nodes:
      i: {block: linear, input: [x, h(t-1)], units: 2}
      f: {block: linear, input: [h(t-1), x], units: 2}
      c: sigmoid(f) * c(t-1) + sigmoid(i) * tanh(x)
      h: tanh(c) * sigmoid(i + f)
    outputs: [h, c]
nodes:
  m: {block: cell, x: x, layers: 2}
outputs: {y: m, c: m.c}
""",
}
RUNS: tuple[tuple[str, Mode], ...] = (
    *((name, "teacher") for name in SPECS),
    ("feedback", "free"),
    ("feedback", "curriculum"),
)
STEPPED = ("feedback", "streams", "behind", "own_cell")


@cache
def case_of(name: str) -> Case:
    """The case of a spec, ragged, with NaN beyond every sequence's end."""
    checked = checked_spec(f"spec: 1\n{SPECS[name]}")
    lengths = {axis: LENGTHS[axis] for axis in {str(axes.own) for axes in checked.axes.values() if axes.own}}
    return with_padding(make_case(checked, lengths, 3), 1)


@cache
def whole_case(name: str) -> Case:
    """The case of a spec with sequences of one length, all steps valid."""
    checked = case_of(name).checked
    return make_case(checked, {"time": (5, 5)}, 4)


@cache
def truth(name: str, mode: Mode) -> Outcome:
    """What the interpreter gives."""
    return by_interpreter(case_of(name), feedback=mode)


@cache
def text_of(name: str, mode: Mode) -> str:
    """The source of a spec without a fault."""
    return source(case_of(name).checked, mode)


def wrong(name: str, mode: Mode) -> list[str]:
    """What the comparisons of one spec find: whole and padded, step after step, and in pieces."""
    case = case_of(name)
    module = compiled(case, feedback=mode)
    found = by_module(case, module, mode)
    lines_found = differences(found.outputs, truth(name, mode).outputs)
    lines_found += differences(found.gradients, truth(name, mode).gradients)
    if mode == "teacher" and name in STEPPED:
        lines_found += step_differences(whole_case(name), compiled(whole_case(name)), "time")
        lines_found += piece_differences(whole_case(name), compiled(whole_case(name)), 2)
        lines_found += end_differences(case, module)
    return lines_found


@pytest.mark.parametrize(("name", "mode"), RUNS)
def test_without_a_fault_nothing_is_wrong(name: str, mode: Mode) -> None:
    assert wrong(name, mode) == []


@dataclass(frozen=True)
class Fault:
    """A change of the printed source: what matches `pattern` becomes `put`."""

    name: str
    pattern: str
    put: str

    def plant(self, text: str) -> str:
        """The source with the fault."""
        return re.sub(self.pattern, self.put, text)


FAULTS = (
    Fault("a sign is lost in a loop", r"x_t - 0\.5 \*", "x_t + 0.5 *"),
    Fault("a sign is lost outside of loops", r"= a - 2 \* b", "= a + 2 * b"),
    Fault("the operands of a difference are exchanged", r"(\w+) - (x_ahead1)", r"\2 - \1"),
    Fault(
        "a learned initial value is zeros", r"(self\.h\.initial)\.expand\(batch, -1\)", r"(0 * \1).expand(batch, -1)"
    ),
    Fault("a learned initial value gets no gradient", r"(self\.h\.initial)\.expand", r"\1.detach().expand"),
    Fault("a number as initial value is forgotten", r"new_full\(\(batch, 2\), 0\.5\)", "new_zeros(batch, 2)"),
    Fault("a state starts from zeros instead of its reference", r"h_before = g if", "h_before = 0 * g if"),
    Fault(
        "the state moves on in the padding",
        r"return new if mask is None else torch.where\(mask.reshape.*",
        "return new",
    ),
    Fault("outputs are not zero in the padding", r'(outputs = \{)?"(\w+)": keep\((\w+), mask\)', r'\1"\2": \3'),
    Fault(
        "padding is multiplied by zero",
        r"torch\.where\(fit\(mask, value, dimension\), value, fill\)",
        "value * fit(mask, value, dimension)",
    ),
    Fault("the input gate and the forget gate are exchanged", r'"W_i", "W_f"', '"W_f", "W_i"'),
    Fault("the output gate comes before the candidate", r'"W_g", "W_o"', '"W_o", "W_g"'),
    Fault("the reset and the update gate are exchanged", r'"W_r", "W_z"', '"W_z", "W_r"'),
    Fault("a layer reads what the layer below it read", r"(fused_rnn\(\s+)h_1_h,", r"\1a,"),
    Fault("no time flows back through a loop", r"hold\((\w+), h_t, h_before", r"hold(\1, h_t.detach(), h_before"),
    Fault(
        "a state is stale by one step",
        r"h_before1 = hold\(valid, h_t, h_before1\)",
        "h_before1 = hold(valid, h_before1, h_t)",
    ),
    Fault("a delay of two is one", r"late\(x, 2, x_before\)", "late(x, 1, x_before)"),
    Fault("two steps ahead are one", r"ahead\(x, 2, x_after, length\)", "ahead(x, 1, x_after, length)"),
    Fault(
        "ahead of a sequence's own end lies the padding",
        r"    if length is None:\n        return moved",
        "    if True:\n        return moved",
    ),
    Fault("a delay line is short of a place in a loop", r"0\.3 \* h_before3", "0.3 * h_before2"),
    Fault("the token before the first step is end", r"torch\.full\(\(batch,\), 0,", "torch.full((batch,), 1,"),
    Fault("the token after the last step is begin", r"torch\.full\(\(batch,\), 1,", "torch.full((batch,), 0,"),
    Fault("a backward loop runs forward", r"reversed\((x\.unbind\(1\)|steps_of\(mask, steps\))\)", r"\1"),
    Fault("a backward loop's values stand in the order computed", r"h_steps\[::-1\]", "h_steps"),
    Fault(
        "a kernel's backward direction starts in the padding",
        r"    if length is None:\n        return value\.flip\(1\)",
        "    if True:\n        return value.flip(1)",
    ),
    Fault("the last step is that of the padding", r"value\[:, -1\] if length is None else value\[.*", "value[:, -1]"),
    Fault("the first step is the second", r"= x\[:, 0\]", "= x[:, 1]"),
    Fault(
        "attention looks at the padding",
        r"    if mask is not None:\n(        value = value.masked_fill)",
        r"    if False:\n\1",
    ),
    Fault("softmax runs over features", r"softmax_over\((\w+), 1, \w+\)", r"softmax_over(\1, 2, None)"),
    Fault(
        "a sum counts the padding",
        r"return keep\(value, mask, 0, dimension\)\.sum\(dimension\)\n",
        "return value.sum(dimension)\n",
    ),
    Fault(
        "a mean divides by all steps",
        r"    if mask is None:\n        return value\.mean\(dimension\)\n.*",
        "    return keep(value, mask, 0, dimension).mean(dimension)",
    ),
    Fault(
        "the largest may be a zero of the padding",
        r"keep\(value, mask, -torch\.inf, dimension\)",
        "keep(value, mask, 0, dimension)",
    ),
    Fault("one axis is masked by the other", r"(mean_over\(.*), source_mask\)", r"\1, time_mask[:, : s.shape[1]])"),
    Fault("the parts of a split are exchanged", r"a, b = x\.chunk", "b, a = x.chunk"),
    Fault("dropout stays on in evaluation", r"0\.5, self\.training\)", "0.5, True)"),
    Fault("a residual is left out", r"residual = h_1_h \+ h_2_h", "residual = h_2_h"),
    Fault("a shared weight is transposed", r"self\.e\.weight, self\.o\.bias", "self.e.weight.flip(0), self.o.bias"),
    Fault(
        "a step returns the state that it was given", r"return outputs, \{\s*\*\*state,[^}]*\}", "return outputs, state"
    ),
    Fault("a step keeps the newest value twice", r'state\["x"\]\[:, 1:\]', 'state["x"][:, :1]'),
    Fault("a step reads the nearer place of a delay line", r'state\["x"\]\[:, 0\]', 'state["x"][:, 1]'),
    Fault(
        "pieces start anew", r"(\w+_before) = x\.new_zeros\((.*)\) if state is None else .*", r"\1 = x.new_zeros(\2)"
    ),
    Fault(
        "a piece's end is a step early", r"before\.shape\[1\] - places \+ torch", "before.shape[1] - places - 1 + torch"
    ),
    Fault("a piece takes its own first step for the first", r"first_of\((\w+), state,", r"first_of(\1, None,"),
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_in_the_source_is_caught(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    def planted(checked: Checked, *options: Any) -> str:
        return fault.plant(source(checked, *options))

    hit = [(name, mode) for name, mode in RUNS if fault.plant(text_of(name, mode)) != text_of(name, mode)]
    assert hit, "the fault changes no source"
    monkeypatch.setattr(compiling, "source", planted)
    assert any(wrong(name, mode) for name, mode in hit)


EMITTERS: dict[str, tuple[Any, str, Callable[[Any], Any]]] = {
    "a delay line moves its nearest place first": (scanning, "reversed", lambda _: lambda pairs: pairs),
    "a new state is read after the old one has moved on": (
        scanning.Scan,
        "_news",
        lambda _: lambda scan: {port: scan._whole_step(port) for port in scan.before},
    ),
    "what lies in the padding is not kept from a logarithm": (operations, "guarded", lambda _: lambda term, *_: term),
    "teacher forcing reads the model's own choice": (
        feedback_modes,
        "_PORT",
        lambda _: {"teacher": "own", "free": "truth"},
    ),
    "end stands before the first step": (lines, "BEGIN", lambda _: 2),
    "a kernel's state is that of the other direction": (
        fusing.Fused,
        "_weights",
        lambda real: lambda fused: tuple(reversed(real(fused))),
    ),
}


@pytest.mark.parametrize("name", EMITTERS)
def test_a_fault_in_what_prints_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, attribute, change = EMITTERS[name]
    before = {run: text_of(*run) for run in RUNS}
    for run in RUNS:
        truth(*run)  # known before the fault is planted, which the interpreter may have too
    monkeypatch.setattr(owner, attribute, change(getattr(owner, attribute, None)), raising=False)
    hit = [run for run in RUNS if source(case_of(run[0]).checked, run[1]) != before[run]]
    assert hit, "the fault changes no source"
    assert any(wrong(*run) for run in hit)
