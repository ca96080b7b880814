"""The picture of the block that is chosen: in full where there is room for it, else as an overview."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from textual.strip import Strip

from leporello.tui.widgets.picture_view import BLANK, PictureView

if TYPE_CHECKING:
    from leporello.graphs.drawing.terminal.cell_picture import CellPicture


class BlockPicture(PictureView, can_focus=False):
    """Shows one block by itself, in the middle."""

    above = 0

    def show_block(self, picture: CellPicture | None) -> None:
        """Show another one, or none."""
        if picture is None:
            self.clear()
        else:
            self.show(picture)
        self.fit()

    def on_resize(self) -> None:
        """There may be room now, or none any more."""
        self.fit()

    def fit(self) -> None:
        """An overview of what does not fit."""
        (width, height), picture = self.size, self.picture
        self.small = picture is not None and (picture.width > width or picture.height > height)
        if picture is not None and self.small:
            lines = picture.overview(max(width, 1), max(height, 1))
            self.above = sum(not line.strip(BLANK) for line in lines) // 2

    def _overview_line(self, y: int, base: Style) -> Strip:
        if y < self.above:
            return Strip.blank(self.size.width, base)
        return super()._overview_line(y - self.above, base)
