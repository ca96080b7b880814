"""From the tree of a spec to a graph as written: inputs, nodes, outputs, blocks."""
