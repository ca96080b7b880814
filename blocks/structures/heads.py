"""Multi-head attention: as many uses of scaled dot-product attention side by side as there are heads."""

from __future__ import annotations

from leporello.blocks.structures.asked import Said, body_text, count, joined, written
from leporello.graphs.blocktypes import Registry
from leporello.graphs.problems import refuse


def multi_head_attention(said: Said, registry: Registry) -> str:
    """The body of attention with several heads; each has its own maps of query, memory and what is looked up."""
    heads, units = count(said, "heads"), said.get("units")
    if isinstance(units, int) and units % heads:
        raise refuse(
            f"{units} units for {heads} heads", f"units: {units - units % heads or heads} has equal parts for them"
        )
    part = f"$units / {heads}" if heads > 1 else "$units"
    nodes = {}
    for head in range(1, heads + 1):
        nodes[f"Q_{head}"] = written("linear", input="query", units=part, bias=False)
        nodes[f"K_{head}"] = written("linear", input="memory", units=part, bias=False)
        nodes[f"V_{head}"] = written("linear", input="memory", units=part, bias=False)
        product = f"Q_{head} * K_{head}(all) / sqrt({part})"
        nodes[f"score_{head}"] = written("sum", input=product, over="features")
        nodes[f"weights_{head}"] = written("softmax", input=f"score_{head}")
        nodes[f"context_{head}"] = f"sum(weights_{head} * V_{head}(all))"
    names = range(1, heads + 1)
    nodes["context"] = written(
        "linear", input=joined(*(f"context_{head}" for head in names)), units="$units", bias=False
    )
    total = " + ".join(f"weights_{head}" for head in names)
    nodes["weights"] = f"({total}) / {heads}" if heads > 1 else total
    return body_text(nodes, {"context": "context", "weights": "weights"})
