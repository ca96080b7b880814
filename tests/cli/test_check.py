"""`leporello check`: sizes, parameters, loops, streaming, JSON, and what it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from leporello.graphs.names import abbreviated
from tests.support.command_line import CHARACTERS, ELMAN, LUONG, done, refused, run
from tests.support.paths import EXAMPLES
from tests.support.stand_ins import sources_for
from tests.support.strategies import thinned

BACKWARD = """\
spec: 1
inputs:
  x: {features: 3}
nodes:
  h: {block: gru, input: x, units: 5, direction: backward}
  late: h(t+1)
outputs:
  h: h
  late: late
"""
AHEAD = "spec: 1\ninputs:\n  x: {features: 3}\nnodes:\n  y: x + x(t+1)\noutputs:\n  y: y\n"


def spec(folder: Path, text: str, name: str = "model.yaml") -> Path:
    """A file with this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def checked(*arguments: str | Path) -> dict[str, Any]:
    """The JSON of a check that succeeds."""
    found = json.loads(done("check", "--json", *arguments))
    assert isinstance(found, dict)
    return found


def test_sizes_and_parameters_are_shown() -> None:
    shown = done("check", ELMAN)
    assert re.search(r"^U +linear +time +16 +144$", shown, re.MULTILINE)
    assert re.search(r"^h +tanh\(U \+ W\) +time +16$", shown, re.MULTILINE)
    assert "parameters: 468\n" in shown


def test_a_loop_says_how_it_runs_and_why() -> None:
    shown = done("check", ELMAN)
    assert re.search(r"^  W, h.*\n    (fused|scanned), forward along time, delay of one step: \w", shown, re.MULTILINE)
    assert "streams along time\n" in shown


NO_OUTPUT_GATE = """\
spec: 1
inputs:
  x: {features: 3}
nodes:
  W_i: {block: linear, input: [x, h(t-1)], units: 4}
  W_f: {block: linear, input: [x, h(t-1)], units: 4}
  W_g: {block: linear, input: [x, h(t-1)], units: 4}
  c: sigmoid(W_f) * c(t-1) + sigmoid(W_i) * tanh(W_g)
  h: tanh(c)
outputs:
  y: h
"""


def test_a_loop_that_is_nearly_a_cell_says_what_is_missing(tmp_path: Path) -> None:
    told = "the output gate is missing: h is tanh(c), where an lstm has o * tanh(c)"
    one = spec(tmp_path, NO_OUTPUT_GATE)
    assert f"    scanned, forward along time, delay of one step: nearest to an lstm: {told}\n" in done("check", one)
    (loop,) = checked(one)["loops"]["teacher"]
    assert loop["nearest"]["kernel"] == "lstm"
    assert loop["nearest"]["differences"] == [{"sort": "missing", "nodes": ["h"], "what": told}]
    two = spec(tmp_path, NO_OUTPUT_GATE.replace("tanh(W_g)", "relu(W_g)"), "two.yaml")
    lines = done("check", two).splitlines()
    place = lines.index("    scanned, forward along time, delay of one step: nearest to an lstm:")
    assert lines[place + 1 : place + 3] == [
        f"      {told}",
        "      the candidate differs: c has relu(W_g), where an lstm has tanh(W_g)",
    ]
    assert [loop["nearest"] for loop in checked(ELMAN)["loops"]["teacher"]] == [None]


MERGED = """\
spec: 1
inputs:
  x: {features: 3}
nodes:
  A: {block: linear, input: "[x, s(t-1)]", units: 4}
  B: {block: linear, input: "[x, s(t-1)]", units: 4}
  D: {block: linear, input: "[x, s(t-1)]", units: 4}
  a: exp(A)
  b: exp(B)
  d: exp(D)
  s: a / (1 + b + d)
outputs:
  y: s
"""


@pytest.mark.thinned
def test_a_loop_is_called_by_the_nodes_of_the_spec_whatever_passes_make_of_them(tmp_path: Path) -> None:
    merged = spec(tmp_path, MERGED.replace('"', ""))
    assert "A_B_D = " in done("code", merged)
    assert "\n  A, B, D, a, b, d, s\n" in done("check", merged)
    nodes = set(checked(merged)["loops"]["teacher"][0]["nodes"])
    assert nodes <= {node["path"] for node in checked(merged)["nodes"]} and {"A", "a", "s", "s/1"} <= nodes
    for example in thinned(sorted(EXAMPLES.glob("*.yaml")), every=4):
        told = checked(example, *options_of(example))
        known = {node["path"] for node in told["nodes"]}
        assert all(set(loop["nodes"]) <= known for loops in told["loops"].values() for loop in loops)


def options_of(example: Path) -> list[str | Path]:
    """Options that bind what an example leaves open, and stand in for data that do not ship."""
    data = [word for name, path in sources_for(example.stem).items() for word in ("--data", f"{name}={path}")]
    names = checked(example, *data)["unbound"]
    return [*data, *(word for name in names for word in ("--size", f"{name}=7"))]


def test_what_cannot_stream_is_called_by_the_spec_too(tmp_path: Path) -> None:
    late = (
        MERGED.replace('"', "")
        .replace("outputs:", "  n: 2 * x(last) + x\noutputs:\n  n: n")
        .replace("[x, s(t-1)]", "[n, s(t-1)]")
    )
    assert checked(spec(tmp_path, late))["streaming"].startswith("does not stream along time: n reads x(last), for")


RENAMED = """\
spec: 1
inputs: {class: {features: 3}, batch: {tokens: 4}, axis: {features: 2, axis: none}, plain: {features: 2}}
nodes:
  e: {block: embedding, input: batch, units: 3}
  h: {block: gru, input: [class, e, axis, plain], units: 3}
outputs: {y: h}
"""


def test_inputs_whose_arguments_have_other_names_are_told(tmp_path: Path) -> None:
    renamed = spec(tmp_path, RENAMED)
    assert "arguments of the module: class as class_, batch as batch_, axis as axis_, where" in done("check", renamed)
    assert checked(renamed)["arguments"] == {"class": "class_", "batch": "batch_", "axis": "axis_"}
    assert all(f"        {name}: Tensor,\n" in done("code", renamed) for name in ("class_", "batch_", "axis_", "plain"))
    assert "arguments of the module" not in done("check", ELMAN) and checked(ELMAN)["arguments"] == {}


def test_like_nodes_and_like_layers_share_a_row() -> None:
    tagger = done("check", ELMAN.replace("elman", "tagger"))
    assert "in h/1/forward, h/1/backward, each\n" in tagger
    assert re.search(r"^    W_i, W_f, W_g, W_o +linear +time +100 ", tagger, re.MULTILINE)
    assert "does not stream" in tagger


def test_feedback_is_told_in_both_modes() -> None:
    shown = done("check", LUONG)
    taught, _, free = shown.partition("loops, running freely:")
    assert "loops, learning from the truth:" in taught
    assert "previous" in free
    assert re.search(r"encoder/1/forward.*\n    fused, forward along source", taught)


def test_sizes_come_from_the_data_from_options_or_stay_open(tmp_path: Path) -> None:
    text = Path(CHARACTERS).read_text().replace("builtin: python_topics", "file: input.txt")
    own = spec(tmp_path, text)
    (tmp_path / "input.txt").write_text("abc" * 50)
    (tmp_path / "other.txt").write_text("abcdef" * 50)
    assert checked(own)["nodes"][0]["size"] == 3 + 3
    assert checked(own, "--data", f"text={tmp_path / 'other.txt'}")["nodes"][0]["size"] == 3 + 6
    assert checked(own, "--size", "characters=40")["nodes"][0]["size"] == 40
    without = spec(tmp_path, text[: text.index("data:")])
    found = checked(without)
    assert (found["nodes"][0]["size"], found["unbound"]) == ("$characters", ["characters"])
    assert found["parameters"] == "289 * $characters + 295936"
    assert "$characters" in done("check", without)
    assert "python_topics" not in done("check", CHARACTERS)
    assert not checked(CHARACTERS)["unbound"]


def test_json_tells_the_whole_of_it() -> None:
    found = checked(LUONG, "--size", "source_words=50")
    nodes = {node["path"]: node for node in found["nodes"]}
    assert nodes["source"] | {"size": 50, "kind": "tokens", "axes": ["source"]} == nodes["source"]
    assert nodes["attention/weights"]["axes"] == ["target", "source*"]
    assert found["parameters"] == sum(node["parameters"] for node in found["nodes"])
    assert {loop["lowering"] for loop in found["loops"]["teacher"]} <= {"fused", "scanned"}
    assert any("choice" in loop["nodes"] for loop in found["loops"]["free"])
    assert found["valid"] is True
    assert found["problems"] == []


def test_direction_delay_and_streaming(tmp_path: Path) -> None:
    found = checked(spec(tmp_path, BACKWARD))
    assert [loop["direction"] for loop in found["loops"]["teacher"]] == ["backward"]
    assert found["streaming"].startswith("does not stream")
    assert checked(spec(tmp_path, AHEAD))["streaming"] == (
        "does not stream along time: y reads x(t+1), a step that has not come yet"
    )
    slow = "spec: 1\ninputs:\n  x: {features: 3}\nnodes:\n  h: x + h(t-3)\noutputs:\n  y: h\n"
    assert "delay of 3 steps" in done("check", spec(tmp_path, slow))
    none = "spec: 1\ninputs:\n  x: {features: 3}\nnodes:\n  h: tanh(x)\noutputs:\n  y: h\n"
    assert "loops: none" in done("check", spec(tmp_path, none))


def test_warnings_go_to_stderr_and_into_json(tmp_path: Path) -> None:
    unused = spec(tmp_path, Path(ELMAN).read_text().replace("outputs:", "  idle: tanh(x)\noutputs:"))
    result = run("check", unused)
    assert result.exit_code == 0
    assert re.search(r"model\.yaml:\d+:\d+: warning: idle is not used", result.stderr)
    assert checked(unused)["problems"][0]["kind"] == "warning"


def test_another_value_by_set(tmp_path: Path) -> None:
    assert checked(LUONG, "--set", "parameters.source_words=7")["nodes"][0]["size"] == 7
    assert "did you mean parameters?" in refused("check", LUONG, "--set", "parametres.source_words=7")


def test_all_problems_at_once_each_with_its_place(tmp_path: Path) -> None:
    bad = spec(tmp_path, "spec: 1\nnodes:\n  h: {block: lstn}\n  g: tanh(hh)\noutputs:\n  y: h\n")
    said = refused("check", bad)
    assert re.search(rf"^{re.escape(str(bad))}:3:\d+: error: .*lstn", said, re.MULTILINE)
    assert "did you mean lstm?" in said
    assert re.search(r":4:\d+: error: .*hh", said)


def test_problems_as_json(tmp_path: Path) -> None:
    result = run("check", "--json", spec(tmp_path, "spec: 1\nnodes:\n  h: {block: lstn}\noutputs:\n  y: h\n"))
    assert (result.exit_code, result.stderr) == (2, "")
    found = json.loads(result.stdout)
    assert found["valid"] is False
    assert found["problems"][0] | {"line": 3, "kind": "error"} == found["problems"][0]


def test_many_problems_are_cut_off(tmp_path: Path) -> None:
    nodes = "".join(f"  n{i}: tanh(missing{i})\n" for i in range(50))
    said = refused("check", spec(tmp_path, f"spec: 1\nnodes:\n{nodes}outputs:\n  y: n1\n"))
    assert said.count("error: ") == 30
    assert said.endswith("and 20 more\n")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("missing.yaml", None),
        ("empty.yaml", b""),
        ("zero.yaml", b"\0"),
        ("latin.yaml", b"name: caf\xe9"),
        ("list.yaml", b"[1, 2]"),
        ("brackets.yaml", b"[" * 100_000),
        ("broken.json", b'{"nodes": ['),
        ("other.json", b"[1]"),
    ],
)
def test_files_that_are_no_specs(tmp_path: Path, name: str, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert f"{name}:" in refused("check", tmp_path / name)


def test_what_stands_in_a_spec_is_shown_and_never_obeyed(tmp_path: Path) -> None:
    told = refused(
        "check", spec(tmp_path, 'spec: 1\n"\\e[2J[bold]x": 1\nnodes:\n  h: "\\e]52;c;x\\a"\noutputs:\n  y: h\n')
    )
    assert "\x1b" not in told
    assert "\\x1b[2J[bold]x" in told


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--size", "source_words"], "NAME=VALUE"),
        (["--size", "source_words=0"], "from 1 to"),
        (["--size", "source_words=1e3"], "from 1 to"),
        (["--size", "source_words=" + "9" * 5000], "from 1 to"),
        (["--size", "source_words=٣"], "from 1 to"),
        (["--size", "sorce_words=5"], "did you mean source_words?"),
        (["--size", "source_words=5", "--size", "source_words=6"], "twice"),
        (["--data", "text"], "NAME=VALUE"),
        (["--data", "text=there_is_no_such_file"], "is not an input"),
        (["--set", "training"], "such as --set"),
        (["--set", "parameters.sorce_words=5"], "did you mean source_words?"),
    ],
)
def test_options_that_will_not_do(arguments: list[str], hint: str) -> None:
    assert hint in refused("check", LUONG, *arguments)


def test_settings_of_training_are_checked_with_their_place(tmp_path: Path) -> None:
    bad = spec(tmp_path, Path(CHARACTERS).read_text().replace("updates: 1200", "update: 1200"))
    said = refused("check", bad)
    assert re.search(r"model\.yaml:\d+:\d+: error: unknown setting 'update'", said)
    assert "did you mean updates?" in said


def test_paths_in_short() -> None:
    assert abbreviated([f"n{i}" for i in range(12)]) == ", ".join(f"n{i}" for i in range(12))
    assert abbreviated([f"n{i}" for i in range(13)]) == ", ".join(f"n{i}" for i in range(10)) + " and 3 others"
    assert abbreviated(["d/1/forward/c", "d/2/forward/c"]) == "d (2 nodes)"
    assert abbreviated([]) == ""
