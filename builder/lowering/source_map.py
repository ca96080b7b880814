"""Source maps: in which lines of a model's source each of its nodes stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from leporello.builder.lowering.generate import source_lines
from leporello.builder.lowering.lines import Line
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.edits.feedback import Mode, resolve
from leporello.graphs.edits.pruning import needed
from leporello.graphs.frozen import frozen
from leporello.graphs.problems import refuse, suggest
from leporello.graphs.readable import shown

_METHOD = re.compile(r" {4}def (\w+)\(")


@dataclass(frozen=True, order=True)
class Span:
    """Lines of a source that follow each other, counted from 1, and the method in which they stand."""

    first: int
    last: int
    method: str


@frozen
class SourceMap:
    """A model's source, and where its nodes stand in it.

    `nodes` has the spans of every node of the opened graph, by path: where its weights are made, where it is computed
    (a node that was fused, merged, split or folded into others at the lines that compute it), in `run`, `start` and
    `step`. `idle` says of nodes that `run` does not compute why.
    """

    text: str
    nodes: Mapping[str, tuple[Span, ...]]
    idle: Mapping[str, str]
    ports: Mapping[str, tuple[str, ...]]

    def paths(self, name: str) -> tuple[str, ...]:
        """The nodes that a name stands for: one of the opened graph or of the spec, a block's inside, or its port.

        Raises:
            SpecError: if there is none, with the nearest names.
        """
        found = tuple(path for path in self.nodes if path == name or path.startswith(f"{name}/"))
        found = found or self.ports.get(name, ())
        if not found:
            known = {part for path in map(shown, self.nodes) for part in (path, path.partition("/")[0])}
            raise refuse(f"there is no node {name!r}", suggest(name, known | self.ports.keys(), "nodes"))
        return found

    def spans(self, name: str) -> tuple[Span, ...]:
        """The lines of all nodes that a name stands for, in order."""
        rows: dict[int, str] = {}
        for path in self.paths(name):
            for span in self.nodes[path]:
                rows.update(dict.fromkeys(range(span.first, span.last + 1), span.method))
        return tuple(_spans(sorted(rows.items())))


def source_map(checked: Checked, feedback: Mode = "teacher", also: Sequence[str] = ()) -> SourceMap:
    """The source of a model (see `source`), and where each node stands in it.

    >>> from leporello.blocks.registry import registry
    >>> from leporello.graphs.specs import check_spec
    >>> spec = "{spec: 1, inputs: {x: {features: 2}}, nodes: {h: tanh(x + h(t-1))}, outputs: {y: h}}"
    >>> found = source_map(check_spec(spec, registry(), {}))
    >>> (span,) = [span for span in found.spans("h") if span.method == "step"]
    >>> [line.strip().partition("  ")[0] for line in found.text.splitlines()[span.first - 1 : span.last]]
    ['h_before = state["h"]', 'h = torch.tanh(x + h_before)']
    """
    lines = source_lines(checked, feedback, also)
    rows: dict[str, list[tuple[int, str]]] = {path: [] for path in checked.graph.index}
    for number, method, line in _numbered(lines):
        for path in line.nodes:
            rows.setdefault(path, []).append((number, method))
    nodes = {path: tuple(_spans(found)) for path, found in rows.items()}
    ports = {
        f"{composite.path}.{port}": tuple(dict.fromkeys(wire.source for wire in wires))
        for composite in checked.graph.composites
        for port, wires in composite.ports.items()
    }
    text = "".join(line.text + "\n" for line in lines)
    return SourceMap(text, nodes, _idle(checked, feedback, nodes), ports)


def _numbered(lines: Sequence[Line]) -> Iterator[tuple[int, str, Line]]:
    """The lines with their numbers, and the method in which each stands."""
    method = ""
    for number, line in enumerate(lines, 1):
        head = _METHOD.match(line.text)
        method = head[1] if head else method
        yield number, method, line


def _spans(rows: Sequence[tuple[int, str]]) -> Iterator[Span]:
    """Lines in order as spans."""
    first = 0
    for i, (number, method) in enumerate(rows):
        first = first or number
        if rows[i + 1 : i + 2] != [(number + 1, method)]:
            yield Span(first, number, method)
            first = 0


def _idle(checked: Checked, feedback: Mode, nodes: Mapping[str, Sequence[Span]]) -> Mapping[str, str]:
    """Why nodes are not computed: nothing wanted depends on them, in one mode of feedback at least."""
    fed = any(node.block == "feedback" for node in checked.graph.nodes)
    why = f"no output depends on it with feedback {feedback}" if fed else "no output depends on it"
    used = needed(resolve(checked, feedback)).graph
    run = {path for path, spans in nodes.items() if any(span.method == "run" for span in spans)}
    unread = "only first values of what nothing reads late depend on it"
    return {path: unread if path in used else why for path in checked.graph.index if path not in run}
