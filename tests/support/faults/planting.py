"""Planting of faults: one piece of the source of the builder exchanged, in memory and for a while."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType

import pytest

from leporello.graphs.problems import SpecError

CAUGHT: tuple[type[BaseException], ...] = (
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
    SpecError,
    pytest.fail.Exception,
)
"""What a test that fails may end with."""


def functions(module: ModuleType) -> dict[str, FunctionType]:
    """The functions and methods that a module defines, by qualified name."""
    found: dict[str, FunctionType] = {}
    for value in vars(module).values():
        if isinstance(value, FunctionType) and value.__module__ == module.__name__:
            found[value.__qualname__] = value
        elif inspect.isclass(value) and value.__module__ == module.__name__:
            methods = (_plain(member) for member in vars(value).values())
            found.update({method.__qualname__: method for method in methods if isinstance(method, FunctionType)})
    return found


def _plain(member: object) -> object:
    """The function that is behind a property."""
    return getattr(member, "fget", None) or getattr(member, "func", None) or member


@contextlib.contextmanager
def planted(name: str, old: str, new: str) -> Iterator[None]:
    """One piece of a module's source exchanged, in the functions that everybody holds already."""
    module = importlib.import_module(f"leporello.builder.{name}")
    text = inspect.getsource(module)
    assert text.count(old) == 1, f"{name} has {text.count(old)} times {old!r}"
    wrong = ModuleType(module.__name__)
    known = sys.modules[module.__name__]
    sys.modules[module.__name__] = wrong
    try:
        exec(compile(text.replace(old, new), f"{name} with a fault", "exec"), wrong.__dict__)
    finally:
        sys.modules[module.__name__] = known
    before: dict[FunctionType, CodeType] = {}
    spoilt = functions(wrong)
    for path, function in functions(module).items():
        if path in spoilt and spoilt[path].__code__.co_freevars == function.__code__.co_freevars:
            before[function] = function.__code__
            function.__code__ = spoilt[path].__code__
    try:
        yield
    finally:
        for function, code in before.items():
            function.__code__ = code


@dataclass(frozen=True)
class Fault:
    """A fault: the module, what is exchanged for what, and the test that fails by it."""

    module: str
    old: str
    new: str
    caught_by: Callable[..., None]
    arguments: tuple[str, ...] = ()
