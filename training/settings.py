"""What a spec may say under `training:`: types, ranges, defaults and help, in one frozen value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, field, fields, replace
from typing import Any

from leporello.graphs.composing.tree import mark_of
from leporello.graphs.fields import Field, Under, named, shown
from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.problems import Problem, SpecError, refuse, suggest
from leporello.training.curricula import COINS, KINDS, Curriculum
from leporello.training.schedules import DECAYS, share

MODES = ("teacher", "free", "curriculum")
DEVICES = ("cpu", "cuda")
PRECISIONS = ("float32", "bf16_products", "bf16")
OPTIMIZERS = ("adam", "adamw", "sgd", "rmsprop")


CURRICULUM: Under = (("feedback", ("curriculum",)),)
LINEAR: Under = (*CURRICULUM, ("truth", ("linear",)))
GROUPS: Mapping[str, str] = {
    "batch": "how much at a time",
    "updates": "how long",
    "optimizer": "how fast",
    "weight_decay": "against learning by heart",
    "feedback": "what a feedback reads",
    "device": "the machine",
    "report_every": "what is told and kept",
}
"""What settings are about: each of these from one setting on, until the next."""


def _whole(default: int, low: int, high: int, help: str, unit: str = "", under: Under = ()) -> Any:
    return _setting(Field("", "integer", default, low, high, help=help, unit=unit, under=under))


def _number(default: float, low: float, high: float, help: str, above: bool = False, under: Under = ()) -> Any:
    return _setting(Field("", "number", default, low, high, help=help, above=above, under=under))


def _choice(default: str, choices: tuple[str, ...], help: str, under: Under = ()) -> Any:
    return _setting(Field("", "choice", default, choices=choices, help=help, under=under))


def _setting(said: Field) -> Any:
    return field(default=said.default, metadata={"field": said})


@frozen
class Settings:
    """How a model is trained.

    >>> Settings(batch=20).rate
    0.002
    """

    batch: int = _whole(50, 1, 65536, "streams of a text, or sequences, that are read side by side", "sequences")
    tokens: int = _whole(
        0, 0, 10**9, "steps of all sequences of a batch together, padding counted, at most; 0: no limit"
    )
    steps: int = _whole(50, 1, 100_000, "steps of each stream per update; gradients reach back no further", "steps")
    accumulate: int = _whole(1, 1, 10**6, "batches whose gradients are added up for one update", "batches")
    updates: int = _whole(2000, 1, 10**9, "changes of the weights in all")
    epochs: int = _whole(0, 0, 10**6, "passes over the data in all, in place of updates; 0: as updates says")
    patience: int = _whole(0, 0, 10**6, "validations without a new best after which training ends; 0: never")
    optimizer: str = _choice("adam", OPTIMIZERS, "the rule that turns gradients into changes of the weights")
    rate: float = _number(2e-3, 0.0, 10.0, "learning rate", above=True)
    warmup: int = _whole(0, 0, 10**9, "updates over which the rate rises from 0", "updates")
    decay: str = _choice(
        "none", DECAYS, "how the rate falls then: linear and cosine to 0 at the last update, exponential to factor"
    )
    factor: float = _number(
        0.1,
        0.0,
        1.0,
        "what is left of the rate at the end of an exponential decay, or after each step",
        above=True,
        under=(("decay", ("exponential", "step")),),
    )
    decay_every: int = _whole(
        1000, 1, 10**9, "updates from one step of the decay to the next", "updates", under=(("decay", ("step",)),)
    )
    clip: float = _number(1.0, 0.0, 1e6, "longest norm of all gradients together (Pascanu et al. 2013); 0: no limit")
    weight_decay: float = _number(0.0, 0.0, 1.0, "pull of the weights towards 0; biases and norms are let be")
    label_smoothing: float = _number(
        0.0, 0.0, 0.99, "share of a token's probability that is spread over all others while learning"
    )
    average: float = _number(
        0.0, 0.0, 0.99999, "how much averaged weights keep at each update, such as 0.999; they are those that are used"
    )
    feedback: str = _choice(
        "teacher", MODES, "what a feedback reads in training: the truth, the model's own, or either"
    )
    truth: str = _choice(
        "constant", KINDS, "how the probability of the truth goes over the updates, in a curriculum", under=CURRICULUM
    )
    k: float = _number(
        1.0, 0.0, 1e9, "what that begins with: k, k - slope n, k^n, k / (k + exp(n / k)) at update n", under=CURRICULUM
    )
    slope: float = _number(0.0, 0.0, 1.0, "what the linear one loses at each update", under=LINEAR)
    floor: float = _number(0.0, 0.0, 1.0, "the least probability of the truth in the linear one", under=LINEAR)
    coin: str = _choice("token", COINS, "what one coin decides in a curriculum", under=CURRICULUM)
    validate_with: str = _choice(
        "truth",
        ("truth", "own"),
        "what a feedback reads in validations and tests: the truth, or the model's own",
    )
    device: str = _choice("cpu", DEVICES, "where it is computed; a graphics card where torch finds one")
    precision: str = _choice(
        "float32",
        PRECISIONS,
        "how exactly matrices are multiplied: bf16_products does it in bfloat16, of bf16 what that gives is so too; "
        "weights, sums and losses stay in 32 bits",
    )
    workers: int = _whole(
        0, 0, 64, "processes that put batches together, beside the one that trains; their order is the same"
    )
    seed: int = _whole(1, 0, 2**63 - 1, "start of the random numbers, initial weights included")
    report_every: int = _whole(10, 1, 10**9, "updates from one report of the loss to the next")
    validate_every: int = _whole(200, 1, 10**9, "updates from one validation to the next")
    checkpoint_every: int = _whole(500, 1, 10**9, "updates from one checkpoint to the next")
    keep: int = _whole(3, 1, 10**6, "newest checkpoints that are kept, beside the one that validated best")
    sample: int = _whole(80, 0, 10_000, "characters that the model writes at each validation, to be watched; 0: none")

    def rate_at(self, update: int) -> float:
        """The learning rate of the update that follows `update` finished ones.

        >>> Settings(rate=1.0, decay="linear", updates=10).rate_at(5)
        0.5
        """
        return self.rate * share(update, self.updates, self.warmup, self.decay, self.factor, self.decay_every)

    @property
    def curriculum(self) -> Curriculum:
        """How often the truth is read. Raises SpecError for numbers that the schedule cannot have."""
        return Curriculum(self.truth, self.k, self.slope, self.floor, self.coin)  # type: ignore[arg-type]

    def to_json(self) -> dict[str, Any]:
        """The settings by name, defaults included."""
        return asdict(self)


def _fields() -> Iterator[Field]:
    group = ""
    for one in fields(Settings):
        group = GROUPS.get(one.name, group)
        yield replace(one.metadata["field"], name=one.name, group=group)


FIELDS: tuple[Field, ...] = tuple(_fields())
"""What may be said under `training:`."""


def read_settings(graph: Graph) -> Settings:
    """The settings under the spec's `training:`; what it does not say has its default.

    Raises SpecError with every problem: unknown keys (nearest name first), wrong types, values out of range.
    """
    given = graph.training if graph.training is not None else {}
    if not isinstance(given, Mapping):
        hint = "such as training: {batch: 50, steps: 50, updates: 2000}"
        raise refuse("training must be a mapping of settings", hint, mark_of(graph.source, "training"))
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    for name, value in given.items():
        mark, known = mark_of(graph.source, "training", str(name)), named(FIELDS, name)
        if known is None:
            hint = suggest(str(name), [one.name for one in FIELDS])
            problems.append(Problem(f"unknown setting {name!r} under training", hint, mark))
            continue
        try:
            values[name] = known.accept(value)
        except ValueError:
            near = f"{suggest(value, known.choices)}; " if known.choices and isinstance(value, str) else ""
            problems.append(Problem(f"training.{name} is {shown(value)}", f"{near}{name}: {known.said}", mark))
    if problems:
        raise SpecError(tuple(problems))
    settings = Settings(**values)
    _check_curriculum(graph, settings, values)
    return settings


def _check_curriculum(graph: Graph, settings: Settings, said: Mapping[str, Any]) -> None:
    """A schedule is of a curriculum, and its numbers fit it."""
    name = next((name for name in ("truth", "k", "slope", "floor", "coin") if name in said), "")
    if not name:
        return
    mark = mark_of(graph.source, "training", name)
    if settings.feedback != "curriculum":
        raise refuse(f"training.{name} is said, but no curriculum", "add feedback: curriculum", mark)
    try:
        assert settings.curriculum
    except SpecError as error:
        raise SpecError(tuple(replace(problem, mark=mark) for problem in error.problems)) from None
