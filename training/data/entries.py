"""What a spec may say under `data:`: of each input, which file or generator feeds it, and how that is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from leporello.graphs.composing.tree import Source, mark_of
from leporello.graphs.fields import Field, named, shown
from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import EMPTY, Node
from leporello.graphs.problems import Mark, refuse, suggest
from leporello.training.data.made.builtin import BUILTIN

DEFAULT_SPLIT = (0.9, 0.05, 0.05)
SPLIT = "three fractions that add up to 1, for training, validation and test, such as [0.9, 0.05, 0.05]"
FILES = "three files, for training, validation and test, such as [train.txt, valid.txt, test.txt]"
TOKENS, FEATURES = ("characters", "words", "pieces", "labels"), ("numbers", "notes", "sound")
DATA = (
    Field(
        "file",
        "text",
        None,
        help="a file in the spec's folder or below it: text, CSV, TSV, JSON or JSON lines; a folder or tar of WAV",
    ),
    Field("files", "texts", None, help=FILES),
    Field("builtin", "choice", None, choices=tuple(BUILTIN), help="data that every machine has, or that is generated"),
    Field("origin", "text", None, help="where the file is had, for those who do not have it"),
    Field(
        "column",
        "key",
        None,
        help="which column of a table: its name in the first line, or its number from 1; of WAV a part of the names",
    ),
    Field("columns", "texts", None, help="which columns of a table are the features, by name"),
    Field(
        "as",
        "choice",
        None,
        choices=TOKENS + FEATURES,
        help="what values are: tokens as characters, words, pieces or labels, features as numbers, notes or sound",
    ),
    Field(
        "each",
        "choice",
        None,
        choices=("line", "file"),
        help="what is one sequence: each line, or the whole file",
    ),
    Field(
        "gaps",
        "choice",
        None,
        choices=("hold", "mean"),
        help="what is read where a number is missing: the one before, or the mean; steps with a gap are not scored",
    ),
    Field("spread", "boolean", False, help="whether the one label of a sequence is that of each of its steps"),
    Field("split", "fractions", DEFAULT_SPLIT, help=SPLIT),
    Field("lower", "boolean", False, help="whether capitals are read as small letters"),
    Field("least", "integer", 1, 1, help="how often a word must occur in the training part to be known", unit="times"),
    Field(
        "most",
        "integer",
        None,
        1,
        help="how many symbols are known at most, the most frequent ones; of pieces 4000 if not said",
    ),
    Field(
        "vectors",
        "text",
        None,
        help="a file of word vectors, as word2vec and GloVe write them as text, with which embeddings of it begin",
    ),
    Field("longest", "integer", None, 1, help="longer sequences are left out of training", unit="steps"),
)
"""What may be said of an input under `data:`."""
KEYS = tuple(field.name for field in DATA)
WAYS = ("file", "files", "builtin")
EXAMPLE = "{file: input.txt, split: [0.9, 0.05, 0.05]} or {builtin: python_topics}"


@frozen
class Entry:
    """What is said of one input; `given` is the file that stands in its place (`--data name=path`)."""

    node: Node
    said: Mapping[str, Any]
    spec: Source
    given: str = ""

    @property
    def name(self) -> str:
        """The input that it feeds."""
        return self.node.path

    @property
    def tokens(self) -> bool:
        """Whether the input is made of tokens."""
        return "tokens" in self.node.parameters

    @property
    def axis(self) -> str | None:
        """The time axis of the input, or None for one value per sequence."""
        return None if self.node.axis == "none" else self.node.axis or "time"

    @property
    def kind(self) -> str:
        """What its values are read as."""
        if "as" in self.said:
            return str(self.said["as"])
        if self.tokens:
            return "labels" if self.axis is None else "characters"
        return "notes" if self.node.parameters.get("kind") == "binary" else "numbers"

    @property
    def files(self) -> list[str]:
        """The files that feed it, those given in their place first: one, or three with commas between them."""
        if self.given:
            return self.given.split(",") if "files" in self.said else [self.given]
        return [*self["files"]] if "files" in self.said else [self["file"]] if "file" in self.said else []

    def __getitem__(self, key: str) -> Any:
        field = named(DATA, key)
        return self.said.get(key, field.default if field else None)

    def mark(self, *keys: str) -> Mark | None:
        """Where the spec says this."""
        return mark_of(self.spec, "data", self.name, *keys)


def check_data(graph: Graph, sources: Mapping[str, str] = EMPTY) -> dict[str, Entry]:
    """The entries of `data:` after a check of keys, inputs and values; files are not opened.

    `sources` maps inputs to files anywhere (`--data name=path`), in place of what the spec names. Raises SpecError.
    """
    data = graph.data if graph.data is not None else {}
    if not isinstance(data, Mapping):
        hint = "such as data: {text: {file: input.txt}}"
        raise refuse("data must map inputs to what feeds them", hint, mark_of(graph.source, "data"))
    inputs = {node.path: node for node in graph.inputs}
    for name in (*data, *sources):
        if name not in inputs:
            where = mark_of(graph.source, "data", str(name)) if name in data else None
            raise refuse(f"{name!r} is not an input", suggest(str(name), inputs, "inputs"), where)
    merged = {**dict.fromkeys(sources, EMPTY), **data}
    return {str(name): _entry(graph, inputs[name], said, sources.get(name, "")) for name, said in merged.items()}


def _entry(graph: Graph, node: Node, said: Any, given: str) -> Entry:
    if not isinstance(said, Mapping):
        where = mark_of(graph.source, "data", node.path)
        raise refuse(f"data.{node.path} must be a mapping", f"such as {node.path}: {EXAMPLE}", where)
    entry = Entry(node, said, graph.source, given)
    for key, value in said.items():
        _check_value(entry, key, value)
    _check_ways(entry)
    _check_kind(entry)
    _check_gaps(entry)
    return entry


def _check_value(entry: Entry, key: Any, value: Any) -> None:
    path, field = f"data.{entry.name}", named(DATA, key)
    if field is None:
        raise refuse(f"unknown key {key!r} in {path}", suggest(str(key), KEYS, "keys"), entry.mark(str(key)))
    try:
        field.accept(value)
    except ValueError:
        meant = suggest(value, field.choices) if field.choices and isinstance(value, str) else field.help
        what = f"{path}.{key} must be {field.allowed}, not {shown(value)}"
        raise refuse(what, meant, entry.mark(str(key))) from None


def _check_ways(entry: Entry) -> None:
    """One way in, and three parts."""
    path = f"data.{entry.name}"
    ways = [key for key in WAYS if key in entry.said]
    if len(ways) != 1 and not (entry.given and not ways):
        what = f"names {' and '.join(ways)}, of which one is enough" if ways else "names no data"
        raise refuse(f"{path} {what}", f"such as {entry.name}: {EXAMPLE}", entry.mark())
    if len(entry["split"]) != 3 or not entry["split"][0]:
        raise refuse(f"{path}.split is {shown(entry['split'])}", SPLIT, entry.mark("split"))
    if "files" in entry.said and len(entry["files"]) != 3:
        raise refuse(f"{path}.files has {_number(entry['files'], 'name')}", FILES, entry.mark("files"))
    _exclude(entry, "files", "split", "the files are the parts")
    _exclude(entry, "column", "columns", "one column is named by column, several by columns")


def _exclude(entry: Entry, one: str, other: str, why: str) -> None:
    if one in entry.said and other in entry.said:
        raise refuse(f"data.{entry.name} says both {one} and {other}", f"leave one away: {why}", entry.mark(other))


def _check_kind(entry: Entry) -> None:
    allowed, made = (TOKENS, "tokens") if entry.tokens else (FEATURES, "features")
    if entry.kind not in allowed:
        what = f"data.{entry.name} is read as {entry.kind}, but the input is made of {made}"
        raise refuse(what, f"{made} are read as {' or '.join(allowed)}", entry.mark("as"))
    if entry["vectors"] and entry.kind not in ("characters", "words", "pieces"):
        what = f"data.{entry.name} has vectors, and is read as {entry.kind}"
        raise refuse(what, "vectors are of words: say as: words, or take them away", entry.mark("vectors"))
    if entry["spread"] and (entry.axis is None or entry.kind != "labels"):
        what = f"data.{entry.name} is spread over steps, which is for labels along an axis"
        raise refuse(what, "give the input the axis of those steps, and say as: labels", entry.mark("spread"))
    if entry.axis is None and entry.kind in ("characters", "words", "pieces", "notes", "sound"):
        what = f"data.{entry.name} is read as {entry.kind}, but the input has one value per sequence"
        raise refuse(what, "give the input an axis, or read it as labels or numbers", entry.mark("as"))


def _check_gaps(entry: Entry) -> None:
    if entry["gaps"] and (entry.kind != "numbers" or entry.axis is None):
        what = f"data.{entry.name} says gaps, which are for numbers along an axis"
        raise refuse(what, "take it away", entry.mark("gaps"))


def _number(values: Iterable[object], noun: str) -> str:
    count = len(list(values))
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
