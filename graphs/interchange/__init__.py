"""Graphs of networkx and node-link JSON, both ways."""
