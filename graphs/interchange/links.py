"""Edges of node-link data, paths, and wires as texts (`decoder/1/h.c(t-1)`)."""

from __future__ import annotations

import re
from typing import Any, Literal, cast

from leporello.graphs.composing.tree import Scalar, Table, Tree
from leporello.graphs.expressions.times import DELAY_LIMIT
from leporello.graphs.fields import Field, shown
from leporello.graphs.frozen import frozen
from leporello.graphs.names import LONGEST, NAME, check_name
from leporello.graphs.nodes import Time, Wire
from leporello.graphs.problems import Mark, refuse
from leporello.graphs.reading.parameters import fields_of

WIRE = (
    Field("source", "text", help="the node that is read"),
    Field("source_port", "text", None, help="its port"),
    Field("time", "choice", "t", choices=("t", "first", "last", "all")),
    Field("offset", "integer", 0, -DELAY_LIMIT, DELAY_LIMIT),
    Field("scope", "text", None, help="the path of the body in which all steps are read"),
)
EDGE = (
    *WIRE,
    Field("target", "text", help="the node that reads"),
    Field("key", "value", None),
    Field("port", "text", None, help="the port of the target"),
    Field("order", "integer", None, 0, 10**9, help="its place among several"),
    Field("role", "choice", "input", choices=("input", "initial")),
    Field("state", "text", None, help="the state of the target that starts from it"),
)
LONGEST_PATH = 2000
_WIRE = re.compile(
    r"(?P<source>[A-Za-z][A-Za-z0-9_/]*)(?:\.(?P<port>[A-Za-z][A-Za-z0-9_]*))?"
    r"(?:\((?P<time>t|first|last|all)(?P<offset>[-+][0-9]{1,9})?\))?"
)


@frozen
class Edge:
    """A wire into a port of `target`, or into its initial value (that of `state`, in a composite)."""

    table: Table
    wire: Wire
    target: str
    port: str = ""
    order: int | None = None
    role: str = "input"
    state: str = ""

    @staticmethod
    def of(tree: Tree, what: str) -> Edge:
        """The edge that a table describes."""
        said = fields_of(tree, EDGE, what)
        assert isinstance(tree, Table)
        role, port, state = said.get("role", "input"), said.get("port", ""), said.get("state", "")
        if state and role == "input":
            raise refuse(f"{what} names a state, but is no initial value", '"role": "initial"', tree.mark)
        if port and role == "initial":
            raise refuse(f"{what} is an initial value, which has no port", "take one of them away", tree.mark)
        return Edge(tree, _wire(said, what, tree.mark), said["target"], port, said.get("order"), role, state)


def wire_of(tree: Tree, what: str) -> Wire:
    """The wire of a text such as `h.c(t-1)`, or of a table with the fields of an edge."""
    if not isinstance(tree, Scalar):
        fields = EDGE if isinstance(tree, Table) and "target" in tree else WIRE
        return _wire(fields_of(tree, fields, what), what, tree.mark)
    found = _WIRE.fullmatch(tree.text)
    offset = int(found["offset"] or 0) if found else 0
    if found is None or abs(offset) > DELAY_LIMIT or (found["time"] == "all" and offset):
        hint = "write h, h.c, h(t-1), h(last) or h(all)"
        raise refuse(f"{what} is {shown(tree.value)}, which is no read of a node", hint, tree.mark)
    kind = cast(Literal["t", "first", "last", "all"], found["time"] or "t")
    return Wire(found["source"], found["port"] or "", Time(kind, offset))


def _wire(said: dict[str, Any], what: str, mark: Mark) -> Wire:
    kind, offset, scope = said.get("time", "t"), said.get("offset", 0), said.get("scope", "")
    if kind == "all" and offset:
        raise refuse(f"offset of {what} is {offset}, but all steps are read", "take one of them away", mark)
    if scope and (kind != "all" or not _is_path(scope)):
        raise refuse(f"scope of {what} must be the path of the body in which all steps are read", "", mark)
    port = said.get("source_port", "")
    if port and not NAME.match(port):
        raise refuse(f"source_port of {what} must be a port's name, not {shown(port)}", "", mark)
    return Wire(said["source"], port, Time(kind, offset, scope))


def check_path(path: str, mark: Mark) -> None:
    """Refuse what is no path: a name, then names and numbers, between slashes."""
    check_name(path.split("/")[0], mark, "node")
    if not _is_path(path) or len(path) > LONGEST_PATH or any(len(part) > LONGEST for part in path.split("/")):
        raise refuse(f"{shown(path)} is no path", "a path is made of names and numbers, as decoder/1/forward/h", mark)


def _is_path(path: str) -> bool:
    head, *rest = path.split("/")
    return bool(NAME.match(head)) and all(NAME.match(part) or (part.isascii() and part.isdecimal()) for part in rest)
