"""The comparison of two models for a reader: one verdict, what differs node by node, then the two in numbers."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from leporello.cli.reports.report_table import grouped
from leporello.cli.reports.report_text import MODES
from leporello.cli.reports.tables import table
from leporello.graphs.drawing.views.differences import spelled_out
from leporello.graphs.names import abbreviated
from leporello.graphs.problems import visible

WIDTH, MOST = 78, 24
Told = Mapping[str, Any]


def compare_text(told: Told) -> str:
    """The whole comparison.

    A mark stands before each node: `=` alike, `~` renamed, `!` changed, `A` or `B` in one model alone.
    """
    lines = [f"{side.upper()}  {told[side]['name']}" + _file(told[side]) for side in ("a", "b")]
    lines += ["", *_verdict(told), "", *table(list(_nodes(told)), right=[4, 5])]
    lines += ["", *table([("", "A", "B"), *_numbers(told)], right=[1, 2]), "", *_loops(told)]
    return "\n".join(lines)


def _file(side: Told) -> str:
    return f"  ({visible(side['file'])})" if side["file"] else ""


def _verdict(told: Told) -> Iterator[str]:
    if told["equal"]:
        yield "A and B are the same model."
        return
    if told["same_function"]:
        yield "A and B are the same function of the same weights, written differently."
    else:
        yield "A and B are different models."
    for group in told["spelled_out"]:
        yield from textwrap.wrap(spelled_out(group["a"], group["b"]), WIDTH, subsequent_indent="  ")
    if told["starts_differently"]:
        text = f"other first values of weights, or frozen in one alone: {', '.join(told['starts_differently'])}"
        yield from textwrap.wrap(text, WIDTH, subsequent_indent="  ")


def _nodes(told: Told) -> Iterator[tuple[str, ...]]:
    """A row for each node of one model or of both, below it one for each thing that changed."""
    yield ("", "node", "A", "B", "learns A", "B")
    for pair in told["nodes"]:
        a, b, what = pair["a"], pair["b"], pair["what"]
        mark = "B" if a is None else "A" if b is None else "!" if what else "=" if a == b else "~"
        name = ", ".join(dict.fromkeys(_name(path) for path in (a, b) if path))
        yield (mark, _short(name), *map(_short, pair["blocks"]), *_learned(told, [a] if a else [], [b] if b else []))
        for fact, said in what.items():
            if fact != "block":
                yield ("", f"  {fact}", *map(_short, said), "", "")
    for group in told["spelled_out"]:
        names = (_short(", ".join(group[side])) for side in ("a", "b"))
        yield ("~", "spelled out", *names, *_learned(told, group["a"], group["b"]))


def _name(path: str) -> str:
    return path.removeprefix("outputs/") + (" (output)" if path.startswith("outputs/") else "")


def _learned(told: Told, mine: Sequence[str], theirs: Sequence[str]) -> tuple[str, str]:
    """How many numbers the nodes of each model learn."""
    return (
        _sum([told["a"]["nodes"].get(path) for path in mine]),
        _sum([told["b"]["nodes"].get(path) for path in theirs]),
    )


def _short(text: str) -> str:
    said = visible(text)
    return said if len(said) <= MOST else said[: MOST - 1] + "…"


def _sum(counts: Sequence[int | str | None]) -> str:
    known = [count for count in counts if count]
    if all(isinstance(count, int) for count in known):
        return grouped(sum(known)) if known else ""  # type: ignore[arg-type]
    return " + ".join(map(str, known))


def _numbers(told: Told) -> Iterator[tuple[str, str, str]]:
    a, b = told["a"], told["b"]
    yield ("parameters", grouped(a["parameters"]), grouped(b["parameters"]))
    for clock in dict.fromkeys(tuple(one["axes"]) for side in (a, b) for one in side["operations"]):
        for name, said in (("multiply_adds", "multiply-adds"), ("elementwise", "element-wise operations")):
            counts = [_count(side, clock, name) for side in (a, b)]
            if any(counts):
                yield (f"{said} {_each(clock)}", *map(grouped, counts))  # type: ignore[misc]
    kept = [_sum([one["numbers"] for one in side["states"]]) or "0" for side in (a, b)]
    yield ("numbers kept from step to step", kept[0], kept[1])


def _count(side: Told, clock: Sequence[str], name: str) -> int | str:
    found: int | str = next((one[name] for one in side["operations"] if tuple(one["axes"]) == tuple(clock)), 0)
    return found


def _each(clock: Sequence[str]) -> str:
    """For every step of what: `a step of target, for each of source`."""
    if not clock:
        return "a sequence"
    own, *carried = (visible(name) for name in clock)
    first = f"for all of {own.rstrip('*')}" if own.endswith("*") else f"a step of {own}"
    return first + "".join(f", for each of {name.rstrip('*')}" for name in carried)


def _loops(told: Told) -> Iterator[str]:
    """How the loops of both run, in each mode of feedback."""
    for mode in dict.fromkeys([*told["a"]["loops"], *told["b"]["loops"]]):
        fed = any(len(told[side]["loops"]) > 1 for side in ("a", "b"))
        yield f"loops{MODES[mode] if fed else ''}:"
        a, b = (told[side]["loops"].get(mode, told[side]["loops"]["teacher"]) for side in ("a", "b"))
        for side, found in [("=", a)] if a == b else [("A", a), ("B", b)]:
            if not found:
                yield f"  {side}  none, all steps are computed at once"
            for loop in found:
                yield f"  {side}  {abbreviated(loop['nodes'])}"
                yield from _indented(_how(loop))
                yield from _indented(visible(str(loop["reason"])))


def _indented(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="     ", subsequent_indent="     ")


def _how(loop: Told) -> str:
    done = [
        f"{grouped(one['multiply_adds'])} multiply-adds {_each(one['axes'])}"
        for one in loop["operations"]
        if one["multiply_adds"]
    ]
    return ", ".join([f"{loop['lowering']} {loop['direction']}", *done])
