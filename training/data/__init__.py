"""What a model is trained on: which file or generator feeds which input, and how its values become numbers."""
