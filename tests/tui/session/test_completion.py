"""Words that are completed: keys of what the cursor is in, blocks, names of the text; never what is there already."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leporello.blocks.registry import registry
from leporello.graphs.specs import try_check
from leporello.tui.session.completion import completions
from tests.support.paths import EXAMPLES
from tests.support.strategies import some

LSTM = (EXAMPLES / "lstm_from_equations.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "word", "first"),
    [
        ("out", "out", "outputs"),
        ("nodes:\n  h: {bl", "bl", "block"),
        ("nodes:\n  h: {block: ls", "ls", "lstm"),
        ("nodes:\n  h: {block: lstm, un", "un", "units"),
        ("nodes:\n  h: {block: lstm, units: 3, inp", "inp", "input"),
        ("nodes:\n  hidden: tanh(x)\n  g: sig", "sig", "sigmoid"),
        ("nodes:\n  hidden: tanh(x)\n  g: tanh(hid", "hid", "hidden"),
        ("parameters:\n  units: 8\nnodes:\n  h: {block: lstm, units: $u", "$u", "$units"),
        ("training:\n  upd", "upd", "updates"),
        ("training: {batch: 3, ra", "ra", "rate"),
        ("inputs:\n  x: {fea", "fea", "features"),
    ],
)
def test_a_word_goes_on_as_its_place_allows(before: str, word: str, first: str) -> None:
    found, known = completions(before, len(before))
    assert (found, known[:1]) == (word, [first])


@pytest.mark.parametrize(
    "before", ["", "  ", "# out", "nodes:\n  h: {block: no_such_block, un", "zzz", "a\x00", "x: 'it"]
)
def test_where_nothing_is_known_nothing_is_offered(before: str) -> None:
    assert completions(before, len(before))[1] == []


def test_nothing_is_offered_within_a_word() -> None:
    assert completions("nodes:\n  h: {block: lstm}", 21) == ("", [])


@given(st.integers(0, len(LSTM)))
@some(200)
def test_what_is_offered_begins_with_what_is_there(offset: int) -> None:
    word, known = completions(LSTM, offset)
    assert LSTM[:offset].endswith(word)
    assert all(one.startswith(word) and one != word for one in known)
    assert len(set(known)) == len(known)


@pytest.mark.parametrize("block", ["lstm", "linear", "attention"])
def test_keys_that_are_offered_are_keys_of_the_block(block: str) -> None:
    def unknown(key: str) -> bool:
        text = "spec: 1\nname: a\ninputs:\n  x: {features: 2}\nnodes:\n  h: {block: %s, %s: 1}\noutputs:\n  y: h\n"
        return any(
            f"has no key {key!r}" in str(problem) for problem in try_check(text % (block, key), registry(), "a")[1]
        )

    offered = set()
    for letter in "abcdefghiklmnoprstuvw":
        before = f"nodes:\n  h: {{block: {block}, {letter}"
        offered.update(completions(before, len(before))[1])
    assert offered
    assert not any(map(unknown, offered))
    assert unknown("zzz")
