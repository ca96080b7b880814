"""What is added beside blocks: inputs with their data and sizes here, outputs and expressions beside this."""

from __future__ import annotations

from typing import Any, ClassVar

from leporello.graphs.edits.splices.settings import add_entry
from leporello.training.data.made.builtin import BUILTIN
from leporello.tui.assembly.acts import Choice, Entry, Made, Row, Said, Splice, yaml
from leporello.tui.assembly.expressing import ExpressionEntry
from leporello.tui.assembly.outputs import OutputEntry

SPLIT = [0.9, 0.05, 0.05]


class TextInput(Entry):
    """A text that the model reads, character by character."""

    key = "text"
    help = "an input: a text, character by character, with its data"
    shape: ClassVar[str] = "characters"

    def rows(self, said: Said) -> tuple[Row, ...]:
        """Name, size, and where the data are."""
        name = said.get("name", self.bench.free("text" if self.shape == "characters" else self.shape))
        tokens = said.get("tokens", f"${self.shape}")
        return (
            Row("name", name, help="what it is called"),
            Row("tokens", tokens, "the data say how many" if tokens.startswith("$") else "", help="out of how many"),
            data_row(said, "python_topics"),
            Row("axis", said.get("axis", ""), "time", help="the time axis it runs on"),
        )

    def made(self, said: Said) -> Made:
        """An input of tokens and its data."""
        said = self.said(said)
        name, kept = said["name"], {"tokens": yaml(said["tokens"])}
        if said["axis"]:
            kept["axis"] = said["axis"]
        splices: list[Splice] = [lambda d: add_entry(d, ("inputs", name), kept)]
        if said["data"]:
            entry = data_entry(said["data"])
            entry |= {"as": "words"} if self.shape == "words" else {}
            splices.append(lambda d: add_entry(d, ("data", name), {**entry, "split": SPLIT}))
        return self.concluded(f"add the input {name}", name, *splices)


class WordsInput(TextInput):
    """A text that the model reads, word by word."""

    key = "words"
    help = "an input: a text, word by word, with its data"
    shape = "words"


class Pair(Entry):
    """Two texts, of which one becomes the other."""

    key = "pair"
    help = "two inputs: a text and what becomes of it, as for a translator"

    def rows(self, said: Said) -> tuple[Row, ...]:
        """Both names, and where the data are."""
        return (
            Row(
                "source", said.get("source", self.bench.free("source")), help="what is read; its axis is called so too"
            ),
            Row("target", said.get("target", self.bench.free("target")), help="what is written"),
            data_row(said, "dates"),
        )

    def made(self, said: Said) -> Made:
        """Two inputs of tokens, each on an axis of its own, and their data."""
        said = self.said(said)
        splices: list[Splice] = []
        entry = data_entry(said["data"]) if said["data"] else {}
        columns = BUILTIN[entry["builtin"]].columns if "builtin" in entry else ("1", "2")
        for role, column in zip(("source", "target"), columns or ("1", "2"), strict=False):
            name = said[role]
            put = {"tokens": f"${name}_words", "axis": name}
            splices.append(lambda d, name=name, put=put: add_entry(d, ("inputs", name), put))  # type: ignore[misc]
            if entry:
                data = {**entry, "column": yaml(column)}
                splices.append(lambda d, name=name, data=data: add_entry(d, ("data", name), data))  # type: ignore[misc]
        called = f"add the inputs {said['source']} and {said['target']}"
        return self.concluded(called, said["source"], *sorted(splices, key=lambda one: one.__defaults__ is None))


class TokensInput(Entry):
    """An input of tokens."""

    key = "tokens"
    help = "an input: numbers of tokens, without data"
    size = "tokens"

    def rows(self, said: Said) -> tuple[Row, ...]:
        """Name, size and axis."""
        name = said.get("name", self.bench.free("x" if self.key == "features" else "tokens"))
        size = "8" if self.key == "features" else f"${name}"
        return (
            Row("name", name, help="what it is called"),
            Row(self.key, said.get(self.key, size), help="how many there are"),
            Row("axis", said.get("axis", ""), "time", (Choice("none", "one value for each sequence"),)),
        )

    def made(self, said: Said) -> Made:
        """The input."""
        said = self.said(said)
        kept = {self.key: yaml(said[self.key])} | ({"axis": said["axis"]} if said["axis"] else {})
        name = said["name"]
        return self.concluded(f"add the input {name}", name, lambda d: add_entry(d, ("inputs", name), kept))


class FeaturesInput(TokensInput):
    """An input of features."""

    key = "features"
    help = "an input: so many numbers at each step, without data"
    size = "features"


class DataEntry(Entry):
    """Data for an input that has none."""

    key = "data"
    help = "data for an input: a file, or what every machine has"

    def rows(self, said: Said) -> tuple[Row, ...]:
        """Which input, and where the data are."""
        without = [name for name in self.bench.inputs if name not in (self.bench.graph.data or {})]
        first = self.selected if self.selected in without else next(iter(without), "")
        return (
            Row("input", said.get("input", first), choices=tuple(map(Choice, without)), free=False),
            data_row(said, "python_topics"),
            Row("column", said.get("column", ""), help="which column of a table: a name, or a number from 1"),
            Row(
                "as",
                said.get("as", ""),
                choices=tuple(map(Choice, ("characters", "words", "labels", "numbers", "notes"))),
            ),
        )

    def made(self, said: Said) -> Made:
        """The entry."""
        said = self.said(said)
        name, entry = said["input"], data_entry(said["data"])
        entry |= {key: yaml(said[key]) for key in ("column", "as") if said[key]}
        return self.concluded(f"add data for {name}", name, lambda d: add_entry(d, ("data", name), entry))


class SizeEntry(Entry):
    """A size with a name, which others are said by."""

    key = "size"
    help = "a size with a name, such as $units, that blocks are given by"
    size = "value"

    def rows(self, said: Said) -> tuple[Row, ...]:
        """Name and value."""
        waiting = self.bench.checked.unbound
        name = said.get("name", next(iter(waiting), "units"))
        return (
            Row("name", name, choices=tuple(Choice(one, "has no value yet") for one in waiting)),
            Row("value", said.get("value", "128"), help="a whole number"),
        )

    def made(self, said: Said) -> Made:
        """The size."""
        said = self.said(said)
        name = said["name"].removeprefix("$")
        put = yaml(said["value"])
        return self.concluded(f"add the size ${name}", self.selected, lambda d: add_entry(d, ("parameters", name), put))


def data_row(said: Said, first: str) -> Row:
    """Where data come from."""
    choices = tuple(Choice(name, "every machine has it") for name in BUILTIN)
    return Row("data", said.get("data", first), "or a file beside the spec", choices, help="empty: later")


def data_entry(text: str) -> dict[str, Any]:
    """What a row says of data: something built in, or a file."""
    return {"builtin": text} if text in BUILTIN else {"file": text}


ENTRIES: tuple[type[Entry], ...] = (
    TextInput, WordsInput, Pair, FeaturesInput, TokensInput, OutputEntry, ExpressionEntry, DataEntry, SizeEntry,
)  # fmt: skip
