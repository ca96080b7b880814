"""The verbs of `leporello edit`."""
