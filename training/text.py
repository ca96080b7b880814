"""Text for language models: which text a spec names, cut into parts to train on, validate with and test on."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leporello.graphs.composing.named_files import inside
from leporello.graphs.composing.tree import mark_of
from leporello.graphs.expressions.tree import SizeName
from leporello.graphs.fields import Field, named, shown
from leporello.graphs.graph import EMPTY, Graph, Node
from leporello.graphs.problems import Mark, SpecError, refuse, suggest
from leporello.training.files import read_text
from leporello.training.vocabulary import Vocabulary

DEFAULT_SPLIT = (0.9, 0.05, 0.05)
SPLIT = "three fractions that add up to 1, for training, validation and test, such as [0.9, 0.05, 0.05]"
DATA = (
    Field("file", "text", None, help="a text file in the spec's folder or below it"),
    Field("builtin", "choice", None, choices=("python_topics",), help="a text that every machine has"),
    Field("split", "fractions", DEFAULT_SPLIT, help=SPLIT),
)
"""What may be said of the text of an input, under `data:`."""
KEYS = tuple(field.name for field in DATA)
REPEATED = 80


@dataclass(frozen=True)
class Text:
    """A text in three parts, and the vocabulary of the first.

    `source` is a name for messages, `digest` the SHA-256 of the whole text in UTF-8 (a resumed run must find the
    same).
    """

    name: str
    source: str
    train: str
    valid: str
    test: str
    vocabulary: Vocabulary
    digest: str


def load_text(graph: Graph, sources: Mapping[str, str] = EMPTY) -> dict[str, Text]:
    """The texts of the spec's `data:`, by the token inputs they feed.

    `sources` maps inputs to files anywhere (`--data name=path`), in place of what the spec names.
    Raises SpecError for unknown keys and inputs, files that are not plain text, and texts too short to split.
    """
    data = check_data(graph, sources)
    return {name: _load(graph, name, entry, sources) for name, entry in data.items()}


def sizes_of(graph: Graph, sources: Mapping[str, str] = EMPTY) -> dict[str, int]:
    """The sizes that the data bind: `{"characters": 106}` for `text: {tokens: $characters}`.

    A size that the spec's `parameters:` give is left to them. Raises SpecError as `load_text` does.
    """
    return sizes_from(graph, load_text(graph, sources))


def sizes_from(graph: Graph, texts: Mapping[str, Text]) -> dict[str, int]:
    """The sizes that texts bind which have been loaded."""
    named = {text.name: _size_name(graph[text.name]) for text in texts.values()}
    return {size: len(texts[name].vocabulary) for name, size in named.items() if size and size not in graph.parameters}


def check_data(graph: Graph, sources: Mapping[str, str] = EMPTY) -> dict[str, Mapping[str, Any]]:
    """The entries of `data:` after a check of keys, inputs and values; files are not opened."""
    data = graph.data if graph.data is not None else {}
    if not isinstance(data, Mapping):
        raise refuse(
            "data must map inputs to their texts",
            "such as data: {text: {file: input.txt}}",
            mark_of(graph.source, "data"),
        )
    token_inputs = [node.path for node in graph.inputs if "tokens" in node.parameters]
    for name in (*data, *sources):
        if name not in token_inputs:
            where = mark_of(graph.source, "data", str(name)) if name in data else None
            raise refuse(f"{name!r} is not an input of tokens", suggest(str(name), token_inputs, "token inputs"), where)
    merged = {**dict.fromkeys(sources, EMPTY), **data}
    return {str(name): _check_entry(graph, str(name), entry, name in sources) for name, entry in merged.items()}


def _check_entry(graph: Graph, name: str, entry: Any, given: bool) -> Mapping[str, Any]:
    def wrong(what: str, hint: str, *keys: str) -> SpecError:
        return refuse(what, hint, mark_of(graph.source, "data", name, *keys))

    path = f"data.{name}"
    example = f"such as {name}: {{file: input.txt, split: [0.9, 0.05, 0.05]}} or {{builtin: python_topics}}"
    if not isinstance(entry, Mapping):
        raise wrong(f"{path} must be a mapping", example)
    for key, value in entry.items():
        field = named(DATA, key)
        if field is None:
            raise wrong(f"unknown key {key!r} in {path}", suggest(str(key), KEYS, "keys"), str(key))
        try:
            field.accept(value)
        except ValueError:
            meant = suggest(value, field.choices) if field.choices and isinstance(value, str) else field.help
            raise wrong(f"{path}.{key} must be {field.allowed}, not {shown(value)}", meant, str(key)) from None
    ways = [key for key in ("file", "builtin") if key in entry]
    if len(ways) != 1 and not given:
        raise wrong(f"{path} {'names both a file and a builtin' if ways else 'names no text'}", example)
    split = entry.get("split", DEFAULT_SPLIT)
    if len(split) != 3 or not split[0]:
        raise wrong(f"{path}.split is {shown(split)}", SPLIT, "split")
    return entry


def _load(graph: Graph, name: str, entry: Mapping[str, Any], sources: Mapping[str, str]) -> Text:
    if name in sources:
        source = sources[name]
        whole = read_text(Path(os.path.expanduser(source)), source)
    elif "builtin" in entry:
        source = f"builtin {entry['builtin']}"
        whole = BUILTIN[entry["builtin"]]()
    else:
        source, mark = entry["file"], mark_of(graph.source, "data", name, "file")
        folder = Path(graph.file).parent if graph.file else Path()
        whole = read_text(inside(folder, source, mark), source, mark)
    split = entry.get("split", DEFAULT_SPLIT)
    train, valid, test = split_text(whole, split, source, mark_of(graph.source, "data", name))
    digest = hashlib.sha256(whole.encode()).hexdigest()
    return Text(name, source, train, valid, test, Vocabulary.of(train), digest)


def split_text(text: str, split: Sequence[float], source: str, mark: Mark | None = None) -> tuple[str, str, str]:
    """The text cut at two places, so that its parts have these fractions of it; a part of fraction 0 is empty.

    >>> split_text("abcdefghij", (0.6, 0.2, 0.2), "abc.txt")
    ('abcdef', 'gh', 'ij')

    Raises SpecError when a part would be empty that should not be.
    """
    length = len(text)
    first, second = round(length * split[0]), round(length * (split[0] + split[1]))
    parts = text[:first], text[first:second], text[second:]
    if any(fraction and not part for fraction, part in zip(split, parts, strict=True)):
        smallest = min(fraction for fraction in split if fraction)
        needed = int(1 / smallest) + 1
        what = f"{source} has {length} characters: too short for the split {list(split)}"
        raise refuse(what, f"each part needs a character at least: give {needed} characters or more", mark)
    return parts


def _size_name(node: Node) -> str:
    """The name of the size in `tokens: $name`, or nothing for a number."""
    tokens = node.parameters.get("tokens")
    return tokens.name if isinstance(tokens, SizeName) else ""


def python_topics() -> str:
    """The help topics of Python itself, in order of their names, every long paragraph once.

    Topics quote each other; a text that repeats itself would let a model be tested on what it was trained on.
    """
    try:
        from pydoc_data.topics import topics
    except ImportError as error:
        hint = "install your system's full Python standard library, or name a file: data: {text: {file: input.txt}}"
        raise refuse("this Python comes without its help topics (pydoc_data)", hint) from error
    seen: set[str] = set()
    kept: list[str] = []
    for name in sorted(topics):
        for paragraph in topics[name].strip().split("\n\n"):
            if len(paragraph) < REPEATED or paragraph.strip() not in seen:
                kept.append(paragraph.rstrip())
                seen.add(paragraph.strip())
    return "\n\n".join(kept) + "\n"


BUILTIN: Mapping[str, Callable[[], str]] = {"python_topics": python_topics}
"""Texts that every machine has, by name."""


def only_text(graph: Graph, texts: Mapping[str, Text]) -> Text:
    """The text of a language model: the one token input that one output predicts.

    Raises SpecError for graphs that are something else.
    """
    predicted = [output for output in graph.outputs if output.predicts]
    if len(predicted) != 1 or len(graph.inputs) != 1 or predicted[0].predicts not in [n.path for n in graph.inputs]:
        raise _no_language_model(f"inputs: {len(graph.inputs)}, outputs that predict one: {len(predicted)}")
    name = predicted[0].predicts
    if "tokens" not in graph[name].parameters:
        raise _no_language_model(f"its input {name!r} is not made of tokens")
    if predicted[0].loss not in ("", "cross_entropy"):
        raise _no_language_model(f"the loss of its output is {predicted[0].loss!r}, not cross_entropy")
    if name not in texts:
        raise refuse(f"there is no data for the input {name!r}", f"add data: {{{name}: {{file: input.txt}}}}")
    _check_size(graph, texts[name])
    return texts[name]


def _check_size(graph: Graph, text: Text) -> None:
    tokens = graph[text.name].parameters["tokens"]
    size_name = _size_name(graph[text.name])
    size = graph.parameters.get(size_name, tokens)
    if isinstance(size, int) and size < len(text.vocabulary):
        what = f"{text.name} has {size} tokens, but {text.source} needs {len(text.vocabulary)}"
        raise refuse(what, f"write tokens: $characters, or {len(text.vocabulary)}", graph[text.name].mark)


def _no_language_model(why: str) -> SpecError:
    hint = "training is for language models: one input of tokens, and one output that predicts it"
    return refuse(f"this spec is not a language model: {why}", hint)
