"""What a model is to do with its data: losses, scores, and what it shows of itself at a validation."""
