"""The folded picture as a scene."""
