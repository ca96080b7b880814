"""The Python of a pack: its registrations, imported when one of them is used, and what is asked of them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from leporello.blocks.declared import Gives, Shapes
from leporello.blocks.packs.index import EQUATIONS, check_declared
from leporello.blocks.packs.installed import Pack
from leporello.graphs.blocktypes import BlockType, MisfitError, Value
from leporello.graphs.computation import PLACE, Computation
from leporello.graphs.names import check_name
from leporello.graphs.problems import SpecError, refuse, suggest
from leporello.graphs.schemes import scheme_faults

_IN_SCOPE = ("torch", "Tensor", "nn", "F", "dimension", "mask")
"""What an expression sees beside ports, parameters and weights."""


def registered(pack: Pack) -> Mapping[str, BlockType | SpecError]:
    """The blocks that a pack registers, by name, called `pack/block`, and what is wrong with those that cannot be used.

    Raises:
        SpecError: if it cannot be imported, is imported from elsewhere, or registers what is no block.
    """
    found: dict[str, BlockType | SpecError] = {}
    for kind in _imported(pack):
        if not isinstance(kind, BlockType) or not isinstance(kind.name, str):
            raise refuse(f"{pack.module} registers {kind!r:.80}, which is no BlockType", "")
        twice = refuse(f"{pack.module} registers {kind.name} twice", "keep one of them")
        found[kind.name] = twice if kind.name in found else _usable(kind, pack)
    return found


def _usable(kind: BlockType, pack: Pack) -> BlockType | SpecError:
    """The block as a registry holds it, or what is wrong with it."""
    try:
        check_name(kind.name, None, "block")
        _check(kind, pack)
    except SpecError as error:
        return error
    except Exception as error:  # it was made by no program of ours
        return refuse(f"{kind.name} is no block that can be used: {_said(error)}", "its author can say why")
    name = f"{pack.name}/{kind.name}"
    made = replace(kind, name=name, shipped=True, operator=False, mark=None)
    return replace(made, infer=_kept(kind.infer, name), weights=_kept(kind.weights, name))


def _kept(rule: Any, name: str) -> Any:
    """A rule whose own faults are told where the block is used, as misfits are; one that is said as sizes has none."""
    if rule is None or isinstance(rule, Gives | Shapes):
        return rule

    def told(values: Mapping[str, Value], parameters: Mapping[str, Any]) -> Any:
        try:
            return rule(values, parameters)
        except (MisfitError, SpecError):
            raise
        except Exception as error:
            raise MisfitError(f"the sizes of {name} fail: {_said(error)}", "its author can say why") from error

    return told


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:500]


def _imported(pack: Pack) -> Iterable[Any]:
    if not pack.attribute:
        hint = f'an entry point such as {pack.name} = "{pack.module}:BLOCKS", BLOCKS a list of BlockType'
        raise refuse(f"the entry point of the pack {pack.name} names no registrations", hint)
    try:
        module = import_module(pack.module)
        kinds: Any = module
        for name in pack.attribute.split("."):
            kinds = getattr(kinds, name)
    except SpecError:
        raise
    except (Exception, SystemExit) as error:  # whatever a pack's code does while it is imported
        hint = "its author can say why; LEPORELLO_PACKS leaves packs out"
        raise refuse(f"importing {pack.module} failed: {_said(error)}", hint) from error
    place = getattr(module, "__file__", None)
    if pack.folder is None or place is None or not Path(place).resolve().is_relative_to(pack.folder.resolve()):
        raise refuse(f"{pack.module} was imported from {place}, not from {pack.folder}", "another module has its name")
    if isinstance(kinds, Mapping):
        kinds = kinds.values()
    if isinstance(kinds, str | bytes) or not isinstance(kinds, Iterable):
        raise refuse(f"{pack.module}:{pack.attribute} is no list of block types", "a list or a tuple of BlockType")
    return kinds


def _check(kind: BlockType, pack: Pack) -> None:
    """Refuse a block that could not be used: its fault would show in another's model."""
    if kind.is_composite:
        return
    if kind.infer is None:
        raise refuse(f"{kind.name} has neither a body nor a rule for sizes", "infer=Gives(...) or a function")
    check_declared(kind)
    computation = kind.computation()
    if not isinstance(computation, Computation) or not computation.expression:
        raise refuse(f"{kind.name} has no expression", "computation=Computation('torch.tanh({input})')")
    if kind.equation not in EQUATIONS:
        raise refuse(f"equation of {kind.name} is {kind.equation!r}", "one of " + ", ".join(EQUATIONS))
    ports, parameters = [port.name for port in kind.ports], [parameter.name for parameter in kind.parameters]
    names = [*ports, *(name for name in parameters if name not in computation.starts), *computation.starts]
    for name in names:
        if names.count(name) > 1 or name in _IN_SCOPE:
            raise refuse(
                f"{kind.name} uses the name {name} twice", "ports, parameters and weights have names of their own"
            )
    texts = [start for start in computation.starts.values() if isinstance(start, str) and "{" in start]
    for weight, start in computation.starts.items():
        for what, hint, _ in scheme_faults(start) if start not in texts else ():
            raise refuse(f"{kind.name} starts {weight} by what is no scheme: {what}", hint)
    for name in (*computation.names, *(name for text in texts for name in PLACE.findall(text))):
        if name not in (*names, *_IN_SCOPE):
            raise refuse(f"{kind.name} reads {{{name}}}", suggest(name, names, "it may read"))
    try:
        ast.parse(computation.plain, mode="eval")
    except (SyntaxError, ValueError) as error:
        raise refuse(f"the expression of {kind.name} is no Python: {error}") from None
    _check_helper(kind.name, computation.helper, pack)


def _check_helper(block: str, source: str, pack: Pack) -> None:
    """Functions alone, each with the pack's name before its own: no name of a spec, and none of ours, begins so."""
    prefix = f"_{pack.name}_"
    try:
        made = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        raise refuse(f"the helper of {block} is no Python: {error}") from None
    for statement in made.body:
        if not isinstance(statement, ast.FunctionDef) or not statement.name.startswith(prefix):
            hint = f"functions alone, called {prefix}...: they stand in generated source"
            raise refuse(f"line {statement.lineno} of the helper of {block} is no function of its pack", hint)
    for inner in ast.walk(made):
        if isinstance(inner, ast.Import | ast.ImportFrom):
            what = f"line {inner.lineno} of the helper of {block} imports"
            raise refuse(what, "generated source needs nothing but torch, Tensor, nn and F")
