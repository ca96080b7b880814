"""`leporello train` and `leporello generate`: a run from its spec to the text that it writes, and what is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from leporello.blocks.registry import registry
from leporello.cli.running.generate import shown
from leporello.cli.running.progress import told
from leporello.graphs.interchange.node_link import to_json
from leporello.graphs.specs import read_file
from leporello.training.runs.following import Record
from leporello.training.runs.run import EVENTS, STATUS, Run
from tests.support.command_line import CHARACTERS, ELMAN, done, refused, run

TEXT = "the quick brown fox jumps over the lazy dog; " * 60
QUICK = ["training.updates=6", "training.batch=4", "training.steps=9", "training.validate_every=3"]
SETTINGS = [part for setting in QUICK for part in ("--set", setting)]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of six updates, its text beside it."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "text.txt").write_text(TEXT)
    said = done("train", CHARACTERS, "--run", folder / "run", "--data", f"text={folder / 'text.txt'}", *SETTINGS)
    assert "bits per character" in said
    assert str(folder / "run") in said
    assert f"leporello generate {folder / 'run'}" in said
    return folder / "run"


def copied(trained: Path, folder: Path) -> Path:
    """A copy of a run that a test may change."""
    import shutil

    return Path(shutil.copytree(trained, folder / "copy"))


def test_a_run_says_where_its_files_lie(trained: Path) -> None:
    status = Run(trained).status()
    assert (status.state, status.exit, status.update) == ("finished", 0, 6)
    events = [event["event"] for event in Run(trained).events()]
    assert events[0] == "start"
    assert events[-1] == "finished"
    assert events.count("validation") == 2


def test_events_are_told_as_json_lines(trained: Path, tmp_path: Path) -> None:
    data = f"text={trained.parent / 'text.txt'}"
    result = run("train", CHARACTERS, "--json", "--run", tmp_path / "run", "--data", data, *SETTINGS)
    assert result.exit_code == 0, result.output
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert events == list(Run(tmp_path / "run").raw_events())


def test_a_run_goes_on_with_more_updates(trained: Path, tmp_path: Path) -> None:
    again = copied(trained, tmp_path)
    result = run("train", "--resume", "--run", again, "--set", "training.updates=9")
    assert result.exit_code == 0, result.output
    assert "going on after update 6" in result.stderr
    assert Run(again).status().update == 9


def test_a_finished_run_is_not_trained_again(trained: Path) -> None:
    assert "is finished at update 6" in refused("train", "--resume", "--run", trained)
    said = refused("train", CHARACTERS, "--run", trained, *SETTINGS)
    assert "holds a run already" in said
    assert "--resume" in said


def test_another_spec_does_not_go_on_with_it(trained: Path) -> None:
    before = (trained / EVENTS).read_bytes()
    assert "is not the spec" in refused("train", ELMAN, "--resume", "--run", trained)
    assert (trained / EVENTS).read_bytes() == before


def test_the_same_seed_writes_the_same(trained: Path) -> None:
    first = done("generate", trained, "--length", "30", "--seed", "1")
    assert first == done("generate", trained, "--length", "30", "--seed", "1")
    assert first != done("generate", trained, "--length", "30", "--seed", "2")
    assert len(first) == 31
    assert set(first) <= set(TEXT) | {"\n"}


def test_the_prompt_comes_first(trained: Path) -> None:
    assert done("generate", trained, "--prompt", "the quick", "--length", "5", "--seed", "1").startswith("the quick")
    assert done("generate", trained, "--prompt", "fox", "--length", "0") == "fox\n"
    found = json.loads(done("generate", trained, "--prompt", "fox", "--length", "4", "--seed", "1", "--json"))
    assert (found["prompt"], len(found["text"])) == ("fox", 4)
    assert found["update"] in (3, 6)


def test_unknown_characters_of_a_prompt_are_told(trained: Path) -> None:
    result = run("generate", trained, "--prompt", "fox\u4e00", "--length", "3", "--seed", "1")
    assert result.exit_code == 0
    assert "warning" in result.stderr
    assert "\u4e00" in result.stderr


def test_sampling_reaches_the_model(trained: Path) -> None:
    certain = done("generate", trained, "--length", "20", "--temperature", "0")
    assert certain == done("generate", trained, "--length", "20", "--top-k", "1", "--seed", "5")
    assert certain == done("generate", trained, "--length", "20", "--top-p", "1e-9", "--seed", "5")
    earlier = done("generate", trained, "--length", "20", "--checkpoint", "3", "--temperature", "0")
    assert 1 <= len(earlier) <= 21


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--temperature", "-1"], "temperature"),
        (["--temperature", "nan"], "temperature"),
        (["--top-k", "-1"], "top-k"),
        (["--top-p", "0"], "top-p"),
        (["--top-p", "2"], "top-p"),
        (["--length", "-3"], "length"),
        (["--length", "many"], "length"),
        (["--seed", "-1"], "seed"),
        (["--seed", str(2**64)], "seed"),
        (["--checkpoint", "4"], "checkpoint"),
    ],
)
def test_settings_out_of_range(trained: Path, arguments: list[str], hint: str) -> None:
    assert hint in refused("generate", trained, *arguments)


@pytest.mark.parametrize("name", ["missing", "empty", "file"])
def test_folders_that_are_no_run(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("no run")
    assert "is not the folder of a run" in refused("generate", tmp_path / name)
    assert "is not the folder of a run" in refused("train", "--resume", "--run", tmp_path / name)


def test_a_damaged_run_is_refused(trained: Path, tmp_path: Path) -> None:
    again = copied(trained, tmp_path)
    for path in again.glob("checkpoints/*/*.safetensors"):
        path.write_bytes(path.read_bytes()[:100])
    assert "checkpoint" in refused("generate", again)
    (again / "run.json").write_text("{")
    refused("generate", again)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ([], "there is no spec to train"),
        (["--resume"], "--run"),
        (["missing.yaml"], "there is no such file"),
        ([ELMAN], "nothing can be trained: no output predicts an input"),
        ([CHARACTERS, "--set", "training.update=3"], "did you mean updates?"),
        ([CHARACTERS, "--set", "training.rate=fast"], "training.rate"),
        ([CHARACTERS, "--set", "training.rate"], "section.name=value"),
        ([CHARACTERS, "--data", "text=missing.txt"], "missing.txt"),
        ([CHARACTERS, "--data", "txt=missing.txt"], "did you mean text?"),
        ([CHARACTERS, "--set", "data.text.file=../outside.txt"], "leaves the spec's folder"),
        ([CHARACTERS, "--run", "taken"], "not empty"),
        ([CHARACTERS, "--run", "taken/file"], "not a folder"),
    ],
)
def test_what_cannot_be_trained(
    arguments: list[str], hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("taken").mkdir()
    Path("taken/file").write_text("precious")
    assert hint in refused("train", *arguments)
    assert os.listdir() == ["taken"]
    assert Path("taken/file").read_text() == "precious"


def test_a_graph_in_json_is_trained_resumed_and_writes(trained: Path, tmp_path: Path) -> None:
    spec = tmp_path / "model.json"
    spec.write_text(to_json(read_file(CHARACTERS, registry())))
    done("train", spec, "--run", tmp_path / "run", "--data", f"text={trained.parent / 'text.txt'}", *SETTINGS)
    done("train", spec, "--resume", "--run", tmp_path / "run", "--set", "training.updates=8")
    written = done("generate", tmp_path / "run", "--length", "9", "--seed", "1")
    assert 1 < len(written) <= 10
    assert done("generate", tmp_path / "run", "--length", "9", "--seed", "1") == written


def test_runs_without_a_name_are_numbered(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = ["--data", f"text={trained.parent / 'text.txt'}", "--set", "training.updates=1", *SETTINGS[2:]]
    assert str(Path("runs/char_lm-1")) in done("train", CHARACTERS, *text)
    done("train", CHARACTERS, *text)
    assert sorted(os.listdir("runs")) == ["char_lm-1", "char_lm-2"]
    assert json.loads(Path("runs/char_lm-2", STATUS).read_text())["state"] == "finished"


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"event": "start", "name": "m\x1b[2J", "weights": 1234}, "m\\x1b[2J: 1,234 parameters, 50 updates"),
        ({"event": "resume", "update": 7, "note": ""}, "going on after update 7"),
        ({"event": "validation", "update": 20, "bits": 2.5, "best": True}, "2.500 bits per character"),
        ({"event": "checkpoint", "update": 20}, ""),
    ],
)
def test_events_in_a_line(event: dict[str, Any], said: str) -> None:
    line = told(event, Record(updates=50))
    assert said in line
    assert bool(line) is bool(said)


def test_what_a_model_writes_is_shown_and_never_obeyed() -> None:
    assert shown("a\tb\nc") == "a\tb\nc"
    assert shown("\x1b]0;x\x07\u202e") == "\\x1b]0;x\\x07\\u202e"


def test_a_trained_model_becomes_a_folder_that_needs_no_leporello(trained: Path, tmp_path: Path) -> None:
    said = done("code", trained, "-o", tmp_path / "model")
    assert "at update" in said
    program = (
        "import sys; sys.modules['leporello'] = None\n"
        "from load import model\n"
        "import torch\n"
        "print(tuple(model(torch.zeros(1, 7, dtype=torch.long))['next'].shape))"
    )
    found = subprocess.run([sys.executable, "-c", program], cwd=tmp_path / "model", capture_output=True, text=True)
    text = json.loads((tmp_path / "model" / "encoders.json").read_text())["text"]
    assert found.stdout.strip() == f"(1, 7, {len(text['special']) + len(text['symbols'])})", found.stderr


def test_what_a_run_cannot_be_written_into(trained: Path, tmp_path: Path) -> None:
    assert "there already" in refused("code", trained, "-o", tmp_path)
    assert "no folder" in refused("code", trained, "-o", tmp_path / "none" / "model")
    assert "into a folder" in refused("code", trained)
    assert "run.json" in refused("code", tmp_path, "-o", tmp_path / "model")
