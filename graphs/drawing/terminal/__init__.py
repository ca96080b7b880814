"""From a scene to characters."""
