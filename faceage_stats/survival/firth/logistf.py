"""Logistic regression with Firth's penalty: finite estimates under separation."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from faceage_stats._call import checked_call
from faceage_stats._formula.frame import ModelFrame, model_frame
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
    Schemper; logistf before 1.24.1); later versions print those of ``vcov(augmented=True)``. Tests
    hold one coefficient at 0 and keep the penalty of the full design.

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
    x, back = _standardised(frame)
    p, n_held = x.shape[1], int(frame.design.intercept)
    if not p:
        raise DesignError(f"logistf(): `{formula}` has no coefficient.")
    columns = x[:, n_held:]
    if columns.shape[1]:
        refuse_singular(columns.T @ columns, frame.design.names)
    objective = logistic_objective(x, frame.y)
    top = maximise(objective, np.zeros(p), np.ones(p, bool))
    null = maximise(objective, np.zeros(p), np.arange(p) < n_held)
    return FirthLogistic(frame, top, objective, back, null, x)


class _Standardised(NamedTuple):
    """A design in its own units of length, and what takes its coefficients back."""

    x: np.ndarray
    back: np.ndarray


def _standardised(frame: ModelFrame) -> _Standardised:
    """Measure the columns from their means where an intercept takes these up, in units of spread.

    A column far from zero (a year) is nearly a multiple of the intercept, and digits are lost.
    """
    intercept = int(frame.design.intercept)
    means = intercept * frame.x.mean(axis=0)
    moved = frame.x - means
    largest = np.abs(moved).max(axis=0, initial=0.0)
    largest[(frame.x == frame.x[:1]).all(axis=0)] = 0.0  # constant, whatever rounding made of it
    largest = np.where(largest > 0, largest, 1.0)
    scale = 1 / largest
    spread = np.sqrt(np.mean((moved * scale) ** 2, axis=0))
    scale /= np.where(spread > 0, spread, 1.0)
    back = np.diag(np.r_[np.ones(intercept), scale])
    back[:intercept, intercept:] = -means * scale
    return _Standardised(frame.design.with_intercept(moved * scale), back)
