"""A spec while it is edited: its text, what it says so far, what is wrong with it, and the check that ends an edit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from functools import cached_property

from leporello.graphs.blocktypes import BlockType, Body, Registry
from leporello.graphs.composing.tree import Source, Table, with_value
from leporello.graphs.edits.splices.weight_moves import Moves, weight_moves
from leporello.graphs.edits.text.changes import NEW, alike, new
from leporello.graphs.edits.text.respelling import respelled
from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import UNKNOWN, Node, Output
from leporello.graphs.problems import Problem, SpecError, refuse
from leporello.graphs.reading.spec import KEYS, VERSION
from leporello.graphs.specs import try_read

Check = Callable[[Graph], tuple[Problem, ...]]
"""What upper layers find wrong with a graph, such as with its `training:`."""
Intended = Callable[[Graph, Graph], Graph]
"""The graph that an edit is to make of the one before; of the one found comes what cannot be told before it is read."""


INCOMPLETE = ("the spec has no nodes:", "the spec has no outputs:", "nodes: is empty", "outputs: is empty")
"""What is wrong with a spec that is begun, or taken apart."""


@frozen
class Draft:
    """A text and its graph as far as it goes; texts that are faulty are edited as others are."""

    graph: Graph
    problems: tuple[Problem, ...]
    registry: Registry
    checks: tuple[Check, ...] = ()

    @staticmethod
    def read(text: str, registry: Registry, file: str = "<spec>", checks: tuple[Check, ...] = ()) -> Draft:
        """The draft of a spec's text.

        Raises:
            SpecError: for a graph in JSON, which is data of programs.
        """
        graph, problems = try_read(text, registry, file)
        if file.lower().endswith(".json") or (text.lstrip("\ufeff \r\n").startswith("{") and _is_linked(graph)):
            raise refuse(
                "a graph in JSON is not edited in its text",
                "write it as a spec in YAML first: write_spec(leporello.read(FILE))",
            )
        more = tuple(problem for check in checks for problem in check(graph))
        return Draft(graph, (*problems, *more), registry, checks)

    @property
    def source(self) -> Source:
        """The text, and its tree."""
        return self.graph.source

    @property
    def text(self) -> str:
        """The text."""
        return self.source.text

    @property
    def tree(self) -> Table:
        """The tree of the text, empty where there is none."""
        tree = self.source.tree
        return tree if isinstance(tree, Table) else Table((), NEW)

    @cached_property
    def full(self) -> Registry:
        """The blocks that ship, and those of the spec."""
        return self.registry.extended(self.graph.blocks)


@frozen
class Edited:
    """What an edit made: the draft before and after, and what the edit is called.

    `paths` gives the path afterwards of what stood in the opened model at a path before, `notes` are what a person
    should know of it.
    """

    before: Draft
    after: Draft
    called: str
    notes: tuple[str, ...] = ()
    paths: Callable[[str], str] = field(default=str, compare=False)

    @property
    def text(self) -> str:
        """The text afterwards."""
        return self.after.text

    @cached_property
    def weights(self) -> Moves:
        """Where the weights of the model before are in the one afterwards."""
        return weight_moves(self.before.graph, self.after.graph, self.paths, self.before.registry)


def concluded(
    draft: Draft,
    tree: Table,
    called: str,
    intended: Intended,
    *,
    lacking: tuple[str, ...] = (),
    words: Mapping[str, str] | None = None,
    paths: Callable[[str], str] = str,
) -> Edited:
    """The edit that makes `tree` of the draft's tree, if it does that and nothing else.

    Args:
        draft: the spec before.
        tree: its tree, changed.
        called: what the edit is called.
        intended: the graph that it is to make (see `Intended`).
        lacking: what nodes may lack afterwards (`W lacks its port input`) that they did not lack before.
        words: names that are other ones afterwards.
        paths: see `Edited`.

    Raises:
        SpecError: if the text afterwards would say something else, or would be wrong where it was not.
    """
    if draft.source.tree is None:  # the first edit of an empty text
        tree, lacking = with_value(tree, ("spec",), new(VERSION), KEYS), (*lacking, *INCOMPLETE)
    text = respelled(draft.source, tree)
    after = Draft.read(text, draft.registry, draft.source.file, draft.checks)
    brought = _brought(draft.problems, after.problems, lacking, words or {})
    if brought:
        raise SpecError((Problem(f"cannot {called}: {brought[0].what}", brought[0].hint), *brought[1:]))
    if not alike(after.source.tree, tree) or not agree(intended(draft.graph, after.graph), after.graph):
        hint = f"mend this first: {draft.problems[0].what}" if draft.problems else "edit the text by hand here"
        raise refuse(f"cannot {called}: the text would say something else", hint)
    return Edited(draft, after, called, paths=paths)


def _is_linked(graph: Graph) -> bool:
    tree = graph.source.tree
    return isinstance(tree, Table) and not isinstance(tree.get("nodes"), Table | None)


def _brought(
    before: tuple[Problem, ...], after: tuple[Problem, ...], lacking: tuple[str, ...], words: Mapping[str, str]
) -> tuple[Problem, ...]:
    """The problems afterwards that were not there before, without their places: they are in no file."""
    known = Counter(_plainly(problem.what, words) for problem in before)
    allowed = {_plainly(what, {}) for what in lacking}
    found = []
    for problem in after:
        what = _plainly(problem.what, {})
        if known[what]:
            known[what] -= 1
        elif what not in allowed:
            found.append(replace(problem, mark=None))
    return tuple(found)


def _plainly(what: str, words: Mapping[str, str]) -> str:
    """A problem's words without places, which move, and with names that changed."""
    what = re.sub(r"line \d+, column \d+", "", what)
    if words:
        what = re.sub(r"[A-Za-z]\w*", lambda found: words.get(found.group(), found.group()), what)
    return what


def agree(intended: Graph, found: Graph) -> bool:
    """Whether a graph is the intended one; what is unknown of that may have become known."""
    said = ("name", "label", "parameters", "data", "training")
    if any(getattr(intended, name) != getattr(found, name) for name in said):
        return False
    if intended.blocks.keys() != found.blocks.keys():
        return False
    blocks = ((kind, found.blocks[name]) for name, kind in intended.blocks.items())
    return (
        _nodes_agree(intended.nodes, found.nodes)
        and _outputs_agree(intended.outputs, found.outputs)
        and all(_blocks_agree(one, other) for one, other in blocks)
    )


def _nodes_agree(intended: tuple[Node, ...], found: tuple[Node, ...]) -> bool:
    unknown = {_owner(node) for node in intended if node.block == UNKNOWN or _loose(node)}
    names = [[node.path for node in nodes if "/" not in node.path] for nodes in (intended, found)]
    one, other = ([node for node in nodes if _owner(node) not in unknown] for nodes in (intended, found))
    return names[0] == names[1] and one == other


def _owner(node: Node) -> str:
    return node.path.split("/")[0]


def _loose(node: Node) -> bool:
    return any(wire.source == UNKNOWN for wire in (*node.wires, *node.initial_wires))


def _outputs_agree(intended: tuple[Output, ...], found: tuple[Output, ...]) -> bool:
    """Those that were known are as intended; one that could not be read before may be there now."""
    outputs = {output.name: output for output in found}
    known = [output for output in intended if output.wire.source != UNKNOWN]
    return all(outputs.get(output.name) == output for output in known)


def _blocks_agree(intended: BlockType, found: BlockType) -> bool:
    one, other = intended.body, found.body
    if not isinstance(one, Body) or not isinstance(other, Body):
        return intended.name == found.name  # a body that could not be read
    if replace(intended, body=None) != replace(found, body=None):
        return False
    return one.outputs == other.outputs and _nodes_agree(one.nodes, other.nodes)
