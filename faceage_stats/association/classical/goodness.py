"""Pearson's chi-squared of given proportions, and the cells that a chi-squared test compares."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._scalar import check_numbers
from faceage_stats.association.classical.count_table import CountTable, counts_of
from faceage_stats.association.classical.htest import HTest
from faceage_stats.errors import DesignError, InputError

__all__ = ["cell_table", "goodness_of_fit"]


def goodness_of_fit(values: Any, p: Any) -> HTest:
    """Compare counts with given probabilities, equal ones by default."""
    observed = counts_of(values, "chisq_test()")
    if observed.ndim != 1 or len(observed) < 2 or observed.sum() == 0:
        raise DesignError("chisq_test: the counts of 2 classes or more are needed.")
    size, total = len(observed), float(observed.sum())
    probability = np.full(size, 1 / size) if p is None else check_numbers("p", p)
    if probability.shape != observed.shape or (probability < 0).any():
        raise InputError(f"chisq_test: p must be {size} probabilities, one for each count.")
    if not math.isclose(float(probability.sum()), 1.0, rel_tol=1e-8):
        raise InputError(f"chisq_test: p sums to {probability.sum():.6g}; it must sum to 1.")
    expected = total * probability
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = float(((observed - expected) ** 2 / expected).sum())
        residual = (observed - expected) / np.sqrt(expected * (1 - probability))
    cells = {
        "level": [str(1 + i) for i in range(size)],
        "observed": observed,
        "expected": expected,
        "std_residual": residual,
    }
    return HTest(
        statistic=statistic,
        df=float(size - 1),
        p_value=float(stats.chi2.sf(statistic, size - 1)),
        n=int(total),
        method="Chi-squared test for given probabilities",
        counted=pd.DataFrame(cells),
    )


def cell_table(table: CountTable, expected: np.ndarray) -> pd.DataFrame:
    """Return one row per cell of a two-way table, with the residual R calls ``stdres``."""
    counts, total = table.counts, table.counts.sum()
    row, column = counts.sum(axis=1)[:, None] / total, counts.sum(axis=0)[None, :] / total
    residual = (counts - expected) / np.sqrt(expected * (1 - row) * (1 - column))
    return pd.DataFrame(
        {
            "level1": np.repeat(list(table.rows), len(table.columns)),
            "level2": np.tile(list(table.columns), len(table.rows)),
            "observed": counts.ravel(),
            "expected": expected.ravel(),
            "std_residual": residual.ravel(),
        }
    )
