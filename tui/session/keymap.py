"""Keys that a user has chosen: a file in the folder of settings, from the name of an action to its keys."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from leporello.graphs.problems import refuse, suggest

LONGEST = 100_000


def place() -> Path:
    """The file that says them: under XDG_CONFIG_HOME, or ~/.config."""
    home = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(home).expanduser() / "leporello" / "keys.json"


def own_keys(known: Iterable[str]) -> dict[str, str]:
    """The keys that the user's file says, by action; none without one.

    Raises:
        SpecError: for a file that is damaged, and for an action that does not exist.
    """
    path, known = place(), set(known)
    try:
        data = path.read_bytes()[:LONGEST]
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise refuse(f"{path} cannot be read: {error.strerror or error}", "see its permissions") from None
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise refuse(f"{path} is no JSON: {error}", 'such as {"model.unfold": "u,f2"}') from None
    if not isinstance(value, dict) or not all(isinstance(keys, str) and keys for keys in value.values()):
        raise refuse(f"{path} is no mapping of actions to keys", 'such as {"model.unfold": "u,f2"}')
    for name in value:
        if name not in known:
            raise refuse(f"{path}: there is no action {name!r}", suggest(name, known, "actions"))
    return value


def clashes(known: Mapping[str, Sequence[str]], own: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """The keys chosen for one action that another of the same place has, each with the action that loses it.

    >>> list(clashes({"a.go": ["g"], "a.stop": ["s"], "b.stop": ["s"]}, {"a.go": ["s"]}))
    [('s', 'a.stop')]
    >>> list(clashes({"a.go": ["g"], "a.stop": ["s"]}, {"a.go": ["s"], "a.stop": ["g"]}))
    []
    """
    taken: set[tuple[str, str]] = set()
    for name, keys in own.items():
        place = name.partition(".")[0]
        yield from ((key, name) for key in keys if (place, key) in taken)
        taken |= {(place, key) for key in keys}
    for name, keys in known.items():
        if name not in own:
            yield from ((key, name) for key in keys if (name.partition(".")[0], key) in taken)
