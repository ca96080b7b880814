"""The conformance test: it passes what is good, blocks that ship among them, and finds every fault that is planted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from leporello.blocks.packs.index import INDEX
from leporello.blocks.registry import registry
from leporello.builder.conformance.conform import conform
from leporello.builder.conformance.trial import trial, ways
from leporello.builder.conformance.tried import TRIED
from leporello.graphs.blocktypes import BlockType
from leporello.graphs.problems import SpecError
from tests.support.command_line import run
from tests.support.packs import MIN_GRU, PYTHON, TRUTH, copied, indexed, installed, of_guide

Use = Callable[[Path], None]
GIVEN = ("feedback", "sample", "decoder")
"""Blocks that read what no plain use gives: a choice, a draw."""
SHIPPED = [kind for kind in registry().values() if not kind.operator and kind.name not in GIVEN]


@pytest.mark.parametrize("kind", SHIPPED, ids=lambda kind: kind.name)
def test_every_block_that_ships_passes(kind: BlockType) -> None:
    for whole in ways(kind):
        one = trial(kind, whole)
        assert {words: fault(one) for words, fault in TRIED.items() if fault(one)} == {}


def test_a_good_pack_passes(site: Path, using: Use) -> None:
    using(site)
    told = run("blocks", "--check", "cells")
    found = re.findall(r"^(ok|WRONG)  +(\S+)", told.stdout, re.MULTILINE)
    assert {said for said, _ in found} == {"ok"}, told.stdout
    assert {name.removesuffix(":") for _, name in found} > {"cells", "cells/min_gru", "cells/halves", "cells/sparsemax"}
    assert told.exit_code == 0 and f"{len(found)} tried, 0 wrong" in told.stdout
    assert "ok     cells/sparsemax over a whole axis: it is drawn" in told.stdout


def faulty(site: Path, folder: Path, using: Use, name: str, text: str, index: bool = True) -> list[str]:
    """What is found in a pack with another file, its index written anew or not."""
    using(copied(site, folder, {name: text}))
    if index:
        assert run("blocks", "--index", "cells").exit_code == 0
    return [f"{finding.name}: {finding.tried}: {finding.fault}" for finding in conform("cells") if finding.fault]


FAULTS = {
    "a gradient is lost": (
        "__init__.py",
        PYTHON.replace("return value * torch.rsqrt(value", "return value * torch.rsqrt(value.detach()"),
        "rms_norm: compiled it gives what the interpreter gives: the gradient of x differs",
    ),
    "the truth is another": (
        "truth.py",
        TRUTH.replace("/ (square", "/ (2 * square"),
        "rms_norm: compiled it gives what the interpreter gives: out1 differs",
    ),
    "the truth is missing": ("truth.py", "", "cells_pack.truth:rms_norm, which evaluates a block, fails: module"),
    "the truth needs what is not there": (
        "truth.py",
        "import no_such_module",
        "which evaluates a block, fails: No module named 'no_such_module'",
    ),
    "a size is another": (
        "__init__.py",
        PYTHON.replace('Gives({"y": "$units"})', 'Gives({"y": "2 * $units"})'),
        "bilinear: it gives what is told of it: out1 is [3, 5, 4], where [3, 5, 8] is told",
    ),
    "the wrong gradient": (
        "__init__.py",
        PYTHON.replace("{left}, {u}) *", "{left}, {u}).detach() *"),
        "bilinear: gradients are those of differences: the gradient of k.u is 0",
    ),
    "it looks at other steps": (
        "__init__.py",
        PYTHON.replace('"(2 * {input}).chunk(2, -1)"', '"(2 * {input}.cumsum(-2)).chunk(2, -1)"'),
        "halves: ",
    ),
    "padding gets in": (
        "__init__.py",
        PYTHON.replace('"(2 * {input}).chunk(2, -1)"', '"(2 * {input}.roll(1, 0)).chunk(2, -1)"'),
        "halves: compiled it gives",
    ),
    "weights start with no number": (
        "__init__.py",
        PYTHON.replace("{gain}.uniform_(0.9, 1.1)", "{gain}.fill_(float('nan'))"),
        "rms_norm: weights start with finite numbers: k.gain does not",
    ),
    "no torch": ("__init__.py", PYTHON.replace("torch.log({input})", "torch.lgo({input})"), "logit: "),
    "torch from the start": (
        "__init__.py",
        "import torch\n" + PYTHON,
        "cells: importing it loads no torch: torch is to be imported by what `evaluate` names",
    ),
    "sizes that are not known": (
        "__init__.py",
        PYTHON.replace("half = None if size is None else", "half = None if not isinstance(size, int) else"),
        "halves: sizes with names are known: the size of k cannot be worked out",
    ),
    "a body that does not check": (
        "min_gru.yaml",
        MIN_GRU.replace("h: (1 - z) * h(t-1)", "h: (1 - z) * h"),
        "min_gru: a plain use of it checks: ",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_planted_faults_are_found(name: str, site: Path, tmp_path: Path, using: Use) -> None:
    file, text, words = FAULTS[name]
    found = faulty(site, tmp_path, using, file, text)
    assert any(words in line for line in found), found


def test_the_command_tells_faults_and_ends_with_1(site: Path, tmp_path: Path, using: Use) -> None:
    file, text, _ = FAULTS["no torch"]
    found = faulty(site, tmp_path, using, file, text)
    told = run("blocks", "--check", "cells")
    assert told.exit_code == 1 and "WRONG  cells/logit: " in told.stdout and f"{len(found)} wrong" in told.stdout
    listed = run("blocks", "--check", "cells", "--json")
    assert listed.exit_code == 1
    assert sum(bool(finding["fault"]) for finding in json.loads(listed.stdout)) == len(found)


def test_an_old_index_is_found(site: Path, tmp_path: Path, using: Use) -> None:
    text = MIN_GRU.replace("a gated unit", "a unit with a gate")
    assert faulty(site, tmp_path, using, "min_gru.yaml", text, index=False) == [
        "cells: its index is what --index writes: it is of another state: leporello blocks --index cells"
    ]


def test_no_such_pack() -> None:
    with pytest.raises(SpecError, match="no pack 'cells' is installed"):
        list(conform("cells"))
    assert run("blocks", "--check", "cells").exit_code == 2


@pytest.mark.slow
@pytest.mark.parametrize("operation", [False, True], ids=["the smallest", "with an operation"])
def test_the_packs_of_the_guide(operation: bool, tmp_path: Path, using: Use) -> None:
    source = indexed(of_guide(tmp_path / "guide_source", operation))
    site = installed(source, tmp_path / "site")
    assert (site / "my_cells" / INDEX).is_file()
    using(site)
    found = list(conform("cells"))
    assert [finding for finding in found if finding.fault] == []
    assert {"cells/min_gru", *(["cells/rms_norm"] if operation else [])} <= {finding.name for finding in found}
