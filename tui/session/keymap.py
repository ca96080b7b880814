"""Keys that a user has chosen: a file in the folder of settings, from the name of an action to its keys."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from leporello.graphs.problems import Problem, refuse, suggest

LONGEST = 100_000
TOGETHER = (
    frozenset({"model", "assemble", "canvas", "parts"}),
    frozenset({"train", "curve", "settings", "parts"}),
    frozenset({"inside", "canvas"}),
)
"""The places whose keys work on one screen; those of the app work on all."""
NEAR = {"parts": 0, "canvas": 1, "curve": 1, "settings": 1, "app": 3}


def place() -> Path:
    """The file that says them: under XDG_CONFIG_HOME, or ~/.config."""
    home = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(home).expanduser() / "leporello" / "keys.json"


def own_keys(known: Iterable[str]) -> tuple[dict[str, str], list[Problem]]:
    """The keys that the user's file says, by action, and what is wrong in it; none without one.

    Raises:
        SpecError: for a file that is damaged.
    """
    path, known = place(), set(known)
    try:
        data = path.read_bytes()[:LONGEST]
    except FileNotFoundError:
        return {}, []
    except OSError as error:
        raise refuse(f"{path} cannot be read: {error.strerror or error}", "see its permissions") from None
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise refuse(f"{path} is no JSON: {error}", 'such as {"model.unfold": "u,f2"}') from None
    if not isinstance(value, dict):
        raise refuse(f"{path} is no mapping of actions to keys", 'such as {"model.unfold": "u,f2"}')
    found: dict[str, str] = {}
    wrong: list[Problem] = []
    for name, keys in value.items():
        if name not in known:
            wrong.append(Problem(f"{path}: there is no action {name!r}", suggest(name, known, "actions")))
        elif not isinstance(keys, str) or not keys.strip(" ,"):
            wrong.append(Problem(f"{path}: {name} says no keys", f'such as {{"{name}": "u,f2"}}'))
        else:
            found[name] = keys
    return found, wrong


def clashes(known: Mapping[str, Sequence[str]], own: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """The keys chosen for one action that another of the same place has, each with the action that loses it.

    >>> list(clashes({"a.go": ["g"], "a.stop": ["s"], "b.stop": ["s"]}, {"a.go": ["s"]}))
    [('s', 'a.stop')]
    >>> list(clashes({"a.go": ["g"], "a.stop": ["s"]}, {"a.go": ["s"], "a.stop": ["g"]}))
    []
    >>> list(clashes({"assemble.delete": ["d"], "canvas.left": ["h"]}, {"canvas.map": ["d"], "model.edit": ["h"]}))
    [('d', 'assemble.delete'), ('h', 'model.edit')]
    """
    others = {name: keys for name, keys in known.items() if name not in own}
    for name, keys in own.items():
        for other, theirs in others.items():
            nearer = _rank(name) > _rank(other) or (_rank(name) == _rank(other) and other in own)
            yield from ((key, name if nearer else other) for key in keys if key in theirs and _meet(name, other))
        others[name] = keys


def _place(name: str) -> str:
    return name.partition(".")[0]


def _meet(name: str, other: str) -> bool:
    """Whether there is a screen on which both are keys."""
    places = {_place(name), _place(other)}
    return len(places) == 1 or "app" in places or any(places <= one for one in TOGETHER)


def _rank(name: str) -> int:
    """How near an action is to what is looked at: of two with one key that with the lower number has it."""
    return NEAR.get(_place(name), 2)
