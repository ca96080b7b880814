"""What the tests of rewriting passes share: small models, and what no pass may change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from leporello.builder.lowering.delay_lines import find_lines
from leporello.builder.plan.passes.accumulate import accumulate
from leporello.builder.plan.passes.flatten import flatten
from leporello.builder.plan.passes.fold import fold
from leporello.builder.plan.passes.join import join
from leporello.builder.plan.passes.merge import merge
from leporello.builder.plan.passes.mix import mix
from leporello.builder.plan.passes.rewriting import read_late
from leporello.builder.plan.passes.split import split
from leporello.builder.plan.passes.unify import unify
from leporello.builder.plan.passes.weigh import weigh
from leporello.graphs.analysis.checks import Checked, recheck
from leporello.graphs.edits.feedback import resolve
from leporello.graphs.edits.pruning import needed, with_outputs
from leporello.graphs.nodes import Learned
from tests.support.comparing import Case, assert_same, by_interpreter, checked_spec, make_case
from tests.support.paths import EXAMPLES as FOLDER

Pass = Callable[[Checked, frozenset[str]], Checked]
PASSES: dict[str, Pass] = {
    "fold": fold,
    "unify": unify,
    "flatten": flatten,
    "merge": merge,
    "split": split,
    "accumulate": accumulate,
    "mix": mix,
    "join": join,
    "weigh": weigh,
}
EXAMPLES = sorted(FOLDER.glob("*.yaml"))
SIZES = {
    "characters": 7,
    "letters": 9,
    "figures": 5,
    "words": 6,
    "tags": 5,
    "packages": 4,
    "signs": 6,
    "states": 5,
    "source_words": 6,
    "target_words": 5,
}
NONE: frozenset[str] = frozenset()


def spec(nodes: str, outputs: str = "y: h", inputs: str = "x: {features: 3}") -> str:
    """A spec's text from its nodes, one a line."""
    lines = "".join(f"  {line.strip()}\n" for line in nodes.strip().splitlines())
    return f"spec: 1\ninputs: {{{inputs}}}\nnodes:\n{lines}outputs: {{{outputs}}}\n"


def model_of(nodes: str, outputs: str = "y: h", inputs: str = "x: {features: 3}", also: Sequence[str] = ()) -> Checked:
    """A model as the passes get it: feedback resolved, only what is needed."""
    model = needed(resolve(with_outputs(checked_spec(spec(nodes, outputs, inputs)), also), "teacher"))
    written = tuple(output for output in model.graph.outputs if output.name not in also)
    return recheck(model, replace(model.graph, outputs=written))


def blocks(model: Checked) -> Counter[str]:
    """How many nodes there are of each block."""
    return Counter(node.block for node in model.graph)


def inside(model: Checked) -> set[str]:
    """The nodes that run step by step."""
    return {path for loop in model.loops for path in loop.nodes}


def assert_kept(model: Checked, after: Checked, lengths: tuple[int, ...] = (4, 1, 3), also: Sequence[str] = ()) -> None:
    """Both models give the same values and gradients, with the same outputs, weights in use and delay lines."""
    axes = {node.axis for node in model.graph.inputs} | {axes.own for axes in model.axes.values()}
    case = make_case(model, {str(axis): lengths for axis in axes if axis not in (None, "none")}, 7)
    changed = Case(after, case.inputs, case.weights, case.lengths)
    assert_same(by_interpreter(changed, also=also), by_interpreter(case, also=also))
    assert_structure_kept(model, after)


def assert_structure_kept(model: Checked, after: Checked) -> None:
    """Inputs, outputs' names, delay lines and learned first values are those of before; no new weights."""
    assert [output.name for output in after.graph.outputs] == [output.name for output in model.graph.outputs]
    assert {node.path for node in after.graph.inputs} <= {node.path for node in model.graph.inputs}
    assert find_lines(after) == find_lines(model)
    for path in read_late(model):
        was, now = model.graph[path].initial, after.graph[path].initial
        assert now == was or (isinstance(was, tuple) and isinstance(now, tuple))  # what is read may stand elsewhere now
        assert after.axes[path] == model.axes[path]
        assert after.values[path, ""] == model.values[path, ""]
    learned = {node.path for node in model.graph if isinstance(node.initial, Learned)}
    assert {node.path for node in after.graph if isinstance(node.initial, Learned)} <= learned
    for path, weights in after.weights.items():
        assert {name: model.weights[path][name] for name in weights} == weights


def axes_of(model: Checked) -> set[str]:
    """The names of a model's axes."""
    return {axes.own for axes in model.axes.values() if axes.own}
