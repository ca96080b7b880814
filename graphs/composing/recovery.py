"""The tree of a text that is not YAML everywhere, as while it is typed: what is broken is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from leporello.graphs.composing.compose import compose
from leporello.graphs.composing.tree import Tree
from leporello.graphs.problems import Problem, SpecError

MOST = 12
"""So many broken places are left out."""
NEAR = 3
"""So many lines before the one at which a fault is seen it may have been made."""
_KEY = re.compile(r"(?P<indent> *)(?:- +)?[A-Za-z_][A-Za-z0-9_]* *:(?= |$)")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
Lines = list[str]


def compose_leniently(text: str, file: str = "<spec>") -> tuple[Tree | None, tuple[Problem, ...]]:
    """The tree of a text, and what is wrong with it; where nothing can be composed there is no tree.

    Entries that are broken keep their key, so that what reads them does not find them missing. All places are those
    of the whole text.

    >>> from leporello.graphs.composing.tree import plain
    >>> tree, problems = compose_leniently("nodes:\\n  W: {block: linear, input: x,\\n  h: tanh(W)\\n")
    >>> plain(tree), len(problems)
    ({'nodes': {'W': None, 'h': 'tanh(W)'}}, 1)
    """
    problems: list[Problem] = []
    while True:
        try:
            return compose(text, file), tuple(problems)
        except SpecError as error:
            problem = error.problems[0]
        if not problems or problem.mark != problems[-1].mark:
            problems.append(problem)
        mended = _without(text, problem, file) if len(problems) <= MOST and problem.mark else None
        if mended is None:
            return None, tuple(problems)
        text = mended


def _without(text: str, problem: Problem, file: str) -> str | None:
    """The text with what is broken made blank: as little as makes the fault vanish, or come later."""
    assert problem.mark is not None
    before = problem.mark.start
    best: tuple[int, str] | None = None
    for candidate in _candidates(text, problem.mark.line - 1):
        try:
            compose(candidate, file)
        except SpecError as error:
            mark = error.problems[0].mark
            reached = mark.start if mark else 0
            if reached > before and (best is None or reached > best[0]):
                best = reached, candidate
        else:
            return candidate
    return best[1] if best else None


def _candidates(text: str, at: int) -> Iterator[str]:
    """The text without the value of an entry near a line, or without that line; then without what it stands in.

    At last without all before it: a word typed above a spec is YAML, whole, and what follows it is not.
    """
    lines = _LINE.findall(text)[:-1] if text else []
    at = min(at, len(lines) - 1)
    for line in range(at, max(at - NEAR, -1), -1):
        if _KEY.match(lines[line]):
            yield _blank(lines, line, _end(lines, line), True)
        yield _blank(lines, line, line + 1, False)
    for first in _enclosing(lines, at) if lines else ():
        yield _blank(lines, first, _end(lines, first), True)
    yield _blank(lines, 0, at, False)


def _enclosing(lines: Lines, line: int) -> Iterator[int]:
    """The lines at which the entry of a line, and those that it stands in, begin."""
    indent = len(lines[line])
    for index in range(line, -1, -1):
        found = _KEY.match(lines[index])
        if found and len(found["indent"]) < indent:
            indent = len(found["indent"])
            yield index


def _end(lines: Lines, first: int) -> int:
    """The line at which an entry is over: the next that is indented no further than it."""
    found = _KEY.match(lines[first])
    indent = len(found["indent"]) if found else 0
    for index in range(first + 1, len(lines)):
        stripped = lines[index].strip()
        if stripped and len(lines[index]) - len(lines[index].lstrip(" ")) <= indent:
            return index
    return len(lines)


def _blank(lines: Lines, first: int, last: int, keep: bool) -> str:
    """The text with lines made blank, each as long as before; with `keep` the key of the first stays."""
    made = []
    for index, line in enumerate(lines):
        if first <= index < last:
            found = _KEY.match(line) if keep and index == first else None
            kept = found.end() if found else 0
            body = line.rstrip("\r\n")
            line = line[:kept] + " " * (len(body) - kept) + line[len(body) :]
        made.append(line)
    return "".join(made)
