"""The data of a model: for each input its rows in three parts, and the encoder that makes them numbers.

`load_data` is the way in. Rows of different inputs belong together by their place; a model of one long sequence, such
as a text, has one row in each part.
"""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from leporello.blocks.registry import registry
from leporello.graphs.composing.named_files import inside
from leporello.graphs.expressions.tree import SizeName
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import EMPTY
from leporello.graphs.opening.open_graph import try_open
from leporello.graphs.problems import Mark, refuse, suggest
from leporello.training.data.builtin import BUILTIN
from leporello.training.data.encoders import Encoder, Labels, Notes
from leporello.training.data.entries import DEFAULT_SPLIT, Entry, check_data
from leporello.training.data.files import suffix_of
from leporello.training.data.numbers import Numbers
from leporello.training.data.reading import PARTS, READERS, Rows
from leporello.training.data.recordings import Recording
from leporello.training.data.sounds import BANDS, Sounds
from leporello.training.data.sources import read_source
from leporello.training.data.vocabulary import Vocabulary

TEXTS = ("characters", "words", "pieces")
"""How texts are cut."""
Parts = tuple[Rows, Rows, Rows]
"""The rows to train on, to validate with and to test on."""


@dataclass(frozen=True)
class Column:
    """What feeds one input. `source` is a name for messages, `digest` the SHA-256 of all of it."""

    entry: Entry
    source: str
    digest: str
    parts: Parts
    encoder: Encoder
    ends: bool = False

    @property
    def name(self) -> str:
        """The input that it feeds."""
        return self.entry.name

    @property
    def vocabulary(self) -> Vocabulary:
        """Its characters or words. Raises SpecError where it is read as something else."""
        if isinstance(self.encoder, Vocabulary):
            return self.encoder
        raise refuse(f"{self.name} is read as {self.encoder.kind}, not as text", "", self.entry.mark("as"))


@dataclass(frozen=True)
class Data:
    """The columns by input; `long` where each part is one long sequence, cut in pieces when it is trained on."""

    columns: Mapping[str, Column]
    long: bool

    @property
    def only(self) -> Column:
        """The first column, of data that have one."""
        return next(iter(self.columns.values()))


def load_data(graph: Graph, sources: Mapping[str, str] = EMPTY) -> Data:
    """The data that the spec's `data:` names, read and cut in three parts.

    Raises SpecError for unknown keys and inputs, files that cannot be read, columns that are not there, parts without
    a row, and columns of different length.
    """
    entries = check_data(graph, sources)
    only = len(entries) == 1
    columns = {name: _column(graph, entry, only) for name, entry in entries.items()}
    long = any(_is_long(column.entry, only) for column in columns.values())
    _check_together(list(columns.values()), only)
    written = frozenset() if long else _written(graph)
    ending = {name for name in columns if name in written and _ends(columns, name)}
    return Data({name: replace(column, ends=name in ending) for name, column in columns.items()}, long)


def _ends(columns: Mapping[str, Column], name: str) -> bool:
    """Whether a sequence that a model writes gets an end: a text whose steps are those of no other input."""
    axes = [column.entry.axis for column in columns.values()]
    return isinstance(columns[name].encoder, Vocabulary) and axes.count(columns[name].entry.axis) == 1


def _written(graph: Graph) -> frozenset[str]:
    """The inputs that a model writes by itself when nobody teaches it: the truths of its feedback, in blocks too."""
    opened, _ = try_open(graph, registry())
    fed = (dict(node.inputs).get("truth") for node in opened.nodes if node.block == "feedback")
    return frozenset(wire.source for wire in fed if wire is not None)


def sizes_of(graph: Graph, sources: Mapping[str, str] = EMPTY) -> dict[str, int]:
    """The sizes that the data bind: `{"characters": 106}` for `text: {tokens: $characters}`.

    A size that the spec's `parameters:` give is left to them. Raises SpecError as `load_data` does.
    """
    return sizes_from(graph, load_data(graph, sources))


def sizes_from(graph: Graph, data: Data) -> dict[str, int]:
    """The sizes that data bind which have been loaded."""
    found: dict[str, int] = {}
    for name, column in data.columns.items():
        size = size_name(column.entry)
        if size and size not in graph.parameters and found.setdefault(size, column.encoder.size) != column.encoder.size:
            what = f"${size} is {found[size]} by one input and {column.encoder.size} by {name}"
            raise refuse(what, "give each input a size of its own", column.entry.node.mark)
    return found


def size_name(entry: Entry) -> str:
    """The name of the size in `tokens: $name` or `features: $name`, or nothing for a number."""
    said = entry.node.parameters.get("tokens" if entry.tokens else "features")
    return said.name if isinstance(said, SizeName) else ""


def _is_long(entry: Entry, only: bool) -> bool:
    """Whether what feeds an input is one long sequence: the whole of a text, or a table of numbers step by step."""
    if entry.axis is None or (entry["each"] or ("file" if only or not entry.tokens else "line")) == "line":
        return False
    if entry.files:
        suffix = suffix_of(entry.files[0])
        return suffix not in (".csv", ".tsv", ".jsonl", ".json") if entry.tokens else suffix in (".csv", ".tsv")
    return not (entry.tokens and BUILTIN[entry["builtin"]].columns)


def _column(graph: Graph, entry: Entry, only: bool) -> Column:
    long = _is_long(entry, only)
    source, digest, parts = _read(graph, entry, long)
    encoder = _encoder(graph, entry, parts, source)
    _check_size(graph, entry, source, encoder)
    return Column(entry, source, digest, parts, encoder)


def _read(graph: Graph, entry: Entry, long: bool) -> tuple[str, str, Parts]:
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
    if entry["origin"] and not (folder / name).exists():
        hint = f"it is had at {entry['origin']}; put it there, or say where it is: --data {entry.name}=PATH"
        raise refuse(f"there is no file {name!r} in {folder}", hint, mark)
    return inside(folder, name, mark, folders=entry.kind in ("sound", "labels"))


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
    order = list(range(len(rows)))
    random.Random(0).shuffle(order)
    train, valid, test = cut(order, entry, source)
    return _parts([[rows[place] for place in part] for part in (train, valid, test)])


def cut(whole: Any, entry: Entry, source: str) -> tuple[Any, Any, Any]:
    """A sequence cut at two places by the fractions of `split`; raises SpecError where a part would be empty."""
    split, length = entry["split"] or DEFAULT_SPLIT, len(whole)
    first, second = round(length * split[0]), round(length * (split[0] + split[1]))
    parts = whole[:first], whole[first:second], whole[second:]
    if any(fraction and not len(part) for fraction, part in zip(split, parts, strict=True)):
        needed = int(1 / min(fraction for fraction in split if fraction)) + 1
        noun = "characters" if isinstance(whole, str) else "rows"
        what = f"{source} has {length} {noun}: too short for the split {list(split)}"
        raise refuse(what, f"each part needs one at least: give {needed} {noun} or more", entry.mark())
    return parts


def _encoder(graph: Graph, entry: Entry, parts: Parts, source: str) -> Encoder:
    """The encoder of the training part. Raises SpecError for values that are not of its kind."""
    kind = entry.kind
    if kind in TEXTS:
        _check_texts(entry, parts, source)
        options = {"lower": entry["lower"], "least": entry["least"], "most": entry["most"]}
        return Vocabulary.of(parts[0], kind, **options)  # type: ignore[arg-type]
    if kind == "notes":
        return Notes()
    if kind == "sound":
        return _sounds(entry, parts, source, _said_size(graph, entry))
    values = [alone(entry, value) for value in parts[0]]
    try:
        return Labels.of(values) if kind == "labels" else Numbers.of(values, bool(entry["gaps"]))
    except ValueError as error:
        hint = "name another column, or say how it is read by as:"
        raise refuse(f"{source}, for {entry.name}: {error}", hint, entry.mark()) from error


def _sounds(entry: Entry, parts: Parts, source: str, bands: Any) -> Sounds:
    """The encoder of recordings: as many bands as the input has features. Raises SpecError for what is none."""
    first = next(chain.from_iterable(parts), None)
    if not isinstance(first, Recording):
        raise refuse(
            f"{source} has no recordings for {entry.name}", "name a folder or a tar of WAV files", entry.mark()
        )
    return Sounds(first.rate, bands if isinstance(bands, int) else BANDS)


def alone(entry: Entry, value: Any) -> Any:
    """A value as a sequence: one of a single step where the input has one value per sequence."""
    return value if entry.axis is not None else [value]


def _check_texts(entry: Entry, parts: Parts, source: str) -> None:
    """Texts; for words also lists of them, cut already."""
    for value in chain.from_iterable(parts):
        words = entry.kind == "words" and isinstance(value, list) and all(isinstance(one, str) and one for one in value)
        if not isinstance(value, str) and not words:
            what = f"{source} has {str(value)[:60]!r} for {entry.name}, which is not a text"
            raise refuse(what, "name another column, or say how it is read by as:", entry.mark())


def _check_size(graph: Graph, entry: Entry, source: str, encoder: Encoder) -> None:
    """A number that the spec gives must be enough."""
    size = _said_size(graph, entry)
    noun = "tokens" if entry.tokens else "features"
    wrong = isinstance(size, int) and (size < encoder.size if entry.tokens else size != encoder.size)
    if wrong:
        what = f"{entry.name} has {size} {noun}, but {source} needs {encoder.size}"
        raise refuse(what, f"write {noun}: ${noun}, or {encoder.size}", entry.node.mark)


def _said_size(graph: Graph, entry: Entry) -> Any:
    """The tokens or features that the spec gives an input, None where the data say it."""
    said = entry.node.parameters.get("tokens" if entry.tokens else "features")
    return graph.parameters.get(said.name) if isinstance(said, SizeName) else said


def _parted(entry: Entry) -> bool:
    """Whether the parts come as they are: in files of their own, or in one that has them; else rows are shuffled."""
    return "files" in entry.said or (bool(entry.files) and suffix_of(entry.files[0]) == ".json")


def _check_together(columns: Sequence[Column], only: bool) -> None:
    """Rows of different inputs belong together by their place, part by part."""
    if not any(_is_long(column.entry, only) for column in columns) and len({_parted(c.entry) for c in columns}) > 1:
        parted, whole = sorted(columns, key=lambda column: not _parted(column.entry))[:: max(len(columns) - 1, 1)][:2]
        what = f"{parted.name} has a file for each part, {whole.name} one that is split: rows would not belong together"
        raise refuse(what, "give both files: of three, or both a file:", whole.entry.mark())
    longs = [column for column in columns if _is_long(column.entry, only)]
    if longs and len(longs) < len(columns):
        other = next(column for column in columns if column not in longs)
        what = f"{longs[0].name} is one long sequence, {other.name} has a value a row"
        raise refuse(what, "say each: line, or give both as steps of one table", other.entry.mark())
    for column in columns[1:]:
        counts, wanted = _counts(column.parts, bool(longs)), _counts(columns[0].parts, bool(longs))
        if counts != wanted:
            _check_lines(columns[0], column, wanted, counts)
            told = f"{columns[0].name} has {_told(wanted)} rows, {column.name} {_told(counts)}"
            hint = "rows belong together by their place: give files of equally many rows, and the same split"
            raise refuse(told, hint, column.entry.mark())


def _check_lines(one: Column, other: Column, wanted: Sequence[int], counts: Sequence[int]) -> None:
    """Of two texts, line by line, the first line of the longer that has no partner in the shorter."""
    if not _parted(one.entry):
        wanted, counts = [sum(wanted)], [sum(counts)]
    for part, (first, second) in enumerate(zip(wanted, counts, strict=True)):
        (fewer, shorter), (_, longer) = sorted(((first, one), (second, other)), key=lambda pair: pair[0])
        if first != second and _by_lines(one.entry) and _by_lines(other.entry):
            names = [column.entry.files[part] for column in (shorter, longer)]
            what = f"the line has no partner: {names[0]}, for {shorter.name}, ends with line {fewer:,}"
            hint = "rows belong together by their place, and an empty line is a row; see where they part: paste"
            raise refuse(what, f"{hint} {' '.join(names)}", Mark(names[1], fewer + 1, 1))


def _by_lines(entry: Entry) -> bool:
    """Whether its files are texts of which each line is a row."""
    return bool(entry.files) and suffix_of(entry.files[0]) not in READERS and entry.kind in TEXTS


def _counts(parts: Parts, long: bool) -> list[int]:
    return [sum(map(len, part)) if long else len(part) for part in parts]


def _told(counts: Iterable[int]) -> str:
    return " + ".join(map(str, counts))
