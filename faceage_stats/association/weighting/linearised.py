"""Weighted means and proportions with linearised errors: arrays in, arrays out.

The errors are those of a sample with these weights drawn with replacement: n / (n - 1) times the
sum of squared scores. A group is a part of the sample, whose size is random.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import linalg, stats

__all__ = [
    "FTest",
    "GroupMeans",
    "group_scores",
    "rao_scott",
    "spread_of",
    "wald_f",
    "weighted_quantiles",
]


class FTest(NamedTuple):
    """An F statistic with its degrees of freedom."""

    statistic: float
    df: float
    df_residual: float

    @property
    def p_value(self) -> float:
        """Upper tail."""
        return float(stats.f.sf(self.statistic, self.df, self.df_residual))


class GroupMeans(NamedTuple):
    """Mean of each group, and what each row adds to its error."""

    mean: np.ndarray
    scores: np.ndarray


def group_scores(values: np.ndarray, weight: np.ndarray, codes: np.ndarray, k: int) -> GroupMeans:
    """Weighted mean of each of `k` groups; the scores, one column a group, sum to 0."""
    inside = weight[:, None] * (codes[:, None] == np.arange(k))
    total = inside.sum(axis=0)
    mean = values @ inside / total
    return GroupMeans(mean, inside * (values[:, None] - mean) / total)


def spread_of(scores: np.ndarray) -> np.ndarray:
    """Covariance of the estimates that these scores are of."""
    n = len(scores)
    return np.asarray(n / (n - 1) * scores.T @ scores)


def weighted_quantiles(values: np.ndarray, weight: np.ndarray, probs: np.ndarray) -> np.ndarray:
    """Smallest value up to which a proportion `probs` of the weight lies."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order]) / weight.sum()
    return np.asarray(values[order][np.searchsorted(reached, probs - 1e-12, side="left")])


def wald_f(means: GroupMeans) -> FTest:
    """Test that all groups have one mean; of two groups the square of the t test."""
    step = np.diff(np.eye(len(means.mean)), axis=0)
    difference = step @ means.mean
    covariance = step @ spread_of(means.scores) @ step.T
    df = len(difference)
    statistic = float(difference @ linalg.pinvh(covariance) @ difference) / df
    return FTest(statistic, df, len(means.scores) - 1 - df)


def rao_scott(rows: np.ndarray, columns: np.ndarray, weight: np.ndarray) -> FTest:
    """Test independence of two factors by Pearson's chi-squared, corrected for the weights.

    The statistic divided by its mean under independence is an F with Satterthwaite's degrees of
    freedom, from the eigenvalues of design over simple covariance.
    """
    n, k, m = len(weight), int(rows.max()) + 1, int(columns.max()) + 1
    cell = rows * m + columns
    member = cell[:, None] == np.arange(k * m)
    share = weight @ member / weight.sum()
    scores = (weight / weight.sum())[:, None] * (member - share)
    inverse = np.divide(1.0, share, out=np.zeros_like(share), where=share > 0)
    contrast = _interactions(k, m)
    scaled = inverse[:, None] * contrast
    simple = contrast.T @ scaled / n
    ratio = linalg.solve(simple, scaled.T @ spread_of(scores) @ scaled, assume_a="pos")
    table = share.reshape(k, m)
    expected = np.outer(table.sum(1), table.sum(0))
    pearson = n * float(((table - expected) ** 2 / expected).sum())
    df = float(np.trace(ratio) ** 2 / np.trace(ratio @ ratio))
    return FTest(pearson / float(np.trace(ratio)), df, df * (n - 1))


def _interactions(k: int, m: int) -> np.ndarray:
    """Contrasts of cells that are free of both margins."""
    one, other = (np.eye(size)[:, 1:] - 1 / size for size in (k, m))
    return np.kron(one, other)
