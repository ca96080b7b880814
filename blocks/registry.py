"""One registry of all blocks; composites are read from their YAML when they are first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leporello.blocks.families import FAMILIES
from leporello.blocks.other_names import OTHER_NAMES
from leporello.blocks.primitives import PRIMITIVES
from leporello.graphs.blocktypes import BlockType, Body, Registry
from leporello.graphs.composing.compose import compose
from leporello.graphs.composing.texts import read_text
from leporello.graphs.composing.tree import Source, Tree
from leporello.graphs.frozen import frozen
from leporello.graphs.problems import Mark
from leporello.graphs.reading.blocks import read_body, read_header

if TYPE_CHECKING:
    from leporello.blocks.packs.source import PackBlocks

BODIES = Path(__file__).parent / "bodies"


@frozen
class _Lazy(Mapping[str, BlockType]):
    """The shipped types by name; a composite's file is read when it is looked up."""

    names: tuple[str, ...]

    def __getitem__(self, name: str) -> BlockType:
        if name in PRIMITIVES:
            return PRIMITIVES[name]
        if name not in self.names:
            raise KeyError(name)
        return _shipped(name)

    def __iter__(self) -> Iterator[str]:
        yield from PRIMITIVES
        yield from self.names

    def __len__(self) -> int:
        return len(PRIMITIVES) + len(self.names)

    def __contains__(self, name: object) -> bool:
        return name in PRIMITIVES or name in self.names


@cache
def registry() -> Registry:
    """All blocks that ship with the program; those of installed packs are found by `pack/block`.

    >>> sorted(name for name, kind in registry().items() if kind.is_composite)[:3]
    ['attention', 'coverage_attention', 'decoder']
    """
    names = tuple(sorted(path.stem for path in BODIES.glob("*.yaml") if "-" not in path.stem))
    return Registry(_Lazy(names), packs=_Packs(), meant=OTHER_NAMES)


@cache
def packs() -> PackBlocks:
    """The blocks of installed packs."""
    from leporello.blocks.packs.source import PackBlocks  # most specs name none

    return PackBlocks(registry)


class _Packs:
    """Installed packs, looked for when a name is asked for that only they can have."""

    def find(self, name: str, mark: Mark | None = None) -> BlockType:
        return packs().find(name, mark)

    def called(self, name: str) -> list[str]:
        return packs().called(name)


@cache
def _shipped(name: str) -> BlockType:
    """The composite of `bodies/name.yaml`; its body may depend on its parameters (see `families`)."""
    source = _source(name)
    kind = read_header(name, _tree(source), source.text, shipped=True)

    def body(parameters: Mapping[str, Any]) -> Body:
        variant = FAMILIES[name](parameters) if name in FAMILIES else name
        return _body(name, variant)

    from leporello.blocks.structures.structures import STRUCTURES  # late: a model of primitives needs none

    if name in STRUCTURES:
        made, takes = STRUCTURES[name]
        return replace(
            kind, structure=lambda said, known: _made(kind, made(said, known), known), takes=takes, mark=None
        )
    return replace(kind, body=body, mark=None)


def _made(kind: BlockType, text: str, known: Registry) -> Body:
    """The body that a structural function wrote, made of the blocks that are known where it is used."""
    return read_body(kind, _composed(text, f"{kind.name}, made"), known)


@lru_cache(maxsize=64)
def _composed(text: str, name: str) -> Tree:
    """The tree of a text; a body is asked for several times while a model is opened."""
    return compose(text, name)


@cache
def _body(name: str, variant: str) -> Body:
    return read_body(_shipped(name), _tree(_source(variant)), registry())


@cache
def _source(name: str) -> Source:
    """The text of a file of `bodies/`, and its tree."""
    path = BODIES / f"{name}.yaml"
    text = read_text(path)
    return Source(text, path.name, compose(text, path.name))


def _tree(source: Source) -> Tree:
    assert source.tree is not None
    return source.tree
