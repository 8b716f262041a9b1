"""Quantiles of the studentised range, which SciPy integrates."""

from __future__ import annotations

from functools import lru_cache

from scipy import stats

__all__ = ["range_quantile"]


@lru_cache(maxsize=1000)  # SciPy needs 0.1 to 0.3 s; what is printed, told and stored is one answer
def range_quantile(level: float, k: int, df: float) -> float:
    """Return the studentised range of `k` means that chance exceeds with 1 - `level`."""
    return float(stats.studentized_range.ppf(level, k, df))
