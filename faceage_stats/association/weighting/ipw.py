"""Weights by the propensity of treatment."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from faceage_stats._arguments import check_flag
from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas
from faceage_stats._near import check_option
from faceage_stats.association.regression.logistic import logistic
from faceage_stats.association.weighting.result import IPW, Estimand
from faceage_stats.errors import DesignError, InputError

__all__ = ["IPW", "ipw"]


@checked_call
def ipw(
    formula: str,
    data: Any,
    *,
    estimand: Literal["ATE", "ATT", "ATC", "ATO"] = "ATE",
    stabilised: bool = False,
    truncate: tuple[float, float] | None = None,
    trim: tuple[float, float] | None = None,
) -> IPW:
    """Weigh patients by their propensity, so that treated and untreated have the same covariates.

    Parameters
    ----------
    formula : str
        ``treated ~ age + sex + ecog``: the treatment (0/1, logical or two levels) and what it was
        chosen by. Rows with a missing value are dropped and counted.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient.
    estimand : {"ATE", "ATT", "ATC", "ATO"}
        Effect in all patients, in the treated, in the untreated, or where both overlap (weights
        1 - propensity and propensity).
    stabilised : bool
        Multiply the weights of the ATE by the proportion of each arm.
    truncate : (float, float), optional
        Quantiles of the weights at which they are cut, such as ``(0.01, 0.99)``.
    trim : (float, float), optional
        Patients with a propensity outside these limits are left out; it is not fitted anew.

    Returns
    -------
    IPW
        ``augment()`` the data with ``propensity`` and ``weight``, for `survfit` and `coxph` with
        ``weights="weight"``; ``balance()``; ``tidy()`` one row per arm.

    Raises
    ------
    DesignError
        Trimming leaves an arm empty, or a propensity is 0 or 1.
    InputError
        An unknown estimand, stabilised weights of another than the ATE, or limits out of order.

    See Also
    --------
    logistic : The model of the propensity.
    survfit : Curves that take the weights.
    coxph : The model that takes the weights.
    figures.balance : Draw the balance.

    Notes
    -----
    Robust standard errors take the weights as known, which is conservative for the ATE.

    In R: ``WeightIt::weightit(treated ~ age + sex, data = df, method = "glm", estimand = "ATE")``

    References
    ----------
    Austin PC, Stuart EA (2015). Moving towards best practice when using inverse probability of
    treatment weighting (IPTW) using the propensity score to estimate causal treatment effects in
    observational studies. Statistics in Medicine 34:3661-3679. doi:10.1002/sim.6607

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"treated": [0, 1, 0, 1, 0, 1], "age": [50, 60, 55, 70, 65, 52]})
    >>> ipw("treated ~ age", df).augment()["weight"].head(3).round(3).tolist()
    [1.49, 1.89, 1.742]
    """
    check_option("estimand", estimand, Estimand)
    if check_flag("stabilised", stabilised) and estimand != "ATE":
        raise InputError(f"ipw: stabilised weights are of the ATE, not of the {estimand}.")
    truncate, trim = _limits("truncate", truncate), _limits("trim", trim)
    fit = logistic(formula, data)
    propensity, treated = fit.fitted.to_numpy(), fit.frame.y == 1
    if ((propensity <= 0) | (propensity >= 1)).any():
        raise DesignError("ipw: a propensity is 0 or 1; some patients could only have one arm.")
    weight = _weights(propensity, treated, estimand)
    if stabilised:
        weight = weight * np.where(treated, treated.mean(), 1 - treated.mean())
    kept = np.ones(len(weight), bool)
    if trim is not None:
        kept = (propensity >= trim[0]) & (propensity <= trim[1])
        if not (kept & treated).any() or not (kept & ~treated).any():
            raise DesignError(f"ipw: no patient of one arm has a propensity within {trim}.")
    if truncate is not None:
        weight = np.clip(weight, *np.quantile(weight[kept], truncate))
    rows = as_pandas(data).iloc[fit.frame.rows[kept]]
    return IPW(fit, rows, kept, propensity[kept], weight[kept], treated[kept], estimand)


def _weights(propensity: np.ndarray, treated: np.ndarray, estimand: Estimand) -> np.ndarray:
    own = np.where(treated, propensity, 1 - propensity)  # probability of the arm it has
    target = {
        "ATE": np.ones(len(own)),
        "ATT": propensity,
        "ATC": 1 - propensity,
        "ATO": propensity * (1 - propensity),
    }[estimand]
    return np.asarray(target / own)


def _limits(name: str, given: Any) -> tuple[float, float] | None:
    if given is None:
        return None
    if len(given) != 2 or not 0 <= given[0] < given[1] <= 1:
        raise InputError(f"ipw: {name} is {given}; give two proportions, such as (0.01, 0.99).")
    return float(given[0]), float(given[1])
