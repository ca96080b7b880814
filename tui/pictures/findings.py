"""From a text to what the screens tell of it: problems, weights, how its loops run, and everything about one box."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from leporello.blocks.registry import registry
from leporello.builder.plan.phases import phases
from leporello.builder.plan.schedule import Stage, schedule
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.drawing.equations.equations import equations
from leporello.graphs.drawing.views.closing import folded, output_path, time_axes
from leporello.graphs.drawing.views.facts import facts
from leporello.graphs.drawing.views.holes import written as as_written
from leporello.graphs.drawing.views.opened import Grouping, containers, opened
from leporello.graphs.edits.feedback import Mode
from leporello.graphs.expressions.plain_values import EXPRESSIONS
from leporello.graphs.expressions.tree import unparse
from leporello.graphs.expressions.wording import Wording, owner
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import UNKNOWN, Node
from leporello.graphs.phases import Phase
from leporello.graphs.problems import Problem, SpecError, told
from leporello.graphs.specs import try_check
from leporello.training.data.columns import sizes_of
from leporello.training.roles import check_fed, predicting
from leporello.training.settings import read_settings
from leporello.tui.pictures.wanted import Equation, Facts, Findings, Loop, Row

if TYPE_CHECKING:
    from leporello.builder.lowering.source_map import SourceMap

MOST_EQUATIONS, MOST_LOOPS, MOST_FOUND, MOST_COMPILED = 24, 8, 50, 1_000


@dataclass
class Model:
    """A text as far as it is a model: with what its data bind, where they can be read."""

    checked: Checked
    problems: tuple[Problem, ...]

    @property
    def valid(self) -> bool:
        """Whether it can be compiled."""
        return all(problem.warning for problem in self.problems)

    @cached_property
    def phases(self) -> tuple[Phase, ...]:
        """How it runs, learning from the truth."""
        return phases(self.checked, "teacher") if self.valid else ()

    @cached_property
    def source(self) -> SourceMap | None:
        """What it is compiled to, and where each node stands there."""
        from leporello.builder.lowering.source_map import source_map  # late: the first picture does not wait for it

        fits = self.valid and not self.checked.unbound and len(self.checked.graph.nodes) <= MOST_COMPILED
        return source_map(self.checked) if fits else None


def read(text: str, file: str, known: dict[tuple[object, ...], dict[str, int]]) -> Model:
    """Check a text; `known` keeps the sizes of data between one edit and the next."""
    checked, problems = try_check(text, registry(), file)
    more: tuple[Problem, ...] = ()
    try:
        if checked.written.training is not None:
            read_settings(checked.written)
        sizes = _sizes(checked.written, known) if checked.unbound and checked.written.data else {}
        if sizes:
            checked, problems = try_check(text, registry(), file, sizes)
    except SpecError as error:
        more = error.problems
    found = (*problems, *more)
    wrong = any(not problem.warning for problem in found)
    # What seems unused may be read where the text cannot be read yet.
    return Model(checked, told(found if wrong else (*found, *checked.warnings)))


def _sizes(graph: Graph, known: dict[tuple[object, ...], dict[str, int]]) -> dict[str, int]:
    """What the data bind; the files are opened again when `data:` or one of them has changed."""
    key = (repr(graph.data), graph.file, *_stamps(graph))
    if key not in known:
        known.clear()
        known[key] = sizes_of(graph)
    return known[key]


def _stamps(graph: Graph) -> Iterator[object]:
    for entry in (graph.data or {}).values():
        said = entry if hasattr(entry, "get") else {}
        several = said.get("files")
        for name in several if isinstance(several, tuple) else (said.get("file"),):
            try:
                yield (Path(graph.file).parent / str(name)).stat().st_mtime_ns
            except (OSError, ValueError):
                yield None


def findings(serial: int, model: Model) -> Findings:
    """What is told of the whole model."""
    checked = model.checked
    return Findings(
        serial,
        checked.written.name,
        model.problems,
        _number(checked.parameters) if model.valid else "",
        time_axes(checked.graph, checked.axes),
        tuple(containers(checked.graph)),
        _feeds_back(checked),
        tuple((node.path, node.mark.line) for node in checked.written.nodes if node.mark and "/" not in node.path),
        _untrained(checked.written),
    )


def _untrained(graph: Graph) -> Problem | None:
    """Why no run can begin with it, as far as that is seen without its data."""
    try:
        predicting(graph)
        check_fed(graph, graph.data if isinstance(graph.data, Mapping) else ())
    except SpecError as error:
        return error.problems[0]
    return None


def _feeds_back(checked: Checked) -> bool:
    return any(node.block == "feedback" for node in checked.graph.nodes)


def _number(size: object) -> str:
    return f"{size:,}" if isinstance(size, int) else str(size)


def loops(model: Model) -> Iterator[Loop]:
    """How the loops of a model run: to find that out takes a third of the time of a check."""
    mode: Mode = "teacher"
    plan = schedule(model.checked, mode)
    for number, stage in enumerate(plan.loops):
        nodes = dict.fromkeys(owner(model.checked.graph[path]) for path in plan.written_in(stage))
        told_why = stage.cell is not None or number < MOST_LOOPS  # what one is nearest to takes a while to find
        yield Loop(stage.kind, tuple(nodes), _cell(stage) if told_why else "", stage.reason if told_why else "")


def _cell(stage: Stage) -> str:
    """The name of the cell that a fused loop is, or that a scanned one is nearest to."""
    if stage.cell is not None:
        return stage.cell.kind
    return stage.nearest.kernel if stage.nearest else ""


def matches(model: Model, letters: str) -> tuple[str, ...]:
    """The paths of boxes whose last name, or label, has these letters.

    First those that are called so, then the outer ones, then those that begin with them.
    """
    checked = model.checked
    wanted = letters.lower()
    outputs = (output_path(output.name) for output in checked.written.outputs)
    inner = _seen(containers(checked.graph), checked.graph.index)
    paths = dict.fromkeys((*checked.written.index, *outputs, *inner, *checked.graph.index))
    found = [(path, [name.lower() for name in _names(checked, path)]) for path in paths]
    found = [
        one for one in found if any(wanted in name for name in (one[1] if "/" not in wanted else [one[0].lower()]))
    ]

    def rank(one: tuple[str, list[str]]) -> tuple[bool, int, bool]:
        return wanted not in one[1], one[0].count("/"), not any(name.startswith(wanted) for name in one[1])

    return tuple(path for path, _ in sorted(found, key=rank))[:MOST_FOUND]


def _names(checked: Checked, path: str) -> tuple[str, str]:
    """What a box is called in the text, and in the picture."""
    node = checked.written.index.get(path) or checked.graph.index.get(path)
    return path.rpartition("/")[2], node.label if node is not None else ""


def _seen(inner: Iterable[str], index: Iterable[str]) -> Iterator[str]:
    """The composites that have a box: what is the only thing inside of another is opened with it."""
    beside: dict[str, set[str]] = {}
    for path in index:
        while "/" in path:
            within, _, name = path.rpartition("/")
            beside.setdefault(within, set()).add(name)
            path = within
    yield from (path for path in inner if len(beside.get(path.rpartition("/")[0], ())) != 1)


def about(model: Model, path: str) -> Facts:
    """Everything about the box at a path; nothing but the path where there is no such box any more."""
    checked = model.checked
    head = path.partition("/")[0]
    output = next((out for out in checked.written.outputs if output_path(out.name) == path), None)
    if output is not None:
        rows = [Row("output", output.name), Row("from", str(output.wire))]
        rows += [Row("predicts", output.predicts)] if output.predicts else []
        mark = output.mark
        return Facts(path, (*rows, *_known(checked, path)), line=mark.line if mark else 0)
    written = checked.written.index.get(path)
    inner = checked.graph.index.get(path)
    node = written or inner
    inside = path in containers(checked.graph)
    if node is None and not inside:
        return Facts(path)
    origin = node or checked.written.index.get(head)
    kind = checked.registry[node.block] if node and node.block in checked.registry else None
    block = node.block if node else "a part of " + (origin.block if origin else head)
    if node is not None and block == UNKNOWN:  # what could not be read
        block = as_written(checked.written, node)
    return Facts(
        path,
        (Row("block", block), *_known(checked, path)),
        tuple(ports_of(checked, node)) if node else (),
        tuple(Row(name, _said(value)) for name, value in node.parameters.items()) if node else (),
        tuple(_equations(checked, path, inside)),
        tuple(_runs(model, path)),
        kind.help if kind else "",
        kind.paper if kind else "",
        origin.mark.line if origin and origin.mark else 0,
        inside,
    )


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, EXPRESSIONS):
        return unparse(value)
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(_said, value)) + "]"
    return str(value)


def _known(checked: Checked, path: str) -> Iterator[Row]:
    """The axis, the size and the weights of a box."""
    members = [other for other in checked.graph.index if other == path or other.startswith(path + "/")]
    axis = next((checked.axes[other].own for other in members if other in checked.axes and checked.axes[other].own), "")
    if axis:
        yield Row("runs on", axis)
    grouping = Grouping(frozenset(path.rsplit("/", count)[0] for count in range(1, path.count("/") + 1)))
    size, _, learned = facts(checked, grouping).get(path, "").partition(", ")
    if size:
        yield Row("size", size.removeprefix("size "))
    if learned:
        number = learned.removesuffix(" parameters")
        yield Row("weights", f"{int(number):,}" if number.isdecimal() else number)


def ports_of(checked: Checked, node: Node) -> Iterator[Row]:
    """What each port reads, and how large that is."""
    graph = checked.written if node.path in checked.written else checked.graph
    wording = Wording(graph)
    known = facts(checked)
    for port, wire in node.inputs:
        source = checked.values.get((wire.source, wire.port))
        size = str(source) if source else known.get(wire.source, "").partition(",")[0].removeprefix("size ")
        yield Row(port, wording.read(wire, node.body), size)


def _equations(checked: Checked, path: str, inside: bool) -> Iterator[Equation]:
    """What is computed at a step, as a textbook writes it."""
    grouping = opened(checked.graph, [path]) if inside else Grouping(frozenset(_parents(path)))
    view = folded(checked.graph, checked.axes, grouping)
    paths = {box.path for box in view.boxes if box.path == path or box.path.startswith(path + "/")}
    lines = equations(view, paths)
    yield from (tuple((run.text, run.level) for run in line.runs) for line in lines[:MOST_EQUATIONS])
    if len(lines) > MOST_EQUATIONS:
        yield ((f"and {len(lines) - MOST_EQUATIONS} more", 0),)


def _parents(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _runs(model: Model, path: str) -> Iterator[str]:
    """How a box runs, and why so."""
    for phase in model.phases:
        if any(other == path or other.startswith(path + "/") for other in (*phase.nodes, *phase.made)):
            yield phase.said + (f": {phase.why}" if phase.why else "")
