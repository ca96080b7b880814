"""Recognition: the equations of rnn, lstm and gru in any spelling, read off the graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from leporello.builder.plan.affine import Affine, NoCellError, Reader, owner
from leporello.builder.plan.slices import Slice
from leporello.graphs.graph import Wire

Pair = tuple[Wire, Wire]


@dataclass(frozen=True)
class Parts:
    """What was recognised: the states, and the gates in the kernel's order."""

    kind: Literal["rnn", "lstm", "gru"]
    reader: Reader
    h: str
    c: str
    gates: tuple[Affine, ...]
    relu: bool = False
    projection: Slice | None = None


def match_rnn(reader: Reader, h: str) -> Parts:
    """h = tanh(W [x, h(t-1)] + b), or relu."""
    for function in ("tanh", "relu"):
        inner = reader.opened(Wire(h), function)
        if inner is not None:
            try:
                return Parts("rnn", reader, h, "", (reader.affine(inner[0]),), function == "relu")
            except NoCellError as lack:
                raise NoCellError(f"nearly a simple recurrent layer: {lack}") from None
    raise NoCellError(f"a loop that no kernel computes: {h} is no tanh, relu or gated sum")


def match_lstm(reader: Reader, h: str, c: str) -> Parts:
    """c = f * c(t-1) + i * g,  h = o * tanh(c), or a projection of that."""
    out, projection = Wire(h), None
    node = reader.model.graph[h]
    if node.block == "linear" and not node.parameters["bias"]:
        projection = Slice(owner(node, "weight"))
        out = node.wires[0]
    squashed = [
        (o, inner) for o, t in _products(reader, out) if (inner := reader.opened(t, "tanh")) and inner[0] == Wire(c)
    ]
    terms = reader.opened(Wire(c), "add")
    if not squashed or terms is None:
        raise NoCellError("a loop that no kernel computes: two states, but not the equations of an lstm")
    try:
        forget, (gate, candidate) = _kept_and_new(reader, terms, c)
        gates = [_gate(reader, wire, "sigmoid") for wire in (gate, forget)]
        gates += [_gate(reader, candidate, "tanh"), _gate(reader, squashed[0][0], "sigmoid")]
    except NoCellError as lack:
        raise NoCellError(f"nearly an lstm: {lack}") from None
    return Parts("lstm", reader, h, c, tuple(gates), projection=projection)


def _products(reader: Reader, wire: Wire) -> list[Pair]:
    """Both ways to read a product of two."""
    wires = reader.opened(wire, "multiply")
    return [] if wires is None else [(wires[0], wires[1]), (wires[1], wires[0])]


def _kept_and_new(reader: Reader, terms: tuple[Wire, ...], c: str) -> tuple[Wire, Pair]:
    """The forget gate, and the input gate with its candidate."""
    for kept, new in ((terms[0], terms[1]), (terms[1], terms[0])):
        forget = [gate for gate, state in _products(reader, kept) if reader.late(state, c)]
        if forget:
            for gate, candidate in _products(reader, new):
                sides = (reader.node(gate), reader.node(candidate))
                if all(sides) and (sides[0].block, sides[1].block) == ("sigmoid", "tanh"):  # type: ignore[union-attr]
                    return forget[0], (gate, candidate)
            raise NoCellError(f"{reader.told(new)} is no product of a sigmoid and a tanh")
    raise NoCellError(f"{c} does not keep f * {c}(t-1)")


def _gate(reader: Reader, wire: Wire, function: str) -> Affine:
    inner = reader.opened(wire, function)
    if inner is None:
        raise NoCellError(f"{reader.told(wire)} is no {function}")
    return reader.affine(inner[0])


def match_gru(reader: Reader, h: str) -> Parts:
    """h = (1 - z) * n + z * h(t-1) in any of its forms,  n = tanh(W x + r * (U h(t-1)))."""
    terms = reader.opened(Wire(h), "add")
    if terms is None:
        raise NoCellError(f"a loop that no kernel computes: {h} is no tanh, relu or gated sum")
    mixed = _mixture(reader, terms, h)
    if mixed is None:
        raise NoCellError(f"a loop that no kernel computes: {h} does not mix a candidate and {h}(t-1)")
    update, candidate, keeps = mixed
    try:
        gate = _gate(reader, update, "sigmoid")
        inner = reader.opened(candidate, "tanh")
        if inner is None:
            raise NoCellError(f"{reader.told(candidate)} is no tanh")
        reset, inputs, state = _candidate(reader, inner[0])
        gates = (_gate(reader, reset, "sigmoid"), gate if keeps else gate.negated(), inputs, state)
    except NoCellError as lack:
        raise NoCellError(f"nearly a gru: {lack}") from None
    return Parts("gru", reader, h, "", gates)


def _mixture(reader: Reader, terms: tuple[Wire, ...], h: str) -> tuple[Wire, Wire, bool] | None:
    """The update gate, the candidate, and whether the gate keeps the old state (else it takes the new one)."""
    for first, second in ((terms[0], terms[1]), (terms[1], terms[0])):
        for a, x in _products(reader, first):
            opposite = _opposite(reader, a)
            for b, y in _products(reader, second):
                if opposite is not None and _same(reader, opposite, b):
                    if reader.late(y, h):
                        return b, x, True
                    if reader.late(x, h):
                        return b, y, False
        for gate, difference in _products(reader, second):
            sides = reader.opened(difference, "subtract")
            if sides is None:
                continue
            if reader.late(sides[0], h) and _same(reader, sides[1], first):
                return gate, first, True
            if reader.late(first, h) and reader.late(sides[1], h):
                return gate, sides[0], False
    return None


def _opposite(reader: Reader, wire: Wire) -> Wire | None:
    """z, where the wire reads 1 - z."""
    node = reader.node(wire)
    if node is None or node.block != "subtract":
        return None
    one = reader.node(node.wires[0])
    if one is None or one.block != "number" or float(one.parameters["value"]) != 1.0:
        return None
    return node.wires[1]


def _same(reader: Reader, a: Wire, b: Wire) -> bool:
    first, second = reader.node(a), reader.node(b)
    return first is not None and second is not None and first.path == second.path


def _candidate(reader: Reader, wire: Wire) -> tuple[Wire, Affine, Affine]:
    """The reset gate, the candidate's side of the input, and that of the state."""
    terms = _summed(reader, wire)
    for i, term in enumerate(terms):
        for reset, inner in _products(reader, term):
            gate = reader.node(reset)
            if gate is None or gate.block != "sigmoid":
                continue
            state = reader.affine(inner)
            inputs = Affine()
            for other in terms[:i] + terms[i + 1 :]:
                inputs += reader.affine(other)
            if state.inputs or inputs.hidden:
                raise NoCellError("the reset gate must multiply the product of the state, and nothing else")
            return reset, inputs, state
    raise NoCellError("its candidate has no r * (U h(t-1)); a reset before the product has no kernel")


def _summed(reader: Reader, wire: Wire) -> list[Wire]:
    node = reader.node(wire)
    if node is None or node.block != "add":
        return [wire]
    wires = reader.opened(wire, "add") or ()
    return [term for inner in wires for term in _summed(reader, inner)]
