"""Rows, texts and series that stay in their file, by an index of where each part lies, and are read as they are needed.

Whatever is read of them is what it would be in memory, and so are their digests.
"""

from __future__ import annotations

import hashlib
import io
import os
import weakref
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import Mark, refuse
from leporello.training.data.entries import Entry
from leporello.training.data.files import LARGEST, decoded, open_regular
from leporello.training.data.reading import Read, is_series, no_columns, reader_of

BLOCK = 1 << 20
STEPS = 4096
"""So many steps of a series are a piece of it."""


class Opened:
    """A file held open, so that it stays the one that it was however its name is used."""

    def __init__(self, path: Path, name: str, mark: Mark | None) -> None:
        self.path, self.name, self.mark = path, name, mark
        self.descriptor, facts = open_regular(path, name, mark)
        weakref.finalize(self, os.close, self.descriptor)
        self.size, self.changed = facts.st_size, facts.st_mtime_ns

    def read(self, start: int, end: int) -> bytes:
        """Its bytes between two places. Raises SpecError where it has been written to meanwhile."""
        data = os.pread(self.descriptor, end - start, start)  # several processes read, from one place no longer
        facts = os.fstat(self.descriptor)
        if (facts.st_size, facts.st_mtime_ns) != (self.size, self.changed):
            hint = "a large file is read as it is needed: leave it as it is until the end"
            raise refuse(f"{self.name} has changed while it was read", hint, self.mark)
        return data

    def text(self, start: int, end: int, lines: int = 0) -> str:
        """The text between two places, which are no amid of a line end, behind so many lines."""
        return decoded(self.read(start, end), self.name, lines, begins=start == 0)


class Stored(Sequence[Any]):
    """A sequence in a file. Parts of it are such sequences too; only single rows, and pieces, are read."""

    def pieces(self) -> Iterator[Any]:
        """All of it in values that can be encoded one after the other: lists of steps, where it is one long series."""
        places = range(len(self))
        return ([self[place] for place in places[at : at + STEPS]] for at in range(0, len(self), STEPS))


@frozen
class Picked(Stored):
    """Some rows of a file, by their numbers, in an order of their own."""

    rows: Sequence[Any]
    places: Sequence[int]

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, place: Any) -> Any:
        return Picked(self.rows, self.places[place]) if isinstance(place, slice) else self.rows[self.places[place]]


@frozen
class FileRows(Stored):
    """The rows of a file, each between two of its `places`, read by `how`."""

    file: Opened
    how: Read
    places: Sequence[int]

    def __len__(self) -> int:
        return len(self.places) - 1

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return Picked(self, range(len(self))[place])
        place = range(len(self))[place]
        text = self.file.text(self.places[place], self.places[place + 1])
        return next(iter(self.how(io.StringIO(text, newline=""), 0)))


@frozen
class LongText(Stored):
    """A text in a file from one of its characters to another; `bytes` and `counts` say where each piece begins."""

    file: Opened
    bytes: Sequence[int]
    counts: Sequence[int]
    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first

    def __getitem__(self, place: Any) -> Any:
        first, last, _ = (place if isinstance(place, slice) else slice(place, place + 1)).indices(len(self))
        part = LongText(self.file, self.bytes, self.counts, self.first + first, self.first + max(first, last))
        return part if isinstance(place, slice) else "".join(part.pieces())

    def pieces(self) -> Iterator[str]:
        """Texts that end where a word does, but at its end."""
        for place in range(bisect_right(self.counts, self.first) - 1, len(self.counts) - 1):
            begun = self.counts[place]
            if begun >= self.last:
                return
            text = self.file.text(self.bytes[place], self.bytes[place + 1])
            if found := text[max(self.first - begun, 0) : self.last - begun]:
                yield found


def pieces(value: Any) -> Iterator[Any]:
    """A value as what can be encoded one after the other: as it is, or the pieces of one in a file."""
    return value.pieces() if isinstance(value, Stored) else iter((value,))


def stays(rows: Sequence[Any]) -> bool:
    """Whether rows, or the one long sequence that they are, stay in a file."""
    return any(isinstance(one, Stored) for one in (rows, *rows[:1]))


def pick(rows: Sequence[Any], places: Sequence[int]) -> Sequence[Any]:
    """Some rows in an order of their own: a list, or where they are in a file those that are asked for."""
    return [rows[place] for place in places] if isinstance(rows, list) else Picked(rows, places)


def read_stored(path: Path, name: str, entry: Entry, whole: bool, mark: Mark | None) -> tuple[str, Sequence[Any]]:
    """The SHA-256 of a text file and its rows, which stay in it; `whole` is as in `read_rows`.

    Every row is read once, so that whatever is wrong is said before anything begins. Raises SpecError with the line.
    """
    file = Opened(path, name, mark)
    if whole and not is_series(name, entry):
        no_columns(entry, name)
        return _long_text(file, entry)
    how, ahead = reader_of(_Lines(file), name, entry)
    lines = _Lines(file)
    following = iter(lines)
    for _ in islice(following, ahead):
        pass
    places = array("Q", [lines.at])
    places.extend(lines.at for _ in how(following, ahead))
    rows = FileRows(file, how, places)
    return lines.digest.hexdigest(), [rows[:]] if is_series(name, entry) else rows


class _Lines(Iterable[str]):
    """The lines of a file, their ends as `\\n`: of those that were given where the last ends, and the digest."""

    def __init__(self, file: Opened) -> None:
        self.file, self.at, self.number, self.digest = file, 0, 0, hashlib.sha256()

    def __iter__(self) -> Iterator[str]:
        """Raises SpecError for what is not UTF-8, and for a line that is too long."""
        file, rest = self.file, b""
        while block := file.read(self.at + len(rest), self.at + len(rest) + BLOCK):
            lines = (rest + block).splitlines(keepends=True)
            rest = lines.pop()  # it may go on, and what ends in \r may end in \r\n
            yield from map(self._line, lines)
            if len(rest) > LARGEST:
                place = Mark(file.name, self.number + 1, 1)
                raise refuse("the line is too long", f"at most {LARGEST // 2**20} MiB are read at once", place)
        if rest:
            yield self._line(rest)

    def _line(self, line: bytes) -> str:
        text = decoded(line, self.file.name, self.number, begins=self.at == 0)
        self.digest.update(text.encode())
        self.at, self.number = self.at + len(line), self.number + 1
        return text


def _long_text(file: Opened, entry: Entry) -> tuple[str, Sequence[Any]]:
    """A text cut in pieces behind blanks, so that no word is cut; characters that stand alone may be cut anywhere."""
    apart = entry.kind == "characters" and not entry["lower"]
    digest, bytes_, counts, lines = hashlib.sha256(), array("Q", [0]), array("Q", [0]), 0
    while (at := bytes_[-1]) < file.size:
        end = _end(file, at, apart)
        text = file.text(at, end, lines)
        digest.update(text.encode())
        lines += text.count("\n")
        bytes_.append(end)
        counts.append(counts[-1] + len(text))
    return digest.hexdigest(), [LongText(file, bytes_, counts, 0, counts[-1])]


def _end(file: Opened, at: int, apart: bool) -> int:
    """Where the piece ends that begins here: behind the last blank of a block, or of as many as have none."""
    for size in range(BLOCK, LARGEST, BLOCK):
        if at + size >= file.size:
            return file.size
        block = file.read(at, at + size)
        if behind := max(block.rfind(b" "), block.rfind(b"\n")) + 1:
            return at + behind
        # Behind a whole sign, and not amid a line end of two.
        whole = (place for place in range(len(block) - 1, 0, -1) if block[place] & 0xC0 != 0x80)
        cut = next((place for place in whole if block[place - 1] != ord("\r")), 0)
        if apart and cut:
            return at + cut
    hint = "words are cut at blanks: read it as characters"
    raise refuse(f"{file.name} has no blank in {LARGEST // 2**20} MiB", hint, file.mark)
