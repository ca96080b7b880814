"""Fields: what a person may set, each declared once: its name, type, range, choices, default, unit and help.

Checks, messages, help on the command line, forms and schemas are read off these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from leporello.graphs.composing.tree import Sequence, Table
from leporello.graphs.frozen import frozen
from leporello.graphs.names import NAME
from leporello.graphs.size import Size

REQUIRED: Any = object()
"""The default of a field that has none."""
LARGEST_SIZE = 1_000_000_000
Under = tuple[tuple[str, tuple[str, ...]], ...]
"""Fields by their names, each with the values of which it has one."""

Type = Literal[
    "size", "integer", "number", "boolean", "choice", "names", "texts", "fractions", "levels", "text", "name",
    "key", "costs", "value", "weights", "init", "table", "list",
]  # fmt: skip
_WORDS: dict[Type, str] = {
    "size": "a whole number",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "names": "a list of names",
    "texts": "a list of texts",
    "fractions": "fractions that add up to 1",
    "levels": "a list of numbers between 0 and 1, each above the one before",
    "costs": "balanced, or a number above 0 for each label",
    "text": "a text",
    "name": "a name",
    "key": "a name, or a number from 1",
    "value": "zeros, a number, learned, or a node",
    "weights": "a node, or weights of nodes by name",
    "init": "a scheme, or schemes by weight",
    "table": "a mapping",
    "list": "a list",
}


@frozen
class Field:
    """Something that may be set.

    Sizes, integers and numbers lie from `low` to `high` (`above` leaves out the lower end); those and only those may be
    worked out from `$names`. Without a default it must be said; one whose default is None may be left open. Of several
    fields those of a `group` are about one thing; one matters only where others have a value that `under` says of them.
    """

    name: str
    type: Type = "size"
    default: Any = REQUIRED
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    help: str = ""
    above: bool = False
    unit: str = ""
    group: str = ""
    under: Under = ()

    def matters(self, values: Mapping[str, Any]) -> bool:
        """Whether anything depends on it where other fields have these values.

        >>> Field("every", under=(("decay", ("step",)),)).matters({"decay": "linear"})
        False
        """
        return all(values.get(name) in allowed for name, allowed in self.under)

    @property
    def computes(self) -> bool:
        """Whether its value may be worked out from `$names`."""
        return self.type in ("size", "integer", "number")

    def accept(self, value: Any) -> Any:
        """`value` in this field's type, or ValueError saying what is allowed.

        >>> Field("rate", "number", low=0.0, high=1.0).accept(1)
        1.0
        """
        if value is None and self.default is None:
            return None
        if isinstance(value, Size) and self.computes:
            return value
        if self.type == "size" and type(value) is int and value > LARGEST_SIZE:
            raise ValueError(f"{self.name} must be at most {LARGEST_SIZE:,}, not {shown(value)}")
        if not self._fits(value):
            raise ValueError(f"{self.name} must be {self.allowed}, not {shown(value)}")
        return float(value) if self.type == "number" and not isinstance(value, bool) else value

    def _fits(self, value: Any) -> bool:
        match self.type:
            case "boolean":
                return isinstance(value, bool)
            case "choice":
                return isinstance(value, str) and value in self.choices
            case "names":
                return isinstance(value, tuple) and bool(value) and all(map(_is_name, value))
            case "texts":
                return isinstance(value, tuple) and bool(value) and all(isinstance(text, str) for text in value)
            case "name":
                return _is_name(value)
            case "text":
                return isinstance(value, str)
            case "key":
                return isinstance(value, str) or (type(value) is int and value > 0)
            case "table":
                return isinstance(value, Mapping | Table)
            case "list":
                return isinstance(value, tuple | Sequence)
            case "fractions":
                return isinstance(value, tuple) and _add_up(value)
            case "levels":
                return isinstance(value, tuple) and bool(value) and _rise(value)
            case "costs":
                return value == "balanced" or (isinstance(value, Mapping) and bool(value) and _are_costs(value))
            case "size" | "integer" | "number":
                return _is_number(value, self.type == "number") and self._holds(value)
        return True

    def _holds(self, value: float) -> bool:
        low = self.least is None or value > self.least or (value == self.least and not self.above)
        return low and (self.high is None or value <= self.high)

    @property
    def least(self) -> float | None:
        """The lower end of its range."""
        return 1 if self.type == "size" and self.low is None else self.low

    @property
    def allowed(self) -> str:
        """The allowed values in words.

        >>> Field("rate", "number", low=0.0, high=1.0, above=True).allowed
        'a number above 0 to 1'
        """
        if self.type == "choice":
            return "one of " + ", ".join(self.choices)
        words, low, high = _WORDS[self.type], self.least, self.high
        if low is None:
            return words if high is None else f"{words} of at most {_plain(high)}"
        if high is None:
            return f"{words} above {_plain(low)}" if self.above else f"{words} of at least {_plain(low)}"
        return f"{words} {'above' if self.above else 'from'} {_plain(low)} to {_plain(high)}"

    @property
    def said(self) -> str:
        """One line on it: what it is, what is allowed, its default.

        >>> Field("decay", "choice", "none", choices=("none", "linear"), help="how the rate falls").said
        'how the rate falls (one of none, linear; default none)'
        """
        default = "" if self.default in (REQUIRED, None, "") else f"; default {shown(self.default).strip(chr(39))}"
        return f"{self.help} ({self.allowed}{default})"


def _rise(values: tuple[Any, ...]) -> bool:
    """Whether they are numbers between 0 and 1, each above the one before."""
    return all(_is_number(value, True) for value in values) and list(values) == sorted({0, 1, *values})[1:-1]


def _are_costs(value: Mapping[Any, Any]) -> bool:
    return all(_is_number(one, True) and 0 < one < LARGEST_SIZE for one in value.values())


def named(fields: Iterable[Field], name: str) -> Field | None:
    """The field of that name."""
    return next((field for field in fields if field.name == name), None)


def shown(value: Any) -> str:
    """A value in a message, as a spec writes it, clipped."""
    if isinstance(value, bool | None):
        return {True: "true", False: "false", None: "nothing"}[value]
    if isinstance(value, Mapping | Table):
        return "a mapping"
    if isinstance(value, Sequence):
        return "a list"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(shown, value[:8])) + (", ...]" if len(value) > 8 else "]")
    text = str(value) if isinstance(value, Size) else repr(value)
    return text if len(text) <= 80 else text[:80] + "..."


def _plain(number: float) -> str:
    """A bound as a person writes it.

    >>> _plain(0.0), _plain(1e6), _plain(2**63 - 1)
    ('0', '1000000', '9223372036854775807')
    """
    return str(int(number)) if number == int(number) else f"{number:g}"


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and NAME.match(value) is not None


def _is_number(value: Any, broken: bool) -> bool:
    return (isinstance(value, int) or (broken and isinstance(value, float))) and not isinstance(value, bool)


def _add_up(values: tuple[Any, ...]) -> bool:
    numbers = all(_is_number(value, True) and 0 <= value <= 1 for value in values)
    return numbers and bool(values) and abs(sum(values) - 1) <= 1e-6
