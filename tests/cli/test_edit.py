"""`leporello edit`: files changed in their place, shown, written elsewhere, or left alone with a reason."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from leporello.cli.edit import VERBS
from leporello.cli.edits import editing
from tests.support.command_line import EXAMPLES, done, refused, run
from tests.support.paths import ROOT

DOCS = (ROOT / "docs" / "editing.md").read_text(encoding="utf-8")


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """A copy of an example."""
    return Path(shutil.copy(EXAMPLES / "elman.yaml", tmp_path / "elman.yaml"))


def test_a_file_is_edited_in_its_place(spec: Path) -> None:
    before = spec.read_bytes()
    spec.chmod(0o640)
    assert done("edit", spec, "rename", "h", "state") == "rename h to state\n"
    assert spec.read_bytes() == before.replace(b"h(t-1), units", b"state(t-1), units").replace(
        b"  h: ", b"  state: "
    ).replace(b"input: h,", b"input: state,")
    assert stat.S_IMODE(spec.stat().st_mode) == 0o640
    assert [path.name for path in spec.parent.iterdir()] == ["elman.yaml"]


def test_line_ends_and_the_byte_order_mark_stay(spec: Path) -> None:
    spec.write_bytes(b"\xef\xbb\xbf" + spec.read_bytes().replace(b"\n", b"\r\n"))
    done("edit", spec, "add", "k", "tanh(h)")
    after = spec.read_bytes()
    assert after.startswith(b"\xef\xbb\xbf#") and b"  k: tanh(h)\r\n" in after
    assert b"\n" not in after.replace(b"\r\n", b"")


def test_a_difference_is_shown_and_nothing_written(spec: Path) -> None:
    before = spec.read_bytes()
    shown = done("edit", spec, "set", "U.units", "32", "--diff")
    assert "-  U: {block: linear, input: x, units: 16}\n+  U: {block: linear, input: x, units: 32}\n" in shown
    assert spec.read_bytes() == before


def test_another_file_is_written(spec: Path) -> None:
    before = spec.read_bytes()
    other = spec.with_name("other.yaml")
    done("edit", spec, "set", "U.units", "32", "-o", other)
    assert b"units: 32" in other.read_bytes() and spec.read_bytes() == before
    assert done("edit", spec, "set", "U.units", "32", "-o", "-") == other.read_text()


def test_json_tells_all(spec: Path) -> None:
    before = spec.read_bytes()
    value = json.loads(done("edit", spec, "group", "U", "W", "h", "--block", "cell", "--as", "h", "--json"))
    assert value["called"] == "group U, W, h as h"
    assert value["moved"]["U/weight"] == "h/1/forward/U/weight"
    assert (value["gone"], value["new"], value["problems"], value["notes"]) == ([], [], [], [])
    assert "  cell:\n" in value["text"] and spec.read_bytes() == before


def test_weights_that_move_are_told(spec: Path) -> None:
    assert done("edit", spec, "rename", "U", "V") == "rename U to V\n  2 weights have another path; --json lists them\n"
    told = done("edit", spec, "set", "o.units", "8")
    assert told == "set units of o\n  2 weights are gone; --json lists them\n  2 weights are new; --json lists them\n"


EDITS = {
    "rename": ("h", "state"),
    "set": ("h.label", "'a: b'"),
    "unset": ("W.bias",),
    "write": ("h", "relu(U)"),
    "connect": ("U.input", "h(t-2)", "--also"),
    "disconnect": ("U.input",),
    "add": ("k", "{block: linear, input: h, units: 3}", "--after", "h"),
    "copy": ("U", "V", "--share"),
    "remove": ("o", "--bypass"),
    "group": ("U", "W", "h", "--block", "cell", "--as", "c"),
    "replace": ("o", "layer_norm"),
}


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_edits_and_has_examples(verb: str, tmp_path: Path) -> None:
    example = "char_lm" if verb == "expand" else "elman"
    path = Path(shutil.copy(EXAMPLES / f"{example}.yaml", tmp_path))
    before = path.read_bytes()
    done("edit", path, verb, *EDITS.get(verb, ("h",)))
    assert path.read_bytes() != before
    assert f".yaml {verb} " in done("edit", path, verb, "--help")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("rename", "z", "k"), "there is no 'z'"),
        (("rename", "h", "a b"), "'a b' is not a node's name"),
        (("set", "U.unit", "3"), "did you mean units?"),
        (("set", "U.units", ""), "an empty value"),
        (("set", "U.units", "{"), "<value>:2:1: error: a value is missing here"),
        (("set", "training.rat", "3"), "unknown setting 'rat' under training"),
        (("set", "training.rate", "fast"), "training.rate is 'fast'"),
        (("unset", "x"), "x cannot be removed: it is read by U"),
        (("write", "U.units", "3"), "U.units is no node"),
        (("connect", "U", "x"), "U is no port of a node"),
        (("add", "U.units", "3"), "U.units is nothing that is added"),
        (("remove", "h"), "h cannot be removed: it is read by W, o"),
        (("remove", "h", "outputs.y"), "only nodes of one body are removed together"),
        (("expand", "h"), "h cannot be expanded"),
        (("replace", "o", "lstn"), "did you mean lstm?"),
    ],
)
def test_refusals_write_nothing(arguments: tuple[str, ...], words: str, spec: Path) -> None:
    before = spec.read_bytes()
    assert words in refused("edit", spec, *arguments)
    assert spec.read_bytes() == before


def test_an_unknown_verb_is_answered_with_the_nearest(spec: Path) -> None:
    result = run("edit", spec, "renam", "h", "k")
    assert result.exit_code == 2 and "did you mean rename?" in result.stderr


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    assert "there is no such file" in refused("edit", tmp_path / "none.yaml", "rename", "h", "k")
    (tmp_path / "a.json").write_text('{"nodes": [], "edges": []}')
    assert "a graph in JSON is not edited" in refused("edit", tmp_path / "a.json", "rename", "h", "k")


def test_a_link_that_leaves_its_folder_is_not_followed(spec: Path, tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    (folder / "link.yaml").symlink_to(spec)
    before = spec.read_bytes()
    assert "is a link that leaves its folder" in refused("edit", folder / "link.yaml", "rename", "h", "k")
    assert spec.read_bytes() == before
    beside = tmp_path / "beside.yaml"
    beside.symlink_to(spec)
    done("edit", beside, "rename", "h", "k")
    assert beside.is_symlink() and b"  k: tanh" in spec.read_bytes()


def test_a_file_that_changed_meanwhile_is_not_overwritten(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = editing.Draft.read

    def interrupted(*arguments: object) -> object:
        spec.write_text("spec: 1\n# written meanwhile\n")
        return read(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(editing.Draft, "read", interrupted)
    assert "was changed by something else meanwhile" in refused("edit", spec, "rename", "h", "k")
    assert spec.read_text() == "spec: 1\n# written meanwhile\n"


def test_hostile_names_reach_no_terminal(spec: Path) -> None:
    assert "\x1b" not in refused("edit", spec, "rename", "h", "\x1b[2J")
    shown = done("edit", spec, "set", "h.label", '"\\e[2J"', "--diff")
    assert "\x1b" not in shown


@pytest.mark.slow
def test_the_documents_commands_run(tmp_path: Path) -> None:
    commands = [line.strip() for line in DOCS.splitlines() if line.startswith("    leporello ")]
    assert {shlex.split(command)[3] for command in commands if " edit " in command} >= {
        "rename",
        "set",
        "group",
        "expand",
    }
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    for command in commands:
        arguments = [sys.executable, "-m", "leporello", *shlex.split(command)[1:]]
        result = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, env=environment)
        assert result.returncode == 0, (command, result.stderr)
    assert run("check", tmp_path / "elman.yaml").exit_code == 0
    assert run("check", tmp_path / "expanded.yaml").exit_code == 0


def test_the_documents_python_runs(capsys: pytest.CaptureFixture[str]) -> None:
    found = re.search(r"```python\n(.*?)```", DOCS, re.DOTALL)
    assert found is not None
    exec(found[1], {})
    assert capsys.readouterr().out.startswith("rename h to state\nspec: 1\n")


def test_every_verb_is_in_the_documents() -> None:
    assert all(f"`{verb} " in DOCS for verb in VERBS)
