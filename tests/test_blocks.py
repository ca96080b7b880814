"""All blocks, shipped and a user's own: help, ports, parameters, bodies that open and check, files beside a spec."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from asking import model, problems, refused, spec

from leporello.blocks import primitives
from leporello.blocks.families import FAMILIES
from leporello.blocks.registry import BODIES, registry
from leporello.graphs.blocktypes import REQUIRED, BlockType, Parameter, Value
from leporello.graphs.checks import check
from leporello.graphs.functions import FUNCTIONS, REDUCING
from leporello.graphs.problems import SpecError
from leporello.graphs.reading import read_file
from leporello.graphs.size import Size

ALL = list(registry().values())
WRITTEN = [kind for kind in ALL if not kind.operator]
COMPOSITES = [kind for kind in ALL if kind.is_composite]
INPUTS = "x: {features: 8}\nw: {tokens: 8}"
VARIANTS = {
    "rnn": [{"activation": "tanh"}, {"activation": "relu"}],
    "lstm": [{}, {"gates": "peephole"}, {"gates": "coupled"}, {"projection": 2}],
    "gru": [{"reset": "after"}, {"reset": "before"}],
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
    outputs = "\n".join(f"{port}_out: k.{port}" for port in kind.outputs_of({"into": ("a", "b")} if kind.parameter("into") else {}))
    return spec(f"k: {{{', '.join(said)}{more}}}", INPUTS, f"{outputs}\nz: [x]\nv: w")


@pytest.mark.parametrize("kind", ALL, ids=name_of)
def test_every_block_says_what_it_is(kind: BlockType) -> None:
    assert kind.help and kind.help[0] not in " A" and not kind.help.endswith(".")
    assert kind.is_composite != bool(kind.infer)
    assert kind.is_composite or kind.expression or kind.name in ("input", "number", "concatenate", "split", "feedback", *SPECIAL)
    assert len({port.name for port in kind.ports}) == len(kind.ports)
    for port in kind.ports:
        assert port.help or kind.operator


SPECIAL = ("softmax", "sum", "mean", "max", "dropout", "sample")


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
        assert all(node.path.startswith("k/") or "/" not in node.path or node.path.startswith("z") for node in plain.graph)
        if plain.loops:
            for more in (", layers: 2", ", direction: backward", ", direction: both, layers: 3, dropout: 0.1, initial: learned"):
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
    assert "\nhelp: " in said and "\npaper: " in said and any(digit in said.split("paper:")[1].split("\n")[0] for digit in "12")


def test_every_name_stands_once() -> None:
    with pytest.raises(ValueError, match="two blocks are called tanh"):
        primitives.by_name([BlockType("tanh"), BlockType("exp"), BlockType("tanh")])
    names = list(registry())
    assert len(names) == len(set(names)) == len(registry())
    assert not {path.stem for path in BODIES.glob("*.yaml")} & set(primitives.PRIMITIVES)


def test_every_function_of_an_expression_is_a_block() -> None:
    assert set(FUNCTIONS) == set(primitives.FUNCTIONS) | set(primitives.REDUCING)
    assert set(primitives.REDUCING) == REDUCING


def test_bodies_are_read_when_they_are_asked_for() -> None:
    code = """
import leporello.blocks.registry as r, leporello.graphs.composing as c
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
from leporello.graphs.reading import read_spec
from leporello.graphs.checks import check
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


# A user's own blocks.

HEAD = "inputs: {x: {kind: features, help: what it reads}}\n"
BODY = "nodes:\n  y: {block: linear, input: [x, y(t-1)], units: $units}\noutputs: [y]\n"


def own(block: str, using: str = "{block: mine, x: x}", more: str = "", outputs: str = "y: h") -> str:
    return spec(f"h: {using}", blocks=f"mine:\n{_indented(block)}\n{more}", outputs=outputs)


def _indented(text: str) -> str:
    return "\n".join("  " + line for line in text.strip().splitlines())


def test_a_users_cell_is_worth_as_much_as_a_shipped_one() -> None:
    text = own(HEAD + "parameters: {units: 4}\n" + BODY, "{block: mine, x: x, units: 5, layers: 2, direction: both}")
    checked = model(text)
    assert checked.value(checked.graph.outputs[0].wire).size == 10
    assert len(checked.loops) == 4


def test_blocks_may_use_each_other_in_any_order() -> None:
    other = "other:\n  inputs: [x]\n  nodes: {y: tanh(x)}\n  outputs: [y]"
    assert model(own("inputs: [x]\nnodes: {y: {block: other, x: x}}\noutputs: [y]", more=other)).graph["h/y/y"].block == "tanh"


def test_outputs_of_a_block_may_be_expressions_and_other_nodes() -> None:
    block = "inputs: [x]\nnodes: {y: tanh(x)}\noutputs: {first_one: y, sum_of_both: x + y, late: y(t-1), raw: x}"
    checked = model(own(block, outputs="a: h\nb: h.sum_of_both\nc: h.late\nd: h.raw"))
    assert [checked.graph.outputs[0].wire.source, checked.graph.outputs[3].wire.source] == ["h/y", "x"]


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ("inputs: [x]\nnodes: {y: tanh(@a)}\noutputs: [y]", ["unknown name 'a'", "x, y"]),
        ("inputs: [x]\nnodes: {y: @x / $n}\noutputs: [y]", ["unknown parameter $n"]),
        ("inputs: [x]\nnodes: {y: {block: linear, input: x, units: @$n}}\noutputs: [y]", ["unknown parameter $n", "none"]),
        ("inputs: [x]\nnodes: {y: tanh(x)}\noutputs: [@z]", ["unknown name 'z'"]),
        ("inputs: [x]\nnodes: {y: @x.c}\noutputs: [y]", ["x has no port 'c'"]),
        ("inputs: [x]\nnodes: {y: {block: @liner, input: x}}\noutputs: [y]", ["did you mean linear?"]),
        ("inputs: [x]\nnodes: {@x: tanh(x)}\noutputs: [x]", ["x is a port and a node"]),
        ("inputs: [x]\nnodes: {@a b: tanh(x)}\noutputs: [x]", ["not a node's name"]),
        ("@input: [x]\nnodes: {y: tanh(x)}\noutputs: [y]", ["did you mean inputs?"]),
        ("@inputs: [x]\nnodes: {y: tanh(x)}", ["needs nodes: and outputs:"]),
        ("@inputs: [x]\noutputs: [y]", ["needs nodes: and outputs:"]),
        ("inputs: [x]\nnodes: @[y]\noutputs: [y]", ["nodes must be a mapping"]),
        ("inputs: [x]\nnodes: {y: x}\noutputs: @y", ["a list of names or a mapping"]),
        ("inputs: [x]\nnodes: {y: x}\noutputs: [@state]", ["cannot be called 'state'"]),
        ("inputs: [x]\nnodes: {y: x}\noutputs: {@final: y}", ["cannot be called 'final'"]),
        ("inputs: [x]\nnodes: {y: x}\noutputs: {@a-b: y}", ["not an output's name"]),
        ("inputs: [x]\nnodes: {y: x}\noutputs: [y, @y]", ["twice"]),
        ("inputs: [x, @x]\nnodes: {y: x}\noutputs: [y]", ["twice"]),
        ("inputs: @x\nnodes: {y: x}\noutputs: [y]", ["a list of names"]),
        ("inputs: [@t]\nnodes: {y: x}\noutputs: [y]", ["reserved"]),
        ("inputs: [@layers]\nnodes: {y: 1}\noutputs: [y]", ["a port cannot be called 'layers'"]),
        ("inputs: [@block]\nnodes: {y: 1}\noutputs: [y]", ["a port cannot be called 'block'"]),
        ("inputs: {x: @3}\nnodes: {y: x}\noutputs: [y]", ["port x must be a mapping"]),
        ("inputs: {x: {kind: @token}}\nnodes: {y: x}\noutputs: [y]", ["features, tokens or any"]),
        ("inputs: {x: {reads: @often}}\nnodes: {y: x}\noutputs: [y]", ["t, late or all"]),
        ("inputs: {x: {optional: @maybe}}\nnodes: {y: x}\noutputs: [y]", ["true or false"]),
        ("inputs: {x: {help: @[a]}}\nnodes: {y: x}\noutputs: [y]", ["must be a text"]),
        ("inputs: {x: {@helps: a}}\nnodes: {y: x}\noutputs: [y]", ["did you mean help?"]),
        ("inputs: [x]\nparameters: {@axis: 3}\nnodes: {y: x}\noutputs: [y]", ["a parameter cannot be called 'axis'"]),
        ("inputs: [x]\nparameters: {n: {type: @sise}}\nnodes: {y: x}\noutputs: [y]", ["one of size, integer"]),
        ("inputs: [x]\nparameters: {n: {type: @[size]}}\nnodes: {y: x}\noutputs: [y]", ["one of size, integer"]),
        ("inputs: [x]\nparameters: {n: {default: 3, low: @five}}\nnodes: {y: x}\noutputs: [y]", ["low: of parameter n must be a number"]),
        ("inputs: [x]\nparameters: {n: {default: @3, low: 5}}\nnodes: {y: x}\noutputs: [y]", ["at least 5, not 3"]),
        ("inputs: [x]\nparameters: {n: {choices: @[]}}\nnodes: {y: x}\noutputs: [y]", ["a list of texts"]),
        ("inputs: [x]\nparameters: {n: {choices: [a], default: @b}}\nnodes: {y: x}\noutputs: [y]", ["one of a, not 'b'"]),
        ("inputs: [x]\nparameters: {@n: {type: choice}}\nnodes: {y: x}\noutputs: [y]", ["has no choices:"]),
        ("inputs: [x]\nnodes: {@y: {block: mine, x: x}}\noutputs: [y]", ["contains itself", "mine -> mine"]),
        ("@3", ["must be a mapping"]),
        ("@[x]", ["must be a mapping"]),
    ],
)
def test_faults_of_a_block_are_told_once_and_at_their_place(block: str, words: list[str]) -> None:
    refused(own(block, "{block: mine, x: x, layers: 2}"), *words)


def test_blocks_that_contain_each_other() -> None:
    other = "other:\n  inputs: [x]\n  nodes:\n    @y: {block: mine, x: x}\n  outputs: [y]"
    refused(own("inputs: [x]\nnodes: {y: {block: other, x: x}}\noutputs: [y]", more=other), "mine -> other -> mine")


def test_a_chain_of_blocks_that_is_too_deep() -> None:
    chain = "\n".join(f"b{i}:\n  inputs: [x]\n  nodes: {{y: {{block: b{i + 1}, x: x}}}}\n  outputs: [y]" for i in range(200))
    last = "\nb200:\n  inputs: [x]\n  nodes: {y: tanh(x)}\n  outputs: [y]"
    (found,) = problems(spec("h: {block: b0, x: x}", blocks=chain + last))
    assert "deeper than 32" in str(found)


def test_names_that_are_taken() -> None:
    refused(spec("h: x", blocks="@lstm:\n  inputs: [x]\n  nodes: {y: x}\n  outputs: [y]"), "lstm ships with the program")
    refused(spec("h: x", blocks="@a-b:\n  inputs: [x]\n  nodes: {y: x}\n  outputs: [y]"), "not a block's name")


def test_ports_of_a_users_block_are_checked_at_their_use() -> None:
    tokens = "inputs: {x: {kind: tokens}}\nnodes: {y: {block: embedding, input: x, units: 3}}\noutputs: [y]"
    found = refused(own(tokens), "h, a mine, reads features from x at its port x")
    assert found.mark is not None and found.mark.line == 10
    late = "inputs: {x: {reads: late}}\nnodes: {y: tanh(x)}\noutputs: [y]"
    refused(own(late), "needs a delay of at least one step", "x: x(t-1)")
    assert model(own(late, "{block: mine, x: x(t-2)}"))


def test_parameters_of_a_users_block_are_checked_at_their_use() -> None:
    header = "inputs: [x]\nparameters: {units: {type: size, low: 2}, act: {choices: [a, b], default: a}, rate: 0.5, bias: true}\n"
    body = "nodes: {y: {block: linear, input: x, units: $units, bias: $bias}, z: y * $rate}\noutputs: [z]"
    assert model(own(header + body, "{block: mine, x: x, units: 2, rate: 2}"))
    refused(own(header + body, "{block: mine, x: x, units: @1}"), "at least 2, not 1")
    refused(own(header + body, "{block: mine, x: x, units: 2, act: @c}"), "one of a, b")
    refused(own(header + body, "{block: mine, x: x, units: 2, rate: @no}"), "a number")
    refused(own(header + body, "{block: mine, x: x, units: 2, bias: @3}"), "true or false")
    assert "needs units" in problems(own(header + body))[0].what


# Files beside a spec.


def test_a_block_is_read_from_a_file_beside_the_spec(tmp_path: Path) -> None:
    (tmp_path / "cells").mkdir()
    (tmp_path / "cells" / "mine.yaml").write_text(HEAD + "parameters: {units: 4}\n" + BODY, encoding="utf-8")
    path = tmp_path / "spec.yaml"
    path.write_text(spec("h: {block: mine, x: x}", blocks="mine: cells/mine.yaml"), encoding="utf-8")
    assert check(read_file(path, registry()), registry()).loops
    (tmp_path / "cells" / "mine.yaml").write_text(HEAD + BODY, encoding="utf-8")
    with pytest.raises(SpecError, match=r"mine.yaml:3:49: error: unknown parameter \$units"):
        read_file(path, registry())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../outside.yaml", "leaves the spec's folder"),
        ("cells/../../outside.yaml", "leaves the spec's folder"),
        ("/etc/hostname", "leaves the spec's folder"),
        ("~/mine.yaml", "is not a file under"),
        ("https://example.org/mine.yaml", "is not a file under"),
        ("file:///etc/hostname", "is not a file under"),
        ("..\\outside.yaml", "is not a file under"),
        ("link.yaml", "is a link that leaves"),
        ("folder_link/inner.yaml", "is a link that leaves"),
        ("loop.yaml", "cannot be followed|there is no file"),
        ("missing.yaml", "there is no file"),
        ("folder", "is not a regular file"),
        ("pipe.yaml", "is not a regular file"),
        ("'.'", "leaves the spec's folder"),
        ("device.yaml", "link that leaves"),
    ],
)
def test_files_that_a_spec_must_not_name(tmp_path: Path, name: str, words: str) -> None:
    folder = tmp_path / "inside"
    (folder / "folder").mkdir(parents=True)
    block = "inputs: [x]\nnodes: {y: tanh(x)}\noutputs: [y]\n"
    (tmp_path / "outside.yaml").write_text(block, encoding="utf-8")
    (tmp_path / "away").mkdir()
    (tmp_path / "away" / "inner.yaml").write_text(block, encoding="utf-8")
    (folder / "link.yaml").symlink_to("../outside.yaml")
    (folder / "folder_link").symlink_to("../away")
    (folder / "loop.yaml").symlink_to("loop.yaml")
    (folder / "device.yaml").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.yaml")
    path = folder / "spec.yaml"
    path.write_text(spec("h: {block: mine, x: x}", blocks=f"mine: {name}"), encoding="utf-8")
    with pytest.raises(SpecError, match=words) as caught:
        read_file(path, registry())
    (found,) = caught.value.problems
    assert found.mark is not None and (found.mark.line, found.mark.column) == (5, 9)


def test_a_file_that_is_no_block_is_told_with_its_own_place(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("inputs: [x]\nnodes: {y: &a tanh(x)}\noutputs: [y]\n", encoding="utf-8")
    path = tmp_path / "spec.yaml"
    path.write_text(spec("h: {block: mine, x: x}", blocks="mine: mine.yaml"), encoding="utf-8")
    with pytest.raises(SpecError, match="mine.yaml:2:12: error: anchors"):
        read_file(path, registry())
