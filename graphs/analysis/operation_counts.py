"""How much a model computes at a step: multiply-adds of products, and operations on single features."""

from __future__ import annotations

from collections.abc import Iterable

from leporello.graphs.analysis.checks import Checked
from leporello.graphs.expressions.said_sizes import names_of, said_size
from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import Node
from leporello.graphs.size import AnySize

Clock = tuple[str, ...]
"""The axes over whose steps something is computed anew: `("target", "source*")` is every pair of them."""


@frozen
class Work:
    """Numbers of operations, symbolic while a size is open.

    Each block says its own (`BlockType.work`). `multiply_adds` are those of products with weights: in times out of a
    linear layer, whose bias is not counted. `elementwise` is one for every feature that a function or operator gives.
    Choosing rows (an embedding), lists, feedback and dropout count nothing.
    """

    multiply_adds: AnySize = 0
    elementwise: AnySize = 0

    def __add__(self, other: Work) -> Work:
        return Work(self.multiply_adds + other.multiply_adds, self.elementwise + other.elementwise)


def work(checked: Checked, paths: Iterable[str] | None = None) -> dict[Clock, Work]:
    """The work of a checked model, or of the nodes at `paths`, for each step of each clock.

    What is computed once per sequence stands under the empty clock. A clock without any work is left out.
    """
    found: dict[Clock, Work] = {}
    for path in checked.graph.index if paths is None else paths:
        node = checked.graph[path]
        done = _of(node, checked)
        if done != Work():
            clock = _clock(node, checked)
            found[clock] = found.get(clock, Work()) + done
    return found


def _of(node: Node, checked: Checked) -> Work:
    kind = checked.registry[node.block]
    values = {
        **checked.ports(node),
        **{port: checked.values[node.path, port] for port in kind.outputs_of(node.parameters)},
    }
    sizes = {**node.parameters, **{name: value.size for name, value in values.items()}}
    lacking = dict.fromkeys(name for text in kind.work if text for name in names_of(text))
    multiply_adds, elementwise = (_known(said_size(text, lacking | sizes)) if text else 0 for text in kind.work)
    return Work(multiply_adds, elementwise)


def _clock(node: Node, checked: Checked) -> Clock:
    """The axes of a node; of what closes a carried axis, those of what it reads."""
    names = checked.axes[node.path].names
    if checked.registry[node.block].carried == "closed":
        carried = [name for wire in node.wires for name in checked.axes[wire.source].names if name.endswith("*")]
        carried += [f"{checked.axes[wire.source].own}*" for wire in node.wires if wire.time.kind == "all"]
        names += tuple(name for name in dict.fromkeys(carried) if name not in names)
    return names


def _known(size: AnySize | None) -> AnySize:
    return 0 if size is None else size


@frozen
class State:
    """A delay line: the node that is read late, how many of its last values are kept, and the size of each."""

    path: str
    steps: int
    size: AnySize

    @property
    def numbers(self) -> AnySize:
        """How many numbers are kept in all (a token is one)."""
        return self.steps * self.size


def states(checked: Checked) -> list[State]:
    """The delay lines of a model, forward and backward in time, in the order of its nodes."""
    steps: dict[str, int] = {}
    for node in checked.graph.nodes:
        for wire in node.wires:
            if wire.time.shift:
                steps[wire.source] = max(steps.get(wire.source, 0), abs(wire.time.offset))
    found = []
    for path in checked.graph.index:
        if path in steps:
            value = checked.values[path, ""]
            found.append(State(path, steps[path], 1 if value.kind == "tokens" else _known(value.size)))
    return found
