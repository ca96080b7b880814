"""The commands that train models and use them: train, watch, stop, runs, generate, translate, predict, evaluate."""
