"""Frozen values: `dataclass(frozen=True)` in a fifth of its time, since a command makes a hundred of these classes."""

from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from typing import Any, TypeVar, dataclass_transform

Kind = TypeVar("Kind")
Method = Callable[..., Any]


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(kind: type[Kind]) -> type[Kind]:
    """A class of frozen values: equal by their fields, hashable, with `field`, `fields` and `replace` of `dataclasses`.

    `dataclass` writes and compiles six methods for each class, 0.1 ms each. Here the initializer is written at once, as
    people ask for its parameters, equality and hash when they are first wanted, and the rest is the same for all. Each
    field is a parameter; a method that the class defines itself stays.

    >>> from dataclasses import replace
    >>> @frozen
    ... class Wire:
    ...     source: str
    ...     delay: int = 0
    >>> replace(Wire("h"), delay=1)
    Wire(source='h', delay=1)
    >>> Wire("h") == Wire("h", 0), len({Wire("h"), Wire("h", 0)})
    (True, 1)
    """
    own = set(kind.__dict__)
    kind = dataclass(init=False, repr=False, eq=False)(kind)
    known = fields(kind)  # type: ignore[arg-type]
    methods: dict[str, Method] = {"__init__": _initializer(kind, known), "__repr__": _shown}
    methods |= {"__setattr__": _refuse_setting, "__delattr__": _refuse_deleting}
    if "__eq__" not in own:
        methods |= {"__eq__": _later(kind, "__eq__", known), "__hash__": _later(kind, "__hash__", known)}
    for name in methods.keys() - own:
        setattr(kind, name, methods[name])
    return kind


def _shown(self: Any) -> str:
    said = (f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
    return f"{type(self).__qualname__}({', '.join(said)})"


def _refuse_setting(self: object, name: str, value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_deleting(self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _later(kind: type, name: str, known: tuple[Field[Any], ...]) -> Method:
    """Stands for a method until it is first called, and then puts it in its place."""

    def first(self: object, *others: object) -> object:
        made = _written(kind, name, _equality(known) if name == "__eq__" else _hash(known), {})
        setattr(kind, name, made)
        return made(self, *others)

    return first


def _equality(known: tuple[Field[Any], ...]) -> str:
    mine, other = (_listed(who, [one for one in known if one.compare]) for who in ("self", "other"))
    return f"(self, other):\n return {mine} == {other} if other.__class__ is self.__class__ else NotImplemented"


def _hash(known: tuple[Field[Any], ...]) -> str:
    read = [one for one in known if (one.compare if one.hash is None else one.hash)]
    return f"(self):\n return hash({_listed('self', read)})"


def _listed(who: str, read: list[Field[Any]]) -> str:
    return f"({''.join(f'{who}.{one.name}, ' for one in read)})"


def _initializer(kind: type, known: tuple[Field[Any], ...]) -> Method:
    given: dict[str, Any] = {"_set": object.__setattr__, "_absent": MISSING}
    plain: list[str] = []
    by_name: list[str] = []
    lines: list[str] = []
    for one in known:
        value, default = one.name, ""
        if one.default_factory is not MISSING:
            given[f"_make_{one.name}"] = one.default_factory
            value, default = f"_make_{one.name}() if {one.name} is _absent else {one.name}", "=_absent"
        elif one.default is not MISSING:
            given[f"_default_{one.name}"] = one.default
            default = f"=_default_{one.name}"
        (by_name if one.kw_only else plain).append(one.name + default)
        lines.append(f" _set(self, {one.name!r}, {value})")
    if hasattr(kind, "__post_init__"):
        lines.append(" self.__post_init__()")
    parameters = ", ".join(["self", *plain, *(["*", *by_name] if by_name else [])])
    made = _written(kind, "__init__", f"({parameters}):\n" + "\n".join(lines or [" pass"]), given)
    made.__annotations__ = {one.name: one.type for one in known} | {"return": None}
    return made


def _written(kind: type, name: str, source: str, given: dict[str, Any]) -> Method:
    """A method from its source, which holds no words but names of fields: Python has read these as identifiers."""
    exec(f"def {name}{source}", given)
    made: Method = given[name]
    made.__qualname__, made.__module__ = f"{kind.__qualname__}.{name}", kind.__module__
    return made
