"""Survival curves of groups made comparable: standardised from a Cox model, or weighted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._columns import as_pandas
from faceage_stats._resample import Resampled, resample
from faceage_stats._result import Result, frozen_result
from faceage_stats.errors import InputError
from faceage_stats.survival._ties import merge_near_ties
from faceage_stats.survival.cox.coxph import CoxPH, coxph
from faceage_stats.survival.km.kernel import survival_curve

__all__ = ["AdjustedCurves", "adjusted_curves"]

_METHODS = ("g-formula", "ipw")


def adjusted_curves(
    fit: CoxPH,
    data: Any,
    *,
    by: str,
    times: Any,
    method: str = "g-formula",
    n: int = 200,
    seed: int = 0,
    n_jobs: int = 1,
) -> AdjustedCurves:
    """Estimate the survival that each group would have with everybody's covariates.

    Parameters
    ----------
    fit : CoxPH
        A Cox model with `by` as a factor (text or categorical) and the covariates to adjust for.
    data : pandas.DataFrame or polars.DataFrame
        The data of the fit.
    by : str
        Column of the groups.
    times : array_like
        In the unit of the time column.
    method : {"g-formula", "ipw"}
        ``"g-formula"``: predict for every patient with `by` set to each group in turn, and average.
        ``"ipw"``: Kaplan-Meier curves with each patient weighted by 1 / probability of the
        own group given the covariates (multinomial logistic regression).
    n, seed, n_jobs
        Bootstrap of the whole procedure, for the standard errors; see `resample`.

    Returns
    -------
    AdjustedCurves
        ``tidy()`` one row per group and time; ``difference()`` each group minus the first.

    Raises
    ------
    InputError
        Unknown `method`; `by` is not a factor of the model; a fit with delayed entry under
        ``"ipw"``.

    Examples
    --------
    >>> import pandas as pd
    >>> from faceage_stats import coxph
    >>> df = pd.DataFrame({"t": range(1, 25), "d": 1, "x": [1, 4, 2, 3] * 6, "g": list("abb") * 8})
    >>> fit = coxph("Surv(t, d) ~ g + x", df)
    >>> adjusted_curves(fit, df, by="g", times=[5], n=20).tidy()["group"].tolist()
    ['a', 'b']
    """
    if method not in _METHODS:
        raise InputError(f"method is {method!r}; choose 'g-formula' or 'ipw'.")
    terms = [term for term in fit.design.terms if term.variable == by and term.levels]
    if len(terms) != 1:
        raise InputError(
            f"'{by}' is not a factor of `{fit.formula}`; put it in as a text or categorical column."
        )
    if method == "ipw" and (fit.frame.surv is None or fit.frame.surv.entry is not None):
        raise InputError("method = 'ipw' needs Surv(time, event); use 'g-formula'.")
    complete = as_pandas(data).iloc[fit.frame.rows].reset_index(drop=True)
    labels = list(dict.fromkeys(complete[by].sort_values()))
    wanted = np.sort(np.atleast_1d(np.asarray(times, float)))

    def estimate(sample: pd.DataFrame) -> np.ndarray:
        refit = coxph(fit.formula, sample, ties=fit.ties)
        if method == "g-formula":
            return _standardised(refit, sample, by, labels, wanted)
        return _weighted(refit, sample, by, labels, wanted)

    draws = resample(
        estimate, complete, n, seed=seed, n_jobs=n_jobs, stratify=by, name=f"{method} {by}"
    )
    groups = tuple(str(label) for label in labels)
    return AdjustedCurves(groups, wanted, method, draws, fit.n_missing, fit.formula)


def _standardised(
    fit: CoxPH, data: pd.DataFrame, by: str, labels: list[Any], times: np.ndarray
) -> np.ndarray:
    """Mean predicted survival with everybody in each group, groups by times."""
    hazard = fit.basehaz()
    if "strata" not in hazard:
        hazard = hazard.assign(strata="")
    baseline = {
        name: np.append(0.0, own["cumhaz"])[np.searchsorted(own["time"], times, side="right")]
        for name, own in hazard.groupby("strata")
    }
    centre = 0.0 if fit.frame.offset is None else fit.frame.offset.mean()
    curves = []
    for label in labels:
        moved = data.assign(**{by: pd.Series([label] * len(data), dtype=data[by].dtype)})
        offset = fit.design.encode_offset(moved) - centre
        risk = np.exp((fit.design.encode(moved) - fit.means) @ fit.estimate.filled + offset)
        strata = fit.design.strata_labels(moved) or [""] * len(moved)
        cumhaz = np.array([baseline[name] for name in strata])
        curves.append(np.exp(-risk[:, None] * cumhaz).mean(axis=0))
    return np.array(curves)


def _weighted(
    fit: CoxPH, data: pd.DataFrame, by: str, labels: list[Any], times: np.ndarray
) -> np.ndarray:
    """Kaplan-Meier curves with inverse-probability weights, groups by times."""
    import statsmodels.api as sm

    own = next(term.columns for term in fit.design.terms if term.variable == by)
    others = np.delete(fit.frame.x, np.arange(own.start, own.stop), axis=1)
    spread = np.where(others.std(axis=0) > 0, others.std(axis=0), 1.0)
    design = np.column_stack([np.ones(len(data)), (others - others.mean(axis=0)) / spread])
    code = np.array([labels.index(value) for value in data[by]])
    probability = sm.MNLogit(code, design).fit(disp=0).predict(design)
    weight = 1 / probability[np.arange(len(code)), code]
    assert fit.frame.surv is not None  # checked by adjusted_curves
    time, _ = merge_near_ties(fit.frame.surv.time)
    event = fit.frame.surv.event
    curves = []
    for group in range(len(labels)):
        rows = code == group
        curve = survival_curve(time[rows], event[rows], weight[rows])
        position = np.searchsorted(curve.time, times, side="right")
        curves.append(np.append(1.0, curve.surv)[position])
    return np.array(curves)


@frozen_result
class AdjustedCurves(Result):
    """Adjusted survival of each group.

    Attributes
    ----------
    groups : tuple of str
    times : ndarray
    method : str
    draws : Resampled
        Bootstrap of every group and time, groups slowest.
    n_missing : int
    formula : str
    """

    groups: tuple[str, ...]
    times: np.ndarray
    method: str
    draws: Resampled
    n_missing: int
    formula: str

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per group and time: ``group time estimate std_error conf_low conf_high``."""
        table = self.draws.tidy(conf_level=conf_level).drop(columns=["term", "bias"])
        table.insert(0, "time", np.tile(self.times, len(self.groups)))
        table.insert(0, "group", np.repeat(self.groups, len(self.times)))
        return table

    def difference(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Each later group minus the first, at each time.

        Columns ``group1 group2 time estimate std_error conf_low conf_high``; percentile limits.
        """
        shape = (-1, len(self.groups), len(self.times))
        observed = np.reshape(list(self.draws.observed.values()), shape[1:])
        draws = self.draws.draws.to_numpy().reshape(shape)
        gap, gaps = observed[1:] - observed[0], draws[:, 1:] - draws[:, :1]
        tail = (1 - conf_level) / 2
        low, high = np.nanquantile(gaps, [tail, 1 - tail], axis=0)
        return pd.DataFrame(
            {
                "group1": self.groups[0],
                "group2": np.repeat(self.groups[1:], len(self.times)),
                "time": np.tile(self.times, len(self.groups) - 1),
                "estimate": gap.ravel(),
                "std_error": np.nanstd(gaps, axis=0, ddof=1).ravel(),
                "conf_low": low.ravel(),
                "conf_high": high.ravel(),
            }
        )

    def glance(self) -> pd.DataFrame:
        """One row: ``method n_replicate n_failed seed n_missing``."""
        return self.draws.glance().assign(method=self.method, n_missing=self.n_missing)

    def _title(self) -> str:
        return f"Adjusted survival curves ({self.method}): {self.formula}"
