"""Sequences as numbers in a file of their own, written once and read as they are needed: for what memory has no room.

The file has no name and is gone with its process, so that it is never old and nothing stays behind. It lies under
XDG_CACHE_HOME, or ~/.cache.
"""

from __future__ import annotations

import os
import tempfile
import weakref
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from leporello.graphs.problems import refuse
from leporello.training.feeding.batch import without_gaps

BLOCK = 1 << 16
"""So many steps are filled in at once."""


class Kind(NamedTuple):
    """How numbers are kept in a file, and how they are read."""

    code: str
    kept: torch.dtype
    read: torch.dtype


FEATURES, FLAGS = Kind("f", torch.float32, torch.float32), Kind("B", torch.uint8, torch.bool)
TOKENS = ((1 << 8, torch.uint8, "B"), (1 << 15, torch.int16, "h"), (1 << 31, torch.int32, "i"))


def tokens(size: int) -> Kind:
    """Tokens of so many kinds, in as few bits as will do."""
    return next(Kind(code, kept, torch.int64) for most, kept, code in TOKENS if size <= most)


def folder() -> Path:
    """Where such files lie."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "leporello"


class Written(Sequence[Tensor]):
    """Sequences one behind the other: [steps] where `width` is 0, else [steps, width]."""

    def __init__(self, kind: Kind, width: int = 0) -> None:
        self.kind, self.width = kind, width
        self.item = array(kind.code).itemsize * max(width, 1)
        self.ends = array("Q", [0])
        self.written = 0
        with _said_so():
            folder().mkdir(parents=True, exist_ok=True)
            self.file = tempfile.TemporaryFile(dir=folder())  # noqa: SIM115 (open as long as this object lives)
        weakref.finalize(self, self.file.close)

    def add(self, values: array[Any]) -> None:
        """Write some steps of a sequence behind the others."""
        kept = values if values.typecode == self.kind.code else array(self.kind.code, values)
        with _said_so():
            self.file.write(kept.tobytes())
        self.written += len(values) // max(self.width, 1)

    def end(self) -> None:
        """Say that the sequence has no more steps."""
        self.ends.append(self.written)

    def whole(self) -> Written:
        """Say that there is no other sequence; from now on it may be read, by several processes too."""
        with _said_so():
            self.file.flush()
        return self

    def __len__(self) -> int:
        return len(self.ends) - 1

    def steps(self, place: int) -> int:
        """How many steps a sequence has."""
        return self.ends[place + 1] - self.ends[place]

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return [self[one] for one in range(len(self))[place]]
        place = range(len(self))[place]
        return self.between(self.ends[place], self.ends[place + 1])

    def between(self, first: int, last: int) -> Tensor:
        """The steps from one to another, counted over all sequences."""
        with _said_so():
            data = bytearray(os.pread(self.file.fileno(), (last - first) * self.item, first * self.item))
        found = torch.frombuffer(data, dtype=self.kind.kept) if data else torch.empty(0, dtype=self.kind.kept)
        found = found.to(self.kind.read)
        return found.view(-1, self.width) if self.width else found


class Strands:
    """One long written sequence as streams beside each other [count, length, ...], with zeros behind its end."""

    def __init__(self, values: Written, count: int, length: int) -> None:
        self.values, self.count, self.length = values, count, length

    @property
    def shape(self) -> tuple[int, int]:
        """Streams, and steps of each."""
        return self.count, self.length

    def __getitem__(self, where: tuple[slice, slice]) -> Tensor:
        first, last, _ = where[1].indices(self.length)
        steps = self.values.steps(0)
        rows = []
        for start in (stream * self.length for stream in range(self.count)[where[0]]):
            found = self.values.between(min(start + first, steps), min(start + last, steps))
            lacking = last - first - len(found)
            rows.append(torch.cat([found, found.new_zeros(lacking, *found.shape[1:])]) if lacking else found)
        return torch.stack(rows)


def filled_in(values: Written, hold: bool) -> tuple[Written, Written]:
    """One long sequence as `without_gaps` fills it, and which of its steps had no gap."""
    filled, known = Written(values.kind, values.width), Written(FLAGS)
    before = torch.zeros(1, values.width)
    for first in range(0, values.steps(0), BLOCK):
        part = values.between(first, min(first + BLOCK, values.steps(0)))
        found, here = without_gaps(torch.cat([before, part]), hold)
        before = found[-1:]
        filled.add(array("f", found[1:].flatten().tolist()))
        known.add(array("B", here[1:].tolist()))
    filled.end()
    known.end()
    return filled.whole(), known.whole()


@contextmanager
def _said_so() -> Iterator[None]:
    """A full or read-only disk as what is refused."""
    try:
        yield
    except OSError as error:
        what = f"what does not fit in memory cannot be kept in {folder()}: {error.strerror or error}"
        raise refuse(what, "make room there, or name another folder: XDG_CACHE_HOME") from error
