"""Compare ROC curves: areas by DeLong or bootstrap, rates by bootstrap; paired and unpaired."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from faceage_stats._arguments import check_fit
from faceage_stats._call import checked_call
from faceage_stats._near import check_option
from faceage_stats._seed import DEFAULT_SEED
from faceage_stats._wald import check_conf_level
from faceage_stats._warn import warn
from faceage_stats.errors import DesignError, EstimationWarning, InputError
from faceage_stats.prediction.bootstrap import bootstrap
from faceage_stats.prediction.roc.comparison_result import Alternative, ROCTest, TestMethod
from faceage_stats.prediction.roc.curve import Curve
from faceage_stats.prediction.roc.delong import (
    Focus,
    Placements,
    auc_and_placements,
    placement_covariance,
)
from faceage_stats.prediction.roc.partial_auc import Range
from faceage_stats.prediction.roc.rates import Rate
from faceage_stats.prediction.roc.result import ROC

__all__ = ["ROCTest", "roc_test"]


class _Compared(NamedTuple):
    """Markers, turned so that higher means positive, and outcomes of the curves compared."""

    values: list[np.ndarray]
    is_case: list[np.ndarray]
    n_missing: int


@checked_call
def roc_test(
    first: ROC,
    *others: ROC,
    method: TestMethod = "delong",
    paired: bool = True,
    alternative: Alternative = "two.sided",
    conf_level: float = 0.95,
    partial_auc: tuple[float, float] | None = None,
    focus: Focus = "specificity",
    specificity: float | None = None,
    sensitivity: float | None = None,
    n_resamples: int = 2000,
    seed: int = DEFAULT_SEED,
) -> ROCTest:
    """Compare two or more ROC curves: their areas, or a rate where the other is given.

    Parameters
    ----------
    first, *others : ROC
        Results of `roc`, of one marker or of several. Paired curves come from the same data; the
        rows used by all of them are compared, the others are counted in `n_missing`.
    method : {"delong", "bootstrap", "specificity", "sensitivity"}
        DeLong's covariance of the areas, or the standard deviation of their difference over
        stratified resamples (the directions of the curves are held). ``"specificity"`` compares
        the sensitivities at the `specificity` given, ``"sensitivity"`` the reverse, by resamples
        too.
    paired : bool
        False: the curves come from different patients (Welch-type t test, as in pROC).
    alternative : {"two.sided", "less", "greater"}
        ``"greater"``: the first AUC is greater.
    conf_level : float
        Of the two-sided interval of the difference.
    partial_auc : (float, float), optional
        Compare partial areas over this range of `focus`; needs ``method="bootstrap"``.
    focus : {"specificity", "sensitivity"}
        What the range is of.
    specificity, sensitivity : float, optional
        Where the other rate is compared, interpolated between thresholds; goes with the `method`
        of its name.
    n_resamples, seed : int
        Of the bootstrap.

    Returns
    -------
    ROCTest
        ``tidy()`` one row per pair (difference, standard error, interval, p); ``glance()`` the
        test that all areas are equal (chi-squared on the contrasts).

    Raises
    ------
    DesignError
        Fewer than two curves; paired curves of different data or outcomes.
    InputError
        An unknown option, or one that does not go with the others.

    See Also
    --------
    roc : ``roc("y ~ a + b", data).contrasts()`` is the paired DeLong comparison.
    anova : The likelihood-ratio test of nested models.

    Notes
    -----
    Two markers of nested models fitted on these same patients are better compared by the
    likelihood-ratio test of the models: there DeLong's test is conservative.

    In R: ``pROC::roc.test(r1, r2, method = "delong", paired = TRUE)``

    References
    ----------
    DeLong ER, DeLong DM, Clarke-Pearson DL (1988). Comparing the areas under two or more
    correlated receiver operating characteristic curves: a nonparametric approach. Biometrics
    44:837-845. doi:10.2307/2531595

    Examples
    --------
    >>> import pandas as pd
    >>> from faceage_stats.prediction.roc.roc import roc
    >>> df = pd.DataFrame({"y": [0, 0, 0, 1, 1, 1], "a": [1, 2, 4, 3, 5, 6]})
    >>> df["b"] = [2, 5, 1, 3, 4, 6]
    >>> test = roc_test(roc("y ~ a + b", df, direction="<"))
    >>> test.tidy()[["marker1", "marker2", "estimate"]].round(3).values.tolist()
    [['b', 'a', -0.111]]
    """
    for each in (first, *others):
        check_fit(each, ROC, "roc_test() takes curves of roc(): roc_test(roc(f1, d), roc(f2, d))")
    curves = tuple(curve for each in (first, *others) for curve in each.curves)
    check_option("method", method, TestMethod)
    check_option("alternative", alternative, Alternative)
    check_option("focus", focus, Focus)
    check_conf_level(conf_level)
    given = {"specificity": specificity, "sensitivity": sensitivity}
    _check_together(curves, method, alternative, partial_auc is not None, given)
    if len({curve.direction for curve in curves}) > 1:
        warn(
            "the curves have different directions: be sure that each is the right one.",
            EstimationWarning,
        )
    rows = _common_rows(curves) if paired else _separate_rows(curves)
    draws, measure = None, _measure(method, partial_auc, focus, given)
    if method == "delong":
        estimate, covariance = _delong(curves, rows, paired)
    else:
        estimate, draws = _bootstrap(rows, measure, paired, n_resamples, seed)
        covariance = np.cov(draws, rowvar=False)
    return ROCTest(
        tuple(curve.marker for curve in curves), estimate, covariance, method, paired, alternative,
        conf_level, tuple(len(case) for case in rows.is_case), rows.n_missing, draws, measure.name,
    )  # fmt: skip


def _check_together(
    curves: tuple[Curve, ...],
    method: TestMethod,
    alternative: Alternative,
    range_given: bool,
    rates: Mapping[str, float | None],
) -> None:
    """Refuse options that do not go together."""
    if len(curves) < 2:
        raise DesignError("there is only one curve; a comparison needs two or more.")
    if alternative != "two.sided" and len(curves) > 2:
        raise InputError("a one-sided alternative is for two curves.")
    if range_given and method != "bootstrap":
        raise InputError('partial_auc needs method="bootstrap".')
    for name, rate in rates.items():
        if rate is not None and method != name:
            raise InputError(f'{name}={rate} needs method="{name}".')


def _measure(
    method: TestMethod,
    partial_auc: tuple[float, float] | None,
    focus: Focus,
    rates: Mapping[str, float | None],
) -> Range | Rate:
    """Choose what is compared."""
    if method == "specificity" or method == "sensitivity":
        return Rate(method, rates[method])
    return Range(0, 1) if partial_auc is None else Range(*partial_auc, focus)


def _common_rows(curves: tuple[Curve, ...]) -> _Compared:
    """Markers of the rows that every curve uses; refuse curves of different data."""
    base = curves[0]
    rows = base.rows
    for curve in curves[1:]:
        if curve.n_rows != base.n_rows or curve.positive != base.positive:
            raise DesignError(
                f"`{base.marker}` and `{curve.marker}` come from different data "
                f"({base.n_rows} and {curve.n_rows} rows; positive is {base.positive} and "
                f"{curve.positive}). Use paired=False for different patients."
            )
        if not np.array_equal(curve.rows, rows):
            rows = np.intersect1d(rows, curve.rows, assume_unique=True)
    positions = [_positions(curve, rows) for curve in curves]
    outcome = [curve.is_case[at] for curve, at in zip(curves, positions, strict=True)]
    if any(not np.array_equal(outcome[0], other) for other in outcome[1:]):
        raise DesignError(
            "the curves have different outcomes in the same rows. Use paired=False for different "
            "patients."
        )
    if not outcome[0].any() or outcome[0].all():
        raise DesignError(f"the {len(rows)} rows common to all curves have one class only.")
    values = [curve.oriented[at] for curve, at in zip(curves, positions, strict=True)]
    return _Compared(values, outcome, base.n_rows - len(rows))


def _positions(curve: Curve, rows: np.ndarray) -> np.ndarray | slice:
    """Where `rows` are among the rows of a curve; everything when they are all of them."""
    return slice(None) if len(rows) == len(curve.rows) else np.searchsorted(curve.rows, rows)


def _separate_rows(curves: tuple[Curve, ...]) -> _Compared:
    values, is_case = [curve.oriented for curve in curves], [curve.is_case for curve in curves]
    return _Compared(values, is_case, sum(curve.n_missing for curve in curves))


def _placed(curve: Curve, values: np.ndarray, is_case: np.ndarray) -> Placements:
    """Placements in the rows compared: the curve's own where these are all of its rows."""
    whole = len(values) == len(curve.values)
    return curve.placed if whole else auc_and_placements(values, is_case)


def _delong(
    curves: tuple[Curve, ...], rows: _Compared, paired: bool
) -> tuple[np.ndarray, np.ndarray]:
    """AUCs and their covariance."""
    parts = [_placed(*each) for each in zip(curves, rows.values, rows.is_case, strict=True)]
    auc = np.array([part.auc for part in parts])
    if paired:
        place = np.column_stack([part.placements for part in parts])
        return auc, placement_covariance(place, rows.is_case[0])
    variances = [
        placement_covariance(part.placements[:, None], case)[0, 0]
        for part, case in zip(parts, rows.is_case, strict=True)
    ]
    return auc, np.diag(variances)


def _bootstrap(
    rows: _Compared, measure: Any, paired: bool, n_resamples: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Values, and those of every resample; unpaired curves are resampled independently."""
    orders = [measure.order(v, c) for v, c in zip(rows.values, rows.is_case, strict=True)]
    value = np.array([measure.value(order, None) for order in orders])
    if paired:
        draws = bootstrap(
            lambda drawn: np.array([measure.value(order, drawn) for order in orders]),
            value.shape, rows.is_case[0], n_resamples=n_resamples, seed=seed, name="roc",
        )  # fmt: skip
        return value, draws
    separate = [
        bootstrap(
            partial(measure.value, order), (), case,
            n_resamples=n_resamples, seed=seed, name=f"roc {position}",
        )
        for position, (order, case) in enumerate(zip(orders, rows.is_case, strict=True))
    ]  # fmt: skip
    return value, np.column_stack(separate)
