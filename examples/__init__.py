"""The examples, each a spec that runs: what `leporello new` copies."""
