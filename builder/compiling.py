"""`compile`: from a spec or a graph to a PyTorch module."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from leporello.blocks.registry import registry
from leporello.builder.load import load
from leporello.builder.lowering.generate import source
from leporello.builder.memory import check_memory
from leporello.builder.names import class_name
from leporello.builder.sharing import share_weights
from leporello.builder.torch_weights import from_torch, to_torch
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.edits.feedback import Mode
from leporello.graphs.graph import Graph
from leporello.graphs.specs import Spec, check_spec


class Compiled:
    """What a compiled module has beside the methods of its source.

    `source` is its Python text, `checked` the model that it was made from, `graph` the opened graph.
    """

    source: str
    checked: Checked

    @property
    def graph(self) -> Graph:
        """The opened graph, every feedback still in it."""
        return self.checked.graph

    def from_torch(self, path: str, layer: nn.Module) -> None:
        """Copy the weights of a `torch.nn.RNN`, `LSTM` or `GRU` into the block at `path`.

        Gates are put in order, and torch's two biases are added. Raises SpecError where the shapes differ.
        """
        from_torch(self, path, layer)  # type: ignore[arg-type]

    def to_torch(self, path: str) -> nn.Module:
        """A `torch.nn.RNN`, `LSTM` or `GRU` with the weights of the block at `path`."""
        return to_torch(self, path)  # type: ignore[arg-type]


def compile(
    spec: Spec,
    *,
    feedback: Mode = "teacher",
    also: Sequence[str] = (),
    sharing: nn.Module | None = None,
    hypotheses: bool = False,
    **sizes: int,
) -> nn.Module:
    """A PyTorch module for a spec.

    Args:
        spec: a path, the text of a spec, a graph, or a model that was checked.
        feedback: what every `feedback` reads: the truth (`teacher`), the model's own choice (`free`), one of them
            by the coins of an input `NAME_coin` (`curriculum`), or, as `step` does, a value that the caller gives.
        also: inner nodes wanted as outputs by path, such as `h/1/forward/c`, or values as the spec names them, such
            as `encoder` or `attention.weights`; `step` gives those that are of the step.
        sharing: a module of the same model, whose parameters this one uses as its own. So a model is validated freely
            with the weights with which it is being taught.
        hypotheses: whether `step` takes several hypotheses of every sequence, for beam search: inputs and outputs
            `[batch, hypotheses, ...]`. A state is so, too, but what its `module.constants` names, which is worked out
            once for every sequence and kept once, `[batch, ...]`; `start` gives one hypothesis.
        sizes: values for the spec's `$names`.

    Returns:
        A module, called as `module(x)` or `module(x=..., lengths={"time": ...})` with `[batch, time, features]`
        (tokens `[batch, time]`, lengths `[batch]`), which gives a dict of outputs. `module.run` also gives the
        state, `module.start` and `module.step` go step by step, `module.source` is its source.

    Raises:
        SpecError: if the spec is not a model, with every problem found, and for weights that cannot be shared.

    >>> text = "{spec: 1, inputs: {x: {features: 2}}, nodes: {h: {block: gru, input: x, units: 3}}, outputs: {y: h}}"
    >>> module = compile(text)
    >>> import torch
    >>> module(torch.zeros(4, 5, 2))["y"].shape
    torch.Size([4, 5, 3])
    """
    checked = check_spec(spec, registry(), sizes)
    text = source(checked, feedback, also, hypotheses)
    check_memory(checked)
    generated = load(text, class_name(checked.written.name))
    made = type(generated.__name__, (Compiled, generated), {"source": text, "checked": checked})
    if sharing is None:
        module: nn.Module = made()
        return module
    with torch.random.fork_rng(devices=[]):  # first values that nobody sees, drawn while another model is in training
        module = made()
    share_weights(module, sharing)
    return module
