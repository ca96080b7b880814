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
    "-o", "--output", default="-", metavar="FILE", help="A .py file, a folder for a run; - for standard output."
)
def command(
    spec: str,
    overrides: tuple[str, ...],
    sizes: tuple[str, ...],
    data: tuple[str, ...],
    feedback: str,
    also: tuple[str, ...],
    output: str,
) -> None:
    """Print the PyTorch module that the model in the file SPEC is compiled to. It needs nothing but torch.

    For a run's folder, -o names a new folder, which gets the source and the weights that validated best.

    \b
    leporello code elman.yaml
    leporello code luong.yaml --feedback free -o luong.py
    leporello code char_lm.yaml --also h/1/forward/f
    leporello code runs/topics -o topics
    """
    from leporello.builder.lowering.generate import source
    from leporello.cli.writing import STANDARD, suffix_of, write
    from leporello.graphs.problems import refuse
    from leporello.training.models import Given, check_model

    if Path(spec).is_dir():
        from leporello.cli.exporting import export_run

        for line in export_run(Path(spec), output, feedback, also):
            click.echo(line)
        return
    if output != STANDARD:
        suffix_of(output, ("py",))
    sources = read_sources(data)
    checked = check_model(read_graph(spec, overrides), Given(read_sizes(sizes), sources))
    if checked.unbound:
        names = ", ".join(f"${name}" for name in checked.unbound)
        raise refuse(f"{names} must be known for code", f"such as --size {checked.unbound[0]}=1000")
    text = source(checked, feedback=feedback, also=also)  # type: ignore[arg-type]
    write(text, output, (spec, *sources.values()))
