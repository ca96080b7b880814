"""`leporello train`: from a spec to a trained model in the folder of a run."""

from __future__ import annotations

import shlex
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leporello.cli.options import data_option, json_option, read_graph, read_sources, set_option
from leporello.cli.reports.tables import described
from leporello.graphs.problems import visible
from leporello.training.settings import FIELDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from leporello.graphs.graph import Graph
    from leporello.training.data.columns import Data
    from leporello.training.first_weights.beginning import Beginning


def _settings() -> str:
    """What may be set under `training:`, as the help shows it."""
    lines = "\n".join(f"  {line}" for line in described(FIELDS))
    return f"\b\nUnder training: in the spec, or by --set training.NAME=VALUE:\n{lines}"


@click.command(short_help="Train a model.", epilog=_settings())
@click.argument("spec", required=False)
@click.option("--run", "folder", metavar="DIR", help="The folder of the run; without it, a new one under runs/.")
@click.option("--resume", is_flag=True, help="Go on with the run in DIR from its newest checkpoint.")
@click.option("--from", "source", metavar="RUN", help="Begin with the weights of this run, as far as they fit.")
@click.option(
    "--moved",
    multiple=True,
    metavar="FILE",
    help="With --from: what `leporello edit ... --json` said; renamed weights are found by it.",
)
@click.option("--detach", is_flag=True, help="Train in a process of its own, which goes on when this terminal closes.")
@set_option
@data_option
@json_option
def command(
    spec: str | None,
    folder: str | None,
    resume: bool,
    source: str | None,
    moved: tuple[str, ...],
    detach: bool,
    overrides: tuple[str, ...],
    data: tuple[str, ...],
    as_json: bool,
) -> None:
    """Train the model in the file SPEC on its data; everything about the run lies in one folder.

    Ctrl-C stops after writing a checkpoint. `--resume --run DIR` goes on from there and needs no SPEC. With `--detach`
    follow it by `leporello watch` and stop it by `leporello stop`. `--from` begins a new run with what another one has
    learned; a table says which weights fit, by name and size, and which begin anew. Started by torchrun or accelerate
    launch, each process takes batches of its own, which are learned from together.

    \b
    leporello train char_lm.yaml
    leporello train char_lm.yaml --run runs/small --set training.updates=500
    leporello train char_lm.yaml --data text=shakespeare.txt
    leporello train --resume --run runs/small --set training.updates=2000
    leporello train wider.yaml --from runs/small
    """
    from leporello.cli.failing import need
    from leporello.cli.running.progress import ending, listener
    from leporello.graphs.problems import refuse
    from leporello.training.ranks import alike_here, rank_here

    rank = rank_here()
    with alike_here(rank):
        graph, where, sources, read = prepare(spec, folder, resume, overrides, read_sources(data))
        beginning = _beginning(source, moved, resume)
    # All that it needs, and late: a run should not end for want of a package, nor torch be loaded for a bad spec.
    need("torch", "numpy", "safetensors")
    if detach:
        if not rank.alone:
            raise refuse(
                "--detach is for one process, and here are several", "leave it out: their launcher waits for them"
            )
        begun_from = [("--from", [source] if source else []), ("--moved", moved)]
        _detach(spec, where, resume, [*begun_from, ("--set", overrides), ("--data", data)])
        return
    from leporello.training.train import train

    with listener(as_json) if rank.first else nullcontext() as on_event:
        outcome = train(
            graph,
            where,
            resume=resume,
            sources=sources,
            overrides=overrides,
            data=read,
            beginning=beginning,
            on_event=on_event,
        )
    if rank.first and not as_json:
        click.echo(ending(outcome))
    sys.exit(outcome.exit)


def _beginning(source: str | None, moved: Sequence[str], resume: bool) -> Beginning | None:
    """What a new run begins with. Raises SpecError for what is no run, and where nothing begins."""
    from leporello.graphs.problems import refuse
    from leporello.training.first_weights.beginning import Beginning, moves
    from leporello.training.runs.run import Run

    if source is None:
        if moved:
            raise refuse("--moved says how weights of --from are called now, and there is no --from", "add --from RUN")
        return None
    if resume:
        raise refuse("--from begins a new run, --resume goes on with one", "leave one of them out")
    run = Run(Path(source))
    run.facts()
    return Beginning(run, moves(moved))


def _detach(spec: str | None, folder: Path, resume: bool, options: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Begin a process of its own with the same arguments, and come back when it is under way."""
    from leporello.training.runs.detached import begin, wait_for

    given = [*([spec] if spec is not None else []), *(["--resume"] if resume else [])]
    given += [word for name, values in options for one in values for word in (name, one)]
    begun = begin(given, folder)
    wait_for(begun)
    name = visible(shlex.quote(str(folder)))
    click.echo(f"{name} runs as process {begun.process.pid}")
    click.echo(f"follow it: leporello watch {name}\nstop it:   leporello stop {name}")


def prepare(
    spec: str | None, folder: str | None, resume: bool, overrides: Sequence[str], sources: Mapping[str, str]
) -> tuple[Graph, Path, Mapping[str, str], Data]:
    """The checked graph to train, the run's folder, the files of its data, and what is in them.

    Raises SpecError for a spec or a folder that will not do.
    """
    from leporello.graphs.problems import refuse
    from leporello.training.data.columns import load_data, sizes_from
    from leporello.training.models import Given, check_model, read_kept
    from leporello.training.resuming import trained_graph
    from leporello.training.runs.run import Run, find_runs
    from leporello.training.runs.writer import next_folder
    from leporello.training.settings import read_settings

    if resume:
        if folder is None:
            newest = [f"such as --run {shlex.quote(str(run.folder))}, the newest" for run in find_runs()[:1]]
            raise refuse("--resume needs the run to go on with", "".join(newest) or "name its folder: --run DIR")
        run = Run(Path(folder))
        if "given" in run.facts().get("data", {}):
            raise refuse(f"{folder} was trained by a program", "go on with it there: leporello.fit(..., resume=True)")
        sources = {**run.facts().get("sources", {}), **sources}
        graph = trained_graph(run, read_kept, overrides)
        if spec is not None and kept_text(spec) != graph.text:
            raise refuse(f"{spec} is not the spec that {folder} trains", "leave it away, or train in a new folder")
    elif spec is None:
        raise refuse("there is no spec to train", "name its file, or go on with a run: --resume --run DIR")
    else:
        graph = read_graph(spec, overrides)
    read_settings(graph)
    check_model(graph, data=False)  # what is wrong with the spec itself is said before files are opened
    data = load_data(graph, sources)
    check_model(graph, Given(sizes_from(graph, data)), data=False)
    return graph, Path(folder) if folder is not None else next_folder(graph.name), sources, data


def kept_text(spec: str) -> str:
    """The text of a spec's file as a run keeps it."""

    return read_graph(spec).text
