"""Expressions that are none: each fault names its cause at its place."""

from __future__ import annotations

import sys

import pytest

from leporello.graphs.expressions.grammar import Read, parse, parse_size, unparse
from leporello.graphs.names import RESERVED
from leporello.graphs.problems import Mark, SpecError

MARK = Mark("spec.yaml", 3, 10)


def fault(text: str, mark: Mark = MARK, size: bool = False) -> SpecError:
    with pytest.raises(SpecError) as caught:
        (parse_size if size else parse)(text, mark)
    return caught.value


FAULTS = [
    # text, column within the text from 1, words of the message
    ("", 1, "empty"),
    ("a +", 4, "ends where a value is missing"),
    ("+ a", 1, "a value is missing"),
    ("a b", 3, "an operator is missing"),
    ("2h", 2, "an operator is missing"),
    ("$n(t-1)", 3, "an operator is missing"),
    ("(a", 1, "not closed"),
    ("h(t-1", 2, "not closed"),
    ("a)", 2, "never opened"),
    ("()", 1, "nothing stands"),
    ("a, b", 2, "no comma"),
    ("max(a, b)", 6, "no comma"),
    ("[a]", 1, "no brackets"),
    ("{a}", 1, "no brackets"),
    ("a: b", 2, "no colon"),
    ("lambda x: x", 9, "no colon"),
    ("'a'", 1, "no quotes"),
    ('"a"', 1, "no quotes"),
    ("__import__('os')", 1, "begin with a letter"),
    ("_x", 1, "begin with a letter"),
    ("1_000", 2, "begin with a letter"),
    ("h + é", 5, "cannot occur in a name"),
    ("a ** b", 3, "no power"),
    ("a ^ b", 3, "no power"),
    ("a // b", 3, "no whole-number division"),
    ("a @ b", 3, "block: linear"),
    ("a == b", 3, "nothing is assigned"),
    ("a < b", 3, "no comparisons"),
    ("a; b", 2, "cannot occur"),
    ("a\\b", 2, "cannot occur"),
    ("a\nb", 2, "one line"),
    ("a\x1b[2J", 2, "cannot occur"),
    ("a \N{MINUS SIGN} b", 3, "minus of the keyboard"),
    ("${x}", 1, "$words"),
    ("1e999", 1, "too large"),
    ("9" * 400, 1, "too large"),
    ("a.b.c", 4, "one dot"),
    ("a.", 2, "port's name is missing"),
    ("h(t-1).c", 7, "h.c(t-1)"),
    ("h(t-1)(t-1)", 7, "one time"),
    ("tanh(t-1)", 1, "tanh(h(t-1))"),
    ("1 + sum(all)", 5, "is a function"),
    ("tanhh(x)", 1, "did you mean tanh?"),
    ("sigmod(-x)", 1, "did you mean sigmoid?"),
    ("softmax(x)", 1, "{block: softmax"),
    ("h(x)", 1, "neither a function nor a read"),
    ("h(x(t-1))", 1, "neither a function nor a read"),
    ("x(2t+1)", 3, "not yet"),
    ("slow(t/4)", 6, "not yet"),
    ("h(1)", 3, "counted from t"),
    ("h(-1)", 3, "counted from t"),
    ("h()", 3, "empty"),
    ("h(t-$k)", 3, "a delay is a number"),
    ("h(t-k)", 3, "a delay is a number"),
    ("h(t-1.5)", 5, "whole number"),
    ("h(t-1e3)", 5, "whole number"),
    ("h(t-1-1)", 3, "not a time"),
    ("h.c(x)", 5, "not a time"),
    ("h(first+1)", 8, "stands alone"),
    ("h(t-999999999999)", 5, "at most 100000"),
    *[(f"a + {name}", 5, "reserved") for name in sorted(RESERVED)],
]


@pytest.mark.parametrize(("text", "column", "words"), FAULTS)
def test_faults_name_their_cause_at_their_place(text: str, column: int, words: str) -> None:
    error = fault(text)
    mark = error.problems[0].mark
    assert words in str(error)
    assert mark is not None and (mark.file, mark.line, mark.column) == ("spec.yaml", 3, 9 + column)
    assert error.problems[0].hint


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("units", 1, "did you mean $units?"),
        ("2 * h(t-1)", 5, "did you mean $h?"),
        ("tanh($n)", 1, "is not a size"),
        ("$n $m", 4, "an operator is missing"),
        ("", 1, "empty"),
    ],
)
def test_sizes_hold_no_reads(text: str, column: int, words: str) -> None:
    error = fault(text, size=True)
    assert words in str(error)
    assert error.problems[0].mark is not None and error.problems[0].mark.column == 9 + column


def test_offsets_of_quoted_plain_and_folded_text() -> None:
    plain = fault("a + ,", Mark("s", 1, 5, 100, 105)).problems[0].mark
    quoted = fault("a + ,", Mark("s", 1, 5, 100, 107)).problems[0].mark
    folded = fault("a + b", Mark("s", 1, 5, 100, 120)).problems[0]
    assert plain == Mark("s", 1, 9, 104, 105)
    assert quoted == Mark("s", 1, 10, 105, 106)
    assert folded.mark == Mark("s", 1, 5, 100, 120) and "one line" in folded.what


@pytest.mark.parametrize("opening", ["(", "tanh(", "-"])
def test_depth_is_limited(opening: str) -> None:
    closing = "" if opening == "-" else ")"
    deepest = opening * 64 + "a" + closing * 64
    assert parse(unparse(parse(deepest, MARK)), MARK) == parse(deepest, MARK)
    assert "deeper than 64" in str(fault(opening * 65 + "a" + closing * 65))
    assert "deeper than 64" in str(fault(opening * 1500))


def test_length_is_limited() -> None:
    assert parse("a" * 10_000, MARK) == Read("a" * 10_000)
    assert "10001 characters" in str(fault("a" * 10_001))
    longest = " + ".join(["a"] * 201)
    assert unparse(parse(longest, MARK)) == longest
    assert hash(parse(longest, MARK)) == hash(parse(longest, MARK))
    assert "more than 200 operations" in str(fault(longest + " + a"))


def test_nothing_is_imported_by_any_text() -> None:
    before = set(sys.modules)
    for text in ("__import__('antigravity')", "antigravity.fly", "os.system(t)", "eval(antigravity)"):
        try:
            parse(text, MARK)
        except SpecError:
            continue
    assert set(sys.modules) == before
