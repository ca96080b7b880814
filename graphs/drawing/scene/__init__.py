"""A picture as a value: every figure, line and note at its place, before any format."""
