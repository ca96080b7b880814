"""`leporello blocks`: the vocabulary, one block in full, and the packs that bring more."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from leporello.cli.options import json_option, read_graph

if TYPE_CHECKING:
    from leporello.graphs.blocktypes import Registry


@click.command(short_help="The vocabulary, or one block in full.")
@click.argument("name", required=False)
@click.option("--spec", metavar="SPEC", help="Show the blocks that this spec defines, too.")
@click.option("--search", metavar="WORDS", help="List those whose name, help or paper has all of these words.")
@click.option("--index", "indexed", metavar="PACK", help="Write the index of an installed pack, for its author.")
@click.option("--check", "checked", metavar="PACK", help="Try every block of an installed pack, for its author.")
@json_option
def command(
    name: str | None, spec: str | None, search: str | None, indexed: str | None, checked: str | None, as_json: bool
) -> None:
    """List all blocks, or show the block NAME: ports, parameters, outputs, body.

    Blocks of installed packs are called pack/block. LEPORELLO_PACKS chooses packs by name, with commas between them.

    \b
    leporello blocks
    leporello blocks lstm
    leporello blocks --search "gated unit"
    leporello blocks my_gru --spec own_cell.yaml
    """
    from leporello.graphs.problems import refuse

    if sum(said is not None for said in (name, search, indexed, checked)) > 1:
        raise refuse("NAME, --search, --index and --check are four things", "ask for one of them")
    if indexed is not None:
        _write_index(indexed)
    elif checked is not None:
        _check(checked, as_json)
    elif name is not None:
        _show(name, spec, as_json)
    else:
        _list(spec, search, as_json)


def _known(spec: str | None) -> tuple[Registry, str]:
    """The registry with a spec's own blocks, and the text of the spec."""
    from leporello.blocks.registry import registry

    graph = read_graph(spec) if spec is not None else None
    return (registry().extended(graph.blocks), graph.text) if graph else (registry(), "")


def _show(name: str, spec: str | None, as_json: bool) -> None:
    from leporello.cli.reports.block_text import block_text, block_value

    known, text = _known(spec)
    kind = known.find(name)
    click.echo(json.dumps(block_value(kind, known, text), indent=1) if as_json else block_text(kind, known, text))


def _list(spec: str | None, search: str | None, as_json: bool) -> None:
    from leporello.blocks.registry import packs
    from leporello.cli.failing import tell
    from leporello.cli.reports.block_text import block_list, block_value, found, writable

    known, text = _known(spec)
    kinds = writable([*known.values(), *packs().types()])
    if search is not None:
        kinds = found(kinds, search)
    if as_json:
        click.echo(json.dumps([block_value(kind, known, text) for kind in kinds], indent=1))
    else:
        click.echo(block_list(kinds))
    tell(packs().set_aside())


def _write_index(name: str) -> None:
    from leporello.blocks.packs.index import INDEX
    from leporello.blocks.packs.installed import named
    from leporello.blocks.packs.writing import written_index
    from leporello.cli.writing import write

    pack = named(name)
    text = written_index(pack)
    assert pack.folder is not None
    write(text, str(pack.folder / INDEX))


def _check(name: str, as_json: bool) -> None:
    from leporello.cli.failing import FAILURE, need
    from leporello.graphs.problems import visible

    need("torch")
    from leporello.builder.conformance.conform import conform

    tried = []
    for finding in conform(name):
        tried.append(finding)
        if not as_json:
            told = f"WRONG  {finding.name}: {finding.tried}: {finding.fault}" if finding.fault else ""
            click.echo(visible(told or f"ok     {finding.name}: {finding.tried}"))
    wrong = sum(bool(finding.fault) for finding in tried)
    if as_json:
        click.echo(json.dumps([{"name": f.name, "tried": f.tried, "fault": f.fault} for f in tried], indent=1))
    else:
        click.echo(f"{len(tried)} tried, {wrong} wrong")
    if wrong:
        sys.exit(FAILURE)
