"""JSON text as plain values, under the limits of a spec and with every fault at its place."""

from __future__ import annotations

import json
import re
from typing import Any

from leporello.graphs.composing.scalars import number_or_none
from leporello.graphs.composing.texts import BYTE_ORDER_MARK, DEPTH_LIMIT, NODE_LIMIT, check_text, mark_at
from leporello.graphs.problems import Mark, SpecError, refuse

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_TOKEN = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*")(?P<colon>[ \t\r\n]*:)?'
    r"|(?P<open>[\[{])|(?P<close>[\]}])|(?P<comma>,)|(?P<bare>-?Infinity|NaN)|(?P<number>-?[0-9][-+.eE0-9]*)"
)


def read_json(text: str, file: str = "<json>") -> Any:
    """The value of a JSON text as dicts, lists and plain values.

    Raises SpecError, with its place, for a syntax error, a key that stands twice in one object, NaN and
    Infinity, a number that no float can hold, and anything over 1 MB, 64 levels or 200,000 values.

    >>> read_json('{"nodes": [1, null]}')
    {'nodes': [1, None]}
    """
    check_text(text, file)
    body = " " + text[1:] if text.startswith(BYTE_ORDER_MARK) else text
    repeated = _Scan(text, file).run(body)
    try:
        value = json.loads(body)
    except json.JSONDecodeError as error:
        what = f"this is not JSON: {error.msg[0].lower()}{error.msg[1:]}"
        hint = "JSON has double quotes around every key and text, and no comma before a closing bracket"
        raise refuse(what, hint, mark_at(text, error.pos, 0, file)) from None
    if repeated:
        raise repeated
    return value


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
