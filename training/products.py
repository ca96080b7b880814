"""Products of matrices in bfloat16 while everything else stays in float32: faster where a processor has such units."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

PRECISIONS = {"float32": "highest", "bfloat16": "medium"}


@contextmanager
def products_in(kind: str) -> Iterator[None]:
    """Within it torch multiplies matrices of float32 numbers as `kind` says, and adds up in float32.

    >>> with products_in("bfloat16"):
    ...     torch.get_float32_matmul_precision()
    'medium'
    """
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(PRECISIONS[kind])
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)
