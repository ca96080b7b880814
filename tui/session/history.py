"""What was done to a text, step by step, without limit: every edit is one replacement, and can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from leporello.graphs.frozen import frozen

TYPING = "typing"
Moves = Callable[[], Mapping[str, str]]
LONGEST = 60
"""So many characters typed in one go are taken back together at most."""


@frozen
class Change:
    """`old` at the offset `start` becomes `new`; `name` says what was done, in words.

    `before` and `after` are the paths of what is selected in the picture, where the edit was made there; `moves` finds
    the new path of each weight that it gives another one.
    """

    start: int
    old: str
    new: str
    name: str = TYPING
    before: str = ""
    after: str = ""
    moves: Moves = field(default=dict, compare=False, repr=False)

    @property
    def inverse(self) -> Change:
        """What takes it back."""
        return Change(self.start, self.new, self.old, self.name, self.after, self.before)

    def applied(self, text: str) -> str:
        """The text with this change.

        >>> Change(1, "b", "xy").applied("abc")
        'axyc'
        """
        end = self.start + len(self.old)
        assert text[self.start : end] == self.old, "a change of another text"
        return text[: self.start] + self.new + text[end:]

    def then(self, later: Change) -> Change | None:
        """Both as one, where someone went on typing or deleting; else None.

        >>> Change(3, "", "a").then(Change(4, "", "b"))
        Change(start=3, old='', new='ab', name='typing', before='', after='')
        """
        if {self.name, later.name} != {TYPING} or "\n" in later.new + later.old or "\n" in self.new + self.old:
            return None
        if len(self.new) + len(self.old) >= LONGEST:
            return None
        if not self.old and not later.old and later.start == self.start + len(self.new):
            return Change(self.start, "", self.new + later.new)
        if not self.new and not later.new and later.start + len(later.old) == self.start:
            return Change(later.start, later.old + self.old, "")
        if not self.new and not later.new and later.start == self.start:
            return Change(self.start, self.old + later.old, "")
        return None


@dataclass
class History:
    """All changes that were made, and those that were taken back and can be done again."""

    past: list[Change] = field(default_factory=list)
    future: list[Change] = field(default_factory=list)
    _apart: bool = True

    def add(self, change: Change) -> None:
        """One more change; what had been taken back is forgotten."""
        joined = None if self._apart or not self.past else self.past[-1].then(change)
        if joined is not None:
            self.past[-1] = joined
        else:
            self.past.append(change)
        self.future.clear()
        self._apart = False

    def pause(self) -> None:
        """What comes next is a step of its own: the cursor was moved, the text was saved."""
        self._apart = True

    def undo(self) -> Change | None:
        """The change to apply that takes back the last one; None at the beginning."""
        if not self.past:
            return None
        self._apart = True
        change = self.past.pop()
        self.future.append(change)
        return change.inverse

    def redo(self) -> Change | None:
        """The change to apply that does again what was taken back last; None where nothing was."""
        if not self.future:
            return None
        self._apart = True
        change = self.future.pop()
        self.past.append(change)
        return change


def difference(before: str, after: str, name: str) -> Change:
    """The one replacement that turns a text into another, as small as it can be.

    >>> difference("units: 8, bias: true", "units: 16, bias: true", "units of h")
    Change(start=7, old='8', new='16', name='units of h', before='', after='')
    """
    most = min(len(before), len(after))
    start = next((i for i in range(most) if before[i] != after[i]), most)
    most -= start
    end = next((i for i in range(most) if before[-1 - i] != after[-1 - i]), most)
    return Change(start, before[start : len(before) - end], after[start : len(after) - end], name)
