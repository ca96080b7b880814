"""Labelled texts and tagged lines from the source of Python's own library, which is read and never run."""

from __future__ import annotations

import ast
import io
import keyword
import tokenize
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from sysconfig import get_paths
from typing import Any

from leporello.graphs.problems import refuse

PACKAGES = ("asyncio", "email", "importlib", "multiprocessing", "unittest", "turtle", "_pydecimal", "xml")
FILES = (
    "argparse", "bdb", "calendar", "cmd", "codecs", "configparser", "csv", "difflib", "fractions", "gettext", "gzip",
    "ipaddress", "mailbox", "optparse", "random", "shutil", "smtplib", "string", "textwrap", "zipfile",
)  # fmt: skip
SHORTEST, LONGEST = 20, 50
Documented = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@cache
def docstrings() -> list[tuple[str, str]]:
    """The first paragraph of every docstring of some packages, each beside the name of its package, none twice."""
    made: dict[str, str] = {}
    for package in PACKAGES:
        for node in _documented(package):
            paragraph = " ".join((ast.get_docstring(node) or "").partition("\n\n")[0].split())
            if len(paragraph) >= SHORTEST:
                made.setdefault(paragraph, package.strip("_"))
    _need(made)
    return list(made.items())


def _documented(package: str) -> Iterator[Documented]:
    """The classes, functions and methods of a package; what stands inside of functions is none of its own."""
    for text in _sources(package):
        inside: list[ast.stmt] = ast.parse(text).body
        while inside:
            found = [node for node in inside if isinstance(node, Documented)]
            yield from found
            inside = [node for one in found if isinstance(one, ast.ClassDef) for node in one.body]


@cache
def python_lines() -> list[tuple[list[str], list[str]]]:
    """Lines of Python as words, and beside each word what it is there, none twice.

    A name is a module, class, function, method, attribute, argument, option or variable: its place tells.
    """
    made: dict[tuple[str, ...], list[str]] = {}
    for name in FILES:
        for text in _sources(name):
            for words, tags in _tagged(text):
                made.setdefault(tuple(words), tags)
    _need(made)
    return [([*words], tags) for words, tags in made.items()]


def _need(made: Mapping[Any, Any]) -> None:
    if not made:
        hint = "install your system's full Python standard library, or name a file of your own under data:"
        raise refuse("this Python comes without the source of its library", hint)


def _sources(name: str) -> Iterator[str]:
    """The texts of a module's files, or of a package's, in order of their names, without its tests."""
    place = Path(get_paths()["stdlib"]) / name
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    for file in files:
        if file.is_file() and "test" not in str(file.relative_to(place.parent)).replace("unittest", ""):
            yield file.read_text(encoding="utf-8")


def _tagged(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """Each statement's words and tags."""
    if not text.isascii():
        return  # places are counted in bytes by one module of Python and in characters by the other
    roles = _roles(ast.parse(text))
    words: list[str] = []
    tags: list[str] = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NEWLINE:
            if 1 < len(words) <= LONGEST:
                yield words, tags
            words, tags = [], []
        elif token.type in (tokenize.NAME, tokenize.OP, tokenize.NUMBER, tokenize.STRING):
            words.append("''" if token.type == tokenize.STRING else token.string)
            tags.append(_tag(token, roles))


def _tag(token: tokenize.TokenInfo, roles: dict[tuple[int, int], str]) -> str:
    if token.type == tokenize.OP:
        return "operator"
    if token.type != tokenize.NAME:
        return "literal"
    return "keyword" if keyword.iskeyword(token.string) else roles.get(token.start, "variable")


def _roles(tree: ast.AST) -> dict[tuple[int, int], str]:
    """What each name is that is not a variable, by line and column."""
    roles: dict[tuple[int, int], str] = {}
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=attr, end_lineno=int(line), end_col_offset=int(end)):
                roles[line, end - len(attr)] = "method" if id(node) in called else "attribute"
            case ast.Name() if id(node) in called:
                roles[node.lineno, node.col_offset] = "class" if node.id[:1].isupper() else "function"
            case ast.arg():
                roles[node.lineno, node.col_offset] = "argument"
            case ast.keyword(arg=str()):
                roles[node.lineno, node.col_offset] = "option"
            case ast.FunctionDef() | ast.ClassDef():
                word = "class" if isinstance(node, ast.ClassDef) else "def"
                roles[node.lineno, node.col_offset + len(word) + 1] = "class" if word == "class" else "function"
            case ast.alias(name=name) if "." not in name:
                roles[node.lineno, node.col_offset] = "module"
    return roles
