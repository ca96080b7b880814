"""The nodes of a body as plain values: uses of blocks, and expressions from the operators they were read as."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from leporello.graphs.expressions.plain_values import plain_value
from leporello.graphs.expressions.spelling import OPERATOR_BLOCKS, Spelling
from leporello.graphs.functions import FUNCTIONS
from leporello.graphs.names import LONGEST, RESERVED
from leporello.graphs.nodes import NOW, PLAIN, Learned, Modifiers, Node, Wire, initial_wires
from leporello.graphs.problems import refuse


@dataclass
class WrittenNodes:
    """The nodes of one body as plain values, with the expressions that anonymous nodes came from."""

    nodes: tuple[Node, ...]
    ends: tuple[Wire, ...] = ()

    def __post_init__(self) -> None:
        self.spelling = Spelling(self.nodes, self.ends)
        self.kept = [node for node in self.nodes if node.path not in self.spelling.folded]
        self.spelling.names.update(_names(self.kept, self._late()))

    def _late(self) -> set[str]:
        """What is read at another step: there the name of a function would be a call."""
        wires = [wire for node in self.nodes for wire in (*node.wires, *initial_wires(node.initial))]
        return {wire.source for wire in (*wires, *self.ends) if wire.time != NOW and not wire.port}

    def data(self) -> dict[str, Any]:
        """What stands under `nodes:`."""
        return {self.spelling.names[node.path]: self._node(node) for node in self.kept if node.block != "input"}

    def _node(self, node: Node) -> Any:
        if node.block in OPERATOR_BLOCKS and node.modifiers != PLAIN:
            return self._modified(node)
        common = self._common(node)
        if not self.spelling.written_alone(node):
            said = {"block": node.block, **self._ports(node), **plain_value(node.parameters)}
            return {**said, **self._modifiers(node.modifiers), **common}
        value = self.spelling.node_value(node)
        return {"value": value, **common} if common else value

    def _modified(self, node: Node) -> Any:
        """An operator has no weights; what is said of a learned initial value is said by an identity."""
        if node.modifiers.stacks or node.modifiers.share is not None:
            hint = "modifiers are of blocks, such as identity"
            raise refuse(f"{node.path}, an operator, has modifiers", hint, node.mark)
        plain = replace(node, modifiers=PLAIN)
        if not isinstance(node.initial, Learned):
            return self._node(plain)
        said = {"block": "identity", "input": self.spelling.node_value(plain)}
        return {**said, **self._modifiers(node.modifiers), **self._common(node)}

    def _ports(self, node: Node) -> dict[str, Any]:
        if node.block == "concatenate":
            places = enumerate(node.wires, 1)
            return {"input": [self.spelling.value(wire, f"{node.path}/input/{i}") for i, wire in places]}
        return {port: self.spelling.value(wire, f"{node.path}/{port}") for port, wire in node.inputs}

    def _common(self, node: Node) -> dict[str, Any]:
        said = {
            "initial": self._initial(node.initial, f"{node.path}/initial"),
            "axis": node.axis,
            "label": node.label or None,
        }
        return {key: value for key, value in said.items() if value is not None}

    def _initial(self, initial: Any, place: str) -> Any:
        if isinstance(initial, tuple):
            value = self.spelling.value(initial[0], place)
            return "zeros(t)" if value == "zeros" else str(value) if isinstance(value, int | float) else value
        if isinstance(initial, Mapping):
            return {key: self._initial(value, f"{place}/{key}") for key, value in initial.items()}
        if isinstance(initial, Learned):
            return "learned"
        return "zeros" if initial == 0 and initial is not None else initial

    def _modifiers(self, modifiers: Modifiers) -> dict[str, Any]:
        said = {name: plain_value(getattr(modifiers, name)) for name in modifiers.__dataclass_fields__}
        said["share"] = self._share(modifiers.share)
        return {key: value for key, value in said.items() if value is not None}

    def _share(self, share: Any) -> Any:
        names = self.spelling.names
        if not isinstance(share, Mapping):
            return names.get(share, share)
        if "*" in share:
            return names.get(share["*"], share["*"])
        return {weight: self._weight(target) for weight, target in share.items()}

    def _weight(self, target: str) -> str:
        owner, _, name = target.replace(".", "/").rpartition("/")
        known = self.spelling.names
        return f"{known[owner]}.{name}" if owner in known else target


def _names(nodes: Iterable[Node], late: set[str]) -> dict[str, str]:
    """The written name of every node: its own where it may have one, else its path with `_` for `/`."""
    paths = [(node.path, node.block == "input") for node in nodes]
    own = {path for path, given in paths if given or ("/" not in path and not (path in FUNCTIONS and path in late))}
    names = {path: path for path in own}
    taken = own | RESERVED | set(FUNCTIONS)
    for path, _ in paths:
        if path in names:
            continue
        stem = path.replace("/", "_")[: LONGEST - 10]
        name, count = stem, 2
        while name in taken:
            name, count = f"{stem}_{count}", count + 1
        taken.add(name)
        names[path] = name
    return names
