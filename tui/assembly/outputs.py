"""An output that is added: what it gives, which input it predicts, and a layer between where the two do not fit."""

from __future__ import annotations

from typing import Any

from leporello.graphs.edits.splices.nodes import add_node
from leporello.graphs.edits.splices.settings import add_entry
from leporello.tui.assembly.acts import Choice, Entry, Made, Row, Said, Splice, yaml
from leporello.tui.assembly.bench import OUTPUTS


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
