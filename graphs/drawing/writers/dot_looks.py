"""How boxes and wires look in Graphviz: shapes, colours, dashes and hover texts as attributes."""

from __future__ import annotations

from collections.abc import Sequence

from leporello.graphs.drawing.letters.labels import escape, in_lines, markup, maths, plain
from leporello.graphs.drawing.scene.palette import FILLS, GROUND, INK, LINES, MUTED
from leporello.graphs.drawing.views.view import Box, Edge, Kind, Style

_PILLS = ("function", "initial", "every")
_PALE = "50"
"""What a colour ends in that lets the ground shine through."""


def box_look(kind: Kind, label: str, title: str, name: str, faint: bool = False) -> dict[str, str]:
    """The attributes of a box; its `id` is its name (its path), so that a picture can be linked and styled."""
    import graphviz

    fill, stroke = (shade if shade == "none" else shade + _PALE * faint for shade in FILLS[kind])
    hover = "\n".join(plain(line, 200) for line in title.split("\n"))
    look = {"id": graphviz.escape(name), "tooltip": graphviz.escape(hover)}
    look |= {"fillcolor": fill, "color": stroke} | ({"fontcolor": INK + _PALE} if faint else {})
    if kind in ("input", "output"):
        shape = "circle" if len(label) <= 3 and "predicts" not in title else "ellipse"
        return look | {"shape": shape, "margin": "0.03", "width": "0.5"}
    style = "filled" if kind == "layer" else "rounded,filled"
    style += {"feedback": ",dashed", "initial": ",dotted"}.get(kind, "")
    height = "0.3" if kind in _PILLS else "0.42"
    return look | {"shape": "box", "style": style, "margin": "0.12,0.05", "height": height, "width": "0.45"}


def box_label(box: Box) -> str:
    """The name and, below it, block or formula."""
    below = "" if box.kind == "input" else box.block.removeprefix("output").removeprefix(", ")
    badge = _small([plain(box.badge.text, 32)]) if box.badge else ""
    lines = in_lines(below, 32) if box.spelled else [plain(below, 32)] if below else []
    lines += [line for more in box.more for line in in_lines(more, 32)]
    if box.nameless:
        return f"<{'<br/>'.join(map(escape, lines))}{badge}>"
    name = escape(plain(box.label)) if box.upright else markup(box.label)
    return f"<{name}{_small(lines, box.faint)}{badge}>"


def _small(lines: Sequence[str], faint: bool = False) -> str:
    colour = MUTED + _PALE * faint
    said = "<br/>".join(map(escape, lines))
    return f'<br/><font point-size="9" color="{colour}">{said}</font>' if lines else ""


def wire_look(edge: Edge) -> dict[str, str]:
    """The attributes of a wire, its time aside."""
    return style_look(edge.style, edge.faint)


def style_look(style: Style, faint: bool) -> dict[str, str]:
    """The attributes of a wire of a style."""
    look = {"color": LINES[style] + _PALE * faint, "fontcolor": INK + _PALE * faint}
    if style in ("fed_back", "initial", "predicts"):
        look["style"] = "dashed" if style == "fed_back" else "dotted"
    if style == "all":
        look["penwidth"] = "2"
    return look | ({"arrowhead": "none"} if style == "predicts" else {})


def wire_label(edge: Edge) -> str:
    """What stands on a wire of the folded picture: a boxed delay, the steps read, the port."""
    time, color, muted = edge.time, LINES[edge.style] + _PALE * edge.faint, MUTED + _PALE * edge.faint
    style = edge.style if edge.style in ("initial", "predicts") else ""
    steps = str(time).strip("()") if time.kind != "t" and not style else ""
    word = escape(plain(" ".join(filter(None, (style, edge.said, steps))))) if style or edge.said or steps else ""
    if time.kind != "t" or time.offset == 0:
        return f'<<font color="{color}"> {word} </font>>' if word else ""
    power = f"{time.offset:+d}".replace("-", "\N{MINUS SIGN}")
    boxed = f'<td border="1"><font color="{color}">{maths("z")}<sup>{power}</sup></font></td>'
    beside = f'<td><font color="{muted}">{word}</font></td>' if word else ""
    table = f'<table border="0" cellborder="0" cellpadding="2" color="{color}" bgcolor="{GROUND}">'
    return f"<{table}<tr>{boxed}{beside}</tr></table>>"
