"""Variance of estimating equations by leaving out one patient at a time, as geepack's."""

from __future__ import annotations

import numpy as np

from faceage_stats.association.longitudinal.gee_fit import (
    Correlation,
    GEEFit,
    Visits,
    fit_gee,
    working_sums,
)
from faceage_stats.association.regression.glm_family import Family
from faceage_stats.errors import DesignError

__all__ = ["jackknife"]

_NOTHING = 1e-8


def jackknife(
    visits: Visits, family: Family, kind: Correlation, fit: GEEFit, *, one_step: bool
) -> np.ndarray:
    """Sum squared moves of the coefficients, each without one patient.

    Parameters
    ----------
    visits : Visits
    family : Family
    kind : {"independence", "exchangeable", "ar1"}
    fit : GEEFit
        Of all patients.
    one_step : bool
        One step from there with the same correlation, in place of a whole fit.
    """
    n, p = len(visits.rows), visits.x.shape[1]
    n_parameter = p + 1 + (kind != "independence")  # the dispersion counts, and the correlation
    if n <= n_parameter:
        raise DesignError(
            f"gee(): a jackknife of {n} patients cannot judge {n_parameter} parameters; use "
            "variance='sandwich' or fewer terms."
        )
    breads, scores, _ = working_sums(visits, family, kind, fit.coefficients, fit.alpha)
    total = breads.sum(axis=0)
    without = total - breads
    _refuse_patients_alone(np.linalg.solve(total, without))
    if one_step:
        moves = -np.linalg.solve(without, scores[:, :, None])[:, :, 0]
    else:
        start = fit.coefficients
        left = (visits.without(k) for k in range(n))
        moves = np.array([fit_gee(v, family, kind, start).coefficients - start for v in left])
    return np.asarray((n - n_parameter) / n * moves.T @ moves)


def _refuse_patients_alone(share: np.ndarray) -> None:
    """Refuse where the share of the information that the others have is singular."""
    alone = int((np.abs(np.linalg.eigvals(share)).min(axis=1) < _NOTHING).sum())
    if alone:
        raise DesignError(
            f"gee(): a jackknife has no value: {alone} of {len(share)} patients determine a "
            "coefficient alone, as the only patient of a level does. Pool that level, or use "
            "variance='sandwich'."
        )
