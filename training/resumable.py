"""What a run must not lose, as files and back: anything with `state_dict` and `load_state_dict`, never a pickle.

A part is written as NAME.safetensors, its tensors, and NAME.json, everything else with a mark where each tensor
belongs. So torch's optimisers, its schedules, and an iterable of a person's own are kept in the same way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from leporello.training.runs.storage import DamagedError, encode_json

TENSOR, KEYS = "$tensor", "$items"


class Resumable(Protocol):
    """A named part of a checkpoint."""

    def state_dict(self) -> Mapping[str, Any]:
        """All that must be kept: tensors, numbers, texts, lists and mappings of them."""

    def load_state_dict(self, state: Any, /) -> Any:
        """Be again as when `state_dict` gave this."""


class Generator:
    """Torch's generators of random numbers, on the CPU and, where one computes, on the graphics card."""

    def __init__(self, device: str = "cpu") -> None:
        self.card = device == "cuda"

    def state_dict(self) -> Mapping[str, Any]:
        """Where they stand."""
        card = {"cuda": torch.cuda.get_rng_state()} if self.card else {}
        return {"torch": torch.get_rng_state(), **card}

    def load_state_dict(self, state: Mapping[str, Any], /) -> None:
        """Go on from there."""
        torch.set_rng_state(state["torch"])
        if self.card:
            torch.cuda.set_rng_state(state["cuda"])


def encode_part(name: str, state: Mapping[str, Any]) -> dict[str, bytes]:
    """The files of one part. Raises TypeError for what is neither a tensor nor JSON."""
    tensors: dict[str, Tensor] = {}
    values = _taken_apart(state, "", tensors)
    return {f"{name}.json": encode_json(values), f"{name}.safetensors": save(tensors)}


def decode_part(name: str, files: Mapping[str, bytes]) -> Any:
    """What `encode_part` was given. Raises DamagedError."""
    tensors = load(files, f"{name}.safetensors")
    try:
        return _put_together(json.loads(files[f"{name}.json"]), tensors)
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedError(f"{name}.json is not what was written: {error}") from error


def _taken_apart(value: Any, path: str, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, Tensor):
        tensors[path] = value
        return {TENSOR: path}
    if isinstance(value, Mapping):
        found = [(key, _taken_apart(one, f"{path}/{key}".lstrip("/"), tensors)) for key, one in value.items()]
        if all(isinstance(key, str) and key not in (TENSOR, KEYS) for key in value):
            return dict(found)
        return {KEYS: found}  # as pairs: keys need not be texts, torch's optimisers count their weights
    if isinstance(value, list | tuple):
        return [_taken_apart(one, f"{path}/{place}".lstrip("/"), tensors) for place, one in enumerate(value)]
    return value


def _put_together(value: Any, tensors: Mapping[str, Tensor]) -> Any:
    if isinstance(value, list):
        return [_put_together(one, tensors) for one in value]
    if not isinstance(value, dict):
        return value
    if TENSOR in value:
        return tensors[value[TENSOR]]
    pairs = value[KEYS] if KEYS in value else value.items()
    return {key: _put_together(one, tensors) for key, one in pairs}


def save(tensors: Mapping[str, Tensor], metadata: dict[str, str] | None = None) -> bytes:
    """Tensors as safetensors."""
    # Cloned, because safetensors refuses tensors that share memory, such as two views of one.
    return safetensors.torch.save({name: t.detach().clone().contiguous() for name, t in tensors.items()}, metadata)


def load(files: Mapping[str, bytes], name: str) -> dict[str, Tensor]:
    """The tensors of a file. Raises DamagedError."""
    try:
        return safetensors.torch.load(files[name])
    except (SafetensorError, KeyError, ValueError) as error:
        raise DamagedError(f"{name} is not a safetensors file: {error}") from error
