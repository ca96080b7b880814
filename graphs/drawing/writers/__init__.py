"""From a scene to bytes: SVG, PNG, PDF, DOT, JSON."""
