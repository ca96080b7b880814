"""The models whose generated source is tested: all examples and all shipped blocks."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from functools import cache

from torch import Tensor, nn

from leporello.blocks.registry import registry
from leporello.builder.lowering.generate import source
from leporello.graphs.analysis.checks import Checked, check
from leporello.graphs.edits.feedback import Mode
from leporello.graphs.specs import read_file
from tests.support.comparing import Case, checked_spec, make_case
from tests.support.paths import ROOT

EXAMPLES = {file.stem: file for file in sorted((ROOT / "examples").glob("*.yaml"))}
CLASSES = ("Blank", "Later", "Parts", "Tanh")
"""Those that generated source may define beside the model's own."""
SHOWN = ("elman", "lstm_from_equations", "luong")
SIZES = (
    dict.fromkeys(("characters", "letters", "words", "signs"), 7)
    | dict.fromkeys(("tags", "figures", "packages", "states"), 5)
    | {"source_words": 6, "target_words": 5}
)

CELLS = {
    "lstm": "{block: lstm, input: x, units: 4}",
    "lstm_stacked": "{block: lstm, input: x, units: 4, layers: 3, direction: both, dropout: 0.1, residual: 2}",
    "lstm_peephole": "{block: lstm, input: x, units: 4, gates: peephole, initial: learned}",
    "lstm_coupled": "{block: lstm, input: x, units: 4, gates: coupled, direction: backward}",
    "lstm_projection": "{block: lstm, input: x, units: 4, projection: 2}",
    "gru": "{block: gru, input: x, units: 4, initial: 0.5}",
    "gru_before": "{block: gru, input: x, units: 4, reset: before, layers: 2}",
    "rnn": "{block: rnn, input: x, units: 4}",
    "rnn_relu": "{block: rnn, input: x, units: 4, activation: relu, bias: false}",
    "minimal_gru": "{block: minimal_gru, input: x, units: 4, direction: both}",
    "block_attention": "{block: attention, query: h(t-1), memory: m, units: 4}",
    "dot_attention": "{block: dot_attention, query: h(t-1), memory: m, units: 4}",
}


def cell_text(name: str) -> str:
    """A spec around one shipped block."""
    if "attention" not in name:
        return f"spec: 1\nname: {name}\ninputs: {{x: {{features: 4}}}}\nnodes:\n  h: {CELLS[name]}\noutputs: {{y: h}}\n"
    return (
        f"spec: 1\nname: {name}\ninputs: {{x: {{features: 4}}, m: {{features: 4, axis: source}}}}\nnodes:\n"
        f"  a: {CELLS[name]}\n  h: {{block: gru, input: [x, a], units: 4}}\noutputs: {{y: h, w: a.weights}}\n"
    )


def example(name: str) -> Checked:
    """An example with small sizes."""
    graph = read_file(EXAMPLES[name], registry())
    unbound = check(graph, registry()).unbound
    return check(graph, registry(), {size: SIZES[size] for size in unbound})


@cache
def model_of(name: str) -> Checked:
    """An example or a model of one shipped block."""
    return example(name) if name in EXAMPLES else checked_spec(cell_text(name))


NAMES = [*EXAMPLES, *CELLS]


def modes(checked: Checked) -> tuple[Mode, ...]:
    """The ways in which a model is compiled."""
    fed = any(node.block == "feedback" for node in checked.graph)
    return ("teacher", "free") if fed else ("teacher",)


class Sources(Mapping[str, str]):
    """All sources, by the name of the model and its mode; each is made when it is asked for first."""

    def __init__(self) -> None:
        self.known = {f"{name}_{mode}": (name, mode) for name in NAMES for mode in modes(model_of(name))}
        self.made: dict[str, str] = {}

    def __getitem__(self, key: str) -> str:
        if key not in self.made:
            name, mode = self.known[key]
            self.made[key] = source(model_of(name), mode)
        return self.made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.known)

    def __len__(self) -> int:
        return len(self.known)


SOURCES = Sources()


def case_of(name: str, seed: int = 0) -> Case:
    """Random weights and ragged inputs."""
    checked = model_of(name)
    axes = {axes.own for axes in checked.axes.values() if axes.own}
    case = make_case(checked, dict.fromkeys(sorted(axes), (4, 2, 3)), seed)
    # Gates of hundreds of units are not to saturate.
    weights = {key: value / 5 for key, value in case.weights.items()} if name in EXAMPLES else case.weights
    return Case(checked, case.inputs, weights, case.lengths)


def given(case: Case, module: nn.Module) -> dict[str, Tensor]:
    """The inputs that a module takes."""
    taken = inspect.signature(module.forward).parameters
    return {name: value for name, value in case.inputs.items() if name in taken}
