"""How a model runs: loops and their lowering, cells recognised, rewriting passes."""
