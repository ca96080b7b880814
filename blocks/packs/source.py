"""Where blocks come from beside those that ship: installed packs, each block loaded when it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from leporello.blocks.packs.index import BODY, Index, read_index, same_use
from leporello.blocks.packs.installed import Pack, installed, named
from leporello.blocks.packs.registrations import registered
from leporello.graphs.blocktypes import BlockType, Body, Registry
from leporello.graphs.composing.compose import compose
from leporello.graphs.composing.texts import read_text
from leporello.graphs.computation import Computation
from leporello.graphs.frozen import frozen
from leporello.graphs.problems import Mark, Problem, SpecError, refuse, suggest
from leporello.graphs.reading.blocks import read_body, read_header


@dataclass
class PackBlocks:
    """The blocks of installed packs by `pack/block`.

    What a pack has is read off its index. A block is read (a body) or imported (Python) when it is found; one that
    fails is set aside with its reason, which is told wherever it is used.
    """

    shipped: Callable[[], Registry]
    kept: dict[Any, Any] = field(default_factory=dict)

    def find(self, name: str, mark: Mark | None = None) -> BlockType:
        """The block `pack/block`.

        Raises:
            SpecError: if there is no such pack or block, and if it is set aside.
        """
        pack_name, _, block = name.partition("/")
        pack = named(pack_name, mark)
        index: Index = _given(self.index(pack), f"the pack {pack.name} is set aside", mark)
        if block not in index.entries and block not in index.faults:
            known = [f"{pack.name}/{other}" for other in index.entries]
            raise refuse(f"the pack {pack.name} has no block {block!r}", suggest(name, known, "its blocks"), mark)
        kind: BlockType = _given(
            self._once(("type", pack, block), lambda: self._type(pack, block, index)),
            f"the block {name} is set aside",
            mark,
        )
        return kind

    def called(self, name: str) -> list[str]:
        """The blocks of this name in any pack, each as `pack/block`."""
        return [kind.name for kind in self.types() if kind.short == name]

    def types(self) -> Iterator[BlockType]:
        """All blocks as their indexes tell them: without insides, nothing loaded."""
        for pack in installed().values():
            index = self.index(pack)
            if isinstance(index, Index):
                yield from (entry.type for entry in index.entries.values())

    def set_aside(self) -> list[Problem]:
        """What is known to be wrong with packs and blocks before any of them is used."""
        found: list[SpecError] = []
        for pack in installed().values():
            index = self.index(pack)
            if isinstance(index, SpecError):
                found.append(_aside(index, f"the pack {pack} is set aside"))
            else:
                found += [_aside(e, f"the block {pack.name}/{name} is set aside") for name, e in index.faults.items()]
        return [replace(problem, warning=True) for error in found for problem in error.problems]

    def index(self, pack: Pack) -> Index | SpecError:
        """The index of a pack, or why it is set aside."""
        found: Index | SpecError = self._once(("index", pack), lambda: read_index(pack))
        return found

    def _once(self, key: Any, work: Callable[[], Any]) -> Any:
        """What `work` gives, or the error that it ends with, worked out once."""
        if key not in self.kept:
            try:
                self.kept[key] = work()
            except SpecError as error:
                self.kept[key] = error
        return self.kept[key]

    def _type(self, pack: Pack, block: str, index: Index) -> BlockType:
        if block in index.faults:
            raise index.faults[block]
        entry = index.entries[block]
        if entry.body:
            return self._composite(pack, entry.type, entry.body)
        if entry.loaded:
            return self._whole(pack, entry.type, index)

        def computation() -> Computation:
            whole: BlockType = _given(
                self._once(("whole", pack, block), lambda: self._whole(pack, entry.type, index)),
                f"the block {entry.type.name} is set aside",
            )
            return whole.computation()

        return replace(entry.type, computation=computation)

    def _composite(self, pack: Pack, told: BlockType, file: str) -> BlockType:
        if pack.folder is None or not BODY.match(file):
            raise refuse(f"its body {file!r} is no file beside the index", "a body is called NAME.yaml")
        text = read_text(pack.folder / file)
        tree = compose(text, str(pack.folder / file))
        kind = read_header(told.name, tree, text, shipped=True)
        _check_told(pack, told, kind)
        within = replace(self.shipped(), types=_Within(self, pack, self.shipped()))

        def body(parameters: Mapping[str, Any]) -> Body:
            made = self._once(("body", pack, told.short), lambda: read_body(kind, tree, within))
            inside: Body = _given(made, f"the block {kind.name} is set aside")
            return inside

        return replace(kind, body=body, mark=None)

    def _whole(self, pack: Pack, told: BlockType, index: Index) -> BlockType:
        """The type that Python registers, in place of the one that the index tells."""
        kinds = _given(self._once(("python", pack), lambda: registered(pack)))
        if told.short not in kinds:
            hint = suggest(told.short, kinds, "it registers")
            raise refuse(f"the Python of the pack {pack.name} does not register {told.short}", hint)
        kind: BlockType = _given(kinds[told.short])
        _check_told(pack, told, kind)
        inside = kind.body
        if inside is None:
            return kind
        own = {block: f"{pack.name}/{block}" for block in index.entries}

        def body(parameters: Mapping[str, Any]) -> Body:
            try:
                made = inside(parameters)
            except SpecError:
                raise
            except Exception as error:
                what = f"the inside of {told.name} fails: {type(error).__name__}: {error}"[:500]
                raise refuse(what, "its author can say why") from error
            return replace(made, nodes=tuple(replace(n, block=own.get(n.block, n.block)) for n in made.nodes))

        return replace(kind, body=body)


@frozen
class _Within(Mapping[str, BlockType]):
    """The blocks by name as the bodies of a pack see them."""

    source: PackBlocks
    pack: Pack
    shipped: Registry

    @property
    def own(self) -> Mapping[str, Any]:
        """The blocks of the pack."""
        index = self.source.index(self.pack)
        return index.entries if isinstance(index, Index) else {}

    def __getitem__(self, name: str) -> BlockType:
        return self.source.find(f"{self.pack.name}/{name}") if name in self.own else self.shipped.types[name]

    def __contains__(self, name: object) -> bool:
        return name in self.own or name in self.shipped.types

    def __iter__(self) -> Iterator[str]:
        yield from self.own
        yield from (name for name in self.shipped.types if name not in self.own)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _check_told(pack: Pack, told: BlockType, kind: BlockType) -> None:
    """Refuse a block of which the index says otherwise than its body or its code."""
    if not same_use(told, kind):
        hint = f"leporello blocks --index {pack.name} writes it anew"
        raise refuse(f"the index of the pack {pack.name} says otherwise of {told.short}", hint)


def _given(found: Any, what: str = "", mark: Mark | None = None) -> Any:
    """What was found; an error is raised again, told at the place where it matters."""
    if isinstance(found, SpecError):
        raise _aside(found, what, mark)
    return found


def _aside(error: SpecError, what: str, mark: Mark | None = None) -> SpecError:
    """The first thing that is wrong with a pack or a block, as one problem at its use."""
    first = error.problems[0] if error.problems else Problem("it is broken")
    place = f"{first.mark}: " if first.mark else ""
    return refuse(f"{what}: {place}{first.what}" if what else f"{place}{first.what}", first.hint, mark)
