"""Royston and Sauerbrei's D, and explained variation of survival models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._compiled import compiled
from faceage_stats._formula import model_frame
from faceage_stats._result import Result, frozen_result, normal_interval
from faceage_stats.errors import DesignError, FormulaError, InputError
from faceage_stats.survival._ties import merge_rounded

if TYPE_CHECKING:
    from faceage_stats.survival.cox.coxph import CoxPH

__all__ = ["Royston", "royston"]

_KAPPA = np.sqrt(8 / np.pi)
_LOGISTIC = np.pi**2 / 6


def royston(
    fit: CoxPH | str, data: Any = None, *, ties: bool = True, adjust: bool = False
) -> Royston:
    """Measure the prognostic separation of a survival model, as R's ``survival::royston``.

    Parameters
    ----------
    fit : CoxPH or str
        A fitted model, or ``Surv(time, event) ~ lp`` with the linear predictor of a model from
        elsewhere, taken as it is.
    data : pandas.DataFrame or polars.DataFrame
        With a formula.
    ties : bool
        Tied linear predictors share the mean of their normal scores (True), or get the score of
        their average rank.
    adjust : bool
        Correct D for the number of coefficients of the fit (optimism); needs a fit.

    Returns
    -------
    Royston
        ``tidy()``: D (log hazard ratio between two halves of the patients), R2_D, R2 of Kent and
        O'Quigley, Gonen and Heller's C, and for a fit Nagelkerke's R2.

    Raises
    ------
    DesignError
        The linear predictor is constant.
    InputError
        `adjust` without a fit; data missing or superfluous.

    Notes
    -----
    D is the Cox coefficient of the normal scores of the ranked linear predictor (Blom:
    (rank - 3/8) / (n + 1/4)) times sqrt(8 / pi) (Royston and Sauerbrei 2004). The standard error
    and limits of R2_D follow from those of D.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4, 5, 6], "d": 1, "lp": [2.0, 0.5, 1.5, 1.0, -1.0, 0.0]})
    >>> table = royston("Surv(t, d) ~ lp", df).tidy().set_index("quantity")
    >>> round(float(table.loc["d", "estimate"]), 3)
    2.549
    """
    from faceage_stats.survival.cox.coxph import coxph

    if isinstance(fit, str):
        time, event, eta, n_missing = _given(fit, data, adjust)
        model, n_coefficients, nagelkerke = fit, 0, np.nan
    else:
        if data is not None:
            raise InputError("a fit brings its own data; leave data out.")
        surv = fit.frame.surv
        assert surv is not None  # coxph refuses anything else
        if surv.entry is not None:
            raise InputError("delayed entry is not supported by royston().")
        time, event, eta = surv.time, surv.event, merge_rounded(fit.linear_predictor)
        model, n_missing, n_coefficients = fit.formula, fit.n_missing, fit.estimate.df
        rise = 2 * (fit.log_lik - fit.estimate.log_lik_null)
        nagelkerke = np.expm1(-rise / fit.n) / np.expm1(2 * fit.estimate.log_lik_null / fit.n)
    if eta.min() == eta.max():
        raise DesignError("the linear predictor is constant: nothing separates the patients.")
    frame = pd.DataFrame({"time": time, "event": event, "score": normal_scores(eta, ties)})
    row = coxph("Surv(time, event) ~ score", frame).tidy().iloc[0]
    n_event = int(event.sum())
    d, d_se, r_squared = _separation(row["estimate"], row["std_error"], n_event, n_coefficients)
    if not adjust:
        d, d_se = row["estimate"] * _KAPPA, row["std_error"] * _KAPPA
        r_squared = _explained(row["estimate"])
    spread = eta.var(ddof=1)
    gonen_heller = gonen_heller_sum(np.sort(eta)) * 2 / (len(eta) * (len(eta) - 1))
    return Royston(
        float(d), float(d_se), float(r_squared), float(spread / (_LOGISTIC + spread)),
        float(gonen_heller), float(nagelkerke), adjust, model, len(eta), n_event, n_missing,
    )  # fmt: skip


def _given(formula: str, data: Any, adjust: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Follow-up and the one linear predictor of the formula."""
    if data is None:
        raise InputError("data is missing: royston(formula, data).")
    if adjust:
        raise InputError("adjust needs a fit: how many coefficients the formula's score has is "
                         "not known.")  # fmt: skip
    frame = model_frame(formula, data)
    if frame.surv is None or frame.surv.entry is not None:
        raise FormulaError(f"`{formula}`: the left side must be Surv(time, event).")
    if frame.x.shape[1] != 1:
        raise FormulaError(f"`{formula}` must name one linear predictor; or pass a fit.")
    return frame.surv.time, frame.surv.event, frame.x[:, 0], frame.n_missing


def normal_scores(eta: np.ndarray, ties: bool) -> np.ndarray:
    """Blom's normal scores of the ranks; ties share the mean score, or have their mean rank."""
    n = len(eta)
    if not ties:
        return stats.norm.ppf((stats.rankdata(eta) - 3 / 8) / (n + 1 / 4))
    _, group, size = np.unique(eta, return_inverse=True, return_counts=True)
    scores = stats.norm.ppf((np.arange(1, n + 1) - 3 / 8) / (n + 1 / 4))
    return (np.bincount(np.sort(group), weights=scores) / size)[group]


def _explained(beta: float) -> float:
    return beta**2 / (_LOGISTIC + beta**2)


def _separation(
    beta: float, se: float, n_event: int, n_coefficients: int
) -> tuple[float, float, float]:
    """D, its standard error and R2_D corrected for the number of coefficients."""
    if n_event <= n_coefficients:
        return np.nan, np.nan, np.nan
    r = n_event / (n_event - n_coefficients)
    shrunk = (1 + beta**2 - r) / r
    d = np.sign(beta) * np.sign(shrunk) * np.sqrt(abs(shrunk)) * _KAPPA
    d_se = se * _KAPPA * abs(beta) / (r * np.sqrt(abs(shrunk)))
    return d, d_se, 1 - r * (1 - beta**2 / (1 + beta**2))


@compiled()
def gonen_heller_sum(eta):
    """Sum of 1 / (1 + exp(eta_i - eta_j)) over pairs of sorted linear predictors."""
    total = 0.0
    for i in range(len(eta) - 1):
        for j in range(i + 1, len(eta)):
            total += 1 / (1 + np.exp(eta[i] - eta[j]))
    return total


@frozen_result
class Royston(Result):
    """Separation and explained variation of a survival model.

    Attributes
    ----------
    d, d_se : float
        Log hazard ratio between two equal halves, and its standard error.
    r2_d, r2_kent_oquigley, gonen_heller_c, r2_nagelkerke : float
    adjusted : bool
    formula : str
    n, n_event, n_missing : int
    """

    d: float
    d_se: float
    r2_d: float
    r2_kent_oquigley: float
    gonen_heller_c: float
    r2_nagelkerke: float
    adjusted: bool
    formula: str
    n: int
    n_event: int
    n_missing: int

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per quantity: ``quantity estimate std_error conf_low conf_high``.

        Only D and (unless adjusted) R2_D have a standard error; the others are defined by the
        linear predictor alone.
        """
        low, high = normal_interval(self.d, self.d_se, conf_level)
        rows = [("d", self.d, self.d_se, float(low), float(high))]
        nothing = (np.nan, np.nan, np.nan)
        if self.adjusted:
            rows.append(("r2_d", self.r2_d, *nothing))
        else:
            beta = self.d / _KAPPA
            slope = 2 * abs(beta) * _LOGISTIC / (_LOGISTIC + beta**2) ** 2 / _KAPPA
            ends = sorted(_explained(v / _KAPPA) for v in (float(low), float(high)))
            bottom = 0.0 if low < 0 < high else ends[0]
            rows.append(("r2_d", self.r2_d, slope * self.d_se, bottom, ends[1]))
        rows.append(("r2_kent_oquigley", self.r2_kent_oquigley, *nothing))
        rows.append(("gonen_heller_c", self.gonen_heller_c, *nothing))
        if not np.isnan(self.r2_nagelkerke):
            rows.append(("r2_nagelkerke", self.r2_nagelkerke, *nothing))
        columns = ["quantity", "estimate", "std_error", "conf_low", "conf_high"]
        return pd.DataFrame(rows, columns=columns)

    def glance(self) -> pd.DataFrame:
        """One row: ``n n_event n_missing``."""
        return pd.DataFrame([{name: getattr(self, name) for name in ("n", "n_event", "n_missing")}])

    def _title(self) -> str:
        kind = " (adjusted for the number of coefficients)" if self.adjusted else ""
        return f"Royston and Sauerbrei's D{kind}: {self.formula}"
