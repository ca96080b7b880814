"""Nodes of node-link data: parameters, modifiers and initial values checked against the node's block."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from leporello.graphs.blocktypes import BlockType, Parameter, Registry
from leporello.graphs.composing.compose import Scalar, Sequence, Table, Tree
from leporello.graphs.expressions.grammar import parse_size
from leporello.graphs.expressions.nodes import Scope
from leporello.graphs.expressions.tree import evaluate_size
from leporello.graphs.graph import PLAIN, Initial, Learned, Modifiers, Node, Wire, freeze
from leporello.graphs.interchange.link_fields import Fields, check_plain, shown
from leporello.graphs.interchange.link_wires import Edge, wire_of
from leporello.graphs.names import INPUT_RESERVED, LONGEST, NAME, check_axis, check_name
from leporello.graphs.problems import Mark, an, refuse, suggest
from leporello.graphs.reading.nodes import DIRECTIONS, MODIFIERS
from leporello.graphs.reading.parameters import parameter_value
from leporello.graphs.size import Size

NODE_FIELDS = ("id", "block", "parameters", "initial", "axis", "modifiers", "label", "body")
LONGEST_PATH = 2000
_NUMBER = re.compile("[0-9]{1,9}")


@dataclass
class LinkNode:
    """A node as described, and the edges into it; not `complete` where some edge could not be read."""

    path: str
    fields: Fields
    edges: list[Edge] = field(default_factory=list)
    complete: bool = True

    def finished(self, registry: Registry) -> Node:
        """The node, its edges sorted into ports and initial value."""
        kind = registry.find(self.fields.text("block", None), self.fields.mark)
        axis = self.fields.text("axis") or ("time" if kind.name == "input" else None)
        if axis is not None:
            check_axis(axis, self.fields.mark)
        body = self.fields.text("body")
        if body:
            check_path(body, self.fields.mark)
        inputs, initial = self._inputs(kind), self._initial()
        parameters = freeze(self._parameters(kind))
        if kind.name == "input":
            self._check_input(parameters, initial)
        label, modifiers = self.fields.text("label"), self._modifiers()
        return Node(self.path, kind.name, inputs, parameters, initial, axis, modifiers, label, body, self.fields.mark)

    def _check_input(self, parameters: Mapping[str, Any], initial: Initial) -> None:
        if "/" in self.path or self.path in INPUT_RESERVED:
            raise refuse(f"an input cannot be called {self.path!r}", "choose another name", self.fields.mark)
        if sum(key in parameters for key in ("features", "tokens")) != 1:
            hint = '"parameters": {"features": 8}'
            raise refuse(f"input {self.path} says features or tokens, one of them", hint, self.fields.mark)
        if initial is not None or self._modifiers() != PLAIN:
            what = f"input {self.path} has an initial value or modifiers"
            raise refuse(what, "an input is given as it is", self.fields.mark)

    def _inputs(self, kind: BlockType) -> tuple[tuple[str, Wire], ...]:
        """The wires into the ports, in the order of the block's; those of numbered ports by `order`, then number."""
        known = [port.name for port in kind.ports]
        edges = [edge for edge in self.edges if edge.role == "input"]
        found: list[tuple[int, str, Wire]] = []
        for place, edge in enumerate(edges, 1):
            port = edge.port or (str(place) if kind.many else known[0] if len(known) == 1 else "")
            if not (kind.many and _NUMBER.fullmatch(port)) and port not in known:
                hint = "ports are numbered from 1" if kind.many else suggest(port, known, f"ports of {an(kind.name)}")
                what = f"{self.path}, {an(kind.name)}, has no port {shown(port)}" if port else self._which(edge, kind)
                raise refuse(what, hint, self.fields.mark)
            order = known.index(port) if not kind.many else int(port) if edge.order is None else edge.order
            found.append((order, port, edge.wire))
        self._check_ports([port for _, port, _ in found], kind)
        ordered = sorted(found, key=lambda item: item[0])
        return tuple((str(i) if kind.many else port, wire) for i, (_, port, wire) in enumerate(ordered, 1))

    def _which(self, edge: Edge, kind: BlockType) -> str:
        return f"the edge from {edge.wire.source} to {self.path}, {an(kind.name)}, does not say its port"

    def _check_ports(self, given: list[str], kind: BlockType) -> None:
        twice = [port for port, count in Counter(given).items() if count > 1]
        if twice:
            what = f"two edges go into the port {twice[0]} of {self.path}"
            raise refuse(what, "a port has one wire", self.fields.mark)
        lacking = [port.name for port in kind.ports if not port.optional and port.name not in given]
        if self.complete and (lacking or (kind.many and not given)):
            port = lacking[0] if lacking else "1"
            known = ", ".join(port.name for port in kind.ports) or "1, 2, ..."
            raise refuse(f"{self.path} lacks its port {port}", f"{an(kind.name)} reads: {known}", self.fields.mark)

    def _initial(self) -> Initial:
        """What the node says, and what edges give it: wires in their order, for a composite by state."""
        said = self._said(self.fields.data.get("initial"))
        wires: dict[str, list[Edge]] = {}
        for edge in self.edges:
            if edge.role == "initial":
                wires.setdefault(edge.state, []).append(edge)
        if not wires:
            return said
        for edges in wires.values():
            edges.sort(key=lambda edge: edge.order or 0)
        given = {state: tuple(edge.wire for edge in edges) for state, edges in wires.items()}
        if set(given) == {""} and said is None:
            return given[""]
        table = said if isinstance(said, Mapping) else {} if said is None else None
        if table is None or "" in given or set(given) & set(table):
            raise refuse(f"initial of node {self.path!r} is said twice", "by the node, or by edges", self.fields.mark)
        merged: Mapping[str, Any] = freeze({**table, **given})
        return merged

    def _said(self, value: Any, inner: bool = False) -> Initial:
        if value is None and not inner:
            return None
        if isinstance(value, Mapping) and value and not inner and all(isinstance(key, str) for key in value):
            states: Mapping[str, Any] = freeze({key: self._said(item, True) for key, item in value.items()})
            return states
        if isinstance(value, int | float) and not isinstance(value, bool) and _is_finite(value):
            return float(value)
        if not isinstance(value, str):
            raise self.fields.wrong("initial", "zeros, a number, learned, a reference, or these by state")
        if value in ("zeros", "learned"):
            return 0.0 if value == "zeros" else Learned()
        return (wire_of(value, f"initial of node {self.path!r}", self.fields.mark),)

    def _parameters(self, kind: BlockType) -> dict[str, Any]:
        known = {parameter.name: parameter for parameter in kind.parameters}
        if kind.name == "input":
            choices = Parameter("kind", "choice", choices=("binary", "real"))
            known = {"features": Parameter("features"), "tokens": Parameter("tokens"), "kind": choices}
        found: dict[str, Any] = {}
        for name, value in self.fields.table("parameters").items():
            if name not in known:
                what = f"{self.path}, {an(kind.name)}, has no parameter {shown(name)}"
                raise refuse(what, suggest(name, known, "parameters"), self.fields.mark)
            found[name] = parameter_of(known[name], name, value, self.fields.what, self.fields.mark)
            if kind.name == "number" and isinstance(value, int):
                found[name] = value  # an expression's whole number stays whole
        if kind.name == "number" and "value" not in found:
            hint = '"parameters": {"value": 1}'
            raise refuse(f"{self.path}, a number, does not say its value", hint, self.fields.mark)
        return found

    def _modifiers(self) -> Modifiers:
        what, mark = f"modifiers of {self.fields.what}", self.fields.mark
        said = Fields.of(self.fields.table("modifiers"), what, MODIFIERS, mark)
        check_plain(said.data, said.what, said.mark)
        found: dict[str, Any] = {"direction": said.choice("direction", DIRECTIONS) or None}
        kinds = {"dropout": Parameter("dropout", "number", low=0.0, high=1.0)}
        for name in ("layers", "residual", "dropout"):
            if name in said:
                kind = kinds.get(name, Parameter(name))
                found[name] = parameter_of(kind, name, said.data[name], self.fields.what, mark)
        share = said.data.get("share")
        if share is not None and not isinstance(share, str):
            if not all(isinstance(target, str) for target in said.table("share").values()):
                raise said.wrong("share", "a node, or weights of nodes by name")
            share = freeze(share)
        frozen = said.truth("frozen") if "frozen" in said else None
        return Modifiers(**found, share=share, init=freeze(said.data.get("init")), frozen=frozen)


def parameter_of(parameter: Parameter | None, name: str, value: Any, what: str, mark: Mark) -> Any:
    """The value of a parameter: of its type, an expression over `$names`, or {"size": expression}, worked out."""
    check_plain(value, f"{name} of {what}", mark)
    parameter = parameter or Parameter(name)
    if isinstance(value, Mapping) and set(value) == {"size"} and isinstance(value["size"], str):
        try:
            return parameter.accept(evaluate_size(parse_size(value["size"], mark), Size.named, mark))
        except (ValueError, TypeError) as error:
            raise refuse(f"{name} of {what} is a size that cannot be worked out: {error}", "", mark) from None
    if value is None and parameter.default is None:
        return None
    return parameter_value(parameter, tree_of(value, mark), Scope({}))


def check_path(path: str, mark: Mark) -> None:
    """Refuse what is no path: a name, then names and numbers, between slashes."""
    head, *rest = path.split("/")
    check_name(head, mark, "node")
    wrong = [part for part in rest if not NAME.match(part) and not (part.isascii() and part.isdecimal())]
    if wrong or len(path) > LONGEST_PATH or any(len(part) > LONGEST for part in rest):
        raise refuse(f"{shown(path)} is no path", "a path is made of names and numbers, as decoder/1/forward/h", mark)


def tree_of(value: Any, mark: Mark) -> Tree:
    """Plain values as the tree that YAML of the same values has, all of it at one place."""
    if isinstance(value, Mapping):
        scalar = [Scalar(key, key, mark, False) for key in value]
        return Table(tuple(zip(scalar, (tree_of(item, mark) for item in value.values()), strict=True)), mark)
    if isinstance(value, list | tuple):
        return Sequence(tuple(tree_of(item, mark) for item in value), mark)
    words = {None: "", True: "true", False: "false"}
    text = words[value] if value is None or isinstance(value, bool) else str(value)
    return Scalar(value, text, mark, True)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False
