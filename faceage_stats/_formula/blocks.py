"""Blocks of rows that stay in the processor's cache while one column after the other is read.

Columns of a table are often interleaved in memory: read whole, each brings all others along.
"""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["blocks"]

_NUMBERS, _LEAST = 100_000, 1_000  # in a block; rows, below which calls cost more than memory


def blocks(n: int, p: int) -> Iterator[slice]:
    """Cut n rows of p columns into blocks.

    Examples
    --------
    >>> [block.stop - block.start for block in blocks(25_000, 10)]
    [10000, 10000, 5000]
    """
    size = max(_NUMBERS // max(p, 1), _LEAST)
    for start in range(0, n, size):
        yield slice(start, min(start + size, n))
