"""What a spec says under `training:`, as rows to be read and changed; each change is a splice of the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from leporello.blocks.registry import registry
from leporello.graphs.composing.compose import compose
from leporello.graphs.edits.splices.draft import Draft
from leporello.graphs.edits.splices.settings import set_value
from leporello.graphs.fields import Field
from leporello.graphs.problems import refuse
from leporello.graphs.specs import try_read
from leporello.training.settings import FIELDS


@dataclass(frozen=True)
class Setting:
    """A field, the value that it has, and whether the spec says so."""

    field: Field
    value: str
    said: bool


def settings_of(text: str, file: str) -> tuple[Setting, ...]:
    """All settings, with what a text says of them."""
    graph, _ = try_read(text, registry(), file)
    given = graph.training if isinstance(graph.training, Mapping) else {}
    return tuple(Setting(one, str(given.get(one.name, one.default)), one.name in given) for one in FIELDS)


def set_training(text: str, file: str, field: Field, value: str) -> str:
    """The text in which a setting has another value.

    Raises:
        SpecError: for a value that is not allowed.
    """
    tree = compose(value, "<value>")
    plain = getattr(tree, "value", None)
    try:
        field.accept(plain)
    except ValueError as error:
        raise refuse(str(error), f"{field.name}: {field.said}") from None
    draft = Draft.read(text, registry(), file)
    return set_value(draft, ("training", field.name), tree).text
