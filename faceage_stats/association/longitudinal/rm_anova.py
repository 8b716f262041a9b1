"""Repeated-measures analysis of variance, with corrections where sphericity fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import linalg, stats

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, column, numeric_column
from faceage_stats._formula.parse import split_formula
from faceage_stats._levels import group_codes
from faceage_stats._result import Result, frozen_result
from faceage_stats.errors import DesignError, InputError

__all__ = ["RMAnova", "rm_anova"]


@checked_call
def rm_anova(formula: str, data: Any, *, id: str, between: str | None = None) -> RMAnova:  # noqa: A002 - R's name
    """Compare repeated measurements of the same patients, as R's ``afex::aov_ez``.

    Parameters
    ----------
    formula : str
        ``outcome ~ visit``: two columns, the second a factor that every patient has all levels of.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient and visit.
    id : str
        Column of the patient. Who lacks a visit is left out and counted in `n_missing`.
    between : str, optional
        Column of a factor that tells patients apart.

    Returns
    -------
    RMAnova
        ``tidy()`` one row per effect: ``term statistic df df_residual p_value eta_squared``, and of
        effects within patients ``epsilon_gg p_value_gg epsilon_hf p_value_hf``; ``sphericity()``
        is Mauchly's test.

    Raises
    ------
    FormulaError, InputError, DesignError
        Two rows of a patient for one visit, a patient in two groups, too few patients.

    See Also
    --------
    lmer : For visits at any time, and patients who lack some.
    friedman_test : Repeated measurements by ranks.

    Notes
    -----
    Sums of squares of type III. `eta_squared` is the generalised one, which can be compared with
    that of other designs. The epsilons are those of Greenhouse and Geisser, and of Huynh and Feldt,
    which is not cut at 1 (its p value is).

    In R: ``afex::aov_ez(id = "id", dv = "outcome", data = df, within = "visit", between = "arm")``

    References
    ----------
    Huynh H, Feldt LS (1976). Estimation of the Box correction for degrees of freedom from sample
    data in randomized block and split-plot designs. Journal of Educational Statistics 1:69-82.

    Olejnik S, Algina J (2003). Generalized eta and omega squared statistics: measures of effect
    size for some common research designs. Psychological Methods 8:434-447.

    Examples
    --------
    >>> df = pd.DataFrame({"id": [1, 1, 1, 2, 2, 2, 3, 3, 3], "visit": list("abc") * 3,
    ...                    "face": [61, 62, 64, 70, 72, 72, 55, 57, 58]})
    >>> rm_anova("face ~ visit", df, id="id").tidy()["p_value"].round(4).item()
    0.0086
    """
    data = as_pandas(data)
    outcome, within = split_formula(formula)
    table, group, n_missing = _wide(data, outcome, within, id, between)
    n, k = table.shape
    g = int(group.max()) + 1
    if k < 2 or n - g < 1:
        raise DesignError("rm_anova(): needs two visits and more patients than groups.")
    coding = np.vstack([np.eye(g - 1), -np.ones(g - 1)]) if g > 1 else np.ones((1, 0))
    x = np.column_stack([np.ones(n), coding[group]])
    over = _Sums.of(x, table.sum(axis=1, keepdims=True) / np.sqrt(k))
    inside = _Sums.of(x, table @ linalg.helmert(k).T)
    effects = [(within, inside, slice(0, 1))]
    if between is not None:
        if g < 2:
            raise DesignError(f"rm_anova(): '{between}' has one level among complete patients.")
        rest = slice(1, g)
        effects = [(between, over, rest), *effects, (f"{between}:{within}", inside, rest)]
    if min(float(np.trace(sums.error)) for _, sums, _ in effects) <= 0:
        raise DesignError(
            "rm_anova(): patients differ by nothing but the factors; there is no error."
        )
    errors = float(np.trace(over.error) + np.trace(inside.error))
    rows = [_test(name, sums, part, errors) for name, sums, part in effects]
    return RMAnova(pd.DataFrame(rows), inside, within, n, n * k, n_missing, formula)


def _wide(
    data: pd.DataFrame, outcome: str, within: str, name: str, between: str | None
) -> tuple[np.ndarray, np.ndarray, int]:
    """One row per patient with every visit, one column per visit; the groups; rows left out."""
    value = numeric_column(data, outcome, "rm_anova()")
    visit, visits = group_codes(column(data, within, "rm_anova()"))
    patient, patients = group_codes(column(data, name, "rm_anova(): id"))
    group = np.zeros(len(data), np.int64)
    if between is not None:
        group = group_codes(column(data, between, "rm_anova(): between"))[0]
    known = ~np.isnan(value) & (visit >= 0) & (patient >= 0) & (group >= 0)
    cell = patient[known] * len(visits) + visit[known]
    n_again = len(cell) - len(np.unique(cell))
    if n_again:
        raise InputError(
            f"rm_anova(): {n_again} rows repeat a patient and '{within}'; average them first."
        )
    table = np.full((len(patients), len(visits)), np.nan)
    table[patient[known], visit[known]] = value[known]
    seen = np.bincount(visit[known], minlength=len(visits)) > 0
    of_patient = np.full(len(patients), -1)
    of_patient[patient[known]] = group[known]
    if (of_patient[patient[known]] != group[known]).any():
        raise InputError(f"rm_anova(): some patients are in two levels of '{between}'.")
    complete = ~np.isnan(table[:, seen]).any(axis=1)
    if not complete.any():
        raise DesignError(f"rm_anova(): no patient has every level of '{within}'.")
    table = table[complete][:, seen]
    codes = np.unique(of_patient[complete], return_inverse=True)[1]
    return table, codes, len(data) - table.size


@dataclass(frozen=True)
class _Sums:
    """A multivariate linear model of transformed measurements."""

    coefficients: np.ndarray
    inverse: np.ndarray
    error: np.ndarray
    df: int

    @classmethod
    def of(cls, x: np.ndarray, y: np.ndarray) -> _Sums:
        inverse = np.linalg.inv(x.T @ x)
        coefficients = inverse @ x.T @ y
        residual = y - x @ coefficients
        return cls(coefficients, inverse, residual.T @ residual, len(x) - x.shape[1])

    @property
    def epsilon(self) -> float:
        """Greenhouse and Geisser's."""
        p = len(self.error)
        return float(np.trace(self.error) ** 2 / (p * np.sum(self.error**2)))

    @property
    def epsilon_hf(self) -> float:
        """Huynh and Feldt's."""
        scaled = len(self.error) * self.epsilon
        left = len(self.error) * (self.df - scaled)  # 0 with as few patients as that
        return float(((self.df + 1) * scaled - 2) / left) if left > 0 else float("nan")


def _test(name: str, sums: _Sums, part: slice, errors: float) -> dict[str, Any]:
    """F test of one effect; those within patients also with corrected degrees of freedom."""
    effect, p = sums.coefficients[part], len(sums.error)
    between = float(np.trace(effect.T @ np.linalg.solve(sums.inverse[part, part], effect)))
    error, df, df_residual = float(np.trace(sums.error)), len(effect) * p, sums.df * p
    statistic = between / df / (error / df_residual)
    row = {"term": name, "statistic": statistic, "df": df, "df_residual": df_residual}
    row["p_value"] = float(stats.f.sf(statistic, df, df_residual))
    row["eta_squared"] = between / (between + errors)
    row["eta_squared_partial"] = between / (between + error)
    gg, hf = (sums.epsilon, sums.epsilon_hf) if p > 1 else (np.nan, np.nan)
    for label, epsilon in (("gg", gg), ("hf", hf)):
        cut = min(epsilon, 1.0) if np.isfinite(epsilon) else np.nan
        row[f"epsilon_{label}"] = epsilon
        row[f"p_value_{label}"] = float(stats.f.sf(statistic, df * cut, df_residual * cut))
    return row


@frozen_result
class RMAnova(Result):
    """A repeated-measures analysis of variance, made by `rm_anova`.

    Attributes
    ----------
    effects : pandas.DataFrame
        What `tidy` returns.
    inside : object
        Sums of squares within patients.
    within : str
        The repeated factor.
    n_subject, n, n_missing : int
        Patients and rows used, rows left out.
    formula : str
    """

    effects: pd.DataFrame
    inside: _Sums
    within: str
    n_subject: int
    n: int
    n_missing: int
    formula: str

    def tidy(self) -> pd.DataFrame:
        """Return one row per effect.

        Returns
        -------
        pandas.DataFrame
            ``term statistic df df_residual p_value eta_squared eta_squared_partial epsilon_gg
            p_value_gg epsilon_hf p_value_hf``; what follows the effect sizes is missing of an
            effect between patients, and of two visits.
        """
        return self.effects.copy()

    def sphericity(self) -> pd.DataFrame:
        """Test equal variances of all differences between visits, by Mauchly.

        Returns
        -------
        pandas.DataFrame
            One row: ``term statistic p_value``; W, and its p value by the second-order expansion
            (R's ``mauchly.test`` has the number of visits in it where that of contrasts is due: up
            to 0.3 % of p from four visits on).

        Raises
        ------
        DesignError
            Two visits, whose one difference has one variance; or fewer patients than visits.
        """
        error, n = self.inside.error, self.inside.df
        p = len(error)
        if p < 2 or n < p:
            raise DesignError("sphericity() needs three visits, and more patients than visits.")
        w = float(np.linalg.det(error) / (np.trace(error) / p) ** p)
        rho = 1 - (2 * p**2 + p + 2) / (6 * p * n)
        cubic = (p + 2) * (p - 1) * (p - 2) * (2 * p**3 + 6 * p**2 + 3 * p + 2)
        second = cubic / (288 * (n * p * rho) ** 2)
        z, df = -n * rho * np.log(w), p * (p + 1) / 2 - 1
        first = stats.chi2.sf(z, df)
        p_value = float(first + second * (stats.chi2.sf(z, df + 4) - first))
        return pd.DataFrame([{"term": self.within, "statistic": w, "p_value": p_value}])

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_subject n_missing method``."""
        row = {"n": self.n, "n_subject": self.n_subject, "n_missing": self.n_missing}
        return pd.DataFrame([row | {"method": "repeated-measures analysis of variance"}])

    def _further_tables(self) -> tuple[str, ...]:
        p = len(self.inside.error)
        return ("sphericity",) if p > 1 and self.inside.df >= p else ()

    def _title(self) -> str:
        return f"Repeated-measures analysis of variance: {self.formula}"
