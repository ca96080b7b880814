"""What a run is resumed or read with: the graph that it trained, and a check that nothing has changed since."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from leporello.graphs.composing.named_files import inside
from leporello.graphs.composing.texts import read_text
from leporello.graphs.composing.tree import Scalar, Table
from leporello.graphs.graph import Graph
from leporello.graphs.problems import refuse
from leporello.training.data.encoders import Encoder, encoder_of
from leporello.training.data.reading import PARTS
from leporello.training.overrides import apply_overrides
from leporello.training.runs.run import ENCODERS, OWN, STATUS, Run
from leporello.training.runs.storage import DamagedError, read_json
from leporello.training.settings import Settings

Read = Callable[[str, str], Graph]
FREE = (
    "updates",
    "epochs",
    "patience",
    "report_every",
    "validate_every",
    "checkpoint_every",
    "keep",
    "sample",
    "workers",
)


def trained_graph(run: Run, read: Read, overrides: Sequence[str] = ()) -> Graph:
    """The graph that a run trained: its spec with what was set beside it, then `overrides`.

    `read(text, file)` reads a spec. Files are looked for in the folder of the spec that the run began with.
    """
    facts = run.facts()
    try:
        text = run.spec.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise refuse(f"{run.spec} cannot be read: {error}", "restore the file, or train again") from error
    graph = apply_overrides(read(text, str(run.spec)), [*facts.get("overrides", []), *overrides])
    return replace(graph, source=replace(graph.source, file=facts.get("file", ""), text=text))


def block_files(graph: Graph) -> dict[str, str]:
    """The texts of the block files that a spec names, by the names that it gives them.

    A run keeps them beside its spec, so that it is whole wherever it goes. Raises SpecError for a name that a run
    uses itself.
    """
    tree = graph.source.tree
    blocks = tree.get("blocks") if isinstance(tree, Table) else None
    entries = [entry for _, entry in blocks.entries if isinstance(entry, Scalar)] if isinstance(blocks, Table) else []
    for entry in entries:
        if Path(entry.text).parts[0] in OWN:
            hint = "rename it: a run keeps it beside files of its own, " + ", ".join(OWN)
            raise refuse(f"the block file {entry.text} has the name of a run's own file", hint, entry.mark)
    folder = Path(graph.file).parent
    return {entry.text: read_text(inside(folder, entry.text, entry.mark)) for entry in entries}


def trained_encoders(run: Run) -> dict[str, Encoder]:
    """How each input of a run was made numbers. Raises SpecError if that is damaged."""
    path = run.folder / ENCODERS
    try:
        found = read_json(path)
    except DamagedError as error:
        raise refuse(f"{path} cannot be read: {error}", "restore the file, or train again") from error
    if not isinstance(found, dict):
        raise refuse(f"{path} has no encoders", "restore the file, or train again")
    return {name: encoder_of(value, str(path)) for name, value in found.items()}


def compiler() -> Callable[..., Any]:
    """The project's own way from a graph and its sizes to a module."""
    from leporello.builder.compiling import compile

    return compile


def check_same(run: Run, graph: Graph, facts: Mapping[str, Any], encoders: Mapping[str, Any]) -> None:
    """Raise SpecError where a run would go on with other data, sizes, spec or settings, or is finished."""
    before = run.facts()
    if run.spec.is_file() and graph.text.encode() != run.spec.read_bytes():
        hint = "resume the run itself, without a spec, or train the changed spec in a new folder"
        raise refuse(f"the spec is not the one that {run.folder} trains", hint)
    _check_data(before, facts, run)
    if before.get("sizes") != facts["sizes"]:
        raise refuse(f"the sizes have changed: {before.get('sizes')} then, {facts['sizes']} now", "start a new run")
    if {name: one.to_json() for name, one in trained_encoders(run).items()} != encoders:
        raise refuse(f"the data are not read as {run.folder} reads them", "leave --set data away, or start a new run")
    count = before.get("processes", 1)
    if count != facts.get("processes", 1):
        what = f"{run.folder} is trained by {count} processes together, and here are {facts.get('processes', 1)}"
        raise refuse(what, f"start as many: torchrun --nproc-per-node {count} --no-python -- leporello train ...")
    known = {**Settings().to_json(), **before.get("training", {})}
    for name, value in facts["training"].items():
        if name not in FREE and known.get(name) != value:
            what = f"training.{name} was {known.get(name)} and is {value} now"
            raise refuse(what, f"a run goes on with its own settings; only {', '.join(FREE)} may change")
    if (run.folder / STATUS).exists():
        _check_unfinished(run, known, facts["training"])


def _check_unfinished(run: Run, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    status = run.status()
    if status.state != "finished":
        return
    if status.update >= now["updates"]:
        hint = f"for more, set a larger number: --set training.updates={2 * status.update}"
        raise refuse(f"{run.folder} is finished at update {status.update}", hint)
    if status.update < before["updates"] and before["patience"] == now["patience"]:
        what = f"{run.folder} ended at update {status.update}: {now['patience']} validations made nothing better"
        raise refuse(what, "for more patience, or without end: --set training.patience=0")


def _check_data(before: Mapping[str, Any], now: Mapping[str, Any], run: Run) -> None:
    """The same data, cut in the same parts."""
    known, found = before.get("data", {}), now["data"]
    for name, column in found["inputs"].items():
        one = known.get("inputs", {}).get(name, {})
        if one.get("sha256") != column["sha256"]:
            hint = f"restore the data that it began with ({one.get('source')}), or start a new run"
            raise refuse(f"{column['source']} of {name} is not what {run.folder} trains on", hint)
    counts = [[of.get(part) for part in PARTS] for of in (known, found)]
    if counts[0] != counts[1]:
        what = f"the parts of the data have {counts[1]} sequences or steps, not the {counts[0]} of {run.folder}"
        raise refuse(what, "leave --set data away, or start a new run")
