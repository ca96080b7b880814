"""`leporello compare`: two models beside each other."""

from __future__ import annotations

import json

import click

from leporello.cli.options import json_option, read_sizes, set_option, size_option


@click.command(short_help="Two models side by side: what differs.")
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option("-o", "--output", metavar="FILE", help="An .svg file: both pictures, what differs strong.")
@set_option
@size_option
@json_option
def command(
    first: str, second: str, output: str | None, overrides: tuple[str, ...], sizes: tuple[str, ...], as_json: bool
) -> None:
    """Compare the models in the files A and B: nodes, parameters, operations at each step, states, loops.

    Nodes are matched by name, renamed ones by what they do. Two spellings of the same function are recognised. The
    exit code is 0 whether they differ or not.

    \b
    leporello compare elman.yaml lstm_from_equations.yaml
    leporello compare before.yaml after.yaml -o difference.svg
    leporello compare before.yaml after.yaml --size words=8000 --json
    """
    from leporello.cli.reports.compare_report import check_both, compared, difference
    from leporello.cli.reports.compare_text import compare_text
    from leporello.cli.writing import suffix_of, write

    if output is not None:
        suffix_of(output, ("svg",))
    a, b = check_both((first, second), overrides, read_sizes(sizes))
    if output is not None:
        from leporello.graphs.drawing.folded.compare_scene import compare_scene
        from leporello.graphs.drawing.writers.svg import svg_text

        write(svg_text(compare_scene(a, b, difference(a, b))), output, (first, second))
        return
    told = compared(a, b)
    click.echo(json.dumps(told, indent=1) if as_json else compare_text(told))
