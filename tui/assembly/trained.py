"""Runs that were trained of a model: what an edit means for the weights that they have."""

from __future__ import annotations

import os
from pathlib import Path

from leporello.graphs.edits.splices.draft import Edited
from leporello.graphs.edits.splices.weight_moves import Moves
from leporello.graphs.problems import SpecError
from leporello.training.runs.run import RUNS, find_runs


def told(edited: Edited, runs: Path = RUNS) -> str:
    """What becomes of the weights of the newest run of this file; nothing where they stay, or where there is none."""
    file = os.path.abspath(edited.before.source.file)
    for run in find_runs(runs):
        try:
            is_ours = run.facts().get("file") == file
        except SpecError:
            continue
        if is_ours:
            said = _said(edited.weights)
            return f"{run.folder} was trained before: {said}; a new run can begin with those that fit" if said else ""
    return ""


def _said(moves: Moves) -> str:
    """How many weights have another path, have no place any more, or are new."""
    counts = (
        (len(moves.moved), "of its weights move"),
        (len(moves.gone), "of its weights are gone"),
        (len(moves.new), "weights are new"),
    )
    return ", ".join(f"{count} {what}" for count, what in counts if count)
