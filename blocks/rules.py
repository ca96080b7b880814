"""Rules for sizes and kinds: what a primitive gives for what it reads, and the shapes of its weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leporello.graphs.blocktypes import MisfitError, Value
from leporello.graphs.size import AnySize, Size, differ

Values = Mapping[str, Value]
Parameters = Mapping[str, Any]
Found = dict[str, Value]


def elementwise(values: Values, parameters: Parameters) -> Found:
    """Equal sizes, or size 1 beside any."""
    size: AnySize | None = None
    for port, value in values.items():
        if value.kind == "tokens":
            hint = "embed them first: {block: embedding, input: ..., units: 64}"
            raise MisfitError("tokens are no numbers", hint, port)
        if value.size is None or value.size == size:
            continue
        if size is None or size == 1:
            size = value.size
        elif value.size != 1 and differ(size, value.size):
            at = "" if port in ("left", "right") else f" (port {port})"
            raise MisfitError(
                f"sizes {size} and {value.size} do not go together{at}",
                "element-wise operations need equal sizes, or size 1 on one side; a linear block changes a size",
            )
    return {"y": Value("features", size)}


def number(values: Values, parameters: Parameters) -> Found:
    """A number is of size 1 and goes with every size."""
    return {"y": Value("features", 1)}


def same(values: Values, parameters: Parameters) -> Found:
    """What is read, unchanged."""
    return {"y": values["input"]}


def given(values: Values, parameters: Parameters) -> Found:
    """What an input declares."""
    kind = "tokens" if "tokens" in parameters else "features"
    return {"y": Value(kind, parameters[kind])}  # type: ignore[arg-type]


def units(values: Values, parameters: Parameters) -> Found:
    """Features, as many as `units` says."""
    return {"y": Value("features", parameters["units"])}


def concatenate(values: Values, parameters: Parameters) -> Found:
    """The sum of the sizes."""
    total: AnySize | None = 0
    for port, value in values.items():
        if value.kind == "tokens":
            raise MisfitError("tokens cannot be joined to features", "embed them first: {block: embedding, ...}", port)
        total = None if total is None or value.size is None else total + value.size
    return {"y": Value("features", total)}


def split(values: Values, parameters: Parameters) -> Found:
    """Equal parts, named by `into`."""
    names, size = parameters["into"], values["input"].size
    if len(set(names)) < len(names):
        raise MisfitError(f"into: names a part twice: {', '.join(names)}", "give each part a name of its own", "into")
    if isinstance(size, int) and size % len(names):
        raise MisfitError(
            f"{size} features do not split into {len(names)} equal parts", f"{size - size % len(names)} would", "input"
        )
    part = None if size is None else size / len(names) if isinstance(size, Size) else int(size) // len(names)
    return {name: Value("features", part) for name in names}


def features(values: Values, parameters: Parameters) -> Found:
    """Features of the size that is read."""
    return {"y": Value("features", values["input"].size)}


def reduced(values: Values, parameters: Parameters) -> Found:
    """Features of the size that is read; one feature where it is features that are reduced."""
    return {"y": Value("features", 1 if parameters["over"] == "features" else values["input"].size)}


def choice(values: Values, parameters: Parameters) -> Found:
    """A token out of as many as there are features."""
    return {"y": Value("tokens", values["input"].size)}


def feedback(values: Values, parameters: Parameters) -> Found:
    """What both ports have in common."""
    truth, own = values.get("truth", Value()), values.get("own", Value())
    if "any" not in (truth.kind, own.kind) and truth.kind != own.kind:
        what = f"truth gives {truth.kind}, own gives {own.kind}"
        raise MisfitError(what, "feed back what stands for the truth", "own")
    if differ(truth.size, own.size):
        raise MisfitError(f"truth has {truth.size}, own has {own.size}", "feed back what is of the truth's size", "own")
    kind = truth.kind if truth.kind != "any" else own.kind
    return {"y": Value(kind, truth.size if truth.size is not None else own.size)}


def linear_weights(values: Values, parameters: Parameters) -> dict[str, tuple[Any, ...]]:
    """`[units, features]` and `[units]`."""
    bias = {"bias": (parameters["units"],)} if parameters["bias"] else {}
    return {"weight": (parameters["units"], values["input"].size), **bias}


def embedding_weights(values: Values, parameters: Parameters) -> dict[str, tuple[Any, ...]]:
    """`[vocabulary, units]`."""
    return {"weight": (values["input"].size, parameters["units"])}


def norm_weights(values: Values, parameters: Parameters) -> dict[str, tuple[Any, ...]]:
    """A gain and a shift per feature."""
    return {"weight": (values["input"].size,), "bias": (values["input"].size,)}


def vector_weights(values: Values, parameters: Parameters) -> dict[str, tuple[Any, ...]]:
    """One learned vector."""
    return {"value": (parameters["units"],)}


Shapes = Mapping[str, tuple[Any, ...]]


def linear_layer(own: Shapes, parameters: Parameters) -> str:
    """A linear that owns both of its weights, or the one that it has."""
    if "weight" not in own or (parameters["bias"] and "bias" not in own):
        return ""
    units, size = own["weight"]
    return f"nn.Linear({size}, {units}{'' if 'bias' in own else ', bias=False'})"


def embedding_layer(own: Shapes, parameters: Parameters) -> str:
    """The table of vectors, one for each token."""
    vocabulary, units = own["weight"]
    return f"nn.Embedding({vocabulary}, {units})"


def norm_layer(own: Shapes, parameters: Parameters) -> str:
    """Gain and shift, if neither is shared."""
    return f"nn.LayerNorm({own['weight'][0]}, {float(parameters['epsilon'])!r})" if len(own) == 2 else ""
