"""Generated source: text that a maintainer would sign, the same each time, that runs with torch alone and compiles."""

from __future__ import annotations

import ast
import inspect
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from comparing import Case, assert_same, by_interpreter, by_module, checked_spec, compiled, make_case, used_lengths
from torch import Tensor, nn

from leporello.blocks.registry import registry
from leporello.builder.compiling import compile
from leporello.builder.generate import source
from leporello.builder.names import OWN_ATTRIBUTES, argument, class_name, dotted
from leporello.builder.schedule import schedule
from leporello.graphs.checks import Checked, check
from leporello.graphs.feedback import Mode
from leporello.graphs.problems import SpecError
from leporello.graphs.reading import read_file

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = Path(__file__).resolve().parent / "golden" / "source"
EXAMPLES = {file.stem: file for file in sorted((ROOT / "examples").glob("*.yaml"))}
SHOWN = ("elman", "lstm_from_equations", "luong")
SIZES = {"characters": 7, "words": 6, "tags": 5, "source_words": 6, "target_words": 5}

CELLS = {
    "lstm": "{block: lstm, input: x, units: 4}",
    "lstm_stacked": "{block: lstm, input: x, units: 4, layers: 3, direction: both, dropout: 0.1, residual: 2}",
    "lstm_peephole": "{block: lstm, input: x, units: 4, gates: peephole, initial: learned}",
    "lstm_coupled": "{block: lstm, input: x, units: 4, gates: coupled, direction: backward}",
    "lstm_projection": "{block: lstm, input: x, units: 4, projection: 2}",
    "gru": "{block: gru, input: x, units: 4, initial: 0.5}",
    "gru_before": "{block: gru, input: x, units: 4, reset: before, layers: 2}",
    "rnn": "{block: rnn, input: x, units: 4}",
    "rnn_relu": "{block: rnn, input: x, units: 4, activation: relu, bias: false}",
    "minimal_gru": "{block: minimal_gru, input: x, units: 4, direction: both}",
    "attention": "{block: attention, query: h(t-1), memory: m, units: 4}",
    "dot_attention": "{block: dot_attention, query: h(t-1), memory: m, units: 4}",
}


def cell_text(name: str) -> str:
    """A spec around one shipped block."""
    if "attention" not in name:
        return f"spec: 1\nname: {name}\ninputs: {{x: {{features: 4}}}}\nnodes:\n  h: {CELLS[name]}\noutputs: {{y: h}}\n"
    return (
        f"spec: 1\nname: {name}\ninputs: {{x: {{features: 4}}, m: {{features: 4, axis: source}}}}\nnodes:\n"
        f"  a: {CELLS[name]}\n  h: {{block: gru, input: [x, a], units: 4}}\noutputs: {{y: h, w: a.weights}}\n"
    )


def example(name: str) -> Checked:
    """An example with small sizes."""
    graph = read_file(EXAMPLES[name], registry())
    unbound = check(graph, registry()).unbound
    return check(graph, registry(), {size: SIZES[size] for size in unbound})


def model_of(name: str) -> Checked:
    """An example or a model of one shipped block."""
    return example(name) if name in EXAMPLES else checked_spec(cell_text(name))


NAMES = [*EXAMPLES, *CELLS]


def modes(checked: Checked) -> tuple[Mode, ...]:
    """The ways in which a model is compiled."""
    fed = any(node.block == "feedback" for node in checked.graph)
    return ("teacher", "free") if fed else ("teacher",)


def texts() -> Iterator[tuple[str, str]]:
    """All sources, by the name of the model and its mode."""
    for name in NAMES:
        checked = model_of(name)
        for mode in modes(checked):
            yield f"{name}_{mode}", source(checked, mode)


SOURCES = dict(texts())


def case_of(name: str, seed: int = 0) -> Case:
    """Random weights and ragged inputs."""
    checked = model_of(name)
    axes = {axes.own for axes in checked.axes.values() if axes.own}
    case = make_case(checked, dict.fromkeys(sorted(axes), (4, 2, 3)), seed)
    # Gates of hundreds of units are not to saturate.
    weights = {key: value / 5 for key, value in case.weights.items()} if name in EXAMPLES else case.weights
    return Case(checked, case.inputs, weights, case.lengths)


# The text


def unused(function: ast.FunctionDef) -> set[str]:
    """Variables of a function that nothing reads."""
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    assigned = Counter(node.id for node in names if isinstance(node.ctx, ast.Store))
    read = {node.id for node in names if isinstance(node.ctx, ast.Load)}
    arguments = {argument.arg for argument in function.args.args} - {"self", "axis", "lengths", "batch", "state", "inputs"}
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
    (model,) = [node.name for node in tree.body if isinstance(node, ast.ClassDef) and node.name != "Parts"]
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
from leporello.builder.generate import source
from leporello.graphs.checks import check
from leporello.graphs.reading import read_file
digest = hashlib.sha256()
for file in sorted(Path({examples!r}).glob("*.yaml")):
    graph = read_file(file, registry())
    sizes = {{name: 5 for name in check(graph, registry()).unbound}}
    checked = check(graph, registry(), sizes)
    for mode in ("teacher", "free"):
        text = source(checked, mode)
        assert text == source(checked, mode)
        digest.update(text.encode())
print(digest.hexdigest())
"""


def test_the_same_text_each_time_without_torch_and_whatever_the_hash_seed() -> None:
    script = STABLE.format(tests=str(ROOT / "tests"), examples=str(ROOT / "examples"))
    found = set()
    for seed in ("1", "2", "77"):
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


# The module that it is


ALONE = """
import sys
sys.modules["leporello"] = None
import torch
folder = sys.argv[1]
cases = torch.load(folder + "/cases.pt")
found = {}
for name, case in cases.items():
    scope = {"__name__": name}
    exec(compile(open(f"{folder}/{name}.py").read(), name, "exec"), scope)
    torch.manual_seed(0)
    module = scope[case["class"]]().double().eval()
    module.load_state_dict(case["weights"])
    found[name] = module(**case["inputs"], lengths=case["lengths"])
torch.save(found, folder + "/found.pt")
try:
    import leporello
except ImportError:
    print("alone")
"""


def given(case: Case, module: nn.Module) -> dict[str, Tensor]:
    """The inputs that a module takes."""
    taken = inspect.signature(module.forward).parameters
    return {name: value for name, value in case.inputs.items() if name in taken}


def test_the_source_runs_with_torch_alone(tmp_path: Path) -> None:
    cases, expected = {}, {}
    for name in NAMES:
        case = case_of(name)
        module = compiled(case)
        (tmp_path / f"{name}.py").write_text(module.source)  # type: ignore[arg-type]
        inputs, lengths = given(case, module), used_lengths(case)
        known: dict[str, Any] = {"inputs": inputs, "lengths": lengths, "weights": dict(module.state_dict())}
        cases[name] = {**known, "class": class_name(case.checked.written.name)}
        expected[name] = module(**inputs, lengths=lengths)
    torch.save(cases, tmp_path / "cases.pt")
    command = [sys.executable, "-c", ALONE, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "alone\n"), done.stderr
    found = torch.load(tmp_path / "found.pt")
    for name, outputs in expected.items():
        assert set(found[name]) == set(outputs)
        for key, value in outputs.items():
            assert torch.equal(found[name][key], value), (name, key)


@pytest.mark.parametrize("name", NAMES)
def test_the_module_is_the_truth(name: str) -> None:
    case = case_of(name, 3)
    for mode in modes(case.checked):
        if mode == "free" and any(node.block == "sample" for node in case.checked.graph):
            continue
        assert_same(by_module(case, feedback=mode), by_interpreter(case, feedback=mode))


@pytest.mark.parametrize("name", ["lstm", "lstm_stacked", "gru_before", "rnn", "attention", "lstm_peephole"])
def test_every_inner_node_can_be_an_output(name: str) -> None:
    case = case_of(name, 4)
    inner = [node.path for node in case.checked.graph if node.block not in ("input", "number")]
    assert len(inner) > 2
    for also in (tuple(inner), (inner[len(inner) // 2],)):
        assert_same(by_module(case, also=also), by_interpreter(case, also=also))


def test_an_inner_node_that_is_none_is_refused_with_the_nearest() -> None:
    with pytest.raises(SpecError, match="did you mean h/1/forward/c"):
        compile(cell_text("lstm"), also=["h/1/forward/cell"])


# Names


ODD = ["input", "print", "list", "zip", "reversed", "next", "iter", "len", "range", "int", "super", "torch", "nn", "F"]
ODD += ["Tensor", "Parts", "self_", "late", "keep", "hold", "reverse", "join", "draw", "ahead", "ending", "mask_of"]
ODD += ["length_of", "check_axes", "steps_of", "fused_rnn", "fused_gru", "valid", "mask", "length", "steps", "batch"]
ODD += ["outputs", "inputs", "samples", "class", "lambda", "def", "import", "async", "match", "case", "type", "train"]
ODD += ["half", "forward", "parameters", "run", "step", "start", "source", "checked", "graph", "ValueError", "name"]
ODD += ["part", "nonlocal", "x_t", "h_before", "h_steps", "values", "dict", "str", "isinstance", "object", "Model"]


@pytest.mark.parametrize("name", ODD)
def test_any_name_is_fit_for_a_node(name: str) -> None:
    text = f"""
spec: 1
inputs: {{x: {{features: 3}}, s: {{features: 3, axis: none}}}}
nodes:
  "{name}": {{block: linear, input: [x, h(t-1)], units: 3}}
  h: {{value: tanh({name}) * 2, initial: s}}
  k: {{block: rnn, input: h, units: 3, direction: both}}
  o: k(t-1) + k(t+1)
outputs: {{y: o, z: {name}(last), e: k.final}}
"""
    case = make_case(checked_spec(text), {"time": (4, 2, 1)}, 0)
    weights = {dotted(key.replace(".", "/")): value for key, value in case.weights.items()}
    case = Case(case.checked, case.inputs, weights, case.lengths)
    assert_same(by_module(case), by_interpreter(case))


@pytest.mark.parametrize("name", [name for name in ODD if name not in ("inputs", "outputs", "samples")])
def test_any_name_is_fit_for_an_input(name: str) -> None:
    text = f"""
spec: 1
inputs: {{"{name}": {{features: 3}}}}
nodes:
  W: {{block: linear, input: [{name}, h(t-1)], units: 3}}
  h: tanh(W) / 2
  k: {{block: gru, input: [h, {name}(t-2)], units: 3, direction: both}}
outputs: {{y: k, z: h}}
"""
    case = make_case(checked_spec(text), {"time": (4, 2, 1)}, 0)
    module = compiled(case)
    said = argument(name)
    assert list(inspect.signature(module.forward).parameters) == [said, "lengths"]
    outputs = module(**{said: case.inputs[name]}, lengths=case.lengths)
    truth = by_interpreter(case).outputs
    for key, value in truth.items():
        assert torch.allclose(outputs[key], value, atol=1e-10)


@pytest.mark.parametrize(
    "name", ["value_error", "type_error", "tensor", "parts", "f", "true", "nn", "torch", "module", "dict", "linear", "exception"]
)
def test_any_name_is_fit_for_a_model(name: str) -> None:
    text = cell_text("gru").replace("name: gru", f'name: "{name}"')
    case = make_case(checked_spec(text), {"time": (4, 2)}, 0)
    module = compiled(case)
    assert_same(by_module(case, module), by_interpreter(case))
    with pytest.raises(ValueError, match="time"):
        module(case.inputs["x"], lengths={"time": torch.tensor([4, 9])})


def test_a_modules_own_attributes_are_known() -> None:
    module = compile(cell_text("lstm"))
    own = {name for name in dir(module) if not name.startswith("_")} - set(dir(nn.Module())) - {"h"}
    assert own <= OWN_ATTRIBUTES, own - OWN_ATTRIBUTES


# torch's own compilers


@pytest.mark.parametrize("ragged", [False, True])
@pytest.mark.parametrize("name", ["lstm", "gru", "rnn", "lstm_peephole", "attention", "lstm_stacked", "context"])
def test_torch_compile_takes_the_whole_module(name: str, ragged: bool) -> None:
    case = case_of(name)
    module = compiled(case)
    inputs = {key: value.clone().requires_grad_() for key, value in given(case, module).items()}
    lengths = case.lengths if ragged else None
    torch.compiler.reset()
    fast = torch.compile(module, backend="eager", fullgraph=True)
    found, expected = fast(**inputs, lengths=lengths), module(**inputs, lengths=lengths)
    for key, value in expected.items():
        assert torch.allclose(found[key], value, atol=1e-12), key
    leaves = [*inputs.values(), *module.parameters()]
    scalars = [sum(value.square().sum() for value in outputs.values()) for outputs in (found, expected)]
    mine, theirs = (torch.autograd.grad(scalar, leaves, allow_unused=True) for scalar in scalars)
    for a, b in zip(mine, theirs, strict=True):
        assert (a is None) == (b is None)
        assert a is None or torch.allclose(a, b, atol=1e-10)


PLAIN = """
spec: 1
inputs: {x: {features: 4}}
nodes:
  e: tanh(x(t-1)) * x(t+1)
  W: {block: linear, input: [x, e], units: 3}
  n: {block: layer_norm, input: W}
  mean: mean(n(all))
  o: n + mean * x(last)
  u: {block: linear, input: o, units: 2}
outputs: {y: u}
"""


def exported(module: nn.Module, x: Tensor, dims: tuple[int, ...], strict: bool) -> nn.Module:
    """The module as torch.export gives it, some dimensions of x dynamic."""
    dynamic = {"x": dict.fromkeys(dims, torch.export.Dim.DYNAMIC)}
    program = torch.export.export(module, (), {"x": x}, dynamic_shapes=dynamic, strict=strict)
    found: nn.Module = program.module()
    return found


@pytest.mark.parametrize("strict", [False, True])
def test_torch_export_without_loops_has_any_batch_and_any_time(strict: bool) -> None:
    module = compile(PLAIN.replace(", units: 3", ", units: 4")).eval()
    fixed = exported(module, torch.randn(3, 5, 4), (0, 1), strict)
    for shape in ((2, 7, 4), (6, 3, 4)):
        x = torch.randn(*shape)
        assert torch.allclose(fixed(x=x)["y"], module(x)["y"], atol=1e-6)


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("name", ["elman", "lstm_from_equations"])
def test_torch_export_of_loops_has_any_batch(name: str, strict: bool) -> None:
    checked = example(name)
    module = compile(checked).eval()
    features = checked.graph["x"].parameters["features"]
    fixed = exported(module, torch.randn(3, 5, features), (0,), strict)
    x = torch.randn(6, 5, features)
    for key, value in module(x).items():
        assert torch.allclose(fixed(x=x)[key], value, atol=1e-6)


class Kernel(nn.Module):
    """torch's kernel and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.weights = nn.ParameterList(nn.LSTM(4, 3).parameters())

    def forward(self, x: Tensor) -> Tensor:
        start = (x.new_zeros(1, x.shape[0], 3), x.new_zeros(1, x.shape[0], 3))
        found: Tensor = torch.lstm(x, start, list(self.weights), True, 1, 0.0, False, False, True)[0]
        return found


def test_torch_export_fixes_the_time_of_its_kernels() -> None:
    # Should torch learn to keep the time open, ours must follow.
    for module in (Kernel().eval(), compile(cell_text("lstm")).eval(), example_module("elman")):
        x = torch.randn(3, 5, 8 if isinstance(module, nn.Module) and "Elman" in type(module).__name__ else 4)
        with pytest.raises(Exception, match="specialized it to be a constant"):
            exported(module, x, (1,), strict=False)


def example_module(name: str) -> nn.Module:
    """A compiled example."""
    return compile(example(name)).eval()


# Size


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
