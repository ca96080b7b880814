"""The fields of a JSON object, each asked for by its type: what is missing or of another kind names its object."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from leporello.graphs.composing.texts import DEPTH_LIMIT
from leporello.graphs.problems import Mark, refuse, suggest


@dataclass(frozen=True)
class Fields:
    """The fields of the object that messages call `what`. A field that is null is a field that is absent."""

    what: str
    data: Mapping[str, Any]
    mark: Mark

    @staticmethod
    def of(data: Any, what: str, allowed: Collection[str], mark: Mark) -> Fields:
        """The fields of `data`, refused where it is no object or has a field that is not allowed."""
        if not isinstance(data, Mapping):
            raise refuse(f"{what} must be an object", "such as {" + ", ".join(sorted(allowed)[:3]) + ", ...}", mark)
        for key in data:
            if key not in allowed:
                raise refuse(f"{what} has no field {shown(key)}", suggest(str(key)[:80], allowed, "fields"), mark)
        return Fields(what, data, mark)

    def __contains__(self, name: str) -> bool:
        return self.data.get(name) is not None

    def wrong(self, name: str, allowed: str) -> Exception:
        """The error for a field that is not what it must be."""
        return refuse(f"{name} of {self.what} must be {allowed}, not {shown(self.data.get(name))}", "", self.mark)

    def text(self, name: str, default: str | None = "") -> str:
        """A field that is a text; one without a default must be there."""
        value = self.data.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not _encodes(value):
            raise self.wrong(name, "a text")
        return value

    def choice(self, name: str, choices: Collection[str]) -> str:
        """A field that is one of some texts, the empty one where it is absent."""
        value = self.text(name)
        if value and value not in choices:
            hint = suggest(value[:80], choices, "allowed")
            raise refuse(f"{name} of {self.what}: {shown(value)} is not known", hint, self.mark)
        return value

    def whole(self, name: str, default: int, largest: int) -> int:
        """A field that is a whole number, of a size up to `largest`."""
        value = self.data.get(name)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > largest:
            raise self.wrong(name, f"a whole number from {-largest} to {largest}")
        return value

    def truth(self, name: str) -> bool:
        """A field that is true or false."""
        value = self.data.get(name, False)
        if not isinstance(value, bool | None):
            raise self.wrong(name, "true or false")
        return bool(value)

    def table(self, name: str) -> Mapping[str, Any]:
        """A field that is an object."""
        value = self.data.get(name)
        if value is None:
            return {}
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            raise self.wrong(name, "an object")
        return value

    def items(self, name: str) -> list[Any] | tuple[Any, ...]:
        """A field that is a list."""
        value = self.data.get(name)
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            raise self.wrong(name, "a list")
        return value


def check_plain(value: Any, what: str, mark: Mark, depth: int = 0) -> None:
    """Refuse what JSON does not hold: other objects, numbers that are not finite, nesting without an end."""
    if depth > DEPTH_LIMIT:
        raise refuse(f"{what} is nested deeper than {DEPTH_LIMIT}", "a graph is flat", mark)
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str) or not _encodes(key):
                raise refuse(f"{what} has a key that is no text: {shown(key)}", "", mark)
            check_plain(item, what, mark, depth + 1)
    elif isinstance(value, list | tuple):
        for item in value:
            check_plain(item, what, mark, depth + 1)
    elif isinstance(value, float) and not math.isfinite(value):
        raise refuse(f"{what} holds {value}", "write a finite number", mark)
    elif not (value is None or isinstance(value, bool | int | float) or (isinstance(value, str) and _encodes(value))):
        raise refuse(f"{what} holds {shown(value)}, which JSON does not", "texts, numbers, lists and objects", mark)


def shown(value: Any) -> str:
    """A value in a message, clipped."""
    words = {None: "nothing", True: "true", False: "false"}
    if value is None or isinstance(value, bool):
        return words[value]
    if isinstance(value, str | int | float):
        text = repr(value[:80]) if isinstance(value, str) else str(value)
        return text if len(text) <= 90 else text[:90] + "…"
    if isinstance(value, list | tuple):
        return "a list"
    return "an object" if isinstance(value, Mapping) else type(value).__name__


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
