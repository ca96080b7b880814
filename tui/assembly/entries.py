"""What is added beside blocks: inputs with their data, outputs with what they predict, expressions and sizes."""

from __future__ import annotations

from typing import Any, ClassVar

from leporello.graphs.edits.splices.nodes import add_node
from leporello.graphs.edits.splices.settings import add_entry, write
from leporello.graphs.problems import refuse
from leporello.training.data.made.builtin import BUILTIN
from leporello.tui.assembly.acts import Act, Choice, Made, Row, Said, Splice, together, values, yaml
from leporello.tui.assembly.bench import OUTPUTS, Bench

SPLIT = [0.9, 0.05, 0.05]


class Entry:
    """Something that is added to a section of a spec."""

    key: ClassVar[str]
    help: ClassVar[str]
    size: ClassVar[str] = ""
    """The row that a size in the line is for."""

    def __init__(self, bench: Bench, selected: str) -> None:
        self.bench, self.selected = bench, selected

    def rows(self, said: Said) -> tuple[Row, ...]:
        """What is to be said."""
        raise NotImplementedError

    def said(self, said: Said) -> dict[str, str]:
        """What stands in the rows."""
        return {**values(self.rows(said)), **said}

    def made(self, said: Said) -> Made:
        """The edit."""
        raise NotImplementedError

    def concluded(self, called: str, selects: str, *splices: Splice) -> Made:
        """Splices as one edit."""
        return Made(self.bench, together(self.bench.draft, called, *splices), selects)


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


class OutputEntry(Entry):
    """An output, which may predict an input; where it has another size, by a layer between."""

    key = "output"
    help = "an output: what the model gives, and which input it predicts"

    def rows(self, said: Said) -> tuple[Row, ...]:
        """What it gives, what it predicts, by which layer, and its name."""
        bench = self.bench
        here = self.selected if self.selected in bench.names else next(reversed(bench.nodes), "")
        reads = tuple(Choice(one.read, str(one.value)) for one in bench.sources)
        gives = said.get("from", here)
        axis = bench.axis(gives.partition("(")[0].partition(".")[0])
        fitting = [name for name in reversed(bench.unpredicted) if bench.axis(name) in (axis, None) and name != gives]
        predicts = said.get("predicts", next(iter(fitting), ""))
        through = said.get("through", self._misfit(gives, predicts))
        name = said.get("name", "" if not predicts else self._named(predicts))
        name = name or self._free("y")
        return (
            Row("from", gives, choices=reads, help="what it gives"),
            Row(
                "predicts", predicts, "" if predicts else "nothing", self._predicted(axis), help="what it is scored by"
            ),
            Row(
                "through",
                through,
                self._why(gives, predicts) if through else "",
                help="a linear layer that makes it fit",
            ),
            Row("name", name, help="what it is called"),
        )

    def _predicted(self, axis: str | None) -> tuple[Choice, ...]:
        bench = self.bench
        inputs = (Choice(name, str(bench.value(name)), bench.axis(name) == axis) for name in reversed(bench.inputs))
        return (Choice("", "nothing"), *inputs)

    def _named(self, predicts: str) -> str:
        return self._free("next" if predicts in self.bench.read else "y")

    def _free(self, name: str) -> str:
        taken = {output.name for output in self.bench.graph.outputs}
        return name if name not in taken else self.bench.free(name)

    def _misfit(self, gives: str, predicts: str) -> str:
        """The name of a layer, where what is given has another size than what is predicted."""
        one, other = self._sizes(gives, predicts)
        return self.bench.free("logits") if predicts and other is not None and one != other else ""

    def _sizes(self, gives: str, predicts: str) -> tuple[Any, Any]:
        name, _, port = gives.partition("(")[0].partition(".")
        value = self.bench.value(name, port)
        return value.size if value.kind != "tokens" else None, self.bench.value(predicts).size

    def _why(self, gives: str, predicts: str) -> str:
        one, other = self._sizes(gives, predicts)
        return f"{gives} has {one or 'tokens'}, {predicts} {other}"

    def made(self, said: Said) -> Made:
        """The output, and the layer before it."""
        said = self.said(said)
        name, gives, through, predicts = (said[key] for key in ("name", "from", "through", "predicts"))
        splices: list[Splice] = []
        if through:
            layer = {"block": "linear", "input": gives, "units": yaml(str(self._sizes(gives, predicts)[1]))}
            after = gives.partition("(")[0].partition(".")[0]
            after = after if after in self.bench.nodes else ""
            splices.append(lambda d: add_node(d, through, layer, after=after))
        put: Any = {"from": through or gives, "predicts": predicts} if predicts else gives
        splices.append(lambda d: add_entry(d, ("outputs", name), put))
        return self.concluded(f"add the output {name}", through or f"{OUTPUTS}{name}", *splices)


class ExpressionEntry(Entry):
    """A node written as an expression; what is selected already is written anew."""

    key = "expression"
    help = "a node without weights: tanh(U + W), h * 0.5"

    def rows(self, said: Said) -> tuple[Row, ...]:
        """Name and expression."""
        return (
            Row("expression", said.get("expression", ""), "reads names and times: tanh(U + h(t-1))", self._names()),
            Row("name", said.get("name", self.bench.free("z")), help="what it is called"),
        )

    def _names(self) -> tuple[Choice, ...]:
        return tuple(Choice(one.read, str(one.value)) for one in reversed(self.bench.sources))

    def made(self, said: Said) -> Made:
        """The node."""
        said = self.said(said)
        name, text = said["name"], said["expression"]
        if not text.strip():
            raise refuse("nothing is written there", "such as tanh(U + W)")
        after = self.selected if self.selected in self.bench.nodes else ""
        return self.concluded(
            f"add {name}", name, lambda d: add_node(d, name, yaml(text), after=after, block=self.bench.block)
        )


class Expression(Act):
    """`=`: the expression of what is selected, written anew, or `name = expression` for a new node."""

    done = "write"

    def __init__(self, bench: Bench, selected: str) -> None:
        super().__init__(bench, selected)
        old = bench.place.value(selected) if selected in bench.nodes else None
        self.old = "" if old is None or bench.kind(selected) else getattr(old, "text", "") or self._value(old)

    @staticmethod
    def _value(tree: Any) -> str:
        return str(getattr(tree.get("value"), "text", "")) if hasattr(tree, "get") else ""

    def rows(self, said: Said) -> tuple[Row, ...]:
        """One line."""
        start = f"{self.selected} = {self.old}" if self.old else ""
        return (Row("node", said.get("node", start), "name = expression, such as h = tanh(U + W)"),)

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        return "write an expression"

    def made(self, said: Said) -> Made:
        """The node, new or written anew."""
        name, equals, text = self.rows(said)[0].value.partition("=")
        if not equals:
            name, text = (self.selected if self.old else self.bench.free("z")), name
        name, text = name.strip(), text.strip()
        if not text:
            raise refuse("nothing is written there", "such as h = tanh(U + W)")
        draft, value = self.bench.draft, yaml(text)
        if name in self.bench.nodes:
            return Made(self.bench, write(draft, name, value, block=self.bench.block), name)
        after = self.selected if self.selected in self.bench.nodes else ""
        return Made(self.bench, add_node(draft, name, value, after=after, block=self.bench.block), name)


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
