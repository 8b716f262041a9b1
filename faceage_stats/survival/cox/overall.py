"""Whole-model quantities of a Cox fit: tests of all coefficients at once, and the C index."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from faceage_stats._ties import merge_rounded
from faceage_stats.errors import DesignError
from faceage_stats.survival.concordance.estimate import Rows, Scoring, estimate_concordance
from faceage_stats.survival.cox.estimate import quadratic_form
from faceage_stats.survival.cox.fit import CoxFit
from faceage_stats.survival.cox.residuals import robust_score_statistic

__all__ = ["CIndex", "c_index", "overall_tests"]


def overall_tests(fit: CoxFit) -> pd.DataFrame:
    """Test that all coefficients are those of the start (0): method, statistic, df, p_value."""
    kept = ~fit.estimate.singular
    null = np.zeros(len(kept)) if fit.init is None else fit.init
    shift = (fit.estimate.filled - null)[kept]
    values = {
        "likelihood ratio": 2 * (fit.log_lik - fit.estimate.log_lik_null),
        "wald": quadratic_form(fit.variance[np.ix_(kept, kept)], shift),
        "score": fit.estimate.score_statistic,
    }
    if fit.robust_variance is not None:
        # the linear predictor of the null hypothesis; like R's, without the offset
        lp = np.zeros(fit.frame.n) if fit.init is None else fit.frame.x @ fit.init
        values["robust score"] = robust_score_statistic(
            fit.data, fit.weights, fit.frame.cluster, efron=fit.efron, null=lp
        )
    df, statistic = fit.estimate.df, np.array(list(values.values()))
    p_value = special.chdtrc(df, statistic) if df else np.ones(len(statistic))
    columns = {"method": list(values), "statistic": statistic, "df": df, "p_value": p_value}
    return pd.DataFrame(columns)


class CIndex(NamedTuple):
    """Harrell's C and its infinitesimal-jackknife standard error."""

    estimate: float
    std_error: float


def c_index(fit: CoxFit) -> CIndex:
    """Measure the concordance of the linear predictor within strata; NaN without a pair."""
    rows = Rows(fit.surv, fit.frame.strata, fit.frame.weights, fit.frame.cluster)
    marker = merge_rounded(fit.lp)[:, None]
    try:
        value = estimate_concordance(rows, marker, Scoring(reverse=True))
    except DesignError:  # no pair can be compared
        return CIndex(float("nan"), float("nan"))
    return CIndex(float(value.concordance[0]), float(np.sqrt(value.vcov[0, 0])))
