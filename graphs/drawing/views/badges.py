"""How a model runs, for a picture: its parts in their turn, and the sign that each box gets of them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from posixpath import commonpath

from leporello.graphs.drawing.letters.labels import plain
from leporello.graphs.drawing.views.closing import group
from leporello.graphs.drawing.views.opened import CLOSED, Grouping
from leporello.graphs.drawing.views.view import Badge, View
from leporello.graphs.phases import How, Phase

SHORT: Mapping[How, str] = {"fused": "fused", "scanned": "scanned", "all at once": "at once", "once": "once"}
MEANING: Mapping[How, str] = {
    "fused": "one call of a kernel for all steps",
    "scanned": "step by step, each waits for the last",
    "all at once": "one operation over all steps",
    "once": "one value for the whole sequence",
}
"""What each way of running means, in words."""
IN_PART = "(in part)"


def badged(view: View, plan: Sequence[Phase], grouping: Grouping = CLOSED) -> View:
    """The view with the numbers of its phases on every box; a box with loops in it bears those of the loops."""
    found: dict[str, list[int]] = {}
    for number, phase in enumerate(plan, 1):
        for path in dict.fromkeys(map(grouping, (*phase.nodes, *phase.made))):
            found.setdefault(path, []).append(number)
    boxes = (replace(box, badge=_badge(found[box.path], plan)) if box.path in found else box for box in view.boxes)
    return replace(view, boxes=tuple(boxes))


def _badge(numbers: Iterable[int], plan: Sequence[Phase]) -> Badge:
    by_how: dict[How, list[str]] = {}
    for number in numbers:
        by_how.setdefault(plan[number - 1].how, []).append(str(number))
    loops = {how: found for how, found in by_how.items() if how in ("fused", "scanned")}
    shown = loops or by_how
    slowest: How = "scanned" if "scanned" in shown else next(iter(shown))
    return Badge(slowest, ", ".join(f"{SHORT[how]} {', '.join(found)}" for how, found in shown.items()))


def names(phase: Phase, plan: Sequence[Phase]) -> list[str]:
    """What runs in a phase by the names of the spec, and where a composite runs in several, the part that runs here."""
    inside: dict[str, list[str]] = {}
    for path in (*phase.nodes, *phase.made):
        inside.setdefault(group(path), []).append(path)
    everywhere: dict[str, set[str]] = {}
    for path in (path for other in plan for path in other.nodes):
        everywhere.setdefault(group(path), set()).add(path)
    return [
        name
        for box, paths in inside.items()
        for name in _named(box, paths, set(paths).intersection(phase.nodes), everywhere.get(box, set()))
    ]


def _named(box: str, paths: Sequence[str], here: set[str], everywhere: set[str]) -> list[str]:
    """The whole box, a container within it, one or two nodes, or a container in part."""
    if here == everywhere:
        return [box]
    if 0 < len(here) <= 2 and len(here) == len(paths):
        return [path for path in paths if path in here]
    within = _container(paths) or box
    whole = {path for path in everywhere if path.startswith(within + "/")} == here
    return [within if whole else box if 2 * len(here) > len(everywhere) else f"{within} {IN_PART}"]


def key(plan: Sequence[Phase]) -> tuple[list[tuple[Phase, str]], list[str]]:
    """The key of a plan: every phase with what it runs in words, and what those words mean."""
    listed = [(phase, ", ".join(plain(name, 60) for name in names(phase, plan))) for phase in plan]
    meanings = [f"{how}: {MEANING[how]}" for how in dict.fromkeys(phase.how for phase in plan)]
    if any(IN_PART in said for _, said in listed):
        meanings.append("in part: what does not depend on the loop")
    return listed, meanings


def key_lines(plan: Sequence[Phase], width: int, ascii_only: bool = False) -> list[str]:
    """The key of a plan as lines of text of at most `width` characters.

    >>> key_lines([Phase("fused", ("h",), "time", why="a gru")], 60)[:3]
    ['1  fused, forward along time: h', '   a gru', '']
    """
    listed, meanings = key(plan)
    lines: list[str] = []
    for number, (phase, said) in enumerate(listed, 1):
        begin = f"{number:<2} "
        for text in (f"{phase.said}: {said}", phase.why if phase.loop else ""):
            lines += textwrap.wrap(plain(text, 400, ascii_only), width, initial_indent=begin, subsequent_indent="   ")
            begin = "   "
    return [line.rstrip() for line in (*lines, "", *meanings)]


def _container(paths: Sequence[str]) -> str:
    """The innermost path that all paths lie in.

    >>> _container(["h/1/forward/i", "h/1/forward/W_i"]), _container(["h/1/W"])
    ('h/1/forward', 'h/1')
    """
    return commonpath([path.rpartition("/")[0] for path in paths])
