"""Any edits of a text can be taken back one by one, and done again, to the same characters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from leporello.tui.session.history import TYPING, Change, History, difference
from tests.support.strategies import some

TEXTS = st.text(st.sampled_from("ab\n: é漢"), max_size=30)


@given(TEXTS, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 5), TEXTS), max_size=12))
@some(200)
def test_undone_edits_leave_the_text_as_it_was(text: str, edits: list[tuple[int, int, str]]) -> None:
    history, now = History(), text
    for at, count, new in edits:
        start = min(at, len(now))
        change = Change(start, now[start : start + count], new)
        now = change.applied(now)
        history.add(change)
    after = now
    while (change := history.undo()) is not None:  # type: ignore[assignment]
        now = change.applied(now)
    assert now == text
    while (change := history.redo()) is not None:  # type: ignore[assignment]
        now = change.applied(now)
    assert now == after


@given(TEXTS, TEXTS)
@some(200)
def test_a_difference_turns_one_text_into_the_other(before: str, after: str) -> None:
    change = difference(before, after, "edit")
    assert change.applied(before) == after
    assert not change.old or not change.new or change.old[0] != change.new[0]


def test_what_is_typed_in_one_go_is_taken_back_in_one() -> None:
    history = History()
    for place, letter in enumerate("lstm"):
        history.add(Change(place, "", letter))
    history.add(Change(4, "", "\n"))
    assert [change.new for change in history.past] == ["lstm", "\n"]
    history.pause()
    history.add(Change(5, "", "a"))
    assert len(history.past) == 3


def test_deleting_forwards_and_backwards_is_one_step_each() -> None:
    history = History()
    for letter in "abc":
        history.add(Change(2, letter, ""))
    assert history.past == [Change(2, "abc", "")]
    history.pause()
    for place, letter in ((1, "y"), (0, "x")):
        history.add(Change(place, letter, ""))
    assert history.past[-1] == Change(0, "xy", "")


def test_a_named_edit_is_a_step_of_its_own_and_a_new_one_forgets_what_was_undone() -> None:
    history = History()
    history.add(Change(0, "", "a"))
    history.add(Change(1, "", "b", "units of h"))
    assert [change.name for change in history.past] == [TYPING, "units of h"]
    assert history.undo() == Change(1, "b", "", "units of h")
    history.add(Change(1, "", "c"))
    assert history.redo() is None
