"""Edits of graphs: feedback, pruning, grouping, expanding, renaming. Edits of texts: splices."""
