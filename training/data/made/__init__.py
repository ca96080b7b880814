"""Data that every machine has: what comes with Python, and what is generated."""
