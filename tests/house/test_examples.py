"""Every example is checked, drawn, printed as code, compiled and run, and does what its text says."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from leporello.blocks.registry import registry
from leporello.examples import describe, examples
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.drawing.draw import draw
from leporello.graphs.drawing.options import Options
from leporello.graphs.specs import read_spec
from leporello.training.data.columns import sizes_of
from leporello.training.models import Given, check_model, read_model
from tests.support.command_line import done, refused
from tests.support.paths import ROOT
from tests.support.stand_ins import MADE, sources_for

FOLDER = ROOT / "examples"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
DELIVERED = {"dates", "elman", "lstm_from_equations", "char_lm", "tagger", "own_cell", "context", "luong"}
LANGUAGE_MODELS = ["char_lm", "own_cell"]
WITH_DATA = [name for name in NAMES if "\ndata:\n" in (FOLDER / f"{name}.yaml").read_text()]


@cache
def model(name: str) -> Checked:
    """An example, checked, its sizes bound by its data."""
    return check_model(read_model(FOLDER / f"{name}.yaml"), Given(sources=sources_for(name)))


def compiled(name: str) -> Any:
    """The module of an example, its sizes bound by its data."""
    import leporello

    sizes = sizes_of(read_model(FOLDER / f"{name}.yaml"), sources_for(name))
    return leporello.compile(FOLDER / f"{name}.yaml", **sizes)


def random_inputs(checked: Checked, batch: int = 3, steps: int = 5) -> dict[str, Any]:
    """Random values for every argument of the compiled module: `[batch, time, ...]`, each axis of another length."""
    import torch

    lengths: dict[str, int] = {}
    read = {wire.source for node in checked.graph.nodes for wire in node.wires}
    given: dict[str, Any] = {}
    for node in checked.graph.inputs:
        if node.path not in read:
            continue
        axis, value = checked.axes[node.path].own, checked.values[node.path, ""]
        shape = (batch, lengths.setdefault(str(axis), steps + len(lengths)))
        assert isinstance(value.size, int)
        tokens = value.kind == "tokens"
        given[node.path] = torch.randint(3, value.size, shape) if tokens else torch.randn(*shape, value.size)
    return given


def test_all_examples_are_here() -> None:
    assert set(NAMES) >= DELIVERED
    assert list(examples()) == NAMES


def test_the_readme_says_what_each_shows() -> None:
    listed = re.findall(r"^\| `(\w+)\.yaml` \| \S.*\|$", (FOLDER / "README.md").read_text(), re.MULTILINE)
    assert sorted(listed) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_it_is_named_after_its_file_and_begins_with_what_it_shows(name: str) -> None:
    text = (FOLDER / f"{name}.yaml").read_text()
    assert read_model(FOLDER / f"{name}.yaml").name == name
    assert len(describe(text)) > 20


@pytest.mark.parametrize("name", NAMES)
def test_it_checks_without_a_warning_and_knows_its_sizes(name: str) -> None:
    checked = model(name)
    assert not checked.warnings
    assert not checked.unbound
    assert all(isinstance(value.size, int) for value in checked.values.values())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("unfold", [None, 3])
@pytest.mark.parametrize("format", ["dot", "txt"])
def test_it_is_drawn(name: str, unfold: int | None, format: Any) -> None:
    checked = model(name)
    picture = draw(checked.graph, checked.axes, Options(unfold), format)
    for output in checked.graph.outputs:
        assert output.name in picture


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("feedback", ["teacher", "free"])
def test_its_code_is_python(name: str, feedback: Any) -> None:
    from leporello.builder.lowering.generate import source

    compile(source(model(name), feedback=feedback), f"{name}.py", "exec")


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_on_random_input_and_has_gradients(name: str) -> None:
    import torch

    torch.manual_seed(1)
    checked, module = model(name), compiled(name)
    given = random_inputs(checked)
    outputs = module(**given)
    assert set(outputs) == {output.name for output in checked.graph.outputs}
    for output in checked.graph.outputs:
        value, axes = outputs[output.name], checked.axes[output.wire.source]
        along = [axis for axis in (axes.own, *(other for other, _ in axes.carried)) if axis is not None]
        steps = [next(x.shape[1] for path, x in given.items() if checked.axes[path].own == axis) for axis in along]
        assert value.shape == (3, *steps, checked.value(output.wire).size)
        assert torch.isfinite(value).all()
    weights = list(module.parameters())
    assert sum(weight.numel() for weight in weights) == checked.parameters
    if weights:
        sum(value.square().sum() for value in outputs.values()).backward()
        assert all(torch.isfinite(weight.grad).all() and weight.grad.any() for weight in weights)


def test_context_gives_the_same_input_different_outputs() -> None:
    import torch

    module = compiled("context")
    x = torch.tensor([0.0, 1, 0, 0, 1, 0, 1]).reshape(1, 7, 1)
    found = {name: value.flatten().tolist() for name, value in module(x).items()}
    assert found["inside"] == [0, 1, 1, 1, 0, 0, 1]
    assert found["closes"] == [1, 1, 0, 0, 0, 1, 1]


def test_lstm_from_equations_is_the_block_lstm() -> None:
    import torch

    import leporello

    inputs, _, rest = (FOLDER / "lstm_from_equations.yaml").read_text().partition("nodes:\n")
    block = f"{inputs}nodes:\n  h: {{block: lstm, input: x, units: 16}}\n{rest[rest.index('  y: {') :]}"
    spelled, other = compiled("lstm_from_equations"), leporello.compile(read_spec(block, registry()))
    weights = {name.replace("h.1.forward_.", ""): value for name, value in other.state_dict().items()}
    spelled.load_state_dict(weights)
    x = torch.randn(3, 7, 8)
    assert torch.allclose(spelled(x)["y"], other(x)["y"], atol=1e-5)


def test_the_cell_of_own_cell_is_a_gru() -> None:
    import torch

    import leporello

    text = (FOLDER / "own_cell.yaml").read_text()
    assert "{block: my_gru, x: e" in text
    built_in = read_spec(text.replace("{block: my_gru, x: e", "{block: gru, input: e"), registry())
    own, other = leporello.compile(FOLDER / "own_cell.yaml", characters=40), leporello.compile(built_in, characters=40)
    own.load_state_dict(other.state_dict())
    tokens = torch.randint(3, 40, (2, 6))
    assert torch.allclose(own(tokens)["next"], other(tokens)["next"], atol=1e-5)


@pytest.mark.parametrize("name", LANGUAGE_MODELS)
def test_the_language_models_train(name: str, tmp_path: Path) -> None:
    from leporello.training.overrides import apply_overrides
    from leporello.training.train import train

    overrides = ["training.updates=3", "training.batch=4", "training.steps=8"]
    (tmp_path / "short.txt").write_text("the same input, another context. " * 60)
    graph = apply_overrides(read_model(FOLDER / f"{name}.yaml"), overrides)
    outcome = train(graph, tmp_path / "run", sources={"text": str(tmp_path / "short.txt")}, overrides=overrides)
    assert (outcome.state, outcome.update) == ("finished", 3)
    assert 0 < outcome.test["bits"] < 10


@pytest.mark.parametrize("name", sorted(set(WITH_DATA) - set(LANGUAGE_MODELS)))
def test_what_brings_data_trains(name: str, tmp_path: Path) -> None:
    from leporello.training.overrides import apply_overrides
    from leporello.training.train import train

    overrides = [
        "training.updates=2",
        "training.epochs=0",
        "training.batch=16",
        "training.steps=8",
        "training.sample=0",
    ]
    graph = apply_overrides(read_model(FOLDER / f"{name}.yaml"), overrides)
    outcome = train(graph, tmp_path / "run", sources=sources_for(name), overrides=overrides)
    assert (outcome.state, outcome.update) == ("finished", 2)
    assert outcome.test


@pytest.mark.parametrize("name", WITH_DATA)
def test_its_data_are_shown(name: str) -> None:
    given = [word for one, path in sources_for(name).items() for word in ("--data", f"{one}={path}")]
    said = done("data", FOLDER / f"{name}.yaml", *given)
    assert "example 3" in said or "steps" in said


@pytest.mark.parametrize("name", sorted(MADE))
def test_data_that_do_not_ship_say_where_they_are_had(name: str, tmp_path: Path) -> None:
    spec = tmp_path / f"{name}.yaml"
    spec.write_text((FOLDER / f"{name}.yaml").read_text())
    for command in (["check", spec], ["train", spec, "--run", tmp_path / "run"], ["data", spec]):
        said = refused(*command)
        assert re.search(r"there is no file '[\w.-]+' in .*\n  it is had at https://.*--data \w+=PATH", said)
    assert not (tmp_path / "run").exists()
