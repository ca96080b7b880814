"""The grammar of expressions: text to a tree of values by recursive descent, knowing no tensors and no nodes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import cast

from leporello.graphs.expressions.times import between, is_time, misread, parse_time
from leporello.graphs.expressions.tokens import Line, Token, number, tokenize
from leporello.graphs.expressions.tree import (
    Binary,
    Call,
    Expression,
    Negative,
    Number,
    Operator,
    Place,
    Read,
    SizeName,
    evaluate_size,
    reads,
    unparse,
)
from leporello.graphs.functions import FUNCTIONS, REDUCING
from leporello.graphs.names import RESERVED
from leporello.graphs.nodes import LARGEST, NOW, Time
from leporello.graphs.problems import Mark, Problem, SpecError, refuse, suggest

__all__ = [
    "FUNCTIONS",
    "REDUCING",
    "Binary",
    "Call",
    "Expression",
    "Negative",
    "Number",
    "Read",
    "SizeName",
    "evaluate_size",
    "parse",
    "parse_size",
    "reads",
    "unparse",
]

DEPTH_LIMIT = 64
OPERATION_LIMIT = 200

_NAME_PARTS = "give parts of it names of their own"
_BLOCKS = ("softmax", "log_softmax", "argmax", "dropout", "linear", "embedding", "concatenate", "split", "layer_norm")


def parse(text: str, mark: Mark) -> Expression:
    """The expression that `text` says; `mark` is the place of its scalar in the spec.

    Raises SpecError at the very character that is wrong. Names are not looked up here.

    >>> parse("tanh(U + h.c(t-1))", Mark("spec.yaml", 1, 1)).function
    'tanh'
    """
    line = Line(text, mark)
    with suppress(SpecError):  # what is wrong is told at its place
        if line.verbatim:
            return _parsed(text)
    return _Parser(line).whole()


@lru_cache(maxsize=LARGEST)
def _parsed(text: str) -> Expression:
    """What stands in many places, or stands in a text that is edited elsewhere, is read once."""
    return _Parser(Line(text, Mark("", 1, 1))).whole()


def parse_size(text: str, mark: Mark) -> Expression:
    """A size: numbers, `$names`, `+ - * /` and parentheses.

    >>> unparse(parse_size("2*($units+1)", Mark("spec.yaml", 1, 1)))
    '2 * ($units + 1)'
    """
    return _Parser(Line(text, mark), sizes=True).whole()


class _Parser:
    """One pass over the tokens of one expression."""

    def __init__(self, line: Line, sizes: bool = False) -> None:
        self.line = line
        self.sizes = sizes
        self.tokens = tokenize(line)
        self.next = 0
        self.depth = 0
        self.operations = 0

    @property
    def token(self) -> Token:
        """The token that stands next."""
        return self.tokens[self.next]

    @property
    def ended(self) -> bool:
        return self.token.kind == "end"

    def take(self) -> Token:
        token = self.token
        self.next += 1
        return token

    def since(self, start: int) -> Place:
        """From `start` to the end of what has been taken."""
        return start, self.tokens[self.next - 1].end

    def sees(self, *signs: str) -> bool:
        return self.token.kind == "sign" and self.token.text in signs

    def wrong(self, what: str, hint: str, token: Token) -> SpecError:
        return refuse(what, hint, self.line.place(token.start, token.end))

    def whole(self) -> Expression:
        if self.ended:
            raise self.wrong("an empty expression", "write a value: a name, h(t-1), tanh(U + W), ...", self.token)
        expression = self.sum()
        if not self.ended:
            raise self.leftover(self.token)
        return expression

    def sum(self) -> Expression:
        start = self.token.start
        left = self.product()
        while self.sees("+", "-"):
            sign = self.operation()
            left = Binary(cast(Operator, sign.text), left, self.product(), self.since(start))
        return left

    def product(self) -> Expression:
        start = self.token.start
        left = self.factor()
        while self.sees("*", "/"):
            sign = self.operation()
            left = Binary(cast(Operator, sign.text), left, self.factor(), self.since(start))
        return left

    def factor(self) -> Expression:
        if self.sees("-"):
            sign = self.operation()
            return Negative(self.nested(sign, self.factor), self.since(sign.start))
        if self.sees("("):
            return self.group()
        token = self.take()
        if token.kind == "number":
            return Number(number(token, self.line), (token.start, token.end))
        if token.kind == "size":
            return SizeName(token.text[1:], (token.start, token.end))
        if token.kind == "name":
            return self.named(token)
        raise self.missing(token)

    def operation(self) -> Token:
        """The operator or function name that stands next, counted: trees stay shallow enough to walk."""
        self.operations += 1
        if self.operations > OPERATION_LIMIT:
            raise self.wrong(f"more than {OPERATION_LIMIT} operations", _NAME_PARTS, self.token)
        return self.take()

    def nested(self, token: Token, rule: Callable[[], Expression]) -> Expression:
        self.depth += 1
        if self.depth > DEPTH_LIMIT:
            raise self.wrong(f"nested deeper than {DEPTH_LIMIT}", _NAME_PARTS, token)
        expression = rule()
        self.depth -= 1
        return expression

    def group(self) -> Expression:
        """A parenthesised expression; the tokens stand at its opening parenthesis."""
        opening = self.take()
        if self.sees(")"):
            raise self.wrong("nothing stands between these parentheses", "write a value in them", opening)
        expression = self.nested(opening, self.sum)
        if self.ended:
            raise self.wrong("this parenthesis is not closed", "add `)`", opening)
        if not self.sees(")"):
            raise self.leftover(self.token)
        self.take()
        return expression

    def named(self, name: Token) -> Expression:
        """A read or a function call; its name has been taken."""
        if self.sizes:
            hint = f"did you mean ${name.text}? a size is made of numbers and $names"
            raise self.wrong(f"`{name.text}` is not a size", hint, name)
        if name.text in RESERVED:
            hint = "a time is written h(t-1), h(last); reserved: " + ", ".join(sorted(RESERVED))
            what = f"`{name.text}` is reserved and names no node"
            raise SpecError((Problem(what, hint, self.line.place(name.start, name.end), name=name.text),))
        port = self.port(name)
        if not self.sees("("):
            return self.read(name, port)
        if not port and not is_time(self.tokens, self.next):
            return self.call(name)
        if not port and name.text in FUNCTIONS:
            hint = f"apply it to a read, as {name.text}(h(t-1)); a node of this name needs another name to be read late"
            raise self.wrong(f"`{name.text}` is a function, and what it is applied to is a time", hint, name)
        time, self.next = parse_time(self.tokens, self.next, self.line)
        if self.sees("(", "."):
            hint = "a port stands before the time, and there is one time: h.c(t-1), h(t-2)"
            raise self.wrong("a read ends with its time", hint, self.token)
        return self.read(name, port, time)

    def read(self, name: Token, port: str, time: Time = NOW) -> Read:
        return Read(name.text, port, time, self.since(name.start))

    def port(self, name: Token) -> str:
        if not self.sees("."):
            return ""
        dot = self.take()
        if self.token.kind != "name":
            raise self.wrong("a port's name is missing after this dot", f"write {name.text}.c, say", dot)
        port = self.take()
        if self.sees("."):
            hint = f"a read is name.port, as {name.text}.{port.text}: what lies deeper is given out as a port"
            raise self.wrong("a read has one dot at most", hint, self.token)
        return port.text

    def call(self, name: Token) -> Expression:
        if name.text not in FUNCTIONS:
            raise self.unknown(name)
        self.next -= 1
        self.operation()
        return Call(name.text, self.group(), self.since(name.start))

    def unknown(self, name: Token) -> SpecError:
        """The error for `name(...)` where the name is no function and what is inside is no time."""
        if name.text in _BLOCKS:
            hint = f"a node of its own: {{block: {name.text}, input: ...}}"
            return self.wrong(f"`{name.text}` is a block, not a function", hint, name)
        from difflib import get_close_matches  # late: only what is wrong needs it

        close = get_close_matches(name.text.lower(), FUNCTIONS, 1)
        mentions_time = any(token.text == "t" for token in between(self.tokens, self.next))
        if (mentions_time or not close) and (problem := misread(self.tokens, self.next, self.line)):
            return problem
        what = f"`{name.text}(...)` is neither a function nor a read at a time"
        times = f"a read is {name.text}, {name.text}(t-1), {name.text}(last); "
        return self.wrong(what, ("" if close else times) + suggest(name.text, FUNCTIONS, "functions"), name)

    def missing(self, token: Token) -> SpecError:
        if token.kind == "end":
            return self.wrong("the expression ends where a value is missing", "add a name, a number or $size", token)
        return self.wrong(f"a value is missing before `{token.text}`", "operators stand between two values", token)

    def leftover(self, token: Token) -> SpecError:
        if token.text == ")":
            return self.wrong("this parenthesis was never opened", "remove it, or add `(`", token)
        hint = "join two values by + - * or /; a list [a, b] concatenates"
        return self.wrong(f"an operator is missing before `{token.text}`", hint, token)
