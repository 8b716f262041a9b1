"""How long patients were followed: the reverse Kaplan-Meier estimate."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from faceage_stats._call import checked_call
from faceage_stats._formula.survival_groups import survival_groups
from faceage_stats._wald import check_conf_level
from faceage_stats.errors import DesignError
from faceage_stats.survival.km.survfit import curves_of
from faceage_stats.survival.km.survfit_result import SurvFit

__all__ = ["follow_up"]


@checked_call
def follow_up(formula: str, data: Any, *, conf_level: float = 0.95) -> SurvFit:
    """Estimate how long patients were followed, or would have been had they lived.

    The reverse Kaplan-Meier curve: the end of follow-up is the event, and death censors it. The
    median of the times themselves is too short where many died.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ group``; ``~ 1`` for all patients together.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient, or per interval at risk.
    conf_level : float
        Confidence level of the intervals.

    Returns
    -------
    SurvFit
        ``median()`` is the median follow-up with its interval; ``n_event`` counts who was censored.

    Raises
    ------
    FormulaError, InputError, DesignError
        As every formula; nobody was censored.

    See Also
    --------
    survfit : Survival.

    Notes
    -----
    In R: ``survival::survfit(Surv(time, event == 0) ~ group, data = df)``

    References
    ----------
    Schemper M, Smith TL (1996). A note on quantifying follow-up in studies of failure time.
    Controlled Clinical Trials 17:343-346. doi:10.1016/0197-2456(96)00075-X

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"time": [1, 2, 3, 4, 5], "event": [1, 0, 1, 0, 0]})
    >>> follow_up("Surv(time, event) ~ 1", df).median()["median"].item()
    4.0
    """
    check_conf_level(conf_level)
    frame, groups = survival_groups(formula, data, caller="follow_up()")
    surv = frame.surv
    if surv.event.all():
        raise DesignError(f"follow_up(): all {frame.n} patients had the event; none was censored.")
    turned = replace(frame, surv=replace(surv, event=1 - surv.event))
    curves = curves_of(turned, groups, "log", "kaplan-meier")
    return SurvFit(
        curves, groups.levels, formula, conf_level, "kaplan-meier", False, frame.n_missing
    )
