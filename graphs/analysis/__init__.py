"""What is known of a model before it runs: axes, loops, sizes, leaks, weights; its unfolding; what it costs."""
