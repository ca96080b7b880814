"""`leporello data`: what a model is trained on, for people and for programs, and without torch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.columns import LABELLED, spec_of
from tests.support.command_line import CHARACTERS, ELMAN, done, refused

SPLIT = "split: [0.5, 0.25, 0.25]"
ENTRIES = f"text: {{file: t.csv, column: text, as: words, {SPLIT}}}\n  label: {{file: t.csv, column: label, {SPLIT}}}"
TABLE = "text,label\n" + "".join(f"a b{n} c,{'odd' if n % 2 else 'even'}\n" for n in range(40))


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    graph = spec_of(tmp_path, LABELLED, ENTRIES, {"t.csv": TABLE})
    (tmp_path / "small.yaml").write_text(graph.text)
    return tmp_path / "small.yaml"


def test_examples_are_told_as_text_and_as_numbers(spec: Path) -> None:
    text, label = json.loads(done("data", spec, "--json", "--first", "5"))
    assert text["sequences"] == label["sequences"] == {"train": 20, "valid": 10, "test": 10}
    assert text["lengths"] == {"least": 3, "median": 3, "most": 3}
    assert (text["as"], text["size"], text["symbols"][:2]) == ("words", 3 + 22, ["a", "c"])
    assert text["unknown"] == pytest.approx(1 / 3)
    assert len(text["examples"]) == len(label["examples"]) == 5
    for words, kind in zip(text["examples"], label["examples"], strict=True):
        number = int(words["text"].split()[1].removeprefix("b"))
        assert kind["text"] == ("odd" if number % 2 else "even")
        assert kind["numbers"] == [int(number % 2)]
        assert words["numbers"][::2] == [3, 4]
    assert sum(label["labels"].values()) == pytest.approx(1)
    said = done("data", spec)
    assert "unknown     33.33% in validation" in said
    assert "labels      " in said
    assert said.count("example") == 6


def test_a_long_text_is_shown_from_its_beginning(tmp_path: Path) -> None:
    (tmp_path / "input.txt").write_text("one\ttwo\x1b[2J " * 300)
    said = done("data", CHARACTERS, "--data", f"text={tmp_path / 'input.txt'}")
    assert "steps       train 3,240, valid 180, test 180" in said
    assert "\x1b" not in said
    assert "example 1" in said
    assert "example" not in done("data", CHARACTERS, "--data", f"text={tmp_path / 'input.txt'}", "--first", "0")


def test_what_is_wrong_with_data_is_told(spec: Path, tmp_path: Path) -> None:
    assert "this spec has no data" in refused("data", ELMAN)
    assert "there is no file" in refused("data", spec, "--data", f"text={tmp_path / 'none.csv'}")
    assert "'nothing' is not an input" in refused("data", spec, "--data", "nothing=x")
    parts = {"train": [{"text": "a", "label": "odd"}], "valid": [], "test": [{"text": "a", "label": "neither"}]}
    (tmp_path / "t.json").write_text(json.dumps(parts))
    given = [word for name in ("text", "label") for word in ("--data", f"{name}={tmp_path / 't.json'}")]
    assert "row 1 of the part test: the label 'neither' does not occur" in refused("data", spec, *given)
    (tmp_path / "t.csv").write_text("text\n" + "x\n" * 20)
    assert "t.csv has no column 'label'" in refused("data", spec)


def test_it_needs_no_torch(spec: Path) -> None:
    code = f"import sys\nsys.argv[1:] = ['data', {str(spec)!r}]\nfrom leporello.cli.main import main\n"
    code += "try:\n    main()\nfinally:\n    print('torch' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.endswith("False\n"), result.stderr
