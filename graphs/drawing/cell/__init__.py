"""The picture of one cell: states as rails, gates between them."""
