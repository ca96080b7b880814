"""How fast compiled models are, beside torch's own layers and loops that a person would write."""
