"""What torch does for the blocks of a model; those of packs are loaded here, before anything is printed or computed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from leporello.graphs.analysis.checks import Checked
from leporello.graphs.computation import Computation
from leporello.graphs.problems import Problem, SpecError, refuse, told

_FUNCTION = re.compile(r"^def (\w+)\(", re.MULTILINE)


def computations(checked: Checked) -> Mapping[str, Computation]:
    """The computation of each block that the model uses, by the block's name.

    Raises:
        SpecError: for blocks that cannot be loaded, each where it is used first.
    """
    found: dict[str, Computation] = {}
    problems: dict[str, Problem] = {}
    for node in checked.graph.nodes:
        if node.block in found or node.block in problems:
            continue
        try:
            found[node.block] = checked.registry[node.block].computation()
        except SpecError as error:
            problems[node.block] = replace(error.problems[0], mark=node.mark, node=node.path)
    if problems:
        raise SpecError(told(problems.values()))
    return found


def helpers(checked: Checked, code: str) -> list[str]:
    """The sources of the functions of blocks that `code` calls.

    Raises:
        SpecError: if two blocks bring different functions of one name.
    """
    by_name: dict[str, tuple[str, str]] = {}
    sources: dict[str, None] = {}
    for block, computation in computations(checked).items():
        source = computation.helper.strip()
        names = _FUNCTION.findall(source)
        if not any(re.search(rf"\b{name}\(", code) for name in names):
            continue
        for name in names:
            other, known = by_name.setdefault(name, (block, source))
            if known != source:
                hint = "give one of the two functions another name"
                raise refuse(f"{other} and {block} bring different functions {name}", hint)
        sources[source] = None
    return list(sources)
