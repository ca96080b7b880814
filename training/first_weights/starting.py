"""The weights of another run put into a new model: which fit, under which name, and which begin anew."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor, nn

from leporello.builder.names import dotted
from leporello.graphs.problems import refuse
from leporello.training.checkpoints import shape_of, stored_weights
from leporello.training.first_weights.beginning import Beginning
from leporello.training.resuming import trained_encoders
from leporello.training.runs.storage import DamagedError

Row = tuple[str, str, str]
"""What became of a weight, its name, and what there is to say of it."""


def begun_with(module: nn.Module, beginning: Beginning, encoders: Mapping[str, Any]) -> dict[str, Any]:
    """Load into `module` the weights of a run that fit by name and size; what became of each, for `run.json`.

    `encoders` say how the new run reads its inputs: where a symbol has another number, an embedding that fits is wrong.
    Raises SpecError for a run without a whole checkpoint, and where nothing fits.
    """
    run, names = beginning.run, {dotted(old): dotted(new) for old, new in beginning.moved.items()}
    files, update = run.chosen()
    try:
        stored = stored_weights(files)
    except DamagedError as error:
        raise refuse(
            f"the weights of {run.folder} at update {update} are damaged: {error}", "train it again"
        ) from error
    wanted = module.state_dict()
    sources = {names.get(name, name): name for name in stored}
    fitting = {
        name: stored[sources[name]]
        for name, tensor in wanted.items()
        if name in sources and shape_of(stored[sources[name]]) == shape_of(tensor)
    }
    rows = list(_rows(wanted, stored, sources, fitting))
    if not fitting:
        lines = "\n  ".join("  ".join(row) for row in rows[:40])
        raise refuse(f"no weight of {run.folder} fits this model", f"weights fit by name and size\n  {lines}")
    module.load_state_dict(fitting, strict=False)
    rows += _read_otherwise(beginning, encoders)
    return {"run": os.path.abspath(run.folder), "at": update, "weights": rows}


def _rows(
    wanted: Mapping[str, Tensor],
    stored: Mapping[str, Tensor],
    sources: Mapping[str, str],
    fitting: Mapping[str, Tensor],
) -> Iterator[Row]:
    """Those that fit, those that begin anew, those that have no place."""
    for name in fitting:
        there = sources[name]
        yield "taken", name, shape_of(wanted[name]) + (f", there {there}" if there != name else "")
    for name, tensor in wanted.items():
        if name in sources and name not in fitting:
            yield "other size", name, f"{shape_of(tensor)}, there {shape_of(stored[sources[name]])}: begins anew"
        elif name not in fitting:
            yield "not there", name, f"{shape_of(tensor)}: begins anew"
    for name, there in sources.items():
        if name not in wanted:
            yield "left over", there, shape_of(stored[there])


def _read_otherwise(beginning: Beginning, encoders: Mapping[str, Any]) -> list[Row]:
    """Inputs that the two runs make numbers in different ways."""
    before = {name: encoder.to_json() for name, encoder in trained_encoders(beginning.run).items()}
    what = "its symbols have other numbers there, or its numbers another scale"
    return [("other data", name, what) for name, one in encoders.items() if name in before and before[name] != one]
