"""Word vectors of a file put into the embeddings of a model, as their first weights."""

from __future__ import annotations

import torch
from torch import nn

from leporello.builder.names import dotted
from leporello.graphs.graph import Graph
from leporello.training.data.columns import Data
from leporello.training.first_weights.vectors import Begun, begun_of, owned


@torch.no_grad()
def begin_with_vectors(module: nn.Module, graph: Graph, data: Data) -> list[Begun]:
    """Give the embeddings of inputs that have `vectors:` those of the symbols that the file knows; others stay.

    Raises SpecError for a file that cannot be read so, vectors of another length, and an input without an embedding.
    """
    weights, done = dict(module.named_parameters()), []
    for begun in begun_of(graph, data):
        for node in begun.nodes:
            weight = weights[dotted(owned(node))]
            begun.check(node, weight.shape[1])
            for number, vector in begun.vectors.items():
                weight[number] = torch.tensor(vector)
        done.append(begun)
    return done
