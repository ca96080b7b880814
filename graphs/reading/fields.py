"""What may be said in a spec beside ports and parameters: of any block, of inputs and of outputs."""

from __future__ import annotations

from leporello.graphs.fields import Field
from leporello.graphs.losses import LOSSES, SCORES

MODIFIERS = (
    Field("layers", "size", None, help="copies on top of each other, along the first port"),
    Field(
        "direction",
        "choice",
        None,
        choices=("forward", "backward", "both"),
        help="which way time runs, for blocks with delays inside; both: side by side",
    ),
    Field("residual", "size", None, help="from that layer on, a layer's input is added to its output"),
    Field("dropout", "number", None, 0.0, 1.0, help="how much is dropped between layers"),
    Field(
        "bridge",
        "choice",
        None,
        choices=("copy", "dense"),
        help="how states of another block, initial: X.state, are made to fit: layer by layer, or by dense layers",
    ),
    Field("share", "weights", None, help="whose weights it uses: a node of the same block, or {weight: e.weight}"),
    Field("init", "init", None, help="how its weights start, such as orthogonal or {bias: zeros}"),
    Field("frozen", "boolean", None, help="whether its weights stay as they are"),
)
COMMON = (
    Field("label", "text", "", help="what pictures call it"),
    Field("axis", "name", None, help="the time axis it runs on, where nothing that it reads says so"),
    Field("initial", "value", None, help="what is read before the first step; by state: {h: s, c: zeros}"),
    *MODIFIERS,
)
"""What may be said of any use of a block."""
EXPRESSIONS = ("value", "label", "axis", "initial")
"""What may be said of an expression in its long form."""

INPUTS = (
    Field("features", "size", None, help="how many numbers there are at each step"),
    Field("tokens", "size", None, help="out of how many tokens there is one at each step"),
    Field("axis", "name", "time", help="the time axis it runs on; none: one value per sequence"),
    Field("kind", "choice", "real", choices=("binary", "real"), help="what features are; says the loss of predictions"),
    Field("label", "text", "", help="what pictures call it"),
)
OUTPUTS = (
    Field("from", "value", help="what it gives"),
    Field("predicts", "name", None, help="the input that it is scored against"),
    Field(
        "loss",
        "choice",
        None,
        choices=tuple(LOSSES),
        help="what is to be small; as its input's kind wants it where this is not said",
    ),
    Field("score", "choice", None, choices=SCORES, help="by which measure it is judged; the usual one of its loss"),
    Field("weight", "number", 1.0, 0.0, 1e6, above=True, help="what its loss is multiplied by beside other outputs"),
    Field("levels", "levels", None, help="which quantiles it gives, such as [0.1, 0.5, 0.9]"),
    Field("class_weights", "costs", None, help="how much each label counts in training; balanced: rare ones more"),
    Field("leak", "choice", None, choices=("allowed",), help="whether it may see what it predicts"),
)
PORTS = (
    Field("kind", "choice", "any", choices=("features", "tokens", "any"), help="what is read there"),
    Field("optional", "boolean", False, help="whether it may be left out"),
    Field("reads", "choice", "t", choices=("t", "late", "all"), help="the same step, earlier ones only, a whole axis"),
    Field("help", "text", "", help="what it is, in a few words"),
)
PARAMETERS = (
    Field(
        "type",
        "choice",
        "size",
        choices=("size", "integer", "number", "boolean", "choice", "names", "text"),
        help="what it is; as its default where this is not said",
    ),
    Field("default", "value", None, help="its value where none is given"),
    Field("low", "number", None, help="the least that is allowed"),
    Field("high", "number", None, help="the most that is allowed"),
    Field("choices", "texts", None, help="what may be chosen"),
    Field("help", "text", "", help="what it is, in a few words"),
)


def names(fields: tuple[Field, ...]) -> tuple[str, ...]:
    """The names of fields."""
    return tuple(field.name for field in fields)
