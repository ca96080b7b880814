"""`leporello check`: sizes, parameters, loops and what is wrong."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click

from leporello.cli.failing import BAD_INPUT, tell
from leporello.cli.options import json_option, model_options, read_graph, read_sizes, read_sources


@click.command(short_help="Sizes, parameters, loops, and what is wrong.")
@model_options
@json_option
def command(
    spec: str, overrides: tuple[str, ...], sizes: tuple[str, ...], data: tuple[str, ...], as_json: bool
) -> None:
    """Check the model in the file SPEC (YAML, or node-link JSON; - for standard input).

    Shows the size of every node, how many parameters are learned, each loop with how it runs and why, and
    whether the model can go step by step as its input comes in. All problems are told at once, each with its
    place.

    \b
    leporello check char_lm.yaml
    leporello check luong.yaml --size source_words=8000 --size target_words=6000
    leporello check char_lm.yaml --set data.text.file=mine.txt
    leporello check char_lm.yaml --json
    cat char_lm.yaml | leporello check -
    """
    from leporello.cli.colours import coloured_report
    from leporello.cli.reports.report import problem_value, report
    from leporello.cli.reports.report_text import report_text
    from leporello.graphs.problems import SpecError
    from leporello.training.models import Given, check_model

    try:
        graph = read_graph(spec, overrides)
        checked = check_model(graph, Given(read_sizes(sizes), read_sources(data)))
        if graph.data is not None:
            from leporello.training.first_weights.vectors import check_vectors  # late: most models have no data

            check_vectors(checked, read_sources(data))
        if graph.training is not None:
            from leporello.training.settings import read_settings  # late: a model that is not to be trained has none

            read_settings(graph)
        told = _json(report(checked)) if as_json else coloured_report(report_text(checked))
    except SpecError as error:
        if not as_json:
            raise
        problems = [problem_value(problem) for problem in error.problems]
        click.echo(_json({"valid": False, "problems": problems}))
        sys.exit(BAD_INPUT)
    if not as_json:
        tell(checked.warnings)
    click.echo(told)


def _json(value: Mapping[str, Any]) -> str:
    import json  # late: most reports are for readers

    return json.dumps(value, indent=1)
