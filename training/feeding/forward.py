"""A batch through a module: which inputs it takes, and whether its state goes on."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping
from typing import Any

from torch import Tensor, nn

from leporello.builder.names import argument
from leporello.training.feeding.batch import Batch


def forward(
    module: nn.Module,
    batch: Batch,
    state: dict[str, Tensor] | None,
    carried: bool,
    more: Mapping[str, Any] | None = None,
    unread: Collection[str] = (),
) -> tuple[dict[str, Tensor], dict[str, Tensor] | None]:
    """The outputs for a batch, and the state after it where one is carried on.

    An input that is only predicted is no argument of the module, which knows no lengths of axes that are `unread`;
    `more` is what it is given beside its inputs.
    """
    run: Any = module.run
    taken = inspect.signature(run).parameters
    given: dict[str, Any] = {argument(name): value for name, value in batch.inputs.items()}
    given = {name: value for name, value in given.items() if name in taken}
    lengths = {axis: value for axis, value in batch.lengths.items() if axis not in unread}
    if lengths:
        given["lengths"] = lengths
    given |= more or {}
    if not carried:
        outputs: dict[str, Tensor] = module(**given)
        return outputs, None
    found: tuple[dict[str, Tensor], dict[str, Tensor]] = run(**given, state=state)
    return found
