"""What `init:` may say, and of which weights: told by `check`, at the place of the value."""

from __future__ import annotations

import pytest

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import examine
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Modifiers, Node, Output, Wire
from leporello.graphs.schemes import SCHEMES
from tests.support.asking import model, refused, spec

LINEAR = "h: {block: linear, input: x, units: 4, init: "


@pytest.mark.parametrize(
    ("nodes", "what", "hint"),
    [
        (LINEAR + "@eye}", "init: knows no 'eye'", "it knows: "),
        (LINEAR + "@zeroes}", "init: knows no 'zeroes'", "did you mean zeros? it knows: zeros, "),
        (LINEAR + "@unifrom}", "init: knows no 'unifrom'", "did you mean {uniform: 0.1}? it knows: {uniform: 0.1}, "),
        (LINEAR + "@uniform}", "uniform needs a number", "{uniform: 0.1}"),
        (LINEAR + "@{orthogonal: 1}}", "orthogonal takes no number", "init: orthogonal"),
        (LINEAR + "{weight: @{xavier: 1}}}", "xavier takes no number", "init: xavier"),
        (LINEAR + "@{uniform: x}}", "uniform must be a number, not 'x'", "{uniform: 0.1}"),
        (LINEAR + "@{normal: -1}}", "normal must be a number of at least 0, not -1", "{normal: 0.01}"),
        (LINEAR + "@{constant: 1, normal: 2}}", "init: must be a scheme, or schemes by weight", "{weight: orthogonal"),
        (LINEAR + "@3}", "init: must be a scheme, not a number", "{constant: 3}"),
        (LINEAR + "@[zeros]}", "init: must be a scheme, or schemes by weight", "{weight: orthogonal"),
        (LINEAR + "@{}}", "init: names no weight", "{weight: orthogonal"),
        (LINEAR + "{weight: zeros, bias: @zero}}", "init: knows no 'zero'", "did you mean zeros?"),
        (
            LINEAR + "{weigt: @zeros}}",
            "h, a linear, has no weight 'weigt', of which init: could say how it starts",
            "did you mean weight? its weights: weight, bias",
        ),
        (
            "h: {block: lstm, input: x, units: 4, init: {W_i: @zeros}}",
            "h, an lstm, has no weight 'W_i', of which init: could say how it starts",
            "its weights: ",
        ),
        (LINEAR + "{bias: @orthogonal}}", "bias of h is no matrix, which orthogonal would start", "{uniform: 0.1}"),
        (
            "h: {block: layer_norm, input: x, init: @xavier}",
            "h, a layer_norm, has no matrix, which xavier would start",
            "{uniform: 0.1} starts a vector",
        ),
        (
            "h: {block: softmax, input: x, init: @zeros}",
            "h, a softmax, has no weights, of which init: could say how they start",
            "take init: away",
        ),
    ],
)
def test_what_init_cannot_say_is_told_at_its_place(nodes: str, what: str, hint: str) -> None:
    problem = refused(spec(nodes))
    assert problem.what == what and problem.hint.startswith(hint), str(problem)


def test_a_body_is_told_at_its_place_used_or_not() -> None:
    body = "mine: {inputs: [x], nodes: {y: {block: linear, input: x, units: 3, init: {wight: @zeros}}}, outputs: [y]}"
    for node in ("h: tanh(x)", "h: {block: mine, x: x}"):
        refused(spec(node, blocks=body), "did you mean weight?")


@pytest.mark.parametrize(
    "said",
    [
        *(scheme.written for scheme in SCHEMES.values()),
        *(f"{{weight: {scheme.written}, bias: zeros}}" for scheme in SCHEMES.values()),
        "{bias: {constant: -1}}",
    ],
)
def test_every_scheme_is_accepted(said: str) -> None:
    for block in ("linear", "lstm", "gru"):
        for more in ("", ", bias: false"):
            assert model(spec(f"h: {{block: {block}, input: x, units: 4, init: {said}{more}}}"))


@pytest.mark.parametrize(
    "said", ["eye", 10**400, float("inf"), {"uniform": 10**400}, {"constant": float("nan")}, {}, [], object(), {"x": 3}]
)
def test_a_graph_made_in_python_is_told_too(said: object) -> None:
    given = Node("x", "input", parameters={"features": 3})
    node = Node("h", "linear", (("input", Wire("x")),), {"units": 4}, modifiers=Modifiers(init=said))
    assert examine(Graph("made", (given, node), (Output("y", Wire("h")),)), registry())[1]
