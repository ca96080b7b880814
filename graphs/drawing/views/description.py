"""A picture in words, for those who do not see it: what goes in, what reads what at which step, what comes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.drawing.views.unfolded_view import ENDS, MOST
from leporello.graphs.drawing.views.view import Box, Edge, View
from leporello.graphs.nodes import Time

_MANY = 30
"""So many boxes are described one by one."""
_LONGEST = 800
"""So many letters of a formula are told."""
_KINDS = {
    "input": "input",
    "layer": "learned layer",
    "composite": "block",
    "feedback": "feedback",
    "every": "all steps",
    "initial": "value drawn elsewhere",
}


def description(view: View, last: Mapping[str, int] | None = None) -> str:
    """The view in sentences, unfolded over `last[axis]` steps of each axis where that is given.

    >>> boxes = (Box("x", "input", "x", "time"), Box("h", "state", "h", "time", "rnn"))
    >>> edges = (Edge("x", "h"), Edge("h", "h", Time(offset=-1), "delay"))
    >>> description(View("m", boxes, edges, ("time",)))
    'Inputs: x at every step of time. State h (rnn) reads x and itself one step before, at first zeros.'
    """
    into: dict[str, list[Edge]] = {}
    for edge in (edge for edge in view.edges if not edge.faint):
        into.setdefault(edge.target, []).append(edge)
    boxes = {box.path: box for box in view.boxes}
    told = [box for box in view.boxes if box.kind != "input" and not box.faint]
    said = [*_steps(view, last or {}), *_inputs(view)]
    said += [_reads(box, into.get(box.path, []), boxes) for box in told[:_MANY]]
    if len(told) > _MANY:
        said.append(f"{len(told) - _MANY} more boxes are in the picture.")
    return " ".join(said)


def _steps(view: View, last: Mapping[str, int]) -> Iterator[str]:
    """How far each axis is unfolded, and which way values go."""
    for axis, count in last.items():
        shown = f", of which the first {ENDS} and the last {ENDS} are shown" if count > MOST else ""
        yield f"Unfolded over {count} {_plural(count, 'step')} of {plain(axis)}{shown}, one column for each."
    styles = {edge.style for edge in view.edges}
    if last and "delay" in styles:
        yield "States go from column to column to the right" + (
            ", and to the left where the model reads backward." if "backward" in styles else "."
        )
    elif last and "backward" in styles:
        yield "States go from column to column to the left."


def _inputs(view: View) -> Iterator[str]:
    """All inputs in one sentence."""
    found = [f"{plain(box.label)} {_when(box)}" for box in view.boxes if box.kind == "input" and not box.faint]
    if found:
        yield f"Inputs: {'; '.join(found)}."


def _reads(box: Box, into: Sequence[Edge], boxes: Mapping[str, Box]) -> str:
    """A box with what it reads."""
    late = [edge for edge in into if edge.time.offset or edge.time.kind != "t"]
    first = [_read(edge, boxes) for edge in into if edge.style != "initial" and edge not in late]
    first += [_read(edge, boxes) for edge in late if edge.style != "initial"]
    starts = [_read(edge, boxes) for edge in into if edge.style == "initial"]
    text = f"{_kind(box)} {plain(box.label)}{_block(box)}"
    if first:
        text += f" reads {_listed(first)}"
    if starts:
        text += f", at first {_listed(starts)}"
    elif any(edge.source == box.path for edge in late):
        learned = "a learned value" if box.initial == "learned" else plain(box.initial)
        text += f", at first {learned if box.initial else 'zeros'}"
    return text + ("." if box.axis else ", once per sequence.")


def _kind(box: Box) -> str:
    if box.kind in ("state", "attention", "output"):
        return box.kind.capitalize()
    return _KINDS.get(box.kind, "value").capitalize()


def _block(box: Box) -> str:
    """Block or formula in brackets; what an output predicts."""
    said = box.block.removeprefix("output").removeprefix(", ")
    said = "" if said in ("", box.kind, box.label) else plain(said, _LONGEST if box.spelled else 60)
    said = ", ".join(filter(None, (said, *(plain(more, 60) for more in box.more))))
    return f" ({said})" if said else ""


def _read(edge: Edge, boxes: Mapping[str, Box]) -> str:
    """What a wire brings: its source, its step, its weights."""
    source, time = boxes[edge.source], edge.time
    name = "itself" if edge.source == edge.target else plain(source.label) + (f".{plain(edge.port)}" * bool(edge.port))
    port = boxes[edge.target].kind == "feedback"
    through = f" {'as' if port else 'through'} {plain(edge.label)}" if edge.label else ""
    if edge.style == "predicts":
        return f"{plain(boxes[edge.source].label)} as its prediction"
    return f"{_at(name, time)}{through}" + (" (fed back)" if edge.style == "fed_back" else "")


def _at(name: str, time: Time) -> str:
    if time.kind == "all":
        return f"all steps of {name}"
    if time.kind in ("first", "last"):
        place = f"the {time.kind} step of {name}"
        return place if not time.offset else f"{place} {time.offset:+d}"
    if not time.offset:
        return name
    count = abs(time.offset)
    number = {1: "one", 2: "two", 3: "three"}.get(count, str(count))
    return f"{name} {number} {_plural(count, 'step')} {'before' if time.offset < 0 else 'after'}"


def _listed(parts: Sequence[str]) -> str:
    *rest, end = parts
    if not rest:
        return end
    return f"{', '.join(rest)}{',' if len(rest) > 1 else ''} and {end}"


def _plural(count: int, word: str) -> str:
    return word if count == 1 else word + "s"


def _when(box: Box) -> str:
    return f"at every step of {plain(box.axis)}" if box.axis else "once per sequence"
