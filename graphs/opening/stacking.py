"""Layers, directions, residuals and dropout between layers: modifiers of any block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from leporello.graphs.blocktypes import BlockType, Body, Registry
from leporello.graphs.nodes import NOTHING, PLAIN, Modifiers, Node, Wire
from leporello.graphs.opening.laid_out import Instance, LaidOut
from leporello.graphs.problems import an, refuse


def is_recurrent(kind: BlockType, parameters: Any, registry: Registry) -> bool:
    """Whether a delay is written anywhere inside the block."""
    waiting, seen = [(kind, parameters)], {kind.name}
    while waiting:
        inner, said = waiting.pop()
        body = inner.body(said) if inner.body is not None else Body((), ())
        if any(wire.time.shift for node in body.nodes for wire in node.wires):
            return True
        # Each block once: blocks that use others twice, these others again, would take for ever.
        for node in body.nodes:
            used = registry.get(node.block)
            if used is not None and used.name not in seen:
                seen.add(used.name)
                waiting.append((used, _defaults(used, node.parameters)))
    return False


def _defaults(kind: BlockType, said: Any) -> dict[str, Any]:
    return {parameter.name: said.get(parameter.name, parameter.default) for parameter in kind.parameters}


STACKING = ("layers", "direction", "residual", "dropout")
"""The modifiers that make copies, or join them."""
LayBody = Callable[[Body, str, Node, Instance, LaidOut, bool], None]
"""Lays out one copy of a body under a path: for a node, at a instance, backward or not."""


@dataclass
class Stack:
    """Lays out the layers of one use of a block.

    The copies stand at `path/layer/direction`; a block without delays that says no `layers:` stands at its
    own path. Layers are stacked along the first port, the other ports go to every layer. `lay_body` lays out one copy.
    """

    node: Node
    kind: BlockType
    instance: Instance
    layout: LaidOut
    lay_body: LayBody

    def lay_out(self) -> None:
        """Every layer, and what the composite's ports stand for."""
        said = self.node.modifiers
        recurrent = is_recurrent(self.kind, self.node.parameters, self.layout.registry)
        if said.direction is not None and not recurrent:
            raise refuse(
                f"{self.node.path} has a direction, but {an(self.kind.name)} has no delay inside",
                "take direction: away; only recurrent blocks have one",
                self.node.at("direction"),
            )
        if self.kind.takes and said.stacks:
            refused = next(name for name in STACKING if getattr(said, name) is not None)
            what = f"{self.node.path}, {an(self.kind.name)}, has no {refused}"
            hint = f"take {refused}: away; it has {', '.join(self.kind.takes)}"
            raise refuse(what, hint, self.node.at(refused))
        alone = not recurrent and said.layers is None and self.kind.is_composite and said.residual is None
        if self.kind.takes or alone:
            self._copy(self.node.path, self.node.inputs, False)
            self._ports_of_body(self.node.path)
            return
        self._layers(said.layers or 1)

    def _layers(self, layers: int) -> None:
        path, said = self.node.path, self.node.modifiers
        if not self.node.inputs and layers > 1:
            what = f"{path} has layers: {layers}, but {an(self.kind.name)} has no port to stack along"
            raise refuse(what, "", self.node.at("layers"))
        (first, wire), *others = self.node.inputs or (("", NOTHING),)
        for layer in range(1, layers + 1):
            inputs = ((first, wire), *others) if self.node.inputs else ()
            self._layer(f"{path}/{layer}", inputs)
            output = Wire(f"{path}/{layer}", self._outputs()[0])
            if said.residual is not None and layer >= said.residual:
                output = self._residual(layer, wire, output)
            if said.dropout and layer < layers:
                output = self._dropout(layer, output)
            wire = output
        for port in self._outputs():
            self.layout.aliases[path, port] = (Wire(f"{path}/{layers}", port),)
        self.layout.aliases[path, self._outputs()[0]] = (wire,)
        self.layout.aliases[path, ""] = (wire,)

    def _outputs(self) -> tuple[str, ...]:
        return self.kind.outputs_of(self.node.parameters)

    def _layer(self, path: str, inputs: tuple[tuple[str, Wire], ...]) -> None:
        direction = self.node.modifiers.direction or "forward"
        ways = ("forward", "backward") if direction == "both" else (direction,)
        for way in ways:
            self._copy(f"{path}/{way}", inputs, way == "backward")
        for port in self._outputs():
            self.layout.aliases[path, port] = tuple(Wire(f"{path}/{way}", port) for way in ways)
        self.layout.aliases[path, ""] = self.layout.aliases[path, self._outputs()[0]]

    def _copy(self, path: str, inputs: tuple[tuple[str, Wire], ...], backward: bool) -> None:
        if self.kind.body is None:
            plain = replace(self.node, path=path, inputs=inputs, modifiers=_own(self.node.modifiers), initial=None)
            self.layout.add(plain, self.instance)
            return
        for port, wire in inputs:
            self.layout.aliases[f"{path}/<{port}", ""] = (wire,)
        for declared in self.kind.ports:
            self.layout.aliases.setdefault((f"{path}/<{declared.name}", ""), ())
        body: Body = self.kind.body(self.node.parameters)
        self.lay_body(body, path, self.node, self.instance, self.layout, backward)
        for port in self._outputs():
            self.layout.aliases.setdefault((path, port), ())
        if self._outputs():
            self.layout.aliases[path, ""] = self.layout.aliases.get((path, self._outputs()[0]), ())

    def _ports_of_body(self, path: str) -> None:
        outputs = self._outputs()
        if outputs:
            self.layout.aliases[path, ""] = self.layout.aliases.get((path, outputs[0]), ())

    def _residual(self, layer: int, before: Wire, after: Wire) -> Wire:
        path = f"{self.node.path}/{layer}/residual"
        inputs = (("left", before), ("right", after))
        self.layout.add(Node(path, "add", inputs, body=self.node.path, mark=self.node.mark), self.instance)
        return Wire(path)

    def _dropout(self, layer: int, wire: Wire) -> Wire:
        path = f"{self.node.path}/{layer}/dropout"
        parameters = {"rate": self.node.modifiers.dropout, "same": False}
        node = Node(path, "dropout", (("input", wire),), parameters, body=self.node.path, mark=self.node.mark)
        self.layout.add(node, self.instance)
        return Wire(path)


def _own(modifiers: Modifiers) -> Modifiers:
    return replace(PLAIN, init=modifiers.init, frozen=modifiers.frozen)
