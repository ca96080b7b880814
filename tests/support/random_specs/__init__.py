"""Writes random specs for Hypothesis, node by node."""
