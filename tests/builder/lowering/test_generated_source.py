"""Generated source: text that a maintainer would sign, the same each time, linear in the nodes."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from leporello.builder.lowering.generate import source
from leporello.builder.plan.schedule import schedule
from tests.support.comparing import checked_spec
from tests.support.paths import ROOT
from tests.support.paths import SOURCES as GOLDEN
from tests.support.sources import CLASSES, EXAMPLES, SHOWN, SOURCES, example
from tests.support.strategies import thinned


def unused(function: ast.FunctionDef) -> set[str]:
    """Variables of a function that nothing reads."""
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    assigned = Counter(node.id for node in names if isinstance(node.ctx, ast.Store))
    read = {node.id for node in names if isinstance(node.ctx, ast.Load)}
    arguments = {argument.arg for argument in function.args.args} - {
        "self",
        "axis",
        "lengths",
        "batch",
        "state",
        "inputs",
    }
    return {name for name in assigned if name not in read} | (arguments - read - {"samples"})


def defined(tree: ast.Module) -> list[ast.FunctionDef]:
    """All functions and methods."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize("name", SOURCES)
def test_every_line_does_something(name: str) -> None:
    tree = ast.parse(SOURCES[name])
    refusing = {node for node in defined(tree) if isinstance(node.body[-1], ast.Raise)}
    for function in set(defined(tree)) - refusing:
        left = unused(function)
        parts = [set(names) for names in _unpacked(function)]
        assert not {name for name in left if not any(name in part and part - left for part in parts)}, function.name
    helpers = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    (model,) = [node.name for node in tree.body if isinstance(node, ast.ClassDef) and node.name not in CLASSES]
    assert helpers - used == {model}


def _unpacked(function: ast.FunctionDef) -> list[list[str]]:
    """The names that are assigned together: one of them read is enough."""
    targets = [t for node in ast.walk(function) if isinstance(node, ast.Assign | ast.For) for t in _targets(node)]
    return [[name.id for name in target.elts if isinstance(name, ast.Name)] for target in targets]


def _targets(node: ast.Assign | ast.For) -> list[ast.Tuple]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [target for target in targets if isinstance(target, ast.Tuple)]


@pytest.mark.parametrize("name", SOURCES)
def test_layout(name: str) -> None:
    text = SOURCES[name]
    lines = text.split("\n")
    assert [line for line in lines if len(line) > 120] == []
    assert [line for line in lines if line != line.rstrip() or "\t" in line] == []
    assert "\n\n\n\n" not in text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    for word in ("TODO", "leporello.", "import leporello", str(ROOT)):
        assert word not in text
    functions = defined(ast.parse(text))
    told = [function for function in functions if function.name not in ("__init__", "__getitem__", "forward")]
    assert all(ast.get_docstring(function) for function in told)


def test_unused_variables_are_found_by_the_check_itself() -> None:
    tree = ast.parse("def f(self, x):\n    y = x\n    z = 1\n    a, b = x\n    return y + a\n")
    assert unused(defined(tree)[0]) == {"z", "b"}
    assert unused(defined(ast.parse("def f(self, x, w):\n    return x\n"))[0]) == {"w"}


def test_ruff_finds_no_error_in_any_source(tmp_path: Path) -> None:
    for name, text in SOURCES.items():
        (tmp_path / f"{name}.py").write_text(text)
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--select", "F,E9", str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert found.returncode == 0, found.stdout + found.stderr
    (tmp_path / "wrong.py").write_text("import torch\n")
    assert subprocess.run(command, capture_output=True, timeout=120).returncode == 1


STABLE = """
import hashlib, sys
sys.path.insert(0, {tests!r})
sys.modules["torch"] = None
from pathlib import Path
from leporello.blocks.registry import registry
from leporello.builder.lowering.generate import source
from leporello.graphs.analysis.checks import check
from leporello.graphs.specs import read_file
digest = hashlib.sha256()
for file in {examples!r}:
    graph = read_file(Path(file), registry())
    sizes = {{name: 5 for name in check(graph, registry()).unbound}}
    checked = check(graph, registry(), sizes)
    for mode in ("teacher", "free"):
        text = source(checked, mode)
        assert text == source(checked, mode)
        digest.update(text.encode())
print(digest.hexdigest())
"""


@pytest.mark.thinned
def test_the_same_text_each_time_without_torch_and_whatever_the_hash_seed() -> None:
    script = STABLE.format(tests=str(ROOT), examples=thinned([str(path) for path in EXAMPLES.values()], every=3))
    found = set()
    for seed in ("1", "77"):
        command = [sys.executable, "-c", script]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
        assert done.returncode == 0, done.stderr
        found.add(done.stdout)
    assert len(found) == 1


@pytest.mark.parametrize("name", SHOWN)
def test_golden_source(name: str) -> None:
    text = source(example(name))
    file = GOLDEN / f"{name}.py"
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text, f"{file.name} is not what is generated; UPDATE_GOLDEN=1 renews it"


def test_golden_files_are_those_of_the_examples_that_are_shown() -> None:
    assert {file.stem for file in GOLDEN.iterdir()} == set(SHOWN)


def long_spec(nodes: int) -> str:
    """A chain of small recurrent networks."""
    lines, before = ["spec: 1", "inputs: {x: {features: 4}}", "nodes:"], "x"
    for i in range(nodes // 4):
        lines += [
            f"  U{i}: {{block: linear, input: {before}, units: 4}}",
            f"  W{i}: {{block: linear, input: h{i}(t-1), units: 4}}",
            f"  h{i}: tanh(U{i} + W{i})",
        ]
        before = f"h{i}"
    return "\n".join([*lines, f"outputs: {{y: {before}}}", ""])


def calls(nodes: int) -> int:
    """How many functions are called to print a spec of so many nodes: a measure that no other process disturbs."""
    checked = checked_spec(long_spec(nodes))
    count = 0

    def seen(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(seen)
    try:
        source(checked)
    finally:
        sys.setprofile(None)
    return count


def test_printing_is_linear_in_nodes() -> None:
    calls(40)
    small, large = calls(100), calls(400)
    assert large < 4.6 * small


def test_a_long_spec_is_all_fused() -> None:
    plan = schedule(checked_spec(long_spec(200)))
    assert {stage.kind for stage in plan.loops} == {"fused"}
    assert len(plan.loops) == 50
