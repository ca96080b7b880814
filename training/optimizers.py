"""The rules that turn gradients into changes of the weights: torch's own, without its compiler.

torch wraps what an optimiser does so that `torch.compile` leaves it alone, and loads that compiler for it at the first
call: two seconds, half of the time from a command to its first step. Nothing is compiled here.
"""

from __future__ import annotations

from inspect import unwrap
from typing import Any, TypeVar

import torch
from torch import nn
from torch.optim import Optimizer

from leporello.training.settings import Settings

Rule = TypeVar("Rule", bound=Optimizer)
WRAPPED = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")


def optimizer_for(module: nn.Module, settings: Settings) -> Optimizer:
    """The optimiser over all weights that are not frozen."""
    weights, rate, decay = _groups(module, settings.weight_decay), settings.rate, settings.weight_decay
    match settings.optimizer:
        case "adam":
            return _plain(torch.optim.Adam)(weights, lr=rate, weight_decay=decay, fused=True)
        case "adamw":
            return _plain(torch.optim.AdamW)(weights, lr=rate, weight_decay=decay, fused=True)
        case "rmsprop":
            return _plain(torch.optim.RMSprop)(weights, lr=rate, weight_decay=decay)
        case _:
            return _plain(torch.optim.SGD)(weights, lr=rate, weight_decay=decay)


def _plain(rule: type[Rule]) -> type[Rule]:
    """A class like one of torch's, whose methods are what stands inside of their wrappers."""
    inner = {name: unwrap(getattr(rule, name)) for name in WRAPPED}
    made: Any = type(rule.__name__, (rule,), {**inner, "step": torch.no_grad()(unwrap(rule.step))})
    return made  # type: ignore[no-any-return]


def _groups(module: nn.Module, decay: float) -> list[dict[str, Any]]:
    """The weights; where they decay, those that do and those that do not: biases, gains and other vectors."""
    learned = [(name, weight) for name, weight in module.named_parameters() if weight.requires_grad]
    if not decay:
        return [{"params": [weight for _, weight in learned]}]
    vectors = [weight for name, weight in learned if weight.dim() < 2 or "bias" in name.rpartition(".")[2]]
    kept = {id(weight) for weight in vectors}
    matrices = [weight for _, weight in learned if id(weight) not in kept]
    groups: list[dict[str, Any]] = [{"params": matrices}, {"params": vectors, "weight_decay": 0.0}]
    return [group for group in groups if group["params"]]
