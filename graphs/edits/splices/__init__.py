"""Edits of a spec's text, one function each: what is not edited stays as it is, to the byte."""
