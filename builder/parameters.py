"""How generated source names the parts and parameters of a module."""

from __future__ import annotations

from leporello.builder.names import attribute


def part(path: str) -> str:
    """The submodule at `path`."""
    first, *rest = path.split("/")
    return f"self.{attribute(first, True)}" + "".join(f'["{attribute(name, False)}"]' for name in rest)


def reference(path: str) -> str:
    """The parameter at `path` (its last name is the parameter's)."""
    owner, name = path.rsplit("/", 1)
    return f"{part(owner)}.{name}"
