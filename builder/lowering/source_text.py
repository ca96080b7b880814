"""The look of generated source: quotes, no lines that do nothing, long lines broken at their commas."""

from __future__ import annotations

import json
import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence

from leporello.builder.lowering.lines import Line

WIDTH = 100
_ASSIGNED = re.compile(r" *([A-Za-z]\w*) = ")
_NAMES = re.compile(r"(?<![\w.\"])[A-Za-z_]\w*(?![\w\"])")
_CHOICE = re.compile(r"( *\w+ = )(.*) if (\w+ is None) else (.*)\Z")
_OPENING, _CLOSING = "([{", ")]}"


def quoted(text: str) -> str:
    """A string literal in double quotes.

    >>> print(quoted("h(t-1)"))
    "h(t-1)"
    """
    return json.dumps(text)


def listed(texts: Sequence[str]) -> str:
    """A tuple of string literals.

    >>> listed(["time"])
    '("time",)'
    """
    inside = ", ".join(quoted(text) for text in texts)
    return f"({inside},)" if len(texts) == 1 else f"({inside})"


def tidy(lines: Iterable[Line]) -> list[Line]:
    """The lines of a function without those whose value nothing uses, and none too long."""
    return [Line(piece, line.nodes) for line in _alive(list(lines)) for piece in wrapped(line.text)]


def _alive(lines: list[Line]) -> list[Line]:
    """Lines whose variable is read somewhere; every line of a function is free of side effects."""
    uses = Counter(name for line in lines for name in _NAMES.findall(_code(line.text)))
    while True:
        kept = []
        for line in reversed(lines):
            found = _ASSIGNED.match(line.text)
            if found and uses[found.group(1)] < 2:
                uses.subtract(_NAMES.findall(_code(line.text)))
            else:
                kept.append(line)
        if len(kept) == len(lines):
            return lines
        lines = kept[::-1]


def without_comments(text: str) -> str:
    """The code of a source without its comments.

    >>> without_comments("h = late(x)  # h: x(t-1)")
    'h = late(x)'
    """
    return "\n".join(_code(line).rstrip() for line in text.split("\n"))


def _code(line: str) -> str:
    return line.partition("  # ")[0]


def wrapped(line: str, width: int = WIDTH) -> list[str]:
    """The line, broken where it is too long: around `if ... else`, or at the commas of its outermost brackets."""
    code, mark, comment = line.partition("  # ")
    if not code.strip():
        return _comment(_indent(line), comment, width)
    if comment and len(_indent(code) + comment if len(code) > width else line) > width + 20:
        return [*_comment(_indent(code), comment, width), *wrapped(code, width)]
    if len(code) <= width:
        return [line]
    tail = mark + comment
    choice = _CHOICE.match(code)
    if choice:
        start, first, condition, second = choice.groups()
        pieces = [first, f"if {condition}", f"else {second}"]
        return _broken(start + "(", pieces, _indent(code) + ")" + tail, width)
    opening = _outermost(code)
    if opening is None:
        return [line]
    start, end = opening
    inside = code[start + 1 : end]
    pieces = _comprehended(inside) or [f"{piece}," for piece in _pieces(inside)]
    if len(pieces) == 1 and _is_group(code, start) and not inside.rstrip().endswith(","):
        pieces = [inside]
    return _broken(code[: start + 1], pieces, _indent(code) + code[end:] + tail, width)


def _comment(indent: str, text: str, width: int) -> list[str]:
    """A comment on lines of its own, further ones as far in as the first."""
    inner = len(text) - len(text.lstrip())
    return textwrap.wrap(
        text.lstrip(),
        width + 20,
        initial_indent=f"{indent}# {' ' * inner}",
        subsequent_indent=f"{indent}# {' ' * (inner + 4)}",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _comprehended(text: str) -> list[str]:
    """The two halves of a comprehension, nothing for other texts."""
    half, found, rest = text.partition(" for name in ")
    balanced = all(half.count(a) == half.count(b) for a, b in zip(_OPENING, _CLOSING, strict=True))
    return [half, f"for name in {rest}"] if found and balanced else []


def _is_group(code: str, start: int) -> bool:
    """Whether the bracket at `start` groups or indexes, so that a comma before its end would make a tuple."""
    called = start > 0 and (code[start - 1].isalnum() or code[start - 1] in "_)]")
    return (code[start] == "(" and not called) or (code[start] == "[" and called)


def _broken(head: str, pieces: Sequence[str], tail: str, width: int) -> list[str]:
    indent = _indent(head) + "    "
    return [head, *(part for piece in pieces for part in wrapped(indent + piece, width)), tail]


def _indent(code: str) -> str:
    return " " * (len(code) - len(code.lstrip()))


def _outermost(code: str) -> tuple[int, int] | None:
    """The widest pair of brackets that has something inside: where it opens and closes."""
    depth, start, best = 0, 0, None
    for place, character in _outside_strings(code):
        if character in _OPENING:
            if depth == 0:
                start = place
            depth += 1
        elif character in _CLOSING:
            depth -= 1
            if depth == 0 and place - start > 1 and (best is None or place - start > best[1] - best[0]):
                best = (start, place)
    return best


def _pieces(text: str) -> list[str]:
    """The parts between the commas that are in no inner bracket."""
    pieces, depth, start = [], 0, 0
    for place, character in _outside_strings(text):
        depth += (character in _OPENING) - (character in _CLOSING)
        if character == "," and depth == 0:
            pieces.append(text[start:place].strip())
            start = place + 1
    pieces.append(text[start:].strip())
    return [piece for piece in pieces if piece]


def _outside_strings(code: str) -> Iterable[tuple[int, str]]:
    inside = ""
    for place, character in enumerate(code):
        if inside:
            inside = "" if character == inside and code[place - 1] != "\\" else inside
        elif character in "\"'":
            inside = character
        else:
            yield place, character
