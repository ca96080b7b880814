"""Reading a spec: keys, names, values, parameters, inputs and outputs, each refused at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from leporello.blocks.registry import registry
from leporello.graphs.nodes import Learned, Time, Wire
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_file, read_spec
from tests.support.asking import PLACE, model, problems, refused, spec

GOOD = spec("h: {block: linear, input: x, units: 4}")


def node(text: str) -> str:
    return spec(f"h: {text}\ns: {{block: weight, units: 8}}", outputs="y: h\nz: s")


def test_a_spec_becomes_a_graph_in_the_order_written() -> None:
    text = spec("U: {block: linear, input: x, units: 4}\nh: tanh(U + W)\nW: {block: linear, input: h(t-1), units: 4}")
    graph = read_spec("name: small\nlabel: A small one\n" + text + "training: {batch: 5}\n", registry(), "a.yaml")
    assert [n.path for n in graph] == ["x", "U", "h/1", "h", "W"]
    assert graph["W"].inputs == (("input", Wire("h", "", Time("t", -1))),)
    assert (graph.name, graph.label, graph.file) == ("small", "A small one", "a.yaml")
    assert graph.training == {"batch": 5}
    assert str(graph["h"].mark) == "a.yaml:8:3"


@pytest.mark.parametrize(
    "key", ["spec", "name", "label", "parameters", "inputs", "nodes", "outputs", "data", "training"]
)
def test_keys_that_are_misspelled_are_told_with_the_nearest(key: str) -> None:
    wrong = f"{key[:-1]}x" if key != "spec" else "specs"
    found = problems(f"{wrong}: 1\n{GOOD}")
    assert len(found) == 1
    assert f"unknown key {wrong!r}" in found[0].what and f"did you mean {key}?" in found[0].hint


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD.replace("spec: 1", "spec: @2"), "a newer Leporello"),
        (GOOD.replace("spec: 1", "spec: @0"), "spec: 0 is not known"),
        (GOOD.replace("spec: 1", "spec: @one"), "version number"),
        (GOOD.replace("spec: 1", "spec: @true"), "version number"),
        (GOOD.replace("spec: 1\n", "").replace("inputs", "@inputs", 1), "does not say its version"),
        ("spec: 1\nnodes: @{}\noutputs: {y: 1}", "nodes: is empty"),
        ("@spec: 1\noutputs: {y: 1}", "no nodes:"),
        ("@spec: 1\nnodes: {h: 1}", "no outputs:"),
        ("spec: 1\nnodes: @[h]\noutputs: {y: 1}", "must be a mapping"),
        (GOOD + "name: @a b\n", "is not a model's name"),
        (GOOD + "name: @[a]\n", "must be a text"),
        (GOOD + "data: @3\n", "must be a mapping"),
        ("@- a\n- b", "a spec is a mapping"),
    ],
)
def test_the_frame_of_a_spec(text: str, words: str) -> None:
    refused(text, words)


@pytest.mark.parametrize(
    "name",
    [
        "class",
        "def",
        "None",
        "forward",
        "train",
        "half",
        "type",
        "lengths",
        "state",
        "self",
        "tanh",
        "sum",
        "time",
        "x1",
        "a" * 100,
    ],
)
def test_names_of_nodes_that_are_taken(name: str) -> None:
    graph = model(spec(f"{name}: {{block: linear, input: [x, h(t-1)], units: 4}}\nh: {name}")).graph
    assert graph["h"].wires == (Wire(name),)


@pytest.mark.parametrize("name", ["t", "last", "first", "all", "none", "learned"])
def test_reserved_names(name: str) -> None:
    refused(spec(f"@{name}: x\nh: x"), "reserved")
    refused(spec("h: 1", inputs=f"@{name}: {{features: 1}}"), "reserved")
    refused(spec("h: x", more=f"parameters: {{@{name}: 3}}\n"), "reserved")


@pytest.mark.parametrize("name", ["_a", "a-b", "a.b", "a/b", "é", "'a b'", "'a\"b'", '"a\\nb"', "'<h>'", "$a", "а"])
def test_names_that_are_none(name: str) -> None:
    refused(spec(f"@{name}: x\nh: x"), "is not a node's name", "a letter of a to z, then letters, digits, _")


def test_a_name_has_at_most_100_characters() -> None:
    refused(spec(f"@{'a' * 101}: x\nh: x"), "101 characters")


@pytest.mark.parametrize("name", ["lengths", "state", "self"])
def test_names_that_no_input_has(name: str) -> None:
    found = refused(spec("h: 1", inputs=f"@{name}: {{features: 1}}"), "reserved")
    assert name in found.hint


def test_an_input_is_no_node() -> None:
    refused(spec("@x: 1\nh: x"), "x is an input and a node", "spec.yaml:3:3")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{block: @liner, input: x, units: 4}", ["unknown block 'liner'", "did you mean linear?"]),
        ("{block: @pack/liner, input: x, units: 4}", ["no pack 'pack' is installed"]),
        ("{block: @os.system, input: x}", ["unknown block"]),
        ("{block: @3}", ["a block's name"]),
        ("{block: @[lstm]}", ["a block's name"]),
        ("{block: @add, left: x, right: x}", ["not written as a block"]),
        ("{block: @input, features: 3}", ["inputs:"]),
        ("{block: linear, @inputs: x, units: 4}", ["no key 'inputs'", "did you mean input?"]),
        ("{block: linear, input: x, @unit: 4}", ["no key 'unit'", "did you mean units?"]),
        ("{block: @linear, units: 4}", ["lacks its port input"]),
        ("{block: linear, input: x, units: @0}", ["units must be a whole number of at least 1, not 0"]),
        ("{block: linear, input: x, units: @-3}", ["not -3"]),
        ("{block: linear, input: x, units: @true}", ["not true"]),
        ("{block: linear, input: x, units: @1.5}", ["not 1.5"]),
        ("{block: linear, input: x, units: @1e3}", ["not 1000.0"]),
        ("{block: linear, input: x, units: @null}", ["not nothing"]),
        ("{block: linear, input: x, units: @no}", ["not 'no'", "did you mean $no?"]),
        ("{block: linear, input: x, units: @1_000}", ["not '1_000'"]),
        ("{block: linear, input: x, units: @1:30}", ["not '1:30'"]),
        ("{block: linear, input: x, units: @99999999999}", ["at most 1,000,000,000"]),
        ("{block: linear, input: x, units: @[4]}", ["not [4]"]),
        ("{block: linear, input: x, units: @{a: 4}}", ["not a mapping"]),
        ("{block: linear, input: x, units: @8/3}", ["8 / 3 is not a whole number"]),
        ("{block: linear, input: x, units: @2*4 - 8}", ["not 0"]),
        ("{block: linear, input: x, units: 4, bias: @no}", ["true or false, not 'no'"]),
        ("{block: linear, input: x, units: 4, bias: @1}", ["true or false, not 1"]),
        ("{block: linear, input: @{a: b}, units: 4}", ["a mapping cannot be read"]),
        ("{block: linear, input: @[], units: 4}", ["an empty list"]),
        ("{block: linear, input: @, units: 4}", ["empty expression"]),
        ("{block: linear, input: [x, @q(t-1)], units: 4}", ["unknown name 'q'"]),
        ("{block: linear, input: @x.c, units: 4}", ["x has no port 'c'"]),
        ("{block: dropout, input: x, rate: @1.5}", ["a number from 0 to 1, not 1.5"]),
        ("{block: lstm, input: x, gates: @peephol}", ["one of separate, peephole, coupled"]),
        ("{block: split, input: x, into: @a}", ["a list of names"]),
        ("{block: split, input: x, into: @[1, 2]}", ["a list of names, not [1, 2]"]),
        ("{block: split, input: x, into: @[a, 'b\"']}", ["a list of names"]),
        ("{block: split, input: x, into: @[a, _b]}", ["a list of names"]),
        ("{block: concatenate, input: @x}", ["needs a list"]),
        ("{block: linear, input: x, @value: tanh(x), units: 4}", ["both block: and value:"]),
        ("{block: linear, input: x, units: 4, layers: @0}", ["layers must be a whole number"]),
        ("{block: lstm, input: x, units: 4, direction: @up}", ["backward, both, forward"]),
        ("{block: lstm, input: x, units: 4, dropout: @2}", ["from 0 to 1"]),
        ("{block: lstm, input: x, units: 4, frozen: @maybe}", ["true or false"]),
        ("{block: lstm, input: x, units: 4, init: @[a]}", ["init: must be"]),
        ("{block: lstm, input: x, units: 4, axis: @word/letter}", ["not yet supported"]),
        ("{block: lstm, input: x, units: 4, axis: @3}", ["not an axis's name"]),
        ("{block: lstm, input: x, units: 4, initial: @true}", ["initial: must be a value"]),
        ("{block: lstm, input: x, units: 4, initial: {h: @q}}", ["unknown name 'q'"]),
        ("{value: tanh(x), @units: 4}", ["no key 'units'"]),
        ("", ["empty expression"]),
    ],
)
def test_a_use_of_a_block(text: str, words: list[str]) -> None:
    refused(node(text), *words)


@pytest.mark.parametrize(
    ("text", "words"), [("{label: h}", "neither block: nor value:"), ("{}", "neither"), ("{blok: lstm}", "block")]
)
def test_a_node_that_is_nothing(text: str, words: str) -> None:
    refused(node(text).replace("h: {", "@h: {"), words)


def test_a_missing_parameter_is_told_with_what_it_is() -> None:
    refused(node("{block: linear, input: x}").replace("h: {", "@h: {"), "needs units", "how many features it gives")


@pytest.mark.parametrize(
    ("text", "initial"),
    [
        ("zeros", 0.0),
        ("learned", Learned()),
        ("1e-3", 0.001),
        ("-2", -2.0),
        ("s", (Wire("s"),)),
        ("x(first)", (Wire("x", "", Time("first")),)),
    ],
)
def test_initial_values(text: str, initial: object) -> None:
    graph = model(node(f"{{value: h(t-1) + x, initial: {text}}}")).graph
    assert graph["h"].initial == initial


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("@x: 8", "must say what it holds"),
        ("x: @{}", "features: or tokens:"),
        ("x: @{features: 8, tokens: 3}", "one of them"),
        ("x: {features: @0}", "at least 1, not 0"),
        ("x: {features: @-3}", "not -3"),
        ("x: {features: @.5}", "not 0.5"),
        ("x: {tokens: @words}", "did you mean $words?"),
        ("x: {features: 8, @axs: time}", "did you mean axis?"),
        ("x: {features: 8, axis: @all}", "reserved"),
        ("x: {features: 8, kind: @ordinal}", "real, binary"),
        ("x: {tokens: 8, @kind: binary}", "kind: is for features"),
    ],
)
def test_inputs(text: str, words: str) -> None:
    text = text.replace("@x: 8", "x: @8")
    refused(spec("h: x", inputs=text), words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("y: @q", "unknown name 'q'"),
        ("y:", "empty expression"),
        ("y: {@of: h}", "no key 'of'"),
        ("y: @{predicts: x}", "does not say what it gives"),
        ("y: {from: h, predicts: @z}", "is no input"),
        ("y: {from: h, predicts: x, loss: @cubed}", "loss must be one of cross_entropy, ctc, squared, absolute"),
        ("y: {from: h, predicts: x, leak: @yes}", "allowed"),
        ("y: {from: h, @loss: squared}", "predicts nothing"),
        ("y: {from: h, @leak: allowed}", "predicts nothing"),
        ("y: {from: @{a: h}}", "a mapping cannot be read"),
        ("y: {@predict: x, from: h}", "did you mean predicts?"),
        ("@t: h", "reserved"),
    ],
)
def test_outputs(text: str, words: str) -> None:
    refused(spec("h: {block: linear, input: x(t-1), units: 8}", outputs=text), words)


def test_outputs_may_be_any_value() -> None:
    outputs = "a: h\nb: h(t-1)\nc: [h, x]\nd: tanh(h)\ne: x\nf: {from: h, predicts: x}"
    checked = model(spec("h: {block: linear, input: x(t-1), units: 8}", outputs=outputs))
    assert [output.name for output in checked.graph.outputs] == list("abcdef")
    assert [checked.value(output.wire).size for output in checked.graph.outputs] == [8, 8, 16, 8, 8, 8]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{n: @0}", "at least 1, not 0"),
        ("{n: @x}", "did you mean $x?"),
        ("{@'n n': 3}", "is not a parameter's name"),
        ("{n: @{a: 3}}", "not a mapping"),
        ("@[n]", "must be a mapping"),
        ("{n: $n}", "is defined by itself"),
        ("{n: $m, m: 2 * $n}", "$n -> $m -> $n"),
        ("{n: $m - 4, m: 4}", "not 0"),
        ("{n: $m / 3, m: 4}", "4 / 3 is not a whole number"),
    ],
)
def test_parameters(text: str, words: str) -> None:
    refused(spec("h: {block: linear, input: x, units: $n}", more=f"parameters: {text}\n"), words)


def test_parameters_are_sizes() -> None:
    text = spec("h: {block: linear, input: x, units: $n}", more="parameters: {n: 2 * $m, m: 4}\n")
    assert model(text).values["h", ""].size == 8
    assert model(text, m=5).values["h", ""].size == 10


def test_problems_are_told_at_once_and_none_of_them_makes_another() -> None:
    text = """\
spec: 1
inputs:
  x: {features: 8, @axs: time}
nodes:
  a: {block: @liner, input: x, units: 4}
  b: {block: linear, input: [a, @q], units: 4}
  @c: tanh(x) + d
  d: {block: linear, input: x, units: 5}
  @e: tanh(e)
  @f: 0.5 * f(t-1)
  g: {block: linear, input: [b, c, e, f], units: @none}
outputs:
  y: g
"""
    found = problems(text.replace(PLACE, ""))
    expected = []
    while PLACE in text:
        before, text = text.split(PLACE, 1)
        expected.append((before.count("\n") + 1, len(before) - before.rfind("\n")))
        text = before + text
    assert [(p.mark.line, p.mark.column) for p in found if p.mark] == expected


def test_a_file_is_read_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(GOOD.replace("linear", "liner"), encoding="utf-8")
    with pytest.raises(SpecError, match=f"{path}:5:14: error: unknown block"):
        read_file(path, registry())
    with pytest.raises(SpecError, match="there is no such file"):
        read_file(tmp_path / "b.yaml", registry())


def test_a_spec_has_at_most_10_000_nodes() -> None:
    nodes = "".join(f"  h{i}: x\n" for i in range(10_000))
    head = "spec: 1\ninputs:\n  x: {features: 1}\nnodes:\n"
    with pytest.raises(SpecError, match="10001 nodes"):
        read_spec(head + nodes + "outputs:\n  y: h1\n", registry())
