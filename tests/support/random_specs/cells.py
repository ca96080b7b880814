"""Recurrent blocks with their modifiers, attention, and nodes that share their weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from tests.support.random_specs.nodes import NodeWriter
from tests.support.random_specs.values import Value


class CellWriter(NodeWriter):
    """Writes uses of the blocks that ship."""

    def _cell(self) -> None:
        """A recurrent block, with its modifiers."""
        clocks = [value.own for value in self.values if value.own is not None and value.kind == "features"]
        if not clocks:
            return
        own = self.pick(clocks)
        found = [pair for pair in self.readable(own, carried=None) if pair[1].own == own]
        if not found:
            return
        text, value = self.pick(found)
        name = self.fresh("r")
        block, parameters, units = self.recurrent()
        way = next((way for _, way in value.open), 0)
        direction = self.pick((None, "backward", "both")) if not way else None if way < 0 else "backward"
        both = 2 if direction == "both" else 1
        layers = self.pick((1, 1, 1, 2))
        written: dict[str, Any] = {"block": block, "input": text, **parameters}
        if layers > 1:
            written["layers"] = layers
        if direction:
            written["direction"] = direction
        if layers > 1 and self.chance(40):
            written["residual"] = 2
        elif value.size == units * both and self.chance(20):
            written["residual"] = 1
        if layers > 1 and self.chance(20):
            written["dropout"] = 0.5
        self.cells.append((name, value.size, written))
        kinds = (block, parameters.get("gates"), units, parameters.get("projection"), direction, layers)
        given = self.cell_initial(block, units, parameters, kinds)
        if given is not None:
            written = {**written, "initial": given}
        self.stateful.append((name, kinds) if not value.open else (name, ()))
        self._keep_cell(name, written, value, units)

    def _keep_cell(self, name: str, written: dict[str, Any], value: Value, units: int) -> None:
        """A cell, and its other ports."""
        lstm, both = written["block"] == "lstm", 2 if written.get("direction") == "both" else 1
        result = self.add(name, written, replace(value, size=units * both, bound=3.0))
        hidden = written["units"]
        if lstm:
            self.values.append(replace(result, name=f"{name}.c", size=hidden * both))
        if not value.open:
            self.values.append(replace(result, name=f"{name}.final", own=None))
            width = (units + hidden if lstm else units) * both * written.get("layers", 1)
            self.values.append(replace(result, name=f"{name}.state", own=None, size=width))

    def _shared(self) -> None:
        """A node with the weights of another."""
        kind = self.pick(("linear", "cell", "embedding", "tied"))
        own = self.axis()
        if kind == "linear" and self.linears:
            other, features, units, bias = self.pick(self.linears)
            text, value = self._fitting(own, features)
            written = {"block": "linear", "input": text, "units": units, "bias": bias, "share": other}
            self.add(self.fresh("W"), written, replace(value, size=units, bound=value.bound * features + 1))
        elif kind == "cell" and self.cells:
            other, features, known = self.pick(self.cells)
            text, value = self._fitting(own, features)
            if value.own is not None and not value.open:
                units = known.get("projection", known["units"])
                self._keep_cell(self.fresh("r"), {**known, "input": text, "share": other}, value, units)
        elif kind == "embedding" and self.embeddings:
            other, vocabulary, units = self.pick(self.embeddings)
            found = [p for p in self.readable(own, "tokens", carried=None) if p[1].size == vocabulary]
            if found:
                text, value = self.pick(found)
                written = {"block": "embedding", "input": text, "units": units, "share": other}
                self.add(self.fresh("e"), written, replace(value, kind="features", size=units, bound=1.0))
        elif self.embeddings:
            other, vocabulary, units = self.pick(self.embeddings)
            text, value = self._fitting(own, units)
            written = {"block": "linear", "input": text, "units": vocabulary, "share": {"weight": f"{other}.weight"}}
            self.add(self.fresh("W"), written, replace(value, size=vocabulary, bound=value.bound * units + 1))

    def recurrent(self) -> tuple[str, dict[str, Any], int]:
        """A shipped cell, its parameters, and the size of what it gives."""
        block = self.pick(("lstm", "gru", "rnn", "minimal_gru"))
        units = self.size()
        parameters: dict[str, Any] = {"units": units}
        if block == "lstm":
            variant = self.draw(st.integers(0, 5))
            if variant in (3, 4):
                parameters["gates"] = ("peephole", "coupled")[variant - 3]
            elif variant == 5:
                parameters["projection"] = units = self.size()
        elif block == "gru" and self.chance(30):
            parameters["reset"] = "before"
        elif block == "rnn" and self.chance(30):
            parameters["activation"] = "relu"
        if self.chance(20):
            parameters["bias"] = False
        return block, parameters, units

    def cell_initial(self, block: str, units: int, parameters: Mapping[str, Any], kinds: tuple[Any, ...]) -> Any:
        """What a cell's states start from."""
        choice = self.draw(st.integers(0, 6))
        if choice == 0:
            return "learned"
        if choice == 1:
            return 0.5
        if choice == 2:
            alike = [name for name, known in self.stateful if known == kinds]
            return f"{self.pick(alike)}.state" if alike else None
        if choice == 3:
            hidden = self.initial(units)
            return None if hidden is None else {"h": hidden}
        if choice == 4 and block == "lstm":
            cell = self.initial(parameters["units"])
            return {"h": "learned", "c": "zeros"} if cell is None else {"c": cell}
        return None

    def _attention(self) -> None:
        """A look at all steps of something."""
        memories = [v for v in self.values if v.kind == "features" and v.own and not v.open and not v.carried]
        if not memories:
            return
        memory = self.pick(memories)
        own = self.axis()
        text, query = self.operand(own, carried=None)
        name = self.fresh("l")
        block = self.pick(("attention", "dot_attention"))
        units = self.size() if block == "attention" else query.size
        self.nodes[name] = {"block": block, "query": text, "memory": memory.name, "units": units}
        context = replace(query, name=name, size=memory.size, bound=memory.bound, pending=0)
        weights = replace(context, name=f"{name}.weights", size=1, carried=((memory.own or "", name),))
        self.values += [context, replace(context, name=f"{name}.context"), weights]
