"""The primitives: one operation each, with ports, parameters, a rule for sizes and a torch expression."""

from __future__ import annotations

from collections.abc import Iterable

from leporello.blocks import rules
from leporello.graphs.blocktypes import BlockType, Parameter, Port

INPUT = Port("input", help="what is read")
FEATURES = (INPUT,)
PAIR = (Port("left"), Port("right"))

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
PARTIAL = frozenset({"exp", "log", "sqrt"})
"""Functions that are not finite everywhere: what lies in the padding is kept away from them."""

REDUCING = {
    "sum": "what is carried, added up",
    "mean": "what is carried, averaged over its valid steps",
    "max": "the largest of what is carried",
}
OPERATORS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}

UNITS = Parameter("units", help="how many features it gives")
OVER = Parameter("over", "text", None, help="the carried axis it runs over, or features")

_FUNCTIONS = [
    BlockType(name, f"{name}, element by element", ports=FEATURES, infer=rules.elementwise, expression=text)
    for name, text in FUNCTIONS.items()
]
_OPERATORS = [
    BlockType(
        name,
        f"left {sign} right",
        ports=PAIR,
        infer=rules.elementwise,
        expression=f"{{left}} {sign} {{right}}",
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
        carried="closed",
    )
    for name, text in REDUCING.items()
]
_STRUCTURE = [
    BlockType("input", "what is given from outside", infer=rules.given, operator=True),
    BlockType("negative", "- input", ports=FEATURES, infer=rules.elementwise, expression="-{input}", operator=True),
    BlockType("number", "a number", parameters=(Parameter("value", "number"),), infer=rules.number, operator=True),
    BlockType(
        "identity",
        "what is read, unchanged",
        ports=(Port("input", "any", help="what is read"),),
        infer=rules.same,
        expression="{input}",
    ),
    BlockType("concatenate", "features side by side; written as a list", infer=rules.concatenate, many=True),
    BlockType(
        "split",
        "features in equal parts, each a port of its own",
        ports=FEATURES,
        parameters=(Parameter("into", "names", help="the parts' names, such as [i, f, g, o]"),),
        infer=rules.split,
    ),
    BlockType(
        "feedback",
        "the truth while learning from it, the model's own choice when it runs freely",
        "Bengio et al. 2015, arXiv:1506.03099",
        ports=(
            Port("truth", "any", reads="late", help="what should have come before"),
            Port("own", "any", reads="late", help="what the model chose"),
        ),
        infer=rules.feedback,
    ),
]
_MADE = [
    BlockType(
        "product",
        "rows of weights times input; what rewriting makes of linears",
        ports=FEATURES,
        parameters=(UNITS, Parameter("rows", "names", help="slices of the weights of linears")),
        infer=rules.units,
        expression="F.linear({input}, {weight}, {bias})",
        operator=True,
    ),
    BlockType(
        "accumulate",
        "rows of weights times input, added to another value; what rewriting makes of sums in loops",
        ports=(Port("onto", help="what it is added to"), INPUT),
        parameters=(UNITS, Parameter("rows", "names", help="slices of the weights of linears")),
        infer=rules.units,
        expression="{onto} + F.linear({input}, {weight}, {bias})",
        operator=True,
    ),
    BlockType(
        "weigh",
        "the sum over a carried axis of values, each by its weight; what rewriting makes of such sums",
        ports=(Port("weight", help="one feature, the weight"), INPUT),
        parameters=(OVER,),
        infer=rules.features,
        carried="closed",
        operator=True,
    ),
]
_CHOOSE = BlockType(
    "choose",
    "the truth where the coin is 1, else the model's own choice; what curriculum makes of feedback",
    "Bengio et al. 2015, arXiv:1506.03099",
    ports=(Port("coin", "tokens"), Port("truth", "any"), Port("own", "any")),
    infer=rules.feedback,
    operator=True,
)
_WEIGHTED = [
    BlockType(
        "weight",
        "a learned vector, the same for every sequence and step",
        parameters=(UNITS,),
        infer=rules.units,
        weights=rules.vector_weights,
        expression="{value}",
    ),
    BlockType(
        "linear",
        "weight times input, plus bias",
        ports=FEATURES,
        parameters=(UNITS, Parameter("bias", "boolean", True, help="whether a bias is added")),
        infer=rules.units,
        weights=rules.linear_weights,
        expression="F.linear({input}, {weight}, {bias})",
    ),
    BlockType(
        "embedding",
        "a learned vector for every token",
        ports=(Port("input", "tokens", help="tokens"),),
        parameters=(UNITS,),
        infer=rules.units,
        weights=rules.embedding_weights,
        expression="F.embedding({input}, {weight})",
    ),
    BlockType(
        "layer_norm",
        "features with mean 0 and deviation 1, then a learned gain and shift",
        "Ba et al. 2016, arXiv:1607.06450",
        ports=FEATURES,
        parameters=(Parameter("epsilon", "number", 1e-5, low=0.0, help="added to the variance"),),
        infer=rules.features,
        weights=rules.norm_weights,
        expression="F.layer_norm({input}, {weight}.shape, {weight}, {bias}, {epsilon})",
    ),
]
_OTHERS = [
    BlockType(
        "softmax",
        "positive and adding up to 1, over a carried axis if there is one, else over features",
        ports=FEATURES,
        parameters=(OVER,),
        infer=rules.features,
        carried="used",
    ),
    BlockType(
        "dropout",
        "while training, features are set to zero at random",
        "Srivastava et al. 2014; one mask for all steps: Gal and Ghahramani 2016, arXiv:1512.05287",
        ports=FEATURES,
        parameters=(
            Parameter("rate", "number", 0.5, low=0.0, high=1.0, help="the share that is set to zero"),
            Parameter("same", "boolean", False, help="one mask for all steps of a sequence"),
        ),
        infer=rules.features,
    ),
    BlockType(
        "argmax",
        "the token with the largest score",
        ports=FEATURES,
        infer=rules.choice,
        expression="{input}.argmax(-1)",
    ),
    BlockType(
        "sample",
        "a token drawn by its score (a logit)",
        ports=FEATURES,
        parameters=(Parameter("temperature", "number", 1.0, low=1e-6, help="above 1 is bolder, below 1 safer"),),
        infer=rules.choice,
    ),
]


def by_name(kinds: Iterable[BlockType]) -> dict[str, BlockType]:
    """The blocks by name; ValueError where two have the same."""
    found: dict[str, BlockType] = {}
    for kind in kinds:
        if found.setdefault(kind.name, kind) is not kind:
            raise ValueError(f"two blocks are called {kind.name}")
    return found


PRIMITIVES = by_name((*_WEIGHTED, *_MADE, _CHOOSE, *_STRUCTURE, *_OTHERS, *_FUNCTIONS, *_REDUCING, *_OPERATORS))
"""All primitives by name."""
