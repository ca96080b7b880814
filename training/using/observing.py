"""What goes on inside a trained model while it reads a person's own line: words, attention and values by step.

The result has the form of a picture's values, `{"words": ..., "attention": ..., "gates": ...}`, and says over how many
steps the picture is unfolded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from leporello.builder.compiling import compile
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.frozen import frozen
from leporello.graphs.problems import refuse
from leporello.training.data.encoders import Encoder, Labels
from leporello.training.data.vocabulary import END, Vocabulary
from leporello.training.feeding.batch import Batch, tensor_of
from leporello.training.feeding.forward import forward
from leporello.training.generating.translating import Translator, translates
from leporello.training.roles import inputs_read
from leporello.training.using.trained import Trained

LONGEST = 400
MOST_INNER = 12
"""So many states and gates are seen that nobody has named."""
SIGNS = {" ": "␣", "\n": "⏎", "\t": "⇥", "": "□"}
"""What cannot be seen, and the end."""


@frozen
class Observed:
    """`steps` of each axis, `values` by kind and name, as a picture takes them, and on which axis each name is."""

    steps: Mapping[str, int]
    values: Mapping[str, Any]
    axes: Mapping[str, str]


@torch.no_grad()
def observe(
    trained: Trained,
    line: str,
    show: Sequence[str] = (),
    written: Sequence[str] | None = None,
    inner: bool = False,
) -> Observed:
    """Let a model read `line`, and see what its attention and the nodes of `show` do.

    With `inner` its states and gates are seen too, as far as their values lie between -1 and 1. A model that
    translates writes its own translation, or the symbols `written`, as a beam found them. Raises SpecError for a line
    without a symbol or with more than 400, for models that read no text, and for nodes of `show` that are not there or
    whose values lie beyond -1 to 1.
    """
    checked: Checked = trained.module.checked  # type: ignore[assignment]
    translating = translates(trained.module, trained.encoders)
    inputs = _translated(trained, line, written) if translating else _read(trained, line)
    looks, own = _looks(checked), inner_nodes(checked) if inner else []
    module = compile(checked, also=[*looks.values(), *show, *own], sharing=trained.module).eval()
    steps = {str(checked.axes[name].own): len(tokens) for name, tokens in inputs.items()}
    outputs, _ = forward(module, Batch({name: tokens[None] for name, tokens in inputs.items()}), None, carried=False)
    words = {name: _symbols(trained.encoders[name], tokens.tolist()) for name, tokens in inputs.items()}
    for output in checked.graph.outputs:
        encoder = trained.encoders.get(output.predicts)
        if isinstance(encoder, Vocabulary | Labels) and checked.axes[output.wire.source].own in steps:
            words[output.name] = _symbols(encoder, outputs[output.name][0].argmax(-1).tolist())
    attention = {name: outputs[path][0].mean(-1).tolist() for name, path in looks.items()}
    gates = {path: _rows(path, outputs[path][0]) for path in show}
    fit = [path for path in own if outputs[path].dim() == 3 and float(outputs[path].abs().max()) <= 1]
    gates |= {path: _rows(path, outputs[path][0]) for path in fit}
    sources = {output.name: output.wire.source for output in checked.graph.outputs}
    sources |= {one.path: next(iter(one.ports.values()))[0].source for one in checked.graph.composites if one.ports}
    sources |= looks
    axes = {name: str(checked.axes[sources.get(name, name)].own) for name in (*words, *attention, *gates)}
    return Observed(steps, {"words": words, "attention": attention, "gates": gates}, axes)


def inner_nodes(checked: Checked) -> list[str]:
    """The states and gates of a model: what is read one step late or early, and sigmoids, in the order of the graph."""
    graph = checked.graph
    late = {wire.source for node in graph.nodes for wire in node.wires if wire.time.shift}
    found = [node.path for node in graph.nodes if node.path in late or node.block == "sigmoid"]
    inputs = {node.path for node in graph.inputs}
    return [path for path in found if path not in inputs and checked.axes[path].own][:MOST_INNER]


def _translated(trained: Trained, line: str, symbols: Sequence[str] | None) -> dict[str, Tensor]:
    """The source, and what the model makes of it, its end included."""
    translator = Translator([trained.module], trained.encoders)
    roles = translator.roles
    source = _tokens(translator.source, line)
    if symbols is None:
        [[found]] = translator.translate([line])
        symbols = found.symbols
    written = [translator.target.numbers[symbol] for symbol in symbols]
    return {roles.source: source, roles.target: torch.tensor([*written, END])}


def _read(trained: Trained, line: str) -> dict[str, Tensor]:
    """The one text that a model reads."""
    read = [node.path for node in inputs_read(trained.graph)]
    texts = {name: one for name, one in trained.encoders.items() if isinstance(one, Vocabulary) and name in read}
    others = [path for path in read if path not in texts]
    if len(texts) != 1 or others:
        names = ", ".join([*texts, *others]) or "none"
        raise refuse(f"a line is read by models of one text, and {trained.graph.name} reads {names}", "")
    [(name, vocabulary)] = texts.items()
    return {name: _tokens(vocabulary, line)}


def _tokens(vocabulary: Vocabulary, line: str) -> Tensor:
    tokens = tensor_of(vocabulary.encode(line), 0)
    if not 0 < len(tokens) <= LONGEST:
        raise refuse(f"the line has {len(tokens)} {vocabulary.kind}", f"1 to {LONGEST} are allowed")
    return tokens


def _looks(checked: Checked) -> dict[str, str]:
    """The attentions that can be seen: by composite the path of its weights over one other axis."""
    found: dict[str, str] = {}
    for composite in checked.graph.composites:
        for wire in composite.ports.get("weights", ()):
            axes = checked.axes[wire.source]
            if axes.own and len(axes.carried) == 1:
                found[composite.path] = wire.source
    return found


def _symbols(encoder: Encoder, tokens: Sequence[int]) -> list[str]:
    """What stands at each step."""
    found = [encoder.name(one) if isinstance(encoder, Labels) else encoder.character(one) for one in tokens]  # type: ignore[attr-defined]
    return [SIGNS.get(symbol, symbol) for symbol in found]


def _rows(path: str, value: Tensor) -> list[list[float]]:
    """Values [steps, features] as rows of a feature each, as a heat map has them."""
    if value.dim() != 2:
        raise refuse(f"{path} has no features at each step", "name a node such as a state or a gate")
    most = float(value.abs().max())
    if most > 1:
        raise refuse(
            f"{path} has values up to {most:.3g}", "what lies between -1 and 1 is shown: gates, tanh, a state h"
        )
    return [[round(one, 4) for one in row] for row in value.T.tolist()]
