"""Sizes: names, expressions, inference, and misfits that name both sides."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leporello.graphs.size import AnySize, Size, differ
from tests.support.asking import model, problems, refused, spec

NAMES = st.sampled_from(["a", "b", "c"])
SIZES = st.recursive(
    st.integers(-5, 5) | NAMES.map(Size.named),
    lambda inner: st.tuples(st.sampled_from("+-*"), inner, inner).map(
        lambda parts: {"+": parts[1] + parts[2], "-": parts[1] - parts[2], "*": parts[1] * parts[2]}[parts[0]]
    ),
    max_leaves=5,
)


def value_of(size: AnySize, names: dict[str, int]) -> int | Fraction:
    if not isinstance(size, Size):
        return size
    total = Fraction(0)
    for product, factor in size.terms:
        for name in product:
            factor = factor * names[name]
        total += factor
    return total


@given(SIZES, SIZES, st.fixed_dictionaries(dict.fromkeys("abc", st.integers(1, 99))))
def test_sizes_compute_as_their_values_do(a: Size, b: Size, names: dict[str, int]) -> None:
    x, y = value_of(a, names), value_of(b, names)
    assert value_of(a + b, names) == x + y
    assert value_of(a - b, names) == x - y
    assert value_of(a * b, names) == x * y
    if differ(a, b):
        assert x != y
    if a == b:
        assert x == y


def sizes(nodes: str, inputs: str = "x: {features: 8}", **given: int) -> dict[str, str]:
    checked = model(spec(nodes, inputs), **given)
    return {path: str(value) for (path, port), value in checked.values.items() if not port and "/" not in path}


@pytest.mark.parametrize(
    ("node", "size"),
    [
        ("x", "8"),
        ("[x, x]", "16"),
        ("[x, [x, tanh(x)], 1]", "25"),
        ("x + 1", "8"),
        ("1 + 1", "1"),
        ("sum(x(all))", "8"),
        ("{block: sum, input: x, over: features}", "1"),
        ("{block: linear, input: x, units: 5}", "5"),
        ("{block: argmax, input: x}", "tokens out of 8"),
        ("{block: sample, input: x}", "tokens out of 8"),
        ("{block: softmax, input: x}", "8"),
        ("{block: layer_norm, input: x}", "8"),
        ("{block: lstm, input: x, units: 3, direction: both}", "6"),
        ("{block: lstm, input: x, units: 6, projection: 2}", "2"),
        ("{block: attention, query: x, memory: x, units: 3}", "8"),
    ],
)
def test_sizes_are_inferred(node: str, size: str) -> None:
    checked = model(spec(f"h: {node}"))
    assert str(checked.value(checked.graph.outputs[0].wire)) == size


def test_split_gives_equal_parts_by_name() -> None:
    checked = model(spec("s: {block: split, input: x, into: [i, o]}\nh: s.i + s.o"))
    assert str(checked.values["s", "o"]) == "4" and str(checked.values["h", ""]) == "4"
    refused(spec("h: {block: split, input: @x, into: [a, b, c]}"), "8 features do not split into 3", "6 would")
    refused(spec("h: {block: split, input: x, into: @[a, a]}"), "names a part twice")


def test_names_stay_symbols_until_they_are_bound() -> None:
    text = spec(
        "e: {block: embedding, input: x, units: $u}\nh: {block: linear, input: [e, e], units: $w}", "x: {tokens: $w}"
    )
    checked = model(text)
    assert checked.unbound == ("u", "w")
    assert [str(size) for size in checked.weights["h"]["weight"]] == ["$w", "2 * $u"]
    assert str(checked.parameters) == "3 * $u * $w + $w"
    bound = model(text, w=10, u=4)
    assert (bound.unbound, bound.parameters) == ((), 10 + 3 * 40)


@pytest.mark.parametrize(
    ("units", "size"),
    [("$n", 6), ("$n / 2", 3), ("2 * ($n + 1)", 14), ("$n * 0.5", 3), ("$n * $n - 30", 6), ("2 * 3", 6)],
)
def test_size_expressions(units: str, size: int) -> None:
    assert model(spec(f"h: {{block: linear, input: x, units: {units}}}"), n=6).values["h", ""].size == size


@pytest.mark.parametrize(
    ("units", "words"),
    [
        ("$n / 4", "6 / 4 is not a whole number"),
        ("$n - 6", "not 0"),
        ("-$n", "not -6"),
        ("$n / ($n - 6)", "divides by zero"),
        ("$n * 0.25", "not 1.5"),
        ("$n * 1000000000", "at most 1,000,000,000"),
    ],
)
def test_size_expressions_that_are_no_size(units: str, words: str) -> None:
    refused(spec(f"h: {{block: linear, input: x, units: @{units}}}"), words, n=6)


@pytest.mark.parametrize(
    ("given", "words"), [(0, "at least 1, not 0"), (-2, "not -2"), (2.5, "not 2.5"), (True, "not true")]
)
def test_given_sizes_are_checked(given: object, words: str) -> None:
    refused(spec("h: {block: embedding, input: x, units: 3}", "x: {tokens: @$n}"), words, n=given)


def test_symbols_do_not_grow_without_end() -> None:
    squares = ", ".join(f"p{i + 1}: $p{i} * $p{i}" for i in range(60))
    for first in ("$n + 1", "$n", "7"):
        text = spec("h: {block: linear, input: x, units: $p60}", more=f"parameters: {{p0: {first}, {squares}}}\n")
        found = problems(text)
        assert len(found) == 1
        assert any(
            word in str(found[0]) for word in ("too complicated", "larger than any number", "more than 32 others")
        )


def test_a_number_in_an_expression_may_be_a_size() -> None:
    checked = model(spec("h: x / $n"), n=4)
    assert checked.graph["h/1"].parameters["value"] == 4.0
    assert model(spec("h: x / $n")).graph["h/1"].parameters["value"] == Size.named("n")


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ("k: {block: linear, input: x, units: 5}\n@h: k + x", ["sizes 5 and 8 do not go together", "k has 5, x has 8"]),
        ("k: {block: linear, input: x, units: 5}\nh: tanh(@k * x)", ["h (multiply)", "k has 5, x has 8"]),
        ("k: {block: linear, input: x, units: 5}\n@h: k * h(t-1) + x", ["5 and 8"]),
        ("@h: {block: dot_attention, query: x, memory: x, units: 5}", ["sizes 8 and 5 do not go together"]),
    ],
)
def test_misfits_name_both_sides_with_their_sizes(nodes: str, words: list[str]) -> None:
    refused(spec(nodes), *words)


TOKENS = "x: {tokens: $w}"


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ("h: tanh(@x)", ["tokens are no numbers", "embed them first"]),
        ("h: @x + 1", ["tokens are no numbers"]),
        ("h: [@x, x]", ["tokens cannot be joined"]),
        ("h: sum(@x(all))", ["reads tokens from x(all)"]),
        ("h: {block: linear, input: @x, units: 4}", ["h (linear) reads tokens from x", "input: x, units: 64"]),
        (
            "h: {block: lstm, input: @x, units: 4, layers: 3}",
            ["h, an lstm, reads tokens from x at its port input", "embed"],
        ),
        (
            "k: {block: embedding, input: x, units: 3}\nh: {block: embedding, input: @k, units: 4}",
            ["reads features from k"],
        ),
        (
            "p: {block: feedback, truth: x(t-1), own: @h(t-1)}\nh: {block: embedding, input: p, units: 4}",
            ["truth gives tokens, own gives features"],
        ),
    ],
)
def test_tokens_are_no_features(nodes: str, words: list[str]) -> None:
    refused(spec(nodes, TOKENS), *words)


def test_both_ports_of_feedback_are_of_one_size_and_late() -> None:
    nodes = "p: {block: feedback, truth: %s, own: %s}\ne: {block: embedding, input: p, units: 4}\n"
    nodes += "h: {block: linear, input: e, units: %s}\nc: {block: argmax, input: h}"
    model(spec(nodes % ("x(t-1)", "c(t-1)", 9), "x: {tokens: 9}"))
    refused(spec(nodes % ("x(t-1)", "@c(t-1)", 7), "x: {tokens: 9}"), "truth has 9, own has 7")
    for read in ("x", "x(t+1)", "x(first)"):
        refused(
            spec(nodes % (f"@{read}", "c(t-1)", 9), "x: {tokens: 9}"),
            f"p reads {read} at its port truth",
            "truth: x(t-1)",
        )


def test_an_output_has_the_size_of_what_it_predicts() -> None:
    text = spec(
        "h: {block: linear, input: x, units: 4}", "x: {features: 8}\ntags: {tokens: 5}", "y: {from: @h, predicts: tags}"
    )
    refused(text, "y has 4 features, but predicts tags of tokens out of 5", "units: 5")
    model(text.replace("@", "").replace("units: 4", "units: 5"))
    loss = text.replace("units: 4", "units: 5").replace("@h, predicts: tags", "h, predicts: tags, loss: @squared")
    refused(loss, "the loss squared", "losses for tokens: cross_entropy")
    choice = spec(
        "o: {block: linear, input: x, units: 5}\nh: {block: argmax, input: o}",
        "x: {features: 8}\ntags: {tokens: 5}",
        "y: {from: @h, predicts: tags}",
    )
    refused(choice, "tokens, which have no loss", "logits")


def test_the_size_of_a_loop_of_its_own_cannot_be_worked_out() -> None:
    refused(spec("@h: {value: h(t-1), axis: time}\nk: h + x", outputs="y: k"), "the size of h cannot be worked out")


def test_a_loop_gets_its_size_from_its_initial_value() -> None:
    nodes = "s: {block: weight, units: 3}\nh: {value: 0.5 * h(t-1), axis: time, initial: s}"
    assert sizes(nodes)["h"] == "3"
    late = "s: {block: weight, units: 3}\nk: {block: linear, input: h(t-1), units: 1, initial: @s}\nh: x + k(t-1)"
    refused(spec(late), "k has 1, its initial value s has 3")
