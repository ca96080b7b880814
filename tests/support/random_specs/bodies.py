"""Bodies: states promised and defined, nodes of every kind, blocks written for one use and used again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from tests.support.random_specs.cells import CellWriter
from tests.support.random_specs.reads import BOUNDED
from tests.support.random_specs.values import Promise, Value, at, combined, group, joined, opened, settled


class Writer(CellWriter):
    """Writes one body, of a spec or of a block."""

    def promise(self, own: str, direction: int, kind: str = "features", size: int | None = None) -> Promise:
        """A state to be defined later."""
        name = self.fresh("h" if kind == "features" else "choice")
        mark = (f"{self.path}/{name}", direction)
        value = Value(name, kind, size or self.size(), own, (), frozenset({mark}), 4.0, direction)
        promise = Promise(name, value, mark)
        self.promises.append(promise)
        self.values.append(value)
        return promise

    def keep(self, promise: Promise) -> None:
        """Define a promised state, by a linear node, a gate or an expression."""
        own, size = promise.value.own, promise.value.size
        self.values = [value for value in self.values if value.name != promise.name]
        late = f"{promise.name}{at(promise.mark[1] * self.pick((1, 1, 2)))}"
        limits: dict[str, Any] = {"open_": frozenset({promise.mark}), "carried": None}
        form = self.draw(st.integers(0, 4))
        if form == 0:
            bridge = self.linear(own, size, reads=[late], **limits)
            written: Any = f"tanh({bridge.name})"
            value = replace(bridge, bound=1.0)
        elif form == 1:
            value = self.linear(own, size, reads=[late] if self.chance(50) else [], name=promise.name, **limits)
            written = self.nodes.pop(promise.name)
            self.values.pop()
        elif form == 2:
            text, value = self.exact(own, *self.expression(own, size, 2, **limits), size, **limits)
            gate, more = self.operand(own, "features", size, **joined(limits, value))
            written = f"sigmoid({gate}) * {late} + (1 - sigmoid({gate})) * tanh({text})"
            value = combined(value, more)
        elif form == 3:
            text, value = self.exact(own, *self.expression(own, size, 2, **limits), size, **limits)
            written = f"{late} / 2 + {self.pick(BOUNDED)}({text})"
        else:
            text, value = self.exact(own, *self.expression(own, size, 3, **limits), size, **limits)
            written = f"{self.pick(BOUNDED)}({group(text)} + 0.5 * {late})"
        open_ = value.open - {promise.mark}
        self.finish(promise, written, replace(value, size=size, own=own, carried=(), open=open_, bound=4.0))

    def finish(self, promise: Promise, written: Any, value: Value) -> None:
        if not isinstance(written, Mapping):
            written = {"value": written}
        initial = self.initial(value.size, value.kind)
        if initial is not None:
            written = {**written, "initial": initial}
        if self.chance(88):
            written = {**written, "axis": promise.value.own}
        if set(written) == {"value"}:
            written = written["value"]
        self.add(promise.name, written, value)
        self.promises.remove(promise)
        self.values = [settled(v, promise.mark, value.open) for v in self.values]

    def some(self) -> None:
        """One more node of some kind."""
        makers = (
            *(self._expression,) * 4,
            *(self._linear,) * 3,
            *(self._cell,) * 4,
            *(self._block,) * 2,
            *(self.tokens,) * 2,
            self._attention,
            self._structure,
            self._normal,
            self._static,
            self._identity,
            self._initialled,
            *(self._shared,) * 5,
            self._again,
        )
        self.pick(makers)()

    def _block(self) -> None:
        """A use of a block that is written for it."""
        if self.path.count("/") or len(self.blocks) >= 2:
            return
        own = self.axis()
        inputs, ports, known = [], [], None
        for port in ("u", "v")[: self.pick((1, 1, 2))]:
            text, value = self.operand(own, carried=None, open_=known.open if known else frozenset())
            value = replace(value, name=port, pending=0)
            known = value if known is None else combined(known, value)
            inputs.append((port, text))
            ports.append(value)
        name = self.fresh("m")
        inner = Writer(self.draw, ports, f"{self.path}/{name}" if self.path else name, {"": None, "full": None})
        inner.chooses = self.chooses
        states = self.pick((0, 1, 1, 2))
        inner.body(self.pick((1, 2, 3)), states)
        wanted = [
            value
            for value in inner.values
            if "." not in value.name and not value.pending and value.name not in ("u", "v")
        ]
        if not wanted:
            return
        outputs = [wanted[-1], *([self.pick(wanted)] if self.chance(50) else [])]
        outputs = list({value.name: value for value in outputs}.values())
        kind = f"cell_{name}"
        self.blocks[kind] = {
            "inputs": [port for port, _ in inputs],
            **inner.parameters(),
            "nodes": inner.nodes,
            "outputs": [value.name for value in outputs],
        }
        written: dict[str, Any] = {"block": kind, **dict(inputs)}
        if states and any(port.own for port in ports):
            initial = self.pick((None, None, "learned", 0.5))
            if initial is not None:
                written["initial"] = initial
            self.started.append(name)
        self.nodes[name] = written
        for value in outputs:
            if not value.carried:
                self.values.append(replace(value, name=f"{name}.{value.name}"))
        if not outputs[0].carried:
            self.values.append(replace(outputs[0], name=name))
        ways = {way for _, way in opened(ports)}
        if inner.delays and not ways and not any(v.carried for v in outputs) and self.chance(50):
            written["direction"] = "backward"
        alike = (outputs[0].kind, outputs[0].size, outputs[0].own) == (ports[0].kind, ports[0].size, ports[0].own)
        if alike and ports[0].own and len(ports) == 1 and not outputs[0].carried and self.chance(40):
            written["layers"] = 2

    def parameters(self) -> dict[str, Any]:
        """One of the sizes in the body as a parameter of it, in some of the blocks."""
        sizes = [node["units"] for node in self.nodes.values() if isinstance(node, Mapping) and "units" in node]
        if not sizes or not self.chance(40):
            return {}
        size = self.pick(sizes)
        for node in self.nodes.values():
            if isinstance(node, dict) and node.get("units") == size:
                node["units"] = "$n"
        return {"parameters": {"n": size}}

    def _again(self) -> None:
        """Another use of a block or of a cell, with the weights of the first."""
        uses = [
            (n, w) for n, w in self.nodes.items() if isinstance(w, Mapping) and str(w.get("block")).startswith("cell_")
        ]
        if not uses:
            return
        first, written = self.pick(uses)
        name = self.fresh("m")
        source = next((value for value in self.values if value.name == first), None)
        if source is None or source.open:
            return
        again = {key: value for key, value in written.items() if key != "share"}
        if self.chance(70):
            again["share"] = written.get("share", first)
        if first in self.started and self.chance(50):
            again["initial"] = f"{first}.state"
        self.add(name, again, source)

    def body(self, count: int, states: int) -> None:
        """States promised, nodes written, states defined."""
        clocks = [value.own for value in self.values if value.own is not None]
        ways: dict[str, int] = {}
        if clocks:
            for _ in range(states):
                own = self.pick(clocks)
                self.promise(own, ways.setdefault(own, self.pick((-1, -1, 1))))
                self.delays = True
        for _ in range(count):
            self.some()
        for promise in list(self.promises):
            self.keep(promise)
