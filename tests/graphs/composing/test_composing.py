"""YAML composed: what is read, where it stands, and what is refused before it does harm."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from leporello.graphs.composing.compose import compose
from leporello.graphs.composing.tree import Scalar, Sequence, Table, Tree, plain
from leporello.graphs.problems import Mark, SpecError

SPEC = """\
# a comment
nodes:
  U: {block: linear, input: x, units: 16}
  h: tanh(U + W)
outputs:
  - h
  - "quoted"

last: [1,
  2]
empty:
end: x
"""


def fault(text: str) -> SpecError:
    with pytest.raises(SpecError) as caught:
        compose(text, "spec.yaml")
    return caught.value


def scalars(tree: Tree) -> list[Scalar]:
    match tree:
        case Scalar():
            return [tree]
        case Sequence(items):
            return [found for item in items for found in scalars(item)]
        case Table(entries):
            return [found for key, value in entries for found in [key, *scalars(value)]]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[(text, True) for text in ("true", "True", "TRUE")],
        *[(text, False) for text in ("false", "False", "FALSE")],
        *[(text, None) for text in ("null", "Null", "NULL", "~", "")],
        *[(text, text) for text in ("no", "on", "yes", "y", "off", "tRUE", "1:30", "1_000", "2020-01-01", "=", ".")],
        *[(text, text) for text in ("0b1", "1e", "+-1", "h(t-1)", "$units", "-$units", "http://x", "0x", "1.2.3")],
        *[("010", 10), ("0o10", 8), ("0x1F", 31), ("-3", -3), ("+3", 3), ("0", 0), ("9" * 30, 10**30 - 1)],
        *[("1e-3", 0.001), ("1e3", 1000.0), (".5", 0.5), ("-.5", -0.5), ("5.", 5.0), ("1.5E+2", 150.0)],
        *[("'010'", "010"), ('"true"', "true"), ("''", ""), ('"a\\tb"', "a\tb")],
    ],
)
def test_scalars_are_read_as_yaml_1_2_does(text: str, value: object) -> None:
    found = plain(compose(f"a: {text}\nb: [1, {text} ]\nc: {{d: {text} }}"))
    assert found["a"] == found["c"]["d"] == value and found["b"] == ([1, value] if text else [1])
    assert type(found["a"]) is type(value)


@pytest.mark.parametrize("shift", ["", "\ufeff"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_marks_cover_what_they_name(shift: str, newline: str) -> None:
    text = shift + SPEC.replace("\n", newline)
    tree = compose(text, "spec.yaml")
    assert isinstance(tree, Table)
    for scalar in scalars(tree):
        assert text[scalar.mark.start : scalar.mark.end].strip("\"'") == scalar.text
        assert scalar.plain == (scalar.text != "quoted")
        line = SPEC.splitlines()[scalar.mark.line - 1]
        assert line[scalar.mark.column - 1 :].lstrip('"').startswith(scalar.text)
    spans = {key: text[tree.key(key).mark.start : tree.entries[i][1].mark.end] for i, key in enumerate(tree.keys())}
    assert spans["outputs"].replace("\r", "") == 'outputs:\n  - h\n  - "quoted"'
    assert spans["last"].replace("\r", "") == "last: [1,\n  2]"
    assert spans["empty"] == "empty:"
    assert spans["end"] == "end: x" == text[: tree.mark.end][-6:]


def test_tables_are_asked_by_name() -> None:
    table = compose("b: {c: 1}\na: [x, 2]\n")
    assert isinstance(table, Table)
    assert table.keys() == ("b", "a") and "a" in table and "c" not in table and 1 not in table
    assert plain(table.get("b")) == {"c": 1} and table.get("c") is None
    assert str(table.key("a").mark) == "<spec>:2:1"
    assert isinstance(table.get("a"), Sequence)


KEYS = st.from_regex(r"[a-z][A-Za-z0-9_]{0,5}", fullmatch=True).filter(lambda key: key not in ("null", "true", "false"))
# Beyond U+FFFF JSON escapes by halves, which YAML does not know.
TEXTS = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"], exclude_characters="\x7f"), max_size=9)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))


@given(st.dictionaries(KEYS, VALUES, min_size=1), st.sampled_from([None, 2]))
def test_json_is_yaml(value: dict[str, object], indent: int | None) -> None:
    assert plain(compose(json.dumps(value, indent=indent))) == value


@given(st.dictionaries(KEYS, VALUES, min_size=1))
def test_block_style_says_the_same(value: dict[str, object]) -> None:
    assert plain(compose(block(value, 0))) == value


def block(value: object, indent: int) -> str:
    """`value` in indented YAML, its leaves as JSON writes them."""
    margin = "\n" + " " * indent
    if isinstance(value, dict) and value:
        return "".join(f"{margin}{key}: {block(item, indent + 1)}" for key, item in value.items())
    if isinstance(value, list) and value:
        return "".join(f"{margin}- {block(item, indent + 1)}" for item in value)
    return json.dumps(value, ensure_ascii=True)


@given(st.text(max_size=60) | st.text("ab:-[]{}, \n\t\"'#&*!|>%?@`", max_size=60))
def test_any_text_is_a_tree_or_a_problem_with_its_place(text: str) -> None:
    try:
        tree = compose(text, "spec.yaml")
    except SpecError as error:
        mark = error.problems[0].mark
        assert mark is not None and mark.line >= 1 and mark.column >= 1 and 0 <= mark.start <= len(text) + 1
    else:
        assert all(0 <= scalar.mark.start <= scalar.mark.end <= len(text) for scalar in scalars(tree))


FAULTS = [
    ("", 1, 1, "empty"),
    ("# only this\n", 1, 1, "empty"),
    ("---\n", 1, 1, "empty"),
    ("a: .nan", 1, 4, "finite"),
    ("a: -.inf", 1, 4, "finite"),
    ("a: 1e999", 1, 4, "too large"),
    ("a: " + "9" * 5000, 1, 4, "too large"),
    ("a: &x 1", 1, 4, "anchors"),
    ("a: *x", 1, 4, "aliases"),
    ("a: &a [*a]", 1, 4, "anchors"),
    ("<<: {a: 1}", 1, 1, "merge keys"),
    ("a: {<<: b}", 1, 5, "merge keys"),
    ("a: !!str 1", 1, 4, "tags"),
    ("a: !!python/object/apply:os.system [ls]", 1, 4, "tags"),
    ("a: !mine {}", 1, 4, "tags"),
    ("a: ! b", 1, 4, "tags"),
    ("%YAML 1.2\n---\na: 1", 1, 1, "directives"),
    ("a: 1\n---\nb: 2", 2, 1, "second document"),
    ("a: 1\nb: 2\na: 3", 3, 1, "first at line 1, column 1"),
    ("x: {a: 1, 'a': 2}", 1, 11, "first at line 1, column 5"),
    ("1: a", 1, 1, "not a name"),
    ("true: a", 1, 1, "not a name"),
    ("? [a]\n: b", 1, 3, "not a name"),
    ("a: {axis:source}", 1, 9, "write `axis: source`"),
    ("a: {b: 1, c:2}", 1, 12, "write `c: 2`"),
    ("axis:source", 1, 5, "write `axis: source`"),
    ("a: 1\naxis:source\nb: 2", 2, 5, "write `axis: source`"),
    ("axis:source\nb: 2", 1, 5, "write `axis: source`"),
    ("h: {block: b, input: f(U, V)}", 1, 25, "comma cuts `f(U` off"),
    ("h: [f(U , V)]", 1, 8, "comma cuts `f(U` off"),
    ("h: - z", 1, 4, "write `-z`"),
    ("{h: - z}", 1, 5, "write `-z`"),
    ("a:\n\tb: 1", 2, 1, "tab"),
    ("a:\n  b: 1\n  \tc: 1", 3, 3, "tab"),
    ("a: [1, 2\n", 1, 4, "never closed"),
    ("a: {b: 1\n\n", 1, 4, "never closed"),
    ("a: {b: [c}", 1, 10, "opened at line 1, column 8"),
    ("a: {b: x[0]}", 1, 9, "opened at line 1, column 4"),
    ("a: {b: 1}}", 1, 10, "closing bracket"),
    ('a: "b', 1, 4, "never closed"),
    ("a: 'b\n", 1, 4, "never closed"),
    ('a: "\\q"', 1, 5, "escape"),
    ("a: b: c", 1, 5, "second key"),
    ("a: 1\n  b: 2", 2, 4, "indented too far"),
    ("a: 1\nb\nc: 2", 3, 1, "no `key: value`"),
    ("- a\nb: 1", 2, 1, "items of one list"),
    ("a:\n  - b\n c: 1", 3, 2, "begin in the same column"),
    ("a: @b", 1, 4, "begins with '@'"),
    ("a: b\0", 1, 5, "NUL"),
    ("a: b\x1b[2J", 1, 5, "U+001B"),
    ("a: \ud800", 1, 4, "U+D800"),
    ("a: \ufeff1", 1, 4, "U+FEFF"),
]


@pytest.mark.parametrize(("text", "line", "column", "words"), FAULTS)
@pytest.mark.parametrize("shift", ["", "\ufeff"])
def test_faults_name_their_cause_at_their_place(shift: str, text: str, line: int, column: int, words: str) -> None:
    error = fault(shift + text)
    mark = error.problems[0].mark
    assert words in str(error)
    assert mark is not None and (mark.file, mark.line, mark.column) == ("spec.yaml", line, column)
    assert error.problems[0].hint


def test_offsets_of_a_fault_count_the_byte_order_mark() -> None:
    assert fault("\ufeffa: *x").problems[0].mark == Mark("spec.yaml", 1, 4, 4, 6)
    assert fault("\ufeffa: {axis:source}").problems[0].mark == Mark("spec.yaml", 1, 9, 9, 10)


@pytest.mark.parametrize("unit", ["[", "{", "{a: ", "- ", "? "])
def test_depth_is_limited(unit: str) -> None:
    error = fault(unit * 100_000)
    assert "deeper than 64" in str(error)
    assert error.problems[0].mark is not None and error.problems[0].mark.line == 1
    assert plain(compose("[" * 64 + "]" * 64)) is not None


def test_size_is_limited() -> None:
    assert "1,000,000 bytes" in str(fault("a: " + "x" * 1_000_000))
    assert "1,000,000 bytes" in str(fault("a: " + "é" * 500_000))
    assert plain(compose("a: " + "x" * 999_997)) == {"a": "x" * 999_997}


@pytest.mark.slow
def test_the_number_of_values_is_limited() -> None:
    assert len(plain(compose("[" + "a," * 199_999 + "]"))) == 199_999
    assert "more than 200,000 YAML values" in str(fault("[" + "a," * 400_000))


def test_bombs_are_refused_at_their_first_anchor() -> None:
    levels = [f"l{i}: &l{i}\n  <<: [{', '.join([f'*l{i - 1}'] * 9)}]" for i in range(1, 20)]
    assert fault("l0: &l0 {a: 1}\n" + "\n".join(levels)).problems[0].mark == Mark("spec.yaml", 1, 5, 4, 9)


def test_many_directives_are_not_even_scanned() -> None:
    assert "directives" in str(fault("a: 1\n...\n" + "%TAG !a! x\n" * 80_000))


def test_without_libyaml_trees_and_places_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = compose(SPEC)
    traps = [text for text, *_ in FAULTS if ":" in text]
    places = [fault(text).problems[0].mark for text in traps[:25]]
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    assert compose(SPEC) == expected
    assert [fault(text).problems[0].mark for text in traps[:25]] == places
