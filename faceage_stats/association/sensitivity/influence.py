"""Influence of single patients on the coefficients of a Cox model."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from faceage_stats._arguments import check_fit
from faceage_stats._call import checked_call
from faceage_stats._scale import scale_of
from faceage_stats._wald import std_errors
from faceage_stats.errors import DesignError, InputError
from faceage_stats.survival.cox.result import CoxPH

__all__ = ["influence"]


@checked_call
def influence(fit: CoxPH, *, proportion: float = 0.01) -> pd.DataFrame:
    """Measure how far single patients move the coefficients of a Cox model.

    Parameters
    ----------
    fit : CoxPH
        A fitted Cox model.
    proportion : float
        Proportion of the patients, the most influential ones for each coefficient, that are
        removed together.

    Returns
    -------
    pandas.DataFrame
        One row per coefficient: ``term estimate std_error``; ``dfbetas`` the largest change on
        removing one patient, in standard errors, with its sign; ``n_beyond`` the patients whose
        change exceeds 2 / sqrt(n) standard errors; ``estimate_min`` and ``estimate_max`` the lowest
        and highest estimate without the `proportion` of patients that push it most the other way
        (first order; no confidence limits); ``n_out`` how many these are; ``n``; ``scale``.

    Raises
    ------
    InputError
        `proportion` outside 0 to 1.

    See Also
    --------
    landmark : The patients who are still followed at a time.
    side_by_side : Several analyses in one table.
    e_value : Confounding that was not measured.

    Notes
    -----
    From the dfbeta residuals; nothing is refitted. No row is named: the result can be published.

    In R: ``residuals(coxph(Surv(time, event) ~ age, data = df), type = "dfbetas")``

    References
    ----------
    Therneau TM, Grambsch PM (2000). Modeling Survival Data: Extending the Cox Model, section 7.2.
    Springer.

    Examples
    --------
    >>> import faceage_stats as fs
    >>> raw = fs.simulate("maastro", seed=1, n=300).tables["maastro"]
    >>> fit = fs.coxph("Surv(years, death) ~ faceage10", fs.curate(raw, "maastro").rows)
    >>> influence(fit)[["term", "n_out"]].values.tolist()
    [['faceage10', 3]]
    """
    check_fit(fit, CoxPH, "influence() takes a fit of coxph()")
    if not 0 < proportion < 1:
        raise InputError(
            f"influence: proportion is {proportion}; it must lie between 0 and 1, e.g. 0.01."
        )
    estimate = fit.coef.to_numpy(float)
    if not len(estimate):
        raise DesignError("influence: the model has no covariate whose coefficient could change.")
    change = np.asarray(fit.residuals("dfbeta"), float).reshape(-1, len(estimate))
    std_error = std_errors(fit.vcov(robust=False))
    scaled = change / std_error
    n = len(change)
    n_out = max(round(proportion * n), 1)
    ordered = np.sort(change, axis=0)
    largest = np.abs(scaled).argmax(axis=0)
    return pd.DataFrame(
        {
            "term": list(fit.coef.index),
            "estimate": estimate,
            "std_error": std_error,
            "dfbetas": scaled[largest, np.arange(len(estimate))],
            "n_beyond": (np.abs(scaled) > 2 / math.sqrt(n)).sum(axis=0),
            # without the patients that raise it most the estimate falls by what they add
            "estimate_min": estimate - ordered[-n_out:].sum(axis=0),
            "estimate_max": estimate - ordered[:n_out].sum(axis=0),
            "n_out": n_out,
            "n": n,
            "scale": scale_of("hazard ratio", exponentiate=False),
        }
    )
