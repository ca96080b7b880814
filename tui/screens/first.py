"""A screen that the app may begin with: what would be done twice until it is seen is done once."""

from __future__ import annotations

from collections.abc import Callable

from textual.events import ScreenResume
from textual.screen import Screen


class First(Screen[None]):
    """Is styled as wide as it will be, and painted when it can be seen."""

    seen = False

    def fit(self, width: int) -> None:
        """Take the class of a width while there are no parts yet, which would all be styled anew for it."""
        self.add_class(*self._get_breakpoint_classes(width, self.HORIZONTAL_BREAKPOINTS or []))

    def once_seen(self, do: Callable[[], object]) -> None:
        """Do what the first screen need not wait for: what is to come after a refresh comes before it, at first."""
        self.app.call_later(self.call_after_refresh, do)

    def _compositor_refresh(self) -> None:
        """Textual paints the first screen before the terminal is given anything, and then once more."""
        if not self.app._batch_count:
            super()._compositor_refresh()

    def _on_screen_resume(self, event: ScreenResume) -> None:
        """Its parts have been styled as they were made; Textual does that anew for screens that were left."""
        event.refresh_styles = event.refresh_styles and self.seen
        self.seen = True
