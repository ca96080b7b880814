"""A block in a plain use of it, with inputs and weights: what a conformance test tries."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from functools import cached_property

import torch
from torch import Tensor, nn

from leporello.blocks.registry import registry
from leporello.builder.compiling import compile
from leporello.builder.names import dotted
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.blocktypes import BlockType, Parameter, Port
from leporello.graphs.fields import REQUIRED
from leporello.graphs.frozen import frozen
from leporello.graphs.problems import SpecError
from leporello.graphs.specs import check_spec

FEATURES, UNITS = 6, 4
LENGTHS = (5, 3, 1)
Tensors = Mapping[str, Tensor]


@frozen
class Trial:
    """A block in a plain use; `whole` says that it reads a whole axis."""

    kind: BlockType
    checked: Checked
    whole: bool

    @cached_property
    def inputs(self) -> Tensors:
        """As long as the longest sequence, NaN (for tokens: 0) beyond the end of each."""
        valid = torch.arange(max(LENGTHS)) < torch.tensor(LENGTHS).unsqueeze(1)
        features = random((len(LENGTHS), max(LENGTHS), FEATURES), 1)
        tokens = torch.randint(0, FEATURES, valid.shape, generator=torch.Generator().manual_seed(2))
        given = {"x": features.masked_fill(~valid.unsqueeze(-1), torch.nan), "w": tokens * valid}
        return {node.path: given[node.path] for node in self.checked.graph.inputs}

    @property
    def lengths(self) -> Tensors:
        """How many steps of each sequence are valid."""
        return {"time": torch.tensor(LENGTHS)}

    @cached_property
    def weights(self) -> Tensors:
        """By dotted path."""
        shapes = [(f"{p}/{n}", shape) for p, own in self.checked.weights.items() for n, shape in own.items()]
        return {dotted(path): random(shape, seed) * 0.7 for seed, (path, shape) in enumerate(shapes, 3)}

    @cached_property
    def fresh(self) -> nn.Module:
        """The compiled module with its first values."""
        return compile(self.checked)

    def module(self) -> nn.Module:
        """A copy of the module with the weights of the trial, in float64, as it is when it is not trained."""
        made = deepcopy(self.fresh).double().eval()
        made.load_state_dict(dict(self.weights))
        return made

    @property
    def by_chance(self) -> bool:
        """Whether a block of a pack draws by chance, so that two runs differ."""
        return any("/" in n.block and self.checked.registry[n.block].varies for n in self.checked.graph.nodes)


def random(shape: tuple[int, ...], seed: int) -> Tensor:
    """Normal numbers in float64."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def ways(kind: BlockType) -> tuple[bool, ...]:
    """How a block may read: steps, a whole axis that it runs over, or both."""
    return {"kept": (False,), "closed": (True,), "used": (False, True)}[kind.carried]


def trial(kind: BlockType, whole: bool) -> Trial:
    """A block in the plainest use that checks: of different sizes if it takes them, else of equal ones.

    Raises:
        SpecError: if neither checks.
    """
    wrong: SpecError | None = None
    for units in (UNITS, FEATURES):
        try:
            return Trial(kind, check_spec(plain_use(kind, units, FEATURES, whole), registry(), {}), whole)
        except SpecError as error:
            wrong = wrong or error
    raise wrong or SpecError()


def plain_use(kind: BlockType, units: int | str, features: int | str, whole: bool) -> str:
    """The text of a spec that uses the block once, each of its outputs an output of the model."""
    reads = {port.name: _read(port, whole) for port in kind.ports if not port.optional}
    said = {"block": kind.name, **reads, **({"input": "[x, x]"} if kind.many else {})}
    for parameter in kind.parameters:
        if parameter.default is REQUIRED or (parameter.type == "size" and parameter.default is not None):
            said[parameter.name] = _value(parameter, units)
    into = ("a", "b") if kind.parameter("into") else None
    ports = kind.outputs_of({"into": into})
    lines = ["spec: 1", "name: trial", "inputs:", f"  x: {{features: {features}}}"]
    lines += [f"  w: {{tokens: {features}}}"] if any(read.startswith("w") for read in reads.values()) else []
    lines += ["nodes:", f"  k: {{{', '.join(f'{key}: {value}' for key, value in said.items())}}}"]
    lines += ["outputs:", "  given: x", *(f"  out{place}: k.{port}" for place, port in enumerate(ports, 1))]
    return "\n".join(lines) + "\n"


def _read(port: Port, whole: bool) -> str:
    source = "w" if port.kind == "tokens" else "x"
    return source + ("(t-1)" if port.reads == "late" else "(all)" if whole else "")


def _value(parameter: Parameter, units: int | str) -> str:
    """Some value that the parameter allows."""
    least = parameter.low or 0
    plain = {"integer": f"{max(int(least), 1)}", "number": f"{least or 0.5}", "boolean": "true", "names": "[a, b]"}
    if parameter.type == "choice":
        return parameter.choices[0]
    return str(units) if parameter.type == "size" else plain.get(parameter.type, "x")
