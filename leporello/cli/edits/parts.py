"""Verbs of `leporello edit` for parts of a model: put in, taken away, grouped, expanded, replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from leporello.cli.edits.options import apply, written

if TYPE_CHECKING:
    from leporello.graphs.edits.splices.draft import Draft, Edited


@click.command()
@click.argument("name")
@click.argument("value")
@click.option("--after", metavar="NODE", default="", help="Behind this node; else it comes last.")
@written
def add(spec: str, diff: bool, output: str | None, as_json: bool, name: str, value: str, after: str) -> None:
    """A node NAME that is VALUE, in YAML; or inputs.NAME, outputs.NAME, parameters.NAME, blocks.NAME.

    \b
    leporello edit elman.yaml add V "{block: linear, input: h, units: 8}" --after h
    leporello edit elman.yaml add inputs.z "{features: 3, axis: none}"
    leporello edit elman.yaml add outputs.state h
    """
    from leporello.cli.edits.editing import value_of
    from leporello.graphs.edits.splices.addresses import add as added

    made = value_of(value)
    apply(spec, lambda draft: added(draft, name, made, after), diff, output, as_json)


@click.command()
@click.argument("node")
@click.argument("name")
@click.option("--share", is_flag=True, help="Let the copy use the weights of NODE.")
@written
def copy(spec: str, diff: bool, output: str | None, as_json: bool, node: str, name: str, share: bool) -> None:
    """Another node NAME like NODE, behind it.

    \b
    leporello edit elman.yaml copy U V --share
    """
    from leporello.graphs.edits.splices.addresses import node_of
    from leporello.graphs.edits.splices.nodes import copy_node

    def change(draft: Draft) -> Edited:
        block, old = node_of(draft, node)
        return copy_node(draft, old, name, block=block, shared=share)

    apply(spec, change, diff, output, as_json)


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--bypass", is_flag=True, help="What reads a node reads what that reads at its first port.")
@written
def remove(spec: str, diff: bool, output: str | None, as_json: bool, names: tuple[str, ...], bypass: bool) -> None:
    """Nodes taken away; or one of inputs.NAME, outputs.NAME, parameters.NAME, blocks.NAME.

    \b
    leporello edit elman.yaml remove o --bypass
    leporello edit elman.yaml remove outputs.y
    """
    from leporello.graphs.edits.splices.addresses import remove as removed

    apply(spec, lambda draft: removed(draft, names, bypass), diff, output, as_json)


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NODE...")
@click.option("--block", required=True, metavar="NAME", help="What the new block is called.")
@click.option("--as", "node", required=True, metavar="NODE", help="What the node is called that uses it.")
@written
def group(
    spec: str, diff: bool, output: str | None, as_json: bool, names: tuple[str, ...], block: str, node: str
) -> None:
    """Nodes put into a block of their own, which is used in their place.

    \b
    leporello edit elman.yaml group U W h --block cell --as h
    """
    from leporello.graphs.edits.splices.grouped import group_nodes

    apply(spec, lambda draft: group_nodes(draft, names, block, node), diff, output, as_json)


@click.command()
@click.argument("node")
@written
def expand(spec: str, diff: bool, output: str | None, as_json: bool, node: str) -> None:
    """What is inside NODE in its place, every layer and direction, under fresh names.

    \b
    leporello edit char_lm.yaml expand h
    """
    from leporello.graphs.edits.splices.addresses import node_of
    from leporello.graphs.edits.splices.expanded import expand_node

    def change(draft: Draft) -> Edited:
        block, name = node_of(draft, node)
        return expand_node(draft, name, block=block)

    apply(spec, change, diff, output, as_json)


@click.command()
@click.argument("node")
@click.argument("block")
@written
def replace(spec: str, diff: bool, output: str | None, as_json: bool, node: str, block: str) -> None:
    """BLOCK in place of the block that NODE uses; what fits it is kept, what does not is told.

    \b
    leporello edit char_lm.yaml replace h gru
    """
    from leporello.graphs.edits.splices.addresses import node_of
    from leporello.graphs.edits.splices.replacing import replace_block

    def change(draft: Draft) -> Edited:
        where, name = node_of(draft, node)
        return replace_block(draft, name, block, where)

    apply(spec, change, diff, output, as_json)
