"""Edges of node-link data, and wires as texts (`decoder/1/h.c(t-1)`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, cast

from leporello.graphs.expressions.times import DELAY_LIMIT
from leporello.graphs.graph import Time, Wire
from leporello.graphs.interchange.link_fields import Fields, shown
from leporello.graphs.names import NAME
from leporello.graphs.problems import Mark, SpecError, refuse

EDGE_FIELDS = ("source", "target", "key", "port", "order", "source_port", "time", "offset", "scope", "role", "state")
WIRE_FIELDS = ("source", "source_port", "time", "offset", "scope")
TIMES = ("t", "first", "last", "all")
_WIRE = re.compile(
    r"(?P<source>[A-Za-z][A-Za-z0-9_/]*)(?:\.(?P<port>[A-Za-z][A-Za-z0-9_]*))?"
    r"(?:\((?P<time>t|first|last|all)(?P<offset>[-+][0-9]{1,9})?\))?"
)


@dataclass(frozen=True)
class Edge:
    """An edge: a wire into a port of `target`, or into its initial value (that of `state`, in a composite)."""

    target: str
    wire: Wire
    port: str = ""
    order: int | None = None
    role: str = "input"
    state: str = ""

    @staticmethod
    def of(fields: Fields) -> Edge:
        """The edge that the fields describe."""
        order = fields.whole("order", 0, 10**9) if "order" in fields else None
        role = fields.choice("role", ("input", "initial")) or "input"
        if fields.text("state") and role == "input":
            raise refuse(f"{fields.what} names a state, but is no initial value", '"role": "initial"', fields.mark)
        if fields.text("port") and role == "initial":
            raise refuse(f"{fields.what} is an initial value, which has no port", "take one of them away", fields.mark)
        wire = wire_of_fields(fields)
        return Edge(fields.text("target", None), wire, fields.text("port"), order, role, fields.text("state"))


def wire_of_fields(fields: Fields) -> Wire:
    """The wire that fields describe."""
    kind = cast(Literal["t", "first", "last", "all"], fields.choice("time", TIMES) or "t")
    offset, scope = fields.whole("offset", 0, DELAY_LIMIT), fields.text("scope")
    if kind == "all" and offset:
        what = f"offset of {fields.what} is {offset}, but all steps are read"
        raise refuse(what, "take one of them away", fields.mark)
    if scope and (kind != "all" or not _is_path(scope)):
        raise fields.wrong("scope", "the path of the body in which all steps are read")
    port = fields.text("source_port")
    if port and not NAME.match(port):
        raise fields.wrong("source_port", "a port's name")
    return Wire(fields.text("source", None), port, Time(kind, offset, scope))


def wire_of(value: Any, what: str, mark: Mark) -> Wire:
    """The wire of a text such as `h.c(t-1)`, or of an object with the fields of an edge."""
    if not isinstance(value, str):
        return wire_of_fields(Fields.of(value, what, WIRE_FIELDS, mark))
    found = _WIRE.fullmatch(value)
    offset = int(found["offset"] or 0) if found else 0
    if found is None or abs(offset) > DELAY_LIMIT or (found["time"] == "all" and offset):
        raise _misread(value, what, mark)
    kind = cast(Literal["t", "first", "last", "all"], found["time"] or "t")
    return Wire(found["source"], found["port"] or "", Time(kind, offset))


def _misread(value: str, what: str, mark: Mark) -> SpecError:
    hint = "write h, h.c, h(t-1), h(last) or h(all)"
    return refuse(f"{what} is {shown(value)}, which is no read of a node", hint, mark)


def _is_path(path: str) -> bool:
    head, *rest = path.split("/")
    return bool(NAME.match(head)) and all(NAME.match(part) or part.isdecimal() for part in rest)
