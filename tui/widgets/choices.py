"""A list to choose from, which stands any size of its window, no room at all included."""

from __future__ import annotations

from typing import Literal

from textual.geometry import Size
from textual.widgets import OptionList


class Choices(OptionList):
    """An option list whose height is asked for only where it has a width, and whose pages only where it has lines."""

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """How many lines the options take."""
        return super().get_content_height(container, viewport, width) if width > 2 else 1

    def _move_page(self, direction: Literal[-1, 1]) -> None:
        if self.scrollable_content_region:
            super()._move_page(direction)
