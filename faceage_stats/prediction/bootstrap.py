"""Bootstrap of a measure of prediction: arrays drawn by row, through the one `resample`."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._resample import resample
from faceage_stats._scalar import check_whole
from faceage_stats.errors import InputError

__all__ = ["bootstrap", "check_resamples", "percentile_limits"]

FEWEST = 100  # resamples from which limits can be read

Estimate = Callable[[np.ndarray], np.ndarray | float]


@dataclass(frozen=True)
class _OnRows:
    """A function of row positions, as `resample` needs it."""

    estimate: Estimate
    names: tuple[str, ...]

    def on_rows_of(self, frame: pd.DataFrame) -> _OnRows:
        return self

    def observed(self) -> dict[str, float]:
        return dict.fromkeys(self.names, 0.0)  # known to the caller; only the names are needed

    def on_rows(self, rows: np.ndarray) -> dict[str, float]:
        values = np.ravel(self.estimate(rows)).tolist()
        return dict(zip(self.names, values, strict=True))


def bootstrap(
    estimate: Estimate,
    shape: tuple[int, ...],
    strata: np.ndarray,
    *,
    n_resamples: int,
    seed: int,
    name: str,
) -> np.ndarray:
    """Repeat an estimate on rows drawn with replacement.

    Parameters
    ----------
    estimate : callable
        Takes the positions of the rows drawn, shape (n,), and returns an array. A replicate may be
        undefined in parts (NaN), or in whole by raising a `FaceageError`.
    shape : tuple of int
        Shape of that array; () for a number.
    strata : ndarray, shape (n,)
        Rows are drawn within its levels, whose sizes stay (cases and controls); zeros when they are
        drawn from all rows.
    n_resamples, seed : int
    name : str
        What is drawn; other names give independent draws.

    Returns
    -------
    ndarray, shape (n_resamples, ...)
        NaN where a replicate gave no estimate.

    Raises
    ------
    InputError
        Too few resamples, or a seed that is not a whole number of 0 or more.
    ConvergenceError
        No replicate gave an estimate.

    See Also
    --------
    faceage_stats.resample : The bootstrap of any function of a table.

    Examples
    --------
    >>> x = np.array([1.0, 2.0, 3.0, 4.0])
    >>> draws = bootstrap(lambda rows: x[rows].mean(), (), np.zeros(4), n_resamples=100, seed=0,
    ...                   name="mean")
    >>> draws.shape
    (100,)
    """
    check_resamples(n_resamples)
    names = tuple(str(i) for i in range(math.prod(shape)))
    frame = pd.DataFrame({"stratum": strata})
    found = resample(
        _OnRows(estimate, names), frame, n_resamples, seed=seed, stratify="stratum", name=name
    )
    return found.draws.to_numpy(float).reshape(n_resamples, *shape)


def check_resamples(n_resamples: int, *, none_allowed: bool = False) -> None:
    """Refuse numbers of resamples from which no limit can be read.

    Examples
    --------
    >>> check_resamples(10)
    Traceback (most recent call last):
    faceage_stats.errors.InputError: n_resamples is 10; use at least 100, e.g. 2000.
    """
    if check_whole("n_resamples", n_resamples) == 0 and none_allowed:
        return
    if n_resamples < FEWEST:
        nothing = "0 (no intervals) or " if none_allowed else ""
        raise InputError(
            f"n_resamples is {n_resamples}; use {nothing}at least {FEWEST}, e.g. 2000."
        )


def percentile_limits(draws: np.ndarray, conf_level: float) -> tuple[Any, Any]:
    """Percentile limits over the first axis; undefined draws are excluded.

    Examples
    --------
    >>> low, high = percentile_limits(np.arange(101.0), 0.9)
    >>> round(float(low), 6), round(float(high), 6)
    (5.0, 95.0)
    """
    tail = (1 - conf_level) / 2
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="All-NaN slice")
        low, high = np.nanquantile(draws, [tail, 1 - tail], axis=0)
    return low, high
