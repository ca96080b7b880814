"""Uses of weights: rows and columns of parameters, so that passes never change who owns them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from leporello.builder.names import reference
from leporello.graphs.frozen import frozen

_PART = re.compile(r'(self\..*)\["(\w+)"\](\.\w+(?:\[[^"]*\])?)\Z')


@frozen
class Slice:
    """Rows (and columns) of the parameter at `path`; None stands for all. `negative` turns the sign."""

    path: str
    rows: tuple[int, int] | None = None
    columns: tuple[int, int] | None = None
    negative: bool = False

    @property
    def text(self) -> str:
        """The slice in generated source."""
        rows = "" if self.rows is None else f"{self.rows[0] or ''}:{self.rows[1]}"
        if self.columns is not None:
            rows = f"{rows or ':'}, {self.columns[0] or ''}:{self.columns[1]}"
        return ("-" if self.negative else "") + reference(self.path) + (f"[{rows}]" if rows else "")


@frozen
class Rows:
    """Some rows of a product: a weight `[units, features]` and, if there is one, its bias `[units]`."""

    units: int
    weight: Slice
    bias: Slice | None = None


def narrowed(span: tuple[int, int] | None, start: int, stop: int) -> tuple[int, int]:
    """The part from `start` to `stop` of a span."""
    first = 0 if span is None else span[0]
    return (first + start, first + stop)


def stacked(texts: Sequence[str]) -> str:
    """Matrices (or vectors) on top of each other; those of parts that stand beside each other are listed by name."""
    if len(texts) == 1:
        return texts[0]
    found = [_PART.match(text) for text in texts]
    if len(texts) > 2 and all(found) and len({(m[1], m[3]) for m in found if m}) == 1:
        names = ", ".join(f'"{m[2]}"' for m in found if m)
        (parts, rest) = next((m[1], m[3]) for m in found if m)
        return f"torch.cat([{parts}[name]{rest} for name in ({names})])"
    return f"torch.cat([{', '.join(texts)}])"


def weight_text(rows: Sequence[Rows]) -> str:
    """The weight of a product, `[units, features]`; slices of one parameter that follow each other are one."""
    return stacked([piece.text for piece in _joined([row.weight for row in rows])])


def bias_text(rows: Sequence[Rows], like: str) -> str:
    """The bias of a product, `[units]`, zero for rows that have none; `None` when no row has one."""
    if all(row.bias is None for row in rows):
        return "None"
    if all(row.bias is not None for row in rows):
        return stacked([piece.text for piece in _joined([row.bias for row in rows if row.bias is not None])])
    return stacked([row.bias.text if row.bias else f"{like}.new_zeros({row.units})" for row in rows])


def _joined(slices: Sequence[Slice]) -> list[Slice]:
    """Slices with those joined that follow each other in one parameter."""
    found: list[Slice] = []
    for piece in slices:
        before = found[-1] if found else None
        if (
            before is not None
            and before.rows is not None
            and piece.rows is not None
            and (before.path, before.columns, before.negative) == (piece.path, piece.columns, piece.negative)
            and before.rows[1] == piece.rows[0]
        ):
            found[-1] = Slice(piece.path, (before.rows[0], piece.rows[1]), piece.columns, piece.negative)
        else:
            found.append(piece)
    return found
