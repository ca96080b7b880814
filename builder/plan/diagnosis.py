"""A diagnosis: the cell with a kernel that a loop is nearest to, and every difference that keeps it from being one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from leporello.builder.plan.equations import SHORT, Kind
from leporello.graphs.frozen import frozen

Sort = Literal["missing", "extra", "other", "delay", "read", "added", "size", "returned"]


@frozen
class Difference:
    """One thing in which a loop is not the cell.

    `sort` says what sort of thing: a part that is *missing*, one too many (*extra*), an*other* in its place, a state
    with another *delay*, a *read* that a gate does not have, something *added* without a weight, a *size* that serves
    for all units, or a value that is read and not *returned* by a kernel. `nodes` are the paths of the nodes of the
    spec where it is, `found` says what stands there (after `verb`, of the `names` of all these nodes), and `wanted`
    what the cell has.
    """

    sort: Sort
    nodes: tuple[str, ...]
    found: str
    wanted: str
    verb: str = ""
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        subject = f"{listed(self.names)} {self.verb}{'s' if len(self.names) == 1 else ''} " if self.verb else ""
        return f"{subject}{self.found}, {self.wanted}"


@frozen
class Diagnosis:
    """The cell that a loop is nearest to, and in what it differs; `body` is where, in a loop of more than one body.

    >>> print(Diagnosis("lstm", (Difference("other", ("h",), "h is o * relu(c)", "where an lstm has o * tanh(c)"),)))
    nearest to an lstm: h is o * relu(c), where an lstm has o * tanh(c)
    """

    kernel: Kind
    differences: tuple[Difference, ...]
    body: str = ""

    def __str__(self) -> str:
        place = f" in {self.body}" if self.body else ""
        return f"nearest to {SHORT[self.kernel]}{place}: " + "; ".join(map(str, self.differences))


def merged(differences: Iterable[Difference], places: Mapping[str, int]) -> tuple[Difference, ...]:
    """The differences, each once: what several nodes do alike is one, and so is what one node does several times.

    Nodes are in the order of their `places` in the spec.
    """
    alike: dict[Difference, dict[str, str]] = {}
    for difference in differences:
        names = dict(zip(difference.nodes, difference.names or difference.nodes, strict=True))
        key = replace(difference, nodes=(), names=()) if difference.verb else difference
        alike.setdefault(key, {}).update(names)
    again: dict[Difference, list[str]] = {}
    for difference, names in alike.items():
        nodes = tuple(sorted(names, key=lambda path: places.get(path, len(places))))
        whole = replace(difference, nodes=nodes, names=tuple(names[path] for path in nodes))
        key = replace(whole, found="") if difference.verb else difference
        again.setdefault(key, []).append(difference.found)
    return tuple(replace(difference, found=listed(found)) for difference, found in again.items())


def listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them.

    >>> listed(["W_i", "W_f", "W_o"])
    'W_i, W_f and W_o'
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
