"""The commands that train models and serve their runs: train, watch, stop, runs, generate."""
