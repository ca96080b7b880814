"""Text that a language model writes, character by character, through its `start` and `step`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from leporello.graphs.graph import Graph
from leporello.graphs.problems import Problem, SpecError, refuse
from leporello.training.data.vocabulary import BEGIN, END, UNKNOWN, Vocabulary
from leporello.training.resuming import compiler
from leporello.training.roles import feedback_of, output_of
from leporello.training.runs.run import TrainingError

NEVER = (BEGIN, UNKNOWN)


def distribution(
    logits: Tensor, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0, never: tuple[int, ...] = NEVER
) -> Tensor:
    """The probabilities [..., vocabulary] from which the next token is drawn, for logits [..., vocabulary].

    In this order: the tokens of `never` are left out; logits are divided by `temperature` (0: all weight on the
    largest, the first of equals); the `top_k` most likely are kept (0: all; Fan et al. 2018); of these, the fewest
    that together have a probability of `top_p` at least (1: all; Holtzman et al. 2020).

    >>> distribution(torch.tensor([0.0, 9.0, 0.0, 1.0, 1.0]), temperature=0).tolist()
    [0.0, 1.0, 0.0, 0.0, 0.0]
    """
    check_sampling(temperature, top_k, top_p)
    scores = logits.double().clone()  # [..., vocabulary]
    scores[..., list(never)] = -torch.inf
    if temperature == 0:
        return torch.nn.functional.one_hot(scores.argmax(-1), scores.shape[-1]).double()
    # A stable sort, so that exactly k are kept where several are equally likely.
    # The largest is subtracted first: divided by next to nothing it would be infinite.
    scores = (scores - scores.amax(-1, keepdim=True)) / temperature
    sorted_scores, order = scores.sort(dim=-1, descending=True, stable=True)
    if top_k:
        sorted_scores[..., top_k:] = -torch.inf
    probabilities = sorted_scores.softmax(-1)
    if top_p < 1:
        before = probabilities.cumsum(-1) - probabilities
        probabilities = torch.where(before < top_p, probabilities, 0.0)
        probabilities = probabilities / probabilities.sum(-1, keepdim=True)
    return torch.zeros_like(probabilities).scatter(-1, order, probabilities)


def check_sampling(temperature: float, top_k: int, top_p: float) -> None:
    """Raise SpecError for settings that are out of range."""
    if not 0 <= temperature <= 1000:
        raise refuse(f"the temperature is {temperature}", "a number from 0 (always the likeliest) to 1000; 1 is usual")
    if isinstance(top_k, bool) or not isinstance(top_k, int) or top_k < 0:
        raise refuse(f"top-k is {top_k}", "a whole number of tokens to choose from; 0 for all")
    if not 0 < top_p <= 1:
        raise refuse(f"top-p is {top_p}", "a probability above 0, up to 1 for all")


def generate(
    module: nn.Module,
    vocabulary: Vocabulary,
    prompt: str = "",
    length: int = 400,
    *,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    seed: int | None = None,
    stop_at_end: bool = True,
    warn: Callable[[Problem], None] | None = None,
) -> Iterator[str]:
    """Read `prompt`, then write up to `length` characters, one at a time; the prompt itself is not repeated.

    The same `seed` writes the same text. Begin and unknown are never drawn; end stops the text, or is never drawn
    without `stop_at_end`. Characters of the prompt that the model does not know are read as unknown, and `warn` is
    told.

    Raises SpecError for settings out of range and for models that cannot go step by step.
    """
    check_sampling(temperature, top_k, top_p)
    if length < 0:
        raise refuse(f"the length is {length}", "a number of characters, 0 or more")
    unknown = vocabulary.unknown(prompt)
    if unknown and warn:
        shown = " ".join(repr(character) for character in unknown[:20])
        warn(Problem(f"the model has never seen {shown}", "read as unknown", warning=True))
    generator = torch.Generator()
    if seed is None:
        generator.seed()
    else:
        generator.manual_seed(seed)
    never = NEVER if stop_at_end else (*NEVER, END)

    def draw(logits: Tensor) -> int:
        return int(torch.multinomial(distribution(logits, temperature, top_k, top_p, never), 1, generator=generator))

    return _write(_Reader(module, [BEGIN, *vocabulary.encode(prompt)]), vocabulary, length, draw)


def _write(reader: _Reader, vocabulary: Vocabulary, length: int, draw: Callable[[Tensor], int]) -> Iterator[str]:
    for _ in range(length):
        token = draw(reader.logits)
        if token == END:
            return
        yield vocabulary.character(token)
        reader.read(token)


class _Reader:
    """A model that has read some tokens: the logits [vocabulary] of the next one, and the state."""

    def __init__(self, module: Any, tokens: list[int]) -> None:
        module.eval()
        self.module = module
        self.feedback, self.output = feedback_of(module.graph), output_of(module.graph)
        try:
            with torch.no_grad():
                self.state = self.module.start(batch=1)
        except ValueError as error:  # the module says so of what cannot go step by step
            raise refuse(f"{module.graph.name} cannot write: {error}", "leporello check says what streams") from error
        for token in tokens:
            self.read(token)

    @torch.no_grad()
    def read(self, token: int) -> None:
        """Go one step on."""
        outputs, self.state = self.module.step({self.feedback: torch.tensor([token])}, self.state)
        self.logits = outputs[self.output][0]
        if not bool(torch.isfinite(self.logits).all()):
            raise TrainingError("the model's logits are not finite", "train it again with a smaller training.rate")


def predicting(graph: Graph) -> Graph:
    """The graph with those outputs alone that predict: what writes needs no others, which may need what is ahead."""
    return replace(graph, outputs=tuple(output for output in graph.outputs if output.predicts))


def writer_of(module: Any, sizes: Mapping[str, int]) -> nn.Module:
    """The module that writes: the same weights, without outputs that predict nothing."""
    checked = getattr(module, "checked", None)
    if checked is None or all(output.predicts for output in checked.written.outputs):
        return module  # type: ignore[no-any-return]
    found: nn.Module = compiler()(predicting(checked.written), **sizes)
    found.load_state_dict(module.state_dict(keep_vars=True), assign=True)
    return found.train(module.training)


def writes(module: Any) -> bool:
    """Whether a model can be let write: it feeds its own text back, step by step."""
    try:
        feedback_of(module.graph), output_of(module.graph)
        module.start(batch=1)
    except (SpecError, ValueError):  # the module says by a ValueError that it cannot go step by step
        return False
    return True
