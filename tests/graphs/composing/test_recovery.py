"""Texts that are being typed: what is whole is composed, what is broken is told, and all places stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leporello.graphs.composing.compose import compose
from leporello.graphs.composing.recovery import compose_leniently
from leporello.graphs.composing.tree import Scalar, Sequence, Source, Table, Tree, locate, plain
from leporello.graphs.problems import SpecError
from tests.support.paths import EXAMPLES
from tests.support.strategies import some

TEXTS = [path.read_text() for path in sorted(EXAMPLES.glob("*.yaml"))]
WHOLE = """\
nodes:
  W: {block: linear, input: x}
  h: tanh(W)
outputs:
  y: h
"""


@pytest.mark.parametrize(
    ("old", "new", "left"),
    [
        ("input: x}", "input: x,", {"nodes": {"W": None, "h": "tanh(W)"}, "outputs": {"y": "h"}}),
        ("{block", "{{block", {"nodes": {"W": None, "h": "tanh(W)"}, "outputs": {"y": "h"}}),
        ("tanh(W)", "'tanh(W)", {"nodes": {"W": {"block": "linear", "input": "x"}, "h": None}, "outputs": {"y": "h"}}),
        ("  h: tanh(W)", "  h", {"nodes": {"W": {"block": "linear", "input": "x"}}, "outputs": {"y": "h"}}),
        ("y: h", "y: *h", {"nodes": {"W": {"block": "linear", "input": "x"}, "h": "tanh(W)"}, "outputs": {"y": None}}),
        ("tanh(W)", "a: b", {"nodes": {"W": {"block": "linear", "input": "x"}, "h": None}, "outputs": {"y": "h"}}),
    ],
)
def test_what_is_whole_is_kept(old: str, new: str, left: dict[str, object]) -> None:
    tree, problems = compose_leniently(WHOLE.replace(old, new), "spec.yaml")
    assert plain(tree) == left
    assert len(problems) == 1 and problems[0].mark is not None


def test_a_text_that_is_whole_is_composed_as_it_stands() -> None:
    for text in TEXTS:
        assert compose_leniently(text, "a.yaml") == (compose(text, "a.yaml"), ())


@pytest.mark.parametrize("typed", ["w", "n\n\n", "two words\nmore # of it", "[a, b]", "'quoted'"])
def test_what_is_typed_above_a_text_leaves_all_of_it(typed: str) -> None:
    for text in TEXTS:
        tree, problems = compose_leniently(f"{typed}\n{text}", "a.yaml")
        assert plain(tree) == plain(compose(text, "a.yaml")) and len(problems) == 1


def test_several_broken_places_are_told_together() -> None:
    tree, problems = compose_leniently(WHOLE.replace("input: x}", "input: x,").replace("y: h", "y: [h"), "spec.yaml")
    assert plain(tree) == {"nodes": {"W": None, "h": "tanh(W)"}, "outputs": {"y": None}}
    assert len(problems) == 2


@pytest.mark.parametrize("text", ["", "\0", "{", "- [", "\t- a"])
def test_where_nothing_can_be_composed_there_is_no_tree_or_an_empty_one(text: str) -> None:
    tree, problems = compose_leniently(text, "spec.yaml")
    assert problems
    assert tree is None or plain(tree) in (None, [None], {})


def scalars(tree: Tree | None) -> list[Scalar]:
    match tree:
        case Scalar():
            return [tree]
        case Sequence(items):
            return [scalar for item in items for scalar in scalars(item)]
        case Table(entries):
            return [s for key, value in entries for s in (key, *scalars(value))]
    return []


@given(st.sampled_from(TEXTS), st.integers(0, 10_000), st.text(alphabet=" {}[]:,'\"-&*\nabc", max_size=4))
@some(60)
def test_any_typed_text_keeps_its_places(text: str, at: int, typed: str) -> None:
    at = at % len(text)
    spoilt = text[:at] + typed + text[at:]
    tree, problems = compose_leniently(spoilt, "a.yaml")
    for scalar in scalars(tree):
        if scalar.plain and "\n" not in scalar.text and scalar.value is not None:
            assert spoilt[scalar.mark.start : scalar.mark.end].split() == scalar.text.split()
    try:
        compose(spoilt, "a.yaml")
    except SpecError as error:
        assert problems[0] == error.problems[0]
    else:
        assert not problems


def test_everything_in_an_example_is_located() -> None:
    for text in TEXTS:
        source = Source(text, "a.yaml", compose(text, "a.yaml"))

        def walk(tree: Tree | None, keys: tuple[str, ...], text: str = text, source: Source = source) -> None:
            entries = tree.entries if isinstance(tree, Table) else ()
            for key, value in entries:
                span = locate(source, (*keys, key.text))
                assert span is not None and span.key is not None
                assert text[span.key.start : span.key.end] == key.text
                assert span.value == value.mark
                walk(value, (*keys, key.text))
            for index, item in enumerate(tree.items if isinstance(tree, Sequence) else ()):
                span = locate(source, (*keys, str(index)))
                assert span is not None and span.key is None and span.value == item.mark

        walk(source.tree, ())


@pytest.mark.parametrize("path", ["nodes.W.units", "nodes.X", "nodes.h.a", "nope", "nodes.W.input.0", ""])
def test_what_is_not_there_has_no_place(path: str) -> None:
    assert locate(Source(WHOLE, "", compose(WHOLE)), path) is None
