"""All blocks that ship: help, ports, parameters, sizes, bodies that open and check, and the registry."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from leporello.blocks import arithmetic, primitives
from leporello.blocks.families import FAMILIES
from leporello.blocks.other_names import OTHER_NAMES
from leporello.blocks.registry import BODIES, registry
from leporello.graphs.blocktypes import BlockType, Parameter, Value
from leporello.graphs.fields import REQUIRED
from leporello.graphs.functions import FUNCTIONS, REDUCING
from leporello.graphs.problems import SpecError
from leporello.graphs.size import Size
from tests.support.asking import model, problems, refused, spec

ALL = list(registry().values())
WRITTEN = [kind for kind in ALL if not kind.operator]
COMPOSITES = [kind for kind in ALL if kind.is_composite]
INPUTS = "x: {features: 8}\nw: {tokens: 8}"
VARIANTS: dict[str, list[dict[str, object]]] = {
    "rnn": [{"activation": "tanh"}, {"activation": "relu"}],
    "lstm": [{}, {"gates": "peephole"}, {"gates": "coupled"}, {"projection": 2}],
    "gru": [{"reset": "after"}, {"reset": "before"}],
    "attention": [{"score": score} for score in ("additive", "normalised", "dot", "scaled", "general")],
}
"""For each block with several bodies, parameters that choose each of them."""


def name_of(kind: BlockType) -> str:
    return kind.name


def use(kind: BlockType, more: str = "", units: str = "8") -> str:
    """A spec that uses the block in the plainest way, every output an output of the model."""
    said = [f"block: {kind.name}"]
    for port in kind.ports:
        read = "w" if port.kind == "tokens" or port.reads == "late" else "x"
        late = "(t-1)" if port.reads == "late" else "(all)" if kind.carried == "closed" else ""
        said.append(f"{port.name}: {read}{late}")
    if kind.many:
        said.append("input: [x, x]")
    for parameter in kind.parameters:
        if parameter.default is REQUIRED or parameter.name == "units":
            said.append(f"{parameter.name}: {'[a, b]' if parameter.type == 'names' else units}")
    outputs = "\n".join(
        f"{port}_out: k.{port}" for port in kind.outputs_of({"into": ("a", "b")} if kind.parameter("into") else {})
    )
    embedded = "embedded: {block: embedding, input: w, units: 2}"
    return spec(f"k: {{{', '.join(said)}{more}}}\n{embedded}", INPUTS, f"{outputs}\nz: [x]\nv: embedded")


@pytest.mark.parametrize("kind", ALL, ids=name_of)
def test_every_block_says_what_it_is(kind: BlockType) -> None:
    assert kind.help and kind.help[0] not in " A" and not kind.help.endswith(".")
    assert kind.is_composite != bool(kind.infer)
    assert len({port.name for port in kind.ports}) == len(kind.ports)
    for port in kind.ports:
        assert port.help or kind.operator


@pytest.mark.parametrize("kind", WRITTEN, ids=name_of)
def test_every_parameter_says_what_it_is_and_accepts_its_default(kind: BlockType) -> None:
    for parameter in kind.parameters:
        assert parameter.help
        assert parameter.allowed
        assert (parameter.type == "choice") == bool(parameter.choices)
        if parameter.default is not REQUIRED:
            assert parameter.accept(parameter.default) == parameter.default
        with pytest.raises(ValueError, match=parameter.name):
            parameter.accept(object())


@pytest.mark.parametrize("kind", WRITTEN, ids=name_of)
def test_every_block_is_used_and_checks(kind: BlockType) -> None:
    checked = model(use(kind))
    assert not checked.warnings
    for output in checked.graph.outputs:
        assert checked.value(output.wire).size is not None


@pytest.mark.parametrize("kind", WRITTEN, ids=name_of)
def test_sizes_work_on_symbols(kind: BlockType) -> None:
    text = use(kind, units="$n").replace("features: 8", "features: $n").replace("tokens: 8", "tokens: $n")
    checked = model(text)
    bound = model(text, n=6)
    for output in checked.graph.outputs:
        assert checked.value(output.wire).size is not None
        assert isinstance(bound.value(output.wire).size, int)
    for path, shapes in checked.weights.items():
        for name, shape in shapes.items():
            assert [_at(size, 6) for size in shape] == list(bound.weights[path][name])


def _at(size: object, n: int) -> int:
    if not isinstance(size, Size):
        assert isinstance(size, int)
        return size
    return int(sum(factor * n ** len(product) for product, factor in size.terms))


@pytest.mark.parametrize("kind", WRITTEN, ids=name_of)
def test_a_misspelled_key_is_told_with_the_nearest(kind: BlockType) -> None:
    (found,) = problems(use(kind, more=", labell: q"))
    assert "no key 'labell'" in found.what and "did you mean label?" in found.hint


@pytest.mark.parametrize("kind", WRITTEN, ids=name_of)
def test_missing_ports_are_told(kind: BlockType) -> None:
    if kind.ports:
        found = problems(spec(f"k: {{block: {kind.name}}}", INPUTS, "y: k\nz: [x]\nv: w"))
        lacking = [problem.what for problem in found if "lacks its port" in problem.what]
        assert lacking == [f"k lacks its port {port.name}" for port in kind.ports if not port.optional]


@pytest.mark.parametrize("kind", COMPOSITES, ids=name_of)
def test_composites_open_in_every_variant_layer_and_direction(kind: BlockType) -> None:
    for variant in VARIANTS.get(kind.name, [{}]):
        said = "".join(f", {key}: {value}" for key, value in variant.items())
        plain = model(use(kind, said))
        assert all(not registry()[node.block].is_composite for node in plain.graph)
        assert all(
            node.path.startswith("k/") or "/" not in node.path or node.path.startswith("z") for node in plain.graph
        )
        # Where attention looks carries an axis, of which there are two for two directions: it runs in one.
        if plain.loops and all(port.reads != "all" for port in kind.ports):
            for more in (
                ", layers: 2",
                ", direction: backward",
                ", direction: both, layers: 3, dropout: 0.1, initial: learned",
            ):
                stacked = model(use(kind, said + more))
                assert len(stacked.loops) > 0 and not stacked.warnings


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_families_name_files_that_there_are(name: str) -> None:
    chosen = set()
    for variant in VARIANTS[name]:
        kind = registry()[name]
        chosen.add(FAMILIES[name]({**{p.name: p.default for p in kind.parameters}, **variant}))
    assert chosen == {path.stem for path in BODIES.glob("*.yaml") if path.stem.split("-")[0] == name}


@pytest.mark.parametrize("path", sorted(BODIES.glob("*.yaml")), ids=lambda path: str(path.stem))
def test_bodies_begin_with_their_equations_and_name_their_paper(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    header = [line for line in lines if line.startswith("#")]
    assert lines[: len(header)] == header and header[0].endswith(".")
    assert any(" = " in line for line in header[1:])
    said = path.read_text(encoding="utf-8")
    assert (
        "\nhelp: " in said
        and "\npaper: " in said
        and any(digit in said.split("paper:")[1].split("\n")[0] for digit in "12")
    )


def test_every_name_stands_once() -> None:
    with pytest.raises(ValueError, match="two blocks are called tanh"):
        primitives.by_name([BlockType("tanh"), BlockType("exp"), BlockType("tanh")])
    names = list(registry())
    assert len(names) == len(set(names)) == len(registry())
    assert not {path.stem for path in BODIES.glob("*.yaml")} & set(primitives.PRIMITIVES)


def test_every_function_of_an_expression_is_a_block() -> None:
    assert set(FUNCTIONS) == set(arithmetic.FUNCTIONS) | set(arithmetic.REDUCING)
    assert set(arithmetic.REDUCING) == REDUCING


def test_bodies_are_read_when_they_are_asked_for() -> None:
    code = """
import leporello.blocks.registry as r, leporello.graphs.composing.compose as c
opened = []
def spy(event, arguments):
    if event == "open" and str(arguments[0]).endswith(".yaml"):
        opened.append(str(arguments[0]).replace("\\\\", "/").rsplit("/", 1)[1])
import sys
sys.addaudithook(spy)
found = r.registry()
assert "lstm" in found and len(found) > 30 and "nope" not in found and found.get("nope") is None
list(found)
assert opened == [], opened
from leporello.graphs.specs import read_spec
from leporello.graphs.analysis.checks import check
nodes = "nodes:\\n  h: {block: mine, x: x}\\noutputs: {y: h}\\n"
mine = "blocks:\\n  mine:\\n    inputs: [x]\\n    nodes: {y: {block: gru, input: x}}\\n    outputs: [y]\\n"
check(read_spec("spec: 1\\ninputs: {x: {features: 3}}\\n" + mine + nodes, found), found)
assert set(opened) == {"gru.yaml"}, opened
"""
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})


def test_an_unknown_block_is_told_with_the_nearest() -> None:
    with pytest.raises(SpecError, match="unknown block 'lsmt'\n  did you mean lstm"):
        registry().find("lsmt")
    with pytest.raises(SpecError, match="no pack 'my' is installed"):
        registry().find("my/lstm")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("dense", "did you mean linear? blocks: linear, "),
        ("fc", "did you mean linear? blocks: linear, "),
        ("nn.LSTMCell", "did you mean lstm? blocks: lstm, "),
        ("Simple_RNN", "did you mean rnn? blocks: rnn, "),
        ("lookup", "did you mean embedding? blocks: embedding, "),
        ("bahdanau", "did you mean attention? blocks: attention, "),
        ("LayerNorm", "did you mean layer_norm? blocks: layer_norm, "),
        ("concat", "write a list, such as input: [x, h(t-1)]; "),
        ("hadamard", "write an expression, such as a * b; "),
        ("delay", "write a read of an earlier step, such as h(t-1); "),
        ("BiLSTM", "write direction: both, on a block with delays inside; "),
        ("qqq", "blocks: "),
    ],
)
def test_what_has_another_name_elsewhere_is_told_by_its_name_here(name: str, hint: str) -> None:
    problem = refused(spec(f"h: {{block: @{name}, input: x, units: 4}}"), f"unknown block {name!r}")
    assert problem.hint.startswith(hint) and problem.hint.endswith("; `leporello blocks` lists all")
    own = spec(f"h: {{block: @{name}, x: x}}", blocks="mine: {inputs: [x], nodes: {y: tanh(x)}, outputs: [y]}")
    assert refused(own).hint.startswith(hint)


def test_other_names_mean_what_there_is_and_are_no_blocks() -> None:
    assert not set(OTHER_NAMES) & {name.replace("_", "") for name in registry()}
    assert {meant for meant in OTHER_NAMES.values() if " " not in meant} <= {kind.name for kind in WRITTEN}


@pytest.mark.parametrize(
    ("parameter", "value", "words"),
    [
        (Parameter("p"), 0, "a whole number of at least 1, not 0"),
        (Parameter("p"), True, "not true"),
        (Parameter("p", low=2, high=5), 6, "from 2 to 5, not 6"),
        (Parameter("p", "integer"), 0.5, "a whole number, not 0.5"),
        (Parameter("p", "number"), "1", "a number, not '1'"),
        (Parameter("p", "number"), True, "not true"),
        (Parameter("p", "boolean"), 1, "true or false, not 1"),
        (Parameter("p", "choice", choices=("a", "b")), "c", "one of a, b, not 'c'"),
        (Parameter("p", "names"), (), "a list of names, not"),
        (Parameter("p", "names"), ("a", "b c"), "a list of names"),
        (Parameter("p", "text"), 3, "a text, not 3"),
        (Parameter("p", "text"), "x" * 1000, None),
        (Parameter("p"), "x" * 100_000, "..."),
        (Parameter("p"), 10**12, "at most 1,000,000,000"),
    ],
)
def test_parameters_say_what_is_allowed(parameter: Parameter, value: object, words: str | None) -> None:
    if words is None:
        assert parameter.accept(value) == value
        return
    with pytest.raises(ValueError, match="p must be") as caught:
        parameter.accept(value)
    assert words in str(caught.value) and len(str(caught.value)) < 200


def test_values_print_as_they_are_told() -> None:
    assert [str(v) for v in (Value("tokens", 5), Value("features", Size.named("n")), Value())] == [
        "tokens out of 5",
        "$n",
        "an unknown size",
    ]
