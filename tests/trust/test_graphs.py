"""Specs that reach for code or files, graphs that cannot run, JSON: one error with its place, and nothing happened."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import check
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import read_file, read_spec
from tests.support.asking import model, problems, refused, spec
from tests.support.faults.trusting import GOOD, PATIENCE, bytes_of, check_refused, fault, leporello

# 6 and 7. Names that reach for something.


HOSTILE = [
    "_target_: os.system",
    "block: os.system",
    "block: antigravity",
    "block: __import__('antigravity')",
    "block: leporello.blocks",
    "block: ../lstm",
    "block: lstm-peephole",
    "block: this/that",
    "block: rnn, module: antigravity",
    "block: rnn, input: x, units: 4, init: antigravity.fly, module: 3",
]


@pytest.mark.parametrize("said", HOSTILE)
def test_names_of_code_are_refused(said: str) -> None:
    found = problems(spec(f"h: {{{said}}}"))
    assert all(problem.mark is not None for problem in found)


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('antigravity')",
        "antigravity.fly",
        "os.system(t)",
        "eval(x)",
        "lambda x",
        "x.__class__",
        "(x).__class__",
        "getattr(x)",
        "x if x else x",
        "f'{x}'",
        "[y for y in x]",
        "print(x)",
        "x; x",
        "x := 3",
        "`ls`",
        "$(ls)",
        "${HOME}",
        "open(x)",
    ],
)
def test_expressions_run_nothing(expression: str) -> None:
    found = problems(spec(f"h: {json.dumps(expression)}"))
    assert found[0].mark is not None and found[0].mark.line == 5


def test_nothing_that_a_spec_names_is_imported(tmp_path: Path) -> None:
    clean = leporello("check", bytes_of(tmp_path / "good.yaml", GOOD.encode()), folder=tmp_path)
    assert clean.code == 0, clean.err
    for name in ("antigravity", "this", "torch", "wave"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported')", encoding="utf-8")
    text = spec(
        "h: {block: antigravity, module: wave, _target_: this.that}\nk: antigravity.fly(x)\nz: __import__('wave')",
        blocks="antigravity: {module: wave, class: this}",
        more="data: {x: {loader: antigravity}}\ntraining: {optimizer: wave.open, callbacks: [this.run]}\n",
    )
    ended = check_refused(bytes_of(tmp_path / "bad.yaml", text.encode()), "error: ")
    added = ended.modules - clean.modules
    assert not added & {"antigravity", "this", "wave", "torch", "webbrowser"}
    assert all(name.split(".")[0] in ("leporello", "difflib", "encodings") for name in added), sorted(added)


# 8. Graphs that cannot run; 9. sizes: one representative each, the rest is in test_loops, test_sizes, test_opening.


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (spec("@a: tanh(b)\nb: tanh(c)\nc: a + x\nh: c"), ["a -> c -> b -> a"]),
        (spec("@h: tanh(h)"), ["h -> h"]),
        (spec("h: tanh(@q)"), ["unknown name 'q'"]),
        (spec("@a: x + b(t-1)\nb: x + a(t+1)\nh: a").replace("@", ""), ["both ways in time"]),
        ("spec: 1\ninputs: {x: {features: 3}}\nnodes: {h: x}\noutputs: @{}", ["outputs: is empty"]),
        ("@spec: 1\ninputs: {x: {features: 3}}\nnodes: {h: x}\n", ["no outputs:"]),
        (spec("k: {block: linear, input: x, units: 5}\n@h: k + x"), ["k has 5, x has 8"]),
        (
            spec("e: {block: lstm, input: x, units: 5}\n@h: {block: lstm, input: x, units: 6, initial: e.state}"),
            ["has 6", "e.c(last) has 5", "bridge: {block: linear, input: e.c(last), units: 6}"],
        ),
        (
            spec("e: {block: gru, input: x, units: 5}\nh: {block: lstm, input: x, units: 5, initial: @e.state}"),
            ["states of e do not fit those of h: h against c, h", "bridge them: h says bridge: dense"],
        ),
        (
            spec("s: {block: weight, units: 5}\nh: {block: attention, query: x, memory: @s, units: 5}"),
            ["memory", "s has no time axis"],
        ),
    ],
)
def test_graphs_that_cannot_run(tmp_path: Path, text: str, words: list[str]) -> None:
    refused(text, *words)


def test_graphs_that_cannot_run_in_a_process(tmp_path: Path) -> None:
    text = spec("a: tanh(b)\nb: tanh(a)\nk: {block: linear, input: x, units: 5}\nh: k + x + a")
    ended = check_refused(bytes_of(tmp_path / "a.yaml", text.encode()), "a -> b -> a", "k has 5, x has 8")
    assert ended.err.count("error: ") == 2


def test_an_unused_node_is_a_warning(tmp_path: Path) -> None:
    text = spec("h: x\nk: tanh(x)\nm: {block: lstm, input: k, units: 3}", inputs="x: {features: 8}\nz: {features: 2}")
    assert [str(w).split(" ")[2] for w in model(text).warnings] == ["z", "k", "m"]
    ended = leporello("check", bytes_of(tmp_path / "a.yaml", text.encode()), folder=tmp_path)
    assert ended.code == 0 and "a.yaml:7:3: warning: k is not used by any output" in ended.err


# 10. Blocks without end, and long unfoldings.


def many_blocks(count: int) -> str:
    body = "{inputs: [x], nodes: {y: tanh(x)}, outputs: [y]}"
    return spec("h: {block: b0, x: x}", blocks="\n".join(f"b{i}: {body}" for i in range(count)))


def test_ten_thousand_blocks_are_read_or_refused(tmp_path: Path) -> None:
    text = many_blocks(10_000)
    fault(bytes_of(tmp_path / "a.yaml", text.encode()), "10000 blocks")


def test_a_thousand_blocks_are_read() -> None:
    assert model(many_blocks(1_000)).graph["h/y"].block == "tanh"


def test_blocks_that_contain_themselves_in_a_process(tmp_path: Path) -> None:
    blocks = "a:\n  inputs: [x]\n  nodes: {y: {block: b, x: x}}\n  outputs: [y]\n"
    blocks += "b:\n  inputs: [x]\n  nodes: {y: {block: a, x: x}}\n  outputs: [y]"
    path = bytes_of(tmp_path / "a.yaml", spec("h: {block: a, x: x}", blocks=blocks).encode())
    check_refused(path, "a -> b -> a")


@pytest.mark.parametrize("form", ["txt", "dot"])
def test_a_hundred_thousand_steps_are_drawn_as_a_few_or_refused(tmp_path: Path, form: str) -> None:
    path = bytes_of(tmp_path / "a.yaml", GOOD.encode())
    ended = leporello("draw", path, "--unfold", "100000", "-o", tmp_path / f"a.{form}", folder=tmp_path)
    assert ended.code in (0, 2) and "Traceback" not in ended.err, ended.err
    if ended.code == 0:
        assert (tmp_path / f"a.{form}").stat().st_size < 200_000


# 11. Paths, in data; those of blocks are in test_blocks.


@pytest.mark.parametrize(
    "name", ["../../../../etc/passwd", "/etc/passwd", "https://example.org/a.txt", "pipe", "folder", "link"]
)
def test_data_paths_that_leave_the_folder(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("/etc/passwd")
    nodes = "e: {block: embedding, input: text(t-1), units: 4}\nh: {block: linear, input: e, units: $characters}"
    text = spec(
        nodes,
        "text: {tokens: $characters}",
        "next: {from: h, predicts: text}",
        more=f"data: {{text: {{file: {name}}}}}\n",
    )
    path = bytes_of(tmp_path / "a.yaml", text.encode())
    ended = leporello("train", path, "--run", tmp_path / "run", folder=tmp_path)
    assert ended.code == 2 and "Traceback" not in ended.err, ended.err
    assert not ended.out or "error" not in ended.out


# 12. Node-link JSON, and versions.


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "JSON"),
        ("[" * 100_000, "nested deeper than 64"),
        ('{"nodes": [], "nodes": []}', "the key 'nodes' stands here again"),
        ('{"nodes": [NaN]}', "NaN is not a number"),
        ('{"nodes": [1e999]}', "too large"),
        ('{"nodes": [' + "1," * 300_000 + "1]}", "200,000 values"),
        ('{"nodes": [' + " " * 1_000_000 + "]}", "1 MB"),
        ('{"nodes": ["\\ud800"]}', "surrogate"),
        ("{'nodes': []}", "JSON"),
        ("3", "error"),
        ("null", "error"),
        ('{"spec": 2, "nodes": [], "edges": []}', "error"),
        ('{"nodes": {}, "links": 3}', "error"),
    ],
)
def test_json_has_the_same_limits(tmp_path: Path, text: str, words: str) -> None:
    path = bytes_of(tmp_path / "a.json", text.encode())
    with pytest.raises(SpecError, match=words):
        check(read_file(path, registry()), registry())


def test_json_that_is_refused_in_a_process(tmp_path: Path) -> None:
    check_refused(bytes_of(tmp_path / "a.json", b'{"nodes": [1, NaN]}'), ":1:15: error: NaN")


@pytest.mark.parametrize(
    ("version", "words"),
    [("2", "a newer Leporello wrote it: update this one"), ("0", "not known"), ("1.0", "version number")],
)
def test_versions(version: str, words: str) -> None:
    refused(GOOD.replace("spec: 1", f"spec: @{version}"), words)


# Whatever is done to a good spec, it is read or refused.


def test_a_spec_cut_or_spoilt_anywhere_is_read_or_refused() -> None:
    text = spec(
        "d: {block: lstm, input: [x, h(t-1)], units: 4, layers: 2, initial: {h: s}}\n"
        "s: {block: weight, units: 4}\nh: tanh(d * 2)",
        blocks="mine:\n  inputs: [x]\n  parameters: {n: 3}\n"
        "  nodes: {y: {block: linear, input: x, units: $n}}\n  outputs: [y]",
        outputs="y: {from: h, predicts: x}\nz: d.state",
        more="parameters: {n: 3}\n",
    )
    spoilt = [text[:i] for i in range(0, len(text), 5)]
    spoilt += [text[:i] + text[i + 1 :] for i in range(0, len(text), 5)]
    spoilt += [
        text[:i] + character + text[i + 1 :] for i in range(0, len(text), 29) for character in ":{}[],@-'\"$(.0\n"
    ]
    for sample in spoilt:
        try:
            check(read_spec(sample, registry(), "a.yaml"), registry())
        except SpecError as error:
            assert error.problems and all(len(str(problem)) < 10_000 for problem in error.problems)


def test_the_file_is_a_folder_a_pipe_or_missing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    for path, words in (
        (tmp_path, "a folder"),
        (tmp_path / "pipe.yaml", "a pipe"),
        (tmp_path / "none.yaml", "no such file"),
    ):
        with pytest.raises(SpecError, match=words):
            read_file(path, registry())
    command = [sys.executable, "-m", "leporello", "check", str(tmp_path / "pipe.yaml")]
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
    assert done.returncode == 2 and b"a pipe" in done.stderr and b"Traceback" not in done.stderr
