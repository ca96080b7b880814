"""Axes: on which one a node runs, which ones it carries, and what does not go together."""

from __future__ import annotations

import pytest

from tests.support.asking import model, refused, spec

TWO = "s: {features: 8, axis: source}\ng: {features: 8, axis: target}"


def clocks(nodes: str, inputs: str = TWO, outputs: str = "y: h") -> dict[str, str]:
    checked = model(spec(nodes, inputs, outputs))
    return {path: str(axes) for path, axes in checked.axes.items() if "/" not in path}


@pytest.mark.parametrize(
    ("nodes", "axes"),
    [
        ("h: tanh(s)", "source"),
        ("h: tanh(g(t-2))", "target"),
        ("h: s(last)", "once"),
        ("h: s(first) + g", "target"),
        ("h: s(all)", "source*"),
        ("h: g + s(all)", "target, source*"),
        ("h: s + s(all)", "source, source*"),
        ("h: sum(s(all))", "once"),
        ("h: sum(g * s(all))", "target"),
        ("h: {block: max, input: [s(all), g(all)], over: source}", "target*"),
        ("h: {block: weight, units: 3}", "once"),
        ("h: {block: weight, units: 8}\nk: h + s", "once"),
        ("h: {value: 0.5 * h(t-1), axis: target}", "target"),
        ("h: {block: rnn, input: v, units: 3, axis: target}\nv: {block: weight, units: 3}", "target"),
        ("h: s + h(t-1)", "source"),
        ("h: {block: attention, query: g, memory: s, units: 3}", "target"),
        ("k: {block: attention, query: g, memory: s, units: 3}\nh: k.weights", "target, source*"),
        ("k: {block: attention, query: g, memory: s, units: 3}\nh: k.weights(t-1)", "target, source*"),
        ("k: {block: attention, query: s, memory: s, units: 3}\nh: k.weights", "source, source*"),
        ("h: {block: attention, query: v, memory: s, units: 3}\nv: {block: weight, units: 3}", "once"),
        ("h: 3", "once"),
    ],
)
def test_axes_are_inferred(nodes: str, axes: str) -> None:
    outputs = "y: k" if "k: h + s" in nodes else "y: h"
    checked = model(spec(nodes, TWO, outputs))
    wire = checked.graph.outputs[0].wire
    source = "h" if "h" in checked.axes else wire.source
    assert str(checked.axes[source]) == axes


def test_an_input_has_the_axis_time_unless_it_says_otherwise() -> None:
    inputs = "a: {features: 2}\nb: {features: 2, axis: none}\nc: {features: 2, axis: deep}"
    found = clocks("h: [a, b]\nk: [c, b]", inputs, "y: h\nz: k")
    assert found == {"a": "time", "b": "once", "c": "deep", "h": "time", "k": "deep"}


def test_all_reads_of_an_axis_in_one_body_share_one_carried_axis() -> None:
    checked = model(spec("k: {block: linear, input: s, units: 8}\nh: sum(k(all) * s(all))", TWO))
    assert str(checked.axes["h/1"]) == "source*"
    assert checked.axes["h"].over == ("source", "")


def test_all_reads_in_two_bodies_are_two_carried_axes() -> None:
    carrying = "{block: attention, query: s, memory: s, units: 3}"
    refused(spec(f"a: {carrying}\n@h: a.weights * s(all)", TWO), "carries the axis source twice", "sum, mean or max")


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ("@h: s + g", ["different axes at the same step: s on source, g on target", "g(all), g(last)"]),
        ("h: {block: linear, input: @[s, g], units: 3}", ["h/input reads nodes of different axes"]),
        ("h: {value: tanh(s), axis: @target}", ["h says axis: target but reads s, which runs on source"]),
        ("h: {value: tanh(s), axis: @none}", ["h says axis: none but reads s"]),
        ("@h: {block: rnn, input: s, units: 3, axis: target}", ["h says axis: target but reads s"]),
        ("h: tanh(s + k(t-1))\nk: tanh(@g + h(t-1))", ["different axes"]),
        ("@h: 0.5 * h(t-1)", ["nothing that has a time axis goes into the loop h -> h", "such as axis: time"]),
        ("@h: {value: 0.5 * h(t-1), axis: none}", ["nothing that has a time axis goes into the loop h -> h"]),
        ("@h: {value: 0.5 * k(t-1), axis: target}\n@k: {value: h + 1, axis: source}", ["in the same loop says"]),
        ("v: {block: weight, units: 8}\nh: @v(t-1) + s", ["v has no time axis", "read it as v"]),
        ("v: {block: weight, units: 8}\nh: @v(last) + s", ["v has no time axis"]),
        ("v: {block: weight, units: 8}\nh: sum(@v(all) + s)", ["v has no time axis"]),
        ("k: s(all)\nh: @k(t-1)", ["k has no time axis"]),
        ("@h: sum(s)", ["nothing is carried", "such as s(all)"]),
        ("@h: {block: mean, input: s}", ["nothing is carried"]),
        ("h: {block: softmax, input: s, over: @source}", ["'source' is not carried into h", "carried: none"]),
        ("h: {block: softmax, input: s(all), over: @sourc}", ["did you mean source?"]),
        ("@h: {block: softmax, input: [s(all), g(all)]}", ["several axes", "source, target"]),
        ("h: {value: h(t-1) + s, initial: @g}", ["initial value of h reads g, which runs on target", "g(last)"]),
        ("h: {value: h(t-1) + s, initial: @g(all)}", ["initial value of h"]),
        (
            "h: {block: attention, query: g, memory: @v, units: 3}\nv: {block: weight, units: 8}",
            ["memory", "v has no time axis"],
        ),
        ("h: {block: attention, query: g, memory: @s(last), units: 3}", ["s(last) has no time axis"]),
        (
            "h: {block: dot_attention, query: g, memory: @v, units: 8}\nv: {block: weight, units: 8}",
            ["memory", "v has no time"],
        ),
    ],
)
def test_axes_that_do_not_go_together(nodes: str, words: list[str]) -> None:
    if nodes.count("@") > 1:
        nodes = nodes.replace("@", "")
    refused(spec(nodes, TWO), *words)


def test_softmax_runs_over_the_carried_axis_if_there_is_one() -> None:
    nodes = "a: {block: softmax, input: s}\nb: {block: softmax, input: s(all)}\n"
    nodes += "c: {block: softmax, input: s(all), over: features}"
    checked = model(spec(nodes, TWO, "y: a\nz: b\nw: c"))
    assert [checked.axes[name].over for name in "abc"] == [None, ("source", ""), None]


def test_an_output_runs_on_the_axis_of_what_it_predicts() -> None:
    inputs = "x: {features: 8, axis: source}\nlabel: {tokens: 3, axis: none}\ntags: {tokens: 3}"
    nodes = "o: {block: linear, input: x, units: 3}\nh: o(last)"
    refused(spec(nodes, inputs, "y: {from: @o, predicts: tags}"), "y runs on source", "tags, which runs on time")
    refused(spec(nodes, inputs, "y: {from: @o, predicts: label}"), "is computed once", "h(last)")
    assert model(spec(nodes, inputs, "y: {from: h, predicts: label}")).axes["h"].own is None
