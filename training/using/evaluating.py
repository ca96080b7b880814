"""How good a trained model is on a part of its data, or on data of the same kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from leporello.graphs.graph import EMPTY, freeze
from leporello.graphs.problems import refuse
from leporello.training.data.columns import Column, Data, load_data
from leporello.training.feeding.batch import Feed
from leporello.training.feeding.examples import Examples
from leporello.training.feeding.streams import Streams
from leporello.training.settings import read_settings
from leporello.training.tasks.task import evaluate, task_of
from leporello.training.tasks.telling import teller
from leporello.training.train import carried_obstacle
from leporello.training.using.trained import Trained

PARTS = ("train", "valid", "test")
WHOLE = (1.0, 0.0, 0.0)


def evaluate_trained(trained: Trained, part: str, sources: Mapping[str, str] = EMPTY) -> dict[str, float]:
    """The scores of a trained model on a part of its data; with `sources` on all of the files given by input.

    Raises SpecError for a part without anything in it, and for data that do not fit.
    """
    trained.check_read()
    data = _data(trained, sources)
    place = 0 if sources else PARTS.index(part)
    if not data.only.parts[place]:
        raise refuse(f"the {part} part is empty", f"choose another: {', '.join(PARTS)}")
    settings = read_settings(trained.graph)
    feed: Feed = Examples(data, settings)
    if data.long:
        carried = not carried_obstacle(trained.module)
        feed = Streams(data, settings.batch, settings.steps, carried)
    scores = evaluate(trained.module, task_of(trained.graph, data), feed.part(place), feed.carried)
    measure = teller(trained.module, data, settings).measure
    return {**scores, **(measure(place, None, lambda: None) if measure else {})}


def _data(trained: Trained, sources: Mapping[str, str]) -> Data:
    """The data as it was encoded in training: the words that a model knows are those it was trained with."""
    graph = trained.graph
    if sources:
        said = {name: dict(entry) for name, entry in (graph.data or {}).items()}
        for name in sources:
            entry = {key: value for key, value in said.get(name, {}).items() if key not in ("files", "builtin")}
            said[name] = {**entry, "split": WHOLE}
        graph = replace(graph, data=freeze(said), parameters=EMPTY)
    else:
        sources = trained.run.facts().get("sources", {})
    data = load_data(graph, sources)
    columns: dict[str, Column] = {}
    for name, column in data.columns.items():
        columns[name] = replace(column, encoder=trained.encoders.get(name, column.encoder))
    return replace(data, columns=columns)
