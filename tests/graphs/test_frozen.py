"""A class made by `frozen` behaves as `dataclass(frozen=True)` makes it."""

import ast
import copy
import inspect
import pickle
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import Any

import pytest

from leporello.graphs.frozen import frozen
from leporello.graphs.nodes import Node, Time, Wire
from tests.support.paths import ROOT


class Fields:
    """A class before it is made one of frozen values."""

    name: str
    inputs: tuple[str, ...] = ()
    told: dict[str, int] = field(default_factory=dict, hash=False)
    mark: int | None = field(default=None, compare=False, repr=False)
    step: int = field(default=1, kw_only=True)

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a name is wanted")


def both() -> tuple[Any, Any]:
    ours, theirs = (type("Fields", (), {**vars(Fields)}) for _ in range(2))
    return frozen(ours), dataclass(frozen=True)(theirs)


CALLS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    (("h",), {}),
    (("h", ("x",)), {"step": 2}),
    (("h",), {"told": {"a": 1}, "mark": 3}),
    ((), {"name": "u", "inputs": ("x", "h")}),
    ((), {}),
    (("h", (), {}, None, 5), {}),
    (("h",), {"depth": 1}),
    (("",), {}),
]


def outcome(kind: Any, call: tuple[tuple[Any, ...], dict[str, Any]]) -> object:
    try:
        made = kind(*call[0], **call[1])
    except (TypeError, ValueError) as problem:
        return type(problem), str(problem).replace("Fields.", "")
    return repr(made), [getattr(made, one.name) for one in fields(made)], hash(made)


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_it_takes_refuses_and_shows_what_a_dataclass_does(call: Any) -> None:
    ours, theirs = both()
    assert outcome(ours, call) == outcome(theirs, call)


def test_values_are_equal_by_the_fields_that_compare() -> None:
    ours, theirs = both()
    for kind in (ours, theirs):
        one = kind("h", mark=1)
        assert one == kind("h", mark=2) and hash(one) == hash(kind("h", mark=2))
        assert one != kind("h", told={"a": 1}) and hash(one) == hash(kind("h", told={"a": 1}))
        assert one != kind("h", step=2) and one != ("h", ())
    assert ours("h") != theirs("h")


def test_it_tells_its_parameters_and_patterns() -> None:
    ours, theirs = both()
    assert inspect.get_annotations(ours.__init__) == inspect.get_annotations(theirs.__init__)
    told = [[(one.name, one.kind) for one in inspect.signature(kind).parameters.values()] for kind in (ours, theirs)]
    assert told[0] == told[1] and ours.__match_args__ == theirs.__match_args__


def test_what_a_class_defines_itself_stays() -> None:
    own = {"__repr__": lambda self: "mine", "__hash__": lambda self: 7, "__eq__": lambda self, other: True}
    kind: Any = frozen(type("Fields", (), {**vars(Fields), **own}))
    assert repr(kind("h")) == "mine" and hash(kind("h")) == 7 and kind("h") == "anything"


def test_a_class_may_add_fields_to_another() -> None:
    ours, theirs = both()
    for kind, made in ((ours, frozen), (theirs, dataclass(frozen=True))):
        more = made(type("More", (kind,), {"__annotations__": {"last": int}, "last": 0}))
        assert more("h", last=3) != more("h") != kind("h") and repr(more("h", last=3)).endswith("step=1, last=3)")


def test_nothing_can_be_set_or_deleted() -> None:
    wire = Wire("h")
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'source'"):
        wire.source = "x"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'source'"):
        del wire.source  # type: ignore[misc]
    assert wire == Wire("h")


def test_values_are_copied_sent_and_replaced() -> None:
    node = Node("h", "add", (("inputs", Wire("h", time=Time(offset=-1))),))
    assert node == copy.deepcopy(node) == pickle.loads(pickle.dumps(node)) == replace(node)
    assert replace(node, path="u").path == "u"
    with pytest.raises(TypeError, match="depth"):
        replace(node, depth=1)  # type: ignore[call-arg]


def frozen_classes() -> Iterator[ast.ClassDef]:
    for folder in ("leporello", "graphs", "blocks", "builder", "training", "tui"):
        for path in (ROOT / folder).rglob("*.py"):
            for found in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(found, ast.ClassDef) and "frozen" in map(ast.unparse, found.decorator_list):
                    yield found


def test_every_frozen_class_says_its_job() -> None:
    """`dataclass` makes up a text for a class without one, which takes longer than the class."""
    found = list(frozen_classes())
    assert len(found) > 200 and not [one.name for one in found if not ast.get_docstring(one)]
