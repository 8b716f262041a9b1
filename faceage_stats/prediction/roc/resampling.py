"""Stratified bootstrap counts: the same draws for every curve, whatever the order of the work."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from faceage_stats.errors import InputError

__all__ = ["check_resamples", "percentile_limits", "stratified_counts"]


def stratified_counts(is_case: np.ndarray, n_resamples: int, seed: int) -> Iterator[np.ndarray]:
    """How often each row is drawn, cases and controls each keeping their number.

    Replicate b has its own generator from (seed, b).
    """
    strata = [np.flatnonzero(is_case), np.flatnonzero(~is_case)]
    for replicate in range(n_resamples):
        rng = np.random.default_rng([seed, replicate])
        counts = np.zeros(len(is_case))
        for rows in strata:
            drawn = rng.integers(0, len(rows), len(rows))
            counts[rows] = np.bincount(drawn, minlength=len(rows))
        yield counts


def check_resamples(n_resamples: int, seed: int) -> None:
    """Refuse numbers of resamples from which no limit can be read."""
    if n_resamples < 100:
        raise InputError(f"n_resamples is {n_resamples}; use at least 100, e.g. 2000.")
    if seed < 0:
        raise InputError(f"seed is {seed}; it must be 0 or a positive whole number.")


def percentile_limits(draws: np.ndarray, conf_level: float) -> tuple[np.ndarray, np.ndarray]:
    """Percentile limits over the first axis, undefined draws left out."""
    tail = (1 - conf_level) / 2
    low, high = np.nanquantile(draws, [tail, 1 - tail], axis=0)
    return low, high
