"""Weights in one piece of memory, as a graphics card's kernels want them: the same values, matrices first."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from leporello.builder.snippets import SNIPPETS


def one_piece(parameters: list[Tensor], card: bool) -> Any:
    """What the function of generated source gives; `card` takes the way of a graphics card on this processor."""
    asked = "if not parameters[0].is_cuda:"
    text = SNIPPETS["one_piece"]
    assert asked in text
    known: dict[str, Any] = {"Tensor": Tensor, "torch": torch}
    exec(text.replace(asked, "if False:") if card else text, known)
    return known["one_piece"](parameters)


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_a_layer_gives_the_same_with_its_weights_in_one_piece(both: bool, bias: bool) -> None:
    layer = nn.LSTM(3, 4, bidirectional=both, bias=bias, batch_first=True)
    parameters = [value for value in layer._flat_weights if value is not None]
    found = one_piece(parameters, card=True)
    assert len({value.untyped_storage().data_ptr() for value in found}) == 1
    ordered = sorted(found, key=lambda value: value.storage_offset())
    assert [value.dim() for value in ordered] == sorted((value.dim() for value in parameters), reverse=True)
    assert sum(value.numel() for value in found) == found[0].untyped_storage().nbytes() // 4
    x, start = torch.randn(2, 5, 3), (torch.zeros(1 + both, 2, 4), torch.zeros(1 + both, 2, 4))
    h, _, _ = torch.lstm(x, start, found, bias, 1, 0.0, True, both, True)
    assert torch.equal(h, layer(x)[0])
    h.sum().backward()
    assert all(value.grad is not None for value in parameters)


def test_on_a_processor_weights_stay_where_they_are() -> None:
    parameters = [torch.ones(2, 2), torch.ones(2)]
    assert one_piece(parameters, card=False) is parameters
