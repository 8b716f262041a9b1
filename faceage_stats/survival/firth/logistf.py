"""Logistic regression with Firth's penalty: finite estimates under separation."""

from __future__ import annotations

from typing import Any

import numpy as np

from faceage_stats._call import checked_call
from faceage_stats._formula.frame import model_frame
from faceage_stats.errors import DesignError, InputError
from faceage_stats.survival.firth.kernel import logistic_objective
from faceage_stats.survival.firth.profile import maximise, refuse_singular
from faceage_stats.survival.firth.result import FirthLogistic

__all__ = ["logistf"]


@checked_call
def logistf(formula: str, data: Any) -> FirthLogistic:
    """Fit a logistic regression with Firth's penalty, as R's ``logistf``.

    Parameters
    ----------
    formula : str
        ``y ~ x + C(g)``, y 0/1; ``- 1`` removes the intercept. strata(), cluster() and offset()
        are refused.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient, or per interval at risk.

    Returns
    -------
    FirthLogistic
        ``tidy(exponentiate=True)``: odds ratios with profile penalised-likelihood limits and
        penalised likelihood-ratio tests; ``glance()``, ``augment()``, ``vcov()``.

    Raises
    ------
    FormulaError
        A Surv() outcome, or a special that is not used.
    InputError
        The outcome is not 0/1.
    DesignError
        No coefficient, or a column is constant or linearly dependent.

    See Also
    --------
    coxphf : Cox model with Firth's penalty.
    logistic : Logistic regression without a penalty.

    Notes
    -----
    Standard errors come from the unpenalised information at the penalised estimate (Heinze and
    Schemper; logistf before 1.24.1). Tests hold one coefficient at 0 and keep the penalty of the
    full design.

    In R: ``logistf::logistf(y ~ x, data = df)``

    References
    ----------
    Firth D (1993). Bias reduction of maximum likelihood estimates. Biometrika 80:27-38.
    doi:10.1093/biomet/80.1.27
    Heinze G, Schemper M (2002). A solution to the problem of separation in logistic regression.
    Statistics in Medicine 21:2409-2419. doi:10.1002/sim.1047

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"y": [0, 0, 0, 1, 1, 1], "x": [0, 0, 0, 1, 1, 1]})
    >>> logistf("y ~ x", df).coef.round(4).to_dict()
    {'(Intercept)': -1.9459, 'x': 3.8918}
    """
    frame = model_frame(formula, data, allow={"- 1"}, caller="logistf()")
    n_other = int((~np.isin(frame.y, (0, 1))).sum())
    if n_other:
        raise InputError(
            f"logistf(): the outcome of `{formula}` is not 0/1 in {n_other} rows. Recode it."
        )
    spread = frame.x.std(axis=0)
    scale = 1 / np.where(spread > 0, spread, 1.0)
    columns, has_intercept = frame.x * scale, int(frame.design.intercept)
    x = frame.design.with_intercept(columns)
    objective = logistic_objective(x, frame.y)
    p = x.shape[1]
    if not p:
        raise DesignError(f"logistf(): `{formula}` has no coefficient.")
    if columns.shape[1]:
        moved = columns - has_intercept * columns.mean(axis=0)
        refuse_singular(moved.T @ moved, frame.design.names)
    top = maximise(objective, np.zeros(p), np.ones(p, bool))
    null = maximise(objective, np.zeros(p), np.arange(p) < has_intercept)
    return FirthLogistic(frame, top, objective, np.r_[np.ones(has_intercept), scale], null)
