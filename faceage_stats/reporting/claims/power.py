"""How often a claim would hold in cohorts drawn anew from what was planted in ours."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import stats

from faceage_stats._seed import DEFAULT_SEED, generator
from faceage_stats.reporting.claims.ledger import HOLDS
from faceage_stats.reporting.claims.quantity import Quantity
from faceage_stats.reporting.claims.verdict import verdicts

__all__ = ["power"]

_DRAWS = 100  # a power in whole percents


def power(
    condition: str, quantities: Mapping[str, Quantity], planted: Mapping[str, float]
) -> float:
    """Share of new cohorts in which the condition would hold, were the planted values the truth.

    Estimates are drawn from a normal distribution around the planted values, with the standard
    errors of ours, on the log scale for ratios; those of several numbers independently.

    Parameters
    ----------
    condition : str
        As in `verdicts`.
    quantities : mapping of name to Quantity
    planted : mapping of id to value

    Returns
    -------
    float
        NaN where a number has no interval or no planted value: then it is not measured.

    Examples
    --------
    >>> hr = Quantity(estimate=1.2, conf_low=1.0, conf_high=1.44, id="hr", is_ratio=True)
    >>> power("hr > 1", {"hr": hr}, {"hr": 1.2})
    0.5
    """
    known = all(q.id in planted and len(q.corners) > 1 for q in quantities.values())
    if not quantities or not known:
        return np.nan
    draws = {name: _draws(q, name, planted[q.id]) for name, q in quantities.items()}
    cohorts = [{name: draws[name][i] for name in draws} for i in range(_DRAWS)]
    return verdicts(condition, cohorts).count(HOLDS) / _DRAWS


def _draws(quantity: Quantity, name: str, truth: float) -> list[Quantity]:
    """The quantiles of the estimate in a random order; p as far as the null is 0 on the scale."""
    forward, back = (np.log, np.exp) if quantity.is_ratio else (np.asarray, np.asarray)
    z = stats.norm.ppf(0.975)
    low, high = forward([quantity.conf_low, quantity.conf_high])
    std_error = (high - low) / (2 * z)
    quantiles = stats.norm.ppf((np.arange(_DRAWS) + 0.5) / _DRAWS)
    shuffled = generator(DEFAULT_SEED, "power of a claim", name).permutation(quantiles)
    estimates = forward(truth) + std_error * shuffled
    return [
        Quantity(
            estimate=float(back(estimate)),
            conf_low=float(back(estimate - z * std_error)),
            conf_high=float(back(estimate + z * std_error)),
            p_value=float(2 * stats.norm.sf(abs(estimate / std_error))),
            n=quantity.n,
            published=quantity.published,
            id=quantity.id,
        )
        for estimate in estimates
    ]
