"""Word vectors that others have learned, as the first weights of embeddings: text as word2vec and GloVe write it.

A line is a word and its numbers, with blanks between them; word2vec says in the first line how many there are. A file
is read line by line, and of it only the words that are known are kept.
"""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Iterable, Iterator, Mapping
from io import BufferedReader
from pathlib import Path

import torch
from torch import Tensor, nn

from leporello.blocks.registry import registry
from leporello.builder.names import dotted
from leporello.graphs.composing.named_files import inside
from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Node
from leporello.graphs.opening.open_graph import try_open
from leporello.graphs.opening.sharing import WHOLE
from leporello.graphs.problems import Mark, refuse
from leporello.training.data.columns import Column, Data

LONGEST = 1_000_000
"""No line of such a file is longer, in bytes."""


@frozen
class Begun:
    """How many of the symbols of an input were found in a file."""

    input: str
    file: str
    found: int
    of: int

    @property
    def told(self) -> str:
        """As the start of a run tells it."""
        return f"{self.found:,} of {self.of:,} {self.input} begin with the vectors of {self.file}"


def begin_with_vectors(module: nn.Module, graph: Graph, data: Data) -> list[Begun]:
    """Give the embeddings of inputs that have `vectors:` those of the symbols that the file knows; others stay.

    Raises SpecError for a file that cannot be read so, vectors of another length, and an input without an embedding.
    """
    weights, done = dict(module.named_parameters()), []
    for name, column in data.columns.items():
        file = column.entry["vectors"]
        if not file:
            continue
        mark = column.entry.mark("vectors")
        nodes = _embeddings(graph, name)
        if not nodes:
            raise refuse(f"data.{name} has vectors, and no embedding reads {name}", "take them away", mark)
        folder = Path(graph.file).parent if graph.file else Path()
        found = read_vectors(inside(folder, file, mark), file, column.vocabulary.numbers, mark)
        for node in nodes:
            _fill(weights[dotted(_owned(node))], found, node, file)
        done.append(_begun(column, file, found))
    return done


def _begun(column: Column, file: str, found: Mapping[int, Tensor]) -> Begun:
    symbols = column.vocabulary
    return Begun(f"{symbols.kind} of {column.name}", file, len(found), len(symbols.symbols))


def _embeddings(graph: Graph, name: str) -> list[Node]:
    """The embeddings that read an input, by way of a feedback too, in blocks too."""
    opened, _ = try_open(graph, registry())
    reading = {name}
    for node in opened.nodes:
        truth = dict(node.inputs).get("truth") if node.block == "feedback" else None
        if truth is not None and truth.source == name:
            reading.add(node.path)
    return [
        node
        for node in opened.nodes
        if node.block == "embedding" and any(wire.source in reading for _, wire in node.inputs)
    ]


def _owned(node: Node) -> str:
    """The path of an embedding's weight, which may be that of a node whose weights it shares."""
    share = node.modifiers.share
    shared = share if isinstance(share, Mapping) else {}
    return f"{shared[WHOLE]}/weight" if WHOLE in shared else shared.get("weight", f"{node.path}/weight")


@torch.no_grad()
def _fill(weight: Tensor, found: Mapping[int, Tensor], node: Node, file: str) -> None:
    for number, vector in found.items():
        if len(vector) != weight.shape[1]:
            what = f"{node.path} has {weight.shape[1]} units, and the vectors of {file} have {len(vector)} numbers"
            owner = node.path.rpartition("/")[0]
            hint = f"give {owner} embeddings of {len(vector)}" if owner else f"write units: {len(vector)}"
            raise refuse(what, hint, node.mark)
        weight[number] = vector


def read_vectors(path: Path, name: str, wanted: Mapping[str, int], mark: Mark | None = None) -> dict[int, Tensor]:
    """The vectors of the wanted words by their numbers; the first of a word that is there twice counts.

    A word may have blanks in it. Raises SpecError with the line for one that is no vector, and where no word is known.
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


def _lines(file: gzip.GzipFile | BufferedReader, name: str) -> Iterator[tuple[int, str]]:
    """The lines that have something in them, by number; whatever is no UTF-8 is no word that anybody wants."""
    number = 0
    while line := file.readline(LONGEST):
        number += 1
        if len(line) == LONGEST:
            raise refuse("the line is too long for a word and its vector", "is it a text file?", Mark(name, number, 1))
        text = line.decode(errors="replace").strip("\r\n ")
        if text:
            yield number, text


def _vectors(lines: Iterable[tuple[int, str]], name: str, wanted: Mapping[str, int]) -> Iterator[tuple[int, Tensor]]:
    width, seen = 0, set()
    for number, line in lines:
        parts = line.split(" ")
        if number == 1 and len(parts) == 2 and all(part.isdecimal() and len(part) < 10 for part in parts):
            width = int(parts[1])
            continue
        width = width or len(parts) - 1
        word = " ".join(parts[:-width]) if width else ""
        if not word:
            what = (
                f"the line has {len(parts) - 1} numbers behind a word, not {width}" if width else "there is no vector"
            )
            raise refuse(what, "a line is a word and its numbers, with blanks between them", Mark(name, number, 1))
        if word in wanted and word not in seen:
            seen.add(word)
            yield wanted[word], _numbers(parts[-width:], Mark(name, number, 1))


def _numbers(parts: list[str], mark: Mark) -> Tensor:
    for part in parts:
        try:
            whole = math.isfinite(float(part))
        except ValueError:
            whole = False
        if not whole:
            raise refuse(f"{part[:40]!r} is no finite number", "a line is a word and its numbers", mark)
    return torch.tensor([float(part) for part in parts])
