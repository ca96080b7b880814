"""Runs that begin with the weights of others, wait, are drawn, are deleted; and a model written out of one."""

from __future__ import annotations

import json
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from leporello.cli.main import cli
from leporello.graphs.drawing.writers.allowed import forbidden
from leporello.training.checkpoints import stored_weights
from leporello.training.runs.run import FACTS, Run
from tests.support.command_line import CHARACTERS, done, refused, run

TEXT = "the quick brown fox jumps over the lazy dog; " * 60
SMALL = ["training.batch=4", "training.steps=9", "training.validate_every=2", "training.sample=0"]
SETTINGS = [part for setting in SMALL for part in ("--set", setting)]
SHORT = [*SETTINGS, "--set", "training.updates=4"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of four updates, its text beside it."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "text.txt").write_text(TEXT)
    done("train", CHARACTERS, "--run", folder / "run", *text_of(folder), *SHORT)
    return folder / "run"


def text_of(folder: Path) -> list[str]:
    return ["--data", f"text={folder / 'text.txt'}"]


def weights(folder: Path, update: int) -> dict[str, object]:
    return {name: value.tolist() for name, value in stored_weights(Run(folder).read(update)).items()}


def test_a_run_begins_with_the_weights_of_another(trained: Path, tmp_path: Path) -> None:
    begun = ["train", CHARACTERS, "--from", trained, "--run", tmp_path / "next", *text_of(trained.parent), *SHORT]
    said = run(*begun)
    assert said.exit_code == 0, said.output
    assert f"begins with the weights of {trained}" in said.stderr
    assert "taken" in said.stderr
    at = Run(trained).chosen()[1]
    assert weights(tmp_path / "next", 0) == weights(trained, at)
    assert weights(tmp_path / "next", 4) != weights(trained, at)
    facts = json.loads((tmp_path / "next" / FACTS).read_text())
    assert (facts["from"]["run"], facts["from"]["at"]) == (str(trained), at)


def test_renamed_weights_are_found_by_what_the_edits_said(trained: Path, tmp_path: Path) -> None:
    spec = tmp_path / "renamed.yaml"
    spec.write_text(Path(CHARACTERS).read_text())
    files = []
    for number, (old, new) in enumerate([("logits", "scores"), ("h", "state"), ("scores", "guess")]):
        files.append(tmp_path / f"{number}.json")
        files[-1].write_text(done("edit", spec, "rename", old, new, "--json"))
        done("edit", spec, "rename", old, new)
    begun = ["train", spec, "--from", trained, *text_of(trained.parent), *SHORT]
    moved = [part for file in files for part in ("--moved", str(file))]
    said = run(*begun, *moved, "--run", tmp_path / "all")
    assert said.exit_code == 0, said.output
    assert "there logits" in said.stderr
    assert "begins anew" not in said.stderr
    part = run(*begun, "--run", tmp_path / "part")
    assert part.exit_code == 0, part.output
    assert "not there" in part.stderr
    assert "left over" in part.stderr
    at = Run(trained).chosen()[1]
    assert sorted(map(str, weights(tmp_path / "all", 0).values())) == sorted(map(str, weights(trained, at).values()))


def test_what_has_another_size_begins_anew(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text(TEXT.replace("fox", "fox!?"))
    begun = ["train", CHARACTERS, "--from", trained, "--run", tmp_path / "next", *text_of(tmp_path), *SHORT]
    said = run(*begun)
    assert said.exit_code == 0, said.output
    assert "other size" in said.stderr
    assert "other data  text" in said.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--from", "nothing"], "is not the folder of a run"),
        (["--moved", "no.json"], "--from"),
        (["--from", "RUN", "--resume"], "leave one of them out"),
        (["--from", "RUN", "--moved", "no.json"], "cannot be read"),
    ],
)
def test_what_nothing_can_begin_with(trained: Path, tmp_path: Path, arguments: list[str], words: str) -> None:
    given = [str(trained) if one == "RUN" else one for one in arguments]
    where = ["--run", trained] if "--resume" in given else ["--run", tmp_path / "next"]
    spec = [] if "--resume" in given else [CHARACTERS, *text_of(trained.parent)]
    assert words in refused("train", *spec, *where, *given)
    assert not (tmp_path / "next").exists()


def test_a_model_of_which_nothing_fits_is_refused(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("x\n" + "\n".join(f"{n % 7}.5" for n in range(400)))
    (tmp_path / "other.yaml").write_text(
        "spec: 1\ninputs: {x: {features: 1}}\nnodes:\n  g: {block: gru, input: x(t-1), units: 3}\n"
        "  o: {block: linear, input: g, units: 1}\noutputs: {y: {from: o, predicts: x}}\n"
        "data: {x: {file: table.csv, column: x}}\ntraining: {batch: 2, steps: 8, updates: 2}\n"
    )
    said = refused("train", tmp_path / "other.yaml", "--from", trained, "--run", tmp_path / "next")
    assert "no weight" in said
    assert "not there" in said
    assert not (tmp_path / "next").exists()


def test_a_paused_run_waits_until_it_may_go_on(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text(TEXT)
    folder = tmp_path / "run"
    command = [sys.executable, "-m", "leporello", "train", "--detach", CHARACTERS, "--run", str(folder)]
    endless = [*SETTINGS, "--set", "training.updates=1000000", *text_of(tmp_path)]
    subprocess.run([*command, *endless], check=True, timeout=120, capture_output=True)
    said = done("pause", folder)
    status = Run(folder).status()
    assert (status.state, status.told, status.died) == ("running", "paused", False)
    assert f"is paused at update {status.update}" in said
    assert Run(folder).steps()[0] == status.update
    assert "paused" in done("runs", folder)
    assert "is paused already" in refused("pause", folder)
    assert list(Run(folder).raw_events())[-1]["event"] == "paused"
    assert "is running" in done("resume", folder)
    assert Run(folder).status().pid == status.pid
    assert "is running" in refused("resume", folder)
    done("pause", folder)
    assert "is interrupted" in done("stop", folder)
    assert Run(folder).status().exit == 143
    assert "is interrupted" in refused("pause", folder)
    assert "is interrupted" in refused("resume", folder)


def test_curves_are_drawn_and_hold_nothing_but_a_picture(trained: Path, tmp_path: Path) -> None:
    picture = tmp_path / "curves.svg"
    done("runs", trained, trained, "--plot", picture)
    text = picture.read_text()
    assert not list(forbidden(ElementTree.fromstring(text)))
    assert "bits per character" in text
    assert "prefers-color-scheme:dark" in text
    assert text.count("<title>run</title>") == 2
    assert done("runs", trained.parent, "--plot", "-").startswith("<svg")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--plot", "x.png"], ".svg"),
        (["--plot", "x.svg", "--json"], "leave all but one"),
        (["--delete"], "name its folder"),
        (["nothing", "--plot", "-"], "no runs to draw"),
        (["nothing", "--delete"], "is not the folder of a run"),
    ],
)
def test_what_runs_refuses(tmp_path: Path, arguments: list[str], words: str) -> None:
    assert words in refused("runs", *[one.replace("nothing", str(tmp_path / "nothing")) for one in arguments])


def test_a_run_is_deleted_after_a_question(trained: Path, tmp_path: Path) -> None:
    first, second = (Path(shutil.copytree(trained, tmp_path / name)) for name in ("first", "second"))
    answered = CliRunner().invoke(cli, ["runs", "--delete", str(first), str(second)], input="n\ny\n")
    assert answered.exit_code == 0
    assert f"delete {first}, finished at update 4?" in answered.stderr
    assert first.exists()
    assert not second.exists()
    unanswered = CliRunner().invoke(cli, ["runs", "--delete", str(first)], input="")
    assert unanswered.exit_code == 1
    assert first.exists()
    assert "is deleted" in done("runs", "--delete", "--yes", first)
    assert not first.exists()


def test_a_model_is_loaded_by_torch_alone_and_written_whole_or_not_at_all(trained: Path, tmp_path: Path) -> None:
    target = tmp_path / "model"
    assert "nothing but torch" in done("code", trained, "-o", target)
    program = (
        "import sys; sys.modules['safetensors'] = None; sys.path.insert(0, sys.argv[1]); import torch\n"
        "from load import model\nprint(sorted(model.state_dict()))"
    )
    found = subprocess.run([sys.executable, "-c", program, str(target)], capture_output=True, text=True, timeout=120)
    assert found.returncode == 0, found.stderr
    assert found.stdout.strip() == str(sorted(weights(trained, Run(trained).chosen()[1])))
    assert "is there already" in refused("code", trained, "-o", target)
    assert "there is no folder" in refused("code", trained, "-o", tmp_path / "no" / "model")


def test_a_disk_that_is_full_leaves_nothing_of_a_model(trained: Path, tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)  # the system refuses to make a file longer than this
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, before[1]))
    try:
        said = run("code", str(trained), "-o", str(tmp_path / "model"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert said.exit_code == 2
    assert "cannot be written" in said.stderr
    assert list(tmp_path.iterdir()) == []
