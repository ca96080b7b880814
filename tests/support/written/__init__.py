"""Texts of specs for tests: in random layouts, spelled otherwise, edited."""
