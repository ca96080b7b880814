"""Plain values of a program (dicts, lists, texts, numbers) as the tree that a text of the same values has."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from leporello.graphs.composing.texts import DEPTH_LIMIT
from leporello.graphs.composing.tree import Scalar, Sequence, Table, Tree
from leporello.graphs.problems import Mark, refuse

_WORDS = {None: "", True: "true", False: "false"}


def tree_of(value: Any, what: str, mark: Mark, depth: int = 0) -> Tree:
    """The tree of plain values, all of it at one place.

    Raises SpecError, calling it `what`, for whatever JSON does not hold: other objects, numbers that are not finite,
    halves of characters, nesting without an end.
    """
    if depth > DEPTH_LIMIT:
        raise refuse(f"{what} is nested deeper than {DEPTH_LIMIT}", "a graph is flat", mark)
    if isinstance(value, Mapping):
        pairs = []
        for key, item in value.items():
            if not isinstance(key, str) or not _encodes(key):
                raise refuse(f"{what} has a key that is no text: {key!r:.80}", "", mark)
            pairs.append((Scalar(key, key, mark, False), tree_of(item, key if depth < 2 else what, mark, depth + 1)))
        return Table(tuple(pairs), mark)
    if isinstance(value, list | tuple):
        return Sequence(tuple(tree_of(item, what, mark, depth + 1) for item in value), mark)
    if isinstance(value, float) and not math.isfinite(value):
        raise refuse(f"{what} holds {value}", "write a finite number", mark)
    if value is None or isinstance(value, bool | int | float):
        text = _WORDS[value] if value is None or isinstance(value, bool) else str(value)
        return Scalar(value, text, mark, True)
    if isinstance(value, str) and not _encodes(value):
        raise refuse(f"{what} holds half of a character (a surrogate)", "write the character itself", mark)
    if not isinstance(value, str):
        hint = "texts, numbers, lists and objects"
        raise refuse(f"{what} holds {type(value).__name__}, which JSON does not", hint, mark)
    return Scalar(value, value, mark, True)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
