"""Ridge, lasso and elastic-net Cox models: scikit-survival's path behind a formula."""

from __future__ import annotations

from typing import Any

import numpy as np

from faceage_stats._call import checked_call
from faceage_stats._formula.frame import SurvivalFrame, survival_frame
from faceage_stats._scalar import check_numbers
from faceage_stats.errors import DesignError, FormulaError, InputError
from faceage_stats.survival.cox.coxnet_result import Coxnet
from faceage_stats.survival.cox.penalised_path import penalised_path

__all__ = ["coxnet"]

_RIDGE_PATH = 1e-3  # mix that places the default penalties of a ridge path, as in glmnet


@checked_call
def coxnet(
    formula: str,
    data: Any,
    *,
    alpha: float = 1.0,
    penalties: Any = None,
    n_penalties: int = 100,
    standardize: bool = True,
) -> Coxnet:
    """Fit a penalised Cox model along a path of penalties, as R's ``glmnet(family = "cox")``.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ ...``; delayed entry, strata(), cluster() and offset() are refused.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient, or per interval at risk.
    alpha : float
        Mix of the penalties: 1 is the lasso, 0 the ridge, between them the elastic net.
    penalties : array-like, shape (k,), optional
        Penalties, all above 0 (glmnet's ``lambda``); by default `n_penalties` of them, evenly
        spaced on the log scale from the smallest that removes every column.
    n_penalties : int
        How many penalties a default path has.
    standardize : bool
        Penalise columns scaled to standard deviation 1; coefficients are given in the units of the
        columns either way.

    Returns
    -------
    Coxnet
        ``tidy()`` one row per penalty and column; ``path()`` one row per penalty;
        ``coef(penalty)``; ``predict(newdata, penalty=...)``; ``cross_validate()`` chooses the
        penalty. Penalised estimates have no standard errors.

    Raises
    ------
    InputError
        `alpha` outside [0, 1], penalties that are not positive, no events.
    FormulaError, DesignError
        Another outcome or structure; a formula without columns.
    ConvergenceError
        The penalties are too small for columns that separate the events.

    Warns
    -----
    ConvergenceWarning
        scikit-survival stopped before its tolerance.

    See Also
    --------
    coxph : Cox's proportional hazards model.
    coxphf : Cox model with Firth's penalty.

    Notes
    -----
    Ties are Breslow's, as in glmnet and scikit-survival.

    In R: ``glmnet::glmnet(x, survival::Surv(time, event), family = "cox")``

    References
    ----------
    Simon N, Friedman J, Hastie T, Tibshirani R (2011). Regularization paths for Cox's proportional
    hazards model via coordinate descent. Journal of Statistical Software 39(5).
    doi:10.18637/jss.v039.i05

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [5, 3, 8, 2, 9, 4, 7, 6], "d": [1, 1, 0, 1, 1, 1, 0, 1],
    ...                    "x": [1, 3, 0, 4, 1, 2, 1, 2], "z": [2, 1, 3, 2, 1, 3, 2, 1]})
    >>> coxnet("Surv(t, d) ~ x + z", df, penalties=[0.5, 0.05]).tidy()["term"].tolist()
    ['x', 'z', 'x', 'z']
    """
    if not 0 <= alpha <= 1:
        raise InputError(f"alpha is {alpha}; it must lie between 0 (ridge) and 1 (lasso).")
    frame = _frame(formula, data)
    scale = frame.x.std(axis=0) if standardize else np.ones(frame.x.shape[1])
    scale = np.where(scale > 0, scale, 1.0)
    x = frame.x / scale
    if penalties is not None:
        must = "be finite numbers above 0"
        penalties = check_numbers("penalties", penalties, must)
        if not (len(penalties) and (penalties > 0).all()):
            raise InputError(f"penalties must {must}.")
        penalties = np.sort(penalties)[::-1]
    elif alpha == 0:
        penalties = penalised_path(frame, x, _RIDGE_PATH, None, n_penalties).penalties
    path = penalised_path(frame, x, alpha, penalties, n_penalties)
    coefficients = path.coefficients / scale
    return Coxnet(frame, path.penalties, coefficients, float(alpha), scale)


def _frame(formula: str, data: Any) -> SurvivalFrame:
    frame = survival_frame(formula, data, caller="coxnet()")
    if frame.surv.entry is not None:
        raise FormulaError(f"coxnet(): `{formula}` has delayed entry; use Surv(time, event).")
    if not frame.x.shape[1]:
        raise DesignError(f"coxnet(): `{formula}` has no columns to penalise.")
    if frame.n < 2:
        raise DesignError(f"coxnet(): {frame.n} complete row; at least 2 are needed.")
    if not frame.surv.event.any():
        raise InputError(f"coxnet(): there are no events among {frame.n} rows.")
    return frame
