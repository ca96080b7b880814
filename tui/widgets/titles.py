"""The words in the border of a widget; a widget is painted again only where they are others."""

from __future__ import annotations

from textual.widget import Widget


def entitle(widget: Widget, title: str | None = None, subtitle: str | None = None) -> None:
    """Say other words above or below, as markup; those that are not given stay."""
    if title is not None and title != widget.border_title:
        widget.border_title = title
    if subtitle is not None and subtitle != widget.border_subtitle:
        widget.border_subtitle = subtitle
