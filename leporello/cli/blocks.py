"""`leporello blocks`: the vocabulary, or one block in full."""

from __future__ import annotations

import json

import click

from leporello.cli.options import json_option, read_graph


@click.command(short_help="The vocabulary, or one block in full.")
@click.argument("name", required=False)
@click.option("--spec", metavar="SPEC", help="Show the blocks that this spec defines, too.")
@json_option
def command(name: str | None, spec: str | None, as_json: bool) -> None:
    """List all blocks, or show the block NAME: ports, parameters, outputs, body.

    \b
    leporello blocks
    leporello blocks lstm
    leporello blocks my_gru --spec own_cell.yaml
    """
    from leporello.blocks.registry import registry
    from leporello.cli.reports.block_text import block_list, block_text, block_value, writable

    graph = read_graph(spec) if spec is not None else None
    known = registry().extended(graph.blocks) if graph else registry()
    text = graph.text if graph else ""
    if name is not None:
        kind = known.find(name)
        told = json.dumps(block_value(kind, text), indent=1) if as_json else block_text(kind, text)
    elif as_json:
        told = json.dumps([block_value(kind, text) for kind in writable(known)], indent=1)
    else:
        told = block_list(known)
    click.echo(told)
