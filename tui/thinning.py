"""What is sent to the terminal: of each picture of the screen only what does not stand there yet.

Textual paints the whole screen wherever a part of it may have changed its size: 28,000 bytes for 120 by 40 cells, and
that twice for one arrow. Over a line of 2,000 bytes a second nobody waits for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.console import Console, RenderableType
from rich.segment import Segment
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.screen import Screen
from textual.strip import Strip

from leporello.tui.sending import Piece, sent

APART = 8
"""So many letters that stand there already are sent again rather than passed over."""


class Pieces(CompositorUpdate):
    """Strips at their places."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self.pieces = tuple(pieces)

    def render_segments(self, console: Console) -> str:
        """As a terminal takes them."""
        return sent(self.pieces, console)


class Seen:
    """What stands on the terminal: of each line the strips by their columns, as far as that is known."""

    def __init__(self) -> None:
        self.lines: dict[int, dict[int, Strip]] = {}

    def forget(self) -> None:
        """Nobody knows what stands there: everything is sent again."""
        self.lines.clear()

    def thinned(self, update: CompositorUpdate) -> CompositorUpdate:
        """What of a picture is to be sent; what is none of a screen is sent as it is."""
        if isinstance(update, LayoutUpdate):
            return Pieces(self._whole(update))
        if isinstance(update, ChopsUpdate):
            return Pieces(self._parts(update))
        self.forget()
        return update

    def _whole(self, update: LayoutUpdate) -> Iterator[Piece]:
        """Lines from end to end."""
        for y, strips in enumerate(update.strips, update.region.y):
            before, now, x = self.lines.get(y, {}), dict[int, Strip](), update.region.x
            for strip in strips:
                if strip.cell_length:
                    now[x] = strip
                    yield from _changed(x, y, before.get(x), strip)
                x += strip.cell_length
            self.lines[y] = now

    def _parts(self, update: ChopsUpdate) -> Iterator[Piece]:
        """Parts of some lines. A strip of which a part is sent is not known any more."""
        for y, start, stop in update.spans:
            known = self._line(y, update.chops[y])
            for (x, strip), end in zip(update.chops[y].items(), update.chop_ends[y], strict=False):
                if strip is None or x >= stop or end <= start:
                    continue
                if start <= x and end <= stop:
                    yield from _changed(x, y, known.get(x), strip)
                    known[x] = strip
                else:
                    known.pop(x, None)
                    yield max(x, start), y, strip.crop(max(start - x, 0), stop - x)

    def _line(self, y: int, chops: Mapping[int, Strip | None]) -> dict[int, Strip]:
        """What is known of a line that is divided at these columns: nothing, if it was divided at others."""
        known = self.lines.setdefault(y, {})
        if not known.keys() <= chops.keys():
            known.clear()
        return known


def _changed(x: int, y: int, before: Strip | None, now: Strip) -> Iterator[Piece]:
    """What of a strip is another than before: runs of its segments, with few between them that are not."""
    if before is None or before.cell_length != now.cell_length:
        yield x, y, now
        return
    known = dict(_placed(before))
    first = last = -1
    for column, segment in _placed(now):
        if known.get(column) == segment:
            continue
        if first >= 0 and column - last > APART:
            yield x + first, y, now.crop(first, last)
            first = -1
        first = column if first < 0 else first
        last = column + segment.cell_length
    if first >= 0:
        yield x + first, y, now.crop(first, last)


def _placed(strip: Strip) -> Iterator[tuple[int, Segment]]:
    """The segments of a strip, each with its first column."""
    column = 0
    for segment in strip:
        yield column, segment
        column += segment.cell_length


class Thinning(App[None]):
    """An app that knows what stands on its terminal."""

    def __init__(self) -> None:
        super().__init__()
        self.standing = Seen()

    def on_mount(self) -> None:
        """After it was stopped and goes on, nothing stands there."""
        self.app_resume_signal.subscribe(self, lambda app: self.action_repaint())

    def on_resize(self) -> None:
        """A terminal that has another size may have moved what stood there."""
        self.standing.forget()

    def action_repaint(self) -> None:
        """Send everything again, as after a message that something else wrote there."""
        self.standing.forget()
        self.screen.refresh()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        sent = self._running and not self._closed and not self.is_headless and not self._batch_count
        if sent and isinstance(renderable, CompositorUpdate):
            renderable = self.standing.thinned(renderable)
        super()._display(screen, renderable)
