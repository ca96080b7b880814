"""Spec files that are wrong, hostile or huge: one error with its place, no traceback, little time and memory."""

from __future__ import annotations

import codecs
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from asking import model, problems, refused, spec
from trusting import PATIENCE, check_refused, leporello

from leporello.blocks.registry import registry
from leporello.graphs.checks import check
from leporello.graphs.problems import SpecError
from leporello.graphs.reading import read_file, read_spec

GOOD = spec("h: {block: rnn, input: x, units: 4}")


def fault(path: Path, *words: str) -> str:
    """What is said of a file that holds no model; there is a place in every problem."""
    with pytest.raises(SpecError) as caught:
        check(read_file(path, registry()), registry())
    for problem in caught.value.problems:
        assert problem.mark is not None and problem.mark.file == str(path) or "more problems" in problem.what
    said = str(caught.value)
    for word in words:
        assert word in said, said
    return said


def bytes_of(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


# 1. Bytes and lines.


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF8 + GOOD.encode(),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace("\n", "\r").encode(),
        GOOD.rstrip("\n").encode(),
        ("# naïve 🎻\n" + GOOD).encode(),
        ("---\n" + GOOD + "...\n").encode(),
        GOOD.replace("units: 4}", "units: 4} \t # tab before a comment").encode(),
    ],
)
def test_bytes_that_are_a_spec(tmp_path: Path, data: bytes) -> None:
    assert check(read_file(bytes_of(tmp_path / "a.yaml", data), registry()), registry()).loops


BYTES = [
    (b"", ":1:1: error: this spec is empty"),
    (b"\n\n# nothing\n", "empty"),
    (codecs.BOM_UTF8, "empty"),
    (GOOD.encode("utf-16"), "UTF-16"),
    (GOOD.encode("utf-16-le"), "UTF-16"),
    (GOOD.encode("utf-32"), "UTF-16 or UTF-32"),
    (GOOD.replace("rnn", "r\xe9n").encode("latin-1"), "byte 0xe9 is not UTF-8"),
    (GOOD.encode() + b"\xff", "byte 0xff is not UTF-8"),
    (GOOD.replace("rnn", "r\0n").encode(), "NUL"),
    (GOOD.replace("  h:", "\th:").encode(), "a tab stands where the line is indented"),
    (b"\x7fELF\x02\x01\x01\0\0\0", "not text"),
    (GOOD.replace("rnn", "r\x1b[2Jn").encode(), "U+001B"),
]


@pytest.mark.parametrize(("data", "words"), BYTES)
def test_bytes_that_are_no_spec(tmp_path: Path, data: bytes, words: str) -> None:
    fault(bytes_of(tmp_path / "a.yaml", data), words)


@pytest.mark.parametrize(("data", "words"), [BYTES[0], BYTES[3], BYTES[6], BYTES[8]])
def test_bytes_that_are_no_spec_in_a_process(tmp_path: Path, data: bytes, words: str) -> None:
    check_refused(bytes_of(tmp_path / "a.yaml", data), words)


# 2. Sizes, before anything is built of them; 3. bombs.


def merge_bomb() -> str:
    levels = "".join(f"a{i}: &a{i}\n  <<: [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 20))
    return "a0: &a0 {k: v}\n" + levels


def alias_bomb() -> str:
    return "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12))


def many_blocks(count: int) -> str:
    body = "{inputs: [x], nodes: {y: tanh(x)}, outputs: [y]}"
    return spec("h: {block: b0, x: x}", blocks="\n".join(f"b{i}: {body}" for i in range(count)))


def doubling(levels: int) -> str:
    """Blocks that use the one before twice: 2 ** levels nodes from a few lines."""
    body = "b{0}:\n  inputs: [x]\n  nodes:\n    p: {{block: b{1}, x: x}}\n    y: {{block: b{1}, x: p}}\n  outputs: [y]"
    first = "b0:\n  inputs: [x]\n  nodes: {y: tanh(x)}\n  outputs: [y]\n"
    return spec(f"h: {{block: b{levels}, x: x}}", blocks=first + "\n".join(body.format(i, i - 1) for i in range(1, levels + 1)))


HEAD = "spec: 1\ninputs: {x: {features: 3}}\nnodes:\n"
TAIL = "outputs: {y: h1}\n"
BOMBS = {
    "brackets": ("[" * 100_000, "nested deeper than 64"),
    "braces": ("{a: " * 100_000, "nested deeper than 64"),
    "dashes": ("- " * 100_000, "nested deeper than 64"),
    "questions": ("? " * 100_000, "nested deeper than 64"),
    "megabyte": (GOOD + "# " + "x" * 1_000_000, "1 MB"),
    "values": (HEAD + "  h1: [" + "x," * 400_000 + "]\n" + TAIL, "200,000 YAML values"),
    "nodes": (HEAD + "".join(f"  h{i}: x\n" for i in range(10_001)) + TAIL, "at most 10000"),
    "operations": (HEAD + "  h1: " + "+".join(["x"] * 5_000) + "\n" + TAIL, "more than 200 operations"),
    "parentheses": (HEAD + "  h1: " + "(" * 4_000 + "x" + ")" * 4_000 + "\n" + TAIL, "nested deeper than 64"),
    "expression": (HEAD + "  h1: " + "x " * 300_000 + "\n" + TAIL, "at most 10000"),
    "layers": (HEAD + "  h1: {block: lstm, input: x, units: 4, layers: 9999}\n" + TAIL, "more than 10000 nodes"),
    "billion layers": (HEAD + "  h1: {block: lstm, input: x, units: 4, layers: 1000000000}\n" + TAIL, "at most 10000"),
    "doubling": (doubling(20), "more than 10000 nodes"),
    "wide doubling": (doubling(31), "more than 10000 nodes"),
    "nested blocks": (doubling(500), "deeper than 32"),
    "merges": (merge_bomb(), "anchors"),
    "aliases": (alias_bomb(), "anchors"),
    "itself": ("a: &a [*a]", "anchors"),
    "unknown names": (HEAD + "".join(f"  h{i}: q{i}\n" for i in range(9_000)) + TAIL, "more"),
    "unknown keys": (HEAD + "".join(f"  h{i}: {{block: linear, input: x, unit: 4}}\n" for i in range(9_000)) + TAIL, "more"),
    "misfits": (HEAD + "  q: {block: linear, input: x, units: 2}\n" + "".join(f"  h{i}: q + x\n" for i in range(9_000)) + TAIL, "more"),
    "shares": (HEAD + "".join(f"  h{i}: {{block: linear, input: x, units: 4, share: q}}\n" for i in range(9_000)) + TAIL, "more"),
    "splits": (HEAD + "  q: {block: split, input: x, into: [" + ", ".join(f"a{i}" for i in range(50_000)) + "]}\n  h1: q.a1\n" + TAIL, "equal parts"),
    "parameters": ("parameters:\n  p0: $p9000\n" + "".join(f"  p{i}: $p{i - 1}\n" for i in range(1, 9_001)) + HEAD + "  h1: x\n" + TAIL, "parameter"),
    "delay": (HEAD + "  h1: x + h1(t-999999999)\n" + TAIL, "at most 100000"),
    "long name": (HEAD + f"  {'a' * 100_000}: x\n  h1: x\n" + TAIL, "100000 characters"),
    "keys": ("".join(f"k{i}: 1\n" for i in range(50_000)), "more"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused(tmp_path: Path, name: str) -> None:
    text, words = BOMBS[name]
    fault(bytes_of(tmp_path / "a.yaml", text.encode()), words)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["brackets", "values", "nodes", "layers", "doubling", "merges", "unknown names", "misfits", "shares"])
def test_bombs_are_refused_in_a_process_of_little_memory(tmp_path: Path, name: str) -> None:
    text, words = BOMBS[name]
    check_refused(bytes_of(tmp_path / "a.yaml", text.encode()), words)


def test_a_wide_graph_with_cross_reads_is_checked() -> None:
    nodes = "\n".join(f"h{i}: {' + '.join(f'h{j}' for j in range(max(0, i - 20), i)) or 'x'}" for i in range(300))
    assert len(model(spec(nodes, outputs="y: h299")).graph) > 5_000


# 4. YAML's magic; 5. scalars.


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD + "inputs: {}\n", "the key 'inputs' stands here again"),
        (GOOD + "---\n" + GOOD, "a second document begins here"),
        (GOOD.replace("rnn", "!!python/object/apply:os.system [ls]"), "tags"),
        (GOOD.replace("rnn", "!!python/name:os.system"), "tags"),
        (GOOD.replace("rnn", "!mine rnn"), "tags"),
        (GOOD.replace("rnn", "!!str rnn"), "tags"),
        ("%YAML 1.1\n---\n" + GOOD, "directives"),
        (GOOD.replace("rnn", "&a rnn"), "anchors"),
        (GOOD.replace("rnn", "*a"), "aliases"),
        (GOOD.replace("{block", "{<<: {units: 4}, block"), "merge keys"),
        (GOOD.replace("h: {", "h: {block: gru, "), "the key 'block' stands here again"),
    ],
)
def test_magic_of_yaml_is_refused(tmp_path: Path, text: str, words: str) -> None:
    fault(bytes_of(tmp_path / "a.yaml", text.encode()), words)


def test_magic_of_yaml_is_refused_in_a_process(tmp_path: Path) -> None:
    text = GOOD.replace("rnn", f"!!python/object/apply:os.system ['touch {tmp_path}/touched']")
    ended = check_refused(bytes_of(tmp_path / "a.yaml", text.encode()), ":5:14: error: tags (`!name`) are refused")
    assert not (tmp_path / "touched").exists() and "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("written", "units"), [("010", 10), ("0o10", 8), ("0x10", 16), ("+4", 4), ("'4'", None), ("1e3", None), ("4.0", None)]
)
def test_numbers_are_read_as_yaml_1_2_does(written: str, units: int | None) -> None:
    text = spec(f"h: {{block: linear, input: x, units: {'@' if units is None else ''}{written}}}")
    if units is None:
        refused(text, "units must be a whole number")
    else:
        assert model(text).values["h", ""].size == units


@pytest.mark.parametrize(
    "written",
    ["no", "on", "yes", "true", "1:30", "1_000", "-1", "0", "-0", ".5", "''", "[]", "0x", "1e", "９", "2020-01-01"],  # noqa: RUF001
)
@pytest.mark.parametrize("field", ["linear, input: x, units", "lstm, input: x, units: 4, layers", "lstm, input: x, projection"])
def test_what_is_no_size_is_refused_by_the_field_s_name(written: str, field: str) -> None:
    found = problems(spec(f"h: {{block: {field}: {written}}}"))
    assert len(found) == 1 and field.split(" ")[-1] in found[0].what


@pytest.mark.parametrize(("written", "words"), [(".nan", "finite"), (".inf", "finite"), ("-.INF", "finite"), ("1e999", "too large"), ("9" * 400, "too large")])
def test_numbers_that_no_one_computes_with(written: str, words: str) -> None:
    refused(spec(f"h: {{block: dropout, input: x, rate: @{written}}}"), words)


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
        "h: {block: antigravity, input: x, module: wave, _target_: this.that}\nk: antigravity.fly(x)\nz: __import__('wave')",
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
            spec("e: {block: gru, input: x, units: 5}\n@h: {block: lstm, input: x, units: 5, initial: e.state}"),
            ["states of e do not fit those of h: h against c, h", "bridge: {block: linear, input: e.final, units: 5}"],
        ),
        (
            spec("s: {block: weight, units: 5}\n@h: {block: attention, query: x, memory: s, units: 5}"),
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


@pytest.mark.parametrize("name", ["../../../../etc/passwd", "/etc/passwd", "https://example.org/a.txt", "pipe", "folder", "link"])
def test_data_paths_that_leave_the_folder(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("/etc/passwd")
    nodes = "e: {block: embedding, input: text(t-1), units: 4}\nh: {block: linear, input: e, units: $characters}"
    text = spec(nodes, "text: {tokens: $characters}", "next: {from: h, predicts: text}", more=f"data: {{text: {{file: {name}}}}}\n")
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


@pytest.mark.parametrize(("version", "words"), [("2", "a newer Leporello wrote it: update this one"), ("0", "not known"), ("1.0", "version number")])
def test_versions(version: str, words: str) -> None:
    refused(GOOD.replace("spec: 1", f"spec: @{version}"), words)


# Whatever is done to a good spec, it is read or refused.


def test_a_spec_cut_or_spoilt_anywhere_is_read_or_refused() -> None:
    text = spec(
        "d: {block: lstm, input: [x, h(t-1)], units: 4, layers: 2, initial: {h: s}}\ns: {block: weight, units: 4}\nh: tanh(d * 2)",
        blocks="mine:\n  inputs: [x]\n  parameters: {n: 3}\n  nodes: {y: {block: linear, input: x, units: $n}}\n  outputs: [y]",
        outputs="y: {from: h, predicts: x}\nz: d.state",
        more="parameters: {n: 3}\n",
    )
    spoilt = [text[:i] for i in range(len(text))]
    spoilt += [text[:i] + text[i + 1 :] for i in range(len(text))]
    spoilt += [text[:i] + character + text[i + 1 :] for i in range(0, len(text), 3) for character in ":{}[],@-'\"$(.0\n"]
    for sample in spoilt:
        try:
            check(read_spec(sample, registry(), "a.yaml"), registry())
        except SpecError as error:
            assert error.problems and all(len(str(problem)) < 10_000 for problem in error.problems)


def test_the_file_is_a_folder_a_pipe_or_missing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    for path, words in ((tmp_path, "a folder"), (tmp_path / "pipe.yaml", "a pipe"), (tmp_path / "none.yaml", "no such file")):
        with pytest.raises(SpecError, match=words):
            read_file(path, registry())
    command = [sys.executable, "-m", "leporello", "check", str(tmp_path / "pipe.yaml")]
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
    assert done.returncode == 2 and b"a pipe" in done.stderr and b"Traceback" not in done.stderr
