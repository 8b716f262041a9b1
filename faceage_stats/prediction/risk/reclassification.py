"""Net reclassification improvement and integrated discrimination improvement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from faceage_stats._call import checked_call
from faceage_stats.prediction.horizon.data import Cause, Times
from faceage_stats.prediction.risk.moves import check_cuts
from faceage_stats.prediction.risk.reclassification_binary import binary_idi, binary_nri
from faceage_stats.prediction.risk.reclassification_result import Reclassification
from faceage_stats.prediction.risk.reclassification_survival import survival_idi, survival_nri
from faceage_stats.prediction.risk.risks import is_survival

__all__ = ["Reclassification", "idi", "nri"]


@checked_call
def nri(
    formula: str,
    data: Any,
    *,
    cuts: Sequence[float] | None = None,
    times: Times | None = None,
    cause: Cause = None,
) -> Reclassification:
    """Estimate the net reclassification improvement of a new risk over an old one.

    Parameters
    ----------
    formula : str
        ``outcome ~ old_risk + new_risk``, or ``Surv(time, event) ~ old_risk + new_risk`` with
        `times`; two columns of predicted probabilities.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient.
    cuts : sequence of float, optional
        Limits of the risk categories (closed on the left); without them any rise or fall counts
        (continuous NRI).
    times : float, optional
        Horizon of the risks, in the unit of the time column, for a censored outcome.
    cause : optional
        Event of interest when the event column holds several causes.

    Returns
    -------
    Reclassification
        ``tidy()``: nri_event, nri_nonevent and their sum nri; ``parts``; ``tables``.

    Raises
    ------
    InputError
        Not two columns of probabilities; cuts not increasing inside 0 to 1.
    DesignError
        One class only, no patient at risk at the horizon.
    FormulaError
        strata(), cluster() or offset(), which are not used here.

    Warnings
    --------
    The NRI, and the continuous one above all, is optimistic: it tends to be positive, with a
    small p value, for a useless or miscalibrated new marker, also in new data. Test whether a
    marker adds information by the likelihood-ratio test of the nested models (``anova``), and
    describe its use by net benefit (``decision_curve``). Report nri_event and nri_nonevent, not
    their sum alone.

    See Also
    --------
    anova : The likelihood-ratio test of nested models.
    decision_curve : Net benefit of treating by a risk.

    Notes
    -----
    Binary: standard errors of ``Hmisc::improveProb`` 4.8. Censored: Kaplan-Meier risks within
    those who move up and down, standard errors from their influence functions.

    In R: ``Hmisc::improveProb(df$old, df$new, df$died)``

    References
    ----------
    Pencina MJ, D'Agostino RB, Steyerberg EW (2011). Extensions of net reclassification improvement
    calculations to measure usefulness of new biomarkers. Statistics in Medicine 30:11-21.
    doi:10.1002/sim.4085

    Hilden J, Gerds TA (2014). A note on the evaluation of novel biomarkers: do not rely on
    integrated discrimination improvement and net reclassification index. Statistics in Medicine
    33:3405-3414. doi:10.1002/sim.5804

    Kerr KF, Wang Z, Janes H and others (2014). Net reclassification indices for evaluating risk
    prediction instruments: a critical review. Epidemiology 25:114-121.
    doi:10.1097/EDE.0000000000000018

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"y": [0, 0, 0, 1, 1], "old": [.2, .3, .6, .4, .7]})
    >>> df["new"] = [.1, .4, .3, .6, .9]
    >>> nri("y ~ old + new", df).tidy()[["quantity", "estimate"]].round(3).values.tolist()
    [['nri_event', 1.0], ['nri_nonevent', 0.333], ['nri', 1.333]]
    """
    limits = check_cuts(cuts)
    if is_survival(formula, times, cause):
        return survival_nri(formula, data, times, cause, limits)
    return binary_nri(formula, data, limits)


@checked_call
def idi(
    formula: str, data: Any, *, times: Times | None = None, cause: Cause = None
) -> Reclassification:
    """Estimate the integrated discrimination improvement of a new risk over an old one.

    Parameters
    ----------
    formula, data, times, cause
        As for `nri`.

    Returns
    -------
    Reclassification
        ``tidy()``: idi_event (mean rise of the risk among events), idi_nonevent (mean fall
        among the others), and their sum idi.

    Raises
    ------
    InputError, DesignError, FormulaError
        As `nri`.

    Warnings
    --------
    The IDI is as optimistic as the NRI, and its usual test is not valid for nested models.
    Test whether a marker adds information by the likelihood-ratio test
    (``anova``).

    See Also
    --------
    nri : Moves between categories of risk.
    anova : The likelihood-ratio test of nested models.
    decision_curve : Net benefit of treating by a risk.

    Notes
    -----
    Binary: ``Hmisc::improveProb`` 4.8. Censored: means weighted by the inverse probability of
    being uncensored, with the influence of its estimation.

    In R: ``Hmisc::improveProb(df$old, df$new, df$died)``

    References
    ----------
    Kerr KF, McClelland RL, Brown ER, Lumley T (2011). Evaluating the incremental value of new
    biomarkers with integrated discrimination improvement. American Journal of Epidemiology
    174:364-374. doi:10.1093/aje/kwr086

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"y": [0, 0, 0, 1, 1], "old": [.2, .3, .6, .4, .7]})
    >>> df["new"] = [.1, .4, .3, .6, .9]
    >>> idi("y ~ old + new", df).tidy()[["quantity", "estimate"]].round(3).values.tolist()
    [['idi_event', 0.2], ['idi_nonevent', 0.1], ['idi', 0.3]]
    """
    if is_survival(formula, times, cause):
        return survival_idi(formula, data, times, cause)
    return binary_idi(formula, data)
