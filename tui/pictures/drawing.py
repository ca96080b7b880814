"""From a checked model to the picture that is looked at: in cells for a screen, or in a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from leporello.builder.plan.phases import phases
from leporello.graphs.analysis.checks import Checked
from leporello.graphs.drawing.column.effort import Effort
from leporello.graphs.drawing.draw import draw
from leporello.graphs.drawing.options import Options
from leporello.graphs.drawing.terminal.cell_picture import CellPicture, folded_picture, unfolded_picture
from leporello.graphs.drawing.terminal.text_picture import text_picture
from leporello.graphs.drawing.views.badges import badged
from leporello.graphs.drawing.views.closing import folded
from leporello.graphs.drawing.views.facts import facts
from leporello.graphs.drawing.views.modes import Feedback, in_mode, read_feedback
from leporello.graphs.drawing.views.opened import Grouping, containers, opened
from leporello.graphs.drawing.views.view import Near, View
from leporello.graphs.nodes import EMPTY
from leporello.graphs.phases import Phase
from leporello.tui.pictures.lowered import with_small_letters
from leporello.tui.pictures.wanted import Shown
from leporello.writing import write_file


def cells(checked: Checked, shown: Shown, valid: bool, effort: Effort, near: Near = EMPTY) -> CellPicture:
    """The picture in cells; of what is no whole model yet, as far as it goes. SpecError for a cell that is none.

    Boxes keep their order from where they were, `near`, as far as it can be.
    """
    if shown.cell:
        drawn = draw(checked.graph, checked.axes, Options(cell=shown.cell), "txt", shown.ascii_only)
        heading, *lines = drawn.split("\n")
        written = lines if shown.ascii_only else map(with_small_letters, lines)
        return text_picture("\n".join([heading, *written]), shown.cell)
    view = replace(_view(checked, shown, valid), near=near)
    if shown.steps is None:
        return folded_picture(_sized(view, checked, shown) if shown.sizes else view, shown.ascii_only, effort)
    return unfolded_picture(view, _lengths(view, shown.steps, shown), shown.ascii_only, effort)


def _lengths(view: View, steps: int, shown: Shown) -> dict[str, int]:
    """The steps of each axis of a view."""
    said = dict(shown.lengths)
    return {axis: said.get(axis, steps) for axis in view.axes}


def _view(checked: Checked, shown: Shown, valid: bool) -> View:
    grouping, mode = _grouping(checked, shown), _mode(checked, shown)
    if mode is not None and valid:
        view = in_mode(checked.graph, checked.axes, mode, grouping)
    else:
        view = folded(checked.graph, checked.axes, grouping)
    return badged(view, _plan(checked, shown, mode, valid), grouping)


def _sized(view: View, checked: Checked, shown: Shown) -> View:
    """The size of what each box gives, beside its block."""
    known = facts(checked, _grouping(checked, shown))
    sizes = {path: said.partition(",")[0].removeprefix("size ") for path, said in known.items()}
    boxes = (
        replace(box, block=f"{box.block}  {size}" if (size := sizes.get(box.path)) else box.block) for box in view.boxes
    )
    return replace(view, boxes=tuple(boxes))


def _grouping(checked: Checked, shown: Shown) -> Grouping:
    """What is open; what an edit has taken away is left out."""
    there = containers(checked.graph)
    return opened(checked.graph, [path for path in shown.opened if path in there])


def _mode(checked: Checked, shown: Shown) -> Feedback | None:
    feeds_back = any(node.block == "feedback" for node in checked.graph.nodes)
    return read_feedback(shown.feedback) if shown.feedback and feeds_back else None


def _plan(checked: Checked, shown: Shown, mode: Feedback | None, valid: bool) -> tuple[Phase, ...]:
    wanted = shown.schedule and valid and shown.steps is None
    return phases(checked, mode.mode if mode else "teacher") if wanted else ()


def export(checked: Checked, shown: Shown, output: str, dark: bool, near: Near = EMPTY) -> None:
    """Write the picture that is looked at to a file, in the format of its name.

    Raises:
        SpecError: for a format that does not exist, and where the file cannot be written.
    """
    grouping, mode = _grouping(checked, shown), _mode(checked, shown)
    alone = Options(cell=shown.cell, dark=dark)
    options = Options(
        shown.steps,
        grouping=grouping,
        facts=facts(checked, grouping),
        feedback=mode,
        plan=_plan(checked, shown, mode, True),
        near=near,
        dark=dark,
    )
    format = Path(output).suffix.lower().removeprefix(".")
    write_file(draw(checked.graph, checked.axes, alone if shown.cell else options, format, shown.ascii_only), output)
