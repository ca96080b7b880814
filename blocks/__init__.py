"""The vocabulary: every block there is, primitives in Python and composites in YAML."""
