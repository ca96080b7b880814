"""How a series goes on after its end: each step is said from those that were said before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from leporello.builder.compiling import compile
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.problems import SpecError, refuse
from leporello.training.roles import feedback_of, output_of
from leporello.training.using.predicting import Prediction, decoded, encoded, read_inputs
from leporello.training.using.trained import Trained

MOST = 1_000_000
"""So many steps ahead at most."""


@torch.no_grad()
def forecast(trained: Trained, row: Mapping[str, Any], ahead: int) -> Prediction:
    """The `ahead` steps that follow on those of a row, as the model says them: by output a value for each step.

    While the row lasts, the model's `feedback` reads what is true; after it what the spec calls its `own`. Raises
    SpecError for models without one feedback that reads one step back, and for those that read something else too,
    which nobody knows of the future.
    """
    if not 1 <= ahead <= MOST:
        raise refuse(f"{ahead} steps ahead", f"a whole number from 1 to {MOST:,}")
    path, own, name = _fed_back(trained)
    [entry] = read_inputs(trained)
    true = encoded(trained, entry, row, 1)
    output = next(one for one in trained.graph.outputs if one.name == name)
    checked: Checked = trained.module.checked  # type: ignore[assignment]
    module: Any = compile(checked, also=[own], sharing=trained.module).eval()
    try:
        state = module.start(batch=1)
    except ValueError as error:
        raise refuse(f"{trained.graph.name} cannot go on: {error}", "leporello check says what streams") from error
    # The first step of a series reads what stands before it: zeros, or the token that begins a text.
    before, found = torch.zeros_like(true[:1]), []
    for step in range(len(true) + ahead):
        outputs, state = module.step({path: before}, state)
        if step >= len(true):
            found.append(outputs[name][0])
        before = true[step : step + 1] if step < len(true) else outputs[own]
    return Prediction(*({name: said} for said in decoded(trained, output, _finite(torch.stack(found)))))


def _finite(steps: Tensor) -> Tensor:
    if not bool(torch.isfinite(steps).all()):
        first = int(torch.isfinite(steps).flatten(1).all(1).int().argmin()) + 1
        raise refuse(
            f"the forecast is no finite number from step {first} on", "ask for fewer steps, or train it longer"
        )
    return steps


def _fed_back(trained: Trained) -> tuple[str, str, str]:
    """The feedback of a model, what it reads of the model's own, and the output that predicts the series."""
    graph, hint = trained.graph, "such as previous: {block: feedback, truth: value(t-1), own: y(t-1)}"
    try:
        path, output = feedback_of(graph), output_of(graph)
    except SpecError as error:
        problem = error.problems[0]
        raise refuse(f"{graph.name} cannot go on by itself: {problem.what}", hint) from error
    wires = dict(graph[path].inputs)
    truth, own = wires["truth"], wires["own"]
    read = [entry.name for entry in read_inputs(trained)]
    if read != [truth.source]:
        what = f"{graph.name} reads {', '.join(read)}, and only {truth.source} is what it says itself"
        raise refuse(what, "a model of one series can be asked for what follows")
    if (truth.time.offset, own.time.offset) != (-1, -1):
        raise refuse(f"{path} does not read one step back", hint)
    return path, own.source, output
