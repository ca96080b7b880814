"""Changed trees back in their text: what it says is the changed tree, and all else is as it stood."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leporello.graphs.composing.compose import compose
from leporello.graphs.composing.texts import BREAK
from leporello.graphs.composing.tree import Scalar, Sequence, Source, Table, Tree, plain, with_value, without
from leporello.graphs.edits.text.changes import NEW, alike, at, in_place, new, with_entry, with_key
from leporello.graphs.edits.text.respelling import respelled
from leporello.graphs.problems import SpecError
from tests.support.strategies import some
from tests.support.written.layouts import laid_out
from tests.support.written.random_trees import changed, paths
from tests.support.written.spec_files import ALL

DATA = {name: plain(compose(text)) for name, text in ALL.items()}


def table(text: str) -> Table:
    tree = compose(text)
    assert isinstance(tree, Table)
    return tree


def respell(text: str, change: Callable[[Table], Tree | None]) -> str:
    """The text after a change of its tree, which is checked to be what it says."""
    tree = table(text)
    made = change(tree)
    assert isinstance(made, Table)
    found = respelled(Source(text, "", tree), made)
    assert alike(compose(found), made)
    return found


@given(st.sampled_from(sorted(DATA)), st.randoms(use_true_random=False), st.integers(1, 4))
@settings(parent=some(200))
def test_a_text_says_what_its_tree_was_changed_to(name: str, draw: random.Random, times: int) -> None:
    text = laid_out(DATA[name], draw)
    before = table(text)
    tree = changed(before, draw, times)
    found = respelled(Source(text, "", before), tree)
    try:
        after = compose(found)
    except SpecError as error:
        raise AssertionError(f"{error}\n{found}") from error
    assert alike(after, tree), found
    assert found.startswith("\ufeff") == text.startswith("\ufeff")
    assert {b.group() for b in BREAK.finditer(found)} <= {b.group() for b in BREAK.finditer(text)} | {"\n"}
    if isinstance(after, Table):
        kept(text, before, tree, found, after)


def kept(text: str, before: Table, tree: Table, found: str, after: Table) -> None:
    """Scalars that stayed in their place are spelled as they were, quotes and all."""
    for keys in paths(before):
        old, now = at(before, keys), at(tree, keys)
        if isinstance(old, Scalar) and now is old:
            there = at(after, keys)
            assert there is not None
            assert found[there.mark.start : there.mark.end] == text[old.mark.start : old.mark.end]


@given(st.sampled_from(sorted(DATA)), st.randoms(use_true_random=False))
@settings(parent=some(60))
def test_nothing_changed_is_nothing_changed(name: str, draw: random.Random) -> None:
    text = laid_out(DATA[name], draw)
    tree = table(text)
    assert respelled(Source(text, "", tree), tree) == text
    again = Table(tuple((key, item) for key, item in tree.entries), tree.mark, tree.flow)
    assert respelled(Source(text, "", tree), again) == text


BOTH = """\
# of the file
spec: 1

nodes:  # all of them
  # the first
  a: {x: 1, y: [1, 2]}  # a's
  # the second
  b:
    x: 1  # one
      # below x
      # and so on

  c: text
  # what comes later
last: 'it''s'"""

CASES: dict[str, tuple[Callable[[Table], Tree | None], str, str]] = {
    "an entry goes with its comments": (
        lambda tree: without(tree, ("nodes", "a")),
        "  # the first\n  a: {x: 1, y: [1, 2]}  # a's\n",
        "",
    ),
    "an entry goes with what belongs to it": (
        lambda tree: without(tree, ("nodes", "b")),
        "  # the second\n  b:\n    x: 1  # one\n      # below x\n      # and so on\n",
        "",
    ),
    "the last entry goes, a comment after it stays": (lambda tree: without(tree, ("nodes", "c")), "  c: text\n", ""),
    "the last line had no end": (lambda tree: without(tree, ("last",)), "\nlast: 'it''s'", ""),
    "an entry comes behind comments that are deeper": (
        lambda tree: with_value(tree, ("nodes", "b", "y"), new(2)),
        "      # and so on\n",
        "      # and so on\n    y: 2\n",
    ),
    "an entry comes last": (
        lambda tree: with_value(tree, ("nodes", "d"), new("x: y")),
        "  c: text\n",
        '  c: text\n  d: "x: y"\n',
    ),
    "an entry comes behind a last line without an end": (
        lambda tree: with_value(tree, ("more",), new(1)),
        "last: 'it''s'",
        "last: 'it''s'\nmore: 1",
    ),
    "a table in lines": (
        lambda tree: with_value(tree, ("more",), new({"a": 1}, block=True)),
        "last: 'it''s'",
        "last: 'it''s'\nmore:\n  a: 1",
    ),
    "a key has another name": (lambda tree: with_key(tree, ("nodes", "b"), "true"), "  b:\n", '  "true":\n'),
    "quotes stay": (
        lambda tree: with_value(tree, ("last",), in_place(tree.get("last"), "it's 'x'")),
        "last: 'it''s'",
        "last: 'it''s ''x'''",
    ),
    "in braces": (lambda tree: with_value(tree, ("nodes", "a", "z"), new(True)), "y: [1, 2]}", "y: [1, 2], z: true}"),
    "out of braces, first": (lambda tree: without(tree, ("nodes", "a", "x")), "{x: 1, y: [1, 2]}", "{y: [1, 2]}"),
    "out of braces, last": (lambda tree: without(tree, ("nodes", "a", "y")), "{x: 1, y: [1, 2]}", "{x: 1}"),
    "all out of braces": (
        lambda tree: without(without(tree, ("nodes", "a", "y")), ("nodes", "a", "x")),
        "{x: 1, y: [1, 2]}",
        "{}",
    ),
    "all entries go": (
        lambda tree: without(tree, ("nodes", "b", "x")),
        "  b:\n    x: 1  # one\n      # below x\n      # and so on\n",
        "  b: {}\n",
    ),
    "lines in place of a text": (
        lambda tree: with_value(tree, ("nodes", "c"), new({"k": 1}, block=True)),
        "  c: text\n",
        "  c:\n    k: 1\n",
    ),
    "a text in place of lines": (
        lambda tree: with_value(tree, ("nodes", "b"), new("k")),
        "  b:\n    x: 1  # one\n      # below x\n      # and so on\n",
        "  b: k\n",
    ),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("name", CASES)
def test_what_goes_and_comes(name: str, newline: str) -> None:
    change, old, now = CASES[name]
    assert BOTH.count(old) == 1
    text = "\ufeff" + BOTH.replace("\n", newline)
    assert respell(text, change) == "\ufeff" + BOTH.replace(old, now).replace("\n", newline)


SPREAD = """\
a: {
  # one
  x: 1,  # first
  y: 2  # second
}
b: [1,
    2]  # two
c:
- x
# y is not
- y
- k: 1
  l: 2
"""
SPREAD_CASES: dict[str, tuple[Callable[[Table], Tree | None], str, str]] = {
    "an entry on a line of its own goes": (lambda tree: without(tree, ("a", "x")), "  # one\n  x: 1,  # first\n", ""),
    "the last one goes": (lambda tree: without(tree, ("a", "y")), "  y: 2  # second\n", ""),
    "one comes": (
        lambda tree: with_value(with_value(tree, ("a", "z"), new(3)), ("a", "w"), new(4)),
        "  y: 2  # second\n",
        "  y: 2,  # second\n  z: 3,\n  w: 4\n",
    ),
    "one comes between": (
        lambda tree: with_value(tree, ("a",), with_entry(at(tree, ("a",)), 1, "z", new(3))),  # type: ignore[arg-type]
        "  x: 1,  # first\n",
        "  x: 1,  # first\n  z: 3,\n",
    ),
    "an item comes": (lambda tree: with_value(tree, ("b",), more(tree, "b", 3)), "    2]  # two", "    2, 3]  # two"),
    "an item comes in lines": (
        lambda tree: with_value(tree, ("c",), more(tree, "c", "z")),
        "  l: 2\n",
        "  l: 2\n- z\n",
    ),
    "an entry goes that shares its line with a dash": (
        lambda tree: with_value(tree, ("c",), without_first(tree)),
        "- k: 1\n  l: 2\n",
        "- l: 2\n",
    ),
}


def more(tree: Table, key: str, value: object) -> Sequence:
    listed = tree.get(key)
    assert isinstance(listed, Sequence)
    return replace(listed, items=(*listed.items, new(value)))


def without_first(tree: Table) -> Sequence:
    listed = tree.get("c")
    assert isinstance(listed, Sequence)
    kept = without(listed.items[2], ("k",))
    assert kept is not None
    return replace(listed, items=(*listed.items[:2], kept))


@pytest.mark.parametrize("name", SPREAD_CASES)
def test_what_goes_and_comes_in_brackets_over_lines(name: str) -> None:
    change, old, now = SPREAD_CASES[name]
    assert SPREAD.count(old) == 1
    assert respell(SPREAD, change) == SPREAD.replace(old, now)


def test_entries_come_along_with_their_comments() -> None:
    tree = table(BOTH)
    nodes = tree.get("nodes")
    assert isinstance(nodes, Table)
    inner = Table((nodes.entries[0], nodes.entries[1]), NEW)
    rest = without(without(tree, ("nodes", "a")), ("nodes", "b"))
    found = respell(BOTH, lambda _: with_value(rest, ("group",), Table(((nodes.key("c"), inner),), NEW)))
    assert found.endswith("""\
group:
  c:
    # the first
    a: {x: 1, y: [1, 2]}  # a's
    # the second
    b:
      x: 1  # one
        # below x
        # and so on""")


def test_what_no_person_writes_is_refused() -> None:
    with pytest.raises(SpecError, match="written in a way that is not edited"):
        respell("? a\n: 1\nb: 2", lambda tree: without(tree, ("b",)))


def test_an_empty_text_is_begun() -> None:
    begun = new({"spec": 1, "nodes": {}}, block=True)
    assert isinstance(begun, Table)
    assert respelled(Source("", "", None), begun) == "spec: 1\nnodes: {}\n"
    assert respelled(Source("# mine", "", None), begun) == "# mine\nspec: 1\nnodes: {}\n"
