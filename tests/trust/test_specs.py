"""Spec files that are wrong, hostile or huge: one error with its place, no traceback, little time and memory."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import check
from leporello.graphs.specs import read_file
from tests.support.asking import model, problems, refused, spec
from tests.support.faults.trusting import GOOD, bytes_of, check_refused, fault

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
    (b"\x7fELF\x02\x01\x01\0\0\0", "U+007F"),
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


def doubling(levels: int) -> str:
    """Blocks that use the one before twice: 2 ** levels nodes from a few lines."""
    body = "b{0}:\n  inputs: [x]\n  nodes:\n    p: {{block: b{1}, x: x}}\n    y: {{block: b{1}, x: p}}\n  outputs: [y]"
    first = "b0:\n  inputs: [x]\n  nodes: {y: tanh(x)}\n  outputs: [y]\n"
    return spec(
        f"h: {{block: b{levels}, x: x}}", blocks=first + "\n".join(body.format(i, i - 1) for i in range(1, levels + 1))
    )


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
    "unknown names": (HEAD + "".join(f"  h{i}: q{i}\n" for i in range(2_000)) + TAIL, "more"),
    "unknown keys": (
        HEAD + "".join(f"  h{i}: {{block: linear, input: x, unit: 4}}\n" for i in range(2_000)) + TAIL,
        "more",
    ),
    "misfits": (
        HEAD + "  q: {block: linear, input: x, units: 2}\n" + "".join(f"  h{i}: q + x\n" for i in range(2_000)) + TAIL,
        "more",
    ),
    "shares": (
        HEAD + "".join(f"  h{i}: {{block: linear, input: x, units: 4, share: q}}\n" for i in range(2_000)) + TAIL,
        "more",
    ),
    "splits": (
        HEAD
        + "  q: {block: split, input: x, into: ["
        + ", ".join(f"a{i}" for i in range(50_000))
        + "]}\n  h1: q.a1\n"
        + TAIL,
        "equal parts",
    ),
    "parameters": (
        "parameters:\n  p0: $p9000\n"
        + "".join(f"  p{i}: $p{i - 1}\n" for i in range(1, 9_001))
        + HEAD
        + "  h1: x\n"
        + TAIL,
        "parameter",
    ),
    "delay": (HEAD + "  h1: x + h1(t-999999999)\n" + TAIL, "at most 100000"),
    "long name": (HEAD + f"  {'a' * 1_000}: x\n  h1: x\n" + TAIL, "1000 characters"),
    "keys": ("".join(f"k{i}: 1\n" for i in range(50_000)), "more"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused(tmp_path: Path, name: str) -> None:
    text, words = BOMBS[name]
    fault(bytes_of(tmp_path / "a.yaml", text.encode()), words)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["brackets", "values", "layers", "doubling", "merges", "unknown names", "misfits"])
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
    ("written", "units"),
    [("010", 10), ("0o10", 8), ("0x10", 16), ("+4", 4), ("'4'", None), ("1e3", None), ("4.0", None)],
)
def test_numbers_are_read_as_yaml_1_2_does(written: str, units: int | None) -> None:
    text = spec(f"h: {{block: linear, input: x, units: {'@' if units is None else ''}{written}}}")
    if units is None:
        refused(text, "units must be a whole number")
    else:
        assert model(text).values["h", ""].size == units


@pytest.mark.parametrize(
    "written",
    ["no", "on", "yes", "true", "1:30", "1_000", "-1", "0", "-0", ".5", "''", "[]", "0x", "1e", "９", "2020-01-01"],
)
@pytest.mark.parametrize(
    "field", ["linear, input: x, units", "lstm, input: x, units: 4, layers", "lstm, input: x, projection"]
)
def test_what_is_no_size_is_refused_by_the_field_s_name(written: str, field: str) -> None:
    found = problems(spec(f"h: {{block: {field}: {written}}}"))
    assert len(found) == 1 and field.split(" ")[-1] in found[0].what


@pytest.mark.parametrize(
    ("written", "words"),
    [(".nan", "finite"), (".inf", "finite"), ("-.INF", "finite"), ("1e999", "too large"), ("9" * 400, "too large")],
)
def test_numbers_that_no_one_computes_with(written: str, words: str) -> None:
    refused(spec(f"h: {{block: dropout, input: x, rate: @{written}}}"), words)
