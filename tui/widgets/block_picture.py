"""The picture of the block that is chosen: in full where there is room for it, else as an overview."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leporello.tui.widgets.picture_view import PictureView

if TYPE_CHECKING:
    from leporello.graphs.drawing.terminal.cell_picture import CellPicture


class BlockPicture(PictureView, can_focus=False):
    """Shows one block by itself, in the middle."""

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
