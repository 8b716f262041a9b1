"""Pool fits of multiply imputed data by Rubin's rules."""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from faceage_stats._arguments import check_fit
from faceage_stats._call import checked_call
from faceage_stats._columns import numeric
from faceage_stats._formula.extremes import refuse_extremes
from faceage_stats._result import Result, frozen_result
from faceage_stats._scale import exponentiated
from faceage_stats._wald import wald
from faceage_stats.association.missing import rubin as rules
from faceage_stats.errors import DesignError, InputError

__all__ = ["Pooled", "complete_df", "pool_rubin", "pool_scalar"]

# columns of a tidy table that say what a row is about
_KEYS = ("term", "variable", "level", "is_reference", "quantity", "marker", "marker1", "marker2",
         "group", "group1", "group2", "strata", "time")  # fmt: skip


@frozen_result
class Pooled(Result):
    """Estimates pooled over imputations, made by :func:`pool_rubin` or :func:`pool_scalar`.

    Attributes
    ----------
    keys : pandas.DataFrame
        What each row is about: ``term variable level is_reference`` ...
    pool : Pool
        Arrays ``estimate within between total df riv lambda_ fmi``.
    m : int
        Imputations.
    df_complete : float
        Degrees of freedom that complete data would have.
    counts : dict of str to ndarray
        ``n`` and ``n_event`` of each row; the mean over imputations for a level that is imputed.
    scale : str or None
        Of the estimates, as the fits name it.
    n, n_missing : float
        Rows used by a fit, and dropped by it; the mean over imputations, NaN where unknown.
    """

    keys: pd.DataFrame
    pool: rules.Pool
    m: int
    df_complete: float
    counts: dict[str, np.ndarray]
    scale: str | None = None
    n: float = np.nan
    n_missing: float = np.nan

    def tidy(self, *, exponentiate: bool = False, conf_level: float = 0.95) -> pd.DataFrame:
        """Return one row per quantity, reference levels included.

        Parameters
        ----------
        exponentiate : bool
            Ratios and their limits; standard errors stay on the log scale.
        conf_level : float
            Level of the t intervals.

        Returns
        -------
        pandas.DataFrame
            ``term ...`` as in the fits, ``estimate std_error statistic df p_value conf_low
            conf_high riv lambda fmi`` and ``n n_event scale`` where the fits have them (counts are
            the mean over imputations for a level that is imputed).
        """
        p = self.pool
        columns = wald(p.estimate, np.sqrt(p.total), conf_level, df=p.df, exponentiate=exponentiate)
        order = ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")
        columns |= {"df": p.df}
        values = {name: columns[name] for name in order}
        values |= {"riv": p.riv, "lambda": p.lambda_, "fmi": p.fmi}
        reference = self._is_reference()
        table = self.keys.copy()
        for name, found in values.items():
            column = np.full(len(table), np.nan)
            column[~reference] = found
            table[name] = column
        table.loc[reference, "estimate"] = 1.0 if exponentiate else 0.0
        table = table.assign(**self.counts)
        if self.scale is None:
            return table
        return table.assign(scale=exponentiated(self.scale) if exponentiate else self.scale)

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_missing n_imputation df_complete``, largest ``fmi`` of all rows."""
        row = {
            "n": self.n,
            "n_missing": self.n_missing,
            "n_imputation": self.m,
            "df_complete": self.df_complete,
            "fmi": float(np.fmax.reduce(self.pool.fmi)),  # NaN where no row has one
        }
        return pd.DataFrame([row])

    def _is_reference(self) -> np.ndarray:
        if "is_reference" not in self.keys:
            return np.zeros(len(self.keys), bool)
        return self.keys["is_reference"].to_numpy(bool)

    def _title(self) -> str:
        return f"Pooled over {self.m} imputations (Rubin's rules, Barnard-Rubin df)"


@checked_call
def pool_rubin(fits: Sequence[Result], *, df_complete: float | None = None) -> Pooled:
    """Pool the same analysis of several imputed data sets by Rubin's rules, as R's ``mice::pool``.

    Parameters
    ----------
    fits : sequence of results
        One per imputed data set, of any kind whose ``tidy()`` has ``estimate`` and ``std_error``
        on a scale where they are about normal: Cox, logistic and linear models, concordances,
        mean differences.
    df_complete : float, optional
        Complete-data degrees of freedom of the analysis. By default residual ones where
        the fit has them, number of events less coefficients for a Cox model, otherwise infinite.

    Returns
    -------
    Pooled
        ``tidy(exponentiate=..., conf_level=...)``: the rows of the fits with ``estimate std_error
        statistic df p_value conf_low conf_high``, ``riv`` (relative increase in variance),
        ``lambda`` (proportion of the variance due to missing values), ``fmi`` (fraction of missing
        information).

    Raises
    ------
    DesignError
        Fewer than two fits, fits with different rows, or a coefficient that a fit could not
        estimate.
    InputError
        A result without estimates and standard errors.

    See Also
    --------
    impute : makes the data sets.
    pool_test : several coefficients together.

    Notes
    -----
    In R: ``mice::pool(fits)``

    References
    ----------
    Rubin DB (1987). Multiple Imputation for Nonresponse in Surveys. Wiley.

    Barnard J, Rubin DB (1999). Small-sample degrees of freedom with multiple imputation. Biometrika
    86:948-955. doi:10.1093/biomet/86.4.948

    Examples
    --------
    >>> from faceage_stats.association.regression.lm import lm
    >>> fits = [lm("gap ~ bmi", pd.DataFrame({"gap": [3.0, 5, 1, 6, 2], "bmi": bmi}))
    ...         for bmi in ([22, 27, 31, 24, 35], [22, 27, 31, 24, 30], [22, 27, 31, 24, 33])]
    >>> pool_rubin(fits).tidy()[["term", "estimate", "df"]].round(2).values.tolist()
    [['(Intercept)', 11.15, 1.9], ['bmi', -0.28, 1.87]]
    """
    check_fit(fits, Iterable, "pool_rubin() takes a list of fits")
    fits = list(fits)
    if len(fits) < 2:
        raise DesignError(f"pool_rubin: {len(fits)} fits; at least 2 imputations are needed.")
    for fit in fits:
        check_fit(fit, Result, "pool_rubin() takes one fit per imputed data set")
    tables = [fit.tidy() for fit in fits]
    keys = _common_keys(tables)
    kept = ~keys["is_reference"].to_numpy(bool) if "is_reference" in keys else slice(None)
    estimates = np.array([table["estimate"].to_numpy(float)[kept] for table in tables])
    errors = np.array([_std_error(table)[kept] for table in tables])
    unusable = int((~np.isfinite(estimates) | ~np.isfinite(errors)).any(axis=0).sum())
    if unusable:
        raise DesignError(
            f"pool_rubin: {unusable} quantities have no estimate or standard error in some "
            "imputation (a column that depends on others, a level without rows). Simplify the "
            "model."
        )
    df = complete_df(fits) if df_complete is None else float(df_complete)
    counts = {
        name: np.mean([table[name].to_numpy(float) for table in tables], axis=0).round().astype(int)
        for name in ("n", "n_event")
        if all(name in table for table in tables)
    }
    return Pooled(
        keys,
        rules.pool(estimates, errors**2, df),
        len(fits),
        df,
        counts,
        scale=str(tables[0]["scale"].iloc[0]) if "scale" in tables[0] else None,
        n=_mean_of_glance(fits, "n"),
        n_missing=_mean_of_glance(fits, "n_missing"),
    )


def _mean_of_glance(fits: Sequence[Result], name: str) -> float:
    values = [float(fit.glance().iloc[0].get(name, np.nan)) for fit in fits]
    return float(np.mean(values))


def _common_keys(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Columns that identify the rows; the same in every fit."""
    for name in ("estimate", "std_error"):
        if any(name not in table for table in tables):
            raise InputError(f"pool_rubin: a fit's tidy() has no column {name}.")
    keys = [table[[c for c in _KEYS if c in table]].reset_index(drop=True) for table in tables]
    if any(not key.equals(keys[0]) for key in keys[1:]):
        raise DesignError(
            "pool_rubin: the fits have different rows. Fit one formula to every imputed data set, "
            "with the same levels in each."
        )
    return keys[0]


def _std_error(table: pd.DataFrame) -> np.ndarray:
    """Standard error that the tests of the fit use."""
    name = "robust_se" if "robust_se" in table else "std_error"
    return table[name].to_numpy(float)


def complete_df(fits: Sequence[Result]) -> float:
    """Find the smallest complete-data degrees of freedom of the fits."""
    values = []
    for fit in fits:
        row = fit.glance().iloc[0]
        if "df_residual" in row:
            values.append(float(row["df_residual"]))
        elif {"n_event", "log_lik", "df"} <= set(row.index):
            values.append(float(row["n_event"] - row["df"]))
        else:
            return float("inf")
    return max(min(values), 1.0)


@checked_call
def pool_scalar(
    estimates: ArrayLike, std_errors: ArrayLike, *, df_complete: float = float("inf")
) -> Pooled:
    """Pool one quantity from its estimates and standard errors, as R's ``mice::pool.scalar``.

    Parameters
    ----------
    estimates, std_errors : array_like, shape (m,)
        One per imputation.
    df_complete : float
        Degrees of freedom of the complete data (n - k); infinite gives Rubin's 1987 degrees.

    Returns
    -------
    Pooled
        ``tidy(conf_level=...)`` has one row: ``term estimate std_error statistic df p_value
        conf_low conf_high riv lambda fmi``; ``pool`` holds the variance within and between
        imputations.

    Raises
    ------
    DesignError
        Fewer than two imputations.
    InputError
        Unequal lengths, missing values, or a standard error that is not positive.

    See Also
    --------
    pool_rubin : whole fits.

    Notes
    -----
    In R: ``mice::pool.scalar(c(0.41, 0.47), c(0.20, 0.22)^2, n = 39)``

    Examples
    --------
    >>> fit = pool_scalar([0.41, 0.47], [0.20, 0.22], df_complete=38)
    >>> fit.tidy()[["estimate", "std_error", "df"]].round(3).values.tolist()
    [[0.44, 0.217, 30.61]]
    """
    values = numeric(estimates, "estimates")
    errors = numeric(std_errors, "std_errors")
    if values.shape != errors.shape:
        raise InputError("pool_scalar: give as many standard errors as estimates.")
    if len(values) < 2:
        raise DesignError(f"pool_scalar: {len(values)} estimate; at least 2 are needed.")
    if not (np.isfinite(values).all() and np.isfinite(errors).all() and (errors > 0).all()):
        raise InputError("pool_scalar: estimates must be finite and standard errors above 0.")
    refuse_extremes(np.column_stack([values, errors]), ["estimates", "std_errors"])
    if not isinstance(df_complete, numbers.Real) or not df_complete > 0:
        raise InputError(f"pool_scalar: df_complete is {df_complete}; it must be positive.")
    pooled = rules.pool(values[:, None], errors[:, None] ** 2, df_complete)
    return Pooled(pd.DataFrame({"term": ["estimate"]}), pooled, len(values), df_complete, {})
