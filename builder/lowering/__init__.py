"""From the plan of a model to the source of a PyTorch module."""
