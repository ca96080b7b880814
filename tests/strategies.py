"""Hypothesis strategies for random models: specs small enough for the interpreter, most valid, some broken on purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from hypothesis import strategies as st

Carried = tuple[str, str]
T = TypeVar("T")

BOUNDED = ("tanh", "sigmoid", "sin", "cos")
SMOOTH = (*BOUNDED, "relu", "softplus", "abs", "gelu", "silu", "elu", "leaky_relu", "square", "sign")
GUARDED = (
    "exp(tanh({a}))",
    "exp(-abs({a}))",
    "log(softplus({a}) + 1)",
    "sqrt(square({a}) + 0.5)",
    "{a} / (1 + square({b}))",
    "{a} / 2",
    "{a} / (2 + sigmoid({b}))",
)
"""Partial functions, kept to where they are defined."""
LARGEST = 50.0
"""Values beyond this bound are squashed: what compares two floating-point sums must stay small."""


@dataclass(frozen=True)
class Sample:
    """A spec's text and the sequences that it is run on: `lengths` by axis, one for each sequence."""

    text: str
    lengths: Mapping[str, tuple[int, ...]]
    seed: int
    broken: str = ""

    @property
    def batch(self) -> int:
        """How many sequences there are."""
        return len(next(iter(self.lengths.values())))


@dataclass(frozen=True)
class Value:
    """What can be read in a body: its reference, kind, size, axes, and the unfinished states it depends on.

    `pending` tells the direction of a state that has no definition yet, so that it can be read late only.
    """

    name: str
    kind: str
    size: int
    own: str | None
    carried: tuple[Carried, ...] = ()
    open: frozenset[tuple[str, int]] = frozenset()
    bound: float = 2.0
    pending: int = 0


@dataclass(frozen=True)
class Promise:
    """A state that is read before it is defined."""

    name: str
    value: Value
    mark: tuple[str, int]


def to_yaml(spec: Mapping[str, Any]) -> str:
    """A spec's text: the first two levels in lines, the rest in braces."""
    lines = []
    for key, value in spec.items():
        if key == "blocks":
            lines.append("blocks:")
            for name, block in value.items():
                lines.append(f"  {name}:")
                for part, inside in block.items():
                    lines += _section(part, inside, "    ")
        else:
            lines += _section(key, value, "")
    return "\n".join(lines) + "\n"


def _section(key: str, value: Any, indent: str) -> list[str]:
    if not isinstance(value, Mapping) or key == "parameters":
        return [f"{indent}{key}: {_flow(value)}"]
    return [f"{indent}{key}:", *(f"{indent}  {name}: {_flow(item)}" for name, item in value.items())]


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


class Writer:
    """Writes one body, node by node; every node reads what is there already, or a promised state late."""

    def __init__(
        self, draw: Any, values: Sequence[Value], path: str = "", blocks: dict[str, Any] | None = None
    ) -> None:
        self.draw = draw
        self.values = list(values)
        self.path = path
        self.blocks: dict[str, Any] = {} if blocks is None else blocks
        self.nodes: dict[str, Any] = {}
        self.promises: list[Promise] = []
        self.linears: list[tuple[str, int, int, bool]] = []
        self.cells: list[tuple[str, int, dict[str, Any]]] = []
        self.embeddings: list[tuple[str, int, int]] = []
        self.stateful: list[tuple[str, tuple[Any, ...]]] = []
        self.started: list[str] = []
        self.delays = False

    # Draws

    def pick(self, choices: Sequence[T]) -> T:
        return self.draw(st.sampled_from(list(choices)))  # type: ignore[no-any-return]

    def chance(self, percent: int) -> bool:
        """True in so many of a hundred cases; shrinks towards False."""
        return self.draw(st.integers(0, 99)) >= 100 - percent  # type: ignore[no-any-return]

    def size(self) -> int:
        return self.pick((1, 2, 3, 4, 2, 3))

    def fresh(self, stem: str) -> str:
        return f"{stem}{len(self.nodes) + len(self.promises) + 1}"

    # Reading

    def readable(
        self,
        own: str | None,
        kind: str = "features",
        size: int | None = None,
        open_: frozenset[tuple[str, int]] = frozenset(),
        carried: tuple[Carried, ...] | None = (),
    ) -> list[tuple[str, Value]]:
        """Every read that a node on `own` may write, with what it gives.

        `open_` is what the reader depends on already, `carried` what it carries (None: nothing may be carried).
        """
        found = []
        for value in self.values:
            if value.kind != kind or (size is not None and value.size not in (size, 1 if size else size)):
                continue
            if not _together(value.open, open_) or not _carries(value.carried, carried):
                continue
            for text, given in self._times(value, own, carried):
                if _carries(given.carried, carried):
                    found.append((text, given))
        return found

    def _times(self, value: Value, own: str | None, carried: tuple[Carried, ...] | None) -> list[tuple[str, Value]]:
        if value.own is None:
            return [(value.name, value)]
        found = []
        if value.own == own:
            found += [(value.name + _late(k), value) for k in self._offsets(value)]
        if not value.open and not value.pending:
            static = replace(value, own=None)
            if value.own != own or self.chance(15):
                found += [(f"{value.name}(last)", static), (f"{value.name}(first)", static)]
            if carried is not None and value.kind == "features" and not value.carried:
                axes = (*value.carried, (value.own, self.path))
                found.append((f"{value.name}(all)", replace(static, carried=axes)))
        return found

    def _offsets(self, value: Value) -> list[int]:
        way = value.pending or next((way for _, way in value.open), 0)
        far = self.pick((1, 1, 2, 3))
        if value.pending:
            return [way * far]
        if way:
            return [0, 0, way * far]
        return [0, 0, 0, -far, far]

    def operand(
        self, own: str | None, kind: str = "features", size: int | None = None, **limits: Any
    ) -> tuple[str, Value]:
        """One read that fits; where there is none, a new `weight` of that size."""
        found = self.readable(own, kind, size, **limits)
        if found:
            text, value = self.pick(found)
            self.delays = self.delays or "(t" in text
            return text, value
        assert kind == "features"
        name = self.fresh("w")
        value = Value(name, "features", size or 2, None)
        self.nodes[name] = {"block": "weight", "units": value.size}
        self.values.append(value)
        return name, value

    def exact(self, own: str | None, text: str, value: Value, size: int, **limits: Any) -> tuple[str, Value]:
        """The expression, with one more operand where it would be smaller than `size`."""
        if value.size == size:
            return text, value
        limits = _joined(limits, value)
        fitting = [pair for pair in self.readable(own, "features", size, **limits) if pair[1].size == size]
        name = "" if fitting else self.fresh("w")
        if name:
            self.add(name, {"block": "weight", "units": size}, Value(name, "features", size, None))
        other, more = self.pick(fitting) if fitting else (name, self.values[-1])
        return f"{_group(text)} + {other}", _both(value, more)

    # Expressions

    def expression(self, own: str | None, size: int, depth: int, **limits: Any) -> tuple[str, Value]:
        """An expression over values of `size` (or of size 1), and what it gives."""
        kind = self.draw(st.integers(0, 9)) if depth else 0
        if kind <= 2:
            text, value = self.operand(own, "features", size, **limits)
            return text, value
        if kind == 3:
            text, value = self.expression(own, size, depth - 1, **limits)
            constant = self.pick(("0.5", "2", "1e-1", "1.5"))
            sign = self.pick(("+", "-", "*"))
            shown = f"{constant} {sign} {_group(text)}" if self.chance(50) else f"{_group(text)} {sign} {constant}"
            return shown, replace(value, bound=value.bound * 2 + 2)
        if kind <= 5:
            text, value = self.expression(own, size, depth - 1, **limits)
            function = self.pick(SMOOTH)
            bound = 1.0 if function in BOUNDED else value.bound**2 if function == "square" else value.bound + 1
            return f"{function}({text})", replace(value, bound=bound)
        if kind == 6:
            text, value = self.expression(own, size, depth - 1, **limits)
            other, more = self.operand(own, "features", size, **_joined(limits, value))
            form = self.pick(GUARDED)
            one_sided = "{b}" not in form
            both = value if one_sided else _both(value, more)
            return form.format(a=_group(text), b=other), replace(both, bound=value.bound + 3)
        if kind == 7:
            text, value = self.expression(own, size, depth - 1, **limits)
            return f"-{_group(text)}", value
        left, a = self.expression(own, size, depth - 1, **limits)
        right, b = self.expression(own, size, depth - 1, **_joined(limits, a))
        sign = self.pick(("+", "-", "*"))
        bound = a.bound * b.bound if sign == "*" else a.bound + b.bound
        return f"{_group(left)} {sign} {_group(right)}", replace(_both(a, b), bound=bound)

    def closed(self, own: str | None, size: int, depth: int, **limits: Any) -> tuple[str, Value]:
        """An expression that is small, and whose one carried axis is closed more often than not."""
        text, value = self.expression(own, size, depth, **limits)
        if value.bound > LARGEST:
            text, value = f"tanh({text})", replace(value, bound=1.0)
        if len(value.carried) == 1 and self.chance(60):
            function = self.pick(("sum", "mean", "max"))
            text, value = f"{function}({text})", replace(value, carried=(), bound=value.bound * 5)
        return text, value

    # Nodes

    def add(self, name: str, written: Any, value: Value) -> Value:
        """A node, and what it gives."""
        self.nodes[name] = written
        value = replace(value, name=name, pending=0)
        self.values.append(value)
        return value

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
        late = f"{promise.name}{_late(promise.mark[1] * self.pick((1, 1, 2)))}"
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
            gate, more = self.operand(own, "features", size, **_joined(limits, value))
            written = f"sigmoid({gate}) * {late} + (1 - sigmoid({gate})) * tanh({text})"
            value = _both(value, more)
        elif form == 3:
            text, value = self.exact(own, *self.expression(own, size, 2, **limits), size, **limits)
            written = f"{late} / 2 + {self.pick(BOUNDED)}({text})"
        else:
            text, value = self.exact(own, *self.expression(own, size, 3, **limits), size, **limits)
            written = f"{self.pick(BOUNDED)}({_group(text)} + 0.5 * {late})"
        open_ = value.open - {promise.mark}
        self._finish(promise, written, replace(value, size=size, own=own, carried=(), open=open_, bound=4.0))

    def _finish(self, promise: Promise, written: Any, value: Value) -> None:
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
        self.values = [_settled(v, promise.mark, value.open) for v in self.values]

    def initial(self, size: int, kind: str = "features") -> Any:
        """What a state starts from; None for what is usual."""
        if kind == "tokens":
            return self.pick((None, None, 1))
        choice = self.draw(st.integers(0, 7))
        if choice <= 2:
            return "learned"
        if choice == 3:
            return self.pick((0.5, -1, "zeros"))
        if choice == 4:
            static = [text for text, value in self.readable(None, "features", size, carried=None) if value.size == size]
            return self.pick(static) if static else None
        return None

    def linear(self, own: str | None, size: int, reads: Sequence[str] = (), name: str = "", **limits: Any) -> Value:
        """A linear node, perhaps of several values, perhaps with the weights of another."""
        parts, value = list(reads), None
        features = size if reads else 0
        for _ in range(self.pick((1, 1, 2, 3))):
            text, more = self.operand(own, **(limits if value is None else _joined(limits, value)))
            parts.append(text)
            features += more.size
            value = more if value is None else _both(value, more)
        assert value is not None
        name = name or self.fresh("W")
        bias = self.chance(60)
        written: dict[str, Any] = {"block": "linear", "input": parts if len(parts) > 1 else parts[0], "units": size}
        if not bias:
            written["bias"] = False
        self.linears.append((name, features, size, bias))
        if reads:
            value = replace(value, own=own, open=value.open | limits["open_"])
        return self.add(name, written, replace(value, size=size, kind="features", bound=value.bound * features + 1))

    def some(self) -> None:
        """One more node of some kind."""
        makers = (
            *(self._expression,) * 4,
            *(self._linear,) * 3,
            *(self._cell,) * 4,
            *(self._block,) * 2,
            *(self._tokens,) * 2,
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

    def axis(self) -> str | None:
        """The clock of the next node: that of some value."""
        return self.pick([value.own for value in self.values])

    def _expression(self) -> None:
        own, size = self.axis(), self.size()
        text, value = self.closed(own, size, 3)
        self.add(self.fresh("a"), text, value)

    def _initialled(self) -> None:
        """A node with an initial value, so that reading it late shows it."""
        own = self.axis()
        text, value = self.closed(own, self.size(), 2, carried=None)
        initial = self.initial(value.size)
        self.add(self.fresh("b"), text if initial is None else {"value": text, "initial": initial}, value)

    def _linear(self) -> None:
        self.linear(self.axis(), self.size())

    def _identity(self) -> None:
        own = self.axis()
        text, value = self.operand(own)
        self.add(self.fresh("p"), text, value)

    def _structure(self) -> None:
        """Parts put together or taken apart."""
        own = self.axis()
        if self.chance(50):
            left, a = self.operand(own)
            right, b = self.operand(own, **_joined({}, a))
            both = replace(_both(a, b), size=a.size + b.size)
            name = self.fresh("j")
            written = {"block": "concatenate", "input": [left, right]} if self.chance(50) else [left, right]
            self.add(name, written, both)
            return
        even = [
            value for value in self.values if value.kind == "features" and value.size in (2, 4) and not value.pending
        ]
        if even:
            value = self.pick(even)
            name = self.fresh("s")
            self.nodes[name] = {"block": "split", "input": value.name, "into": ["front", "back"]}
            part = replace(value, size=value.size // 2)
            self.values += [
                replace(part, name=f"{name}.front"),
                replace(part, name=f"{name}.back"),
                replace(part, name=name),
            ]

    def _normal(self) -> None:
        """Softmax, layer norm, dropout, or features added up."""
        own = self.axis()
        text, value = self.operand(own)
        block = self.pick(("softmax", "layer_norm", "dropout", "sum", "max", "mean", "tanh"))
        written: dict[str, Any] = {"block": block, "input": text}
        if block in ("sum", "max", "mean"):
            written["over"] = "features"
            value = replace(value, size=1, bound=value.bound * 4)
        elif block == "softmax" and (len(value.carried) > 1 or self.chance(30)):
            written["over"] = "features"
        self.add(self.fresh("n"), written, replace(value, bound=max(value.bound, 3.0)))

    def _static(self) -> None:
        """A value that is computed once per sequence."""
        text, value = self.expression(None, self.size(), 2, carried=None)
        self.add(self.fresh("s"), f"tanh({text})", replace(value, own=None, bound=1.0))

    def _tokens(self) -> None:
        """An embedding of tokens, or a choice of one."""
        tokens = [value for value in self.values if value.kind == "tokens"]
        if tokens and self.chance(70):
            own = self.pick([value.own for value in tokens])
            text, value = self.operand(own, "tokens", carried=None)
            name, units = self.fresh("e"), self.size()
            self.embeddings.append((name, value.size, units))
            value = replace(value, kind="features", size=units, bound=1.0)
            self.add(name, {"block": "embedding", "input": text, "units": units}, value)
            return
        own = self.axis()
        found = [pair for pair in self.readable(own, carried=None) if pair[1].size > 1]
        if found:
            text, value = self.pick(found)
            value = replace(value, kind="tokens")
            self.add(self.fresh("k"), {"block": "argmax", "input": text}, value)

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

    def _fitting(self, own: str | None, size: int) -> tuple[str, Value]:
        """A read of exactly `size` features without a carried axis; where there is none, of a new linear node."""
        found = [pair for pair in self.readable(own, carried=None) if pair[1].size == size]
        if found:
            return self.pick(found)
        bridge = self.linear(own, size, carried=None)
        return bridge.name, bridge

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

    def _block(self) -> None:
        """A use of a block that is written for it."""
        if self.path.count("/") or len(self.blocks) >= 2:
            return
        own = self.axis()
        inputs, ports, known = [], [], None
        for port in ("u", "v")[: self.pick((1, 1, 2))]:
            text, value = self.operand(own, carried=None, open_=known.open if known else frozenset())
            value = replace(value, name=port, pending=0)
            known = value if known is None else _both(known, value)
            inputs.append((port, text))
            ports.append(value)
        name = self.fresh("m")
        inner = Writer(self.draw, ports, f"{self.path}/{name}" if self.path else name, {"": None, "full": None})
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
        ways = {way for _, way in _opened(ports)}
        if inner.delays and not ways and not any(v.carried for v in outputs) and self.chance(50):
            written["direction"] = "backward"
        if (
            ports[0].own
            and outputs[0].kind == ports[0].kind
            and outputs[0].size == ports[0].size
            and outputs[0].own == ports[0].own
        ):
            if len(ports) == 1 and not outputs[0].carried and self.chance(40):
                written["layers"] = 2

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


def _late(offset: int) -> str:
    return f"(t{offset:+d})" if offset else ""


def _group(text: str) -> str:
    return f"({text})" if any(sign in text for sign in (" + ", " - ", " * ", " / ")) or text.startswith("-") else text


def _both(a: Value, b: Value) -> Value:
    """What an operation on two values gives."""
    carried = tuple(dict.fromkeys((*a.carried, *b.carried)))
    own = b.own if a.own is None else a.own
    return replace(
        a, size=max(a.size, b.size), own=own, carried=carried, open=a.open | b.open, bound=max(a.bound, b.bound)
    )


def _joined(limits: Mapping[str, Any], value: Value) -> dict[str, Any]:
    """The limits of a read beside `value`."""
    carried = limits.get("carried", ())
    both = None if carried is None else tuple(dict.fromkeys((*carried, *value.carried)))
    return {**limits, "open_": limits.get("open_", frozenset()) | value.open, "carried": both}


def _together(a: frozenset[tuple[str, int]], b: frozenset[tuple[str, int]]) -> bool:
    return len({way for _, way in a | b}) <= 1


def _carries(more: tuple[Carried, ...], carried: tuple[Carried, ...] | None) -> bool:
    if carried is None:
        return not more
    both = set(more) | set(carried)
    return len({axis for axis, _ in both}) == len(both)


def _settled(value: Value, mark: tuple[str, int], rest: frozenset[tuple[str, int]]) -> Value:
    return replace(value, open=(value.open - {mark}) | rest) if mark in value.open else value


def _opened(values: Sequence[Value]) -> frozenset[tuple[str, int]]:
    return frozenset(mark for value in values for mark in value.open)


def _inputs(draw: Any) -> tuple[dict[str, Any], list[Value]]:
    """A few inputs: features or tokens, on one axis or two, or one per sequence."""
    inputs: dict[str, Any] = {"x": {"features": draw(st.integers(1, 4))}}
    values = [Value("x", "features", inputs["x"]["features"], "time")]
    if draw(st.integers(0, 2)):
        inputs["y"] = {"tokens": draw(st.integers(3, 5))}
        values.append(Value("y", "tokens", inputs["y"]["tokens"], "time"))
    if draw(st.integers(0, 4)) == 4:
        inputs["s"] = {"features": draw(st.integers(1, 4)), "axis": "source"}
        values.append(Value("s", "features", inputs["s"]["features"], "source"))
    if draw(st.integers(0, 4)) == 4:
        inputs["g"] = {"features": draw(st.integers(1, 4)), "axis": "none"}
        values.append(Value("g", "features", inputs["g"]["features"], None))
    return inputs, values


def _feedback(writer: Writer) -> Promise | None:
    """A model's own choice fed back in place of the truth."""
    truths = [value for value in writer.values if value.own == "time" and value.name in ("x", "y")]
    truth = writer.pick(truths)
    promise = writer.promise("time", -1, truth.kind, truth.size)
    name = writer.fresh("f")
    written = {"block": "feedback", "truth": f"{truth.name}(t-1)", "own": f"{promise.name}(t-1)"}
    writer.values = [value for value in writer.values if value.name != promise.name]
    writer.add(name, written, replace(promise.value, name=name))
    return promise


def _choose(writer: Writer, promise: Promise) -> None:
    """Define what is fed back: a choice among scores, or features."""
    limits: dict[str, Any] = {"open_": frozenset({promise.mark}), "carried": None}
    scores = writer.linear("time", promise.value.size, **limits)
    if promise.value.kind == "tokens":
        written: Any = {"block": "argmax", "input": scores.name}
    else:
        written = {"value": f"tanh({scores.name})"}
    value = replace(scores, kind=promise.value.kind, own="time", open=scores.open - {promise.mark}, bound=1.0)
    writer._finish(promise, written, value)


def _outputs(writer: Writer) -> dict[str, Any]:
    """The last node always, a few others, some of them late or joined."""
    names = [value for value in writer.values if not value.pending]
    chosen = [names[-1], *(writer.pick(names) for _ in range(writer.pick((1, 2, 3))))]
    outputs: dict[str, Any] = {}
    for i, value in enumerate(chosen, 1):
        late = writer.pick(("", "", "", "(t-1)", "(t+1)", "(last)")) if value.own and not value.carried else ""
        outputs[f"o{i}"] = value.name + late
    return outputs


BREAKS = ("cycle", "mixed", "self", "size", "axis", "name", "static", "feedback")


def _broken(writer: Writer, nodes: dict[str, Any], outputs: dict[str, Any]) -> str:
    """Spoil the spec in one way that the checker has to find (the caller tells by the result)."""
    way = writer.pick(BREAKS)
    if way == "cycle":
        nodes["bad1"], nodes["bad2"], nodes["bad3"] = "x + bad3", "tanh(bad1)", "bad2 * 2"
    elif way == "mixed":
        nodes["bad1"], nodes["bad2"] = "x + bad2(t-1)", "bad1(t+1) + bad1(t-2)"
    elif way == "self":
        nodes["bad1"] = "x + bad1"
    elif way == "size":
        nodes["bad0"] = {"block": "linear", "input": "x", "units": 5}
        nodes["bad1"] = ["x", "x", "x", "bad0"]
        nodes["bad2"] = "bad0 + bad1"
    elif way == "axis":
        nodes["bad1"] = {"value": "x + 1", "axis": "elsewhere"}
    elif way == "name":
        nodes["bad1"] = "x + nowhere"
    elif way == "static":
        nodes["bad0"] = "x(last)"
        nodes["bad1"] = "bad0(t-1)"
    else:
        nodes["bad1"] = {"block": "feedback", "truth": "x", "own": "x(t-1)"}
    outputs["bad"] = "bad1"
    return way


@st.composite
def specs(draw: Any, broken: bool = True, fed: bool = True) -> dict[str, Any]:
    """A spec as a mapping; `broken` lets about one of eight be spoilt, under the key `broken`."""
    inputs, values = _inputs(draw)
    writer = Writer(draw, values)
    writer.nodes.update(dict.fromkeys(()))
    promise = _feedback(writer) if fed and writer.chance(15) else None
    promises = len(writer.promises)
    clocks = [value.own for value in writer.values if value.own is not None]
    ways: dict[str, int] = {"time": -1} if promise else {}
    for _ in range(writer.pick((0, 1, 1, 2))):
        own = writer.pick(clocks)
        writer.promise(own, ways.setdefault(own, writer.pick((-1, 1, -1))))
    if any(value.kind == "tokens" for value in writer.values) and writer.chance(60):
        writer._tokens()
    for _ in range(writer.pick((2, 3, 4, 5))):
        writer.some()
    for open_ in writer.promises[promises:][:]:
        writer.keep(open_)
    if promise:
        _choose(writer, promise)
    outputs = _outputs(writer)
    spoilt = _broken(writer, writer.nodes, outputs) if broken and writer.chance(12) else ""
    spec: dict[str, Any] = {"spec": 1, "name": "random", "inputs": inputs}
    if writer.blocks:
        spec["blocks"] = writer.blocks
    return {**spec, "nodes": writer.nodes, "outputs": outputs, "broken": spoilt}


@st.composite
def samples(draw: Any, broken: bool = False, fed: bool = True) -> Sample:
    """A spec and the lengths of one to three sequences, of one to five steps."""
    spec = dict(draw(specs(broken=broken, fed=fed)))
    spoilt = spec.pop("broken")
    batch = draw(st.sampled_from((1, 2, 3, 2)))
    axes = sorted({"time", *(item.get("axis", "time") for item in spec["inputs"].values())} - {"none"})
    lengths = {axis: tuple(draw(st.integers(1, 5)) for _ in range(batch)) for axis in axes}
    return Sample(to_yaml(spec), lengths, draw(st.integers(0, 99)), spoilt)
