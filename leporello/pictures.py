"""What picture of a model is wanted, from what people give: on the command line, in Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from leporello.graphs.problems import refuse, suggest

if TYPE_CHECKING:
    from leporello.graphs.analysis.checks import Checked
    from leporello.graphs.drawing.options import Options
    from leporello.graphs.drawing.unfolded.focus import Focus
    from leporello.graphs.drawing.views.modes import Feedback
    from leporello.graphs.drawing.views.opened import Grouping
    from leporello.graphs.drawing.views.shown_values import ShownValues
    from leporello.graphs.phases import Phase


PLAIN = ("steps", "both", "weights", "style", "key", "motion", "cell", "dark", "scale", "positions")
"""The options that a picture takes as they are."""
NAMES = ("unfold", "output", "format", "sizes", *PLAIN, "open", "depth", "focus", "values", "feedback", "schedule")
"""All that `leporello.draw` may be told, by the words of the command line; `steps` is another for `unfold`."""


def options_for(
    checked: Checked,
    *,
    open: Sequence[str] = (),
    depth: int = 0,
    focus: int | Mapping[str, int] | Focus | None = None,
    values: str | Path | Mapping[str, Any] | ShownValues | None = None,
    feedback: str | Feedback | None = None,
    schedule: bool = False,
    **others: Any,
) -> Options:
    """The options of a picture of this model; the words are explained at `leporello.draw`.

    Raises:
        SpecError: for an option, a path, a step or a value that does not exist.
    """
    from leporello.graphs.drawing.options import Options
    from leporello.graphs.drawing.views.facts import facts

    _known(others)
    grouping = _opened(checked, open, depth)
    mode = _feedback(checked, feedback, schedule)
    given: dict[str, Any] = {
        "grouping": grouping,
        "facts": facts(checked, grouping),
        "focus": _focus(focus),
        "values": _values(checked, values),
        "feedback": mode,
        "plan": _plan(checked, mode) if schedule else (),
    }
    return Options(**given, **others)


def format_of(output: str | Path | None) -> str:
    """The format that a file's name asks for; svg where there is no file."""
    return Path(output).suffix.lower().removeprefix(".") if output is not None else "svg"


def _opened(checked: Checked, open: Any, depth: Any) -> Grouping:
    """What is drawn open; SpecError for what is no number of levels, and for paths that are none."""
    from leporello.graphs.drawing.views.opened import opened

    paths = [open] if isinstance(open, str) else open
    if isinstance(depth, bool) or not isinstance(depth, int) or depth < 0:
        raise refuse(f"depth is {depth!r}", "a whole number from 0 is allowed")
    if not isinstance(paths, Sequence) or not all(isinstance(path, str) for path in paths):
        raise refuse(f"open is {open!r}", 'paths are allowed, such as ["decoder/1"]')
    return opened(checked.graph, paths, depth)


def _known(others: Mapping[str, Any]) -> None:
    """Refuse options that do not exist, and words that an option does not know."""
    from leporello.graphs.drawing.options import Look, Weights

    for name in others:
        if name not in PLAIN:
            hint = f"{suggest(name, NAMES).partition('?')[0]}? " if "?" in suggest(name, NAMES) else ""
            raise refuse(f"a picture has no option {name!r}", f"{hint}options: {', '.join(NAMES)}")
    for name in ("both", "key", "motion", "dark", "positions"):
        if not isinstance(others.get(name, False), bool):
            raise refuse(f"{name} is {others[name]!r}", "True or False is allowed")
    if not isinstance(others.get("cell", ""), str):
        raise refuse(f"cell is {others['cell']!r}", 'a path is allowed, such as "decoder/1"')
    for name, words in (("weights", get_args(Weights)), ("style", get_args(Look))):
        if others.get(name, words[0]) not in words:
            raise refuse(f"{name} {others[name]!r} is not known", suggest(str(others[name]), words))


def _feedback(checked: Checked, given: str | Feedback | None, schedule: bool) -> Feedback | None:
    """The mode that is asked for; a schedule is that of teacher forcing where nothing else is said."""
    from leporello.graphs.drawing.views.modes import Feedback, read_feedback

    if given is not None:
        return given if isinstance(given, Feedback) else read_feedback(str(given))
    feeds_back = any(node.block == "feedback" for node in checked.graph.nodes)
    return Feedback("teacher") if schedule and feeds_back else None


def _focus(given: int | Mapping[str, int] | Focus | None) -> Focus | None:
    """The step to look at: a number, or the one step of an axis that is named."""
    from leporello.graphs.drawing.unfolded.focus import Focus

    if given is None or isinstance(given, Focus):
        return given
    axis, step = next(iter(given.items()), ("", 0)) if isinstance(given, Mapping) else ("", given)
    several = isinstance(given, Mapping) and len(given) != 1
    if several or not isinstance(axis, str) or not isinstance(step, int) or isinstance(step, bool):
        raise refuse(f"cannot look at {given!r}", 'one step is allowed: 2, or {"target": 2}')
    return Focus(step, axis)


def _values(checked: Checked, given: str | Path | Mapping[str, Any] | ShownValues | None) -> ShownValues:
    """The values in a JSON file, or as it would hold them; their names are those of nodes, composites and outputs."""
    from leporello.graphs.drawing.views.shown_values import NONE, ShownValues, read_values

    if given is None or isinstance(given, ShownValues):
        return given or NONE
    from leporello.graphs.composing.json_text import read_json
    from leporello.graphs.composing.texts import read_text

    graph = checked.graph
    composites = [composite.path for composite in graph.composites]
    words = [*(node.path for node in graph.inputs), *(output.name for output in graph.outputs)]
    known = {"words": words, "attention": composites, "gates": [*composites, *graph.index]}
    if isinstance(given, str | Path):
        return read_values(read_json(read_text(Path(given)), str(given)), known, str(given))
    return read_values(given, known)


def _plan(checked: Checked, feedback: Feedback | None) -> tuple[Phase, ...]:
    from leporello.builder.plan.phases import phases

    return phases(checked, feedback.mode if feedback else "teacher")
