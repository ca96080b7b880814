"""The data of a model: for each input its rows in three parts, and the encoder that makes them numbers.

`load_data` is the way in. Rows of different inputs belong together by their place; a model of one long sequence, such
as a text, has one row in each part.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from leporello.blocks.registry import registry
from leporello.graphs.expressions.tree import SizeName
from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import EMPTY
from leporello.graphs.opening.open_graph import try_open
from leporello.graphs.problems import Mark, refuse
from leporello.training.data.encoders import Encoder, Labels, Notes
from leporello.training.data.entries import Entry, check_data
from leporello.training.data.files import suffix_of
from leporello.training.data.numbers import Numbers
from leporello.training.data.parts import Parts, is_long, parted, read_parts
from leporello.training.data.reading import READERS, Rows
from leporello.training.data.recordings import Recording
from leporello.training.data.sounds import BANDS, Sounds
from leporello.training.data.stored import LongText, pieces, stays
from leporello.training.data.vocabulary import Vocabulary

TEXTS = ("characters", "words", "pieces")
"""How texts are cut."""


@frozen
class Values:
    """Rows as what is encoded one after the other: a long sequence in a file piece by piece."""

    entry: Entry
    rows: Rows

    def __iter__(self) -> Iterator[Any]:
        return (alone(self.entry, piece) for value in self.rows for piece in pieces(value))


@frozen
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

    def stored(self, part: int) -> bool:
        """Whether the rows of a part, or the one long sequence that it is, stay in a file."""
        return stays(self.parts[part])

    def values(self, part: int) -> Iterable[Any]:
        """What is encoded of a part, value by value."""
        return Values(self.entry, self.parts[part])

    @property
    def vocabulary(self) -> Vocabulary:
        """Its characters or words. Raises SpecError where it is read as something else."""
        if isinstance(self.encoder, Vocabulary):
            return self.encoder
        raise refuse(f"{self.name} is read as {self.encoder.kind}, not as text", "", self.entry.mark("as"))


@frozen
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
    long = any(is_long(column.entry, only) for column in columns.values())
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


def _column(graph: Graph, entry: Entry, only: bool) -> Column:
    long = is_long(entry, only)
    source, digest, parts = read_parts(graph, entry, long)
    encoder = _encoder(graph, entry, parts, source)
    _check_size(graph, entry, source, encoder)
    return Column(entry, source, digest, parts, encoder)


def _encoder(graph: Graph, entry: Entry, parts: Parts, source: str) -> Encoder:
    """The encoder of the training part. Raises SpecError for values that are not of its kind."""
    kind = entry.kind
    if kind in TEXTS:
        _check_texts(entry, parts, source)
        options = {"lower": entry["lower"], "least": entry["least"], "most": entry["most"]}
        return Vocabulary.of(Values(entry, parts[0]), kind, **options)  # type: ignore[arg-type]
    if kind == "notes":
        return Notes()
    if kind == "sound":
        return _sounds(entry, parts, source, _said_size(graph, entry))
    try:
        if kind == "labels":
            return Labels.of(Values(entry, parts[0]))
        values = Values(entry, parts[0])
        return Numbers.of(values if stays(parts[0]) else list(values), bool(entry["gaps"]))
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
        if not isinstance(value, str | LongText) and not words:
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


def _check_together(columns: Sequence[Column], only: bool) -> None:
    """Rows of different inputs belong together by their place, part by part."""
    if not any(is_long(column.entry, only) for column in columns) and len({parted(c.entry) for c in columns}) > 1:
        given, whole = sorted(columns, key=lambda column: not parted(column.entry))[:: max(len(columns) - 1, 1)][:2]
        what = f"{given.name} has a file for each part, {whole.name} one that is split: rows would not belong together"
        raise refuse(what, "give both files: of three, or both a file:", whole.entry.mark())
    longs = [column for column in columns if is_long(column.entry, only)]
    if longs and len(longs) < len(columns):
        other = next(column for column in columns if column not in longs)
        what = f"{longs[0].name} is one long sequence, {other.name} has a value a row"
        raise refuse(what, "say each: line, or give both as steps of one table", other.entry.mark())
    for column in columns[1:]:
        counts, wanted = _counts(column.parts, bool(longs)), _counts(columns[0].parts, bool(longs))
        if counts != wanted:
            if not longs:
                _check_lines(columns[0], column, wanted, counts)
            told = f"{columns[0].name} has {_told(wanted)} rows, {column.name} {_told(counts)}"
            hint = "rows belong together by their place: give files of equally many rows, and the same split"
            raise refuse(told, hint, column.entry.mark())


def _check_lines(one: Column, other: Column, wanted: Sequence[int], counts: Sequence[int]) -> None:
    """Of two texts, line by line, the first line of the longer that has no partner in the shorter."""
    if not parted(one.entry):
        wanted, counts = [sum(wanted)], [sum(counts)]
    for part, (first, second) in enumerate(zip(wanted, counts, strict=True)):
        (fewer, shorter), (_, longer) = sorted(((first, one), (second, other)), key=lambda pair: pair[0])
        if first != second and _by_lines(one.entry) and _by_lines(other.entry):
            names = [column.entry.files[part] for column in (shorter, longer)]
            what = f"the line has no partner: {names[0]}, for {shorter.name}, ends with line {fewer:,}"
            hint = "rows belong together by their place, and an empty line is a row; see where they part:"
            raise refuse(what, f"{hint} {shlex.join(['paste', *names])}", Mark(names[1], fewer + 1, 1))


def _by_lines(entry: Entry) -> bool:
    """Whether its files are texts of which each line is a row."""
    texts = bool(entry.files) and suffix_of(entry.files[0]) not in READERS and entry.kind in TEXTS
    return texts and entry["column"] is None


def _counts(parts: Parts, long: bool) -> list[int]:
    return [sum(map(len, part)) if long else len(part) for part in parts]


def _told(counts: Iterable[int]) -> str:
    return " + ".join(map(str, counts))
