"""Royston and Sauerbrei's D, and explained variation of survival models."""

from __future__ import annotations

from typing import Any, NamedTuple, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from faceage_stats._arguments import check_fit
from faceage_stats._call import checked_call
from faceage_stats._compiled import compiled
from faceage_stats._formula.frame import survival_frame
from faceage_stats._result import Result, frozen_result
from faceage_stats._ties import merge_rounded
from faceage_stats._wald import limits
from faceage_stats.errors import DesignError, FormulaError, InputError
from faceage_stats.survival.cox.coxph import coxph
from faceage_stats.survival.cox.result import CoxPH

__all__ = ["Royston", "royston"]

_KAPPA = np.sqrt(8 / np.pi)
_LOGISTIC = np.pi**2 / 6


@overload
def royston(fit: CoxPH, *, ties: bool = ..., adjust: bool = ...) -> Royston: ...
@overload
def royston(fit: str, data: Any, *, ties: bool = ..., adjust: bool = ...) -> Royston: ...
@checked_call
def royston(
    fit: CoxPH | str, data: Any = None, *, ties: bool = True, adjust: bool = False
) -> Royston:
    """Measure the prognostic separation of a survival model: Royston and Sauerbrei's D.

    Parameters
    ----------
    fit : CoxPH or str
        A fitted model, or ``Surv(time, event) ~ lp`` with the linear predictor of a model from
        elsewhere, taken as it is.
    data : pandas.DataFrame or polars.DataFrame
        With a formula.
    ties : bool
        Tied linear predictors get the mean of their normal scores (True), or get the score of
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
    FormulaError
        Not one linear predictor, delayed entry, or strata(), cluster() or offset(), which are not
        used here.

    See Also
    --------
    concordance : Separation as a probability.

    Notes
    -----
    D is the Cox coefficient of the normal scores of the ranked linear predictor (Blom:
    (rank - 3/8) / (n + 1/4)) times sqrt(8 / pi). The standard error
    and limits of R2_D follow from those of D.

    In R: ``survival::royston(coxph(Surv(time, status) ~ age, data = df))``

    References
    ----------
    Royston P, Sauerbrei W (2004). A new measure of prognostic separation in survival data.
    Statistics in Medicine 23:723-748. doi:10.1002/sim.1621

    Gonen M, Heller G (2005). Concordance probability and discriminatory power in proportional
    hazards regression. Biometrika 92:965-970. doi:10.1093/biomet/92.4.965

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4, 5, 6], "d": 1, "lp": [2.0, 0.5, 1.5, 1.0, -1.0, 0.0]})
    >>> table = royston("Surv(t, d) ~ lp", df).tidy().set_index("quantity")
    >>> round(float(table.loc["d", "estimate"]), 3)
    2.549
    """
    if isinstance(fit, str):
        model = _given(fit, data, adjust)
    else:
        if data is not None:
            raise InputError("royston(): a fit holds its data; remove data.")
        model = _fitted(fit)
    eta, n = model.eta, len(model.eta)
    if eta.min() == eta.max():
        raise DesignError("the linear predictor is constant: nothing separates the patients.")
    frame = pd.DataFrame(
        {"time": model.time, "event": model.event, "score": normal_scores(eta, ties)}
    )
    row = coxph("Surv(time, event) ~ score", frame).tidy().iloc[0]
    beta, se, n_event = float(row["estimate"]), float(row["std_error"]), int(model.event.sum())
    if adjust:
        separation = _adjusted(beta, se, n_event, model.n_coefficients)
    else:
        separation = _Separation(beta * _KAPPA, se * _KAPPA, _explained(beta))
    spread = float(eta.var(ddof=1))
    gonen_heller = gonen_heller_sum(np.sort(eta)) * 2 / (n * (n - 1))
    return Royston(
        *separation, spread / (_LOGISTIC + spread), gonen_heller, model.nagelkerke, adjust,
        model.formula, n, n_event, model.n_missing,
    )  # fmt: skip


class _Model(NamedTuple):
    """A linear predictor with the follow-up."""

    formula: str
    time: np.ndarray
    event: np.ndarray
    eta: np.ndarray
    n_missing: int
    n_coefficients: int
    nagelkerke: float


def _fitted(fit: CoxPH) -> _Model:
    check_fit(fit, CoxPH, "royston() takes a fit of coxph(), or a formula and data")
    surv = fit.frame.surv
    if surv.entry is not None:
        raise InputError("royston(): delayed entry is not supported.")
    null, n = fit.estimate.log_lik_null, fit.n
    most = np.expm1(2 * null / n)  # 0 where nobody was at risk beside the dead
    nagelkerke = np.expm1(-2 * (fit.log_lik - null) / n) / most if most else np.nan
    return _Model(
        fit.formula, surv.time, surv.event, merge_rounded(fit.lp), fit.n_missing,
        fit.estimate.df, float(nagelkerke),
    )  # fmt: skip


def _given(formula: str, data: Any, adjust: bool) -> _Model:
    """Follow-up and the one linear predictor of a formula."""
    if data is None:
        raise InputError("data is missing: royston(formula, data).")
    if adjust:
        raise InputError(
            "adjust needs a fit: how many coefficients the formula's score has is not known."
        )
    frame = survival_frame(formula, data, caller="royston()")
    if frame.surv.entry is not None:
        raise FormulaError(f"royston(): `{formula}` has delayed entry, which is not supported.")
    if frame.x.shape[1] != 1:
        raise FormulaError(f"royston(): `{formula}` must name one linear predictor; or pass a fit.")
    surv = frame.surv
    return _Model(formula, surv.time, surv.event, frame.x[:, 0], frame.n_missing, 0, np.nan)


def normal_scores(eta: np.ndarray, ties: bool) -> np.ndarray:
    """Blom's normal scores of the ranks; ties get their mean score, or that of their mean rank."""
    n = len(eta)
    if not ties:
        return np.asarray(stats.norm.ppf((stats.rankdata(eta) - 3 / 8) / (n + 1 / 4)))
    _, group, size = np.unique(eta, return_inverse=True, return_counts=True)
    scores = stats.norm.ppf((np.arange(1, n + 1) - 3 / 8) / (n + 1 / 4))
    return np.asarray((np.bincount(np.sort(group), weights=scores) / size)[group])


class _Separation(NamedTuple):
    """D, its standard error, and R2_D."""

    d: float
    d_se: float
    r2_d: float


def _explained(beta: float) -> float:
    return float(beta**2 / (_LOGISTIC + beta**2))


def _adjusted(beta: float, se: float, n_event: int, n_coefficients: int) -> _Separation:
    """Correct for the number of coefficients."""
    if n_event <= n_coefficients:
        return _Separation(np.nan, np.nan, np.nan)
    r = n_event / (n_event - n_coefficients)
    shrunk = (1 + beta**2 - r) / r
    root = np.sqrt(abs(shrunk))
    d = np.sign(beta) * np.sign(shrunk) * root * _KAPPA
    d_se = se * _KAPPA * abs(beta) / (r * root)
    return _Separation(float(d), float(d_se), 1 - r * (1 - beta**2 / (1 + beta**2)))


@compiled()
def gonen_heller_sum(eta: NDArray[np.float64]) -> float:
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
        """Return each measure of separation.

        Parameters
        ----------
        conf_level : float

        Returns
        -------
        pandas.DataFrame
            ``quantity estimate std_error conf_low conf_high``. Only D and (unless adjusted) R2_D
            have a standard error; the others are defined by the linear predictor alone.
        """
        low, high = (float(end) for end in limits(self.d, self.d_se, conf_level))
        rows = [("d", self.d, self.d_se, low, high)]
        nothing = (np.nan, np.nan, np.nan)
        if self.adjusted:
            rows.append(("r2_d", self.r2_d, *nothing))
        else:
            beta = self.d / _KAPPA
            slope = 2 * abs(beta) * _LOGISTIC / (_LOGISTIC + beta**2) ** 2 / _KAPPA
            ends = sorted(_explained(v / _KAPPA) for v in (low, high))
            bottom = 0.0 if low < 0 < high else ends[0]
            rows.append(("r2_d", self.r2_d, slope * self.d_se, bottom, ends[1]))
        rows.append(("r2_kent_oquigley", self.r2_kent_oquigley, *nothing))
        rows.append(("gonen_heller_c", self.gonen_heller_c, *nothing))
        if not np.isnan(self.r2_nagelkerke):
            rows.append(("r2_nagelkerke", self.r2_nagelkerke, *nothing))
        columns = ["quantity", "estimate", "std_error", "conf_low", "conf_high"]
        return pd.DataFrame(rows, columns=columns)

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_event n_missing``."""
        return pd.DataFrame([{name: getattr(self, name) for name in ("n", "n_event", "n_missing")}])

    def _title(self) -> str:
        kind = " (adjusted for the number of coefficients)" if self.adjusted else ""
        return f"Royston and Sauerbrei's D{kind}: {self.formula}"
