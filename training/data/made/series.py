"""A series that no one can guess for long, made by an equation: the same numbers on every machine."""

from __future__ import annotations

COUNT, SUBSTEPS, EVERY, DELAY, SETTLE = 5000, 10, 6, 17, 1000


def mackey_glass(count: int = COUNT) -> list[tuple[float]]:
    """So many values of the equation of Mackey and Glass 1977, every six units of time.

    x' = 0.2 d / (1 + d^10) - 0.1 x, where d is x 17 units of time ago, with which the series is chaotic; steps are a
    tenth long, as in Jaeger and Haas 2004. Only sums and products are taken, whose last bit no library of mathematics
    decides.

    >>> [round(value, 3) for (value,) in mackey_glass(3)]
    [1.185, 0.839, 0.563]
    """
    past = [1.2] * (DELAY * SUBSTEPS + 1)
    made: list[tuple[float]] = []
    for step in range(SETTLE * SUBSTEPS + count * EVERY * SUBSTEPS):
        x, d = past[-1], past[-1 - DELAY * SUBSTEPS]
        square = d * d
        fourth = square * square
        past.append(x + (0.2 * d / (1 + fourth * fourth * square) - 0.1 * x) / SUBSTEPS)
        if step >= SETTLE * SUBSTEPS and (step - SETTLE * SUBSTEPS) % (EVERY * SUBSTEPS) == 0:
            made.append((x,))
    return made
