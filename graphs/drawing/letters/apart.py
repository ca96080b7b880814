"""What tells things of one name apart: the part of their paths in which they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def told_apart(names: Mapping[str, str]) -> dict[str, str]:
    """A mark for each path whose name another path has too, in another body; `names` are those of paths.

    >>> told_apart({"c/f/y": "y", "c/i/y": "y", "c/h": "h"})
    {'c/f/y': 'f', 'c/i/y': 'i'}
    >>> told_apart({"h/1/h": "h", "h/2/h": "h"})
    {'h/1/h': '(1)', 'h/2/h': '(2)'}
    """
    together: dict[str, list[str]] = {}
    for path, name in names.items():
        together.setdefault(name, []).append(path)
    found: dict[str, str] = {}
    for paths in together.values():
        bodies = [path.split("/")[:-1] for path in paths]
        if len({tuple(body) for body in bodies}) == len(paths) > 1:
            start, end = _common(bodies), _common([body[::-1] for body in bodies])
            marks = ["_".join(body[start : max(len(body) - end, start + 1)]) for body in bodies]
            pairs = zip(paths, marks, strict=True)
            found |= {path: f"({mark})" if mark.isdigit() else mark for path, mark in pairs if mark}
    return found


def _common(lists: Sequence[Sequence[str]]) -> int:
    """How many parts are the same at the beginning."""
    count = 0
    while all(count < len(one) for one in lists) and len({one[count] for one in lists}) == 1:
        count += 1
    return count
