"""Names: what a node, port, block, axis or input may be called, and many of them in short."""

from __future__ import annotations

import re
from collections.abc import Sequence

from leporello.graphs.problems import Mark, an, refuse

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
BLOCK = re.compile(r"([A-Za-z][A-Za-z0-9_]*/)?[A-Za-z][A-Za-z0-9_]*\Z")
"""What a block may be called: a name alone, or `pack/block`."""
RESERVED = frozenset({"t", "last", "first", "all", "none", "learned"})
LONGEST = 100
INPUT_RESERVED = frozenset({"lengths", "state", "self"})


def check_name(name: str, mark: Mark | None, noun: str, allowed: tuple[str, ...] = ()) -> None:
    """Refuse a name that is no identifier of the language, is reserved, or is too long.

    >>> check_name("W_i", None, "node")
    """
    if name in allowed:
        return
    if len(name) > LONGEST:
        raise refuse(f"{an(noun)}'s name of {len(name)} characters", f"at most {LONGEST} are allowed", mark)
    if not NAME.match(name):
        raise refuse(
            f"{name!r} is not {an(noun)}'s name", "a name is a letter of a to z, then letters, digits, _", mark
        )
    reserved = RESERVED | INPUT_RESERVED if noun == "input" else RESERVED
    if name in reserved:
        raise refuse(f"{name!r} is a reserved name", "choose another; reserved: " + ", ".join(sorted(reserved)), mark)


def check_axis(name: str, mark: Mark | None) -> None:
    """Refuse what is no axis's name; `none` says that there is no axis."""
    if "/" in name:
        raise refuse(f"axis: {name!r}: nested axes are not yet supported", "name one axis, such as time", mark)
    check_name(name, mark, "axis", ("none",))


def abbreviated(names: Sequence[str], most: int = 12) -> str:
    """Names in short: nodes inside a composite stand under the path that they share; of very many the first are told.

    >>> abbreviated(["e", "h/1/forward/i", "h/1/forward/c", "h/1/forward/h"])
    'e, h/1/forward (3 nodes)'
    """
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(name.partition("/")[0], []).append(name)
    listed = [_shared(inside) for inside in groups.values()]
    if len(listed) <= most:
        return ", ".join(listed)
    return ", ".join(listed[: most - 2]) + f" and {len(listed) - most + 2} others"


def _shared(paths: list[str]) -> str:
    if len(paths) == 1:
        return paths[0]
    parts = [path.split("/") for path in paths]
    common = next(i for i in range(len(parts[0]) + 1) if len({tuple(part[: i + 1]) for part in parts}) > 1)
    return f"{'/'.join(parts[0][:common])} ({len(paths)} nodes)"
