"""Words at the steps of inputs and outputs: below what is read, above what is written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from leporello.graphs.drawing.letters.lettering import words
from leporello.graphs.drawing.scene.scene import Figure, Note, Rectangle, Scene

SIZE, AWAY = 15.0, 12.0


def with_words(scene: Scene, given: Mapping[str, tuple[str, ...]], looked: Collection[str] = ()) -> Scene:
    """The scene with the words `given` by the path of an input or the name of an output, one for each step.

    Those at the figures `looked` at are bold.
    """
    notes = []
    for figure in scene.figures:
        path, _, step = figure.identity.rpartition("@")
        name = path.removeprefix("outputs/")
        if name not in given or not step.isdigit() or int(step) > len(given[name]):
            continue
        notes.append(_word(figure, given[name][int(step) - 1], figure.identity in looked))
    return replace(scene, notes=(*scene.notes, *notes))


def _word(figure: Figure, word: str, bold: bool) -> Note:
    text = words(word, 14)
    way = -1 if figure.kind == "output" else 1
    y = figure.place.y + way * (figure.place.height / 2 + AWAY)
    return Note(Rectangle(figure.place.x, y, text.width(SIZE), SIZE), text, SIZE, "ink", bold=bold)
