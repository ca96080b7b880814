"""What may stand where the cursor is in a spec's text: keys, blocks, functions, and the names that the text has."""

from __future__ import annotations

import re
from collections.abc import Iterable

from leporello.graphs.functions import FUNCTIONS
from leporello.graphs.problems import SpecError

_WORD = re.compile(r"[$A-Za-z_][\w/]*$")
_BLOCK = re.compile(r"block:\s*([\w/]+)")
_HEAD = re.compile(r"^(\w+):", re.MULTILINE)
_NAME = re.compile(r"^ {2}([A-Za-z_]\w*):", re.MULTILINE)
_FLOW_KEY = re.compile(r"[{,]\s*$")
LEAST, LONGEST = 1, 200
"""So many letters are typed before anything is offered; no name is as long as the other."""


def completions(text: str, offset: int) -> tuple[str, list[str]]:
    """The word before an offset, and the longer ones that it may become, the likeliest first.

    >>> completions("nodes:\\n  h: {block: ls", 22)
    ('ls', ['lstm'])
    >>> completions("nodes:\\n  h: {block: lstm, un", 28)
    ('un', ['units'])
    """
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    rest = text[offset:].partition("\n")[0].lstrip(" ")
    if "#" in line or text[offset : offset + 1].isidentifier() or (rest and rest[0] not in ",}])#"):
        return "", []
    found = _WORD.search(line[-LONGEST:])
    word = found.group() if found else ""
    if len(word) < LEAST:
        return "", []
    known = _possible(text, offset, line[: len(line) - len(word)])
    return word, [one for one in dict.fromkeys(known) if one.startswith(word) and one != word]


def _possible(text: str, offset: int, before: str) -> Iterable[str]:
    """What may stand after the beginning of a line."""
    heads = _HEAD.findall(text[:offset])
    section = heads[-1] if heads else ""
    # The screens are there before all blocks are: what knows these is imported when somebody types.
    from leporello.blocks.registry import registry
    from leporello.graphs.reading.spec import KEYS
    from leporello.training.settings import FIELDS

    if not before:
        return KEYS
    if before.rstrip().endswith("block:"):
        return sorted(registry())
    if _FLOW_KEY.search(before) and "[" not in before.rpartition("{")[2]:
        return _keys(before, section)
    if not before.strip():
        return (one.name for one in FIELDS) if section == "training" else ()
    parameters = _section(text, "parameters")
    names = [*_section(text, "nodes"), *_section(text, "inputs")]
    return [*names, *(f"${one}" for one in parameters), *FUNCTIONS, "true", "false", "none"]


def _keys(before: str, section: str) -> Iterable[str]:
    """The keys of a mapping in braces: those of the block that it names."""
    from leporello.blocks.registry import registry
    from leporello.training.settings import FIELDS

    block = _BLOCK.search(before)
    if section == "training":
        return (one.name for one in FIELDS)
    if section == "inputs":
        return ("features", "tokens", "axis")
    if block is None:
        return ("block", "input") if section == "nodes" else ()
    try:
        kind = registry().get(block.group(1))
    except SpecError:
        return ()
    if kind is None:
        return ()
    said = [*(port.name for port in kind.ports), *(one.name for one in kind.parameters), "label"]
    return (one for one in said if f"{one}:" not in before)


def _section(text: str, name: str) -> list[str]:
    """The names that a part of the text gives."""
    found = re.search(rf"^{name}:.*\n((?:[ #].*\n|\n)*)", text + "\n", re.MULTILINE)
    return _NAME.findall(found.group(1)) if found else []
