"""The primitives: one operation each, with ports, parameters, a rule for sizes, and what torch computes."""

from __future__ import annotations

from collections.abc import Iterable

from leporello.blocks import rules
from leporello.blocks.arithmetic import FEATURES, OVER, SPELLED, by_torch_ops
from leporello.graphs.blocktypes import BlockType, Parameter, Port
from leporello.graphs.computation import Computation

UNITS = Parameter("units", help="how many features it gives")

_STRUCTURE = [
    BlockType("input", "what is given from outside", infer=rules.given, varies=True, equation="none", operator=True),
    BlockType(
        "identity",
        "what is read, unchanged",
        ports=(Port("input", "any", help="what is read"),),
        infer=rules.same,
        computation=Computation("{input}"),
        equation="formula",
    ),
    BlockType(
        "concatenate",
        "features side by side; written as a list",
        infer=rules.concatenate,
        computation=by_torch_ops("concatenate"),
        many=True,
        equation="list",
    ),
    BlockType(
        "split",
        "features in equal parts, each a port of its own",
        ports=FEATURES,
        parameters=(Parameter("into", "names", help="the parts' names, such as [i, f, g, o]"),),
        infer=rules.split,
        computation=by_torch_ops("split"),
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
        equation="none",
    ),
]
_MADE = [
    BlockType(
        "product",
        "rows of weights times input; what rewriting makes of linears",
        ports=FEATURES,
        parameters=(UNITS, Parameter("rows", "names", help="slices of the weights of linears")),
        infer=rules.units,
        computation=Computation("F.linear({input}, {weight}, {bias})"),
        work=("$input * $y", ""),
        operator=True,
    ),
    BlockType(
        "accumulate",
        "rows of weights times input, added to another value; what rewriting makes of sums in loops",
        ports=(Port("onto", help="what it is added to"), *FEATURES),
        parameters=(UNITS, Parameter("rows", "names", help="slices of the weights of linears")),
        infer=rules.units,
        computation=Computation("{onto} + F.linear({input}, {weight}, {bias})"),
        operator=True,
    ),
    BlockType(
        "weigh",
        "the sum over a carried axis of values, each by its weight; what rewriting makes of such sums",
        ports=(Port("weight", help="one feature, the weight"), *FEATURES),
        parameters=(OVER,),
        infer=rules.features,
        computation=by_torch_ops("weigh"),
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
    computation=by_torch_ops("choose"),
    operator=True,
)
_WEIGHTED = [
    BlockType(
        "weight",
        "a learned vector, the same for every sequence and step",
        parameters=(UNITS,),
        infer=rules.units,
        weights=rules.vector_weights,
        computation=Computation("{value}", starts={"value": "recurrent"}),
        equation="none",
    ),
    BlockType(
        "linear",
        "weight times input, plus bias",
        ports=FEATURES,
        parameters=(UNITS, Parameter("bias", "boolean", True, help="whether a bias is added")),
        infer=rules.units,
        weights=rules.linear_weights,
        computation=Computation(
            "F.linear({input}, {weight}, {bias})",
            starts={"weight": "default", "bias": "recurrent"},
            layer=rules.linear_layer,
        ),
        work=("$input * $y", ""),
        equation="product",
    ),
    BlockType(
        "embedding",
        "a learned vector for every token",
        ports=(Port("input", "tokens", help="tokens"),),
        parameters=(UNITS,),
        infer=rules.units,
        weights=rules.embedding_weights,
        computation=Computation(
            "F.embedding({input}, {weight})", starts={"weight": {"normal": 1.0}}, layer=rules.embedding_layer
        ),
        equation="product",
    ),
    BlockType(
        "layer_norm",
        "features with mean 0 and deviation 1, then a learned gain and shift",
        "Ba et al. 2016, arXiv:1607.06450",
        ports=FEATURES,
        parameters=(Parameter("epsilon", "number", 1e-5, low=0.0, help="added to the variance"),),
        infer=rules.features,
        weights=rules.norm_weights,
        computation=Computation(
            "F.layer_norm({input}, {weight}.shape, {weight}, {bias}, {epsilon})",
            starts={"weight": "ones", "bias": "zeros"},
            layer=rules.norm_layer,
        ),
        work=("", "7 * $input"),
    ),
]
_OTHERS = [
    BlockType(
        "softmax",
        "positive and adding up to 1, over a carried axis if there is one, else over features",
        ports=FEATURES,
        parameters=(OVER,),
        infer=rules.features,
        computation=by_torch_ops("softmax"),
        carried="used",
        work=("", "3 * $input"),  # for each feature its exponential, a sum, a division
        equation="formula",
        activation="softmax",
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
        computation=by_torch_ops("dropout"),
        varies=True,
    ),
    BlockType(
        "argmax",
        "the token with the largest score",
        ports=FEATURES,
        infer=rules.choice,
        computation=Computation("{input}.argmax(-1)"),
        work=("", "$input"),
    ),
    BlockType(
        "sample",
        "a token drawn by its score (a logit)",
        ports=FEATURES,
        parameters=(Parameter("temperature", "number", 1.0, low=1e-6, help="above 1 is bolder, below 1 safer"),),
        infer=rules.choice,
        varies=True,
        work=("", "4 * $input"),
    ),
]


def by_name(kinds: Iterable[BlockType]) -> dict[str, BlockType]:
    """The blocks by name; ValueError where two have the same."""
    found: dict[str, BlockType] = {}
    for kind in kinds:
        if found.setdefault(kind.name, kind) is not kind:
            raise ValueError(f"two blocks are called {kind.name}")
    return found


PRIMITIVES = by_name((*_WEIGHTED, *_MADE, _CHOOSE, *_STRUCTURE, *_OTHERS, *SPELLED))
"""All primitives by name."""
