"""JSON text to the same tree as YAML's, under the limits of a spec and with every fault at its place."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from typing import Any

from leporello.graphs.composing.scalars import number_or_none
from leporello.graphs.composing.texts import BYTE_ORDER_MARK, DEPTH_LIMIT, NODE_LIMIT, check_text, mark_at
from leporello.graphs.composing.tree import Scalar, Sequence, Table, Tree, plain
from leporello.graphs.problems import Mark, SpecError, refuse

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_TOKEN = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*")(?P<colon>[ \t\r\n]*:)?'
    r"|(?P<open>[\[{])|(?P<close>[\]}])|(?P<comma>,)|(?P<bare>-?Infinity|NaN)|(?P<number>-?[0-9][-+.eE0-9]*)"
    r"|(?P<word>true|false|null)"
)
_WORDS = {"true": True, "false": False, "null": None}


def read_json(text: str, file: str = "<json>") -> Any:
    """The value of a JSON text as dicts, lists and plain values; raises SpecError as `compose_json` does.

    >>> read_json('{"nodes": [1, null]}')
    {'nodes': [1, None]}
    """
    return plain(compose_json(text, file))


def compose_json(text: str, file: str = "<json>") -> Tree:
    """The tree of a JSON text.

    Raises SpecError, with its place, for a syntax error, a key that stands twice in one object, NaN and
    Infinity, a number that no float can hold, and anything over 1 MB, 64 levels or 200,000 values.
    """
    check_text(text, file)
    body = " " + text[1:] if text.startswith(BYTE_ORDER_MARK) else text
    repeated = _Scan(text, file).run(body)
    try:
        json.loads(body)
    except json.JSONDecodeError as error:
        what = f"this is not JSON: {error.msg[0].lower()}{error.msg[1:]}"
        hint = "JSON has double quotes around every key and text, and no comma before a closing bracket"
        raise refuse(what, hint, mark_at(text, error.pos, 0, file)) from None
    if repeated:
        raise repeated
    return _Builder(text, file).tree(body)


class _Builder:
    """One pass over the tokens of a text that is JSON."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.lines = [int(text.startswith(BYTE_ORDER_MARK)), *(found.end() for found in re.finditer("\n", text))]
        self.waiting: list[tuple[int, list[tuple[Scalar | None, Tree]], Scalar | None]] = []
        self.key: Scalar | None = None
        self.whole: Tree | None = None

    def tree(self, body: str) -> Tree:
        for token in _TOKEN.finditer(body):
            if token["open"]:
                self.waiting.append((token.start(), [], self.key))
                self.key = None
            elif token["close"]:
                start, found, key = self.waiting.pop()
                self.key = key
                self.keep(self.collection(found, self.mark(start, token.end()), token["close"] == "}"))
            elif token["colon"]:
                self.key = self.scalar(token["string"], token.start())
            elif not token["comma"]:
                self.keep(self.scalar(token.group(), token.start()))
        assert self.whole is not None
        return self.whole

    def keep(self, tree: Tree) -> None:
        if self.waiting:
            self.waiting[-1][1].append((self.key, tree))
        else:
            self.whole = tree
        self.key = None

    def collection(self, found: list[tuple[Scalar | None, Tree]], mark: Mark, table: bool) -> Tree:
        if table:
            return Table(tuple((key, tree) for key, tree in found if key is not None), mark, True)
        return Sequence(tuple(tree for _, tree in found), mark, True)

    def scalar(self, written: str, start: int) -> Scalar:
        mark = self.mark(start, start + len(written))
        if written[0] == '"':
            text = json.loads(written) if "\\" in written else written[1:-1]
            return Scalar(text, text, mark, False)
        value = _WORDS[written] if written in _WORDS else json.loads(written)
        return Scalar(value, "" if value is None else written, mark, True)

    def mark(self, start: int, end: int) -> Mark:
        line = bisect_right(self.lines, start)
        return Mark(self.file, line, start - self.lines[line - 1] + 1, start, end)


class _Scan:
    """One pass over the tokens of a JSON text, before anything recurses."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.levels: list[dict[str, int]] = []
        self.repeated: SpecError | None = None

    def run(self, body: str) -> SpecError | None:
        """Raise for what no limit allows; the first repeated key is returned, to be raised if all else is JSON."""
        values = 0
        for token in _TOKEN.finditer(body):
            self.check(token)
            values += token["comma"] is not None or token["open"] is not None or token["colon"] is not None
            if values > NODE_LIMIT:
                raise refuse(f"more than {NODE_LIMIT:,} values", "a spec is far smaller", self.place(token))
        return self.repeated

    def check(self, token: re.Match[str]) -> None:
        if token["string"]:
            self.string(token)
        elif token["open"]:
            self.levels.append({})
            if len(self.levels) > DEPTH_LIMIT:
                raise refuse(f"nested deeper than {DEPTH_LIMIT}", "a graph is flat", self.place(token))
        elif token["close"] and self.levels:
            self.levels.pop()
        elif token["bare"]:
            raise refuse(f"{token.group()} is not a number of JSON", "write a finite number", self.place(token))
        elif token["number"] and _NUMBER.fullmatch(token.group()) and number_or_none(token.group()) is None:
            raise refuse("this number is too large", "numbers reach to 1e308", self.place(token))

    def string(self, token: re.Match[str]) -> None:
        """Note a key, and refuse halves of characters, which no file and no terminal can show."""
        written = token["string"]
        try:
            value = json.loads(written) if "\\" in written else written[1:-1]
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise refuse("half of a surrogate pair", "write the character itself", self.place(token)) from None
        except json.JSONDecodeError:
            return
        if token["colon"] is None or not self.levels:
            return
        first = self.levels[-1].setdefault(value, token.start())
        if first != token.start() and self.repeated is None:
            line = mark_at(self.text, first, 0, self.file).line
            self.repeated = refuse(f"the key {value!r} stands here again", f"first on line {line}", self.place(token))

    def place(self, token: re.Match[str]) -> Mark:
        return mark_at(self.text, token.start(), len(token.group()), self.file)
