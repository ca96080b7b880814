"""One model or several that decide together, stepped with many hypotheses of every sequence side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from leporello.builder.compiling import compile
from leporello.builder.names import argument
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.edits.feedback import resolve
from leporello.graphs.edits.pruning import needed, with_outputs
from leporello.graphs.frozen import frozen
from leporello.graphs.problems import refuse
from leporello.training.roles import feedback_of, output_of
from leporello.training.runs.run import TrainingError

State = dict[str, Tensor]


@frozen
class Going:
    """Where the models of an ensemble are in a batch: a state of each, and which of its keys are one per sequence."""

    states: tuple[State, ...]
    constants: tuple[frozenset[str], ...]

    def moved(self, parents: Tensor) -> Going:
        """Every hypothesis goes on from one of its own sequence: `parents` are their places, `[batch, hypotheses]`."""
        rows = torch.arange(len(parents), device=parents.device)[:, None]
        return self._each(lambda constant, value: value if constant else value[rows, parents])

    def narrowed(self, rows: Tensor) -> Going:
        """Some of the sequences, `[fewer]`, are left."""
        return self._each(lambda _, value: value[rows])

    def _each(self, change: Callable[[bool, Tensor], Tensor]) -> Going:
        pairs = zip(self.states, self.constants, strict=True)
        states = ({key: change(key in fixed, value) for key, value in state.items()} for state, fixed in pairs)
        return Going(tuple(states), self.constants)


@frozen
class Stepped:
    """What a step gives, `[batch, hypotheses, ...]`: log probabilities of the vocabulary, attention to the source."""

    log_probabilities: Tensor
    attention: Tensor | None
    going: Going

    def repeated(self, hypotheses: int) -> Stepped:
        """So many hypotheses of every sequence, where there was one."""
        going = self.going.moved(self.log_probabilities.new_zeros(len(self.log_probabilities), hypotheses).long())
        attention = None if self.attention is None else self.attention.expand(-1, hypotheses, -1)
        return Stepped(self.log_probabilities.expand(-1, hypotheses, -1), attention, going)


class Ensemble:
    """Models that decide together: the mean of their probabilities is what the next token is chosen by.

    Args:
        modules: compiled models of the same tokens. Their weights are used as they are, also when they change later;
            their modes (training or evaluation) are not touched.
        attention: the attention weights wanted with each hypothesis, as the spec names them (`attention.weights`) or by
            path: one value for every step of a source. Of several models these are the means.

    Raises:
        SpecError: for models that cannot go step by step, that are given anything but one feedback at each step, or
            that do not fit together.
    """

    def __init__(self, modules: Sequence[nn.Module], attention: str | None = None) -> None:
        if not modules:
            raise refuse("there is no model to generate with", "give one module at least")
        models: list[Any] = list(modules)
        also = [attention] if attention else []
        self.parts = [_Part(model.checked, attention) for model in models]
        if len({part.vocabulary for part in self.parts}) > 1:
            sizes = ", ".join(str(part.vocabulary) for part in self.parts)
            raise refuse(
                f"the models have vocabularies of {sizes} tokens", "an ensemble is of models of the same tokens"
            )
        self.modules: list[Any] = [
            compile(model.checked, also=also, sharing=model, hypotheses=True).eval() for model in models
        ]
        self.attention = attention
        self.vocabulary = self.parts[0].vocabulary

    @torch.no_grad()
    def start(self, sources: Mapping[str, Tensor], lengths: Mapping[str, Tensor] | None = None) -> Going:
        """What is worked out once for every source, and the states before the first step, of one hypothesis each.

        Args:
            sources: by name, what a model is given beside the feedback: `[batch, source]` or
                `[batch, source, features]`.
            lengths: by axis, how many steps of each source are valid, `[batch]`.
        """
        given = {argument(name): value for name, value in sources.items()}
        known = dict(lengths) if lengths else None
        states = tuple(module.start(**given, lengths=known) for module in self.modules)
        return Going(states, tuple(frozenset(module.constants) for module in self.modules))

    @torch.no_grad()
    def step(self, tokens: Tensor, going: Going) -> Stepped:
        """One step: every hypothesis reads its last token, `[batch, hypotheses]`.

        Raises TrainingError where a model's logits are no numbers.
        """
        found, looked, states = [], [], []
        for module, part, state in zip(self.modules, self.parts, going.states, strict=True):
            outputs, after = module.step({part.feedback: tokens}, state)
            states.append(after)
            found.append(torch.log_softmax(outputs[part.output], -1))
            if self.attention:
                looked.append(outputs[self.attention].mean(-1))
        together = found[0] if len(found) == 1 else torch.stack(found).logsumexp(0) - math.log(len(found))
        if bool(together[..., 0].isnan().any()):
            raise TrainingError("the model's logits are not finite", "train it again with a smaller training.rate")
        attention = torch.stack(looked).mean(0) if looked else None
        return Stepped(together, attention, Going(tuple(states), going.constants))

    def begin(self, going: Going, token: int) -> Stepped:
        """The first step, in which every sequence's one hypothesis reads the token that stands before all."""
        known = next(iter(going.states[0].values()))
        return self.step(torch.full((len(known), 1), token, device=known.device), going)

    def seen(self, lengths: Mapping[str, Tensor] | None, stepped: Stepped) -> Tensor | None:
        """How many steps of each source there are to look at, `[batch]`; None where nobody looks."""
        if stepped.attention is None:
            return None
        batch, _, steps = stepped.attention.shape
        length = (lengths or {}).get(str(self.parts[0].looks_at))
        length = torch.tensor(steps) if length is None else torch.as_tensor(length)
        return length.expand(batch).to(stepped.attention.device)


def attentions(checked: Checked) -> tuple[str, ...]:
    """The attention weights of a model, by path: what runs over all steps of another axis at each step of its own.

    These are the names that `Ensemble(..., attention=...)` takes, in the order of the spec.
    """
    axis = checked.axes[feedback_of(checked.graph)].own
    found = ((node.path, checked.axes[node.path]) for node in checked.graph.nodes if node.block == "softmax")
    return tuple(path for path, axes in found if axes.own == axis and axes.over and axes.carried == (axes.over,))


class _Part:
    """A model of an ensemble: what its feedback and its output are called, and along which axis it looks back."""

    def __init__(self, checked: Checked, attention: str | None) -> None:
        graph = checked.graph
        self.feedback, self.output = feedback_of(graph), output_of(graph)
        self.vocabulary = _tokens(checked, self.feedback)
        truth = dict(graph[self.feedback].inputs)["truth"]
        if truth.time.offset != -1:
            raise refuse(f"{self.feedback} reads {truth}", "generation knows a delay of one step: truth: target(t-1)")
        model, axis = needed(resolve(checked, "step")), checked.axes[self.feedback].own
        more = [node.path for node in model.graph.inputs if node.axis == axis and node.path != self.feedback]
        if more:
            hint = f"generation gives a step nothing but {self.feedback}"
            raise refuse(f"{graph.name} is given {', '.join(more)} at each step of {axis}", hint)
        self.looks_at = _looked_at(checked, attention) if attention else None


def _tokens(checked: Checked, feedback: str) -> int:
    value = checked.values[feedback, ""]
    if value.kind != "tokens":
        raise refuse(f"{feedback} feeds back {value.kind}, no tokens", "generation is of tokens")
    return int(value.size)  # type: ignore[arg-type]


def _looked_at(checked: Checked, attention: str) -> str:
    """The axis that attention weights run over."""
    graph = with_outputs(checked, [attention]).graph
    wire = next(output.wire for output in graph.outputs if output.name == attention)
    carried = checked.axes[wire.source].carried
    if len(carried) != 1:
        what = f"{attention} has no value for every step of a source"
        raise refuse(what, "name attention weights, such as attention.weights")
    return carried[0][0]
