"""A user's own blocks: headers, bodies, recursion, and files beside a spec."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import check
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_file
from tests.support.asking import model, problems, refused, spec

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
    assert (
        model(own("inputs: [x]\nnodes: {y: {block: other, x: x}}\noutputs: [y]", more=other)).graph["h/y/y"].block
        == "tanh"
    )


def test_outputs_of_a_block_may_be_expressions_and_other_nodes() -> None:
    block = "inputs: [x]\nnodes: {y: tanh(x)}\noutputs: {first_one: y, sum_of_both: x + y, late: y(t-1), raw: x}"
    checked = model(own(block, outputs="a: h\nb: h.sum_of_both\nc: h.late\nd: h.raw"))
    assert [checked.graph.outputs[0].wire.source, checked.graph.outputs[3].wire.source] == ["h/y", "x"]


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ("inputs: [x]\nnodes: {y: tanh(@a)}\noutputs: [y]", ["unknown name 'a'", "x, y"]),
        ("inputs: [x]\nnodes: {y: x / @$n}\noutputs: [y]", ["unknown parameter $n"]),
        (
            "inputs: [x]\nnodes: {y: {block: linear, input: x, units: @$n}}\noutputs: [y]",
            ["unknown parameter $n", "none"],
        ),
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
        (
            "inputs: {x: {kind: @token}}\nnodes: {y: x}\noutputs: [y]",
            ["one of features, tokens, any"],
        ),
        ("inputs: {x: {reads: @often}}\nnodes: {y: x}\noutputs: [y]", ["one of t, late, all"]),
        ("inputs: {x: {optional: @maybe}}\nnodes: {y: x}\noutputs: [y]", ["true or false"]),
        ("inputs: {x: {help: @[a]}}\nnodes: {y: x}\noutputs: [y]", ["must be a text"]),
        ("inputs: {x: {@helps: a}}\nnodes: {y: x}\noutputs: [y]", ["did you mean help?"]),
        ("inputs: [x]\nparameters: {@axis: 3}\nnodes: {y: x}\noutputs: [y]", ["a parameter cannot be called 'axis'"]),
        ("inputs: [x]\nparameters: {n: {type: @sise}}\nnodes: {y: x}\noutputs: [y]", ["one of size, integer"]),
        ("inputs: [x]\nparameters: {n: {type: @[size]}}\nnodes: {y: x}\noutputs: [y]", ["one of size, integer"]),
        (
            "inputs: [x]\nparameters: {n: {default: 3, low: @five}}\nnodes: {y: x}\noutputs: [y]",
            ["low of parameter n must be a number"],
        ),
        ("inputs: [x]\nparameters: {n: {default: @3, low: 5}}\nnodes: {y: x}\noutputs: [y]", ["at least 5, not 3"]),
        ("inputs: [x]\nparameters: {n: {choices: @[]}}\nnodes: {y: x}\noutputs: [y]", ["a list of texts"]),
        (
            "inputs: [x]\nparameters: {n: {choices: [a], default: @b}}\nnodes: {y: x}\noutputs: [y]",
            ["one of a, not 'b'"],
        ),
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
    chain = "\n".join(
        f"b{i}:\n  inputs: [x]\n  nodes: {{y: {{block: b{i + 1}, x: x}}}}\n  outputs: [y]" for i in range(200)
    )
    last = "\nb200:\n  inputs: [x]\n  nodes: {y: tanh(x)}\n  outputs: [y]"
    (found,) = problems(spec("h: {block: b0, x: x}", blocks=chain + last))
    assert "deeper than 32" in str(found)


def test_names_that_are_taken() -> None:
    refused(
        spec("h: x", blocks="@lstm:\n  inputs: [x]\n  nodes: {y: x}\n  outputs: [y]"), "lstm ships with the program"
    )
    refused(spec("h: x", blocks="@a-b:\n  inputs: [x]\n  nodes: {y: x}\n  outputs: [y]"), "not a block's name")


def test_ports_of_a_users_block_are_checked_at_their_use() -> None:
    tokens = "inputs: {x: {kind: tokens}}\nnodes: {y: {block: embedding, input: x, units: 3}}\noutputs: [y]"
    found = refused(own(tokens), "h, a mine, reads features from x at its port x")
    assert found.mark is not None and found.mark.line == 10
    late = "inputs: {x: {reads: late}}\nnodes: {y: tanh(x)}\noutputs: [y]"
    refused(own(late), "needs a delay of at least one step", "x: x(t-1)")
    assert model(own(late, "{block: mine, x: x(t-2)}"))


def test_parameters_of_a_users_block_are_checked_at_their_use() -> None:
    said = "units: {type: size, low: 2}, act: {choices: [a, b], default: a}, rate: 0.5, bias: true"
    header = f"inputs: [x]\nparameters: {{{said}}}\n"
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
    with pytest.raises(SpecError, match=r"mine\.yaml:2:12: error: anchors"):
        read_file(path, registry())
