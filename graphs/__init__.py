"""What a model is: a graph with delays, its spec text, checks, opening, schedule and unfolding."""
