"""The unfolded picture as a scene: strips of one column each, copied over the steps."""
