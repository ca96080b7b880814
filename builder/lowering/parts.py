"""The constructor of a generated module: its parts under their paths, and their first values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leporello.builder.lowering.lines import INDENT, Line, indented
from leporello.builder.names import attribute, part, reference
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.blocktypes import Registry
from leporello.graphs.computation import Computation
from leporello.graphs.nodes import Node
from leporello.graphs.schemes import by_weight, is_for_matrices

Tree = dict[str, Any]


def constructor(checked: Checked) -> list[Line]:
    """The lines that build every part, whichever of them a mode of feedback uses."""
    tree: Tree = {}
    lines: list[Line] = []
    for path, weights in checked.weights.items():
        node = checked.graph[path]
        made, extra = _made(node, weights, checked.registry)
        lines.extend(Line(f"{reference(f'{path}/{name}')} = {text}", (path,)) for name, text in extra.items())
        _insert(tree, path.split("/"), Line(made, (path,)))
    built = []
    for name, part_or_parts in tree.items():
        built += _printed(part_or_parts, f"self.{attribute(name, True)} = ", "", 0)
    return [*built, *lines]


def _insert(tree: Tree, parts: list[str], made: Line) -> None:
    for name in parts[:-1]:
        tree = tree.setdefault(name, {})
    tree[parts[-1]] = made


def _printed(made: Line | Tree, before: str, after: str, depth: int) -> list[Line]:
    """The lines of a part, with what stands before it in the first of them and after it in the last."""
    if isinstance(made, Line):
        return [Line(before + made.text + after, made.nodes)]
    named = [(f'"{attribute(name, False)}": ', inner) for name, inner in made.items()]
    if len(named) == 1:
        ((name, inner),) = named
        return _printed(inner, f"{before}Parts({{{name}", f"}}){after}", depth)
    inside = [line for name, inner in named for line in _printed(inner, INDENT * (depth + 1) + name, ",", depth + 1)]
    return [Line(before + "Parts({"), *inside, Line(f"{INDENT * depth}}}){after}")]


def _made(node: Node, weights: Mapping[str, tuple[Any, ...]], registry: Registry) -> tuple[str, dict[str, str]]:
    """The expression that makes a node's part, and parameters to add to it."""
    own = {name: shape for name, shape in weights.items() if name != "initial"}
    extra = {}
    if "initial" in weights and own:
        extra = {"initial": f"nn.Parameter(torch.zeros({weights['initial'][0]}))"}
    layer = registry[node.block].computation().layer
    made = layer(own, node.parameters) if layer and own else ""
    if made:
        return made, extra
    plain = ", ".join(f'"{n}": nn.Parameter(torch.zeros({", ".join(map(str, s))}))' for n, s in weights.items())
    return f"Parts({{{plain}}})", {}


def first_values(checked: Checked) -> list[Line]:
    """The lines of `reset_parameters`: what differs from torch's own first values."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for path, weights in checked.weights.items():
        node = checked.graph[path]
        computation = checked.registry[node.block].computation()
        names = [name for name in weights if name != "initial"]
        texts = tuple(text for name in names for text in _first(node, name, weights, computation))
        if texts:
            groups.setdefault(texts, []).append(path)
    lines = []
    for texts, paths in groups.items():
        started = [Line(text, tuple(paths)) for text in texts]
        if len(paths) == 1:
            lines += [Line(f"part = {part(paths[0])}", tuple(paths)), *started]
        else:
            parts = [Line(f"{part(path)},", (path,)) for path in paths]
            lines += [Line("for part in ("), *indented(parts, 1), Line("):"), *indented(started, 1)]
    return lines


def _first(node: Node, name: str, weights: Mapping[str, tuple[Any, ...]], computation: Computation) -> list[str]:
    """How one weight starts; nothing where a layer of torch's holds it and its own way is meant."""
    own = {other: shape for other, shape in weights.items() if other != "initial"}
    said: Any = _said(node, name, own[name])
    if said is None and not (computation.layer and computation.layer(own, node.parameters)):
        said = computation.starts.get(name)
        if isinstance(said, str) and "{" in said:
            given = {other: repr(value) for other, value in node.parameters.items()}
            return [said.format(**given | {other: f"part.{other}" for other in own})]
    return [] if said is None else _scheme(node, name, said, own[name])


def _said(node: Node, name: str, shape: tuple[Any, ...]) -> Any:
    """What `init:` says of one weight: by its name, or of all that it can be said of, which biases are not."""
    init = node.modifiers.init
    said = init.get(name) if by_weight(init) else None if name == "bias" else init
    return None if is_for_matrices(said) and len(shape) < 2 else said


_CALLS = {
    "zeros": "zeros_",
    "ones": "ones_",
    "xavier": "xavier_uniform_",
    "kaiming": "kaiming_uniform_",
    "orthogonal": "orthogonal_",
}


def _scheme(node: Node, name: str, said: Any, shape: tuple[Any, ...]) -> list[str]:
    """The lines that start a weight by a scheme of `graphs/schemes.py`."""
    target = f"part.{name}"
    if isinstance(said, Mapping):
        ((scheme, number),) = said.items()
        arguments = {"uniform": f"{-number!r}, {number!r}", "normal": f"0.0, {number!r}", "constant": f"{number!r}"}
        return [f"nn.init.{scheme}_({target}, {arguments[scheme]})"]
    if said in _CALLS:
        return [f"nn.init.{_CALLS[said]}({target})"]
    size = shape[-1] if said == "default" else node.parameters.get("units", shape[0])
    bound = repr(round(float(size) ** -0.5, 10))
    drawn = [f"nn.init.uniform_({target}, -{bound}, {bound})"]
    if said == "recurrent_pair":
        drawn.append(f"{target} += torch.empty_like({target}).uniform_(-{bound}, {bound})")
    return drawn


def frozen_weights(checked: Checked) -> list[Line]:
    """The lines that keep weights from being trained."""
    paths = [path for path in checked.weights if checked.graph[path].modifiers.frozen]
    return [Line(f"{part(path)}.requires_grad_(False)", (path,)) for path in paths]
