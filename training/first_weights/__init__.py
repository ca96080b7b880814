"""Weights that a run begins with, where chance does not give them."""
