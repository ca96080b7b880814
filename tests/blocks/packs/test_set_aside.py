"""Packs and blocks that fail: set aside, with the reason where they are used; whatever else is installed works."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from leporello.blocks.packs.index import INDEX
from leporello.blocks.packs.installed import installed
from leporello.blocks.registry import packs, registry
from leporello.builder.compiling import compile
from leporello.graphs.problems import SpecError
from tests.support.asking import PLACE, model, refused, spec
from tests.support.command_line import done, run
from tests.support.packs import MIN_GRU, PYTHON, copied

Use = Callable[[Path], None]
GRU = spec("h: {block: @cells/min_gru, input: x, units: 4}")
NORM = spec("h: {block: @cells/rms_norm, input: x}")
HALVES = spec("h: {block: @cells/halves, input: x}", outputs="y: h.left")
OTHER = spec("h: {block: cells/ind_rnn, input: x, units: 4}")


def index_of(site: Path) -> str:
    return (site / "cells_pack" / INDEX).read_text(encoding="utf-8")


BODIES = {
    "no such file": (None, "there is no such file"),
    "no YAML": ("nodes: [", "min_gru.yaml:2:1: a value is missing here"),
    "not a block": ("spec: 1\n", "block cells/min_gru has no key 'spec'"),
    "other ports": (MIN_GRU.replace("inputs: [input]", "inputs: [input, other]"), "says otherwise of min_gru"),
    "another default": (MIN_GRU.replace("128", "64"), "leporello blocks --index cells writes it anew"),
    "another output": (MIN_GRU.replace("outputs: [h]", "outputs: [z]"), "says otherwise of min_gru"),
    "an unknown block inside": (MIN_GRU.replace("linear", "linaer", 1), "unknown block 'linaer'"),
    "a fault in an equation": (
        MIN_GRU.replace("sigmoid(W_z)", "sigmoid(W_q)"),
        "min_gru.yaml:9:14: unknown name 'W_q'",
    ),
    "no UTF-8 text": ("\x00", "or is not text"),
    "itself inside": (
        MIN_GRU.replace("block: linear, input: input, units: $units}\n  z", "block: min_gru, input: input}\n  z"),
        "contains itself",
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_fails(name: str, site: Path, tmp_path: Path, using: Use) -> None:
    text, words = BODIES[name]
    using(copied(site, tmp_path, {"min_gru.yaml": text}))
    problem = refused(GRU.replace(PLACE, ""), words)
    assert problem.mark is not None and problem.mark.line == 5
    assert name == "itself inside" or "the block cells/min_gru is set aside: " in str(problem)
    assert len(model(OTHER).graph) > 3
    assert packs().set_aside() == []


def test_a_faulty_body_is_told_at_each_use_once(site: Path, tmp_path: Path, using: Use) -> None:
    using(copied(site, tmp_path, {"min_gru.yaml": None}))
    text = spec(
        "g: {block: cells/min_gru, input: x}\nh: {block: cells/min_gru, input: g}\nk: {block: cells/min_gruu, input: x}"
    )
    with pytest.raises(SpecError) as caught:
        model(text)
    found = [(problem.mark.line if problem.mark else 0, problem.what[:44]) for problem in caught.value.problems]
    aside = "the block cells/min_gru is set aside: "
    assert [line for line, _ in found] == [5, 6, 7] and found[0][1].startswith(aside) and found[1][1].startswith(aside)
    assert found[2][1] == "the pack cells has no block 'min_gruu'"


INDEXES = {
    "none": (None, "it has no index.yaml", "leporello blocks --index cells writes it"),
    "empty": ("", "this spec is empty", ""),
    "no YAML": ("{", "index.yaml:2:1: a value is missing here", ""),
    "a list": ("[1, 2]", "an index has the keys leporello: and blocks:", ""),
    "another key": ("leporello: 1\nblocks: {}\nmore: 1\n", "an index has the keys", ""),
    "newer": ("leporello: 2\nblocks: {}\n", "an index of this program says leporello: 1", "a newer Leporello"),
    "aliases": ("leporello: 1\nblocks: &a {}\n", "anchors", ""),
    "too many": (
        "leporello: 1\nblocks:\n" + "".join(f"  b{i}: {{body: b.yaml, outputs: [h]}}\n" for i in range(1001)),
        "1001 blocks",
        "",
    ),
}


@pytest.mark.parametrize("name", INDEXES)
def test_an_index_that_fails_sets_the_pack_aside(name: str, site: Path, tmp_path: Path, using: Use) -> None:
    text, words, hint = INDEXES[name]
    using(copied(site, tmp_path, {INDEX: text}))
    assert "the pack cells is set aside: " in str(refused(GRU, words, hint))
    (warning,) = packs().set_aside()
    assert warning.warning and words in warning.what and "cells (cells-pack 1.0)" in warning.what
    listed = run("blocks")
    assert listed.exit_code == 0 and "of the pack" not in listed.stdout and "gru " in listed.stdout
    assert "warning: the pack cells (cells-pack 1.0) is set aside: " in listed.stderr
    assert run("blocks", "--check", "cells").exit_code == 1


ENTRIES = {
    "outside": ("body: min_gru.yaml", "body: ../min_gru.yaml", "no file beside the index"),
    "absolute": ("body: min_gru.yaml", "body: /etc/passwd", "no file beside the index"),
    "below": ("body: min_gru.yaml", "body: more/min_gru.yaml", "no file beside the index"),
    "Python": ("body: min_gru.yaml", "body: __init__.py", "no file beside the index"),
    "a number": ("body: min_gru.yaml", "body: 3", "must be a file's name"),
    "unknown key": ("body: min_gru.yaml", "boddy: min_gru.yaml", "did you mean body?"),
    "a number for sizes": ("body: min_gru.yaml", "weights: 3", "does not say its sizes"),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_that_fails_sets_its_block_aside(name: str, site: Path, tmp_path: Path, using: Use) -> None:
    old, new, words = ENTRIES[name]
    using(copied(site, tmp_path, {INDEX: index_of(site).replace(old, new)}))
    assert "the block cells/min_gru is set aside: " in str(refused(GRU, words))
    assert len(model(OTHER).graph) > 3


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("outputs: {y: $input}\n    weights", "outputs: {y: $inpt}\n    weights", "speaks of $inpt"),
        ("weights: {gain: [$input]}", "weights: {gain: [$input, $rank]}", "speaks of $rank"),
        ("outputs: {y: $input}\n    weights", "outputs: {y: h(t-1)}\n    weights", ""),
        ("outputs: {y: $input}\n    weights", "outputs: {y: {token: $input}}\n    weights", "does not say its sizes"),
        ('work: ["", 5 * $input]', 'work: ["", 5 * $inpt]', "speaks of $inpt"),
        ('work: ["", 5 * $input]', "work: 3", "work: of cells/rms_norm must be two sizes"),
        ('work: ["", 5 * $input]', "equation: formul", "must be one of product, list"),
        ('work: ["", 5 * $input]', "activation: 3", "must be"),
        ('work: ["", 5 * $input]', "varies: maybe", "must be"),
    ],
)
def test_sizes_that_an_index_says_wrongly(
    old: str, new: str, words: str, site: Path, tmp_path: Path, using: Use
) -> None:
    assert old in index_of(site)
    using(copied(site, tmp_path, {INDEX: index_of(site).replace(old, new)}))
    assert "the block cells/rms_norm is set aside: " in str(refused(NORM, words))


CODES = {
    "raises": ("raise RuntimeError('no disk')", "importing cells_pack failed: RuntimeError: no disk"),
    "exits": ("import sys\nsys.exit(3)", "importing cells_pack failed: SystemExit: 3"),
    "lacks a module": ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
    "no Python": ("def (", "SyntaxError"),
    "registers nothing": ("", "AttributeError"),
    "registers a number": ("BLOCKS = 3", "cells_pack:BLOCKS is no list of block types"),
    "registers numbers": ("BLOCKS = [3]", "which is no BlockType"),
    "registers others": ("BLOCKS = []", "does not register"),
    "a size that is no text": (PYTHON.replace('"$units"})', "4})"), "TypeError: a size is a text, such as '$input'"),
}


@pytest.mark.parametrize("name", CODES)
def test_code_that_fails_as_a_whole(name: str, site: Path, tmp_path: Path, using: Use) -> None:
    code, words = CODES[name]
    using(copied(site, tmp_path, {"__init__.py": code}))
    assert "the block cells/halves is set aside: " in str(refused(HALVES, words)), (
        "sizes are a function: a check imports"
    )
    checked = model(NORM.replace(PLACE, ""))  # the index tells all that a check asks for
    with pytest.raises(SpecError) as caught:
        compile(checked)
    (problem,) = caught.value.problems
    assert "the block cells/rms_norm is set aside: " in problem.what and words in str(problem)
    assert problem.mark is not None and problem.mark.line == 5
    assert compile(OTHER)


REGISTRATIONS = {
    "another name": ('"rms_norm",', '"rms_nrm",', "does not register rms_norm"),
    "a bad name": ('"rms_norm",', '"rms-norm",', "does not register rms_norm"),
    "twice": ("BLOCKS = [", "BLOCKS = [BlockType('rms_norm'), ", "registers rms_norm twice"),
    "no expression": ('"_cells_rms_norm({input}, {gain}, {epsilon})"', '""', "rms_norm has no expression"),
    "no Python": ("{epsilon})", "{epsilon}", "the expression of rms_norm is no Python"),
    "reads what is not there": ("{input}, {gain}", "{inptu}, {gain}", "did you mean input?"),
    "a start that reads what is not there": ("{gain}.uniform_", "{gian}.uniform_", "did you mean gain?"),
    "an unknown start": (
        '"{gain}.uniform_(0.9, 1.1)"',
        '"glorot"',
        "starts gain by what is no scheme: init: knows no 'gl",
    ),
    "a name twice": ('Parameter("epsilon",', 'Parameter("input",', "uses the name input twice"),
    "a reserved name": ('Parameter("epsilon",', 'Parameter("F",', "uses the name F twice"),
    "another output": ('{"y": "$input"}),\n        weights', '{"z": "$input"}),\n        weights', "rms_norm gives z"),
    "what is not there": ('{"gain": ("$input",)}', '{"gain": ("$inptu",)}', "speaks of $inptu"),
    "a formula": ('work=("", "5', 'equation="formula", work=("", "5', "one of product, list, call, none"),
    "ports that are none": ('ports=(Port("input", help="what is read"),)', "ports=(3,)", "no block that can be used"),
    "a helper of another name": ("_cells_rms_norm(", "keep(", "is no function of its pack"),
    "a helper that imports": ("    return value * torch", "    import os\n    return value * torch", "imports"),
    "a helper with a statement": ('RMS_NORM = """', 'RMS_NORM = """\nprint(1)', "is no function of its pack"),
    "a helper that is no Python": ("def _cells_rms_norm(", "def _cells_rms_norm", "is no Python"),
}


@pytest.mark.parametrize("name", REGISTRATIONS)
def test_a_registration_that_fails_sets_its_block_aside(name: str, site: Path, tmp_path: Path, using: Use) -> None:
    old, new, words = REGISTRATIONS[name]
    assert old in PYTHON
    using(copied(site, tmp_path, {"__init__.py": PYTHON.replace(old, new)}))
    with pytest.raises(SpecError) as caught:
        compile(model(NORM.replace(PLACE, "")))
    assert "the block cells/rms_norm is set aside: " in str(caught.value) and words in str(caught.value)
    assert compile(model(HALVES.replace(PLACE, ""))), "the others of the module work"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('weights=Shapes({"gain": ("$input",)})', 'weights=Shapes({"gain": ("1",)})'),
        ('infer=Gives({"y": "$input"}),\n        weights', 'infer=Gives({"y": "1"}),\n        weights'),
        ('work=("", "5 * $input")', 'work=("", "6 * $input")'),
        ('work=("", "5 * $input")', 'work=("", "5 * $input"), varies=True'),
        ('"number", 1e-6', '"number", 1e-5'),
    ],
)
def test_code_that_says_otherwise_than_the_index(old: str, new: str, site: Path, tmp_path: Path, using: Use) -> None:
    assert old in PYTHON
    using(copied(site, tmp_path, {"__init__.py": PYTHON.replace(old, new)}))
    with pytest.raises(SpecError, match="the index of the pack cells says otherwise of rms_norm"):
        compile(model(NORM.replace(PLACE, "")))


MORE = """
from leporello.graphs.blocktypes import Body
from leporello.graphs.nodes import Node, Wire, Time


def inside(parameters):
    if parameters["units"] == 3:
        raise RuntimeError("no disk")
    late = Node("l", "identity", (("input", Wire("h", "", Time("t", -1))),))
    grown = Node("W", "rms_norm", (("input", Wire("<input")),))
    return Body((late, grown, Node("h", "add", (("left", Wire("W")), ("right", Wire("l"))))), (("h", Wire("h")),))


def wrong(values, parameters):
    raise KeyError("sizes")


BLOCKS += [
    BlockType(
        "made",
        "a body by a function",
        ports=(Port("input"),),
        parameters=(Parameter("units"),),
        outputs=("h",),
        body=inside,
    ),
    BlockType("broken", "sizes that fail", ports=(Port("input"),), infer=wrong, computation=Computation("{input}")),
    BlockType(
        "pairs",
        "a weight for pairs of features",
        ports=(Port("input"),),
        infer=Gives({"y": "$input"}),
        weights=Shapes({"w": ("$input / 2",)}),
        computation=Computation("{input} * torch.cat([{w}, {w}])", starts={"w": "ones"}),
    ),
]
"""


def test_bodies_and_sizes_by_functions(site: Path, tmp_path: Path, using: Use) -> None:
    using(copied(site, tmp_path, {"__init__.py": PYTHON + MORE}))
    done("blocks", "--index", "cells")
    made = spec("h: {block: cells/made, input: x, units: 4, layers: 2}")
    checked = model(made)
    assert {node.block for node in checked.graph} >= {"cells/rms_norm", "add"} and len(checked.loops) == 2
    assert compile(checked)
    refused(made.replace("units: 4", "units: 3"), "the inside of cells/made fails: RuntimeError: no disk")
    refused(spec("h: {block: cells/broken, input: x}"), "the sizes of cells/broken fail: KeyError: 'sizes'")
    pairs = spec("h: {block: cells/pairs, input: x}\ng: {block: cells/pairs, input: x, share: h}", outputs="y: h\nz: g")
    assert compile(model(pairs)).get_parameter("h.w").shape == (4,)
    with pytest.raises(SpecError) as caught:
        model(pairs.replace("features: 8", "features: 7"))
    assert [problem.what[:1] for problem in caught.value.problems] == ["h", "g"]
    assert "7 / 2 is not a whole number" in str(caught.value)


def test_code_of_another_place_is_not_taken(site: Path, tmp_path: Path, using: Use) -> None:
    site = copied(site, tmp_path, {})
    using(site)
    (tmp_path / "cells_pack.py").write_text("BLOCKS = []\n")
    import sys

    sys.path.insert(0, str(tmp_path))
    try:
        refused(HALVES, f"cells_pack was imported from {tmp_path / 'cells_pack.py'}, not from {site / 'cells_pack'}")
    finally:
        sys.path.remove(str(tmp_path))


def renamed(site: Path, folder: Path, entry: str, name: str = "other_pack") -> Path:
    """The distribution once more under another name, with another entry point."""
    target = folder / name
    shutil.copytree(site / "cells_pack", target / name)
    about = shutil.copytree(site / "cells_pack-1.0.dist-info", target / f"{name}-2.0.dist-info")
    (about / "entry_points.txt").write_text(f"[leporello.blocks]\n{entry}\n")
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 2.0\n")
    return target


def test_two_packs_of_one_name_are_both_set_aside(site: Path, tmp_path: Path, using: Use) -> None:
    using(site)
    using(renamed(site, tmp_path, "cells = other_pack:BLOCKS"))
    problem = refused(GRU, "it is brought by cells-pack 1.0 and other-pack 2.0", "uninstall one of them")
    assert "the pack cells is set aside" in problem.what


def test_a_pack_may_be_called_like_a_block_that_ships(site: Path, tmp_path: Path, using: Use) -> None:
    using(site)
    using(renamed(site, tmp_path, "lstm = other_pack"))
    checked = model(
        spec("h: {block: lstm/min_gru, input: x, units: 4}\ng: {block: lstm, input: h, units: 3}", outputs="y: g")
    )
    assert {composite.path: composite.block for composite in checked.graph.composites} == {
        "h": "lstm/min_gru",
        "g": "lstm",
    }
    assert compile(checked)
    refused(
        spec("h: {block: lstm/rms_norm, input: x}").replace("lstm/rms", "@lstm/nothing_rms"),
        "the pack lstm has no block",
    )
    with pytest.raises(SpecError, match="the entry point of the pack lstm names no registrations"):
        compile(spec("h: {block: lstm/rms_norm, input: x}"))


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("bad-name = other_pack", "'bad-name' is no pack's name"),
        ("other = nowhere.at.all", "its package nowhere.at.all is no folder"),
        ("other = json", "it has no index.yaml"),
        ("other = sys", "its package sys is no folder"),
        ("other = other pack!", "its entry point 'other pack!' is none"),
        ("other = other_pack..more", "its package other_pack..more is no folder"),
    ],
)
def test_entry_points_that_are_no_packs(entry: str, words: str, site: Path, tmp_path: Path, using: Use) -> None:
    using(site)
    using(renamed(site, tmp_path, entry))
    name = entry.partition(" ")[0]
    refused(spec(f"h: {{block: @{name}/min_gru, input: x}}"), f"the pack {name} is set aside: {words}")
    assert set(installed()) == {"cells", name}
    assert len(model(OTHER).graph) > 3
    assert len(packs().set_aside()) == 1


def test_a_body_uses_blocks_of_other_packs(site: Path, tmp_path: Path, using: Use) -> None:
    body = MIN_GRU.replace(
        "{block: linear, input: input, units: $units}\n  z", "{block: cells/ind_rnn, input: input, units: $units}\n  z"
    )
    using(site)
    other = renamed(site, tmp_path, "other = other_pack")
    (other / "other_pack" / "min_gru.yaml").write_text(body)
    using(other)
    checked = model(spec("h: {block: other/min_gru, input: x, units: 4}"))
    assert "cells/ind_rnn" in {composite.block for composite in checked.graph.composites}
    assert compile(checked)


def test_within_a_pack_its_own_names_come_first(site: Path, using: Use) -> None:
    using(site)
    checked = model(
        spec("h: {block: cells/lstm, input: x, units: 4}\ng: {block: lstm, input: h, units: 4}", outputs="y: g")
    )
    blocks = {composite.path: composite.block for composite in checked.graph.composites}
    assert blocks["h"] == "cells/lstm" and blocks["g"] == "lstm"
    assert blocks["h/1/forward/h"] == "cells/normed" and blocks["h/1/forward/h/1/forward/h"] == "cells/ind_rnn"
    assert checked.graph["h/1/forward/h/1/forward/n"].block == "cells/rms_norm"


def test_a_spec_cannot_define_a_block_of_a_pack(site: Path, using: Use) -> None:
    using(site)
    refused(
        spec("h: x", blocks='"cells/mine": {inputs: [x], nodes: {h: tanh(x)}, outputs: [h]}'), "is not a block's name"
    )
    own = spec(
        "h: {block: cells/normed, input: x, units: 4}\nk: {block: rms_norm, x: x}",
        blocks="rms_norm: {inputs: [x], nodes: {h: tanh(x)}, outputs: [h]}",
        outputs="y: h\nz: k",
    )
    assert {node.path: node.block for node in model(own).graph}["h/1/forward/n"] == "cells/rms_norm"


def test_an_unknown_block_is_looked_for_in_packs(site: Path, using: Use) -> None:
    using(site)
    refused(spec("h: {block: @min_gru, input: x}"), "packs have it: cells/min_gru")
    refused(spec("h: {block: @cells/mingru, input: x}"), "did you mean cells/min_gru?")
    refused(spec("h: {block: @cels/min_gru, input: x}"), "did you mean cells?")
    assert registry().get("cells/nothing") is None and "cells/min_gru" in registry() and "cells/" not in registry()
    assert "cells/min_gru" not in list(registry())


def test_keys_ports_and_parameters_of_a_pack_are_checked(site: Path, using: Use) -> None:
    using(site)
    refused(spec("h: {block: cells/min_gru, inptu: x, units: 4}"), "did you mean input?")
    refused(spec("h: {block: cells/rms_norm, input: x, epsilon: -1}"), "epsilon must be a number of at least 0")
    refused(spec("w: {block: cells/rms_norm, input: x}\nh: x", "x: {tokens: 4}", "y: w"), "embed them first")
    refused(spec("h: {block: cells/halves, input: x}", "x: {features: 3}", "y: h"), "3 features cannot be halved")
    refused(spec("h: {block: cells/halves, input: x}", outputs="y: h.middle"), "ports of h: left, right")


def test_the_index_is_written_for_its_author(site: Path, tmp_path: Path, using: Use) -> None:
    here = copied(site, tmp_path, {INDEX: None})
    using(here)
    assert done("blocks", "--index", "cells") == ""
    assert index_of(here) == index_of(site)
    for name, words in (("cel", "no pack 'cel' is installed"), ("lstm", "no pack 'lstm' is installed")):
        result = run("blocks", "--index", name)
        assert result.exit_code == 2 and words in result.stderr
    (here / "cells_pack" / "two-words.yaml").write_text(MIN_GRU)
    assert "two-words.yaml is no name of a block" in run("blocks", "--index", "cells").stderr
    (here / "cells_pack" / "two-words.yaml").rename(here / "cells_pack" / "rms_norm.yaml")
    assert "rms_norm is a body and a registration" in run("blocks", "--index", "cells").stderr
    assert run("blocks", "gru", "--search", "gated").exit_code == 2
    assert run("blocks", "--search", "no such words").exit_code == 2
