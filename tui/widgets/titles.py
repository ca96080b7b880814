"""The words in the border of a widget; a widget is painted again only where they are others."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget


def entitle(widget: Widget, title: str | None = None, subtitle: str | None = None) -> None:
    """Say other words above or below, each as it is written; those that are not given stay."""
    said = None if title is None else Content(title)
    if said is not None and said.markup != widget.border_title:
        widget.border_title = said
    said = None if subtitle is None else Content(subtitle)
    if said is not None and said.markup != widget.border_subtitle:
        widget.border_subtitle = said
