"""Word vectors that others have learned: text as word2vec and GloVe write it, and the embeddings that begin with them.

A line is a word and its numbers, with blanks between them; word2vec says in the first line how many there are. A file
is read line by line, and of it only the words that are known are kept. Nothing here needs torch.
"""

from __future__ import annotations

import gzip
import math
import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from io import BufferedReader
from itertools import chain, islice
from pathlib import Path

from leporello.blocks.registry import registry
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.composing.named_files import inside
from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import EMPTY, Node
from leporello.graphs.opening.open_graph import try_open
from leporello.graphs.opening.sharing import WHOLE
from leporello.graphs.problems import Mark, refuse
from leporello.training.data.columns import Column, Data, load_data
from leporello.training.data.entries import check_data

LONGEST = 1_000_000
"""No line of such a file is longer, in bytes."""
FIRST = 100
"""So many lines tell how many numbers a vector has, where the file does not say it."""
Vectors = Mapping[int, "array[float]"]
"""Vectors by the numbers of their symbols."""


@frozen
class Begun:
    """The vectors that a file has for the symbols of an input, and the embeddings that begin with them."""

    column: Column
    file: str
    nodes: tuple[Node, ...]
    vectors: Vectors

    @property
    def told(self) -> str:
        """As the start of a run tells it."""
        symbols = self.column.vocabulary
        what = f"{len(self.vectors):,} of {len(symbols.symbols):,} {symbols.kind} of {self.column.name}"
        return f"{what} begin with the vectors of {self.file}"

    def check(self, node: Node, units: int) -> None:
        """Raise SpecError for an embedding of another length."""
        length = len(next(iter(self.vectors.values())))
        if length != units:
            what = f"{node.path} has {units} units, and the vectors of {self.file} have {length} numbers"
            owner = node.path.rpartition("/")[0]
            raise refuse(what, f"give {owner} embeddings of {length}" if owner else f"write units: {length}", node.mark)


def begun_of(graph: Graph, data: Data) -> Iterator[Begun]:
    """What each input that has `vectors:` begins with.

    Raises SpecError for a file that cannot be read so, and an input without an embedding.
    """
    folder = Path(graph.file).parent if graph.file else Path()
    for name, column in data.columns.items():
        if file := column.entry["vectors"]:
            mark = column.entry.mark("vectors")
            nodes = tuple(_embeddings(graph, name))
            if not nodes:
                raise refuse(f"data.{name} has vectors, and no embedding reads {name}", "take them away", mark)
            found = read_vectors(inside(folder, file, mark), file, column.vocabulary.numbers, mark)
            yield Begun(column, file, nodes, found)


def check_vectors(checked: Checked, sources: Mapping[str, str] = EMPTY, data: Data | None = None) -> None:
    """Raise SpecError for vectors with which a model cannot be trained; without `data` they are read if need be."""
    if not any(entry["vectors"] for entry in check_data(checked.written, sources).values()):
        return
    for begun in begun_of(checked.written, data or load_data(checked.written, sources)):
        for node in begun.nodes:
            owner, _, weight = owned(node).rpartition("/")
            begun.check(node, checked.weights[owner][weight][1])


def _embeddings(graph: Graph, name: str) -> Iterator[Node]:
    """The embeddings that read an input, by way of a feedback too, in blocks too."""
    opened, _ = try_open(graph, registry())
    reading = {name}
    for node in opened.nodes:
        truth = dict(node.inputs).get("truth") if node.block == "feedback" else None
        if truth is not None and truth.source == name:
            reading.add(node.path)
    for node in opened.nodes:
        if node.block == "embedding" and any(wire.source in reading for _, wire in node.inputs):
            yield node


def owned(node: Node) -> str:
    """The path of an embedding's weight, which may be that of a node whose weights it shares."""
    share = node.modifiers.share
    shared = share if isinstance(share, Mapping) else {}
    return f"{shared[WHOLE]}/weight" if WHOLE in shared else shared.get("weight", f"{node.path}/weight")


def read_vectors(path: Path, name: str, wanted: Mapping[str, int], mark: Mark | None = None) -> Vectors:
    """The vectors of the wanted words by their numbers; the first of a word that is there twice counts.

    A word may have blanks in it, or be one, or nothing. Raises SpecError with the line for one that is no vector, and
    where no word is known.
    """
    try:
        with gzip.open(path) if name.lower().endswith(".gz") else path.open("rb") as file:
            found = dict(_vectors(_lines(file, name), name, wanted))
    except FileNotFoundError as error:
        raise refuse(f"there is no file {name}", f"looked for {path}", mark) from error
    except (OSError, EOFError, zlib.error) as error:
        raise refuse(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}", "", mark) from error
    if not found:
        raise refuse(f"{name} has a vector for none of the {len(wanted):,} words", "is it of another language?", mark)
    return found


def _lines(file: gzip.GzipFile | BufferedReader, name: str) -> Iterator[tuple[int, list[str]]]:
    """The parts of each line that has some, by number; whatever is no UTF-8 is no word that anybody wants."""
    number = 0
    while line := file.readline(LONGEST):
        number += 1
        if len(line) == LONGEST:
            raise refuse("the line is too long for a word and its vector", "is it a text file?", Mark(name, number, 1))
        text = line.decode(errors="replace").rstrip("\r\n ")
        if text:
            yield number, text.split(" ")


def _vectors(
    lines: Iterator[tuple[int, list[str]]], name: str, wanted: Mapping[str, int]
) -> Iterator[tuple[int, array[float]]]:
    first, seen = list(islice(lines, FIRST)), set()
    width = _said(first[0]) if first else 0
    first = first[1:] if width else first
    width = width or _usual(parts for _, parts in first)
    for number, parts in chain(first, lines):
        mark = Mark(name, number, 1)
        if not width or len(parts) <= width:
            behind = f"the line has {len(parts) - 1} numbers behind a word, not {width}"
            hint = "a line is a word and its numbers, with blanks between them"
            raise refuse(behind if width else "there is no vector", hint, mark)
        word = " ".join(parts[:-width])
        if word in wanted and word not in seen:
            seen.add(word)
            yield wanted[word], _numbers(parts[-width:], mark)


def _said(line: tuple[int, list[str]]) -> int:
    """How many numbers a vector has, as a first line of word2vec says it, or 0."""
    number, parts = line
    header = number == 1 and len(parts) == 2 and all(part.isdecimal() and len(part) < 10 for part in parts)
    return int(parts[1]) if header else 0


def _usual(lines: Iterable[list[str]]) -> int:
    """How many numbers most lines end in: a word may have blanks, so these do not tell."""
    lines = list(lines)
    counts = Counter(next(count for count in range(len(parts)) if not _is_number(parts, count)) for parts in lines)
    return max(counts, key=lambda count: (count > 0, counts[count])) or (len(lines[0]) - 1) if lines else 0


def _is_number(parts: list[str], behind: int) -> bool:
    """Whether a part, counted from the end, is a number behind a word."""
    if behind >= len(parts) - 1:
        return False
    try:
        float(parts[-1 - behind])
    except ValueError:
        return False
    return True


def _numbers(parts: list[str], mark: Mark) -> array[float]:
    found = array("f")
    for part in parts:
        try:
            value = float(part)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise refuse(f"{part[:40]!r} is no finite number", "a line is a word and its numbers", mark)
        found.append(value)
    return found
