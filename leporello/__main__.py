"""`python -m leporello`: the same as the command `leporello`."""

from leporello.cli.main import main

if __name__ == "__main__":
    main()
