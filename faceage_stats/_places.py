"""Places of numbers among sorted ones, in about one step each."""

from __future__ import annotations

import numpy as np

from faceage_stats._compiled import FloatArray, IntArray, compiled

__all__ = ["count_at_or_below"]


@compiled(error_model="numpy")
def count_at_or_below(values: FloatArray, x: FloatArray) -> IntArray:
    """How many of the sorted, distinct values are <= each x.

    A table over equal steps leaves about one value to compare; within a step the search is binary.
    """
    count, m = np.zeros(x.size, np.int64), values.size
    if m == 0:
        return count
    n_steps = 4 * m
    per_unit = n_steps / (values[m - 1] - values[0]) if m > 1 else 0.0
    first = np.zeros(n_steps + 2, np.int64)  # values before each step
    for value in values:
        first[min(int((value - values[0]) * per_unit), n_steps) + 1] += 1
    for k in range(n_steps + 1):
        first[k + 1] += first[k]
    for i in range(x.size):
        if x[i] >= values[m - 1]:
            count[i] = m
        elif x[i] >= values[0]:
            step = int((x[i] - values[0]) * per_unit)
            low, high = first[step], first[step + 1]
            while low < high:
                middle = (low + high) // 2
                if values[middle] <= x[i]:
                    low = middle + 1
                else:
                    high = middle
            count[i] = low
    return count
