"""Random edits of a draft: what is done, the graph that it must give, and what undoes it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from leporello.graphs.composing.tree import Scalar, Sequence, Table, Tree, plain
from leporello.graphs.edits.splices.block_naming import rename_block, rename_port
from leporello.graphs.edits.splices.draft import Draft, Edited
from leporello.graphs.edits.splices.expanded import expand_node
from leporello.graphs.edits.splices.grouped import group_nodes
from leporello.graphs.edits.splices.naming import rename_node, rename_output
from leporello.graphs.edits.splices.nodes import add_node, add_nodes, copy_node, remove_nodes
from leporello.graphs.edits.splices.places import Place, places
from leporello.graphs.edits.splices.ports import connect, delay, disconnect, reread
from leporello.graphs.edits.splices.replacing import replace_block
from leporello.graphs.edits.splices.settings import add_entry, set_value, unset_value, write
from leporello.graphs.edits.splices.size_naming import rename_axis, rename_size
from leporello.graphs.edits.text.changes import at
from leporello.graphs.expressions.tree import SizeName
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import Learned, Node, Output, Time, Wire, freeze

NAMES = ("k", "V_1", "true", "zeros", "tanh", "state", "null", "yes", "e1", "Ab", "x_2", "long_" + "n" * 60)
BAD = ("", "a b", "a: b", "#", "all", "2x", "h.c", "é", "x\n", '"', "n" * 101, "- a", "\x1b[2J", "{a}")
LABELS = (
    "h",
    "the: state",
    "it's",
    "#1",
    "- x",
    "[a]",
    "true",
    "7",
    "ü → x",
    'say "x"',
    "",
    " x ",
    "two\nlines",
    "%TAG",
)
TIMES = ("", "", "(t-1)", "(t-2)", "(t+1)", "(last)", "(first)", "(all)")


@dataclass(frozen=True)
class Try:
    """One edit: `expected` gives the graph that it must make where that is told apart from it, `undo` undoes it.

    `keeps` says that no comment may go with it.
    """

    kind: str
    do: Callable[[Draft], Edited]
    expected: Callable[[Graph], Graph] | None = None
    undo: Callable[[Draft], Edited] | None = None
    keeps: bool = True


def random_edit(draft: Draft, draw: random.Random) -> Try | None:
    """Some edit of a draft; None where the draft has nothing that the chosen kind edits."""
    return draw.choice(_KINDS)(draft, draw)


def _place(draft: Draft, draw: random.Random) -> Place:
    found = places(draft)
    return draw.choice(found) if draw.random() < 0.3 else found[0]


def _name(draw: random.Random) -> str:
    return (
        draw.choice(BAD) if draw.random() < 0.05 else draw.choice(NAMES) + draw.choice(("", "", str(draw.randrange(9))))
    )


def _some(draw: random.Random, choices: Any) -> Any:
    listed = list(choices)
    return draw.choice(listed) if listed else None


def _rename_node(draft: Draft, draw: random.Random) -> Try | None:
    here = _place(draft, draw)
    old, new = _some(draw, (*here.nodes, *here.givers)), _name(draw)
    if old is None:
        return None
    block, keeps = here.block, _keeps_lists(draft)
    undo = lambda d: rename_node(d, new, old, block)  # noqa: E731
    return Try("rename", lambda d: rename_node(d, old, new, block), undo=undo, keeps=keeps)


def _keeps_lists(draft: Draft) -> bool:
    """Whether no list of names in brackets holds comments, which a mapping in its place has no lines for."""
    listed = [here.section(key) for here in places(draft) for key in ("inputs", "parameters", "outputs")]
    marks = [tree.mark for tree in listed if isinstance(tree, Sequence) and tree.flow]
    return not any("#" in draft.text[mark.start : mark.end] for mark in marks)


def _rename_other(draft: Draft, draw: random.Random) -> Try | None:
    own, new = places(draft)[1:], _name(draw)
    here = draw.choice(own) if own and draw.random() < 0.5 else Place(draft)
    block, kind = here.block, draw.choice(("output", "size", "block", "axis", "port"))
    used = {size.name for node in draft.graph for size in node.parameters.values() if isinstance(size, SizeName)}
    sizes = _keys(here.section("parameters")) if block else sorted(used)
    ways: dict[str, tuple[Any, Callable[[Draft, str, str], Edited]]] = {
        "output": (_keys(here.section("outputs")), lambda d, a, b: rename_output(d, a, b, block)),
        "size": (
            _keys(here.section("parameters")) if block else sorted(sizes),
            lambda d, a, b: rename_size(d, a, b, block),
        ),
        "block": (_keys(draft.tree.get("blocks")), rename_block),
        "axis": (("time", "source", "target"), rename_axis),
        "port": (here.givers if block else (), lambda d, a, b: rename_port(d, block, a, b)),
    }
    names, rename = ways[kind]
    old = _some(draw, names)
    if old is None:
        return None
    undo = lambda d: rename(d, new, old)  # noqa: E731
    return Try(f"rename {kind}", lambda d: rename(d, old, new), undo=undo, keeps=_keeps_lists(draft))


def _keys(tree: Tree | None) -> tuple[str, ...]:
    if isinstance(tree, Table):
        return tree.keys()
    return tuple(item.text for item in tree.items if isinstance(item, Scalar)) if isinstance(tree, Sequence) else ()


def _uses(draft: Draft) -> list[Node]:
    """The uses of blocks at the top of a draft."""
    nodes = draft.tree.get("nodes")
    return [
        node
        for node in draft.graph
        if "/" not in node.path and node.block not in ("input", "?") and at(nodes, (node.path, "block")) is not None
    ]


def _replaced(graph: Graph, path: str, change: Callable[[Node], Node]) -> Graph:
    return graph.with_nodes(change(node) if node.path == path else node for node in graph.nodes)


def _back(draft: Draft, keys: tuple[str, ...]) -> Callable[[Draft], Edited]:
    """What sets back what stood at these keys."""
    old = at(draft.tree, keys)
    if old is None:
        return lambda d: unset_value(d, keys)
    return lambda d: set_value(d, keys, old)


def _set_size(draft: Draft, draw: random.Random) -> Try | None:
    node = _some(draw, [node for node in _uses(draft) if "units" in node.parameters])
    if node is None:
        return None
    value, keys = draw.randint(1, 9), ("nodes", node.path, "units")

    def expected(graph: Graph) -> Graph:
        return _replaced(graph, node.path, lambda n: replace(n, parameters=freeze({**n.parameters, "units": value})))

    return Try("set", lambda d: set_value(d, keys, value), expected, _back(draft, keys))


def _set_said(draft: Draft, draw: random.Random) -> Try | None:
    node = _some(draw, [node for node in draft.graph if "/" not in node.path and node.block not in ("input", "?")])
    if node is None:
        return None
    key = draw.choice(("label", "initial", "axis", "layers", "dropout", "frozen", "init"))
    use = at(draft.tree, ("nodes", node.path, "block")) is not None
    if key in ("layers", "dropout", "frozen", "init") and not use:
        return None
    value: Any = {
        "label": draw.choice(LABELS),
        "initial": draw.choice(("learned", 0.5, "zeros")),
        "axis": draw.choice(("time", "source", "none")),
        "layers": draw.randint(1, 3),
        "dropout": 0.5,
        "frozen": True,
        "init": draw.choice(("zeros", "orthogonal", {"uniform": 0.5}, {"bias": "zeros"}, {"weight": "ones"}, "eye")),
    }[key]
    keys = ("nodes", node.path, key)

    def expected(graph: Graph) -> Graph:
        said = {"learned": Learned(), "zeros": 0.0}.get(value, value) if key == "initial" else freeze(value)
        if key in ("label", "axis", "initial"):
            return _replaced(graph, node.path, lambda n: replace(n, **{key: said}))
        return _replaced(graph, node.path, lambda n: replace(n, modifiers=replace(n.modifiers, **{key: said})))

    worked_out = any(other.path.startswith(f"{node.path}/initial") for other in draft.graph)
    told = None if key == "initial" and worked_out else expected
    keeps = isinstance(at(draft.tree, keys), Scalar | None)
    return Try(f"set {key}", lambda d: set_value(d, keys, value), told, _back(draft, keys), keeps)


def _read(draft: Draft, draw: random.Random) -> tuple[str, Wire] | None:
    node = _some(draw, [node for node in draft.graph if "/" not in node.path and node.block != "?"])
    if node is None:
        return None
    said = draw.choice(TIMES)
    if node.path in ("tanh", "true") and said:
        said = ""
    times = {"": Time(), "(last)": Time("last"), "(first)": Time("first"), "(all)": Time("all")}
    return f"{node.path}{said}", Wire(node.path, "", times.get(said) or Time("t", int(said[2:-1])))


def _connect(draft: Draft, draw: random.Random) -> Try | None:
    node, read = _some(draw, _uses(draft)), _read(draft, draw)
    if node is None or read is None:
        return None
    kind = draft.full[node.block]
    port = _some(draw, ["input"] if kind.many else [port.name for port in kind.ports])
    if port is None:
        return None
    text, wire = read
    old = at(draft.tree, ("nodes", node.path, port))
    also = draw.random() < 0.3
    anonymous = any(other.path.startswith(f"{node.path}/") for other in draft.graph)

    def expected(graph: Graph) -> Graph:
        ports = {**dict(node.inputs), port: wire}
        inputs = tuple((p.name, ports[p.name]) for p in kind.ports if p.name in ports)
        return _replaced(graph, node.path, lambda n: replace(n, inputs=inputs))

    told = None if also or kind.many or anonymous else expected
    back = (
        (lambda d: connect(d, node.path, port, old)) if old is not None else (lambda d: disconnect(d, node.path, port))
    )
    return Try("connect", lambda d: connect(d, node.path, port, text, also=also), told, back, keeps=False)


def _disconnect(draft: Draft, draw: random.Random) -> Try | None:
    node = _some(draw, [node for node in _uses(draft) if node.inputs])
    if node is None:
        return None
    kind = draft.full[node.block]
    port = "input" if kind.many else draw.choice(node.inputs)[0]
    old = at(draft.tree, ("nodes", node.path, port))
    source = draw.choice(("", "", draw.choice(node.wires).source))
    undo = (lambda d: connect(d, node.path, port, old)) if old is not None else None
    return Try("disconnect", lambda d: disconnect(d, node.path, port, source), undo=undo, keeps=False)


def _wire(draft: Draft, draw: random.Random) -> tuple[Node, str] | None:
    """A node whose reads all stand at its ports, and the source of one of them."""
    plainly = [
        node
        for node in _uses(draft)
        if node.wires and not any(other.path.startswith(f"{node.path}/") for other in draft.graph)
    ]
    node = _some(draw, plainly)
    return (node, draw.choice(node.wires).source) if node else None


def _with_reads(graph: Graph, node: Node, source: str, change: Callable[[Wire], Wire]) -> Graph:
    inputs = tuple((port, change(wire) if wire.source == source else wire) for port, wire in node.inputs)
    return _replaced(graph, node.path, lambda n: replace(n, inputs=inputs))


def _delay(draft: Draft, draw: random.Random) -> Try | None:
    found, by = _wire(draft, draw), draw.choice((-1, 1, 1, 2))
    if found is None:
        return None
    node, source = found

    def later(wire: Wire) -> Wire:
        moves = wire.time.kind == "t" and wire.port != "state"
        return replace(wire, time=Time("t", wire.time.offset - by)) if moves else wire

    told = None if isinstance(node.initial, tuple) else lambda graph: _with_reads(graph, node, source, later)
    undo = lambda d: delay(d, node.path, source, -by)  # noqa: E731
    return Try("delay", lambda d: delay(d, node.path, source, by), told, undo, keeps=False)


def _reread(draft: Draft, draw: random.Random) -> Try | None:
    found, read = _wire(draft, draw), _read(draft, draw)
    if found is None or read is None:
        return None
    (node, source), (text, wanted) = found, read

    def instead(wire: Wire) -> Wire:
        return replace(wire, source=wanted.source) if wire.port == "state" else wanted

    told = None if isinstance(node.initial, tuple) else lambda graph: _with_reads(graph, node, source, instead)
    return Try("reread", lambda d: reread(d, node.path, source, text), told, keeps=False)


def _expression(draft: Draft, draw: random.Random) -> str | None:
    one, other = _read(draft, draw), _read(draft, draw)
    if one is None or other is None:
        return None
    return draw.choice(("tanh({a})", "{a} + {b}", "{a}", "-{a} * 2", "({a} - 1) / ({b} + 3)")).format(
        a=one[0], b=other[0]
    )


def _write(draft: Draft, draw: random.Random) -> Try | None:
    nodes = draft.tree.get("nodes")
    name, text = _some(draw, _keys(nodes)), _expression(draft, draw)
    if name is None or text is None:
        return None
    old = plain(at(nodes, (name, "value")) or at(nodes, (name,)))
    return Try("write", lambda d: write(d, name, text), undo=lambda d: write(d, name, old), keeps=False)


def _add(draft: Draft, draw: random.Random) -> Try | None:
    here, name, read = _place(draft, draw), _name(draw), _read(draft, draw)
    if read is None or here.block:
        return None
    after = _some(draw, ("", *here.nodes)) or ""
    value, node = _some(
        draw,
        (
            (f"tanh({read[0]})", Node(name, "tanh", (("input", read[1]),))),
            (
                {"block": "linear", "input": read[0], "units": 3},
                Node(name, "linear", (("input", read[1]),), freeze({"units": 3})),
            ),
            ([read[0], read[0]], Node(name, "concatenate", (("1", read[1]), ("2", read[1])))),
        ),
    )

    def expected(graph: Graph) -> Graph:
        if not after:
            ends = [i for i, n in enumerate(graph.nodes) if "/" not in n.path]
            where = ends[-1] + 1 if ends else 0
        else:
            where = next(i for i, n in enumerate(graph.nodes) if n.path == after) + 1
        return graph.with_nodes((*graph.nodes[:where], node, *graph.nodes[where:]))

    return Try("add", lambda d: add_node(d, name, value, after=after), expected, lambda d: remove_nodes(d, [name]))


def _add_two(draft: Draft, draw: random.Random) -> Try | None:
    """Two nodes at once, which read each other."""
    one, other, read = _name(draw), _name(draw), _read(draft, draw)
    if read is None or one == other:
        return None
    last = [index for index, node in enumerate(draft.graph.nodes) if "/" not in node.path]
    values = {one: f"tanh({other}(t-1))", other: [one, read[0]]}
    late = (("input", Wire(other, "", Time("t", -1))),)
    both = (Node(one, "tanh", late), Node(other, "concatenate", (("1", Wire(one)), ("2", read[1]))))

    def expected(graph: Graph) -> Graph:
        where = last[-1] + 1 if last else 0
        return graph.with_nodes((*graph.nodes[:where], *both, *graph.nodes[where:]))

    undo = lambda d: remove_nodes(d, [one, other])  # noqa: E731
    return Try("add two", lambda d: add_nodes(d, values), expected, undo)


def _remove(draft: Draft, draw: random.Random) -> Try | None:
    here = _place(draft, draw)
    names = draw.sample(list(here.nodes), min(len(here.nodes), draw.choice((1, 1, 2))))
    bypass, block = draw.random() < 0.7, here.block
    if not names:
        return None
    undo = None
    place = here.nodes.index(names[0])
    if len(names) == 1 and not bypass and place:
        value, after = plain(here.value(names[0])), here.nodes[place - 1]
        undo = lambda d: add_node(d, names[0], value, after=after, block=block)  # noqa: E731
    return Try("remove", lambda d: remove_nodes(d, names, bypass=bypass, block=block), undo=undo, keeps=False)


def _copy(draft: Draft, draw: random.Random) -> Try | None:
    here, copy = _place(draft, draw), _name(draw)
    name, shared, block = _some(draw, here.nodes), draw.random() < 0.3, here.block
    if name is None:
        return None
    undo = lambda d: remove_nodes(d, [copy], block=block)  # noqa: E731
    return Try("copy", lambda d: copy_node(d, name, copy, block=block, shared=shared), undo=undo)


def _entry(draft: Draft, draw: random.Random) -> Try | None:
    name, read = _name(draw), _read(draft, draw)
    if read is None:
        return None
    keys, value = draw.choice(
        (
            (("inputs", name), {"features": 3}),
            (("outputs", name), read[0]),
            (("parameters", name), 5),
            (("blocks", name), {"inputs": ["x"], "nodes": {"h": "tanh(x)"}, "outputs": ["h"]}),
        )
    )

    def expected(graph: Graph) -> Graph:
        if keys[0] == "outputs":
            return replace(graph, outputs=(*graph.outputs, Output(name, read[1])))
        return replace(graph, parameters=freeze({**graph.parameters, name: 5}))

    told = expected if keys[0] in ("outputs", "parameters") else None
    return Try(f"add {keys[0]}", lambda d: add_entry(d, keys, value), told, lambda d: unset_value(d, keys))


def _section(draft: Draft, draw: random.Random) -> Try | None:
    name = _some(draw, [node.path for node in draft.graph.inputs])
    if name is None:
        return None
    keys = draw.choice((("training", "rate"), ("training", "updates"), ("data", name, "file"), ("label",)))
    value = draw.choice(LABELS) if keys[-1] in ("file", "label") else draw.choice((3, 1e-3))

    def expected(graph: Graph) -> Graph:
        def put(old: Any, rest: tuple[str, ...]) -> Any:
            said = dict(old) if hasattr(old, "items") else {}
            return freeze({**said, rest[0]: put(said.get(rest[0]), rest[1:]) if rest[1:] else value})

        if keys == ("label",):
            return replace(graph, label=value)
        return replace(graph, **{keys[0]: put(getattr(graph, keys[0]), keys[1:])})

    return Try(f"set {keys[0]}", lambda d: set_value(d, keys, value), expected, _back(draft, keys))


def _group(draft: Draft, draw: random.Random) -> Try | None:
    names = list(Place(draft).nodes)
    if not names:
        return None
    chosen = draw.sample(names, draw.randint(1, min(4, len(names))))
    block, node = _name(draw), _name(draw)
    # Within one line there is no place for comments.
    keeps = not getattr(draft.tree.get("blocks"), "flow", False)
    return Try("group", lambda d: group_nodes(d, chosen, block, node), keeps=keeps)


def _expand(draft: Draft, draw: random.Random) -> Try | None:
    here = _place(draft, draw)
    nodes = [name for name in here.nodes if (kind := here.kind_of(name)) and (kind.is_composite or draw.random() < 0.1)]
    name, block = _some(draw, nodes), here.block
    return Try("expand", lambda d: expand_node(d, name, block=block), keeps=False) if name else None


def _replace(draft: Draft, draw: random.Random) -> Try | None:
    node = _some(draw, _uses(draft))
    other = draw.choice(("gru", "lstm", "rnn", "linear", "minimal_gru", "identity", "attention", "concatenate", "tanh"))
    return Try("replace", lambda d: replace_block(d, node.path, other), keeps=False) if node else None


_KINDS: tuple[Callable[[Draft, random.Random], Try | None], ...] = (
    _rename_node,
    _rename_node,
    _rename_other,
    _rename_other,
    _set_size,
    _set_said,
    _set_said,
    _connect,
    _connect,
    _disconnect,
    _delay,
    _reread,
    _write,
    _add,
    _add_two,
    _remove,
    _copy,
    _entry,
    _section,
    _group,
    _expand,
    _replace,
)
