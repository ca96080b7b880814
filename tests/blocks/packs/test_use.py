"""Packs as users meet them, in processes of their own: what runs with a second distribution, what is loaded of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.packs import EDITABLE, editable, leporello

pytestmark = pytest.mark.slow

SPEC = """
spec: 1
name: cells
inputs: {x: {features: 6}}
nodes:
  n: {block: cells/rms_norm, input: x}
  g: {block: cells/min_gru, input: n, units: 4, layers: 2}
  r: {block: cells/ind_rnn, input: g, units: 4, direction: both}
  b: {block: cells/bilinear, left: g, right: r, units: 4}
outputs: {y: b, end: g.final}
"""
LANGUAGE_MODEL = """
spec: 1
name: letters
inputs: {text: {tokens: $characters}}
nodes:
  previous: {block: feedback, truth: text(t-1), own: choice(t-1)}
  e: {block: embedding, input: previous, units: 8}
  h: {block: cells/min_gru, input: e, units: 16}
  n: {block: cells/rms_norm, input: h}
  logits: {block: linear, input: n, units: $characters}
  choice: {block: sample, input: logits}
outputs: {next: {from: logits, predicts: text}}
data: {text: {file: text.txt}}
training: {batch: 4, steps: 9, updates: 6, seed: 1}
"""
LOADED = """
import sys
from click.testing import CliRunner
from leporello.cli.main import cli
done = CliRunner().invoke(cli, sys.argv[1:])
assert done.exit_code in (0, 2), done.output
print(sorted(name for name in sys.modules if name == "torch" or name.partition(".")[0] == "cells_pack"))
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    (tmp_path / "spec.yaml").write_text(SPEC)
    return tmp_path / "spec.yaml"


@pytest.mark.parametrize(
    ("words", "loaded"),
    [
        ("blocks", []),
        ("blocks --json", []),
        ("blocks --search gated", []),
        ("blocks cells/rms_norm", []),
        ("blocks cells/nothing", []),
        ("blocks cels/min_gru", []),
        ("check SPEC", []),
        ("check SPEC --json", []),
        ("draw SPEC", []),
        ("draw SPEC --format svg --depth 2", []),
        ("draw SPEC --unfold 3 --format dot", []),
        ("draw SPEC --cell g/2 --format svg", []),
        ("compare SPEC SPEC", []),
        ("code SPEC", ["cells_pack"]),
        ("blocks cells/halves", ["cells_pack"]),
    ],
)
def test_only_what_is_used_is_loaded(words: str, loaded: list[str], site: Path, spec: Path) -> None:
    arguments = [str(spec) if word == "SPEC" else word for word in words.split()]
    done = leporello(site, *arguments, code=LOADED)
    assert done.stdout.splitlines()[-1] == str(loaded), done.stdout


def test_lists_tell_the_blocks_of_a_pack(site: Path) -> None:
    told = leporello(site, "blocks").stdout
    assert "of the pack cells\n" in told
    assert "  cells/min_gru    a gated unit whose gate and candidate read the input alone\n" in told
    found = json.loads(leporello(site, "blocks", "--json", "--search", "GATED read").stdout)
    assert [(block["name"], block["composite"]) for block in found] == [("cells/min_gru", True)]
    shown = leporello(site, "blocks", "cells/min_gru").stdout
    assert "h: (1 - z) * h(t-1) + z * W_n" in shown and "arXiv:2410.01201" in shown
    assert "of the pack" not in leporello(site, "blocks", LEPORELLO_PACKS="").stdout


def test_the_model_runs_in_a_process_of_its_own(site: Path, spec: Path, tmp_path: Path) -> None:
    checked = leporello(site, "check", spec)
    assert checked.returncode == 0 and "cells/min_gru" in checked.stdout, checked.stderr
    code = leporello(site, "code", spec)
    assert code.returncode == 0, code.stderr
    (tmp_path / "model.py").write_text(code.stdout)
    program = """
import sys, torch
from model import Cells
y = Cells()(torch.randn(3, 5, 6))["y"]
assert y.shape == (3, 5, 4) and bool(y.isfinite().all())
assert not [name for name in sys.modules if name.startswith(("leporello", "cells_pack"))]
"""
    alone = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert alone.returncode == 0, alone.stderr


def test_a_language_model_is_trained_and_writes(site: Path, tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(LANGUAGE_MODEL)
    (tmp_path / "text.txt").write_text("the quick brown fox jumps over the lazy dog; " * 60)
    trained = leporello(site, "train", "spec.yaml", "--run", "run", cwd=tmp_path)
    assert trained.returncode == 0 and "bits per character" in trained.stdout, trained.stderr
    wrote = leporello(site, "generate", "run", "--prompt", "the quick brown fox", "--length", "20", cwd=tmp_path)
    assert wrote.returncode == 0 and wrote.stdout.startswith("the quick brown fox"), wrote.stderr  # it may end early
    resumed = leporello(site, "train", "--run", "run", "--resume", "--set", "training.updates=8", cwd=tmp_path)
    assert resumed.returncode == 0, resumed.stderr
    gone = leporello(None, "generate", "run", "--length", "20", cwd=tmp_path)
    assert gone.returncode == 2 and "no pack 'cells' is installed" in gone.stderr


def test_an_editable_installation_is_found(source: Path, spec: Path) -> None:
    done = leporello(None, editable(source), "check", spec, code=EDITABLE)
    assert done.returncode == 0, done.stderr
    assert "cells/min_gru" in done.stdout


def test_without_the_pack_the_spec_is_refused_where_it_names_it(spec: Path) -> None:
    done = leporello(None, "check", spec)
    assert done.returncode == 2
    assert f"{spec}:6:14: error: no pack 'cells' is installed\n" in done.stderr
    assert done.stderr.count("no pack 'cells' is installed") == 4
    assert "installed packs: none" in done.stderr


def test_packs_are_chosen_by_name(site: Path, spec: Path) -> None:
    assert leporello(site, "check", spec, LEPORELLO_PACKS="other, cells").returncode == 0
    for chosen in ("", " ", "other", "cell"):
        done = leporello(site, "check", spec, LEPORELLO_PACKS=chosen)
        assert done.returncode == 2
        assert f"installed packs: none (LEPORELLO_PACKS is {chosen!r})" in done.stderr


def test_a_check_of_a_plain_spec_looks_for_no_pack(site: Path, tmp_path: Path) -> None:
    plain = "spec: 1\ninputs: {x: {features: 6}}\nnodes: {n: {block: gru, input: x, units: 3}}\noutputs: {y: n}\n"
    (tmp_path / "plain.yaml").write_text(plain)
    wanted = LOADED.replace('name == "torch"', 'name in ("importlib.metadata", "leporello.blocks.packs.source")')
    done = leporello(site, "check", tmp_path / "plain.yaml", code=wanted)
    assert done.stdout.splitlines()[-1] == "[]", done.stdout


def test_nothing_of_a_hostile_name_is_looked_for(site: Path, tmp_path: Path) -> None:
    for name in (
        "../cells",
        "cells/../../secret",
        "/etc/passwd",
        "cells//min_gru",
        "cells/min_gru/x",
        "os/path",
        "cells/",
        "/",
    ):
        (tmp_path / "spec.yaml").write_text(SPEC.replace("cells/rms_norm", f'"{name}"'))
        done = leporello(site, "check", tmp_path / "spec.yaml")
        assert done.returncode == 2, name
        assert "is installed" in done.stderr or "has no block" in done.stderr, done.stderr
