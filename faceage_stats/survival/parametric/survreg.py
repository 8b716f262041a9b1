"""Parametric survival models: Weibull, log-normal, log-logistic and others, as R's survreg."""

from __future__ import annotations

from typing import Any

import numpy as np

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas
from faceage_stats._formula.design import singular_columns
from faceage_stats._formula.frame import Frame, named, read_frame, require_surv
from faceage_stats._formula.parse import split_formula
from faceage_stats._formula.sides import Sides, read_right, refuse_zero_weights
from faceage_stats._near import check_option
from faceage_stats._scalar import check_number
from faceage_stats._warn import warn
from faceage_stats.errors import DesignError, EstimationWarning, InputError
from faceage_stats.survival.parametric.families import Distribution, Family, family_of
from faceage_stats.survival.parametric.likelihood import Likelihood
from faceage_stats.survival.parametric.maximise import Maximum, maximise
from faceage_stats.survival.parametric.outcome import Censored, read_censored
from faceage_stats.survival.parametric.result import SurvReg
from faceage_stats.survival.parametric.scaled import Scaled

__all__ = ["survreg"]


@checked_call
def survreg(
    formula: str,
    data: Any,
    *,
    distribution: Distribution = "weibull",
    scale: float | None = None,
    df: float = 4.0,
    weights: str | None = None,
    subset: str | None = None,
) -> SurvReg:
    """Fit a parametric survival model, as R's ``survreg``.

    Of the log-time families log T = x beta + scale * error, so that exp(beta) is a ratio of times
    (an accelerated failure time model).

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ x + C(g)``; ``Surv(time, event, type = "left")`` is left censored,
        ``Surv(lower, upper, type = "interval2")`` lies between two limits: equal for an event, the
        lower one missing for left and the upper one for right censoring. ``strata(g)`` gives each
        stratum a scale; offset() is used; cluster() is refused.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient. Incomplete rows are dropped and counted.
    distribution : {"weibull", "exponential", "rayleigh", "lognormal", "loglogistic", "gengamma", \
"gaussian", "logistic", "extreme", "t"}
        The first six are of log time, the others of the outcome itself. The generalised gamma
        estimates a shape: 0 is the log-normal, 1 the Weibull model.
    scale : float, optional
        A fixed scale, above 0; without it the scale is estimated. Exponential (1) and Rayleigh
        models (0.5) have one of their own, and another is ignored with a warning, as in R.
    df : float
        Degrees of freedom of ``distribution="t"``.
    weights : str, optional
        Column of case weights, above 0.
    subset : str, optional
        A condition on columns: only the rows where it is true are used.

    Returns
    -------
    SurvReg
        ``tidy(exponentiate=True)`` gives time ratios, ``predict(type="quantile", probs=0.5)``
        medians with errors; ``hazard_ratios()``, ``glance()``, ``vcov()``, ``augment()``.

    Raises
    ------
    FormulaError, InputError, DesignError
        As every formula; a time of 0 in a log-time family; delayed entry; a column that is
        constant or depends on others; no event.
    ConvergenceError
        The likelihood has no finite maximum.

    Warns
    -----
    EstimationWarning
        A scale that the distribution does not take.

    See Also
    --------
    coxph : A hazard ratio without a distribution of time.
    survfit : Survival without a model.

    Notes
    -----
    Newton's method on coefficients and log scale, to the last digits; lifelines stops earlier. The
    maximum of a generalised gamma model is the one that the log-normal model leads to.

    In R: ``survival::survreg(Surv(time, event) ~ x, data = df, dist = "weibull")``

    In R: ``flexsurv::flexsurvreg(Surv(time, event) ~ x, data = df, dist = "gengamma")``

    References
    ----------
    Kalbfleisch JD, Prentice RL (2002). The Statistical Analysis of Failure Time Data, 2nd ed.
    Wiley.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 3, 4, 7, 9, 12], "d": [1, 1, 0, 1, 1, 0],
    ...                    "x": [3, 1, 2, 2, 0, 1]})
    >>> fit = survreg("Surv(t, d) ~ x", df)
    >>> fit.tidy()[["term", "estimate"]].round(3).values.tolist()
    [['(Intercept)', 2.882], ['x', -0.58], ['Log(scale)', -0.447]]
    """
    check_option("distribution", distribution, Distribution)
    family = family_of(distribution, check_number("df", df))
    frame, outcome = _frame(formula, data, weights, subset)
    if family.log_time:
        outcome = outcome.logarithm()
    x = frame.design.with_intercept(frame.x)
    scaled = Scaled.of(x)
    fixed = _fixed(scale, distribution, family)
    full = _likelihood(frame, outcome, scaled.rows(x), family, fixed)
    _refuse_singular(full.x, frame)
    top = maximise(full, _start(full))
    null = top if not frame.x.shape[1] else _null(frame, outcome, family, fixed)
    return SurvReg(frame, outcome, distribution, family, scaled, fixed, top, null)


def _frame(
    formula: str, data: Any, weights: str | None, subset: str | None
) -> tuple[Frame, Censored]:
    table, where = as_pandas(data), named("survreg()", formula)
    require_surv(split_formula(formula)[0], where)
    left, right = read_right(formula, table, {"strata", "offset", "- 1"}, where)
    outcome = read_censored(left, table)
    sides = Sides(weights, None, subset)
    frame = read_frame(formula, right, table, outcome.is_missing, where, sides)
    refuse_zero_weights(frame.weights, weights)
    outcome = outcome.take(frame.rows)
    if not (outcome.is_event | (np.isfinite(outcome.lower) & np.isfinite(outcome.upper))).any():
        raise DesignError(f"{where}: no event among {frame.n} rows; a model needs some.")
    return frame, outcome


def _fixed(scale: float | None, distribution: str, family: Family) -> float | None:
    """The scale that is not estimated, if any: that of the distribution before the one given."""
    if scale is None:
        return family.scale
    must = "be above 0, e.g. 1"
    if check_number("scale", scale, must) <= 0:
        raise InputError(f"scale is {scale}; it must {must}.")
    if family.scale is not None and scale != family.scale:
        warn(
            f"survreg(): the scale of {distribution} models is {family.scale:g}; {scale:g} is "
            'ignored. With distribution="weibull" it can be chosen.',
            EstimationWarning,
        )
        return family.scale
    return float(scale)


def _likelihood(
    frame: Frame, outcome: Censored, x: np.ndarray, family: Family, fixed: float | None
) -> Likelihood:
    n, n_strata = frame.n, max(len(frame.strata_labels), 1)
    return Likelihood(
        outcome,
        x,
        np.zeros(n) if frame.offset is None else frame.offset,
        np.ones(n) if frame.weights is None else frame.weights,
        np.zeros(n, np.int64) if frame.strata is None else frame.strata,
        family.errors,
        None if fixed is None else np.full(n_strata, np.log(fixed)),
        family.has_shape,
    )


def _null(frame: Frame, outcome: Censored, family: Family, fixed: float | None) -> Maximum:
    """The model with the intercept, the scales and the offset only."""
    likelihood = _likelihood(frame, outcome, np.ones((frame.n, 1)), family, fixed)
    return maximise(likelihood, _start(likelihood))


def _start(likelihood: Likelihood) -> np.ndarray:
    """Least squares on the middle of each row's limits; a shape starts at the normal one.

    The scale is that at which errors of the family are as spread as the residuals, and the
    location is moved by their mean: a small scale lets the likelihood of late times overflow.
    """
    y, root = likelihood.outcome.middle() - likelihood.offset, np.sqrt(likelihood.weights)
    shape = [0.0] if likelihood.has_shape else []

    def least_squares(y: np.ndarray) -> np.ndarray:
        rows = likelihood.x * root[:, None]
        return np.asarray(np.linalg.lstsq(rows, y * root, rcond=None)[0])

    coefficients = least_squares(y)
    if likelihood.log_scale is not None:
        return np.append(coefficients, shape)
    errors = likelihood.errors.quantile(np.arange(1, 200) / 200)
    spread = float(np.std(y - likelihood.x @ coefficients) / np.std(errors))
    coefficients = least_squares(y - spread * np.mean(errors))
    n_scale = int(likelihood.stratum.max()) + 1
    log_scale = np.full(n_scale, np.log(spread) if spread > 0 else 0.0)
    return np.concatenate([coefficients, log_scale, shape])


def _refuse_singular(x: np.ndarray, frame: Frame) -> None:
    names = frame.design.names_with_intercept
    diagonal = np.abs(np.diag(np.linalg.qr(x, mode="r"))) / np.sqrt(frame.n)
    kept, what = diagonal >= 1e-9, f"{frame.n} rows cannot estimate {len(names)} coefficients"
    if len(names) < frame.n and kept.all():
        return
    if len(names) == len(kept) and not kept.all():
        what = singular_columns(names, kept)
    raise DesignError(f"survreg(): `{frame.design.formula}`: {what}. Remove terms.")
