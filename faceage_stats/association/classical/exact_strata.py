"""The exact conditional distribution of 2 x 2 tables over strata."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import optimize, stats

from faceage_stats.association.classical.htest import Alternative, Limits

__all__ = ["ExactStrata", "exact_strata"]

_FAR = 40.0  # a log odds ratio beyond any estimate that counts can give


@dataclass(frozen=True)
class ExactStrata:
    """The sum of the first cells over strata, given all margins, at any common odds ratio.

    Attributes
    ----------
    total : float
        The sum observed.
    support, log_weight : ndarray
        Possible sums, and the logarithm of their probabilities at an odds ratio of 1.
    alternative : {"two.sided", "less", "greater"}
    """

    total: float
    support: np.ndarray
    log_weight: np.ndarray
    alternative: Alternative

    def _density(self, log_ratio: float) -> np.ndarray:
        log_density = self.log_weight + log_ratio * self.support
        density = np.exp(log_density - log_density.max())
        return np.asarray(density / density.sum())

    @cached_property
    def p_value(self) -> float:
        """P of the odds ratio 1; two-sided it sums what is no likelier than the observed sum."""
        density = self._density(0.0)
        if self.alternative == "less":
            return float(density[self.support <= self.total].sum())
        if self.alternative == "greater":
            return float(density[self.support >= self.total].sum())
        observed = density[self.support == self.total]
        return float(min(1.0, density[density <= observed * (1 + 1e-7)].sum()))

    @cached_property
    def odds_ratio(self) -> float:
        """The conditional maximum-likelihood estimate, at which the sum has its mean."""
        return self._solve(lambda log_ratio: self._density(log_ratio) @ self.support - self.total)

    def limits(self, level: float) -> Limits:
        """Odds ratios at which each tail of the observed sum has half of the rest."""
        tail = (1 - level) / 2
        above, below = self.support >= self.total, self.support <= self.total
        low = self._solve(lambda log_ratio: self._density(log_ratio)[above].sum() - tail)
        high = self._solve(lambda log_ratio: tail - self._density(log_ratio)[below].sum())
        return Limits(
            0.0 if self.total == self.support[0] else low,
            np.inf if self.total == self.support[-1] else high,
        )

    def _solve(self, rises: Callable[[float], float]) -> float:
        """The odds ratio at which a rising function is 0; 0 or infinity where it never is."""
        if rises(-_FAR) >= 0:
            return 0.0
        if rises(_FAR) <= 0:
            return float(np.inf)
        return float(np.exp(optimize.brentq(rises, -_FAR, _FAR, xtol=1e-13)))


def exact_strata(counts: np.ndarray, alternative: Alternative) -> ExactStrata:
    """Convolve the hypergeometric distributions of the strata.

    Parameters
    ----------
    counts : ndarray, shape (k, 2, 2)
    alternative : {"two.sided", "less", "greater"}
    """
    weight, lowest = np.ones(1), 0
    for table in counts.astype(int):
        row, column, n = table[0].sum(), table[:, 0].sum(), table.sum()
        first = np.arange(max(0, row + column - n), min(row, column) + 1)
        weight = np.convolve(weight, stats.hypergeom.pmf(first, n, row, column))
        lowest += int(first[0])
    kept = weight > 0
    support = lowest + np.arange(len(weight), dtype=float)
    total = float(counts[:, 0, 0].sum())
    return ExactStrata(total, support[kept], np.log(weight[kept]), alternative)
