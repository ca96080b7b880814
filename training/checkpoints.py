"""What a checkpoint holds: the weights, and every part of a run that must not be lost; never a pickle."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from leporello.graphs.problems import refuse
from leporello.training.resumable import Resumable, decode_part, encode_part, load, save
from leporello.training.runs.run import TrainingError
from leporello.training.runs.storage import DamagedError

State = dict[str, Tensor]
WEIGHTS = "weights.safetensors"


@dataclass
class Progress:
    """How far a run has come: all that changes while it runs and is no tensor.

    `epoch` and `position` say which batch comes next. `loss_sum` and `loss_count` are of the updates since the last
    report; `validated` is the last update at which the model was validated, `best` the best score found there
    (`best_loss` the loss with it, which is what counts among equals), `waited` the number of validations since then.
    """

    update: int = 0
    epoch: int = 0
    position: int = 0
    loss_sum: float = 0.0
    loss_count: int = 0
    validated: int = -1
    best: float | None = None
    best_loss: float | None = None
    best_update: int | None = None
    waited: int = 0

    def validate(self, score: float, loss: float, beats: bool) -> bool:
        """Keep what a validation has found; whether it is the best: it `beats` all, or loses less at the same score.

        Where a score is as good as it can be, as all right of a few lines, later weights are mostly better.
        """
        again = score == self.best and self.best_loss is not None and loss < self.best_loss
        self.validated, self.waited = self.update, 0 if beats else self.waited + 1
        if beats or again:
            self.best, self.best_loss, self.best_update = score, loss, self.update
        return beats or again

    def state_dict(self) -> Mapping[str, Any]:
        """All of it."""
        return asdict(self)

    def load_state_dict(self, state: Mapping[str, Any], /) -> None:
        """Be as it was; TypeError for what it does not have, ValueError for values that it cannot have."""
        found = asdict(Progress(**state))
        for name, value in found.items():
            if not _possible(name, value):
                raise ValueError(f"its {name} is {str(value)[:40]!r}")
        vars(self).update(found)


def _possible(name: str, value: Any) -> bool:
    """Whether a field of the progress may have a value."""
    if value is None or isinstance(value, bool):
        return value is None and name in ("best", "best_loss", "best_update")
    if name in ("best", "best_loss", "loss_sum"):
        return isinstance(value, int | float) and math.isfinite(value)
    return isinstance(value, int) and (-1 if name == "validated" else 0) <= value < 2**62


@dataclass
class Carried:
    """The state that one batch hands to the next, or None where it begins anew."""

    state: State | None = None

    def state_dict(self) -> Mapping[str, Any]:
        """The state by path."""
        return {} if self.state is None else self.state

    def load_state_dict(self, state: Mapping[str, Any], /) -> None:
        """Go on with it."""
        self.state = dict(state) or None


def encode(module: nn.Module, parts: Mapping[str, Resumable], update: int) -> dict[str, bytes]:
    """The files of a checkpoint. Raises TrainingError if a weight is not finite, and for a state that is no JSON."""
    files = {WEIGHTS: encode_weights(module, update)}
    for name, part in parts.items():
        try:
            files |= encode_part(name, part.state_dict())
        except (TypeError, ValueError) as error:
            hint = "state_dict() may give tensors, numbers, texts, lists and mappings of them"
            raise TrainingError(f"the state of {name} cannot be kept: {error}", hint) from error
    return files


def restore(files: Mapping[str, bytes], module: nn.Module, parts: Mapping[str, Resumable]) -> None:
    """Put a checkpoint back into `module` and the parts.

    Raises SpecError for weights that do not fit, DamagedError for files that are not what `encode` wrote.
    """
    wanted = [WEIGHTS, *(f"{name}.{end}" for name in parts for end in ("json", "safetensors"))]
    missing = [name for name in wanted if name not in files]
    if missing:
        raise DamagedError(f"the checkpoint is without {', '.join(missing)}")
    load_weights(files, module)
    for name, part in parts.items():
        part.load_state_dict(decode_part(name, files))


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
    return save(stored, {"tied": json.dumps(tied)})


def load_weights(files: Mapping[str, bytes], module: nn.Module) -> None:
    """Load `weights.safetensors` into `module`.

    Raises SpecError that lists what is missing, extra or of another shape; DamagedError if it is no such file.
    """
    tensors, wanted = stored_weights(files), module.state_dict()
    wrong = [f"missing    {name} {shape_of(wanted[name])}" for name in wanted if name not in tensors]
    wrong += [f"extra      {name} {shape_of(tensors[name])}" for name in tensors if name not in wanted]
    wrong += [
        f"different  {name}: {shape_of(tensors[name])} stored, {shape_of(wanted[name])} in the spec"
        for name in wanted
        if name in tensors and shape_of(wanted[name]) != shape_of(tensors[name])
    ]
    if wrong:
        raise refuse("the weights do not fit the spec", "\n  ".join(wrong))
    module.load_state_dict(tensors)


def stored_weights(files: Mapping[str, bytes]) -> dict[str, Tensor]:
    """The tensors of `weights.safetensors` by name, tied ones by each of theirs. Raises DamagedError."""
    tensors = load(files, WEIGHTS)
    for name, source in _tied(files[WEIGHTS]).items():
        if not isinstance(source, str) or source not in tensors:
            raise DamagedError(f"weights.safetensors ties {name} to {source}, which is not there")
        tensors[name] = tensors[source]
    return tensors


def shape_of(tensor: Tensor) -> str:
    """A tensor's sizes and type in words."""
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
