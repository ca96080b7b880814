"""Graph to graph: what one mode of feedback needs, what wanted outputs need, nodes grouped into a block."""
