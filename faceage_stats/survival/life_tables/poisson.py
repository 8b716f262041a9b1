"""Limits and p value of a Poisson count against its expectation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from scipy import special, stats

from faceage_stats._near import check_option
from faceage_stats._wald import check_conf_level

__all__ = ["PoissonLimits", "count_limits", "exact_p"]

PoissonLimits = Literal["exact", "byar"]


def count_limits(
    count: np.ndarray, conf_level: float, method: PoissonLimits
) -> tuple[np.ndarray, np.ndarray]:
    """Compute limits of the mean of a Poisson count, exact or by Byar's approximation.

    Examples
    --------
    >>> low, high = count_limits(np.array([0.0, 10.0]), 0.95, "exact")
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0, 4.795], [3.689, 18.39])
    """
    check_option("method", method, PoissonLimits)
    check_conf_level(conf_level)
    tail = (1 - conf_level) / 2
    if method == "exact":
        low = np.where(count > 0, special.gammaincinv(np.maximum(count, 1.0), tail), 0.0)
        return low, np.asarray(special.gammainccinv(count + 1, tail))
    z, above = special.ndtri(1 - tail), count + 1
    with np.errstate(divide="ignore", invalid="ignore"):
        low = count * (1 - 1 / (9 * count) - z / (3 * np.sqrt(count))) ** 3
    high = above * (1 - 1 / (9 * above) + z / (3 * np.sqrt(above))) ** 3
    return np.where(count > 0, np.maximum(low, 0.0), 0.0), high


def exact_p(count: int, mean: float) -> float:
    """Two-sided p value as in R's ``poisson.test``: every count that is no likelier.

    Examples
    --------
    >>> round(exact_p(10, 4.5), 5)
    0.01709
    """
    if mean <= 0 or count == mean:
        return float("nan") if mean <= 0 else 1.0
    law = stats.poisson(mean)
    likely = law.pmf(count) * (1 + 1e-7)
    if count > mean:
        n_lower = _first(lambda k: law.pmf(k) > likely, 0, int(np.floor(mean)) + 1)
        return float(min(1.0, law.sf(count - 1) + law.cdf(n_lower - 1)))
    end = int(np.ceil(2 * mean - count))
    while law.pmf(end) > likely:
        end *= 2
    first = _first(lambda k: law.pmf(k) <= likely, int(np.ceil(mean)), end)
    return float(min(1.0, law.cdf(count) + law.sf(first - 1)))


def _first(holds: Callable[[int], bool], low: int, high: int) -> int:
    """Find the first from `low` on for which it holds, as it then does for all; `high` if none."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low
