"""Scikit-survival's elastic-net path on the frame of a formula."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np

from faceage_stats._formula.frame import SurvivalFrame
from faceage_stats._ties import merge_near_ties
from faceage_stats._warn import warn
from faceage_stats.errors import ConvergenceError, ConvergenceWarning
from faceage_stats.survival.cox.elastic_net import elastic_net

__all__ = ["PenalisedPath", "penalised_path"]

_TOLERANCE = 1e-15  # its own 1e-7 leaves five digits, glmnet's 1e-7 two more; this all of them
_LASSO = 1e-16  # scikit-survival needs some lasso; this much changes no digit


class PenalisedPath(NamedTuple):
    """Fits along decreasing penalties.

    Attributes
    ----------
    penalties : ndarray, shape (k,)
    coefficients : ndarray, shape (k, p)
        Of the columns as they were given.
    """

    penalties: np.ndarray
    coefficients: np.ndarray


def penalised_path(
    frame: SurvivalFrame,
    x: np.ndarray,
    alpha: float,
    penalties: np.ndarray | None,
    n_penalties: int,
) -> PenalisedPath:
    """Fit every penalty, with scikit-survival's warnings under our name."""
    time = merge_near_ties(frame.surv.time).time
    options = {"alphas": penalties, "n_alphas": n_penalties, "l1_ratio": max(alpha, _LASSO)}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            model = elastic_net(time, frame.surv.event, x, tol=_TOLERANCE, **options)
        except ArithmeticError as error:
            raise ConvergenceError(
                f"the path diverged ({str(error).rstrip('.')}). Give larger penalties, or remove "
                "columns that separate the events."
            ) from None
    if caught:
        warn(
            f"the path stopped before its tolerance: {caught[0].message}. Give larger penalties.",
            ConvergenceWarning,
        )
    return PenalisedPath(model.alphas_, model.coef_.T)
