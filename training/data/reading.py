"""What is in a file of data, as rows: lines of text, a column of a table, a list of pieces.

| the name ends in | a row is |
| --- | --- |
| `.csv`, `.tsv` | a line of the table; `column` says which of its values |
| `.jsonl` | an object or a value a line; `column` says which entry of the object (`translation.de`: of one in it) |
| `.json` | an entry of a list, or of the three lists `train`, `valid` and `test`; `column` as in `.jsonl` |
| anything else | a line of text, or the whole text |

Any of them may be packed (`.gz`).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, Literal

from leporello.graphs.problems import Mark, SpecError, refuse, suggest
from leporello.training.data.entries import Entry
from leporello.training.data.files import suffix_of
from leporello.training.data.numbers import finite, missing

Rows = Sequence[Any]
Read = Callable[[Iterable[str], int], Iterator[Any]]
"""The rows in lines that stand behind so many others; no line is taken before the rows of those before are given."""
PARTS = ("train", "valid", "test")


def read_rows(text: str, name: str, entry: Entry, whole: bool) -> Rows | dict[str, Rows]:
    """The rows in the text of a file, or those of three parts where the file has them.

    `whole` says that a text, or a table of numbers, is one long sequence. Raises SpecError with the line.
    """
    if suffix_of(name) == ".json":
        return _json(text, name, entry)
    if suffix_of(name) not in READERS:
        no_columns(entry, name)
        return [text] if whole else text.removesuffix("\n").split("\n")
    lines = io.StringIO(text, newline="")
    read, ahead = reader_of(io.StringIO(text, newline=""), name, entry)
    rows = list(read(islice(lines, ahead, None), ahead))
    return [rows] if is_series(name, entry) else rows


def reader_of(beginning: Iterable[str], name: str, entry: Entry) -> tuple[Read, int]:
    """How rows are read from the lines of a file that begins so, and how many lines name the columns ahead of them.

    Raises SpecError for columns that are not there.
    """
    suffix = suffix_of(name)
    if suffix in DELIMITERS:
        return _table(beginning, name, entry, DELIMITERS[suffix])
    if suffix == ".jsonl":
        return partial(_lines_of_json, name, entry), 0
    no_columns(entry, name)
    return _lines_of_text, 0


def is_series(name: str, entry: Entry) -> bool:
    """Whether the lines of a table are the steps of one sequence: numbers along an axis."""
    steps = not entry.tokens and entry.axis is not None and entry["each"] != "line"
    return steps and suffix_of(name) in DELIMITERS


def no_columns(entry: Entry, name: str) -> None:
    """Raise SpecError where columns of a text are named."""
    for key in ("column", "columns"):
        if key in entry.said:
            known = ", ".join(READERS)
            hint = f"leave {key} away, or give a table whose name ends in one of {known}"
            raise refuse(f"{name} is a text and has no columns", hint, entry.mark(key))


def _lines_of_text(lines: Iterable[str], before: int) -> Iterator[Any]:
    return (line.removesuffix("\n") for line in lines)


def _table(beginning: Iterable[str], name: str, entry: Entry, delimiter: str) -> tuple[Read, int]:
    nothing: tuple[int, list[str]] = (0, [])
    ahead, names = next(_split(beginning, name, delimiter, 0), nothing)
    wanted = _wanted(entry, name, names)
    places = [one - 1 if isinstance(one, int) else names.index(one) for one in wanted]

    def read(lines: Iterable[str], before: int) -> Iterator[Any]:
        for number, line in _split(lines, name, delimiter, before):
            if len(line) <= max(places):
                has = "one value" if len(line) == 1 else f"{len(line)} values"
                what = f"the line has {has}, and column {max(places) + 1} is wanted"
                raise refuse(what, "give each line all columns", Mark(name, number, 1))
            yield _row([line[place] for place in places], entry, Mark(name, number, 1))

    return read, 0 if isinstance(wanted[0], int) else ahead


def _split(lines: Iterable[str], name: str, delimiter: str, before: int) -> Iterator[tuple[int, list[str]]]:
    """The lines of a table that have values, each with the number of its last line in the file."""
    # In a TSV of sentences a quotation mark is a quotation mark.
    quoting: Literal[0, 3] = csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
    reader = csv.reader(lines, delimiter=delimiter, quoting=quoting)
    try:
        for line in reader:
            if line:
                yield before + reader.line_num, line
    except csv.Error as error:
        hint = "look for a quotation mark that is never closed"
        place = Mark(name, before + max(reader.line_num, 1), 1)
        raise refuse(f"this is no line of a table: {error}", hint, place) from error


def _wanted(entry: Entry, name: str, names: Sequence[str]) -> Sequence[str | int]:
    if "columns" in entry.said:
        wanted: Sequence[str | int] = entry["columns"]
    elif "column" in entry.said:
        wanted = [entry["column"]]
    else:
        what, hint = f"{name} has columns, and data.{entry.name} does not say which", ", ".join(names[:20])
        raise refuse(what, f"add column: with one of {hint}, or a number from 1", entry.mark())
    for one in wanted:
        if isinstance(one, str) and one not in names:
            where = entry.mark("columns") if "columns" in entry.said else entry.mark("column")
            raise refuse(f"{name} has no column {one!r}", suggest(one, names, "columns"), where)
    return wanted


def _row(values: Sequence[Any], entry: Entry, mark: Mark) -> Any:
    """The values that one line has for an input: a text, or numbers."""
    if entry.tokens:
        return values[0]
    found = [None if entry["gaps"] and missing(value) else value for value in values]
    for value in found:
        if value is not None and finite(value) is None:
            hint = "features are finite numbers; where some are missing say gaps: hold, or gaps: mean"
            raise refuse(f"{value!r} is not a number", hint, mark)
    return [None if value is None else finite(value) for value in found]


def _lines_of_json(name: str, entry: Entry, lines: Iterable[str], before: int) -> Iterator[Any]:
    for number, line in enumerate(lines, before + 1):
        if line.strip():
            mark = Mark(name, number, 1)
            yield part_of(_loaded(line.removesuffix("\n"), mark), entry, mark)


def part_of(value: Any, entry: Entry, mark: Mark | None) -> Any:
    """What an object has for an input; any other value as it is. Raises SpecError for a column that it has not."""
    if not isinstance(value, dict):
        return value
    key = str(entry["column"]) if entry["column"] is not None else ""
    found: Any = value
    for part in [key] if key in value else key.split("."):
        if not isinstance(found, dict) or part not in found:
            what = f"the object has no {key!r}" if key else f"data.{entry.name} does not say which entry is meant"
            raise refuse(what, f"column: {' or '.join(_names(value)[:20])}", mark)
        found = found[part]
    return found


def _names(value: dict[str, Any]) -> list[str]:
    """What may be named of an object: its entries, and those of objects in it behind a dot."""
    inner = {name: list(one) if isinstance(one, dict) else [] for name, one in value.items()}
    return [whole for name, parts in inner.items() for whole in ([f"{name}.{one}" for one in parts] or [name])]


def _json(text: str, name: str, entry: Entry) -> Rows | dict[str, Rows]:
    mark = Mark(name, 1, 1)
    value = _loaded(text, mark)
    parts = {**value, "valid": value.get("valid", value.get("validation"))} if isinstance(value, dict) else value
    if isinstance(parts, dict) and all(isinstance(parts.get(part), list) for part in PARTS):
        return {part: [part_of(one, entry, mark) for one in parts[part]] for part in PARTS}
    if isinstance(value, list):
        return [part_of(one, entry, mark) for one in value]
    hint = 'a list of sequences, or {"train": [...], "valid": [...], "test": [...]}'
    raise refuse(f"{name} is not a list of sequences", hint, entry.mark())


def _loaded(text: str, mark: Mark) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise refuse("the JSON is nested too deeply", "lists of numbers are two or three deep", mark) from None
    except ValueError as error:
        line = getattr(error, "lineno", 1) - 1 + mark.line
        where = Mark(mark.file, line, getattr(error, "colno", 1))
        raise _no_json(error, where) from None


def _no_json(error: ValueError, mark: Mark) -> SpecError:
    return refuse(f"this is not JSON: {getattr(error, 'msg', error)}", "check the line with a JSON reader", mark)


DELIMITERS = {".csv": ",", ".tsv": "\t"}
READERS = (*DELIMITERS, ".jsonl", ".json")
"""By these ends of a name a file is read as something else than text."""
