"""Generated source: torch alone runs it, tracebacks show it, any valid name compiles, nothing else gets in."""

from __future__ import annotations

import ast
import builtins
import linecache
import re
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
import torch
from torch import nn

from leporello.builder.compiling import compile
from leporello.graphs.problems import SpecError
from tests.support.comparing import differences
from tests.support.numerics import randoms, tokens
from tests.support.paths import EXAMPLES
from tests.support.strategies import thinned

RUNNER = """
import sys


class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("leporello", "networkx", "yaml", "click", "rich", "graphviz"):
            raise ImportError(f"{name} is not there")


sys.meta_path.insert(0, Nothing())
import torch
from torch import nn

found = {}
for name, inputs in torch.load("inputs", weights_only=True).items():
    scope = {"__name__": "generated"}
    exec(compile(open(f"{name}.py").read(), f"{name}.py", "exec"), scope)
    module = scope[name]().eval()
    torch.manual_seed(0)
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter, 0.0, 0.3)
    found[name] = {"outputs": module(**inputs), "weights": module.state_dict()}
torch.save(found, "found")
try:
    import leporello
except ImportError:
    print("alone", "leporello" in sys.modules)
"""


def test_source_runs_with_torch_alone(tmp_path: Path) -> None:
    inputs = {
        "Tagger": {"words": tokens(1, 1000, 2, 4)},
        "Luong": {"source": tokens(1, 1000, 2, 3), "target": tokens(2, 800, 2, 2)},
        "LstmFromEquations": {"x": randoms(1, 2, 4, 8, dtype=torch.float32).detach()},
    }
    modules = [compile(EXAMPLES / f"{name}.yaml") for name in ("tagger", "luong", "lstm_from_equations")]
    for name, module in zip(inputs, modules, strict=True):
        (tmp_path / f"{name}.py").write_text(module.source)
    (tmp_path / "run.py").write_text(RUNNER)
    torch.save(inputs, tmp_path / "inputs")
    command = [sys.executable, "-I", "run.py"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "alone False"
    found = torch.load(tmp_path / "found", weights_only=True)
    for name, module in zip(inputs, modules, strict=True):
        module.load_state_dict(found[name]["weights"])
        assert not differences(found[name]["outputs"], module.eval()(**inputs[name]), 1e-4)


NAMES = sorted(path.stem for path in EXAMPLES.glob("*.yaml"))


@pytest.mark.thinned
@pytest.mark.parametrize(
    ("feedback", "name"), thinned([(way, name) for name in NAMES for way in ("teacher", "free")], every=3)
)
def test_source_imports_torch_and_nothing_else(name: str, feedback: str) -> None:
    module = compile(EXAMPLES / f"{name}.yaml", feedback=feedback, **_sizes(name))  # type: ignore[arg-type]
    tree = ast.parse(module.source)
    imported = {
        alias.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported <= {"__future__", "torch", "torch.nn"}
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert defined <= called, "a function that nothing calls"
    products = {name for name in called if re.search(rf"\b{name} = Later\(", module.source)}
    assert called - products - set(dir(builtins)) <= defined | {"Later", "Parts", "kernel"}
    assert max(map(len, module.source.splitlines())) <= 120


def _sizes(name: str) -> dict[str, int]:
    """Those that an example leaves to its data."""
    left = {
        "char_lm": ["characters"],
        "own_cell": ["characters"],
        "dates": ["letters", "figures"],
        "reverse": ["letters"],
        "spell": ["figures", "words"],
        "modules": ["words", "packages"],
        "word_lm": ["words"],
        "curriculum": ["signs", "states"],
        **{one: ["source_words", "target_words"] for one in ("translate", "translate_fixed", "gnmt", "gnmt_v2")},
    }
    return dict.fromkeys(left.get(name, []), 11)


def test_loaded_text_is_the_printed_text() -> None:
    module = compile(EXAMPLES / "elman.yaml")
    file = module.run.__func__.__code__.co_filename  # type: ignore[attr-defined]
    assert "".join(linecache.getlines(file)) == module.source
    assert compile(EXAMPLES / "elman.yaml").source == module.source


def test_a_traceback_shows_the_generated_line() -> None:
    module = compile(
        "{spec: 1, inputs: {x: {features: 3}}, nodes: {e: {block: linear, input: x, units: 2}}, outputs: {y: e}}"
    )
    module.e.weight = nn.Parameter(torch.zeros(2, 7))
    linecache.checkcache()
    try:
        module(torch.zeros(1, 1, 3))
    except RuntimeError as error:
        shown = "".join(traceback.format_exception(error))
    assert "self.e(x)" in shown and "<leporello Model" in shown


def test_numbers_print_exactly() -> None:
    for number in ("0.1", "1e-300", "123456789.123456789", "3", "0.30000000000000004", "1000000000000000000000"):
        text = (
            f"{{spec: 1, inputs: {{x: {{features: 1}}}},"
            f" nodes: {{h: x * {number}, s: {{value: s(t-1) + x * 0, initial: {number}}}}},"
            f" outputs: {{h: h, s: s}}}}"
        )
        found = compile(text).double()(torch.ones(1, 1, 1, dtype=torch.float64))
        assert found["h"].item() == float(number), number
        assert found["s"].item() == pytest.approx(float(number), rel=1e-15), number
    for number in ("1e999", ".inf", ".nan"):
        with pytest.raises(SpecError):
            compile(
                f"{{spec: 1, inputs: {{x: {{features: 1}}}},"
                f" nodes: {{s: {{value: s(t-1) + x, initial: {number}}}}},"
                f" outputs: {{s: s}}}}"
            )
