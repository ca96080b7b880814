"""Modules from generated source: with torch alone, with inner nodes as outputs, with any names."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from leporello.builder.compiling import compile
from leporello.builder.names import OWN_ATTRIBUTES, argument, class_name
from leporello.graphs.problems import SpecError
from tests.support.comparing import (
    assert_same,
    by_interpreter,
    by_module,
    checked_spec,
    compiled,
    make_case,
    used_lengths,
)
from tests.support.sources import (
    NAMES,
    case_of,
    cell_text,
    given,
    modes,
)
from tests.support.strategies import thinned

ALONE = """
import sys
sys.modules["leporello"] = None
import torch
torch.set_num_threads(1)  # sums in the order of this process
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


@pytest.mark.thinned
def test_the_source_runs_with_torch_alone(tmp_path: Path) -> None:
    cases, expected = {}, {}
    for name in thinned(NAMES, every=3):
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


@pytest.mark.parametrize("name", ["lstm", "lstm_stacked", "gru_before", "rnn", "block_attention", "lstm_peephole"])
def test_every_inner_node_can_be_an_output(name: str) -> None:
    case = case_of(name, 4)
    inner = [node.path for node in case.checked.graph if node.block not in ("input", "number")]
    assert len(inner) > 2
    for also in (tuple(inner), (inner[len(inner) // 2],)):
        assert_same(by_module(case, also=also), by_interpreter(case, also=also))


WIDE = """\
spec: 1
inputs: {x: {features: 3}}
nodes:
  h: {block: gru, input: x, units: 3}
  y: {block: linear, input: h, units: 7}
  z: {block: linear, input: h, units: 2}
outputs: {y: y, z: z}
"""


@pytest.mark.parametrize("steps", [(6, 2, 3), (6, 6, 5), (6, 6, 6), (1, 1, 1)])
def test_a_wide_output_is_worked_out_for_valid_steps_alone(steps: tuple[int, ...]) -> None:
    checked = checked_spec(WIDE)
    source = compile(checked).source
    assert "y = scattered(self.y(gathered(h, mask)), mask)" in source
    assert "z = self.z(h)" in source
    case = make_case(checked, {"time": steps}, seed=3)
    assert_same(by_module(case), by_interpreter(case))
    rows: list[int] = []
    module = compile(checked)
    module.y.register_forward_hook(lambda layer, given, made: rows.append(given[0].shape[:-1].numel()))  # type: ignore[operator, union-attr]
    module(torch.randn(3, steps[0], 3), lengths={"time": torch.tensor(steps)})
    assert rows == [sum(steps) if sum(steps) <= 0.9 * 3 * steps[0] else 3 * steps[0]]


def test_an_inner_node_that_is_none_is_refused_with_the_nearest() -> None:
    with pytest.raises(SpecError, match="did you mean h/1/forward/c"):
        compile(cell_text("lstm"), also=["h/1/forward/cell"])


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
    "name",
    [
        "value_error",
        "type_error",
        "tensor",
        "parts",
        "f",
        "true",
        "nn",
        "torch",
        "module",
        "dict",
        "linear",
        "exception",
    ],
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
