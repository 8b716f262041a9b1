"""Least squares, and with robust standard errors when asked for."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from faceage_stats._call import checked_call
from faceage_stats._formula.frame import ModelFrame, model_frame
from faceage_stats._formula.sides import refuse_zero_weights
from faceage_stats._near import check_option
from faceage_stats.association.regression.centred import Centred, column_means, moved
from faceage_stats.association.regression.design_matrix import (
    column_lengths,
    independent_columns,
    offset_of,
    warn_singular,
    weights_of,
    with_intercept,
)
from faceage_stats.association.regression.leverage import refuse_rows_alone
from faceage_stats.association.regression.linear_model import LinearModel, Robust
from faceage_stats.errors import DesignError, InputError

__all__ = ["lm"]


@checked_call
def lm(
    formula: str,
    data: Any,
    *,
    weights: str | None = None,
    subset: str | None = None,
    robust: Robust | None = None,
) -> LinearModel:
    """Fit a linear model by least squares, as R's ``lm``.

    Parameters
    ----------
    formula : str
        ``gap ~ age + C(site) + offset(x)``; factors, splines and interactions as everywhere.
        ``cluster(id)`` gives the variance for clustered rows, ``- 1`` removes the intercept.
    data : pandas.DataFrame or polars.DataFrame
        One row per observation. Incomplete rows are dropped and counted.
    weights : str, optional
        Column of weights above 0, proportional to the inverse variance of a row.
    subset : str, optional
        A condition on columns, ``"age > 65 & sex == 1"``: only the rows where it is true are used.
    robust : {"HC0", "HC1", "HC2", "HC3", "CR0", "CR1"}, optional
        Sandwich variance against unequal variances; HC3 is the one to use in small samples. With
        cluster(): CR1 is what it gives by itself, CR0 has no correction for few clusters.

    Returns
    -------
    LinearModel
        ``tidy(exponentiate=..., conf_level=...)``: ``term variable level is_reference estimate
        std_error statistic df p_value conf_low conf_high n scale``; ``glance()``, ``augment()``,
        ``predict()``, ``vcov()``, ``drop1()``, ``anova()``, ``f_test(smaller)``.

    Raises
    ------
    DesignError
        No more rows than coefficients.
    FormulaError, InputError
        As every formula; a survival outcome or ``strata()``; an unknown `robust`; a weight of 0.

    Warns
    -----
    SingularColumnWarning
        A column depends on earlier ones; its coefficient is NaN.

    See Also
    --------
    logistic : for an outcome of 0 and 1.
    calibration_line : a prediction against the observation.

    Notes
    -----
    The arithmetic is statsmodels'. Clustered fits use the variance with G/(G - 1) (n - 1)/(n - p)
    and t on G - 1 degrees of freedom, G being the number of clusters.

    In R: ``lm(gap ~ age + site, data = df)``

    In R: ``sandwich::vcovHC(lm(gap ~ age, data = df), type = "HC3")``

    References
    ----------
    Long JS, Ervin LH (2000). Using heteroscedasticity consistent standard errors in the linear
    regression model. The American Statistician 54:217-224. doi:10.1080/00031305.2000.10474549

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"gap": [3.0, 5, 1, 6, 2, 8], "bmi": [22, 27, 31, 24, 35, 19]})
    >>> lm("gap ~ bmi", data).tidy()[["term", "estimate"]].round(3).values.tolist()
    [['(Intercept)', 13.228], ['bmi', -0.344]]
    """
    if robust is not None:
        check_option("robust", robust, Robust)
    frame = model_frame(
        formula, data, allow={"cluster", "offset", "- 1"}, weights=weights, subset=subset,
        caller="lm()",
    )  # fmt: skip
    refuse_zero_weights(frame.weights, weights)
    if robust is not None and robust.startswith("CR") != (frame.cluster is not None):
        raise InputError(
            f"robust={robust!r}: cluster() already gives a robust variance, CR1 or CR0; HC0 to HC3 "
            "go without clusters."
        )
    x = with_intercept(frame)
    means = column_means(x)
    centred = moved(x, means)
    kept = independent_columns(centred, x)
    if not kept.any():
        raise DesignError(f"lm(): `{formula}` has no coefficient that can be estimated.")
    if len(x) <= kept.sum():
        raise DesignError(f"lm: {len(x)} rows cannot estimate {kept.sum()} coefficients.")
    warn_singular(frame, kept)
    coefficients = np.full(len(kept), np.nan)
    variance = np.full((len(kept), len(kept)), np.nan)
    unit = column_lengths(centred[:, kept])
    fit = _fit(frame, centred[:, kept] / unit, robust)
    coefficients[kept] = fit.params / unit
    variance[np.ix_(kept, kept)] = fit.cov_params() / np.outer(unit, unit)
    kind: Robust | Literal["cluster"] | None = robust if frame.cluster is None else "cluster"
    return LinearModel(frame, formula, Centred(means, coefficients, variance), kind)


def _fit(frame: ModelFrame, x: np.ndarray, robust: Robust | None) -> Any:
    from statsmodels.regression.linear_model import WLS

    model = WLS(frame.y - offset_of(frame), x, weights=weights_of(frame))
    if frame.cluster is not None:
        clusters = {"groups": frame.cluster, "use_correction": robust != "CR0"}
        return model.fit(method="qr", cov_type="cluster", cov_kwds=clusters)
    refuse_rows_alone(model.wexog, robust)
    return model.fit(method="qr", cov_type=robust or "nonrobust")
