"""What was probably meant where a text is not YAML, or is YAML that says something else than it seems to."""

from __future__ import annotations

import re
from typing import Any

import yaml

from leporello.graphs.composing.texts import BYTE_ORDER_MARK, mark_at
from leporello.graphs.problems import Mark, SpecError, refuse

_DIRECTIVE = re.compile("(?:\\A\ufeff?|[\n\r\x85\u2028\u2029])(%)")
_NO_SPACE = re.compile(r"\ufeff?\s*(?:- +)?([A-Za-z][A-Za-z0-9_]*):([^\s:/].*)")
_TAB = re.compile(r" *\t")
_ITEM_HINT = "write `-z` for a negative value, `[z]` for a list, or put `- z` on a line of its own"

# YAML's own words (of libyaml and of PyYAML) for what it met, and ours.
_FAULTS = (
    ("sequence entries are not allowed", "a list item cannot begin here", _ITEM_HINT),
    (
        "mapping values are not allowed",
        "this colon makes a second key on one line, or a key indented too far",
        "put quotes around text that holds `: `; the keys of one mapping begin in the same column",
    ),
    (
        "expected ',' or",
        "this does not go on the bracket or brace opened at {opened}",
        "close it, or separate its entries by commas; expressions hold no brackets, braces or quotes",
    ),
    (
        "expected node content",
        "a value is missing here, or begins with a character that no value begins with",
        "write `-z` for a negative value; put quotes around other text",
    ),
    ("expected <document start>", "the spec has ended before this line", "remove the line, or what ended the spec"),
    ("end of stream", "the quote opened here is never closed", "add the closing quote"),
    ("document indicator", "the quote opened here is never closed", "add the closing quote"),
    ("escape", "this is no escape that YAML knows", "use single quotes, in which backslashes are text"),
    ("could not find expected ':'", "this line is no `key: value`", "write a colon and a space after the key"),
    ("expected '-'", "this is no item of the list begun at {opened}", "items of one list begin in the same column"),
    (
        "expected key",
        "this does not go on the mapping begun at {opened}",
        "the keys of one mapping begin in the same column; a closing bracket or quote may be one too many",
    ),
    (
        "expected <block end>",
        "this does not go on what was begun at {opened}",
        "what belongs together begins in the same column; a closing bracket or quote may be one too many",
    ),
)
_AT_OPENING = ("end of stream", "document indicator")


def check_directives(text: str, file: str) -> None:
    """Refuse lines that YAML takes as directives (`%YAML`, `%TAG`)."""
    found = _DIRECTIVE.search(text)
    if found:
        raise refuse("YAML directives (`%`) are refused", "remove the line", mark_at(text, found.start(1), 1, file))


def check_colon(text: str, mark: Mark) -> None:
    """Refuse `{axis:source}`, which YAML reads as a key `axis:source` without a value."""
    found = _NO_SPACE.fullmatch(text)
    if found:
        hint = f"write `{found[1]}: {found[2]}`"
        raise refuse("a space is missing after this colon", hint, _part(mark, found.end(1), 1))


def check_comma(text: str, behind: str, mark: Mark) -> None:
    """Refuse `{input: tanh(U, V)}`, which YAML reads as a value `tanh(U` and a key `V)`."""
    if "(" in text and text.count("(") > text.count(")") and behind.lstrip().startswith(","):
        hint = "expressions hold no commas; put quotes around other text that does"
        comma = mark._replace(column=mark.column + len(text), start=mark.end, end=mark.end + 1)
        raise refuse(f"within braces and brackets this comma cuts `{text}` off", hint, comma)


def explain(error: yaml.YAMLError, text: str, file: str) -> SpecError:
    """What YAML's error means, at its place."""
    problem = str(getattr(error, "problem", None) or error)
    found = getattr(error, "problem_mark", None)
    if found is None:
        return refuse(f"this is not YAML: {problem}", "", Mark(file, 1, 1))
    shift = int(text.startswith(BYTE_ORDER_MARK))
    opening = getattr(error, "context_mark", None) or found
    place, opened = _mark(found, shift, file), _mark(opening, shift, file)
    if special := _by_line(text, place, problem):
        return special
    if "expected ',' or" in problem and not text[place.start :].strip():
        return refuse("the bracket or brace opened here is never closed", "add the closing one", opened)
    for words, what, hint in _FAULTS:
        if words in problem:
            where = f"line {opened.line}, column {opened.column}"
            return refuse(what.format(opened=where), hint, opened if words in _AT_OPENING else place)
    return refuse(f"this is not YAML: {problem}", "", place)


def _by_line(text: str, place: Mark, problem: str) -> SpecError | None:
    """The error that the line itself, or the one before it, shows better than YAML's words."""
    begin = _line_start(text, place.start)
    line = text[begin:].split("\n", 1)[0]
    tab = _TAB.match(line)
    if tab:
        mark = place._replace(column=tab.end(), start=begin + tab.end() - 1, end=begin + tab.end())
        return refuse("a tab stands where the line is indented", "indent by spaces", mark)
    if "cannot start any token" in problem:
        character = text[place.start : place.start + 1]
        return refuse(f"no value begins with {character!r}", "put quotes around text that does", _part(place, 0, 1))
    if "could not find expected ':'" not in problem and "mapping values" not in problem:
        return None
    before = text[_line_start(text, begin - 1) : begin] if begin else ""
    for start, candidate in ((begin, line), (begin - len(before), before)):
        found = _NO_SPACE.fullmatch(candidate.rstrip())
        if found:
            mark = mark_at(text, start + found.end(1), 1, place.file)
            return refuse("a space is missing after this colon", f"write `{found[1]}: {found[2]}`", mark)
    return None


def _line_start(text: str, offset: int) -> int:
    return text.rfind("\n", 0, max(offset, 0)) + 1


def _mark(mark: Any, shift: int, file: str) -> Mark:
    return Mark(file, mark.line + 1, mark.column + 1, mark.index + shift, mark.index + shift)


def _part(mark: Mark, shift: int, length: int) -> Mark:
    """The place of some characters of a one-line scalar."""
    return mark._replace(column=mark.column + shift, start=mark.start + shift, end=mark.start + shift + length)
