"""Verbs of `leporello edit` that say something otherwise: names, settings, expressions, wires."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from leporello.cli.edits.options import apply, written

if TYPE_CHECKING:
    from leporello.graphs.edits.splices.draft import Draft, Edited


@click.command()
@click.argument("what", metavar="OLD")
@click.argument("new")
@written
def rename(spec: str, diff: bool, output: str | None, as_json: bool, what: str, new: str) -> None:
    """Another name for OLD, wherever it is meant.

    OLD is a node or an input, or outputs.NAME, parameters.NAME (or $NAME), blocks.NAME, axes.NAME; within a block
    blocks.BLOCK.nodes.NAME, .inputs., .outputs., .parameters.

    \b
    leporello edit luong.yaml rename decoder writer
    leporello edit luong.yaml rename '$source_words' words
    leporello edit luong.yaml rename axes.target out
    """
    from leporello.graphs.edits.splices.addresses import rename as renamed

    apply(spec, lambda draft: renamed(draft, what, new), diff, output, as_json)


@click.command("set")
@click.argument("what")
@click.argument("value")
@written
def set_(spec: str, diff: bool, output: str | None, as_json: bool, what: str, value: str) -> None:
    """VALUE for WHAT, read as YAML: a parameter, a modifier, an initial value, a label, any key.

    \b
    leporello edit elman.yaml set U.units 32
    leporello edit elman.yaml set h.initial learned
    leporello edit char_lm.yaml set training.rate 2e-3
    """
    from leporello.cli.edits.editing import value_of
    from leporello.graphs.edits.splices.addresses import keys_of
    from leporello.graphs.edits.splices.settings import set_value

    made = value_of(value)
    apply(spec, lambda draft: set_value(draft, keys_of(draft, what), made), diff, output, as_json)


@click.command()
@click.argument("what")
@written
def unset(spec: str, diff: bool, output: str | None, as_json: bool, what: str) -> None:
    """WHAT said no more: a parameter, a modifier, an initial value, a label, any key.

    \b
    leporello edit elman.yaml unset W.bias
    """
    from leporello.graphs.edits.splices.addresses import keys_of
    from leporello.graphs.edits.splices.settings import unset_value

    apply(spec, lambda draft: unset_value(draft, keys_of(draft, what)), diff, output, as_json)


@click.command()
@click.argument("node")
@click.argument("value")
@written
def write(spec: str, diff: bool, output: str | None, as_json: bool, node: str, value: str) -> None:
    """VALUE for NODE: an expression, a list, or a mapping in YAML; what else is said of an expression stays.

    \b
    leporello edit elman.yaml write h "relu(U + W)"
    """
    from leporello.cli.edits.editing import value_of
    from leporello.graphs.edits.splices.addresses import node_of
    from leporello.graphs.edits.splices.settings import write as wrote

    made = value_of(value)

    def change(draft: Draft) -> Edited:
        block, name = node_of(draft, node)
        return wrote(draft, name, made, block=block)

    apply(spec, change, diff, output, as_json)


@click.command()
@click.argument("port", metavar="NODE.PORT")
@click.argument("value")
@click.option("--also", is_flag=True, help="Beside what it reads there already.")
@written
def connect(spec: str, diff: bool, output: str | None, as_json: bool, port: str, value: str, also: bool) -> None:
    """What NODE reads at PORT: a node with its time, an expression, or a list.

    \b
    leporello edit luong.yaml connect attention.query "decoder(t-1)"
    leporello edit luong.yaml connect W_c.input d --also
    """
    from leporello.cli.edits.editing import value_of
    from leporello.graphs.edits.splices.addresses import port_of
    from leporello.graphs.edits.splices.ports import connect as connected

    made = value_of(value)

    def change(draft: Draft) -> Edited:
        block, name, where = port_of(draft, port)
        return connected(draft, name, where, made, also=also, block=block)

    apply(spec, change, diff, output, as_json)


@click.command()
@click.argument("port", metavar="NODE.PORT")
@click.argument("source", default="")
@written
def disconnect(spec: str, diff: bool, output: str | None, as_json: bool, port: str, source: str) -> None:
    """NODE without what it reads at PORT, or without SOURCE of it.

    \b
    leporello edit luong.yaml disconnect W_c.input decoder
    """
    from leporello.graphs.edits.splices.addresses import port_of
    from leporello.graphs.edits.splices.ports import disconnect as disconnected

    def change(draft: Draft) -> Edited:
        block, name, where = port_of(draft, port)
        return disconnected(draft, name, where, source, block=block)

    apply(spec, change, diff, output, as_json)
