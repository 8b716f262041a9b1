"""MaxCombo: the largest of several weighted log-rank tests of two groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._call import checked_call
from faceage_stats._near import check_option
from faceage_stats._result import Result, frozen_result
from faceage_stats._seed import generator
from faceage_stats._wald import std_errors
from faceage_stats.errors import DesignError, InputError
from faceage_stats.survival.km.event_weights import EventWeight
from faceage_stats.survival.km.logrank import Grouped, of_strata

__all__ = ["MaxCombo", "maxcombo"]

_Alternative = Literal["two.sided", "less", "greater"]
_LOG2_DIRECTIONS = 17


@frozen_result
class MaxCombo(Result):
    """The largest of several weighted log-rank tests, made by `maxcombo`.

    Attributes
    ----------
    weights : tuple of EventWeight
    z : ndarray, shape (k,)
        Excess of events in the second group, in standard errors, for each weight.
    correlation : ndarray, shape (k, k)
        Of these statistics when the groups do not differ.
    alternative : {"two.sided", "less", "greater"}
    p_value : float
    rows : Grouped
    """

    weights: tuple[EventWeight, ...]
    z: np.ndarray
    correlation: np.ndarray
    alternative: Literal["two.sided", "less", "greater"]
    p_value: float
    rows: Grouped

    @property
    def statistic(self) -> float:
        """The statistic that is largest in the direction of the alternative."""
        return _extreme(self.z, self.alternative)

    def vcov(self) -> pd.DataFrame:
        """Return the correlation of the statistics, by the name of each test."""
        names = [weight.label() for weight in self.weights]
        return pd.DataFrame(self.correlation, index=names, columns=names)

    def tidy(self) -> pd.DataFrame:
        """Return one row per test: ``rho gamma statistic p_value``, p by itself, not adjusted."""
        return pd.DataFrame(
            {
                "rho": [weight.rho for weight in self.weights],
                "gamma": [weight.gamma for weight in self.weights],
                "statistic": self.z,
                "p_value": [_single(z, self.alternative) for z in self.z],
            }
        )

    def glance(self) -> pd.DataFrame:
        """Return one row: ``statistic p_value alternative n n_event n_missing method``."""
        row = {
            "statistic": self.statistic,
            "p_value": self.p_value,
            "alternative": self.alternative,
            "n": len(self.rows.time),
            "n_event": int(self.rows.event.sum()),
            "n_missing": self.rows.n_missing,
            "method": f"MaxCombo of {len(self.weights)} log-rank tests",
        }
        return pd.DataFrame([row])

    def _title(self) -> str:
        return (
            f"MaxCombo of {len(self.weights)} log-rank tests: {' against '.join(self.rows.labels)}"
        )

    def _note(self) -> str:
        return f"largest statistic {self.statistic:.4g}, p = {self.p_value:.3g}"


@checked_call
def maxcombo(
    formula: str,
    data: Any,
    *,
    weights: Sequence[tuple[float, float]] = ((0, 0), (1, 0), (0, 1), (1, 1)),
    alternative: Literal["two.sided", "less", "greater"] = "two.sided",
) -> MaxCombo:
    """Compare two groups by the largest of several weighted log-rank tests.

    Keeps power where the effect comes late, wanes, or crosses, without choosing a weight by the
    data.

    Parameters
    ----------
    formula : str
        As for `survdiff`, of two groups.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient, or per interval at risk.
    weights : sequence of (rho, gamma)
        Fleming and Harrington's weights of `survdiff`, two or more.
    alternative : {"two.sided", "less", "greater"}
        ``"less"``: fewer events in the second group than expected.

    Returns
    -------
    MaxCombo
        ``tidy()`` one row per weight, ``glance()`` the test, ``vcov()`` the correlation of the
        statistics.

    Raises
    ------
    DesignError
        More or fewer than two groups, or no event with both at risk.
    InputError
        Fewer than two weights, or a negative gamma.

    See Also
    --------
    survdiff : One weight.
    rmst : A difference that needs no proportional hazards.

    Notes
    -----
    The p value is a multivariate normal integral, accurate to about 1e-4 of itself and always the
    same.

    In R: ``nph::logrank.maxtest(df$time, df$event, df$group)``

    References
    ----------
    Lee JW (1996). Some versatile tests based on the simultaneous use of weighted log-rank
    statistics. Biometrics 52:721-725.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4, 5, 6, 7, 8], "d": 1, "g": list("aaabbabb")})
    >>> round(maxcombo("Surv(t, d) ~ g", df).statistic, 3)
    1.789
    """
    check_option("alternative", alternative, _Alternative)
    chosen = tuple(EventWeight(*pair) for pair in weights)
    if len(chosen) < 2:
        raise InputError(f"maxcombo: {len(chosen)} weights; give two or more pairs (rho, gamma).")
    rows = Grouped.read(formula, data, "maxcombo()")
    if len(rows.labels) != 2:
        raise DesignError(f"maxcombo: `{formula}` has {len(rows.labels)} groups; 2 are compared.")
    excess, covariance = _joint(rows, chosen)
    spread = std_errors(covariance)
    if (spread == 0).any():
        raise DesignError(f"maxcombo: `{formula}`: no event has both groups at risk.")
    z, correlation = excess / spread, covariance / np.outer(spread, spread)
    p_value = _p_of_largest(_extreme(z, alternative), correlation, alternative)
    return MaxCombo(chosen, z, correlation, alternative, p_value, rows)


def _joint(rows: Grouped, weights: Sequence[EventWeight]) -> tuple[np.ndarray, np.ndarray]:
    """Excess of the second group with every weight, and their covariance, summed over strata."""
    size = len(weights)
    excess, covariance = np.zeros(size), np.zeros((size, size))
    for parts in zip(*(of_strata(rows, weight) for weight in weights), strict=True):
        share = parts[0].at_risk[:, 1] / parts[0].at_risk.sum(axis=1)
        gap = parts[0].dying[:, 1] - share * parts[0].dying.sum(axis=1)
        weight = np.column_stack([part.weight for part in parts])
        excess += gap @ weight
        variance = parts[0].variance_factor() * share * (1 - share)
        covariance += (weight * variance[:, None]).T @ weight
    return excess, covariance


def _extreme(z: np.ndarray, alternative: str) -> float:
    return float({"less": z.min(), "greater": z.max(), "two.sided": np.abs(z).max()}[alternative])


def _single(z: float, alternative: str) -> float:
    tails = {"less": stats.norm.cdf(z), "greater": stats.norm.sf(z)}
    return float(tails.get(alternative, 2 * stats.norm.sf(abs(z))))


def _p_of_largest(largest: float, correlation: np.ndarray, alternative: str) -> float:
    """P that any of the statistics is as extreme, over directions of a normal vector.

    In each direction the length beyond which a statistic is as extreme has a chi distribution, so
    that a small p is as accurate as a large one. Statistics that determine each other (those of 1,
    S and 1 - S) leave fewer dimensions than statistics.
    """
    values, vectors = np.linalg.eigh(correlation)
    kept = values > 1e-10 * values.max()
    root, df = vectors[:, kept] * np.sqrt(values[kept]), int(kept.sum())
    points = stats.qmc.Sobol(df, rng=generator(0, "maxcombo")).random_base2(_LOG2_DIRECTIONS)
    normal = stats.norm.ppf(points)
    length = np.linalg.norm(normal, axis=1)
    along = (normal / length[:, None]) @ root.T
    if alternative == "less":
        along, largest = -along, -largest
    if largest <= 0:  # more than half of all vectors: counted
        extreme = length * (np.abs(along) if alternative == "two.sided" else along).max(axis=1)
        return float((extreme >= largest).mean())
    reach = (np.abs(along) if alternative == "two.sided" else along).max(axis=1)
    with np.errstate(divide="ignore"):
        beyond = np.where(reach > 0, largest / reach, np.inf)
    return float(stats.chi.sf(beyond, df).mean())
