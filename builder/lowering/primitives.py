"""From a primitive and the terms that it reads to a term: one line of the generated source."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace

from leporello.blocks.arithmetic import OPERATORS, REDUCING
from leporello.builder.lowering.terms import ATOM, BATCH, LOOSE, PRODUCT, Dimension, Term, aligned, infix, together
from leporello.builder.names import part, reference
from leporello.builder.plan.affine import owner
from leporello.builder.plan.slices import bias_text, weight_text
from leporello.graphs.analysis.axes import Carried
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.analysis.weights import weights_of
from leporello.graphs.computation import PLACE
from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import Node


@frozen
class Surroundings:
    """What an operation needs to know of the place in which it is printed.

    `own` is the axis of the node's clock where all its steps are computed at once (None inside a step of a
    loop), `like` a tensor of the right device and type, `masks` the variable that says which steps of an axis
    are valid, by the axis's name, `step_mask` the one that says it for the step at hand, `given` the one that
    holds the tokens that a caller gives in place of a sample, by the node's path. `once` gives the variable of an
    expression over weights that is worked out once per call for a node, called after a path; `later` the one that
    multiplies by a node's weight at every step of a loop, nothing where that is not worth its while.
    """

    model: Checked
    own: str | None
    like: str
    masks: Mapping[str, str]
    sizes: Callable[[Dimension], str]
    step_mask: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    once: Callable[[str, str, str], str] = lambda text, path, node: text
    later: Callable[[Node, str], str] = lambda node, weight: ""


def union(model: Checked, path: str) -> tuple[Carried, ...]:
    """All axes that are carried into a node, also the one that it closes."""
    axes = model.axes[path]
    closed = () if axes.over is None or axes.over in axes.carried else (axes.over,)
    return (*closed, *axes.carried)


def operate(node: Node, terms: Mapping[str, Term], around: Surroundings) -> Term:
    """The term for what a primitive gives, all its ports read as `terms`."""
    order: list[Dimension] = [BATCH, *([around.own] if around.own else []), *union(around.model, node.path)]
    if node.block == "number":
        value = float(node.parameters["value"])
        return Term(repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value), scalar=True)
    if node.block in OPERATORS:
        return _operator(node, terms, order, around)
    if node.block == "concatenate":
        return _concatenate(list(terms.values()), order, around)
    (values, dims) = together(list(terms.values()), order)
    inputs = {port: tensor(term, around) for port, term in zip(terms, values, strict=True)}
    if node.block == "negative":
        return Term("-" + values[0].within(PRODUCT), dims, PRODUCT, values[0].scalar)
    if node.block == "identity":
        return values[0] if values[0].scalar else inputs["input"]
    if node.block in REDUCING or (node.block == "softmax"):
        return _over(node, inputs["input"], dims, order, around)
    if node.block == "weigh":
        return _weigh(node, (terms["weight"], terms["input"]), order, around)
    if node.block in _SPECIAL:
        return Term(_SPECIAL[node.block](node, inputs["input"], around), dims)
    if node.block == "choose":
        return _choose(node, inputs, dims, around)
    if node.block == "product":
        return _product(node, inputs["input"], dims, around)
    if node.block == "accumulate":
        return _accumulate(node, inputs, dims, around)
    return _expression(node, inputs, dims, order, around)


def tensor(term: Term, around: Surroundings) -> Term:
    """The term as a tensor, also where it is a number."""
    return Term(f"{around.like}.new_tensor([{term.text}])", nodes=term.nodes) if term.scalar else term


def _operator(node: Node, terms: Mapping[str, Term], order: Sequence[Dimension], around: Surroundings) -> Term:
    (left, right), dims = together([terms["left"], terms["right"]], order)
    if left.scalar and right.scalar:  # what is not a finite number: Python would refuse what a tensor can hold
        left = tensor(left, around)
    if "right" in around.model.registry[node.block].computation().partial and not right.scalar:
        right = guarded(right, dims, around)
    return infix(left, OPERATORS[node.block], right, dims)


def guarded(term: Term, dims: Sequence[Dimension], around: Surroundings) -> Term:
    """The term with 1 in the padding, where an operation is not defined for every number."""
    text, present = aligned(term, dims).text, tuple(dims) if term.dims else ()
    for place, dim in enumerate(present):
        axis = dim[0] if isinstance(dim, tuple) else dim
        if axis in around.masks and dim in term.dims:
            text = f"keep({text}, {around.masks[axis]}, 1{'' if place == 1 else f', {place}'})"
    if around.step_mask and BATCH in present:
        text = f"hold({around.step_mask}, {text}, {around.like}.new_ones(()))"
    return replace(term, text=text, dims=present, strength=ATOM) if text != term.text else term


def _concatenate(terms: list[Term], order: Sequence[Dimension], around: Surroundings) -> Term:
    values, dims = together([tensor(term, around) for term in terms], order)
    texts = ", ".join(value.text for value in values)
    whole = all(term.dims == dims for term in terms)
    return Term(f"torch.cat([{texts}], -1)" if whole else f"join({texts})", dims)


def _over(
    node: Node, value: Term, dims: tuple[Dimension, ...], order: Sequence[Dimension], around: Surroundings
) -> Term:
    over = around.model.axes[node.path].over
    if over is None:
        if node.block == "softmax":
            return Term(f"torch.softmax({value.text}, -1)", dims)
        name = {"max": "amax"}.get(node.block, node.block)
        return Term(f"{value.atom}.{name}(-1, keepdim=True)", dims)
    if over not in dims:
        dims = tuple(dim for dim in order if dim in (*dims, BATCH, over))
        value = expanded(value, dims, around)
    mask = around.masks.get(over[0], "None")
    text = f"{node.block}_over({value.text}, {dims.index(over)}, {mask})"
    if node.block == "softmax":
        return Term(text, dims)
    return Term(text, tuple(dim for dim in dims if dim != over))


def _weigh(node: Node, pair: tuple[Term, Term], order: Sequence[Dimension], around: Surroundings) -> Term:
    """A product of matrices, where no more than the weights differs from step to step of the clock."""
    (weight, value), over = pair, around.model.axes[node.path].over
    *outer, last = weight.dims or ("",)
    if over is None or last != over or value.dims != (BATCH, over) or outer[0] != BATCH or len(outer) > 2:
        (left, right), dims = together(pair, order)
        return _over(replace(node, block="sum"), infix(left, "*", right, dims), dims, order, around)
    mask, read = around.masks.get(over[0]), node.inputs[1][1].source
    by, what = weight.atom, value.text
    inside = any({node.path, read} <= set(loop.nodes) for loop in around.model.loops)
    if mask:  # selected on both sides: 0 times what is infinite in the padding is no number
        by, what = f"keep({weight.text}, {mask}, 0, {len(outer)})", f"keep({what}, {mask})"
        what = what if inside else around.once(what, f"{read}/valid", node.path)
    if len(outer) > 1:
        return Term(f"torch.bmm({by}.squeeze(-1), {what})", tuple(outer))
    later = "" if inside else around.later(node, f"{what}.transpose(1, 2)")
    product = f"{later}({by}.transpose(1, 2))" if later else f"torch.bmm({by}.transpose(1, 2), {what})"
    return Term(f"{product}.squeeze(1)", tuple(outer))


def expanded(term: Term, dims: Sequence[Dimension], around: Surroundings) -> Term:
    """The term with all of `dims`, also those along which it does not change."""
    if term.dims == tuple(dims):
        return term
    term = tensor(term, around)
    fitted = aligned(term, dims)
    sizes = ", ".join("-1" if dim in term.dims else around.sizes(dim) for dim in dims)
    tail = "" if term.tokens else ", -1"
    return Term(f"{fitted.atom}.expand({sizes}{tail})", tuple(dims), tokens=term.tokens, nodes=term.nodes)


def _expression(
    node: Node,
    inputs: Mapping[str, Term],
    dims: tuple[Dimension, ...],
    order: Sequence[Dimension],
    around: Surroundings,
) -> Term:
    """What the block's own expression gives, or the call of the layer that holds its weights."""
    kind = around.model.registry[node.block]
    computation = kind.computation()
    guards = {port: guarded(inputs[port], dims, around) for port in computation.partial if port in inputs}
    inputs = {**inputs, **guards}
    names = weights_of(node, around.model.registry, around.model.ports(node))
    own = {name: shape for name, shape in names.items() if owner(node, name) == f"{node.path}/{name}"}
    later = around.later(node, f"{part(node.path)}.weight") if node.block == "linear" and dims == (BATCH,) else ""
    if later and own.keys() == names.keys() and len(inputs) == 1:
        read = next(iter(inputs.values())).text
        return Term(f"{later}({read}{f', {part(node.path)}.bias' if 'bias' in own else ''})", dims)
    if own and own.keys() == names.keys() and computation.layer and computation.layer(own, node.parameters):
        return Term(f"{part(node.path)}({', '.join(term.text for term in inputs.values())})", dims)
    over = around.model.axes[node.path].over if kind.carried != "kept" else None
    place = {"dimension": "-1", "mask": "None"}
    if over is not None:
        dims = tuple(dim for dim in order if dim in (*dims, BATCH, over))
        inputs = {port: expanded(term, dims, around) for port, term in inputs.items()}
        place = {"dimension": str(dims.index(over)), "mask": around.masks.get(over[0], "None")}
    weights = dict.fromkeys(computation.starts, "None") | {name: reference(owner(node, name)) for name in names}
    said = {name: repr(value) for name, value in node.parameters.items()}
    bare = dict.fromkeys(computation.names, "None") | place | said | weights
    terms = {**{name: Term(text, (), LOOSE if text[0] == "-" else ATOM) for name, text in bare.items()}, **inputs}
    text = _filled(_WIDE.get(node.block, computation.expression) if len(dims) > 1 else computation.expression, terms)
    left = tuple(dim for dim in dims if kind.carried != "closed" or dim != over)
    return Term(text, left, ATOM if computation.is_call else LOOSE)


def _choose(node: Node, inputs: Mapping[str, Term], dims: tuple[Dimension, ...], around: Surroundings) -> Term:
    tokens = around.model.values[node.path, ""].kind == "tokens"
    coin = inputs["coin"].within(ATOM) if tokens else f"{inputs['coin'].within(ATOM)}.unsqueeze(-1)"
    return Term(f"torch.where({coin} == 1, {inputs['truth'].text}, {inputs['own'].text})", dims, tokens=tokens)


def _product(node: Node, value: Term, dims: tuple[Dimension, ...], around: Surroundings) -> Term:
    rows = node.parameters["rows"]
    path = node.path.replace("/inside", "_inside")
    weight = around.once(weight_text(rows), f"{path}/weight", node.path)
    bias = around.once(bias_text(rows, around.like), f"{path}/bias", node.path)
    later = around.later(node, weight) if dims == (BATCH,) else ""
    if later:
        return Term(f"{later}({value.text}" + ("" if bias == "None" else f", {bias}") + ")", dims)
    return Term(f"F.linear({value.text}, {weight}" + ("" if bias == "None" else f", {bias}") + ")", dims)


def _accumulate(node: Node, inputs: Mapping[str, Term], dims: tuple[Dimension, ...], around: Surroundings) -> Term:
    onto, value = inputs["onto"], inputs["input"]
    if value.dims != (BATCH,):  # without a batch it is no matrix
        return infix(onto, "+", _product(node, value, dims, around), dims)
    weight = weight_text(node.parameters["rows"])
    later = around.later(node, weight)
    if later:
        return Term(f"{later}({value.text}, {onto.text})", dims)
    weight = around.once(
        (f"({weight})" if weight.startswith("-") else weight) + ".t()", f"{node.path}/weight", node.path
    )
    return Term(f"torch.addmm({onto.text}, {value.text}, {weight})", dims)


def _filled(expression: str, terms: Mapping[str, Term]) -> str:
    """The expression with terms in place of names: bare where one is an argument by itself, else fit for any place."""
    texts, names = PLACE.split(expression)[::2], PLACE.findall(expression)
    found = texts[0]
    for before, name, after in zip(texts, names, texts[1:], strict=False):
        alone = before.rstrip().endswith(("(", ",")) and after.lstrip().startswith((")", ","))
        found += (terms[name].text if alone else terms[name].atom) + after
    return found


def _dropout(node: Node, value: Term, around: Surroundings) -> str:
    rate = repr(float(node.parameters["rate"]))
    if node.parameters.get("same") and around.own and around.own in value.dims:
        return f"steady_dropout({value.text}, {rate}, self.training)"
    if node.parameters.get("same") and around.step_mask:
        sizes = [*(around.sizes(dim) for dim in value.dims), str(around.model.values[node.path, ""].size)]
        ones = f"{around.like}.new_ones({', '.join(sizes)})"
        mask = around.once(f"F.dropout({ones}, {rate}, self.training)", f"{node.path}/mask", node.path)
        return f"{value.within(PRODUCT)} * {mask}"
    return f"F.dropout({value.text}, {rate}, self.training)"


def _sample(node: Node, value: Term, around: Surroundings) -> str:
    temperature = float(node.parameters["temperature"])
    logits = value.text if temperature == 1.0 else f"{value.within(PRODUCT)} / {temperature!r}"
    given = around.given.get(node.path)
    return f"draw({logits}) if {given} is None else {given}" if given else f"draw({logits})"


_WIDE: Mapping[str, str] = {"tanh": "wide_tanh({input})"}
"""How a function is called for the many numbers that steps side by side have, where that differs."""
_SPECIAL: Mapping[str, Callable[[Node, Term, Surroundings], str]] = {"dropout": _dropout, "sample": _sample}
