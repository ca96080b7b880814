"""Rewriting passes: each a function from a model to a model that computes the same values."""
