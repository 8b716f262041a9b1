"""Tests of several coefficients, or of any chi-squared statistic, over imputed data sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from faceage_stats._arguments import check_fit
from faceage_stats._call import checked_call
from faceage_stats._columns import numeric
from faceage_stats._near import check_option
from faceage_stats._result import Result
from faceage_stats._scalar import check_number
from faceage_stats.association.missing import rubin as rules
from faceage_stats.association.missing.pool import complete_df
from faceage_stats.association.regression.logistic_model import Logistic
from faceage_stats.errors import DesignError, InputError
from faceage_stats.survival.cox.estimate import fit_cox
from faceage_stats.survival.cox.result import CoxPH

__all__ = ["PoolMethod", "pool_chisq", "pool_test"]

PoolMethod = Literal["D1", "D2", "D3"]


@checked_call
def pool_chisq(statistics: ArrayLike, df: int) -> pd.DataFrame:
    """Pool chi-squared statistics of imputed data sets (method D2).

    Parameters
    ----------
    statistics : array_like, shape (m,)
        The same chi-squared test (log-rank, Wald, likelihood ratio) of each imputed data set.
    df : int
        Its degrees of freedom.

    Returns
    -------
    pandas.DataFrame
        One row: ``method statistic`` (F) ``df df_residual p_value riv n_imputation``.

    Raises
    ------
    InputError
        Fewer than two statistics, one below 0, or `df` below 1.

    See Also
    --------
    pool_test : from the fits themselves.

    Notes
    -----
    Rough where half of the information is missing; prefer D1 or D3 where a fit gives more than
    its statistic.

    In R: ``miceadds::micombine.chisquare(c(8.2, 9.1, 7.5), df = 2)``

    References
    ----------
    Li KH, Meng XL, Raghunathan TE, Rubin DB (1991). Significance levels from repeated p-values
    with multiply-imputed data. Statistica Sinica 1:65-92.

    Examples
    --------
    >>> pool_chisq([8.2, 9.1, 7.5], df=2)[["statistic", "p_value"]].round(3).values.tolist()
    [[3.979, 0.019]]
    """
    values = numeric(statistics, "statistics")
    check_number("df", df)
    if len(values) < 2 or df < 1 or not (np.isfinite(values).all() and (values >= 0).all()):
        raise InputError(
            "pool_chisq: give two or more statistics of 0 or more, and df of 1 or more."
        )
    return _test_row("D2", rules.d2(values, df), len(values))


@checked_call
def pool_test(
    fits: Sequence[Any], smaller: Sequence[Any], *, method: PoolMethod = "D1"
) -> pd.DataFrame:
    """Test whether the terms that `fits` have beyond `smaller` improve the model.

    Parameters
    ----------
    fits, smaller : sequence of Cox, logistic or linear models
        The larger and the smaller model, each fitted to every imputed data set, in one order.
    method : {"D1", "D2", "D3"}
        D1 pools the Wald test of the added coefficients (R's ``mice::D1``), D2 the likelihood-
        ratio statistics, D3 the likelihood ratios at the estimates of each fit and at the
        pooled ones (Cox and logistic models).

    Returns
    -------
    pandas.DataFrame
        One row: ``method statistic`` (F) ``df df_residual p_value riv n_imputation``.

    Raises
    ------
    InputError
        An unknown method, or unequal numbers of fits.
    DesignError
        Fewer than two imputations, models that are not nested, or fits whose likelihood cannot
        be evaluated at other coefficients.

    See Also
    --------
    pool_rubin : single coefficients.

    Notes
    -----
    In R: ``mice::D1(fits, smaller)``

    References
    ----------
    Li KH, Raghunathan TE, Rubin DB (1991). Large-sample significance levels from multiply imputed
    data using moment-based statistics and an F reference distribution. Journal of the American
    Statistical Association 86:1065-1073. doi:10.1080/01621459.1991.10475152

    Meng XL, Rubin DB (1992). Performing likelihood ratio tests with multiply-imputed data sets.
    Biometrika 79:103-111. doi:10.1093/biomet/79.1.103

    Reiter JP (2007). Small-sample degrees of freedom for multi-component significance tests for
    multiple imputation for missing data. Biometrika 94:502-508. doi:10.1093/biomet/asm028

    Examples
    --------
    >>> from faceage_stats.association.regression.lm import lm
    >>> tables = [pd.DataFrame({"gap": [3.0, 5, 1, 6, 2, 4], "bmi": [22, 27, 31, 24, last, 26]})
    ...           for last in (35, 30, 33)]
    >>> larger, null = ([lm(f, data) for data in tables] for f in ("gap ~ bmi", "gap ~ 1"))
    >>> pool_test(larger, null)[["statistic", "p_value"]].round(3).values.tolist()
    [[2.275, 0.242]]
    """
    check_option("method", method, PoolMethod)
    tests: dict[str, Callable[..., rules.PooledTest]] = {"D1": _d1, "D2": _d2, "D3": _d3}
    for listed in (fits, smaller):
        check_fit(listed, Sequence, "pool_test() takes two lists of fits")
        for fit in listed:
            check_fit(fit, Result, "pool_test() takes lists of fits")
    fits, smaller = list(fits), list(smaller)
    if len(fits) != len(smaller):
        raise InputError(f"pool_test: {len(fits)} larger and {len(smaller)} smaller fits.")
    if len(fits) < 2:
        raise DesignError(f"pool_test: {len(fits)} fits; at least 2 imputations are needed.")
    names, base = list(fits[0].coef.index), set(smaller[0].coef.index)
    added = [name for name in names if name not in base]
    if not added or not base <= set(names):
        raise DesignError(
            "pool_test: the second model must hold some, and only, terms of the first: "
            f"{len(added)} coefficients are added, {len(base - set(names))} taken away."
        )
    return _test_row(method, tests[method](fits, smaller, added), len(fits))


def _test_row(method: str, test: rules.PooledTest, m: int) -> pd.DataFrame:
    fields = {name: getattr(test, name) for name in ("statistic", "df", "df_residual", "p_value")}
    return pd.DataFrame([{"method": method, **fields, "riv": test.riv, "n_imputation": m}])


def _d1(fits: list[Any], smaller: list[Any], added: list[str]) -> rules.PooledTest:
    estimates = np.array([fit.coef[added].to_numpy(float) for fit in fits])
    variances = np.array([fit.vcov().loc[added, added].to_numpy(float) for fit in fits])
    return rules.d1(estimates, variances, complete_df(fits))


def _ratios(fits: list[Any], smaller: list[Any]) -> np.ndarray:
    pairs = zip(fits, smaller, strict=True)
    return np.array([2 * (fit.log_lik - null.log_lik) for fit, null in pairs])


def _d2(fits: list[Any], smaller: list[Any], added: list[str]) -> rules.PooledTest:
    return rules.d2(np.maximum(_ratios(fits, smaller), 0.0), len(added))


def _d3(fits: list[Any], smaller: list[Any], added: list[str]) -> rules.PooledTest:
    sides = []
    for models in (fits, smaller):
        mean = np.mean([model.coef.to_numpy(float) for model in models], axis=0)
        sides.append(np.array([_log_lik_at(model, mean) for model in models]))
    return rules.d3(_ratios(fits, smaller), 2 * (sides[0] - sides[1]), len(added))


def _log_lik_at(fit: Any, coefficients: np.ndarray) -> float:
    """Log-likelihood of the fit's data at given coefficients."""
    if isinstance(fit, CoxPH):
        return fit_cox(fit.data, ties=fit.ties, init=coefficients, iter_max=0).log_lik
    if isinstance(fit, Logistic):
        return fit.log_lik_at(coefficients)
    raise DesignError(f"pool_test: D3 is for Cox and logistic models, not {type(fit).__name__}.")
