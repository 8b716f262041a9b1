"""One small Cox fit per column, all in one compiled loop."""

from __future__ import annotations

import numpy as np
from numba import njit

from faceage_stats.survival._newton import newton

__all__ = ["screen_columns"]


@njit(cache=True, nogil=True)
def screen_columns(columns, adjust, offset, weights, layout, efron, start, iter_max, eps):
    """Fit [adjust, column] for every row of `columns` (one candidate each, sorted, scaled).

    Returns one row per candidate: coefficient and its variance (NaN when the column carries no
    information of its own), log-likelihood, 1 if converged, 1 if the coefficient runs away.
    """
    m, n = columns.shape
    q = adjust.shape[0]
    out = np.full((m, 5), np.nan)
    x = np.empty((q + 1, n))
    x[:q] = adjust
    init = np.zeros(q + 1)
    init[:q] = start
    for g in range(m):
        x[q] = columns[g]
        beta, _, log_lik, _, information, kept, runaway, _, converged = newton(
            x, offset, weights, layout, efron, init, iter_max, eps
        )
        out[g, 2] = log_lik
        out[g, 3] = 1.0 if converged else 0.0
        out[g, 4] = 1.0 if runaway[q] else 0.0
        if kept[q]:
            out[g, 0] = beta[q]
            out[g, 1] = _last_variance(information, kept)
    return out


@njit(cache=True)
def _last_variance(information, kept):
    """Last diagonal entry of the inverse over the kept columns."""
    p = kept.size
    a = information.copy()
    for j in range(p - 1):  # eliminate every other column
        if kept[j]:
            for i in range(j + 1, p):
                ratio = a[i, j] / a[j, j]
                for k in range(j + 1, p):
                    a[i, k] -= ratio * a[j, k]
    return 1.0 / a[p - 1, p - 1] if a[p - 1, p - 1] > 0.0 else np.nan
