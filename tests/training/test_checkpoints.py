"""What a checkpoint holds comes back to the bit, and what is damaged, foreign or a pickle is refused."""

from __future__ import annotations

import math
import pickle

import pytest
import torch
from torch import nn

from leporello.graphs.problems import SpecError
from leporello.training.checkpoints import Carried, Progress, encode, encode_weights, load_weights, restore
from leporello.training.optimizers import optimizer_for
from leporello.training.resumable import Generator
from leporello.training.runs.run import TrainingError
from leporello.training.runs.storage import DamagedError
from leporello.training.settings import Settings
from tests.support.models.language_model import TinyModel, language_model


def test_a_checkpoint_comes_back_to_the_bit() -> None:
    model = TinyModel(language_model(), 8)
    optimizer = optimizer_for(model, Settings())
    model.run(torch.ones(2, 3, dtype=torch.int64))[0]["next"].sum().backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    state = {"a/b": torch.tensor([[0.1, math.nan]]), "empty": torch.zeros(2, 0), "text": torch.tensor([3, 4])}
    progress = Progress(7, 1, 3, 0.1 + 0.2, 3, 6, 1 / 3, 6)
    parts = {"optimizer": optimizer, "state": Carried(state), "generator": Generator(), "progress": progress}
    files = encode(model, parts, 7)
    expected = torch.rand(3)
    other = TinyModel(language_model(), 8)
    fresh, carried, again = optimizer_for(other, Settings()), Carried(), Progress()
    restored = {"optimizer": fresh, "state": carried, "generator": Generator(), "progress": again}
    restore(files, other, restored)
    assert torch.equal(torch.rand(3), expected)
    assert again == progress
    found = carried.state or {}
    assert all(torch.equal(found[k], v) or k == "a/b" for k, v in state.items())
    assert torch.equal(found["a/b"].isnan(), state["a/b"].isnan())
    assert encode(other, restored, 7)["weights.safetensors"] == files["weights.safetensors"]
    for here, there in zip(model.parameters(), other.parameters(), strict=True):
        a, b = optimizer.state[here], fresh.state[there]
        assert set(a) == set(b) >= {"step", "exp_avg", "exp_avg_sq"}
        assert all(torch.equal(a[name], b[name]) for name in a)


def test_tied_weights_stay_tied() -> None:
    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(5, 4)
            self.out = nn.Linear(4, 5)
            self.out.weight = self.embedding.weight

    model, other = Tied(), Tied()
    files = {"weights.safetensors": encode_weights(model)}
    assert len(files["weights.safetensors"]) < 300 + 4 * (5 * 4 + 5)
    load_weights(files, other)
    assert other.out.weight is other.embedding.weight
    assert torch.equal(other.out.weight, model.out.weight)


def test_empty_tensors_and_any_finite_number_come_back_as_they_were() -> None:
    model, other = nn.Module(), nn.Module()
    values = torch.tensor([0.0, -0.0, 1e-45, 3.4e38, -1.17e-38])
    for module in (model, other):
        module.register_parameter("none", nn.Parameter(torch.empty(0, 3)))
        module.register_parameter("some", nn.Parameter(values if module is model else torch.zeros(5)))
    load_weights({"weights.safetensors": encode_weights(model)}, other)
    assert other.none.shape == (0, 3)
    assert torch.equal(other.some.view(torch.int32), model.some.view(torch.int32))


def test_weights_that_do_not_fit_are_listed() -> None:
    model = nn.ModuleDict({"a": nn.Linear(2, 3), "b": nn.Linear(2, 3, bias=False)})
    other = nn.ModuleDict({"a": nn.Linear(2, 4, bias=False), "c": nn.Linear(2, 3, bias=False)})
    with pytest.raises(SpecError) as caught:
        load_weights({"weights.safetensors": encode_weights(model)}, other)
    message = str(caught.value)
    assert "missing    c.weight [3, 2] float32" in message
    assert "extra      b.weight [3, 2] float32" in message
    assert "different  a.weight: [3, 2] float32 stored, [4, 2] float32 in the spec" in message


@pytest.mark.parametrize("data", [b"", b"\x00" * 7, pickle.dumps({"a": 1}), b"\xff" * 100, None])
def test_what_is_not_safetensors_is_refused(data: bytes | None) -> None:
    files = {} if data is None else {"weights.safetensors": data}
    with pytest.raises(DamagedError, match=r"weights\.safetensors"):
        load_weights(files, nn.Linear(1, 1))


def test_every_bit_of_a_header_may_be_wrong() -> None:
    model = nn.Linear(3, 2)
    data = encode_weights(model)
    header = 8 + int.from_bytes(data[:8], "little")
    for place in range(header):
        changed = bytearray(data)
        changed[place] ^= 1 << place % 8
        fresh = nn.Linear(3, 2)
        try:
            load_weights({"weights.safetensors": bytes(changed)}, fresh)
        except (DamagedError, SpecError):
            continue
        assert fresh.weight.shape == (2, 3)


def test_weights_that_are_not_finite_are_never_saved() -> None:
    model = TinyModel(language_model(), 8)
    with torch.no_grad():
        model.out.bias[2] = math.nan
    with pytest.raises(TrainingError, match=r"after update 5 the weight out.bias is not finite"):
        encode_weights(model, 5)
