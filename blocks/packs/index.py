"""The static index of a pack: what its blocks are called and take, read without importing anything of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Any

from leporello.blocks.declared import Gives, Shapes
from leporello.blocks.packs.installed import Pack
from leporello.graphs.blocktypes import BlockType, Body
from leporello.graphs.composing.compose import compose
from leporello.graphs.composing.texts import read_text
from leporello.graphs.composing.tree import Scalar, Table, Tree, plain
from leporello.graphs.expressions.said_sizes import names_of
from leporello.graphs.frozen import frozen
from leporello.graphs.names import check_name
from leporello.graphs.nodes import freeze
from leporello.graphs.problems import SpecError, refuse, suggest
from leporello.graphs.reading.blocks import KEYS, read_header

INDEX = "index.yaml"
BODY = re.compile(r"[A-Za-z][A-Za-z0-9_]*\.yaml\Z")
"""What the file of a body is called: it lies in the folder of its pack, beside the index."""
VERSION = 1
LARGEST = 1_000
_HEADER = tuple(key for key in KEYS if key != "nodes")
_CARRIED = ("kept", "closed", "used")
EQUATIONS = ("product", "list", "call", "none")
"""How an equation writes a block of a pack: a formula is what expressions spell, and they call none."""
_SAID: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "carried": (lambda value: value in _CARRIED, "one of " + ", ".join(_CARRIED)),
    "equation": (lambda value: value in EQUATIONS, "one of " + ", ".join(EQUATIONS)),
    "many": (lambda value: isinstance(value, bool), "true or false"),
    "varies": (lambda value: isinstance(value, bool), "true or false"),
    "activation": (lambda value: isinstance(value, str), "a text"),
    "work": (lambda value: isinstance(value, tuple) and [type(text) for text in value] == [str, str], "two sizes"),
}
_PRIMITIVE = (*_SAID, "equal", "weights", "composite", "loaded")
"""What an entry says of a primitive; `loaded` that its code must be imported before a model with it can be checked."""


@frozen
class Entry:
    """A block as an index tells it: its type without an inside, and the file of its body, or none if it is Python's."""

    type: BlockType
    body: str = ""
    loaded: bool = False


@frozen
class Index:
    """The blocks of a pack by name, and those whose entries cannot be read, each with what is wrong with it."""

    entries: Mapping[str, Entry]
    faults: Mapping[str, SpecError] = field(default_factory=dict)


def read_index(pack: Pack) -> Index:
    """The index in the folder of a pack.

    Raises:
        SpecError: if the pack is set aside, has no index, or one that is none.
    """
    if pack.folder is None:
        raise refuse(pack.fault, pack.hint)
    place = pack.folder / INDEX
    if not place.is_file():
        raise refuse(f"it has no {INDEX} in {pack.folder}", f"leporello blocks --index {pack.name} writes it")
    tree = compose(read_text(place), str(place))
    blocks = tree.get("blocks") if isinstance(tree, Table) else None
    if not isinstance(tree, Table) or not isinstance(blocks, Table) or set(tree.keys()) != {"leporello", "blocks"}:
        raise refuse("an index has the keys leporello: and blocks:", "let Leporello write it", tree.mark)
    version = tree.get("leporello")
    if not isinstance(version, Scalar) or version.value != VERSION:
        hint = "a newer Leporello may have written it: update this one, or write the index anew"
        raise refuse(f"an index of this program says leporello: {VERSION}", hint, tree.key("leporello").mark)
    if len(blocks.entries) > LARGEST:
        raise refuse(f"{len(blocks.entries)} blocks", f"at most {LARGEST} are allowed", blocks.mark)
    entries: dict[str, Entry] = {}
    faults: dict[str, SpecError] = {}
    for key, item in blocks.entries:
        try:
            check_name(key.text, key.mark, "block")
            entries[key.text] = _entry(f"{pack.name}/{key.text}", item)
        except SpecError as error:
            faults[key.text] = error
    return Index(entries, faults)


def _entry(name: str, tree: Tree) -> Entry:
    if not isinstance(tree, Table):
        raise refuse(f"the entry of {name} must be a mapping", "let Leporello write the index", tree.mark)
    for key in tree.keys():  # noqa: SIM118, keys of a tree
        if key not in (*_HEADER, "body", *_PRIMITIVE):
            hint = suggest(key, (*_HEADER, "body", *_PRIMITIVE), "keys")
            raise refuse(f"the entry of {name} has no key {key!r}", hint, tree.key(key).mark)
    header = tuple((key, item) for key, item in tree.entries if key.text in _HEADER)
    inside = Scalar("nodes", "nodes", tree.mark, True), Table((), tree.mark)  # lies elsewhere
    kind = replace(read_header(name, Table((*header, inside), tree.mark), shipped=True), mark=None)
    body = tree.get("body")
    if body is not None:
        if not isinstance(body, Scalar) or not isinstance(body.value, str):
            raise refuse(f"body: of {name} must be a file's name", "", body.mark)
        return Entry(replace(kind, body=_unread), body.value)
    said = {key: freeze(plain(tree.get(key))) for key in _PRIMITIVE if key in tree}
    loaded, composite = bool(said.pop("loaded", False)), bool(said.pop("composite", False))
    kind = replace(kind, body=_unread if composite else None)
    return Entry(kind if loaded else _primitive(kind, plain(tree.get("outputs")), said, tree), loaded=loaded)


def _unread(parameters: Mapping[str, Any]) -> Body:
    raise SpecError()  # an index tells that a block has an inside; whoever opens it has found the block itself


def _primitive(kind: BlockType, outputs: Any, said: dict[str, Any], tree: Table) -> BlockType:
    """The type of a primitive that is told whole: its sizes and what its weights are like."""
    for key, (fits, words) in _SAID.items():
        if key in said and not fits(said[key]):
            raise refuse(f"{key}: of {kind.name} must be {words}", "let Leporello write it", tree.key(key).mark)
    weights, equal = said.pop("weights", None), said.pop("equal", ())
    try:
        gives = Gives({name: _text(value) for name, value in outputs.items()}, tuple(map(str, equal)))
        shapes = Shapes({name: tuple(map(str, shape)) for name, shape in weights.items()}) if weights else None
        made = replace(kind, infer=gives, weights=shapes, **said)
        check_declared(made)
    except (AttributeError, TypeError, KeyError) as error:
        raise refuse(f"the entry of {kind.name} does not say its sizes", "let Leporello write it", tree.mark) from error
    return made


def _text(value: Any) -> Any:
    """A size as the index says it: features, or `{tokens: size}`."""
    return {"tokens": str(value["tokens"])} if isinstance(value, Mapping) else str(value)


def check_declared(kind: BlockType) -> None:
    """Refuse sizes that speak of what the block does not have."""
    if isinstance(kind.infer, Gives) and tuple(kind.infer.outputs) != kind.outputs:
        raise refuse(f"{kind.name} gives {', '.join(kind.infer.outputs)}", f"its outputs: {', '.join(kind.outputs)}")
    known = {port.name for port in kind.ports} | {parameter.name for parameter in kind.parameters}
    spoken = [rule.names for rule in (kind.infer, kind.weights) if isinstance(rule, Gives | Shapes)]
    spoken.append(frozenset(name for text in kind.work if text for name in names_of(text) if name not in kind.outputs))
    for name in sorted(frozenset().union(*spoken) - known):
        raise refuse(f"{kind.name} speaks of ${name}", suggest(name, known, "its ports and parameters"))


def same_use(told: BlockType, kind: BlockType) -> bool:
    """Whether a block is used as an index tells; what both say in words aside."""
    rules = [told.infer, told.weights] == [kind.infer, kind.weights] if told.infer is not None else True
    fields = ("outputs", *(("carried", "many", "varies", "work", "equation", "activation") if told.infer else ()))
    alike = all(getattr(told, field) == getattr(kind, field) for field in fields)
    return rules and alike and _without_words(told) == _without_words(kind)


def _without_words(kind: BlockType) -> tuple[Any, ...]:
    ports = tuple(replace(port, help="") for port in kind.ports)
    return ports, tuple(replace(parameter, help="") for parameter in kind.parameters)
