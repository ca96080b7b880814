"""What a spec says under `training:` and `data:`, as rows to be read and changed; each change is a splice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from leporello.blocks.registry import registry
from leporello.graphs.composing.compose import compose
from leporello.graphs.composing.tree import Tree, plain
from leporello.graphs.edits.splices.draft import Draft
from leporello.graphs.edits.splices.settings import set_value, unset_value
from leporello.graphs.fields import Field
from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.nodes import EMPTY
from leporello.graphs.problems import SpecError, refuse
from leporello.graphs.specs import try_read
from leporello.training.data.entries import DATA, WAYS, check_data
from leporello.training.settings import FIELDS


@frozen
class Setting:
    """A field, the value that it has, whether the spec says so, and the keys at which it stands."""

    field: Field
    value: str
    said: bool
    keys: tuple[str, ...]

    @property
    def section(self) -> str:
        """What it is a setting of: `training`, `data.text`."""
        return ".".join(self.keys[:-1])

    @property
    def about(self) -> str:
        """What it is about, among those beside it."""
        return self.field.group or self.section


def settings_of(text: str, file: str) -> tuple[Setting, ...]:
    """All settings that matter, with what a text says of them: those of training, then those of each input's data."""
    graph, _ = try_read(text, registry(), file)
    given = graph.training if isinstance(graph.training, Mapping) else {}
    values = {one.name: given.get(one.name, one.default) for one in FIELDS}
    fields = (one for one in FIELDS if one.name in given or one.matters(values))
    return (*(_setting(("training",), one, given) for one in fields), *_data(graph))


def settings_changed(before: str, after: str, file: str, known: Mapping[str, Any] = EMPTY) -> tuple[str, ...]:
    """What `training:` says otherwise in the second of two texts, as `--set` takes it; nothing where more differs.

    What is `known` to be so by now is no change.
    """
    one, other = (try_read(text, registry(), file)[0] for text in (before, after))
    if replace(one, training=None) != replace(other, training=None):
        return ()
    said, now = (graph.training if isinstance(graph.training, Mapping) else {} for graph in (one, other))
    pairs = ((field, said.get(field.name, field.default), now.get(field.name, field.default)) for field in FIELDS)
    return tuple(
        f"training.{field.name}={_written(is_now)}"
        for field, was, is_now in pairs
        if is_now not in (was, known.get(field.name, was))
    )


def _data(graph: Graph) -> Iterator[Setting]:
    """Of an input that data feed all that may be said, of others from where they may come."""
    data = graph.data if isinstance(graph.data, Mapping) else {}
    for node in graph.inputs:
        said = data.get(node.path, {})
        said = said if isinstance(said, Mapping) else {}
        yield from (_setting(("data", node.path), one, said) for one in DATA if said or one.name in WAYS)


def _setting(section: tuple[str, ...], field: Field, given: Mapping[str, Any]) -> Setting:
    value = given.get(field.name, field.default)
    return Setting(field, "" if value is None else _written(value), field.name in given, (*section, field.name))


def _written(value: Any) -> str:
    """A value as a spec writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "[" + ", ".join(map(_written, value)) + "]" if isinstance(value, tuple) else str(value)


def set_setting(text: str, file: str, one: Setting, value: str) -> str:
    """The text in which a setting has another value. Data come from one place: another is no longer said.

    Raises:
        SpecError: for a value that is not allowed, or does not go with what else is said of the data.
    """
    tree = compose(value, "<value>")
    _accept(one.field, tree)
    draft = Draft.read(text, registry(), file)
    if one.keys[0] != "data":
        return set_value(draft, one.keys, tree).text
    edited = set_value(draft, one.keys, tree).text
    for way in WAYS if one.field.name in WAYS else ():
        if way != one.field.name:
            with suppress(SpecError):  # it is not said
                edited = unset_value(Draft.read(edited, registry(), file), (*one.keys[:-1], way)).text
    return _fitting(text, edited, file)


def unset_setting(text: str, file: str, one: Setting) -> str:
    """The text that says nothing of a setting any more.

    Raises:
        SpecError: where nothing is said of it, and where something must be.
    """
    return _fitting(text, unset_value(Draft.read(text, registry(), file), one.keys).text, file)


def _accept(field: Field, tree: Tree) -> None:
    value = plain(tree)
    try:
        field.accept(tuple(value) if isinstance(value, list) else value)
    except ValueError as error:
        raise refuse(str(error), f"{field.name}: {field.said}") from None


def _fitting(text: str, edited: str, file: str) -> str:
    """The edited text, if its data fit together; one that did not fit before may be mended bit by bit."""
    wrong = _misfit(edited, file)
    if wrong is not None and _misfit(text, file) is None:
        raise wrong
    return edited


def _misfit(text: str, file: str) -> SpecError | None:
    """What is wrong with the data that a text names."""
    try:
        check_data(try_read(text, registry(), file)[0])
    except SpecError as error:
        return error
    return None
