"""Colours on terminals: what is wrong, what is only warned of, headings, and how loops run."""

from __future__ import annotations

import re

import click

from leporello.graphs.problems import Problem

_HEADINGS = re.compile(
    r"^(?:[\w.]+  \(.*\)|node +block.*|(?:parameters|not bound|streaming|loops[^:\n]*)(?=:))", re.MULTILINE
)
_WAYS = {"fused": "green", "scanned": "yellow"}
_HOW = re.compile(r"^    (fused|scanned)(?=,)", re.MULTILINE)


def coloured_problem(problem: Problem) -> str:
    """A problem with its kind in colour; `click.echo` takes colours out again where no terminal is."""
    kind, colour = ("warning: ", "yellow") if problem.warning else ("error: ", "red")
    before, found, after = str(problem).partition(kind)
    return before + click.style(found, fg=colour, bold=True) + after


def coloured_report(text: str) -> str:
    """The report of `check` with its headings bold and how loops run in colour."""
    bold = _HEADINGS.sub(lambda found: click.style(found[0], bold=True), text)
    return _HOW.sub(lambda found: "    " + click.style(found[1], fg=_WAYS[found[1]]), bold)
