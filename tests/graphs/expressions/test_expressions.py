"""The grammar of expressions: round trips, readings, and every wrong character at its place."""

from __future__ import annotations

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leporello.graphs.expressions.grammar import (
    FUNCTIONS,
    REDUCING,
    Binary,
    Call,
    Expression,
    Negative,
    Number,
    Read,
    SizeName,
    evaluate_size,
    parse,
    parse_size,
    reads,
    unparse,
)
from leporello.graphs.names import RESERVED
from leporello.graphs.nodes import Time
from leporello.graphs.problems import Mark, SpecError

MARK = Mark("spec.yaml", 3, 10)

NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,5}", fullmatch=True).filter(
    lambda name: name not in RESERVED and name not in FUNCTIONS
)
NUMBERS = st.builds(Number, st.integers(0, 10**20) | st.floats(0, allow_infinity=False, allow_nan=False).map(abs))
LONE_TIMES = st.sampled_from([Time("first"), Time("last"), Time("all")])
TIMES = st.builds(Time, st.just("t"), st.integers(-99, 99)) | LONE_TIMES
READS = st.builds(Read, NAMES, st.just("") | NAMES, TIMES)
SIZE_LEAVES: st.SearchStrategy[Expression] = NUMBERS | st.builds(SizeName, NAMES)


def operations(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return st.builds(Negative, inner) | st.builds(Binary, st.sampled_from("+-*/"), inner, inner)


def with_calls(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return operations(inner) | st.builds(Call, st.sampled_from(sorted(FUNCTIONS)), inner)


SIZES = st.recursive(SIZE_LEAVES, operations, max_leaves=20)
EXPRESSIONS = st.recursive(cast("st.SearchStrategy[Expression]", SIZE_LEAVES | READS), with_calls, max_leaves=20)


@given(EXPRESSIONS)
def test_parse_undoes_unparse(expression: Expression) -> None:
    assert parse(unparse(expression), MARK) == expression


@given(SIZES)
def test_parse_size_undoes_unparse(expression: Expression) -> None:
    assert parse_size(unparse(expression), MARK) == expression == parse(unparse(expression), MARK)


@given(EXPRESSIONS)
def test_no_parentheses_could_be_left_out(expression: Expression) -> None:
    text = unparse(expression)
    for place, character in enumerate(text):
        if character == "(" and (place == 0 or text[place - 1] in " -("):
            closing = matching(text, place)
            shorter = text[:place] + text[place + 1 : closing] + text[closing + 1 :]
            assert parse(shorter, MARK) != expression


def matching(text: str, opening: int) -> int:
    depth = 0
    for place in range(opening, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place
    raise AssertionError(text)


@given(st.text(max_size=40) | st.text("tanh(x-1)+*/.$ 2fls", max_size=40))
def test_any_text_is_an_expression_or_a_problem_within_it(text: str) -> None:
    try:
        expression = parse(text, MARK)
    except SpecError as error:
        place = error.problems[0].mark
        assert place is not None and 10 <= place.column <= 10 + len(text)
    else:
        assert parse(unparse(expression), MARK) == expression


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("h", Read("h")),
        ("h(t)", Read("h")),
        ("h(t-0)", Read("h")),
        (" h ( t - 1 ) ", Read("h", "", Time("t", -1))),
        ("h.c(t+2)", Read("h", "c", Time("t", 2))),
        ("h(first)", Read("h", "", Time("first"))),
        ("encoder.state", Read("encoder", "state")),
        ("K(all)", Read("K", "", Time("all"))),
        ("010", Number(10)),
        ("1e-3", Number(0.001)),
        (".5", Number(0.5)),
        ("-1", Negative(Number(1))),
        ("$units", SizeName("units")),
        ("a - b - c", Binary("-", Binary("-", Read("a"), Read("b")), Read("c"))),
        ("a + b * c", Binary("+", Read("a"), Binary("*", Read("b"), Read("c")))),
        ("-a * b", Binary("*", Negative(Read("a")), Read("b"))),
        ("tanh(U + W)", Call("tanh", Binary("+", Read("U"), Read("W")))),
        ("tanh(-1)", Call("tanh", Negative(Number(1)))),
        ("sum(w * m(all))", Call("sum", Binary("*", Read("w"), Read("m", "", Time("all"))))),
        ("sum.c(t-1)", Read("sum", "c", Time("t", -1))),
    ],
)
def test_readings(text: str, expected: Expression) -> None:
    assert parse(text, MARK) == expected


def test_equal_spellings_agree() -> None:
    spellings = ["(1-z)*n+z*h(t-1)", "( 1 - z ) * n + z * h( t - 1 )", "((1-z)*n)+(z*h(t-1))", "(1-z)*n(t)+z*(h(t-1))"]
    assert len({parse(text, MARK) for text in spellings}) == 1


def test_reads_come_from_left_to_right_with_their_places() -> None:
    found = reads(parse("-z + tanh(h.c(t-1)) * z / $n", MARK))
    assert [unparse(read) for read in found] == ["z", "h.c(t-1)", "z"]
    assert [read.span for read in found] == [(1, 2), (10, 18), (22, 23)]


@pytest.mark.parametrize(
    ("text", "value"),
    [("512", 512), ("$n / 2", 4), ("2 * ($n + 1)", 18), ("-$n + 9", 1), ("$n * 0.5", 4.0), ("6 / 2 / 3", 1)],
)
def test_sizes_are_evaluated(text: str, value: float) -> None:
    found = evaluate_size(parse_size(text, MARK), {"n": 8}.__getitem__)
    assert found == value and type(found) is type(value)


@given(st.integers(-999, 999), st.integers(1, 99))
def test_whole_division_is_exact_or_refused(dividend: int, divisor: int) -> None:
    size = Binary("/", SizeName("a"), SizeName("b"))
    values = {"a": dividend, "b": divisor}
    if dividend % divisor == 0:
        assert evaluate_size(size, values.__getitem__) * divisor == dividend
    else:
        with pytest.raises(SpecError, match=f"{dividend} / {divisor} is not a whole number"):
            evaluate_size(size, values.__getitem__)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("5 / 2", "spec.yaml:3:10: error: 5 / 2 is not a whole number"),
        ("1 / 0", "divides by zero"),
        ("1.0 / ($n - 8)", "divides by zero"),
        ("1e308 * $n", "larger than any number"),
        ("1.5 * $huge", "larger than any number"),
        ("h + 1", "`h` is not a size"),
    ],
)
def test_sizes_that_are_none(text: str, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        evaluate_size(parse(text, MARK), {"n": 8, "huge": 10**400}.__getitem__, MARK)
    assert words in str(caught.value)


def test_sizes_may_be_other_than_numbers() -> None:
    class Symbol(str):
        def __mul__(self, other: object) -> Symbol:
            return Symbol(f"{self}*{other}")

    assert evaluate_size(parse_size("$n * 2", MARK), Symbol) == "n*2"


def test_every_function_has_help_and_reducing_ones_are_functions() -> None:
    assert set(FUNCTIONS) > REDUCING
    assert all(FUNCTIONS.values()) and "softmax" not in FUNCTIONS
