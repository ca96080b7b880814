"""Where a model looked while it translated: JSON lines, or a picture of each line with its way through time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO

import click

from leporello.graphs.frozen import frozen
from leporello.graphs.problems import refuse

if TYPE_CHECKING:
    from leporello.training.generating.translating import Translation
    from leporello.training.using.trained import Trained

PICTURES = 10
"""So many lines get a picture: each takes a second and fills a screen."""


class Looks(Protocol):
    """What takes down where a model looked."""

    def take(self, line: str, several: Sequence[Translation]) -> None:
        """The translations of a line."""

    def close(self) -> None:
        """Nothing more comes."""


@frozen
class InLines:
    """A JSON object for each translation."""

    file: TextIO

    def take(self, line: str, several: Sequence[Translation]) -> None:
        self.file.write("".join(json.dumps(one.to_json(), ensure_ascii=False) + "\n" for one in several))
        self.file.flush()

    def close(self) -> None:
        self.file.close()


@dataclass
class InPictures:
    """An SVG of each of the first lines, beside each other as NAME.svg, NAME-2.svg, NAME-3.svg."""

    model: Trained
    path: Path
    drawn: int = 0
    left: int = field(default=0)

    def take(self, line: str, several: Sequence[Translation]) -> None:
        from leporello.graphs.drawing.draw import draw
        from leporello.pictures import options_for
        from leporello.training.using.observing import LONGEST, observe
        from leporello.writing import write_file

        best = several[0]
        if not 0 < len(best.source) <= LONGEST or self.drawn == PICTURES:
            self.left += 1
            return
        seen = observe(self.model, line, written=best.symbols)
        checked: Any = self.model.module.checked
        options = options_for(checked, steps=dict(seen.steps), values=seen.values, motion=True)
        self.drawn += 1
        end = "" if self.drawn == 1 else f"-{self.drawn}"
        picture = draw(checked.graph, checked.axes, options, "svg")
        write_file(picture, self.path.with_stem(self.path.stem + end))

    def close(self) -> None:
        if self.left:
            what = f"{self.left} lines" if self.left > 1 else "a line"
            told = f"no picture of {what}: of {PICTURES} at most, and not of those without a symbol or with over 400"
            click.echo(told, err=True)


def looks_for(file: str | None, models: Sequence[Trained], attention: str | None) -> Looks | None:
    """What takes down where the first of these models looks, by the end of the file's name; nothing without a file.

    Raises SpecError for a model without attention, and for a file that cannot be written.
    """
    if file is None:
        return None
    if attention is None:
        raise refuse("this model has no attention to be written", "leave --attention away")
    if file.lower().endswith(".svg"):
        if not Path(file).parent.is_dir():
            raise refuse(f"{file} cannot be written: there is no folder {Path(file).parent}", "name another file")
        return InPictures(models[0], Path(file))
    try:
        return InLines(Path(file).open("w", encoding="utf-8"))
    except OSError as error:
        raise refuse(f"{file} cannot be written: {error.strerror or error}", "name another file") from error
