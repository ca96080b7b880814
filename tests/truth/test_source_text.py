"""Long lines of generated source: wrapping never changes what a line means."""

from __future__ import annotations

import ast

import pytest

from leporello.builder.lowering.source_text import quoted, wrapped

LONG = "a_rather_long_name_of_a_variable"
LINES = [
    f"y = ({LONG} - {LONG}) * {LONG} + {LONG} * {LONG}",
    f"y = ({LONG} + {LONG} + {LONG} + {LONG} + {LONG})",
    f"y = state[{quoted(LONG * 4)}]",
    f"y = {LONG}[{LONG} + {LONG} + {LONG} + {LONG}]",
    f"y = {LONG}[:, {LONG}:{LONG} + {LONG}, {LONG}]",
    f"y = ({LONG}, {LONG}, {LONG}, {LONG})",
    f"y = ({LONG * 5},)",
    f"y = f({LONG}, {LONG}, {LONG}, g({LONG}, [{LONG}, {LONG}]))",
    f"y = f(({LONG} + {LONG}) / ({LONG} - {LONG} + {LONG} * {LONG}))",
    f"y = -({LONG} + {LONG} + {LONG} * {LONG})",
    f"y = {{{quoted('a, b')}: {LONG}, {quoted('(')}: {LONG}, {quoted(']')}: {LONG}}}",
    f"y = [{LONG}]",
    f"y = [parts[name].weight for name in ({quoted(LONG)}, {quoted(LONG)}, {quoted(LONG)}, {quoted(LONG)})]",
    f"y = f([{LONG}[name].weight for name in ({quoted(LONG)}, {quoted(LONG)})], {LONG}, {LONG})",
    f"y = f({LONG}, {LONG}, {LONG}) if z is None else {LONG}[{quoted(LONG)}]",
    f"y = z if {LONG}_and_more_of_it_and_more is None else {LONG}[{LONG}, {LONG}][:, {LONG}]",
    f"y = f({LONG})({LONG} + {LONG} + {LONG})",
    f"y = {LONG}[0]({LONG} + {LONG} + {LONG})",
    f"y = (({LONG} + {LONG}) * ({LONG} + {LONG}) / {LONG}).sum(-1)",
    f"return {LONG} + {LONG}, ({LONG} + {LONG}) * {LONG}, {LONG}",
]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("width", [30, 60, 100])
def test_wrapping_keeps_the_meaning(line: str, width: int) -> None:
    pieces = wrapped(line, width)
    assert ast.dump(ast.parse("\n".join(pieces))) == ast.dump(ast.parse(line))
    assert len(line) <= width or len(pieces) > 1 or line.startswith("return")


@pytest.mark.parametrize("line", LINES)
def test_a_comment_stays_beside_its_line(line: str) -> None:
    pieces = wrapped(f"        {line}  # [batch, time, 4]", 60)
    assert sum("# [batch, time, 4]" in piece for piece in pieces) == 1
    assert ast.dump(ast.parse("if 1:\n" + "\n".join(pieces))) == ast.dump(ast.parse(f"if 1:\n  {line}"))
