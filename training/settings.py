"""What a spec may say under `training:`: types, ranges, defaults and help, in one frozen value."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import Field, asdict, dataclass, field, fields
from typing import Any

from leporello.graphs.graph import Graph
from leporello.graphs.problems import Mark, Problem, SpecError, suggest

Place = Callable[[str], Mark | None]
OPTIMIZERS = ("adam", "adamw", "sgd", "rmsprop")
DECAYS = ("none", "linear", "cosine")


def _number(default: float, low: float, high: float, help: str, above: bool = False) -> Any:
    """A setting in a range; `above` leaves out its lower end."""
    return field(default=default, metadata={"low": low, "high": high, "above": above, "help": help})


def _choice(default: str, choices: tuple[str, ...], help: str) -> Any:
    return field(default=default, metadata={"choices": choices, "help": help})


@dataclass(frozen=True)
class Settings:
    """How a model is trained.

    >>> Settings(batch=20).rate
    0.002
    """

    batch: int = _number(50, 1, 65536, "streams of text that are read side by side")
    steps: int = _number(50, 1, 100_000, "characters of each stream per update; gradients reach back no further")
    optimizer: str = _choice("adam", OPTIMIZERS, "the rule that turns gradients into changes of the weights")
    rate: float = _number(2e-3, 0.0, 10.0, "learning rate", above=True)
    decay: str = _choice("none", DECAYS, "how the rate falls towards 0 at the last update")
    weight_decay: float = _number(0.0, 0.0, 1.0, "pull of the weights towards 0")
    clip: float = _number(1.0, 0.0, 1e6, "longest norm of all gradients together (Pascanu et al. 2013); 0: no limit")
    updates: int = _number(2000, 1, 10**9, "changes of the weights in all")
    seed: int = _number(1, 0, 2**63 - 1, "start of the random numbers, initial weights included")
    report_every: int = _number(10, 1, 10**9, "updates from one report of the loss to the next")
    validate_every: int = _number(200, 1, 10**9, "updates from one validation to the next")
    checkpoint_every: int = _number(500, 1, 10**9, "updates from one checkpoint to the next")
    keep: int = _number(3, 1, 10**6, "newest checkpoints that are kept, beside the one that validated best")

    def rate_at(self, update: int) -> float:
        """The learning rate of the update that follows `update` finished ones.

        >>> Settings(rate=1.0, decay="linear", updates=10).rate_at(5)
        0.5
        """
        done = min(update / self.updates, 1.0)
        if self.decay == "linear":
            return self.rate * (1 - done)
        return self.rate * (1 + math.cos(math.pi * done)) / 2 if self.decay == "cosine" else self.rate

    def to_json(self) -> dict[str, Any]:
        """The settings by name, defaults included."""
        return asdict(self)


NAMES = tuple(setting.name for setting in fields(Settings))


def help_of(name: str) -> str:
    """One line on a setting: what it is, what is allowed, its default.

    >>> help_of("decay")
    'how the rate falls towards 0 at the last update (one of none, linear, cosine; default none)'
    """
    setting = _field(name)
    return f"{setting.metadata['help']} ({_allowed(setting)}; default {setting.default})"


def read_settings(graph: Graph, place: Place | None = None) -> Settings:
    """The settings under the spec's `training:`; what it does not say has its default.

    Raises SpecError with every problem: unknown keys (nearest name first), wrong types, values out of range.
    """
    where = place or (lambda path: None)
    given = graph.training if graph.training is not None else {}
    if not isinstance(given, Mapping):
        hint = "such as training: {batch: 50, steps: 50, updates: 2000}"
        raise SpecError((Problem("training must be a mapping of settings", hint, where("training")),))
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    for name, value in given.items():
        mark = where(f"training.{name}")
        if name not in NAMES:
            problems.append(Problem(f"unknown setting {name!r} under training", suggest(str(name), NAMES), mark))
        elif not _fits(_field(name), value):
            shown = {True: "true", False: "false"}[value] if isinstance(value, bool) else repr(value)[:80]
            what = f"training.{name} is {shown}"
            problems.append(Problem(what, f"{name}: {help_of(name)}", mark))
        else:
            values[name] = float(value) if isinstance(_field(name).default, float) else value
    if problems:
        raise SpecError(tuple(problems))
    return Settings(**values)


def _field(name: str) -> Field[Any]:
    return next(setting for setting in fields(Settings) if setting.name == name)


def _fits(setting: Field[Any], value: Any) -> bool:
    facts = setting.metadata
    if "choices" in facts:
        return isinstance(value, str) and value in facts["choices"]
    types = (int, float) if isinstance(setting.default, float) else (int,)
    if isinstance(value, bool) or not isinstance(value, types):
        return False
    return bool(facts["low"] <= value <= facts["high"]) and not (facts["above"] and value == facts["low"])


def _allowed(setting: Field[Any]) -> str:
    facts = setting.metadata
    if "choices" in facts:
        return "one of " + ", ".join(facts["choices"])
    kind = "a number" if isinstance(setting.default, float) else "a whole number"
    low = f"above {facts['low']:g}" if facts["above"] else f"from {facts['low']:g}"
    return f"{kind} {low} to {facts['high']:g}"
