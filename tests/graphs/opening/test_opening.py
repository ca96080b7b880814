"""Opening: paths, layers, directions, modifiers, delays that add, states and what they start from."""

from __future__ import annotations

from typing import Any

import pytest

from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Learned, Time, Wire
from tests.support.asking import model, problems, refused, spec, warnings

CELL = """
one:
  inputs: [x]
  nodes:
    y: x + y(t-1)
  outputs: {y: y, before: y(t-1)}
"""


def opened(nodes: str, outputs: str = "y: h", blocks: str = "") -> Graph:
    return model(spec(nodes, outputs=outputs, blocks=blocks)).graph


def lstm(more: str = "", others: str = "") -> str:
    place = "" if "@" in more else "@"
    return spec(f"{place}h: {{block: lstm, input: x, units: 4{more}}}\n{others}")


def test_a_composite_is_replaced_by_what_is_inside_it() -> None:
    graph = opened("h: {block: lstm, input: x, units: 4}")
    inside = ["W_i/input", "W_i", "i", "c/1", "c/2", "c", "h/1", "h"]
    assert set(graph.index) >= {"x", *(f"h/1/forward/{name}" for name in inside)}
    assert all(node.block in ("input", "linear", "concatenate", "sigmoid", "tanh", "multiply", "add") for node in graph)
    assert graph["h/1/forward/W_i/input"].wires == (Wire("x"), Wire("h/1/forward/h", "", Time("t", -1)))
    assert graph.outputs[0].wire == Wire("h/1/forward/h")
    (composite,) = graph.composites
    assert (composite.path, composite.block) == ("h", "lstm")
    assert composite.ports == {"h": (Wire("h/1/forward/h"),), "c": (Wire("h/1/forward/c"),)}


def test_a_block_without_delays_stands_at_its_own_path() -> None:
    graph = opened("h: {block: attention, query: x, memory: x, units: 3}")
    assert {"h/K", "h/Q", "h/energy", "h/score", "h/weights", "h/context"} <= set(graph.index)
    assert graph["h/energy/1"].wires == (Wire("h/Q"), Wire("h/K", "", Time("all", scope="h")))


def test_layers_are_stacked_along_the_first_port() -> None:
    graph = opened("h: {block: rnn, input: x, units: 4, layers: 3}")
    for layer, below in ((1, "x"), (2, "h/1/forward/h"), (3, "h/2/forward/h")):
        assert graph[f"h/{layer}/forward/W/input"].wires[0] == Wire(below)
    assert graph.outputs[0].wire == Wire("h/3/forward/h")
    assert "h/4/forward/W" not in graph


def test_the_other_ports_go_to_every_layer() -> None:
    blocks = "two:\n  inputs: [a, b]\n  nodes: {y: a + b + y(t-1)}\n  outputs: [y]"
    graph = opened("h: {block: two, a: x, b: k, layers: 2}\nk: tanh(x)", blocks=blocks)
    assert [graph[f"h/{i}/forward/y/1"].wires[1] for i in (1, 2)] == [Wire("k")] * 2


def test_layers_of_a_primitive() -> None:
    graph = opened("h: {block: linear, input: x, units: 4, layers: 2}")
    assert graph["h/2/forward"].wires == (Wire("h/1/forward"),)
    assert graph.outputs[0].wire == Wire("h/2/forward")


def test_backward_negates_the_delays_of_the_body() -> None:
    graph = opened("h: {block: rnn, input: x(t-1), units: 4, direction: backward}")
    assert graph["h/1/backward/W/input"].wires == (
        Wire("x", "", Time("t", -1)),
        Wire("h/1/backward/h", "", Time("t", 1)),
    )


def test_backward_exchanges_first_and_last_and_backward_twice_is_forward() -> None:
    blocks = (
        "ends:\n  inputs: [x]\n  nodes:\n    f: tanh(x)\n    y: f(first) + f(last) + x + y(t-1)\n  outputs: [y]\n"
        "turned:\n  inputs: [x]\n  nodes:\n    y: {block: ends, x: x, direction: backward}\n  outputs: [y]"
    )
    once = opened("h: {block: ends, x: x, direction: backward}", blocks=blocks)
    assert [str(w.time) for w in once["h/1/backward/y/2"].wires] == ["(last)", "(first)"]
    twice = opened("h: {block: turned, x: x, direction: backward}", blocks=blocks)
    path = "h/1/backward/y/1/backward/y"
    assert [str(w.time) for w in twice[f"{path}/2"].wires] == ["(first)", "(last)"]
    assert [str(w.time) for w in twice[path].wires] == ["", "(t-1)"]


def test_both_directions_are_concatenated() -> None:
    checked = model(spec("h: {block: lstm, input: x, units: 4, layers: 2, direction: both}"))
    graph = checked.graph
    joined = graph[graph.outputs[0].wire.source]
    assert joined.block == "concatenate"
    assert joined.wires == (Wire("h/2/forward/h"), Wire("h/2/backward/h"))
    below = graph["h/2/backward/W_i/input"].wires[0].source
    assert graph[below].wires == (Wire("h/1/forward/h"), Wire("h/1/backward/h"))
    assert checked.values[joined.path, ""].size == 8


def test_residuals_begin_at_their_layer() -> None:
    graph = opened("h: {block: rnn, input: x, units: 4, layers: 3, residual: 2}")
    assert [path for path in graph.index if "residual" in path] == ["h/2/residual", "h/3/residual"]
    assert graph["h/3/residual"].wires == (Wire("h/2/residual"), Wire("h/3/forward/h"))


def test_dropout_stands_between_layers_only() -> None:
    graph = opened("h: {block: rnn, input: x, units: 4, layers: 3, dropout: 0.2}")
    assert [path for path in graph.index if "dropout" in path] == ["h/1/dropout", "h/2/dropout"]
    assert graph["h/2/forward/W/input"].wires[0] == Wire("h/1/dropout")
    assert graph["h/1/dropout"].parameters["rate"] == 0.2
    assert not [path for path in opened("h: {block: rnn, input: x, units: 4, dropout: 0.2}").index if "dropout" in path]


def test_init_and_frozen_reach_the_weights() -> None:
    graph = opened("h: {block: rnn, input: x, units: 4, init: zeros, frozen: true}")
    modifiers = graph["h/1/forward/W"].modifiers
    assert (modifiers.init, modifiers.frozen) == ({"weight": "zeros", "bias": "recurrent_pair"}, True)
    assert opened("h: {block: rnn, input: x, units: 4}")["h/1/forward/W"].modifiers.frozen is None


@pytest.mark.parametrize(
    ("read", "late"),
    [("k", 0), ("k(t-1)", -1), ("k(t+2)", 2), ("k.before", -1), ("k.before(t-1)", -2), ("k.before(t+1)", 0)],
)
def test_delays_add_on_the_way_through_ports(read: str, late: int) -> None:
    graph = opened(f"k: {{block: one, x: x}}\nh: {read}", blocks=CELL)
    assert graph["h"].wires == (Wire("k/1/forward/y", "", Time("t", late)),)


def test_a_port_read_late_gives_the_initial_value_of_the_inner_node() -> None:
    graph = opened("k: {block: one, x: x, initial: 3}\nh: k(t-1)", blocks=CELL)
    assert graph["k/1/forward/y"].initial == 3.0


def test_expressions_and_lists_at_a_port_become_nodes() -> None:
    graph = opened("h: {block: linear, input: [x, tanh(x) * 2], units: 4}")
    assert graph["h/input"].block == "concatenate"
    assert graph["h/input/2"].block == "multiply" and graph["h/input/2/1"].block == "tanh"


def test_a_port_that_stands_for_itself() -> None:
    blocks = "through:\n  inputs: [x]\n  nodes: {k: tanh(x)}\n  outputs: [x, k]"
    found = problems(spec("h: {block: through, x: h}", blocks=blocks))
    assert any("stands for itself" in problem.what for problem in found)


@pytest.mark.parametrize(
    ("initial", "states"),
    [
        ("zeros", {"c": 0.0, "h": 0.0}),
        ("0.5", {"c": 0.5, "h": 0.5}),
        ("learned", {"c": Learned(), "h": Learned()}),
        ("{h: s}", {"c": None, "h": (Wire("s"),)}),
        ("{h: s, c: learned}", {"c": Learned(), "h": (Wire("s"),)}),
        ("{c: -1}", {"c": -1.0, "h": None}),
        ("g.state", {"c": (Wire("g/1/forward/c", "", Time("last")),), "h": (Wire("g/1/forward/h", "", Time("last")),)}),
    ],
)
def test_initial_values_of_a_block(initial: str, states: dict[str, object]) -> None:
    nodes = f"h: {{block: lstm, input: x, units: 4, initial: {initial}}}\n"
    nodes += "s: {block: weight, units: 4}\ng: {block: lstm, input: x, units: 4}"
    graph = opened(nodes, "y: h\nz: [s, g]")
    assert {name: graph[f"h/1/forward/{name}"].initial for name in "ch"} == states


def test_states_fit_by_layer_direction_and_name() -> None:
    both = "{block: lstm, input: x, units: 4, layers: 2, direction: both"
    graph = opened(f"g: {both}}}\nh: {both}, initial: g.state}}")
    for layer in (1, 2):
        for way, end in (("forward", "last"), ("backward", "first")):
            for name in "ch":
                path = f"{layer}/{way}/{name}"
                assert graph[f"h/{path}"].initial == (Wire(f"g/{path}", "", Time(end)),)  # type: ignore[arg-type]


def test_a_delay_line_of_several_steps_starts_from_several() -> None:
    blocks = "far:\n  inputs: [x]\n  nodes: {y: x + y(t-3)}\n  outputs: [y]"
    graph = opened("g: {block: far, x: x}\nh: {block: far, x: x, initial: g.state}", blocks=blocks)
    ends = graph["h/1/forward/y"].initial_wires
    assert [(wire.time.kind, wire.time.offset) for wire in ends] == [("last", 0), ("last", -1), ("last", -2)]


def test_state_as_a_value_joins_the_parts_by_layer_and_direction() -> None:
    graph = opened("g: {block: lstm, input: x, units: 4, layers: 2, direction: both}\nh: tanh(g.state)")
    expected = [
        Wire(f"g/{layer}/{way}/{name}", "", Time(end))  # type: ignore[arg-type]
        for layer in (1, 2)
        for way, end in (("forward", "last"), ("backward", "first"))
        for name in "ch"
    ]
    assert list(graph[graph["h"].wires[0].source].wires) == expected


def test_final_is_the_first_port_where_its_loop_ends() -> None:
    graph = opened("g: {block: lstm, input: x, units: 4, layers: 2, direction: both}\nh: tanh(g.final)")
    ends = (Wire("g/2/forward/h", "", Time("last")), Wire("g/2/backward/h", "", Time("first")))
    assert graph[graph["h"].wires[0].source].wires == ends
    one = opened("g: {block: gru, input: x, units: 4, direction: backward}\nh: tanh(g.final)")
    assert one["h"].wires == (Wire("g/1/backward/h", "", Time("first")),)


@pytest.mark.parametrize(("direction", "end"), [("forward", "last"), ("backward", "first")])
def test_final_of_a_residual_stack_is_where_its_loops_end(direction: str, end: str) -> None:
    cell = f"{{block: gru, input: x, units: 8, layers: 2, residual: 1, direction: {direction}}}"
    assert str(opened(f"g: {cell}\nh: tanh(g.final)")["h"].wires[0]) == f"g/2/residual({end})"


@pytest.mark.parametrize(
    ("direction", "read", "warned"),
    [
        ("backward", "g(last)", True),
        ("both", "g(last)", True),
        ("forward", "g(last)", False),
        ("both", "g.final", False),
        ("backward", "g(first)", False),
        ("backward", "g", False),
    ],
)
def test_the_last_step_of_what_runs_backward_is_a_trap(direction: str, read: str, warned: bool) -> None:
    cell = f"g: {{block: lstm, input: x, units: 4, direction: {direction}}}\n"
    for text in (spec(cell + f"h: tanh({read})"), spec(cell, outputs=f"y: {read}")):
        found = warnings(text)
        assert bool(found) == warned
        if warned:
            assert "g(last), which runs backward and has seen one step there" in found[0] and "g.final" in found[0]


def test_the_trap_of_a_node_names_its_first_step() -> None:
    (found,) = warnings(spec("b: x + b(t+1)\nh: b(last)"))
    assert "spec.yaml:6:6: warning" in found and "read b(first)" in found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            lstm(", initial: @s", "s: {block: weight, units: 4}"),
            ["one reference for 2 states of h: c, h", "initial: {c: s}"],
        ),
        (lstm(", initial: {k: @zeros}"), ["h has no state 'k'", "its states: c, h"]),
        (
            lstm(", initial: g.state", "g: {block: lstm, input: x, units: 5}"),
            ["has 4, its initial value g.c(last) has 5", "block: linear, input: g.c(last), units: 4"],
        ),
        (
            lstm(", layers: 2, initial: g.state", "g: {block: lstm, input: x, units: 5, layers: 2}"),
            ["has 4", "has 5", "block: linear, input: g.final, units: 4"],
        ),
        (
            lstm(", initial: @g.state", "g: {block: gru, input: x, units: 4}"),
            ["states of g do not fit those of h: h against c, h", "h says bridge: dense"],
        ),
        (
            lstm(", layers: 2, initial: @g.state", "g: {block: lstm, input: x, units: 4}"),
            ["c, h against 1/forward/c, 1/forward/h, 2/forward/c", "bridge"],
        ),
        (lstm(", initial: {h: s}", "s: {block: weight, units: 5}"), ["has 4, its initial value s has 5", "units: 4"]),
        (spec("h: {block: attention, query: x, memory: x, units: 4, initial: @learned}"), ["h has no state"]),
        (spec("h: {value: x + h(t-1), initial: @{h: zeros}}"), ["h has one value"]),
        (
            spec("h: {value: x + h(t-1), initial: @g.state}\ng: {block: lstm, input: x, units: 8}"),
            ["one state, g has 2", "g.final"],
        ),
        (spec("h: tanh(@g.state)\ng: {block: attention, query: x, memory: x, units: 4}"), ["g has no state"]),
        (spec("h: {block: linear, input: x, units: 4, direction: @backward}"), ["has a direction", "no delay inside"]),
        (spec("h: {block: weight, units: 4, layers: @2}"), ["no port to stack along"]),
        (lstm(", layers: @20000"), ["at most 10000"]),
        (lstm(", layers: @$k"), ["not $k"]),
        (lstm(", residual: 1"), ["sizes 8 and 4 do not go together"]),
        (lstm(", gates: peephole, projection: 2"), ["peephole gates has no projection"]),
        (lstm(", share: g", "g: {block: gru, input: x, units: 4}"), ["h, an lstm, cannot share the weights of g"]),
        (lstm(", share: h"), ["cannot share the weights of h"]),
        (lstm(", share: g"), ["cannot share the weights of g", "other nodes of block lstm: none"]),
        (lstm(", share: g", "g: {block: lstm, input: x, units: 5}"), ["4 x 12 here and 5 x 13 there"]),
        (lstm(", share: g, layers: 2", "g: {block: lstm, input: x, units: 4}"), ["g, which has no g/2/forward"]),
        (
            lstm(", share: g", "g: {block: lstm, input: x, units: 4, share: h}"),
            ["share each other's weights: h -> g -> h"],
        ),
    ],
)
def test_what_cannot_be_opened(text: str, words: list[str]) -> None:
    refused(text, *words)


def test_sharing_is_followed_to_the_owner() -> None:
    cell = "{block: gru, input: x, units: 4"
    checked = model(spec(f"a: {cell}}}\nb: {cell}, share: a}}\nh: {cell}, share: b}}", outputs="y: h\nz: [a, b]"))
    assert checked.graph["h/1/forward/W_r"].modifiers.share == {"*": "a/1/forward/W_r"}
    assert {path.split("/")[0] for path in checked.weights} == {"a"}


@pytest.mark.parametrize(
    ("share", "words"),
    [
        ("{weight: e.weight}", None),
        ("{weigh: e.weight}", ["no weight 'weigh'", "did you mean weight?"]),
        ("{weight: e.weigh}", ["e.weigh, which does not exist", "did you mean weight?"]),
        ("{weight: f.weight}", ["f.weight, which is no weight"]),
        ("{bias: e.weight}", ["4 here and 6 x 4 there"]),
    ],
)
def test_single_weights_are_shared_by_name(share: str, words: list[str] | None) -> None:
    units = 4 if share.startswith("{bias") else 6
    text = spec(
        f"e: {{block: embedding, input: x, units: 4}}\nh: {{block: linear, input: e, units: {units}, share: @{share}}}",
        inputs="x: {tokens: 6}",
    )
    if words is None:
        assert set(model(text.replace("@", "")).weights["h"]) == {"bias"}
    else:
        refused(text, *words)


def test_what_fails_inside_a_block_leaves_nothing_of_it_behind() -> None:
    text = spec(
        "h: {block: lstm, input: x, units: 4, layers: 3, gates: peephole, projection: 2}\nk: tanh(h.c)",
        outputs="y: k\nz: h",
    )
    assert len(problems(text)) == 1


MIXED = """mine:
  inputs: [x]
  nodes:
    W: {block: linear, input: x, units: 4}
    n: {block: layer_norm, input: W, init: {weight: zeros}}
    u: {block: weight, units: 4, init: {uniform: 1}}
    y: n * u
  outputs: [y]"""


@pytest.mark.parametrize(
    ("said", "handed_on"),
    [
        ("zeros", {"W": "zeros", "n": {"weight": "zeros"}, "u": {"value": "zeros"}}),
        ("orthogonal", {"W": "orthogonal", "n": {"weight": "zeros"}, "u": {"uniform": 1}}),
        ("{bias: ones}", {"W": {"bias": "ones"}, "n": {"weight": "zeros", "bias": "ones"}, "u": {"uniform": 1}}),
        ("{value: {normal: 2}}", {"W": None, "n": {"weight": "zeros"}, "u": {"value": {"normal": 2}}}),
        ("{weight: xavier}", {"W": {"weight": "xavier"}, "n": {"weight": "zeros"}, "u": {"uniform": 1}}),
    ],
)
def test_what_a_use_says_of_first_values_goes_before_what_the_body_says(said: str, handed_on: dict[str, Any]) -> None:
    graph = opened(f"h: {{block: mine, x: x, init: {said}}}", blocks=MIXED)
    assert {name: graph[f"h/{name}"].modifiers.init for name in handed_on} == handed_on
    assert graph["h/y"].modifiers.init is None
