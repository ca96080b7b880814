"""A new run of a model that was edited since another run trained it: it may begin with the weights of that one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leporello.graphs.problems import SpecError
from leporello.training.first_weights.beginning import chained
from leporello.training.runs.run import Run
from leporello.tui.session.document import Document
from leporello.tui.session.history import Change
from leporello.tui.session.settings import settings_changed


def edited_since(run: Run, document: Document) -> bool:
    """Whether the text is no longer what the run was trained with; not where that cannot be read."""
    trained = trained_text(run)
    return trained is not None and trained.strip() != document.text.strip()


def moves_since(run: Run, document: Document) -> dict[str, str]:
    """Where the weights of a run are by the edits that were made of its text since.

    Nothing of edits that were made elsewhere, such as in an earlier session: then weights fit by their names alone.
    """
    trained = trained_text(run)
    return moved(trained, document.text, document.history.past) if trained is not None else {}


def moved(trained: str, text: str, past: Sequence[Change]) -> dict[str, str]:
    """Where weights went on the way from a trained text to this one; nothing where `past` does not lead there."""
    edits: list[Mapping[str, str]] = []
    for change in reversed(past):
        if text.strip() == trained.strip():
            break
        edits.append(change.moves())
        text = change.inverse.applied(text)
    found: dict[str, str] = {}
    for edit in reversed(edits) if text.strip() == trained.strip() else ():
        found = chained(found, edit)
    return found


def new_settings(run: Run, document: Document) -> tuple[str, ...]:
    """What `training:` says otherwise than the run has it, where nothing else differs that is more than words."""
    trained = trained_text(run)
    try:
        known = run.facts().get("training", {})  # what it was gone on with is there, and not in its text
    except SpecError:
        return ()
    file = str(document.path or run.spec)
    return settings_changed(trained, document.text, file, known) if trained is not None else ()


def trained_text(run: Run) -> str | None:
    """The text that a run was begun with; None where it cannot be read."""
    try:
        return run.spec.read_text(encoding="utf-8-sig")
    except (OSError, ValueError):
        return None
