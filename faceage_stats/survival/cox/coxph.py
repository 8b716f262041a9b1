"""Cox's proportional hazards model, with R's numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np

from faceage_stats._call import checked_call
from faceage_stats._formula.design import singular_columns
from faceage_stats._formula.frame import SurvivalFrame, survival_frame
from faceage_stats._formula.sides import refuse_zero_weights
from faceage_stats._near import check_option
from faceage_stats._scalar import check_numbers
from faceage_stats._ties import merge_near_ties
from faceage_stats._warn import warn
from faceage_stats.errors import (
    ConvergenceWarning,
    EstimationWarning,
    InfiniteCoefficientWarning,
    InputError,
    SingularColumnWarning,
)
from faceage_stats.survival.cox.data import CoxData, prepare
from faceage_stats.survival.cox.estimate import CoxEstimate, fit_cox
from faceage_stats.survival.cox.fit import CoxTies
from faceage_stats.survival.cox.residuals import sandwich, score_residuals
from faceage_stats.survival.cox.result import CoxPH
from faceage_stats.survival.cox.tables import CoxTables
from faceage_stats.survival.cox.time_transform import transform_time

__all__ = ["CoxPH", "coxph", "fit_frame", "needs_sandwich", "sorted_data", "warn_as_r"]


@checked_call
def coxph(
    formula: str,
    data: Any,
    *,
    ties: CoxTies = "efron",
    weights: str | None = None,
    cluster: str | None = None,
    subset: str | None = None,
    tt: str | Sequence[str] | None = None,
    robust: bool | None = None,
    init: Any = None,
    iter_max: int = 20,
) -> CoxPH:
    """Fit a Cox proportional hazards model, as R's ``survival::coxph``.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ x + C(g, ref="a")`` or ``Surv(start, stop, event) ~ ...`` (a row is
        at risk in (start, stop]). ``strata()``, ``cluster()``, ``offset()``, ``tt()``, ``ns()``,
        ``rcs()``, ``.``, ``as.factor()`` and interactions work as in R, also after ``survival::``.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient, or per interval at risk.
    ties : {"efron", "breslow", "exact"}
        How tied event times are handled; exact is Cox's discrete likelihood, that of matched sets,
        whose cost grows with the deaths at one time.
    weights : str, optional
        Column of case weights, all above 0. Weights that are not whole numbers turn `robust` on.
    cluster : str, optional
        Column of clusters: rows of one cluster are summed in the sandwich variance.
    subset : str, optional
        A condition on columns, ``"age > 65 & sex == 1"``: only the rows where it is true are used.
        Knots and moments of the formula come from all rows, as in R.
    tt : str or sequence of str, optional
        The function behind ``tt(age)`` in the formula, of the column x and the time t:
        ``tt="x * log(t)"``; several tt() terms take one text each, or share one.
    robust : bool, optional
        True gives the sandwich variance, False refuses it; by default it is used with a
        cluster or non-integer weights.
    init : array-like, shape (p,), optional
        Starting values, one per design column.
    iter_max : int
        Newton steps allowed; 0 keeps `init`.

    Returns
    -------
    CoxPH
        ``tidy(exponentiate=True)``, ``glance()``, ``augment()``, ``vcov()``, ``predict()``,
        ``residuals()``, ``survfit()``, ``basehaz()``, ``anova()``, ``drop1()``.

    Raises
    ------
    FormulaError, InputError, DesignError
        As every formula; unknown `ties`; a weight that is not positive; ``robust=True`` with
        (start, stop] rows and no cluster.

    Warns
    -----
    SingularColumnWarning
        A column is constant or a combination of the others; its coefficient is NaN.
    InfiniteCoefficientWarning
        The likelihood rises without end in a coefficient (separation, a level without events).
    ConvergenceWarning
        `iter_max` steps were not enough.
    EstimationWarning
        There are no events.

    See Also
    --------
    coxphf : Firth's penalty, finite under separation.
    coxnet : ridge, lasso and elastic net.
    cox_zph : test of proportional hazards.
    anova : likelihood-ratio tests of nested models.
    surv_split : split follow-up, for effects that change at chosen times.
    tmerge : merge measurements taken during follow-up.

    Notes
    -----
    Equals survival 3.5 to about 1e-9: near-tied times are merged (``timefix``), the sandwich
    accounts for tied times, and the iteration goes on past R's tolerance to full convergence.

    In R: ``survival::coxph(Surv(time, event) ~ x, data = df)``

    References
    ----------
    Cox DR (1972). Regression models and life-tables (with discussion). Journal of the Royal
    Statistical Society, Series B 34:187-220. doi:10.1111/j.2517-6161.1972.tb00899.x

    Therneau TM, Grambsch PM (2000). Modeling Survival Data: Extending the Cox Model. Springer.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"time": [1, 1, 6, 6, 8, 9], "event": [1, 0, 1, 1, 0, 1],
    ...                    "x": [1, 1, 1, 0, 0, 0]})
    >>> fit = coxph("Surv(time, event) ~ x", df)
    >>> fit.tidy()[["term", "estimate", "std_error"]].round(4)
      term  estimate  std_error
    0    x    1.6769     1.2776
    """
    check_option("ties", ties, CoxTies)
    frame = survival_frame(
        formula,
        data,
        allow={"strata", "cluster", "offset", "tt"},
        weights=weights,
        cluster=cluster,
        subset=subset,
        encode=False,
        caller="coxph()",
    )
    robust = needs_sandwich(frame, robust, weights)
    return fit_frame(transform_time(frame, tt), CoxPH, ties, robust, init, iter_max)


_LARGE = 2**24  # bytes of a design of which a fit keeps one copy, not one more in order of time

Fit = TypeVar("Fit", bound=CoxTables)


def fit_frame(
    frame: SurvivalFrame,
    make: type[Fit],
    ties: CoxTies,
    robust: bool,
    init: Any = None,
    iter_max: int = 20,
) -> Fit:
    """Fit the rows of a frame and make the result; warn as R does."""
    if ties == "exact" and (robust or frame.weights is not None):
        raise InputError(
            'the exact likelihood takes no weights, clusters or sandwich variance. Use "efron".'
        )
    cox_data, n_merged = sorted_data(frame)
    start = _starting_values(init, frame)
    estimate = fit_cox(cox_data, ties=ties, init=start, iter_max=iter_max)
    n_event = int(frame.surv.event.sum())
    warn_as_r(estimate, frame.design.names, frame.n, n_event, iter_max)
    large = cox_data.x.nbytes > _LARGE
    sorting = cox_data.without_columns() if large else cox_data
    del cox_data
    frame = frame.settled()
    fit = make(frame, estimate, None, ties, start, n_merged, sorting)
    if not robust or not estimate.df:
        return fit
    residual = score_residuals(fit.risk_sets)
    variance = sandwich(residual, fit.weights, estimate.variance, frame.cluster)
    return make(frame, estimate, variance, ties, start, n_merged, sorting)


class Sorted(NamedTuple):
    """Sorted and scaled arrays, and how many distinct times were merged into a neighbour."""

    data: CoxData
    n_merged: int


def sorted_data(frame: SurvivalFrame) -> Sorted:
    """Sort and scale the rows of a frame for the kernels."""
    surv = frame.surv
    time, entry = merge_near_ties(surv.time, surv.entry)
    n_merged = 0
    if time is not surv.time:
        n_merged = len(_distinct(surv.time, surv.entry)) - len(_distinct(time, entry))
    data = prepare(
        frame.encoded,
        time,
        surv.event,
        entry=entry,
        strata=frame.strata,
        weights=frame.weights,
        offset=frame.offset,
    )
    return Sorted(data, n_merged)


def _distinct(time: np.ndarray, entry: np.ndarray | None) -> np.ndarray:
    distinct: np.ndarray = np.unique(time if entry is None else np.concatenate([time, entry]))
    return distinct


def needs_sandwich(frame: SurvivalFrame, robust: bool | None, weights: str | None) -> bool:
    """R's rule for the sandwich variance; refuses weights that coxph cannot use."""
    fractional = False
    if frame.weights is not None:
        refuse_zero_weights(frame.weights, weights)
        fractional = bool((frame.weights != np.floor(frame.weights)).any())
    if robust is False:
        if frame.cluster is not None:
            warn(
                "cluster is given with robust=False: the cluster is ignored.",
                EstimationWarning,
            )
        return False
    if robust and frame.cluster is None and frame.surv.entry is not None:
        raise InputError(
            "robust=True with Surv(start, stop, event) needs to know which rows belong to one "
            "subject. Give cluster=, or cluster(id) in the formula."
        )
    return bool(robust) or frame.cluster is not None or fractional


def _starting_values(init: Any, frame: SurvivalFrame) -> np.ndarray | None:
    if init is None:
        return None
    start = check_numbers("init", init)
    p = len(frame.design.columns)
    if start.shape != (p,):
        raise InputError(
            f"init must hold {p} finite values, one per design column "
            f"({', '.join(frame.design.names)}); it has shape {start.shape}."
        )
    return start


def warn_as_r(
    estimate: CoxEstimate, columns: list[str], n: int, n_event: int, iter_max: int
) -> None:
    """Say what R says of a fit to n rows, with the names of the columns."""
    names = np.array(columns, dtype=object)
    if not n_event:
        warn(
            f"there are no events among {n} rows: no coefficient can be estimated.",
            EstimationWarning,
        )
        return
    if estimate.singular.any() and iter_max > 0:
        warn(
            f"{singular_columns(columns, ~estimate.singular)}: its coefficient is NaN. "
            "Remove it from the formula.",
            SingularColumnWarning,
        )
    if estimate.runaway.any():
        warn(
            f"the log-likelihood converged before {_listed(names[estimate.runaway])}; the "
            "coefficient may be infinite (separation, or a level without events). Merge levels, "
            "or refit with coxphf().",
            InfiniteCoefficientWarning,
        )
    elif not estimate.converged:
        warn(
            f"the fit did not converge in {estimate.iterations} iterations; raise iter_max.",
            ConvergenceWarning,
        )


def _listed(names: np.ndarray) -> str:
    return ", ".join(f"'{name}'" for name in names)
