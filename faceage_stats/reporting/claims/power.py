"""How often a claim would hold in cohorts drawn anew from what was planted in ours."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._plain import records
from faceage_stats._seed import DEFAULT_SEED, generator
from faceage_stats.reporting.claims.ledger import HOLDS
from faceage_stats.reporting.claims.quantity import Quantity
from faceage_stats.reporting.claims.verdict import verdicts

__all__ = ["drawn_power", "normal_power"]

_DRAWS = 100  # a power in whole percents
_DRAWN = ["estimate", "conf_low", "conf_high", "p_value"]


def drawn_power(
    condition: str, quantities: Mapping[str, Quantity], draws: pd.DataFrame
) -> tuple[float, int]:
    """Share of cohorts drawn anew in which the condition holds, and how many were drawn.

    Parameters
    ----------
    condition : str
        As in `verdicts`.
    quantities : mapping of name to Quantity
        Each names its estimates among the draws by `drawn`; those of one seed are of one cohort.
    draws : DataFrame
        ``drawn seed estimate conf_low conf_high p_value``.

    Returns
    -------
    tuple of float and int
        NaN and 0 where a number was not drawn.

    Examples
    --------
    >>> draws = pd.DataFrame({"drawn": "hr", "seed": [1, 2], "estimate": [1.2, 1.1],
    ...                       "conf_low": [1.05, 0.9], "conf_high": [1.4, 1.3], "p_value": 0.5})
    >>> drawn_power("hr > 1", {"hr": Quantity(drawn="hr")}, draws)
    (0.5, 2)
    """
    found = {name: _of_seeds(draws[draws["drawn"] == q.drawn]) for name, q in quantities.items()}
    if not found or not all(found.values()):
        return np.nan, 0
    cohorts = [
        {name: dataclasses.replace(q, **found[name][seed]) for name, q in quantities.items()}
        for seed in sorted(set.intersection(*map(set, found.values())))
    ]
    return verdicts(condition, cohorts).count(HOLDS) / len(cohorts), len(cohorts)


def _of_seeds(drawn: pd.DataFrame) -> dict[int, dict[str, Any]]:
    """Estimate, limits and p value of each cohort."""
    return dict(zip(drawn["seed"].astype(int), records(drawn[_DRAWN]), strict=True))


def normal_power(
    condition: str, quantities: Mapping[str, Quantity], planted: Mapping[str, float]
) -> float:
    """Share in which the condition would hold, were the planted values the truth: approximated.

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
    >>> normal_power("hr > 1", {"hr": hr}, {"hr": 1.2})
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
