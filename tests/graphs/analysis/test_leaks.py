"""Leaks: an output that sees what it predicts, by which way, and how that is mended."""

from __future__ import annotations

import pytest

from tests.support.asking import model, problems, refused, spec

TAGS = "words: {features: 3}\ntags: {tokens: 5}"
OUT = "y: {from: @o, predicts: tags}"


def predicting(nodes: str, read: str = "h") -> str:
    return spec(f"{nodes}\no: {{block: linear, input: {read}, units: 5}}", TAGS, OUT + "\nz: words")


@pytest.mark.parametrize(
    ("nodes", "read"),
    [
        ("h: tanh(words)", "h"),
        ("h: {block: lstm, input: words, units: 4, direction: both}", "h"),
        ("h: {block: embedding, input: tags(t-1), units: 4}", "h"),
        ("e: {block: embedding, input: tags(t-1), units: 4}\nh: {block: lstm, input: e, units: 4, layers: 2}", "h"),
        ("h: {block: embedding, input: tags(t-2), units: 4}", "h(t+1)"),
        ("h: {block: embedding, input: tags, units: 4}", "h(t-1)"),
        ("e: {block: embedding, input: tags(t-1), units: 3}\nh: {value: e + h(t-1), initial: words(last)}", "h"),
    ],
)
def test_what_sees_only_earlier_answers_is_no_leak(nodes: str, read: str) -> None:
    model(predicting(nodes, read).replace("@", ""))


@pytest.mark.parametrize(
    ("nodes", "read", "words"),
    [
        ("h: {block: embedding, input: tags, units: 4}", "h", ["tags -> h -> o", "read tags(t-1)"]),
        ("h: {block: embedding, input: tags, units: 4}\nk: tanh(h)", "[words, k]", ["tags -> h -> k -> o"]),
        ("h: {block: embedding, input: tags(t+1), units: 4}", "h", ["h reads tags(t+1), a later step"]),
        (
            "h: {block: embedding, input: tags(t-1), units: 4}",
            "h(t+1)",
            ["tags -> h -> o", "o reads h(t+1), a later step"],
        ),
        (
            "h: {block: embedding, input: tags(t-1), units: 4}\nl: h(last)",
            "[words, l]",
            ["tags -> h -> l -> o", "l reads h(last), steps from the whole"],
        ),
        (
            "e: {block: embedding, input: tags(t-1), units: 4}\nh: {block: lstm, input: e, units: 4, direction: both}",
            "h",
            ["tags -> e -> h -> o", "h runs backward and has seen the later steps"],
        ),
        (
            "e: {block: embedding, input: tags(t-1), units: 4}\n"
            "h: {block: rnn, input: e, units: 4, layers: 3, direction: backward}",
            "h",
            ["tags -> e -> h -> o", "runs backward"],
        ),
        (
            "e: {block: embedding, input: tags(t-1), units: 4}\n"
            "h: {block: attention, query: words, memory: e, units: 4}",
            "h",
            ["tags -> e -> h -> o", "steps from the whole sequence"],
        ),
        (
            "e: {block: embedding, input: tags, units: 3}\nh: {value: words + h(t-1), initial: e(last)}",
            "h",
            ["tags -> e -> h -> o", "e(last)"],
        ),
    ],
)
def test_leaks_name_the_way_and_the_cause(nodes: str, read: str, words: list[str]) -> None:
    text = predicting(nodes, read)
    refused(text, "y sees what it predicts", "leak: allowed", *words)
    model(text.replace("@", "").replace("predicts: tags", "predicts: tags, leak: allowed"))


def test_a_leak_that_is_allowed_still_has_to_fit() -> None:
    text = spec(
        "o: {block: embedding, input: tags, units: 4}", TAGS, "y: {from: @o, predicts: tags, leak: allowed}\nz: words"
    )
    refused(text, "y has 4 features")


def test_each_leaking_output_is_told() -> None:
    nodes = "o: {block: embedding, input: tags, units: 5}"
    found = problems(spec(nodes, TAGS, "y: {from: o, predicts: tags}\nw: {from: o, predicts: tags}\nz: words"))
    assert [problem.what.split(" ")[0] for problem in found] == ["y", "w"]


def test_a_long_backward_loop_is_searched_in_linear_time() -> None:
    chain = "\n".join(f"n{i}: tanh(n{i - 1})" for i in range(1, 3000))
    nodes = f"e: {{block: embedding, input: tags(t-1), units: 5}}\nn0: e + n2999(t+1)\n{chain}"
    refused(
        spec(nodes, TAGS, "y: {from: @n2999, predicts: tags}\nz: words"), "y sees what it predicts", "runs backward"
    )
