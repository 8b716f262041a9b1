"""Correlation of two measurements within patients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, column, numeric
from faceage_stats._expression.evaluate import one_column
from faceage_stats._expression.nodes import Binary, spine
from faceage_stats._expression.parse import parse
from faceage_stats._result import Result, frozen_result
from faceage_stats._wald import check_conf_level, limits
from faceage_stats.errors import DesignError, FormulaError

__all__ = ["RMCorr", "rmcorr"]


@checked_call
def rmcorr(formula: str, data: Any, *, id: str, conf_level: float = 0.95) -> RMCorr:  # noqa: A002 - R's name
    """Correlate two measurements within patients, as R's ``rmcorr``.

    Parameters
    ----------
    formula : str
        ``~ x + y``; each may be an expression.
    data : pandas.DataFrame or polars.DataFrame
        One row per visit. Incomplete rows are dropped and counted, and so are patients with one.
    id : str
        Column of the patient.
    conf_level : float
        Level of the interval, by Fisher's z.

    Returns
    -------
    RMCorr
        ``tidy()``: ``estimate df statistic p_value conf_low conf_high``; `slope` is that of y on x,
        common to all patients.

    Raises
    ------
    FormulaError, InputError, DesignError
        A formula of another form; too few visits; a measurement that never changes.

    See Also
    --------
    lmer : A model with patients' own intercepts.
    cor_test : Correlation of independent rows.

    Notes
    -----
    Every patient has an intercept of its own and all have one slope (analysis of covariance); the
    correlation is that of the deviations from the patients' means.

    In R: ``rmcorr::rmcorr(id, x, y, df)``

    References
    ----------
    Bakdash JZ, Marusich LR (2017). Repeated measures correlation. Frontiers in Psychology 8:456.
    doi:10.3389/fpsyg.2017.00456

    Examples
    --------
    >>> df = pd.DataFrame({"id": [1, 1, 1, 2, 2, 2], "x": [1, 2, 3, 2, 3, 5],
    ...                    "y": [9, 7, 6, 5, 5, 2]})
    >>> rmcorr("~ x + y", df, id="id").tidy()["estimate"].round(3).item()
    -0.949
    """
    check_conf_level(conf_level)
    data = as_pandas(data)
    x, y = _two(formula, data)
    patient = column(data, id, "rmcorr(): id")
    known = ~(np.isnan(x) | np.isnan(y) | patient.isna().to_numpy())
    codes = np.full(len(data), -1)
    codes[known] = pd.factorize(patient[known])[0]
    visits = np.bincount(codes[known]) if known.any() else np.zeros(1, np.int64)
    used = known & (visits[codes] > 1)
    own = np.unique(codes[used], return_inverse=True)[1]
    n_subject = int(own.max()) + 1 if len(own) else 0
    df = len(own) - n_subject - 1
    if df < 1:
        raise DesignError("rmcorr(): too few patients with two visits or more.")
    count = np.bincount(own)
    a, size_a = _within(x[used], own, count)
    b, size_b = _within(y[used], own, count)
    # rounding may carry a perfect correlation beyond 1
    estimate = float(np.clip(a @ b / np.sqrt((a @ a) * (b @ b)), -1, 1))
    slope = float(a @ b / (a @ a)) * (size_b / size_a)
    n_missing = int(len(data) - used.sum())
    return RMCorr(estimate, slope, df, len(own), n_subject, n_missing, conf_level, formula)


def _within(value: np.ndarray, own: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, float]:
    """Differences from the patient's mean over the largest of them, whose squares are numbers."""
    moved = value - (np.bincount(own, value) / count)[own]
    size = float(np.abs(moved).max())
    if not size > 0:
        raise DesignError("rmcorr(): a measurement never changes within a patient.")
    return moved / size, size


def _two(formula: str, data: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    text = formula.strip() if isinstance(formula, str) else ""
    if not text.startswith("~"):
        raise FormulaError("rmcorr(): the formula has the form ~ x + y.")
    node = parse(text[1:], "rmcorr()")
    first, pairs = spine(node) if isinstance(node, Binary) else (node, [])
    if [operator for operator, _ in pairs] != ["+"]:
        raise FormulaError(f"rmcorr(): `{formula}` must name two measurements, ~ x + y.")
    values = [one_column(each, data, "rmcorr()") for each in (first, pairs[0][1])]
    one, other = (numeric(value, str(value.name), "measurement") for value in values)
    return one, other


@frozen_result
class RMCorr(Result):
    """A repeated-measures correlation, made by `rmcorr`.

    Attributes
    ----------
    estimate, slope : float
    df, n, n_subject, n_missing : int
        Degrees of freedom; rows and patients used; rows dropped, those of patients with one visit
        among them.
    conf_level, formula
        As given.
    """

    estimate: float
    slope: float
    df: int
    n: int
    n_subject: int
    n_missing: int
    conf_level: float
    formula: str

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return one row: ``estimate statistic df p_value conf_low conf_high``; t test.

        Parameters
        ----------
        conf_level : float, optional
            As in the call by default.
        """
        r, level = self.estimate, self.conf_level if conf_level is None else conf_level
        with np.errstate(divide="ignore"):
            statistic = r * np.sqrt(np.divide(self.df, 1 - r**2))
            z, se = np.arctanh(r), 1 / np.sqrt(self.df - 1) if self.df > 1 else np.nan
        low, high = limits(z, se, level)
        row = {"estimate": r, "statistic": statistic, "df": self.df}
        row["p_value"] = 2 * float(stats.t.sf(abs(statistic), self.df))
        return pd.DataFrame([{**row, "conf_low": np.tanh(low), "conf_high": np.tanh(high)}])

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_subject n_missing slope``."""
        row = {"n": self.n, "n_subject": self.n_subject, "n_missing": self.n_missing}
        return pd.DataFrame([row | {"slope": self.slope}])

    def _title(self) -> str:
        return f"Repeated-measures correlation: {self.formula}"
