"""Where a model is trained and how exactly: on which device, all in 32 bits or the products in bfloat16."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import EMPTY
from leporello.graphs.problems import refuse
from leporello.training.feeding.batch import Batch
from leporello.training.feeding.forward import forward
from leporello.training.ranks import Rank
from leporello.training.settings import Settings

PRODUCTS = {"float32": "highest", "bf16_products": "medium", "bf16": "highest"}
"""How torch multiplies matrices of 32 bits, by the precision; in the last they are not of 32 bits."""


@frozen
class Place:
    """A device and a precision.

    >>> Place("cpu").tensors({"x": torch.zeros(2)})["x"].device.type
    'cpu'
    """

    device: str = "cpu"
    precision: str = "float32"

    def run(
        self,
        module: nn.Module,
        batch: Batch,
        state: dict[str, Tensor] | None,
        carried: bool,
        more: Mapping[str, Any] = EMPTY,
        unread: Collection[str] = (),
    ) -> tuple[dict[str, Tensor], dict[str, Tensor] | None]:
        """A batch, on the device already, through a module (`forward`); in `bf16` outputs may have 16 bits."""
        if self.device != "cpu":
            state, more = self.tensors(state) if state else None, self.tensors(more)
        if self.precision != "bf16":
            return forward(module, batch, state, carried, more, unread)
        with torch.autocast(self.device, torch.bfloat16):
            return forward(module, batch, state, carried, more, unread)

    @contextmanager
    def at_home(self, module: nn.Module) -> Iterator[None]:
        """The weights on the CPU, for what makes its tensors there: texts and translations."""
        if self.device == "cpu":
            yield
            return
        module.cpu()
        try:
            yield
        finally:
            module.to(self.device)

    def tensors(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Tensors, also within mappings, on the device; whatever else there is as it is."""
        return {name: self._moved(value) for name, value in values.items()}

    def batch(self, batch: Batch) -> Batch:
        """A batch on the device."""
        if self.device == "cpu":
            return batch
        counted = None if batch.counted is None else batch.counted.to(self.device)
        inputs, lengths = self.tensors(batch.inputs), self.tensors(batch.lengths)
        return replace(batch, inputs=inputs, lengths=lengths, counted=counted, known=self.tensors(batch.known))

    def _moved(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return self.tensors(value)
        return value.to(self.device) if isinstance(value, Tensor) else value


def place_of(settings: Settings, rank: Rank | None = None) -> Place:
    """Where a run is to compute: each of several processes of a machine on a card of its own.

    Raises SpecError for a device that this machine does not have.
    """
    if settings.device == "cuda" and not torch.cuda.is_available():
        raise refuse("training.device is cuda, and torch finds no such card here", "say device: cpu, or leave it out")
    if settings.device == "cuda" and rank is not None and not rank.alone:
        cards = torch.cuda.device_count()
        if rank.local >= cards:
            raise refuse(f"there are more processes than cards here, which are {cards}", "start as many as there are")
        torch.cuda.set_device(rank.local)
    return Place(settings.device, settings.precision)


@contextmanager
def products_in(precision: str) -> Iterator[None]:
    """Within it torch multiplies matrices of 32 bits as a precision says, and adds up in 32 bits.

    On a graphics card the layers of torch round what they multiply to 19 bits (TF32) by themselves: not in `float32`.

    >>> with products_in("bf16_products"):
    ...     torch.get_float32_matmul_precision()
    'medium'
    """
    before, rounded = torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
    torch.set_float32_matmul_precision(PRODUCTS[precision])
    torch.backends.cudnn.allow_tf32 = precision != "float32"
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)
        torch.backends.cudnn.allow_tf32 = rounded
