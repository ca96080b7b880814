"""How good a trained model is on a part of its data, or on data of the same kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from functools import partial

from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import EMPTY, freeze
from leporello.graphs.problems import refuse
from leporello.training.data.columns import Column, Data, load_data
from leporello.training.data.vocabulary import joined
from leporello.training.feeding.batch import Feed
from leporello.training.feeding.examples import Examples
from leporello.training.feeding.streams import Streams
from leporello.training.generating.lines import Lines
from leporello.training.generating.translating import Translation, Translator, translates
from leporello.training.resuming import compiler
from leporello.training.settings import read_settings
from leporello.training.tasks.task import evaluate, task_of
from leporello.training.tasks.teaching import Teaching, judged
from leporello.training.tasks.text_scores import text_scores
from leporello.training.train import carried_obstacle
from leporello.training.using.trained import Trained

PARTS = ("train", "valid", "test")
WHOLE = (1.0, 0.0, 0.0)


Looks = Callable[[str, Sequence[Translation]], None]
"""What is told each line with its translations."""


@frozen
class Found:
    """Scores by name, and of those that others count too how they were counted."""

    scores: Mapping[str, float]
    signatures: Mapping[str, str] = field(default_factory=lambda: EMPTY)


def evaluate_trained(
    trained: Trained, part: str, sources: Mapping[str, str] = EMPTY, beam: int = 1, looks: Looks | None = None
) -> Found:
    """The scores of a trained model on a part of its data; with `sources` on all of the files given by input.

    A model that translates translates the part, with a beam of so many candidates: how many lines are exact, and where
    sacrebleu is installed BLEU and chrF; `looks` is given each line with its translation. Raises SpecError for a part
    without anything in it, for data that do not fit, and for a beam where nothing is translated.
    """
    trained.check_read()
    data = _data(trained, sources)
    place = 0 if sources else PARTS.index(part)
    if not data.only.parts[place]:
        raise refuse(f"the {part} part is empty", f"choose another: {', '.join(PARTS)}")
    translating = translates(trained.module, trained.encoders)
    if beam > 1 and not translating:
        raise refuse(f"{trained.graph.name} does not translate, and a beam is for translations", "leave --beam away")
    settings = read_settings(trained.graph)
    feed: Feed = Examples(data, settings)
    if data.long:
        carried = not carried_obstacle(trained.module)
        feed = Streams(data, settings.batch, settings.steps, carried)
    module, judging = judged(compiler(), trained.module, Teaching(), settings)
    given = partial(judging.given, update=0)
    scores = evaluate(module, task_of(trained.graph, data), feed.part(place), feed.carried, given=given)
    if not translating:
        return Found(scores)
    lines = Lines(trained.module, data)
    read, truths = lines.rows(place)
    found = lines.translations(read, beam)
    if looks:
        for line, one in zip(read, found, strict=True):
            looks(line, [one])
    return _scored(lines, [one.text for one in found], truths, scores)


def _scored(lines: Lines, made: list[str], truths: list[str], scores: Mapping[str, float]) -> Found:
    """The scores with those of translations, of which the truth is taken as its file has it."""
    whole = [truth if isinstance(truth, str) else joined(truth) for truth in truths]
    counted = text_scores(made, whole, lines.translator.target.lower)
    exact = {"exact": lines.exact(made, truths)}
    values = {name: one.value for name, one in counted.items()}
    return Found({**scores, **exact, **values}, {name: one.signature for name, one in counted.items()})


def looked_at(trained: Trained) -> str | None:
    """The attention of a model that translates, if it has one."""
    if not translates(trained.module, trained.encoders):
        return None
    return Translator([trained.module], trained.encoders).attention


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
