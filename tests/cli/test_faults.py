"""What once ended in a traceback: models whose state cannot be carried on, and files of a run changed by hand."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import done, refused, run

MODEL = """\
spec: 1
name: small
inputs:
  text: {{tokens: $characters}}
nodes:
  previous: {{block: feedback, truth: text(t-1), own: choice(t-1)}}
  e: {{block: embedding, input: previous, units: 8}}
  h: {{block: lstm, input: e, units: 8}}
  logits: {{block: linear, input: h, units: $characters}}
  choice: {{block: sample, input: logits}}
{nodes}outputs:
  next: {{from: logits, predicts: text}}
  {output}
data:
  text: {{file: input.txt}}
training: {{batch: 4, steps: 10, updates: 4, validate_every: 2, sample: 10, checkpoint_every: 2}}
"""
BOTH = "  f: {block: embedding, input: text(t-1), units: 8}\n  g: {block: gru, input: f, units: 8, direction: both}\n"
WRONG: list[Any] = [None, True, -1, 2**70, 1.5, "x", "\0", [], {}, [3], {"a": 3}]


def written(folder: Path, output: str, nodes: str = "") -> Path:
    (folder / "input.txt").write_text("the quick brown fox jumps; " * 60)
    (folder / "small.yaml").write_text(MODEL.format(output=output, nodes=nodes))
    return folder / "small.yaml"


@pytest.mark.parametrize(
    ("output", "nodes"),
    [("summary: h(last)", ""), ("ahead: h(t+1)", ""), ("echo: text", ""), ("other: g", BOTH), ("same: h", "")],
)
def test_a_text_is_learned_and_written_whatever_else_a_model_gives(tmp_path: Path, output: str, nodes: str) -> None:
    spec = written(tmp_path, output, nodes)
    said = done("train", spec, "--run", tmp_path / "run")
    assert "leporello generate" in said
    events = [json.loads(line) for line in (tmp_path / "run" / "events.jsonl").read_text().splitlines()]
    assert [len(event["text"]) for event in events if event["event"] == "sample"] == [10, 10]
    assert len(done("generate", tmp_path / "run", "--length", "7", "--seed", "1").rstrip("\n")) <= 7
    assert done("generate", tmp_path / "run", "--temperature", "1e-320", "--seed", "1", "--length", "9") == done(
        "generate", tmp_path / "run", "--temperature", "0", "--seed", "2", "--length", "9"
    )


def test_a_model_that_looks_ahead_is_refused_by_name(tmp_path: Path) -> None:
    spec = written(tmp_path, "same: h")
    spec.write_text(spec.read_text().replace("input: h, units: $", "input: [h, h(last)], units: $"))
    result = run("train", spec, "--run", tmp_path / "run")
    if result.exit_code == 0:
        assert "leporello generate" not in result.stdout
        assert "cannot write" in refused("generate", tmp_path / "run")
    else:
        assert result.exit_code == 2


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that was interrupted after two of four updates."""
    folder = tmp_path_factory.mktemp("trained")
    done("train", written(folder, "same: h"), "--run", folder / "run")
    status = json.loads((folder / "run" / "status.json").read_text())
    (folder / "run" / "status.json").write_text(json.dumps({**status, "state": "interrupted", "update": 2}))
    shutil.rmtree(folder / "run" / "checkpoints" / "step-00000004")
    return folder / "run"


def fields(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The paths of all entries in a JSON object."""
    inner = (
        [one for name, each in value.items() for one in fields(each, (*path, name))] if isinstance(value, dict) else []
    )
    return [path, *inner] if path else inner


def changed(value: Any, path: tuple[str, ...], new: Any) -> Any:
    return {**value, path[0]: changed(value[path[0]], path[1:], new)} if path else new


def tried(commands: list[list[Any]]) -> None:
    """Commands end by themselves, in one of three ways."""
    for command in commands:
        assert run(*command).exit_code in (0, 1, 2), command


@pytest.mark.parametrize("name", ["run.json", "status.json"])
def test_fields_of_a_run_that_were_changed_end_in_no_traceback(trained: Path, tmp_path: Path, name: str) -> None:
    folder = Path(shutil.copytree(trained, tmp_path / "runs" / "run"))
    whole = json.loads((trained / name).read_text())
    for number, path in enumerate(fields(whole)):
        for wrong in (WRONG[number % len(WRONG)], WRONG[(number + 4) % len(WRONG)]):
            (folder / name).write_text(json.dumps(changed(whole, path, wrong)))
            tried([["runs", folder.parent], ["stop", folder]])
    (folder / name).write_text(json.dumps({"training": 3, "state": []}))
    assert "is damaged" in refused("train", "--resume", "--run", folder)


@pytest.mark.parametrize(
    "wrong", [{"update": "2"}, {"position": None}, {"best": "x"}, {"best_update": [3]}, {"more": 1}]
)
def test_progress_that_was_changed_is_refused(trained: Path, tmp_path: Path, wrong: dict[str, Any]) -> None:
    folder = Path(shutil.copytree(trained, tmp_path / "run"))
    place = folder / "checkpoints" / "step-00000002"
    progress = json.dumps({**json.loads((place / "progress.json").read_text()), **wrong}).encode()
    (place / "progress.json").write_bytes(progress)
    manifest = json.loads((place / "manifest.json").read_text())
    manifest["files"]["progress.json"] = {"bytes": len(progress), "sha256": hashlib.sha256(progress).hexdigest()}
    (place / "manifest.json").write_text(json.dumps(manifest))
    assert "the checkpoint at update 2 cannot be used" in refused("train", "--resume", "--run", folder)


def test_resume_names_a_run_that_is_there(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "name its folder: --run DIR" in refused("train", "--resume")
    shutil.copytree(trained, tmp_path / "runs" / "mine")
    assert "such as --run runs/mine, the newest" in refused("train", "--resume")


def test_an_interrupt_while_torch_loads_ends_as_an_interrupt_does(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    spec = written(tmp_path, "same: h")
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code += "from leporello.cli.main import main; main()"
    arguments = [sys.executable, "-c", code, "train", str(spec), "--run", str(tmp_path / "run")]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    result = subprocess.run(arguments, env=environment, capture_output=True, text=True)
    assert result.returncode == 128 + signal.SIGINT, result.stderr
    assert "Traceback" not in result.stderr
