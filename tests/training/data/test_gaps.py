"""Series with gaps: what is read there, that it is not scored, what is no gap; known columns beside a forecast."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import torch

from leporello.graphs.problems import SpecError
from leporello.training.data.encoders import encoder_of
from leporello.training.data.numbers import Numbers
from leporello.training.feeding.batch import without_gaps
from leporello.training.feeding.encoded import encode
from leporello.training.feeding.streams import Streams
from leporello.training.tasks.task import task_of
from tests.support.columns import loaded, spec_of
from tests.support.command_line import done

NAN = math.nan
TABLE = "x,y\n" + "".join(f"{'' if n % 5 == 3 else n % 7},{'NaN' if n % 4 == 1 else n % 3}\n" for n in range(80))


def test_what_is_read_in_a_gap() -> None:
    values = torch.tensor([[NAN, 1.0], [2.0, NAN], [NAN, NAN], [4.0, 5.0]])
    held, known = without_gaps(values, hold=True)
    assert held.tolist() == [[0.0, 1.0], [2.0, 1.0], [2.0, 1.0], [4.0, 5.0]]
    assert without_gaps(values, hold=False)[0].tolist() == [[0.0, 1.0], [2.0, 0.0], [0.0, 0.0], [4.0, 5.0]]
    assert known.tolist() == [False, False, False, True]
    assert without_gaps(torch.empty(0, 2), hold=True)[0].shape == (0, 2)


def test_means_are_of_what_is_there() -> None:
    numbers = Numbers.of([[[1.0, None], ["", 4.0]], [[3.0, 8.0]]], gaps=True)
    assert (numbers.mean, numbers.scale) == ((2.0, 6.0), (1.0, 2.0))
    assert encoder_of(numbers.to_json(), "f") == numbers
    assert [one if one == one else None for one in numbers.encode([["n/a", 8.0]])] == [None, 1.0]


@pytest.mark.parametrize("rows", [[[["", 1.0]], [[None, 2.0]]], [[]]])
def test_a_column_without_a_number_is_refused(rows: list[list[list[object]]]) -> None:
    with pytest.raises(ValueError, match="not a single number"):
        Numbers.of(rows, gaps=True)


def test_a_series_is_read_in_streams_with_its_gaps(tmp_path: Path) -> None:
    entry = "v: {file: t.csv, columns: [x, y], gaps: hold, split: [0.5, 0.25, 0.25]}"
    data = loaded(tmp_path, "v: {features: 2}", entry, {"t.csv": TABLE})
    streams = Streams(data, batch=2, steps=7)
    chunks = [*streams.epoch(0)]
    assert sum(chunk.known["v"].shape[1] for chunk in chunks) == 20
    known = torch.cat([chunk.known["v"] for chunk in chunks], 1).flatten().tolist()
    assert known == [n % 5 != 3 and n % 4 != 1 for n in range(40)]
    assert all(chunk.inputs["v"].isfinite().all() for chunk in chunks)
    [part] = streams.part(1)
    assert part.known["v"].flatten().tolist() == [n % 5 != 3 and n % 4 != 1 for n in range(40, 60)]


SPEC = """nodes:
  h: {block: gru, input: [x(t-1), calendar], units: 4}
  o: {block: linear, input: h, units: 1}
outputs:
  next: {from: o, predicts: x}
"""


def test_steps_with_a_gap_are_not_scored_and_known_columns_stand_beside(tmp_path: Path) -> None:
    rows = [
        {"x": [n % 3, None, 1.0, "NaN", 2.0][: 3 + n % 3], "c": [[t, n] for t in range(3 + n % 3)]} for n in range(24)
    ]
    entry = "x: {file: r.jsonl, column: x, gaps: mean}\n  calendar: {file: r.jsonl, column: c}"
    inputs = "x: {features: 1}\n  calendar: {features: 2}"
    graph = spec_of(tmp_path, inputs, entry, {"r.jsonl": "\n".join(map(json.dumps, rows))}, SPEC)
    from leporello.training.data.columns import load_data

    data = load_data(graph)
    batch = encode(data.columns, 0).batch([0, 1, 2])
    [target] = task_of(graph, data).targets
    mask = target.mask(batch)
    assert mask is not None
    lengths = [len(row) for row in data.columns["x"].parts[0][:3]]
    expected = [[t < length and t not in (1, 3) for t in range(max(lengths))] for length in lengths]
    assert mask.tolist() == expected
    assert target.count(batch) == sum(map(sum, expected))
    outputs = {"next": torch.randn(3, max(lengths), 1, requires_grad=True)}
    loss = target.sum(outputs, batch)
    by_hand = [
        (outputs["next"][r, t] - batch.inputs["x"][r, t]).square()
        for r in range(3)
        for t in range(max(lengths))
        if expected[r][t]
    ]
    assert loss.item() == pytest.approx(torch.stack(by_hand).sum().item(), rel=1e-6)
    loss.backward()  # type: ignore[no-untyped-call]
    assert outputs["next"].grad is not None
    assert not outputs["next"].grad[~mask].any()


def test_it_is_shown_trained_and_asked(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "x,hour\n" + "".join(f"{'' if n % 6 == 2 else n % 4},{n % 4}\n" for n in range(400))
    )
    (tmp_path / "spec.yaml").write_text(
        "spec: 1\ninputs: {x: {features: 1}, calendar: {features: 1}}\n" + SPEC + "data:\n"
        "  x: {file: t.csv, column: x, gaps: hold}\n  calendar: {file: t.csv, column: hour}\n"
        "training: {batch: 4, steps: 12, updates: 150, rate: 0.02, validate_every: 150}\n"
    )
    [x, _] = json.loads(done("data", tmp_path / "spec.yaml", "--json"))
    assert "?" in x["examples"][0]["text"]
    done("train", tmp_path / "spec.yaml", "--run", tmp_path / "run")
    # The calendar says what comes: without it the gap and its neighbour would be a guess.
    assert json.loads(done("evaluate", tmp_path / "run", "--json"))["rmse"] < 0.3
    alone = (
        (tmp_path / "spec.yaml")
        .read_text()
        .replace("[x(t-1), calendar]", "x(t-1)")
        .replace(", calendar: {features: 1}", "")
    )
    (tmp_path / "spec.yaml").write_text(alone.replace("  calendar: {file: t.csv, column: hour}\n", ""))
    done("train", tmp_path / "spec.yaml", "--run", tmp_path / "alone")
    (tmp_path / "new.csv").write_text("x\n1\n2\n\n0\n1\n".replace("\n\n", "\nNA\n"))
    assert len(done("predict", tmp_path / "alone", tmp_path / "new.csv").split()) == 5


@pytest.mark.parametrize(
    ("inputs", "entry", "content", "words"),
    [
        ("x: {features: 1}", "x: {file: t.csv, column: x}", "x\n1\n\n2\n,\nNaN\n" * 9, "say gaps: hold"),
        (
            "x: {features: 1}",
            "x: {file: t.csv, column: x, gaps: hold}",
            "x\n1\nseven\n2\n" * 9,
            "'seven' is not a number",
        ),
        ("x: {features: 1}", "x: {file: t.csv, column: x, gaps: fill}", "x\n1\n" * 9, "hold, mean"),
        ("x: {tokens: $n}", "x: {file: t.csv, column: x, gaps: hold}", "x\n1\n" * 9, "for numbers along an axis"),
        ("x: {features: 1, axis: none}", "x: {file: t.csv, column: x, gaps: hold}", "x\n1\n" * 9, "along an axis"),
    ],
)
def test_what_is_no_gap(tmp_path: Path, inputs: str, entry: str, content: str, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        loaded(tmp_path, inputs, entry, {"t.csv": content})
    assert words in str(caught.value)
