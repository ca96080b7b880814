"""Pictures of a model, folded and unfolded in time: DOT, SVG and plain terminal text."""
