"""`leporello edit`: one edit of a spec's text, what is not edited left as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from leporello.cli.options import json_option

if TYPE_CHECKING:
    from leporello.graphs.edits.splices.draft import Draft, Edited

AnyCommand = TypeVar("AnyCommand", bound=Callable[..., Any])
VERBS = (
    "rename",
    "set",
    "unset",
    "write",
    "connect",
    "disconnect",
    "add",
    "copy",
    "remove",
    "group",
    "expand",
    "replace",
)


class Verbs(click.Group):
    """A group that lists its commands in the order of use, and answers an unknown one with the nearest."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, what is used most first."""
        return list(VERBS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that is asked for."""
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            from leporello.graphs.problems import suggest, visible

            ctx.fail(visible(f"there is no edit {args[0]!r}; {suggest(args[0], VERBS, 'edits')}"))
        return super().resolve_command(ctx, args)


@click.group(cls=Verbs, short_help="One edit of a spec's text: rename, set, connect, add, group, ...")
@click.argument("spec")
@click.pass_context
def command(ctx: click.Context, spec: str) -> None:
    """Edit the text of the spec in the file SPEC: comments, order, layout and quotes stay as they are.

    What is edited is named as in the text: a node or an input by its name, what is said of it behind a dot (h.units),
    and anything by its keys (outputs.y.loss, training.rate, blocks.cell.nodes.W). An edit that would make anything
    wrong that was not, or change anything else, is refused, and nothing is written.

    \b
    leporello edit elman.yaml rename h state
    leporello edit elman.yaml set U.units 32
    leporello edit elman.yaml connect U.input "[x, h(t-2)]"
    leporello edit elman.yaml add k "tanh(h)" --after h
    leporello edit elman.yaml group U W h --block cell --as h --diff
    """
    ctx.obj = spec


def written(made: AnyCommand) -> AnyCommand:
    """The options that say where the text goes."""
    options: tuple[Callable[[Any], Any], ...] = (
        json_option,
        click.option("-o", "--output", metavar="FILE", help="Write to FILE instead; - for standard output."),
        click.option("--diff", is_flag=True, help="Show what would change, and write nothing."),
        click.pass_obj,
    )
    for option in options:
        made = option(made)
    return made


def _edit(spec: str, change: Callable[[Draft], Edited], diff: bool, output: str | None, as_json: bool) -> None:
    from leporello.cli.editing import edit_file

    edit_file(spec, change, diff, output, as_json)


@command.command()
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

    _edit(spec, lambda draft: renamed(draft, what, new), diff, output, as_json)


@command.command("set")
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
    from leporello.cli.editing import value_of
    from leporello.graphs.edits.splices.addresses import keys_of
    from leporello.graphs.edits.splices.settings import set_value

    made = value_of(value)
    _edit(spec, lambda draft: set_value(draft, keys_of(draft, what), made), diff, output, as_json)


@command.command()
@click.argument("what")
@written
def unset(spec: str, diff: bool, output: str | None, as_json: bool, what: str) -> None:
    """WHAT said no more: a parameter, a modifier, an initial value, a label, any key.

    \b
    leporello edit elman.yaml unset W.bias
    """
    from leporello.graphs.edits.splices.addresses import keys_of
    from leporello.graphs.edits.splices.settings import unset_value

    _edit(spec, lambda draft: unset_value(draft, keys_of(draft, what)), diff, output, as_json)


@command.command()
@click.argument("node")
@click.argument("value")
@written
def write(spec: str, diff: bool, output: str | None, as_json: bool, node: str, value: str) -> None:
    """VALUE for NODE: an expression, a list, or a mapping in YAML; what else is said of an expression stays.

    \b
    leporello edit elman.yaml write h "relu(U + W)"
    """
    from leporello.cli.editing import value_of
    from leporello.graphs.edits.splices.addresses import node_of
    from leporello.graphs.edits.splices.settings import write as wrote

    made = value_of(value)

    def change(draft: Draft) -> Edited:
        block, name = node_of(draft, node)
        return wrote(draft, name, made, block=block)

    _edit(spec, change, diff, output, as_json)


@command.command()
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
    from leporello.cli.editing import value_of
    from leporello.graphs.edits.splices.addresses import port_of
    from leporello.graphs.edits.splices.ports import connect as connected

    made = value_of(value)

    def change(draft: Draft) -> Edited:
        block, name, where = port_of(draft, port)
        return connected(draft, name, where, made, also=also, block=block)

    _edit(spec, change, diff, output, as_json)


@command.command()
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

    _edit(spec, change, diff, output, as_json)


@command.command()
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
    from leporello.cli.editing import value_of
    from leporello.graphs.edits.splices.addresses import add as added

    made = value_of(value)
    _edit(spec, lambda draft: added(draft, name, made, after), diff, output, as_json)


@command.command()
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

    _edit(spec, change, diff, output, as_json)


@command.command()
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

    _edit(spec, lambda draft: removed(draft, names, bypass), diff, output, as_json)


@command.command()
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

    _edit(spec, lambda draft: group_nodes(draft, names, block, node), diff, output, as_json)


@command.command()
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

    _edit(spec, change, diff, output, as_json)


@command.command()
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

    _edit(spec, change, diff, output, as_json)
