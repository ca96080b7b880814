"""Bridges: which states become which first values, where layers, directions, cells and sizes differ."""

from __future__ import annotations

import pytest

from leporello.graphs.analysis.bridges import bridges_of
from leporello.graphs.nodes import Wire
from tests.support.asking import model, refused, spec

INPUTS = "x: {features: 3, axis: source}\ny: {features: 3}"
BODIES = """
    leaky:
      inputs: [x]
      parameters: {units: 4}
      nodes:
        W: {block: linear, input: [x, s(t-1)], units: $units}
        s: tanh(W)
      outputs: [s]
    wrapped:
      inputs: [x]
      parameters: {units: 4}
      nodes:
        inner: {block: lstm, input: x, units: $units}
        total: total(t-1) + inner
      outputs: [total]
"""


def bridged(encoder: str, decoder: str, bridge: str) -> dict[str, tuple[str, ...]]:
    """What the states of `d` are made of, by their paths below `d` and `e`."""
    nodes = f"e: {{block: {encoder}}}\nd: {{block: {decoder}, initial: e.state, bridge: {bridge}}}"
    (found,) = bridges_of(model(spec(nodes, INPUTS, "o: d", BODIES)))
    assert (found.node, found.source, found.kind) == ("d", "e", bridge)
    return {state[2:]: tuple(giver[2:] for giver in givers) for state, givers in found.states.items()}


@pytest.mark.parametrize(
    ("encoder", "decoder", "states"),
    [
        (
            "lstm, input: x, units: 4, layers: 3",
            "lstm, input: y, units: 4, layers: 2",
            {
                "1/forward/c": ("2/forward/c",),
                "1/forward/h": ("2/forward/h",),
                "2/forward/c": ("3/forward/c",),
                "2/forward/h": ("3/forward/h",),
            },
        ),
        (
            "gru, input: x, units: 4",
            "gru, input: y, units: 4, layers: 2",
            {"1/forward/h": ("1/forward/h",), "2/forward/h": ()},
        ),
        (
            "lstm, input: x, units: 2, direction: both",
            "gru, input: y, units: 4",
            {"1/forward/h": ("1/forward/h", "1/backward/h")},
        ),
        ("gru, input: x, units: 4", "lstm, input: y, units: 4", {"1/forward/c": (), "1/forward/h": ("1/forward/h",)}),
        (
            "gru, input: x, units: 4",
            "gru, input: y, units: 4, direction: both",
            {"1/forward/h": ("1/forward/h",), "1/backward/h": ()},
        ),
        (
            "rnn, input: x, units: 4, direction: both",
            "leaky, x: y, units: 4, direction: both",
            {"1/forward/s": ("1/forward/h",), "1/backward/s": ("1/backward/h",)},
        ),
        (
            "encoder, input: x, units: 4, layers: 3, two_way: 1",
            "lstm, input: y, units: 4",
            {"1/forward/c": ("cells/2/forward/c",), "1/forward/h": ("cells/2/forward/h",)},
        ),
        (
            "wrapped, x: x, units: 4",
            "lstm, input: y, units: 4",
            {"1/forward/c": ("1/forward/inner/1/forward/c",), "1/forward/h": ("1/forward/inner/1/forward/h",)},
        ),
    ],
)
def test_copied_layer_by_layer_and_by_name(encoder: str, decoder: str, states: dict[str, tuple[str, ...]]) -> None:
    assert bridged(encoder, decoder, "copy") == states


@pytest.mark.parametrize("encoder", ["lstm, input: x, units: 5, direction: both", "wrapped, x: x, units: 2"])
@pytest.mark.parametrize("decoder", ["lstm, input: y, units: 3, layers: 2", "leaky, x: y, units: 7, direction: both"])
def test_a_dense_bridge_fits_any_states(encoder: str, decoder: str) -> None:
    found = bridged(encoder, decoder, "dense")
    assert len(found) == (4 if decoder.startswith("lstm") else 2)
    assert len(set(found.values())) == 1 and len(next(iter(found.values()))) >= 3


def test_a_dense_bridge_is_a_layer_for_each_state_and_takes_what_is_said_of_weights() -> None:
    nodes = "e: {block: gru, input: x, units: 5}\n"
    nodes += "d: {block: gru, input: y, units: 4, initial: e.state, bridge: dense, init: zeros, frozen: true}"
    graph = model(spec(nodes, INPUTS, "o: d")).graph
    assert graph["d/1/forward/h"].initial == (Wire("d/bridge/h_start"),)
    assert graph["d/bridge/h_start"].block == "tanh"
    layer = graph["d/bridge/h"]
    assert (layer.block, layer.parameters["units"], layer.body) == ("linear", 4, "d/bridge")
    assert layer.modifiers.frozen and layer.modifiers.init == "zeros"


def test_sizes_may_be_names() -> None:
    nodes = (
        "e: {block: gru, input: x, units: $n}\nd: {block: gru, input: y, units: $k, initial: e.state, bridge: dense}"
    )
    checked = model(spec(nodes, INPUTS, "o: d"))
    assert [str(size) for size in checked.weights["d/bridge/h"]["weight"]] == ["$k", "$n"]


@pytest.mark.parametrize(
    ("nodes", "told", "hint"),
    [
        (
            "e: {block: gru, input: x, units: 5}\nd: {block: gru, input: y, units: 4, initial: e.state, bridge: @copy}",
            "d/1/forward/h has 4, e/1/forward/h has 5: that cannot be copied",
            "bridge: dense",
        ),
        (
            "e: {block: gru, input: x, units: 3, direction: both}\n"
            "d: {block: gru, input: y, units: 3, initial: e.state, bridge: @copy}",
            "e/1/forward/h and e/1/backward/h have 6",
            "bridge: dense",
        ),
        (
            "e: {value: x + e(t-1)}\nd: {block: gru, input: y, units: 3, initial: e(last), bridge: @copy}",
            "not from which states",
            "initial: encoder.state",
        ),
        ("d: {block: gru, input: y, units: 3, bridge: @dense}\ne: tanh(x)", "not from which states", "initial:"),
        (
            "e: {block: gru, input: x, units: 3}\nd: {block: linear, input: y, units: 3, bridge: @copy}",
            "d, a linear, has no cell",
            "take bridge: away",
        ),
        (
            "e: {block: gru, input: x, units: 3}\n"
            "d: {block: attention, query: y, memory: y, initial: e.state, bridge: @copy}",
            "d has no cell",
            "take bridge: away",
        ),
        (
            "e: {block: gru, input: x, units: 3}\nd: {block: gru, input: y, units: 3, initial: e.state, bridge: @cpoy}",
            "not 'cpoy'",
            "did you mean copy",
        ),
    ],
)
def test_what_is_refused(nodes: str, told: str, hint: str) -> None:
    problem = refused(spec(nodes, INPUTS, "o: d\np: e(last)"))
    assert told in problem.what and hint in problem.hint
