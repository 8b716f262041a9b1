"""Cox's model with Firth's penalty: finite estimates under separation and with rare events."""

from __future__ import annotations

from typing import Any

import numpy as np

from faceage_stats._call import checked_call
from faceage_stats._formula.frame import survival_frame
from faceage_stats._near import check_option
from faceage_stats.errors import DesignError
from faceage_stats.survival.cox.coxph import sorted_data
from faceage_stats.survival.cox.fit import Ties
from faceage_stats.survival.firth.kernel import cox_objective
from faceage_stats.survival.firth.profile import maximise, refuse_singular
from faceage_stats.survival.firth.result import FirthCox

__all__ = ["coxphf"]


@checked_call
def coxphf(formula: str, data: Any, *, ties: Ties = "efron") -> FirthCox:
    """Fit a Cox model with Firth's penalty, as R's ``coxphf``.

    The penalty, half the log determinant of the information, keeps coefficients finite where the
    partial likelihood rises without end: separation, or a level without events.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ x + C(g)`` or ``Surv(start, stop, event) ~ ...``; strata() and
        offset() as in `coxph`. cluster() is refused: the penalised fit has no sandwich variance.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient, or per interval at risk.
    ties : {"efron", "breslow"}
        R's ``coxphf`` has Breslow's.

    Returns
    -------
    FirthCox
        ``tidy(exponentiate=True)``: hazard ratios with profile penalised-likelihood limits and
        penalised likelihood-ratio tests; ``glance()``, ``augment()``, ``vcov()``.

    Raises
    ------
    InputError
        Unknown `ties`.
    DesignError
        No covariate, no events, or a column that is constant or linearly dependent.

    See Also
    --------
    coxph : Cox's proportional hazards model.
    logistf : Logistic regression with Firth's penalty.

    Notes
    -----
    Tests hold one coefficient at 0 and keep the penalty of the full design.

    In R: ``coxphf::coxphf(survival::Surv(time, event) ~ x, data = df)``

    References
    ----------
    Firth D (1993). Bias reduction of maximum likelihood estimates. Biometrika 80:27-38.
    doi:10.1093/biomet/80.1.27

    Heinze G, Schemper M (2001). A solution to the problem of monotone likelihood in Cox regression.
    Biometrics 57:114-119. doi:10.1111/j.0006-341X.2001.00114.x

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4, 5, 6], "d": [1, 1, 1, 0, 0, 0],
    ...                    "x": [1, 1, 1, 0, 0, 0]})
    >>> fit = coxphf("Surv(t, d) ~ x", df)
    >>> fit.coef.round(3).to_dict()
    {'x': 2.565}
    """
    check_option("ties", ties, Ties)
    frame = survival_frame(formula, data, allow={"strata", "offset"}, caller="coxphf()")
    p = frame.x.shape[1]
    if not p:
        raise DesignError(f"coxphf(): `{formula}` has no covariate to penalise.")
    if not frame.surv.event.any():
        raise DesignError(f"coxphf(): `{formula}` has no events among {frame.n} rows.")
    sorted_rows = sorted_data(frame).data
    objective = cox_objective(sorted_rows, efron=ties == "efron")
    refuse_singular(objective(np.zeros(p)).information, frame.design.names)
    top = maximise(objective, np.zeros(p), np.ones(p, bool))
    null = maximise(objective, np.zeros(p), np.zeros(p, bool))
    return FirthCox(frame, top, objective, np.diag(sorted_rows.scale), null, ties)
