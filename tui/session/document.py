"""A spec that is being edited: its text and history, the file it came from, and what keeps either from being lost."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from leporello.graphs.composing.texts import BYTE_ORDER_MARK, SIZE_LIMIT, read_text
from leporello.graphs.frozen import frozen
from leporello.graphs.problems import refuse
from leporello.tui.session.history import Change, History, Moves, difference
from leporello.writing import write_file


@frozen
class Stamp:
    """What a file on disk is known by."""

    size: int = -1
    time: int = -1
    digest: str = ""


@dataclass
class Document:
    """The text, whose lines end in line feeds, and how its file writes it.

    `newline` is what the file's lines end in where they all end alike, else the ends stay in the text. `stamp` is the
    file as it was read or written last, `saved` the text in it; `seen` is the file as it was looked at last.
    """

    path: Path | None = None
    text: str = ""
    newline: str = "\n"
    mark: str = ""
    saved: str = ""
    stamp: Stamp = field(default_factory=Stamp)
    seen: Stamp = field(default_factory=Stamp)
    history: History = field(default_factory=History)

    @property
    def name(self) -> str:
        """What it is called on the screen."""
        return self.path.name if self.path else "untitled"

    @property
    def modified(self) -> bool:
        """Whether there is something to save."""
        return self.text != self.saved

    def apply(self, change: Change) -> None:
        """Make a change, which can be taken back."""
        self.text = change.applied(self.text)
        self.history.add(change)

    def rewrite(self, text: str, name: str, before: str = "", after: str = "", moves: Moves = dict) -> Change | None:
        """Put a whole text in place, as one change called `name`; None where it is the same.

        `before` and `after` are what is selected in the picture, `moves` finds where weights go.
        """
        change = replace(difference(self.text, text, name), before=before, after=after, moves=moves)
        if not change.old and not change.new:
            return None
        self.history.pause()
        self.apply(change)
        return change

    def undo(self) -> Change | None:
        """Take the last change back; what was done to the text, None where there is nothing to take back."""
        return self._step(self.history.undo())

    def redo(self) -> Change | None:
        """Do again what was taken back."""
        return self._step(self.history.redo())

    def _step(self, change: Change | None) -> Change | None:
        if change is not None:
            self.text = change.applied(self.text)
        return change

    @property
    def written(self) -> str:
        """The text as its file holds it."""
        return self.mark + self.text.replace("\n", self.newline)

    def look(self) -> Stamp:
        """The file as it is on disk; its bytes are read only where its size or time is another than before."""
        if self.path is None:
            return Stamp()
        try:
            found = self.path.stat()
        except OSError:
            return Stamp()
        for known in (self.seen, self.stamp):
            if (found.st_size, found.st_mtime_ns) == (known.size, known.time):
                return known
        self.seen = stamp_of(self.path)
        return self.seen

    def changed_on_disk(self) -> bool:
        """Whether something else has written the file since it was read or saved; a file that is gone has not."""
        found = self.look()
        return self.stamp.size >= 0 and found.size >= 0 and found.digest != self.stamp.digest

    def save(self, path: Path | None = None, force: bool = False) -> None:
        """Write the file, whole or not at all, and as `path` where that is given.

        Raises:
            SpecError: where it cannot be written, where there is no name, where the file was changed by something
                else, or where another file of that name is there (but with `force`).
        """
        target = path or self.path
        if target is None:
            raise refuse("the spec has no name yet", "save it as a file")
        other = path is not None and (self.path is None or path.resolve() != self.path.resolve())
        if other and target.exists() and not force:
            raise refuse(f"{target} is there already", "choose another name")
        if not other and self.changed_on_disk() and not force:
            raise refuse(f"{target} was changed by something else", "load it, or save this one over it")
        text = self.text
        write_file(self.written, target, keep_mode=True)
        self.path, self.saved, self.stamp = target, text, stamp_of(target)
        self.history.pause()

    def reload(self) -> Change | None:
        """Put what the file holds in place, as a change that can be taken back."""
        assert self.path is not None
        fresh = opened(self.path)
        change = self.rewrite(fresh.text, "what the file holds")
        self.newline, self.mark, self.saved, self.stamp = fresh.newline, fresh.mark, fresh.text, fresh.stamp
        return change


def opened(path: Path) -> Document:
    """The document in a file.

    Raises:
        SpecError: for a file that cannot be read, is too large, or holds no text.
    """
    text = read_text(path)
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    text = text.removeprefix(BYTE_ORDER_MARK)
    feeds, newline = text.count("\n"), "\n"
    if feeds and text.count("\r\n") == feeds and text.count("\r") == feeds:
        text, newline = text.replace("\r\n", "\n"), "\r\n"
    return Document(path, text, newline, mark, text, stamp_of(path))


def stamp_of(path: Path) -> Stamp:
    """What a file is known by now; nothing for one that cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
            found = os.fstat(file.fileno())
    except OSError:
        return Stamp()
    return Stamp(found.st_size, found.st_mtime_ns, hashlib.sha256(data).hexdigest())
