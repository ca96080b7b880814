"""`leporello code`: the PyTorch module that a model is compiled to, as source."""

from __future__ import annotations

from pathlib import Path

import click

from leporello.cli.options import model_options, read_graph, read_sizes, read_sources

FEEDBACK = ("teacher", "free", "curriculum")


@click.command(short_help="The PyTorch module as source.")
@model_options
@click.option("--feedback", type=click.Choice(FEEDBACK), default="teacher", help="What feedback nodes read.")
@click.option(
    "--also",
    multiple=True,
    metavar="PATH",
    help="An inner node wanted as an output too, or a value as the spec names it.",
)
@click.option(
    "--node",
    "names",
    multiple=True,
    metavar="NAME",
    help="Only the lines of this node, numbered: one of the spec, of a block's inside, or a block's output.",
)
@click.option("--map", "as_map", is_flag=True, help="JSON: the source, and the lines in which each node stands.")
@click.option(
    "-o",
    "--output",
    default="-",
    metavar="FILE",
    help="A .py file (.txt with --node, .json with --map), a folder for a run; - for standard output.",
)
def command(
    spec: str,
    overrides: tuple[str, ...],
    sizes: tuple[str, ...],
    data: tuple[str, ...],
    feedback: str,
    also: tuple[str, ...],
    names: tuple[str, ...],
    as_map: bool,
    output: str,
) -> None:
    """Print the PyTorch module that the model in the file SPEC is compiled to. It needs nothing but torch.

    For a run's folder, -o names a new folder, which gets the source and the weights that validated best.

    With --node the lines of one node are shown, by method: where its weights are made and start, where `run` computes
    it for all steps and `step` for one. What was fused, merged or folded with others stands where that is computed.
    --map gives the same of all nodes, for programs.

    \b
    leporello code elman.yaml
    leporello code luong.yaml --feedback free -o luong.py
    leporello code char_lm.yaml --also h/1/forward/f
    leporello code luong.yaml --node attention
    leporello code elman.yaml --map -o elman.lines.json
    leporello code runs/topics -o topics
    """
    from leporello.builder.lowering.generate import source
    from leporello.cli.writing import STANDARD, suffix_of, write
    from leporello.graphs.problems import refuse
    from leporello.training.models import Given, check_model

    if names and as_map:
        raise refuse("--node and --map ask for two things", "leave one of them out")
    if Path(spec).is_dir() and (names or as_map):
        raise refuse("of a run the whole source is written", "name its spec for --node or --map")
    if Path(spec).is_dir():
        from leporello.cli.exporting import export_run

        for line in export_run(Path(spec), output, feedback, also):
            click.echo(line)
        return
    if output != STANDARD:
        suffix_of(output, ("json",) if as_map else ("txt",) if names else ("py",))
    sources = read_sources(data)
    checked = check_model(read_graph(spec, overrides), Given(read_sizes(sizes), sources))
    if checked.unbound:
        unbound = ", ".join(f"${name}" for name in checked.unbound)
        raise refuse(f"{unbound} must be known for code", f"such as --size {checked.unbound[0]}=1000")
    read = (spec, *sources.values())
    if not names and not as_map:
        write(source(checked, feedback=feedback, also=also), output, read)  # type: ignore[arg-type]
        return
    from leporello.builder.lowering.source_map import source_map
    from leporello.cli.reports.code_lines import lines_of, map_json

    found = source_map(checked, feedback, also)  # type: ignore[arg-type]
    blocks = [node.path for node in checked.written.nodes if node.path not in checked.graph]
    write(lines_of(found, names) if names else map_json(found, blocks), output, read)
