"""Changed trees back in their text: what it says is the changed tree, and all else is as it stood."""

from __future__ import annotations

import random
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from leporello.graphs.composing.compose import compose
from leporello.graphs.composing.texts import BREAK
from leporello.graphs.composing.tree import Scalar, Source, Table, Tree, plain
from leporello.graphs.edits.text.changes import alike, at
from leporello.graphs.edits.text.respelling import respelled
from leporello.graphs.problems import SpecError
from tests.support.layouts import laid_out
from tests.support.random_trees import changed, paths
from tests.support.spec_files import ALL
from tests.support.strategies import some

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
