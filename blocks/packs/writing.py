"""The index of a pack, written from its bodies and from what its Python registers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from leporello.blocks.declared import Gives, Shapes
from leporello.blocks.packs.index import BODY, INDEX, VERSION
from leporello.blocks.packs.installed import Pack
from leporello.blocks.packs.registrations import registered
from leporello.graphs.blocktypes import BlockType
from leporello.graphs.composing.compose import compose
from leporello.graphs.composing.texts import read_text
from leporello.graphs.expressions.plain_values import plain_value
from leporello.graphs.names import check_name
from leporello.graphs.problems import SpecError, refuse
from leporello.graphs.reading.blocks import read_header
from leporello.graphs.writing.blocks import parameters_data, ports_data
from leporello.graphs.writing.yaml_text import IF_DEEP, block


def written_index(pack: Pack) -> str:
    """What the index of a pack has to say: all bodies in its folder, and what its Python registers, which is imported.

    Raises:
        SpecError: for a body that cannot be read, Python that cannot be imported, and two blocks of one name.
    """
    if pack.folder is None:
        raise refuse(pack.fault, pack.hint)
    blocks: dict[str, tuple[BlockType, str]] = {}
    for path in sorted(pack.folder.glob("*.yaml")):
        if path.name == INDEX:
            continue
        if not BODY.match(path.name):
            raise refuse(f"{path.name} is no name of a block", "a body is called NAME.yaml, of letters, digits, _")
        check_name(path.stem, None, "block")
        text = read_text(path)
        blocks[path.stem] = read_header(path.stem, compose(text, str(path)), text, shipped=True), path.name
    for kind in registered(pack).values() if pack.attribute else ():
        if isinstance(kind, SpecError):
            raise kind
        if kind.short in blocks:
            raise refuse(f"{kind.short} is a body and a registration", "keep one of them")
        blocks[kind.short] = kind, ""
    return index_text(pack.name, blocks.values())


def index_text(pack: str, blocks: Iterable[tuple[BlockType, str]]) -> str:
    """The index of blocks, each with the file of its body, if it has one."""
    said = {kind.short: _data(kind, body) for kind, body in sorted(blocks, key=lambda pair: pair[0].short)}
    levels = {"blocks": {"*": {"inputs": IF_DEEP, "parameters": IF_DEEP}}}
    return f"# Written by `leporello blocks --index {pack}`.\n" + block({"leporello": VERSION, "blocks": said}, levels)


def _data(kind: BlockType, body: str) -> dict[str, Any]:
    header: dict[str, Any] = {
        "help": kind.help,
        "paper": kind.paper,
        "inputs": ports_data(kind.ports),
        "parameters": parameters_data(kind.parameters),
        "outputs": list(kind.outputs),
    }
    if body:
        return {**{key: value for key, value in header.items() if value}, "body": body}
    told = isinstance(kind.infer, Gives) and isinstance(kind.weights, Shapes | None) and kind.body is None
    more: dict[str, Any] = {"composite": kind.is_composite, "loaded": True}
    if told:
        assert isinstance(kind.infer, Gives)
        header["outputs"] = plain_value(kind.infer.outputs)
        shapes = kind.weights.weights if isinstance(kind.weights, Shapes) else {}
        more = {"equal": list(kind.infer.equal), "weights": plain_value(shapes)}
        plainest = BlockType(kind.name)
        names = ("carried", "many", "varies", "work", "equation", "activation")
        more |= {n: plain_value(getattr(kind, n)) for n in names if getattr(kind, n) != getattr(plainest, n)}
    return {key: value for key, value in {**header, **more}.items() if value}
