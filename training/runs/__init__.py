"""A run as a folder: what it holds, who writes it, who follows it."""
