"""Weights of one module used by another: a model in several modes, validated freely while it is taught."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn

from leporello.graphs.problems import refuse

SHOWN = 5
"""So many differences are told."""


def share_weights(module: nn.Module, owner: nn.Module) -> None:
    """Give `module` the very parameters of `owner`, in place of its own: what trains one trains the other.

    What is computed at types or on devices of its own (a module's buffers) goes where these parameters are.

    Raises:
        SpecError: if they do not have the same weights, with those that differ.
    """
    theirs = dict(owner.named_parameters(remove_duplicate=False))
    found = list(_differences(dict(module.named_parameters(remove_duplicate=False)), theirs))
    if found:
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        hint = "weights are shared by models that differ in feedback, also and what lies outside of their weights only"
        raise refuse(
            f"the weights are not those of the module given as sharing: {'; '.join(found[:SHOWN])}{more}", hint
        )
    for path, part in module.named_modules():
        for name in [name for name, parameter in part._parameters.items() if parameter is not None]:
            part._parameters[name] = theirs[f"{path}.{name}" if path else name]
    example = next(iter(theirs.values()), None)
    if example is not None:
        for part in module.modules():
            part._buffers.update(
                {name: buffer.to(example) for name, buffer in part._buffers.items() if buffer is not None}
            )


def _differences(ours: dict[str, nn.Parameter], theirs: dict[str, nn.Parameter]) -> Iterator[str]:
    """What is not the same, in words."""
    for name in dict.fromkeys([*ours, *theirs]):
        if name not in theirs:
            yield f"it has no {name}"
        elif name not in ours:
            yield f"its {name} has no place here"
        elif ours[name].shape != theirs[name].shape:
            yield f"{name} is {list(theirs[name].shape)} there, {list(ours[name].shape)} here"
