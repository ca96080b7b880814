"""Graph to graph (one mode of feedback, wanted outputs only, nodes grouped and expanded), and text to text (splices)."""
