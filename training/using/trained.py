"""A trained model, ready for use: the module with a run's weights, and how its inputs were made numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import nn

from leporello.graphs.frozen import frozen
from leporello.graphs.graph import Graph
from leporello.graphs.problems import refuse
from leporello.training.checkpoints import load_weights
from leporello.training.data.encoders import Encoder
from leporello.training.data.vocabulary import Vocabulary
from leporello.training.generating.characters import writer_of
from leporello.training.resuming import Read, compiler, trained_encoders, trained_graph
from leporello.training.runs.run import Run
from leporello.training.runs.storage import DamagedError


@frozen
class Trained:
    """A module with the weights of `update`, in evaluation; `encoders` by input; `graph` is the spec as trained."""

    run: Run
    module: nn.Module
    graph: Graph
    encoders: Mapping[str, Encoder]
    update: int

    def check_read(self) -> None:
        """Raise SpecError for a run whose batches a program gave: nothing says how a file would become them."""
        if "given" in self.run.facts().get("data", {}):
            what = f"{self.run.folder} was trained by a program, and nothing says how files become its inputs"
            raise refuse(what, f"use it from Python: leporello.load({str(self.run.folder)!r}).module")

    @property
    def writer(self) -> nn.Module:
        """The module that writes: the same weights, without outputs that predict nothing."""
        return writer_of(self.module, self.run.facts().get("sizes", {}))

    @property
    def vocabulary(self) -> Vocabulary:
        """The characters or words of a language model. Raises SpecError for a model of several texts, or of none."""
        found = [encoder for encoder in self.encoders.values() if isinstance(encoder, Vocabulary)]
        if len(found) != 1:
            what = f"{self.run.folder} is no language model: it has {len(found) or 'no'} inputs of text"
            other = f"it translates: leporello translate {self.run.folder}" if found else "see leporello predict --help"
            raise refuse(what, other)
        return found[0]


def load_trained(
    run: Run, read: Read, checkpoint: int | None = None, build: Callable[..., nn.Module] | None = None
) -> Trained:
    """A run's model. Without `checkpoint` with the weights that validated best, or the newest.

    Raises SpecError for a folder that is no run, has no whole checkpoint, or not this one.
    """
    files, update = run.chosen(checkpoint)
    graph = trained_graph(run, read)
    module = (build or compiler())(graph, **run.facts().get("sizes", {}))
    try:
        load_weights(files, module)
    except DamagedError as error:
        hint = "name another with --checkpoint"
        raise refuse(f"the checkpoint at update {update} is damaged: {error}", hint) from error
    return Trained(run, module.eval(), graph, trained_encoders(run), update)
