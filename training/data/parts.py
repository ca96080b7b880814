"""The rows that feed one input, in three parts: out of files, or made, and split where they do not come in parts."""

from __future__ import annotations

import hashlib
import os
import random
from array import array
from collections.abc import Sequence
from itertools import chain, count
from pathlib import Path
from typing import Any

from leporello.graphs.composing.named_files import inside
from leporello.graphs.graph import Graph
from leporello.graphs.problems import Mark, refuse, suggest
from leporello.training.data.entries import DEFAULT_SPLIT, Entry
from leporello.training.data.files import suffix_of
from leporello.training.data.made.builtin import BUILTIN
from leporello.training.data.reading import DELIMITERS, PARTS, READERS, Rows
from leporello.training.data.sources import read_source
from leporello.training.data.stored import LongText, pick

Parts = tuple[Rows, Rows, Rows]
"""The rows to train on, to validate with and to test on."""


def is_long(entry: Entry, only: bool) -> bool:
    """Whether what feeds an input is one long sequence: the whole of a text, or a table of numbers step by step."""
    if entry.axis is None or (entry["each"] or ("file" if only or not entry.tokens else "line")) == "line":
        return False
    if entry.files:
        suffix = suffix_of(entry.files[0])
        # A text has no columns: what has is a table, whatever its name is.
        return suffix not in READERS and "column" not in entry.said if entry.tokens else suffix in DELIMITERS
    return not (entry.tokens and BUILTIN[entry["builtin"]].columns)


def parted(entry: Entry) -> bool:
    """Whether the parts come as they are: in files of their own, or in one that has them; else rows are shuffled."""
    return "files" in entry.said or (bool(entry.files) and suffix_of(entry.files[0]) == ".json")


def read_parts(graph: Graph, entry: Entry, long: bool) -> tuple[str, str, Parts]:
    """Where it came from, the digest of all of it, and its rows."""
    if not entry.given and "builtin" in entry.said:
        return _made(entry, long)
    names = entry.files
    read = [read_source(_place(graph, entry, name), name, entry, long, _mark(entry)) for name in names]
    digests, found = [digest for digest, _ in read], [rows for _, rows in read]
    digest = digests[0] if len(digests) == 1 else hashlib.sha256("\0".join(digests).encode()).hexdigest()
    source = ", ".join(names)
    if len(found) == 3:
        return source, digest, _parts([_flat(rows) for rows in found])
    rows = found[0]
    if isinstance(rows, dict):
        return source, digest, _parts([rows[part] for part in PARTS])
    return source, digest, _split(rows, entry, source, long)


def _place(graph: Graph, entry: Entry, name: str) -> Path:
    """Where a file of data lies. Raises SpecError for one that is not in the spec's folder, or is had elsewhere."""
    if entry.given:
        return Path(os.path.expanduser(name))
    mark = _mark(entry)
    folder = Path(graph.file).parent if graph.file else Path()
    where = f"it is had at {entry['origin']}; put it into {folder}, or say where it is: --data {entry.name}=PATH"
    return inside(folder, name, mark, True, where if entry["origin"] else "")


def _mark(entry: Entry) -> Mark | None:
    """Where the spec names the files of an input."""
    return None if entry.given else entry.mark("files" if "files" in entry.said else "file")


def _made(entry: Entry, long: bool) -> tuple[str, str, Parts]:
    builtin, source = BUILTIN[entry["builtin"]], f"builtin {entry['builtin']}"
    made = builtin.make()
    if builtin.columns:
        places = _places(entry, builtin.columns, source)
        if entry.tokens:
            rows: Rows = [row[places[0]] for row in made]
        else:
            listed = isinstance(made[0][places[0]], list)  # then a row has a whole sequence in each column
            steps = [row[places[0]] if listed else [row[place] for place in places] for row in made]
            rows = steps if listed or not long else [steps]
    else:
        rows = [made] if long else made.removesuffix("\n").split("\n")
    digest = hashlib.sha256("\n".join(map(str, rows)).encode()).hexdigest()
    return source, digest, _split(rows, entry, source, long)


def _places(entry: Entry, columns: Sequence[str], source: str) -> list[int]:
    """Where the columns of a builtin table stand that an entry names; where there is one, it need not be named."""
    wanted = entry["columns"] or ([entry["column"]] if "column" in entry.said else columns if len(columns) == 1 else ())
    known = suggest(str(next(iter(wanted), "")), columns, "columns")
    if not wanted:
        raise refuse(f"{source} has columns, and data.{entry.name} does not say which", known, entry.mark())
    for one in wanted:
        if one not in columns:
            where = entry.mark("columns" if "columns" in entry.said else "column")
            raise refuse(f"{source} has no column {one!r}", suggest(str(one), columns, "columns"), where)
    return [columns.index(one) for one in wanted]


def _flat(rows: Rows | dict[str, Rows]) -> Rows:
    return list(chain.from_iterable(rows[part] for part in PARTS)) if isinstance(rows, dict) else rows


def _parts(rows: Sequence[Rows]) -> Parts:
    train, valid, test = rows
    return train, valid, test


def _split(rows: Rows, entry: Entry, source: str, long: bool) -> Parts:
    """The rows in three parts; rows are shuffled first, always in the same way, a long sequence is cut."""
    if long:
        train, valid, test = cut(rows[0], entry, source)
        return [train], [valid] if valid else [], [test] if test else []
    order = array("Q", range(len(rows)))
    random.Random(0).shuffle(order)
    train, valid, test = cut(order, entry, source)
    return _parts([pick(rows, part) for part in (train, valid, test)])


def cut(whole: Any, entry: Entry, source: str) -> tuple[Any, Any, Any]:
    """A sequence cut at two places by the fractions of `split`; raises SpecError where a part would be empty."""
    split, length = entry["split"] or DEFAULT_SPLIT, len(whole)
    first, second = _cuts(split, length)
    parts = whole[:first], whole[first:second], whole[second:]
    if _lacks(split, length):
        needed = next(more for more in count(length + 1) if not _lacks(split, more))
        noun = "characters" if isinstance(whole, str | LongText) else "rows"
        what = f"{source} has {length} {noun}: too short for the split {list(split)}"
        raise refuse(what, f"each part needs one at least: give {needed} {noun} or more", entry.mark())
    return parts


def _cuts(split: Sequence[float], length: int) -> tuple[int, int]:
    """Where a sequence of so many is cut."""
    return round(length * split[0]), round(length * (split[0] + split[1]))


def _lacks(split: Sequence[float], length: int) -> bool:
    """Whether a part would be empty that is to have something."""
    first, second = _cuts(split, length)
    counts = first, second - first, length - second
    return any(fraction and not many for fraction, many in zip(split, counts, strict=True))
