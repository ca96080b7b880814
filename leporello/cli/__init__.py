"""The `leporello` command: thin layers over the folders below, one command a file."""
