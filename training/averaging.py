"""Averaged weights: they follow those that are trained slowly, and are used and kept in their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn


class Average:
    """The exponential moving average of a module's weights (Polyak and Juditsky 1992).

    The update after n finished ones keeps min(decay, (1 + n) / (10 + n)) of it: the first weights are soon forgotten.
    `other` are the weights that the module does not hold: the average, but within `used` the trained ones.
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.module, self.decay = module, decay
        self.other: dict[str, Tensor] = {name: weight.detach().clone() for name, weight in self._weights()}

    def _weights(self) -> Iterator[tuple[str, Tensor]]:
        return ((name, weight) for name, weight in self.module.named_parameters() if weight.requires_grad)

    @torch.no_grad()
    def follow(self, update: int) -> None:
        """Go a little way towards the weights of now, after `update` updates."""
        kept = min(self.decay, (1 + update) / (10 + update))
        for name, weight in self._weights():
            self.other[name].lerp_(weight, 1 - kept)

    @contextmanager
    def used(self) -> Iterator[None]:
        """The average in place of the trained weights."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        for name, weight in self._weights():
            held = weight.clone()
            weight.copy_(self.other[name])
            self.other[name] = held

    def state_dict(self) -> Mapping[str, Any]:
        """The trained weights; asked for within `used`, as a checkpoint does, whose weights are the average."""
        return dict(self.other)

    def load_state_dict(self, state: Mapping[str, Any], /) -> None:
        """Go on from a checkpoint whose weights the module holds; KeyError or ValueError for what does not fit."""
        for name, weight in self._weights():
            if state[name].shape != weight.shape:
                raise ValueError(f"the trained weight {name} has another shape")
        self.other = {name: state[name].to(weight.device, copy=True) for name, weight in self._weights()}
        self._swap()
