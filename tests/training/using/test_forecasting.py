"""What models say of tables: several inputs from the columns of one file, and how a series goes on after its end."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from leporello.training.models import read_kept
from leporello.training.runs.run import Run
from leporello.training.using.forecasting import forecast
from leporello.training.using.predicting import predict
from leporello.training.using.trained import Trained, load_trained
from tests.support.command_line import done, refused

SERIES = """\
spec: 1
name: waves
inputs:
  value: {features: 2}
nodes:
  previous: {block: feedback, truth: value(t-1), own: y(t-1)}
  h: {block: gru, input: previous, units: 6}
  y: {block: linear, input: h, units: 2}
outputs:
  next: {from: y, predicts: value}
data:
  value: {file: waves.csv, columns: [a, b]}
training: {batch: 4, steps: 10, rate: 2e-2, updates: 40}
"""
LOADS = """\
spec: 1
name: loads
inputs:
  load: {features: 1}
  warm: {features: 1}
nodes:
  h: {block: gru, input: [load(t-1), warm], units: 4}
  y: {block: linear, input: h, units: 1}
outputs:
  next: {from: y, predicts: load}
data:
  load: {file: waves.csv, columns: [a]}
  warm: {file: waves.csv, columns: [b]}
training: {batch: 4, steps: 10, updates: 4}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs, and the tables that they learned from."""
    found = tmp_path_factory.mktemp("series")
    rows = [f"{5 + math.sin(step / 3):.4f},{step % 4}" for step in range(200)]
    (found / "waves.csv").write_text("\n".join(["a,b", *rows]) + "\n")
    (found / "short.csv").write_text("\n".join(["a,b", *rows[:30]]) + "\n")
    for text, name in ((SERIES, "waves"), (LOADS, "loads")):
        (found / f"{name}.yaml").write_text(text)
        done("train", found / f"{name}.yaml", "--run", found / name)
    return found


@pytest.fixture(scope="module")
def waves(folder: Path) -> Trained:
    return load_trained(Run(folder / "waves"), read_kept)


def test_what_follows_is_what_would_be_said_of_the_series_with_what_was_said_before(waves: Trained) -> None:
    row = [[5 + math.sin(step / 3), float(step % 4)] for step in range(20)]
    ahead = forecast(waves, {"value": row}, 6).values["next"]
    longer = list(row)
    for said in ahead:
        # The last value is not read by the step that says it.
        [found] = predict(waves, [{"value": [*longer, [0.0, 0.0]]}])
        assert found.values["next"][-1] == pytest.approx(said, rel=1e-4, abs=1e-4)
        longer.append(said)


def test_the_command_says_as_many_steps_as_it_is_asked_for(folder: Path) -> None:
    lines = done("predict", folder / "waves", folder / "short.csv", "--ahead", 5).splitlines()
    assert len(lines) == 5
    assert all(len(line.split(",")) == 2 for line in lines)
    said = json.loads(done("predict", folder / "waves", folder / "short.csv", "--ahead", 5, "--json"))
    assert [f"{a:g},{b:g}" for a, b in said["values"]["next"]] == lines


def test_inputs_are_read_from_their_columns_of_one_table(folder: Path) -> None:
    lines = done("predict", folder / "loads", folder / "short.csv").splitlines()
    assert len(lines) == 30
    model = load_trained(Run(folder / "loads"), read_kept)
    table = [line.split(",") for line in (folder / "short.csv").read_text().split()[1:]]
    row = {"load": [float(a) for a, _ in table], "warm": [float(b) for _, b in table]}
    assert [f"{one:g}" for [one] in predict(model, [row])[0].values["next"]] == lines


def test_what_cannot_be_said_is_refused_with_its_reason(folder: Path) -> None:
    short = folder / "short.csv"
    assert "loads cannot go on by itself: generation needs one feedback" in refused(
        "predict", folder / "loads", short, "--ahead", 2
    )
    assert "0 steps ahead" in refused("predict", folder / "waves", short, "--ahead", 0)
    assert "load, warm are read from a table" in refused("predict", folder / "loads")
    (folder / "half.csv").write_text("a\n1\n")
    assert "has no column 'b'" in refused("predict", folder / "loads", folder / "half.csv")
    (folder / "lines.txt").write_text("1\n2\n")
    assert "is a text and has no columns" in refused("predict", folder / "loads", folder / "lines.txt")
    model = load_trained(Run(folder / "loads"), read_kept)
    for row, said in (
        ({"load": [1.0]}, "row 1 has nothing for warm"),
        ({"load": [1.0], "warm": []}, "row 1 has nothing in it"),
        ({"load": [1.0], "warm": [1.0, 2.0]}, "row 1: warm has 2 steps, and another input of its axis 1"),
        ({"load": [1.0], "warm": ["x"]}, "row 1: step 1 has 'x'"),
    ):
        with pytest.raises(Exception, match=said):
            predict(model, [row])
