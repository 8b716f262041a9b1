"""Linear models with a random intercept and slope for each patient, as R's lmer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, column, numeric_column
from faceage_stats._formula.frame import model_frame
from faceage_stats._levels import group_codes
from faceage_stats.association.longitudinal.bars import split_bars
from faceage_stats.association.longitudinal.lmer_result import LMER
from faceage_stats.association.longitudinal.mixed_frame import fit_frame
from faceage_stats.errors import DesignError

__all__ = ["lmer"]


@checked_call
def lmer(
    formula: str,
    data: Any,
    *,
    id: str | None = None,  # noqa: A002 - R's name
    slope: str | None = None,
    reml: bool = True,
    subset: str | None = None,
) -> LMER:
    """Fit a linear model in which each patient has an intercept, and a slope, as R's ``lmer``.

    For serial photographs: how fast faces age, and how much patients differ in it.

    Parameters
    ----------
    formula : str
        ``faceage ~ month * C(arm) + offset(x) + (1 + month | id)`` as in R, or the fixed part alone
        with `id`.
    data : pandas.DataFrame or polars.DataFrame
        One row per visit. Incomplete rows are dropped and counted.
    id : str, optional
        Column of the patient, in place of ``(1 | id)``.
    slope : str, optional
        Column whose slope differs between patients, with the intercept correlated:
        ``(1 + month | id)``.
    reml : bool
        Restricted likelihood, as R's default; False to compare fixed parts by AIC.
    subset : str, optional
        A condition on columns, ``"age > 65 & sex == 1"``: only the rows where it is true are used.

    Returns
    -------
    LMER
        ``tidy()`` the fixed part, ``components()`` variances and correlation,
        ``augment()`` the patients' own effects, ``predict()`` the population's mean,
        ``lr_test(smaller)``, ``confint()``, ``glance()``, ``vcov()``.

    Raises
    ------
    FormulaError, InputError, DesignError
        As every formula; a column that is constant or depends on others; fewer than two patients,
        or none with two visits; a random part of another form.

    See Also
    --------
    gee : The population's mean, without a model of patients.
    rmcorr : Correlation within patients.

    Notes
    -----
    The likelihood is that of lme4, profiled over fixed effects and residual variance; lme4's search
    ends a little below its maximum, so that its numbers may differ from the sixth digit on. The p
    value is normal: with fewer than some 30 patients it is too small.

    Limits are normal, as of R's ``confint(fit, method = "Wald")``; lme4's default profiles.

    In R: ``lme4::lmer(faceage ~ month + (1 + month | id), data = df)``

    References
    ----------
    Laird NM, Ware JH (1982). Random-effects models for longitudinal data. Biometrics 38:963-974.

    Bates D, Maechler M, Bolker B, Walker S (2015). Fitting linear mixed-effects models using lme4.
    Journal of Statistical Software 67(1). doi:10.18637/jss.v067.i01

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"id": [1, 1, 1, 2, 2, 2, 3, 3, 3], "month": [0, 6, 12] * 3,
    ...                    "face": [61, 62, 64, 70, 72, 72, 55, 57, 58]})
    >>> fit = lmer("face ~ month + (1 | id)", df)
    >>> fit.tidy()["estimate"].round(3).tolist()
    [62.111, 0.222]
    """
    table = as_pandas(data)
    formula, id, slope = split_bars(formula, id, slope)  # noqa: A001 - R's name
    frame = model_frame(
        formula, table, allow={"offset", "- 1"}, cluster=id, subset=subset, caller="lmer()"
    )
    times = None
    if slope is not None:
        times = numeric_column(table, slope, "lmer(): slope")[frame.rows]
        known = np.flatnonzero(~np.isnan(times))
        n_lost = frame.n - len(known)
        frame, times = frame.take(known), times[known]
        frame = replace(frame, n_missing=frame.n_missing + n_lost)
    codes, texts = group_codes(column(table, id, "lmer(): id").iloc[frame.rows])
    present, patient = np.unique(codes, return_inverse=True)
    if not len(patient) or patient.max() < 1 or np.bincount(patient).max() < 2:
        raise DesignError("lmer(): needs two patients or more, and one with two visits.")
    labels = tuple(texts[k] for k in present)
    return LMER(
        frame, patient, labels, times, slope, reml, fit_frame(frame, patient, times, reml)
    )  # fmt: skip
