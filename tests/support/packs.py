"""A second distribution that brings blocks, built as a wheel and installed: what tests of packs use."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.support.paths import ROOT

GUIDE = ROOT / "docs" / "packs.md"
OFFLINE = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check", "--quiet"]

PROJECT = """
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "{name}"
version = "1.0"

[project.entry-points."leporello.blocks"]
{entry}

[tool.setuptools]
packages = ["{package}"]
package-data = {{{package} = ["*.yaml"]}}
"""

MIN_GRU = """\
help: a gated unit whose gate and candidate read the input alone
paper: "Feng et al. 2024, arXiv:2410.01201"
inputs: [input]
parameters:
  units: {default: 128, help: how many features it gives}
nodes:
  W_z: {block: linear, input: input, units: $units}
  W_n: {block: linear, input: input, units: $units}
  z: sigmoid(W_z)
  h: (1 - z) * h(t-1) + z * W_n
outputs: [h]
"""
IND_RNN = """\
help: units of which each remembers itself alone
paper: "Li et al. 2018, arXiv:1803.04831"
inputs: [input]
parameters:
  units: {default: 128, help: how many features it gives}
nodes:
  W: {block: linear, input: input, units: $units}
  u: {block: weight, units: $units, init: {uniform: 1.0}}
  h: relu(W + u * h(t-1))
outputs: [h]
"""
NORMED = """\
help: an IndRNN over normed inputs
paper: "Li et al. 2018, arXiv:1803.04831"
inputs: [input]
parameters: {units: 128}
nodes:
  n: {block: rms_norm, input: input}
  h: {block: ind_rnn, input: n, units: $units}
outputs: [h]
"""
LSTM = """\
help: "a body that is called like a block that ships, for the pack alone"
inputs: [input]
parameters: {units: 8}
nodes:
  h: {block: normed, input: input, units: $units}
outputs: [h]
"""
PYTHON = '''
"""Blocks in Python."""

from leporello.blocks.declared import Gives, Shapes
from leporello.graphs.blocktypes import BlockType, MisfitError, Parameter, Port, Value
from leporello.graphs.computation import Computation

RMS_NORM = """
def _cells_rms_norm(value: Tensor, gain: Tensor, epsilon: float) -> Tensor:
    return value * torch.rsqrt(value.square().mean(-1, keepdim=True) + epsilon) * gain
"""
SPARSEMAX = """
def _cells_sparsemax(value: Tensor, dimension: int, mask: Tensor | None) -> Tensor:
    if mask is not None:
        shape = [1] * value.dim()
        shape[0], shape[dimension] = mask.shape
        value = value.masked_fill(~mask.reshape(shape), -1e9)
    sorted_, steps = value.sort(dimension, descending=True).values, value.shape[dimension]
    shape = [1] * value.dim()
    shape[dimension] = steps
    rank = torch.arange(1, steps + 1, dtype=value.dtype, device=value.device).reshape(shape)
    sums = sorted_.cumsum(dimension) - 1
    support = (rank * sorted_ > sums).sum(dimension, keepdim=True)
    threshold = sums.gather(dimension, support - 1) / support
    return (value - threshold).clamp(min=0)
"""


def halved(values, parameters):
    size = values["input"].size
    if isinstance(size, int) and size % 2:
        raise MisfitError(f"{size} features cannot be halved", "give it an even number of them")
    half = None if size is None else size / 2 if not isinstance(size, int) else size // 2
    return {name: Value("features", half) for name in ("left", "right")}


BLOCKS = [
    BlockType(
        "rms_norm",
        "features with a mean square of 1, times a learned gain",
        "Zhang and Sennrich 2019, arXiv:1910.07467",
        ports=(Port("input", help="what is read"),),
        parameters=(Parameter("epsilon", "number", 1e-6, low=0.0, help="added to the mean square"),),
        infer=Gives({"y": "$input"}),
        weights=Shapes({"gain": ("$input",)}),
        computation=Computation(
            "_cells_rms_norm({input}, {gain}, {epsilon})",
            helper=RMS_NORM,
            evaluate="PACKAGE.truth:rms_norm",
            starts={"gain": "{gain}.uniform_(0.9, 1.1)"},
        ),
        work=("", "5 * $input"),
    ),
    BlockType(
        "bilinear",
        "a product of two values with a low rank",
        ports=(Port("left"), Port("right")),
        parameters=(Parameter("units", default=8), Parameter("rank", default=2, help="how many products are added")),
        infer=Gives({"y": "$units"}),
        weights=Shapes({"u": ("$rank", "$left"), "v": ("$rank", "$right"), "out": ("$units", "$rank")}),
        computation=Computation(
            "F.linear(F.linear({left}, {u}) * F.linear({right}, {v}), {out})",
            starts=dict.fromkeys(("u", "v", "out"), "xavier"),
        ),
        work=("$rank * ($left + $right + $units)", "$rank"),
    ),
    BlockType(
        "halves",
        "features in two halves, and each scaled",
        ports=(Port("input"),),
        outputs=("left", "right"),
        infer=halved,
        computation=Computation("(2 * {input}).chunk(2, -1)"),
    ),
    BlockType(
        "sparsemax",
        "as softmax, with zeros",
        "Martins and Astudillo 2016, arXiv:1602.02068",
        ports=(Port("input"),),
        infer=Gives({"y": "$input"}),
        computation=Computation("_cells_sparsemax({input}, {dimension}, {mask})", helper=SPARSEMAX),
        carried="used",
    ),
    BlockType(
        "logit",
        "the inverse of sigmoid",
        ports=(Port("input"),),
        infer=Gives({"y": "$input"}),
        computation=Computation("torch.log({input}) - torch.log(1 - {input})", partial=("input",)),
    ),
]
'''
TRUTH = '''
"""RMS norm by its formula."""

from torch import linalg


def rms_norm(values, parameters, weights, dimension):
    value = values["input"]
    square = linalg.vector_norm(value, dim=-1, keepdim=True) ** 2 / value.shape[-1]
    return value / (square + parameters["epsilon"]).sqrt() * weights["gain"]
'''
FILES = {
    "__init__.py": PYTHON,
    "truth.py": TRUTH,
    "min_gru.yaml": MIN_GRU,
    "ind_rnn.yaml": IND_RNN,
    "normed.yaml": NORMED,
    "lstm.yaml": LSTM,
}


def written(folder: Path, package: str = "cells_pack", entry: str = "", files: Mapping[str, str] = FILES) -> Path:
    """The source tree of a distribution in a folder; `PACKAGE` in its files is the package's name."""
    inside = folder / package
    inside.mkdir(parents=True)
    for name, text in files.items():
        (inside / name).write_text(text.replace("PACKAGE", package), encoding="utf-8")
    project = PROJECT.format(
        name=package.replace("_", "-"), package=package, entry=entry or f'cells = "{package}:BLOCKS"'
    )
    (folder / "pyproject.toml").write_text(project, encoding="utf-8")
    return folder


def of_guide(folder: Path, first_python: bool = False) -> Path:
    """The pack of docs/packs.md: with one body, or with its operation in Python too."""
    text = GUIDE.read_text(encoding="utf-8")
    for name, body in re.findall(r"^`([\w./]+)`\n\n```\w+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(body, encoding="utf-8")
    if first_python:
        operation = re.findall(r"```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)[-1]
        (folder / "my_cells" / "__init__.py").write_text(operation, encoding="utf-8")
        project = folder / "pyproject.toml"
        project.write_text(project.read_text().replace('cells = "my_cells"', 'cells = "my_cells:BLOCKS"'))
    return folder


def installed(source: Path, target: Path) -> Path:
    """The folder `target` with the wheel of a source tree installed in it, as pip does."""
    wheels = target.parent / f"{target.name}-wheel"
    pip("wheel", *OFFLINE, "--wheel-dir", str(wheels), str(source))
    (wheel,) = wheels.glob("*.whl")
    pip("install", *OFFLINE, "--target", str(target), str(wheel))
    return target


def pip(*arguments: str) -> None:
    """Run pip, without a network."""
    done = subprocess.run([sys.executable, "-m", "pip", *arguments], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def leporello(
    site: Path | None, *arguments: str | Path, code: str = "", cwd: Path | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    """A command, or `code`, in a process of its own that finds what is installed in `site`."""
    how = ["-c", code] if code else ["-m", "leporello"]
    around = {**os.environ, "OMP_NUM_THREADS": "1", **({"PYTHONPATH": str(site)} if site else {}), **more}
    command = [sys.executable, *how, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=around, cwd=cwd)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def copied(site: Path, folder: Path, change: Mapping[str, str | None], package: str = "cells_pack") -> Path:
    """An installation with other files in its package; None takes a file away."""
    target = Path(shutil.copytree(site, folder / "site"))
    for name, text in change.items():
        place = target / package / name
        if text is None:
            place.unlink()
        else:
            place.write_text(text.replace("PACKAGE", package), encoding="utf-8")
    return target


EDITABLE = """
import site, sys
site.addsitedir(sys.argv[1])
from leporello.cli.main import main
sys.argv[1:2] = []
main()
"""


def indexed(source: Path, pack: str = "cells") -> Path:
    """The source tree with its index written, as its author does: installed to be edited, then by the command."""
    prefix = source.parent / f"{source.name}-editable"
    pip("install", *OFFLINE, "--prefix", str(prefix), "--editable", str(source))
    done = leporello(None, editable(source), "blocks", "--index", pack, code=EDITABLE)
    assert done.returncode == 0, done.stderr
    return source


def editable(source: Path) -> Path:
    """Where a source tree is known to the finders of imports, after `indexed`."""
    (folder,) = (source.parent / f"{source.name}-editable").rglob("*.dist-info")
    return folder.parent
