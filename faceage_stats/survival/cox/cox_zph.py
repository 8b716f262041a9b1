"""Test proportional hazards with the score test of survival >= 3.0."""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np
import pandas as pd
from scipy import special, stats

from faceage_stats._arguments import check_fit
from faceage_stats._call import checked_call
from faceage_stats._near import check_option
from faceage_stats._result import Result, frozen_result
from faceage_stats._steps import just_before, kaplan_meier, risk_counts
from faceage_stats._ties import merge_near_ties
from faceage_stats.errors import DesignError, InputError
from faceage_stats.survival.cox.estimate import quadratic_form, symmetric_inverse
from faceage_stats.survival.cox.fit import CoxFit
from faceage_stats.survival.cox.kernel.likelihood import weighted_informations
from faceage_stats.survival.cox.residuals import refuse_exact, schoenfeld_residuals
from faceage_stats.survival.cox.result import CoxPH
from faceage_stats.survival.cox.scaled_residuals import scaled_residuals, ties_backwards

__all__ = ["CoxZph", "cox_zph"]

Transform = Literal["km", "rank", "identity", "log"]


@runtime_checkable
class AsCox(Protocol):
    """A fit that is a Cox fit of other rows, as Fine and Gray's."""

    def as_cox(self) -> CoxPH:
        """Return that fit."""


@checked_call
def cox_zph(fit: CoxPH | AsCox, transform: Transform = "km", *, terms: bool = True) -> CoxZph:
    """Test whether a hazard ratio changes with time, as R's ``cox.zph`` (survival >= 3.0).

    For each term x the model is extended by x g(t); the test is the score test that the added
    coefficients are 0. It is not the older correlation test.

    Parameters
    ----------
    fit : CoxPH or FineGray
        A fit of `coxph`, or of `crr`: then of the weighted rows of `finegray`.
    transform : {"km", "rank", "identity", "log"}
        g(t): 1 - the overall Kaplan-Meier just before t, the rank among all follow-up times, t
        itself, or log t.
    terms : bool
        Test a factor or a spline on all its columns together; False tests every column.

    Returns
    -------
    CoxZph
        ``tidy()``: term, statistic, df, p_value, with a last row GLOBAL. ``augment()``: one row
        per event and term with the scaled Schoenfeld residual, to be plotted against g(t).

    Raises
    ------
    InputError
        Unknown `transform`, or log of a time 0.
    DesignError
        The model has no estimable coefficient.

    See Also
    --------
    coxph : Cox's proportional hazards model.
    anova : Likelihood-ratio tests of nested Cox models.

    Notes
    -----
    In R: ``survival::cox.zph(fit, transform = "km")``

    References
    ----------
    Grambsch P, Therneau T (1994). Proportional hazards tests and diagnostics based on weighted
    residuals. Biometrika 81, 515-526. doi:10.1093/biomet/81.3.515

    Examples
    --------
    >>> import faceage_stats as fs
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4, 5, 6, 7, 8], "d": [1, 1, 0, 1, 1, 1, 0, 1],
    ...                    "x": [3, 1, 2, 4, 2, 5, 1, 3]})
    >>> cox_zph(fs.coxph("Surv(t, d) ~ x", df)).tidy()["term"].tolist()
    ['x', 'GLOBAL']
    """
    if not isinstance(fit, CoxPH) and isinstance(fit, AsCox):
        fit = fit.as_cox()
    check_fit(fit, CoxFit, "cox_zph() takes a fit of coxph() or crr()")
    check_option("transform", transform, Transform)
    refuse_exact(fit, "cox_zph() is")
    kept = ~fit.estimate.singular
    if not kept.any():
        raise DesignError(f"`{fit.formula}` has no estimable coefficient to test.")
    labels, groups = _groups(fit, kept, terms)
    transformed = _transform(fit, transform)
    residual, row = schoenfeld_residuals(fit.risk_sets)
    centred = transformed - transformed[row].mean()
    score = ((fit.weights * centred)[row] @ residual)[kept]
    information = _information(fit, centred, kept)
    table = _test_table(score, information, labels, groups)
    if fit.surv.entry is not None:
        order = ties_backwards(fit, row)
        residual, row = residual[order], row[order]
    p = int(kept.sum())
    residual = residual if kept.all() else residual[:, kept]
    scaled = scaled_residuals(fit, residual, row, information[:p, :p], groups)
    return CoxZph(table, scaled, transformed[row], row, tuple(labels), transform, fit)


class _Groups(NamedTuple):
    """What is tested: labels, and columns numbered among the kept."""

    labels: list[str]
    columns: list[np.ndarray]


def _groups(fit: CoxFit, kept: np.ndarray, terms: bool) -> _Groups:
    """Terms, or single columns, that have an estimable coefficient."""
    position = np.cumsum(kept) - 1
    if not terms:
        names = [n for n, k in zip(fit.design.names, kept, strict=True) if k]
        return _Groups(names, [np.array([j]) for j in range(len(names))])
    labels, groups = [], []
    for term in fit.design.terms:
        columns = np.arange(len(kept))[term.columns]
        columns = columns[kept[columns]]
        if len(columns):
            labels.append(term.label)
            groups.append(position[columns])
    return _Groups(labels, groups)


def _transform(fit: CoxFit, transform: Transform) -> np.ndarray:
    """g(t) of every row used."""
    time, entry = fit.surv.time, fit.surv.entry
    if fit.n_merged:
        time, entry = merge_near_ties(time, entry)
    if transform == "identity":
        return time
    if transform == "rank":
        return np.asarray(stats.rankdata(time))
    if transform == "log":
        n_zero = int((time <= 0).sum())
        if n_zero:
            raise InputError(
                f'transform="log" needs positive times; {n_zero} rows are at or before 0. '
                'Use "km" or "rank".'
            )
        logarithm: np.ndarray = np.log(time)
        return logarithm
    counts = risk_counts(time, fit.surv.event, entry=entry)
    before: np.ndarray = 1 - just_before(kaplan_meier(counts), 1.0)[counts.position]
    return before


def _information(fit: CoxFit, g: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Information of the coefficients and of those added for x g(t), together."""
    data, table = fit.data, fit.risk_sets
    beta = np.where(kept, fit.estimate.filled / data.scale, 0.0)
    dead = np.flatnonzero(table.is_dead)
    interval_g = np.zeros(len(data.interval_time))
    interval_g[data.interval[dead]] = g[data.order[dead]]
    both = weighted_informations(
        data.x.T, beta, data.offset, data.weights, data.layout, fit.efron,
        np.stack([interval_g, interval_g**2]),
    )  # fmt: skip
    once, twice = both / np.outer(data.scale, data.scale)
    whole = np.block([[fit.estimate.information, once], [once.T, twice]])
    return np.asarray(whole[np.ix_(*[np.tile(kept, 2)] * 2)])


def _test_table(
    score: np.ndarray, information: np.ndarray, labels: list[str], groups: list[np.ndarray]
) -> pd.DataFrame:
    """Score tests of the added coefficients, whose information is what the others leave of it."""
    p = len(score)
    plain, once, twice = information[:p, :p], information[:p, p:], information[p:, p:]
    left = twice - once.T @ symmetric_inverse(plain, np.ones(p, bool)) @ once
    tested = [*groups, np.arange(p)]
    statistic = [quadratic_form(left[np.ix_(one, one)], score[one]) for one in tested]
    df = np.array([len(one) for one in tested])
    columns = {"statistic": statistic, "df": df, "p_value": special.chdtrc(df, statistic)}
    return pd.DataFrame({"term": [*labels, "GLOBAL"], **columns})


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
    row : ndarray of int, shape (n_event,)
        Position of each event among the rows used by the fit.
    terms : tuple of str
        Columns of `y`.
    transform : str
    fit : CoxPH
    """

    table: pd.DataFrame
    y: np.ndarray
    x: np.ndarray
    row: np.ndarray
    terms: tuple[str, ...]
    transform: Transform
    fit: CoxPH

    @property
    def time(self) -> np.ndarray:
        """Time of each event."""
        return np.asarray(self.fit.surv.time[self.row])

    def tidy(self) -> pd.DataFrame:
        """Return one row per term, then GLOBAL: term, statistic, df, p_value."""
        return self.table.copy()

    def glance(self) -> pd.DataFrame:
        """Return the global test: statistic, df, p_value, method, n, n_event, n_missing."""
        row = self.table.tail(1).reset_index(drop=True).drop(columns="term")
        return row.assign(
            method=f"score test, g(t) = {self.transform}",
            n=self.fit.n,
            n_event=len(self.row),
            n_missing=self.fit.n_missing,
        )

    def augment(self) -> pd.DataFrame:
        """Return one row per event and term, indexed as in the data given.

        Columns: time, transformed_time, term, residual.
        """
        index = self.fit.frame.index[self.row]
        table = pd.DataFrame(self.y, columns=list(self.terms), index=index)
        table.insert(0, "transformed_time", self.x)
        table.insert(0, "time", self.time)
        return table.melt(
            id_vars=["time", "transformed_time"],
            var_name="term",
            value_name="residual",
            ignore_index=False,
        )

    def _title(self) -> str:
        return f"cox_zph {self.fit.formula}: score test, g(t) = {self.transform}"
