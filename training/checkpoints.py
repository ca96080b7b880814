"""What a checkpoint holds, as bytes and back: weights, optimiser, state, generator, progress; never a pickle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn
from torch.optim import Optimizer

from leporello.graphs.problems import refuse
from leporello.training.runs import TrainingError
from leporello.training.storage import DamagedError, encode_json

State = dict[str, Tensor]
FILES = ("weights.safetensors", "optimizer.safetensors", "optimizer.json", "state.safetensors", "progress.json")


@dataclass
class Progress:
    """How far a run has come: all that changes while it runs and is no tensor.

    `loss_sum` and `loss_count` are of the updates since the last report; `validated` is the last update at which
    the model was validated, `best_bits` the lowest bits per character found there.
    """

    update: int = 0
    loss_sum: float = 0.0
    loss_count: int = 0
    validated: int = -1
    best_bits: float | None = None
    best_update: int | None = None


def encode(module: nn.Module, optimizer: Optimizer, state: State, progress: Progress) -> dict[str, bytes]:
    """The files of a checkpoint. Raises TrainingError if a weight is not finite."""
    tensors, groups = _flatten_optimizer(optimizer)
    carried = {f"state:{name}": value for name, value in state.items()}
    return {
        "weights.safetensors": encode_weights(module, progress.update),
        "optimizer.safetensors": _save(tensors),
        "optimizer.json": encode_json(groups),
        "state.safetensors": _save({**carried, "generator:torch": torch.get_rng_state()}),
        "progress.json": encode_json(asdict(progress)),
    }


def restore(files: Mapping[str, bytes], module: nn.Module, optimizer: Optimizer) -> tuple[State, Progress]:
    """Put a checkpoint back into `module`, `optimizer` and torch's generator; gives the carried state and progress.

    Raises SpecError for weights that do not fit, DamagedError for files that are not what `encode` wrote.
    """
    missing = [name for name in FILES if name not in files]
    if missing:
        raise DamagedError(f"the checkpoint is without {', '.join(missing)}")
    load_weights(files, module)
    _restore_optimizer(_load(files, "optimizer.safetensors"), json.loads(files["optimizer.json"]), optimizer)
    tensors = _load(files, "state.safetensors")
    torch.set_rng_state(tensors.pop("generator:torch"))
    state = {name.removeprefix("state:"): value for name, value in tensors.items()}
    return state, Progress(**json.loads(files["progress.json"]))


def encode_weights(module: nn.Module, update: int = 0) -> bytes:
    """The weights and buffers as safetensors; of weights that are tied, one is stored and the others point to it."""
    stored: dict[str, Tensor] = {}
    first: dict[int, str] = {}
    tied: dict[str, str] = {}
    for name, tensor in module.state_dict(keep_vars=True).items():
        if id(tensor) in first:
            tied[name] = first[id(tensor)]
            continue
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            hint = "lower training.rate or training.clip, and go on from the last checkpoint with --resume"
            raise TrainingError(f"after update {update} the weight {name} is not finite", hint)
        first[id(tensor)] = name
        stored[name] = tensor.detach()
    return _save(stored, {"tied": json.dumps(tied)})


def load_weights(files: Mapping[str, bytes], module: nn.Module) -> None:
    """Load `weights.safetensors` into `module`.

    Raises SpecError that lists what is missing, extra or of another shape; DamagedError if it is no such file.
    """
    tensors = _load(files, "weights.safetensors")
    for name, source in _tied(files["weights.safetensors"]).items():
        if not isinstance(source, str) or source not in tensors:
            raise DamagedError(f"weights.safetensors ties {name} to {source}, which is not there")
        tensors[name] = tensors[source]
    wanted = module.state_dict()
    wrong = [f"missing    {name} {_shape(wanted[name])}" for name in wanted if name not in tensors]
    wrong += [f"extra      {name} {_shape(tensors[name])}" for name in tensors if name not in wanted]
    wrong += [
        f"different  {name}: {_shape(tensors[name])} stored, {_shape(wanted[name])} in the spec"
        for name in wanted
        if name in tensors and _shape(wanted[name]) != _shape(tensors[name])
    ]
    if wrong:
        raise refuse("the weights do not fit the spec", "\n  ".join(wrong))
    module.load_state_dict(tensors)


def _shape(tensor: Tensor) -> str:
    return f"{list(tensor.shape)} {str(tensor.dtype).removeprefix('torch.')}"


def _tied(data: bytes) -> dict[str, str]:
    """The `tied` entry of a safetensors header, which begins with its own length in eight bytes."""
    length = int.from_bytes(data[:8], "little")
    metadata = json.loads(data[8 : 8 + length]).get("__metadata__", {})
    try:
        tied = json.loads(metadata.get("tied", "{}"))
    except ValueError as error:
        raise DamagedError(f"weights.safetensors does not say which weights are tied: {error}") from error
    return tied if isinstance(tied, dict) else {}


def _flatten_optimizer(optimizer: Optimizer) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The optimiser's state as tensors by `number:name`, and what is no tensor as JSON values."""
    whole = optimizer.state_dict()
    tensors: dict[str, Tensor] = {}
    values: dict[str, Any] = {}
    for number, entries in whole["state"].items():
        for name, value in entries.items():
            (tensors if isinstance(value, Tensor) else values)[f"{number}:{name}"] = value
    return tensors, {"kind": type(optimizer).__name__, "values": values, "groups": whole["param_groups"]}


def _restore_optimizer(tensors: Mapping[str, Tensor], facts: Mapping[str, Any], optimizer: Optimizer) -> None:
    if facts["kind"] != type(optimizer).__name__:
        what = f"the checkpoint is of the optimizer {facts['kind']}, not {type(optimizer).__name__}"
        raise refuse(what, "go on with the settings that the run began with")
    state: dict[int, dict[str, Any]] = {}
    for key, value in {**tensors, **facts["values"]}.items():
        number, _, name = key.partition(":")
        state.setdefault(int(number), {})[name] = value
    optimizer.load_state_dict({"state": state, "param_groups": facts["groups"]})


def _save(tensors: Mapping[str, Tensor], metadata: dict[str, str] | None = None) -> bytes:
    # Cloned, because safetensors refuses tensors that share memory, such as two views of one.
    return safetensors.torch.save({name: t.detach().clone().contiguous() for name, t in tensors.items()}, metadata)


def _load(files: Mapping[str, bytes], name: str) -> dict[str, Tensor]:
    try:
        return safetensors.torch.load(files[name])
    except (SafetensorError, KeyError, ValueError) as error:
        raise DamagedError(f"{name} is not a safetensors file: {error}") from error
