"""From text to a tree of tables, lists and scalars with their places; files that a spec names."""
