"""What expressions spell: functions, operators, numbers, and what closes a carried axis."""

from __future__ import annotations

from leporello.blocks import rules
from leporello.graphs.blocktypes import BlockType, Parameter, Port
from leporello.graphs.computation import Computation

FEATURES = (Port("input", help="what is read"),)
PAIR = (Port("left"), Port("right"))
OVER = Parameter("over", "text", None, help="the carried axis it runs over, or features")

FUNCTIONS = {
    "sigmoid": "torch.sigmoid({input})",
    "tanh": "torch.tanh({input})",
    "relu": "torch.relu({input})",
    "softplus": "F.softplus({input})",
    "exp": "torch.exp({input})",
    "log": "torch.log({input})",
    "abs": "torch.abs({input})",
    "sqrt": "torch.sqrt({input})",
    "square": "torch.square({input})",
    "sin": "torch.sin({input})",
    "cos": "torch.cos({input})",
    "gelu": "F.gelu({input})",
    "silu": "F.silu({input})",
    "elu": "F.elu({input})",
    "leaky_relu": "F.leaky_relu({input})",
    "sign": "torch.sign({input})",
}
_PARTIAL = ("exp", "log", "sqrt")
"""Functions that are not finite everywhere."""
_ACTIVATIONS = {"sigmoid": "σ", "tanh": "tanh", "relu": "ReLU", "softplus": "softplus", "exp": "exp"}

REDUCING = {
    "sum": "what is carried, added up",
    "mean": "what is carried, averaged over its valid steps",
    "max": "the largest of what is carried",
}
OPERATORS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}


def by_torch_ops(function: str) -> Computation:
    """What only `torch_ops` computes: its text depends on where it stands, so that the builder writes it."""
    return Computation(evaluate=f"leporello.blocks.torch_ops:{function}")


_FUNCTIONS = [
    BlockType(
        name,
        f"{name}, element by element",
        ports=FEATURES,
        infer=rules.elementwise,
        computation=Computation(text, partial=("input",) if name in _PARTIAL else ()),
        work=("", "$y"),
        equation="formula",
        activation=_ACTIVATIONS.get(name, ""),
    )
    for name, text in FUNCTIONS.items()
]
_OPERATORS = [
    BlockType(
        name,
        f"left {sign} right",
        ports=PAIR,
        infer=rules.elementwise,
        computation=Computation(f"{{left}} {sign} {{right}}", partial=("right",) if sign == "/" else ()),
        work=("", "$y"),
        equation="formula",
        operator=True,
    )
    for name, sign in OPERATORS.items()
]
_REDUCING = [
    BlockType(
        name,
        f"{text}; closes a carried axis",
        ports=FEATURES,
        parameters=(OVER,),
        infer=rules.reduced,
        computation=by_torch_ops(name),
        carried="closed",
        work=("", "$input"),
        equation="formula",
    )
    for name, text in REDUCING.items()
]
_OTHERS = [
    BlockType(
        "negative",
        "- input",
        ports=FEATURES,
        infer=rules.elementwise,
        computation=Computation("-{input}"),
        work=("", "$y"),
        equation="formula",
        operator=True,
    ),
    BlockType(
        "number",
        "a number",
        parameters=(Parameter("value", "number"),),
        infer=rules.number,
        computation=by_torch_ops("number"),
        equation="formula",
        operator=True,
    ),
]
SPELLED = (*_FUNCTIONS, *_OPERATORS, *_REDUCING, *_OTHERS)
"""All of them."""
