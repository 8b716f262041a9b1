"""Test proportional hazards with the score test of survival >= 3.0."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._result import Result, frozen_result
from faceage_stats.errors import DesignError, InputError
from faceage_stats.survival._ties import merge_near_ties
from faceage_stats.survival.cox.data import count_at_or_below
from faceage_stats.survival.cox.kernel.likelihood import weighted_information
from faceage_stats.survival.cox.residuals import schoenfeld_residuals
from faceage_stats.survival.cox.result import CoxPH
from faceage_stats.survival.km.kernel import survival_curve

__all__ = ["CoxZph", "cox_zph"]

TRANSFORMS = ("km", "rank", "identity", "log")


def cox_zph(fit: CoxPH, transform: str = "km", *, terms: bool = True) -> CoxZph:
    """Does a hazard ratio change with time? The score test of R's ``cox.zph`` (survival >= 3.0).

    For each term x the model is extended by x g(t); the test is the score test that the added
    coefficients are 0. It is not the older correlation test.

    Parameters
    ----------
    fit : CoxPH
    transform : {"km", "rank", "identity", "log"}
        g(t): 1 - the overall Kaplan-Meier just before t, the rank among all follow-up times, t
        itself, or log t.
    terms : bool
        Test a factor or a spline on all its columns together; False tests every column.

    Returns
    -------
    CoxZph
        ``tidy()``: term, statistic, df, p_value, with a last row GLOBAL. ``augment()``: one row
        per event and term with the scaled Schoenfeld residual, for plotting against g(t).

    Raises
    ------
    InputError
        Unknown `transform`, or log of a time 0.
    DesignError
        The model has no estimable coefficient.

    References
    ----------
    Grambsch P, Therneau T (1994). Proportional hazards tests and diagnostics based on weighted
    residuals. Biometrika 81, 515-526.

    Examples
    --------
    >>> import faceage_stats as fs
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4, 5, 6, 7, 8], "d": [1, 1, 0, 1, 1, 1, 0, 1],
    ...                    "x": [3, 1, 2, 4, 2, 5, 1, 3]})
    >>> cox_zph(fs.coxph("Surv(t, d) ~ x", df)).tidy()["term"].tolist()
    ['x', 'GLOBAL']
    """
    if transform not in TRANSFORMS:
        raise InputError(f"transform is {transform!r}; choose one of {', '.join(TRANSFORMS)}.")
    kept = ~fit.estimate.singular
    if not kept.any():
        raise DesignError(f"`{fit.formula}` has no estimable coefficient to test.")
    labels, groups = _groups(fit, kept, terms)
    transformed = _transform(fit, transform)
    event = fit.frame.surv.event == 1  # type: ignore[union-attr]
    centred = transformed - transformed[event].mean()
    residual, row = schoenfeld_residuals(fit.risk_sets)
    score = ((fit.weights * centred)[row] @ residual)[kept]
    information = _information(fit, centred, kept)
    table = _test_table(score, information, labels, groups)
    if fit.frame.surv.entry is not None:  # type: ignore[union-attr]
        order = _ties_backwards(fit, row)
        residual, row = residual[order], row[order]
    p = int(kept.sum())
    mean_information = information[:p, :p]
    residual = residual if kept.all() else residual[:, kept]
    scaled = _scale(fit, residual, row, mean_information, groups)
    assert fit.frame.surv is not None
    return CoxZph(
        table, scaled, transformed[row], fit.frame.surv.time[row], tuple(labels), transform, fit
    )


def _groups(fit: CoxPH, kept: np.ndarray, terms: bool) -> tuple[list[str], list[np.ndarray]]:
    """Label and kept columns (numbered among the kept) of everything tested."""
    position = np.cumsum(kept) - 1
    if not terms:
        names = [n for n, k in zip(fit.design.names, kept, strict=True) if k]
        return names, [np.array([j]) for j in range(len(names))]
    labels, groups = [], []
    for term in fit.design.terms:
        own = np.arange(len(kept))[term.columns]
        own = own[kept[own]]
        if len(own):
            labels.append(term.label)
            groups.append(position[own])
    return labels, groups


def _transform(fit: CoxPH, transform: str) -> np.ndarray:
    """g(t) of every row used."""
    surv = fit.frame.surv
    assert surv is not None  # coxph refuses anything else
    time, entry = merge_near_ties(surv.time, surv.entry)
    if transform == "identity":
        return time
    if transform == "rank":
        return stats.rankdata(time)
    if transform == "log":
        n_zero = int((time <= 0).sum())
        if n_zero:
            raise InputError(
                f'transform="log" needs positive times; {n_zero} rows are at or before 0. '
                'Use "km" or "rank".'
            )
        return np.log(time)
    curve = survival_curve(time, surv.event, np.ones(len(time)), entry)
    before = count_at_or_below(curve.time, time) - 1  # every follow-up time is on the curve
    return 1 - np.concatenate([[1.0], curve.surv])[before]


def _information(fit: CoxPH, g: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Information of the coefficients and of those added for x g(t), together."""
    data, table = fit.data, fit.risk_sets
    beta = np.where(kept, fit.estimate.filled / data.scale, 0.0)
    dead = np.flatnonzero(table.is_dead)
    slot_g = np.zeros(len(data.slot_time))
    slot_g[data.slot[dead]] = g[data.order[dead]]

    def block(weight: np.ndarray) -> np.ndarray:
        whole = weighted_information(
            data.x.T, beta, data.offset, data.weights, data.layout, fit.efron, weight
        )
        return whole[np.ix_(kept, kept)] * np.outer(data.scale[kept] ** -1, data.scale[kept] ** -1)

    plain, once, twice = block(np.ones_like(slot_g)), block(slot_g), block(slot_g**2)
    return np.block([[plain, once], [once.T, twice]])


def _test_table(
    score: np.ndarray, information: np.ndarray, labels: list[str], groups: list[np.ndarray]
) -> pd.DataFrame:
    p = len(score)
    rows = []
    for label, group in [*zip(labels, groups, strict=True), ("GLOBAL", np.arange(p))]:
        use = np.concatenate([np.arange(p), p + group])
        u = np.concatenate([np.zeros(p), score[group]])
        part = information[np.ix_(use, use)]
        size = np.sqrt(np.maximum(np.diag(part), 0.0))
        size = np.where(size > 0, size, 1.0)
        solution = np.linalg.lstsq(part / np.outer(size, size), u / size, rcond=None)[0]
        statistic = float(solution @ (u / size))
        rows.append((label, statistic, len(group), stats.chi2.sf(statistic, len(group))))
    return pd.DataFrame(rows, columns=["term", "statistic", "df", "p_value"])


def _ties_backwards(fit: CoxPH, row: np.ndarray) -> np.ndarray:
    """R lists the events of one time in reverse file order for (start, stop] data."""
    frame = fit.frame
    assert frame.surv is not None
    stratum = np.zeros(len(row)) if frame.strata is None else frame.strata[row]
    return np.lexsort((-row, frame.surv.time[row], stratum))


def _scale(
    fit: CoxPH,
    residual: np.ndarray,
    row: np.ndarray,
    information: np.ndarray,
    groups: list[np.ndarray],
) -> np.ndarray:
    """Scaled Schoenfeld residuals plus the coefficient; one column per term.

    A term of several columns is its own linear predictor, with coefficient 1. A covariate that is
    constant in a stratum gives no residuals there.
    """
    coefficients = fit.estimate.coefficients[~fit.estimate.singular]
    used = _deaths_used(fit, groups)
    total = np.minimum(used[:, :, None], used[:, None, :]).sum(axis=0)
    mean = information / np.where(total == 0, 1, total)
    combine = np.zeros((len(coefficients), len(groups)))
    centre = np.ones(len(groups))
    for i, group in enumerate(groups):
        combine[group, i] = coefficients[group] if len(group) > 1 else 1.0
        if len(group) == 1:
            centre[i] = coefficients[group[0]]
    mean = combine.T @ mean @ combine
    active = used[:, [group[0] for group in groups]] > 0
    stratum = np.zeros(len(row), int) if fit.frame.strata is None else fit.frame.strata[row]
    scaled = np.full((len(row), len(groups)), np.nan)
    for pattern in np.unique(active, axis=0):  # strata in which the same terms vary
        varying = np.flatnonzero(pattern)
        inverse = np.linalg.inv(mean[np.ix_(varying, varying)])
        if pattern.all() and active.all():
            return residual @ (combine @ inverse) + centre
        own = np.flatnonzero((active == pattern).all(axis=1)[stratum])
        scaled[np.ix_(own, varying)] = residual[own] @ (combine[:, varying] @ inverse)
    return scaled + centre


def _deaths_used(fit: CoxPH, groups: list[np.ndarray]) -> np.ndarray:
    """Deaths of each stratum, 0 for a column that is constant there; (n_strata, p kept)."""
    frame = fit.frame
    assert frame.surv is not None
    x, event = frame.x, frame.surv.event
    if frame.strata is None:
        columns = fit.data.x.T
        varies = (columns.max(axis=1) > columns.min(axis=1))[None]
        deaths = np.array([event.sum()])
    else:
        table = pd.DataFrame(x).groupby(frame.strata)
        varies = table.max().to_numpy() > table.min().to_numpy()
        deaths = np.bincount(frame.strata, event, len(varies))
    used = np.where(varies, deaths[:, None], 0)[:, ~fit.estimate.singular].astype(int)
    for group in groups:
        if len(group) > 1:
            used[:, group] = used[:, group].max(axis=1, keepdims=True)
    return used


@frozen_result
class CoxZph(Result):
    """Tests of proportional hazards, and the residuals that show how a hazard ratio changes.

    Attributes
    ----------
    table : pandas.DataFrame
        term, statistic, df, p_value; the last row is GLOBAL.
    y : ndarray, shape (n_event, n_term)
        Scaled Schoenfeld residuals plus the coefficient: an estimate of the coefficient at each
        event time. By stratum, then time.
    x : ndarray, shape (n_event,)
        g(t) of each event.
    time : ndarray, shape (n_event,)
    terms : tuple of str
        Columns of `y`.
    transform : str
    fit : CoxPH
    """

    table: pd.DataFrame
    y: np.ndarray
    x: np.ndarray
    time: np.ndarray
    terms: tuple[str, ...]
    transform: str
    fit: CoxPH

    def tidy(self, **kwargs: Any) -> pd.DataFrame:
        """One row per term, then GLOBAL: term, statistic, df, p_value."""
        return self.table.copy()

    def glance(self) -> pd.DataFrame:
        """The global test, with the transform as `method`."""
        row = self.table.tail(1).reset_index(drop=True).drop(columns="term")
        return row.assign(method=f"score test, g(t) = {self.transform}", n_event=len(self.time))

    def augment(self) -> pd.DataFrame:
        """One row per event and term: time, transformed_time, term, residual."""
        frame = pd.DataFrame(self.y, columns=list(self.terms))
        frame.insert(0, "transformed_time", self.x)
        frame.insert(0, "time", self.time)
        return frame.melt(
            id_vars=["time", "transformed_time"], var_name="term", value_name="residual"
        )

    def _title(self) -> str:
        return f"cox_zph {self.fit.formula}: score test, g(t) = {self.transform}"
