"""Survival curves that a Cox model predicts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._columns import as_pandas
from faceage_stats._compiled import FloatArray
from faceage_stats._near import check_option
from faceage_stats._result import Result, frozen_result
from faceage_stats._scalar import check_numbers
from faceage_stats.errors import InputError
from faceage_stats.survival.cox.baseline import (
    Baseline,
    BaselineAt,
    baselines,
    stratum_codes,
)
from faceage_stats.survival.cox.fit import CoxFit
from faceage_stats.survival.cox.paths import Path, Piece, patients, read_intervals
from faceage_stats.survival.km.limits import (
    ConfType,
    check_probs,
    confidence_limits,
    curve_quantiles,
    table_median,
)

__all__ = ["CoxCurves", "cox_curves"]


@dataclass(frozen=True)
class _Curve:
    """One predicted curve: a covariate pattern in a stratum."""

    group: Any
    base: Baseline
    x: FloatArray
    risk: float

    @property
    def label(self) -> str:
        """The stratum."""
        return self.base.label

    @property
    def grid(self) -> FloatArray:
        """Every distinct follow-up time of the stratum."""
        return self.base.grid

    def hazard(
        self, value: BaselineAt, variance: FloatArray, mean: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Cumulative hazard and its variance, from a baseline read once for all patients."""
        shift = value.cumhaz[:, None] * (self.x - mean) - value.mean_integral
        total = value.variance + np.einsum("ij,jk,ik->i", shift, variance, shift)
        return value.cumhaz * self.risk, total * self.risk**2


@frozen_result
class CoxCurves(Result):
    """Survival curves that a Cox model predicts, made by ``fit.survfit(newdata)``.

    Attributes
    ----------
    curves : tuple
        One per row of the new data (and per stratum, when the new data name none), or one per `id`.
    variance, mean : ndarray
        Variance of the coefficients and centre of the columns.
    conf_type, conf_level
        As given.
    n, n_event, n_missing : int
        Of the fit.
    formula : str
    """

    curves: tuple[_Curve | Path, ...]
    variance: FloatArray
    mean: FloatArray
    conf_type: ConfType
    conf_level: float
    n: int
    n_event: int
    n_missing: int
    formula: str

    def at(self, times: Any, *, conf_level: float | None = None) -> pd.DataFrame:
        """Read the survival at chosen times; after the follow-up the last value holds.

        Parameters
        ----------
        times : float or array-like
            In the unit of the time column; sorted before use.
        conf_level : float, optional
            As in the call by default.

        Returns
        -------
        pandas.DataFrame
            group (label of the new data's row), strata, time, n_risk (of the stratum, just before
            the time), n_event and n_censor (since the previous of the `times`), estimate,
            std_error (of the survival), conf_low, conf_high, cumhaz, cumhaz_se.
        """
        return self._tables(np.sort(check_numbers("times", times)), conf_level)

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return the columns of `at`, at every distinct follow-up time."""
        return self._tables(None, conf_level)

    def _tables(self, times: FloatArray | None, conf_level: float | None) -> pd.DataFrame:
        """Stack the tables of all curves; what patients of one baseline share is read once."""
        level, columns, length = self._level(conf_level), [], []
        read: dict[int, tuple[BaselineAt, dict[str, FloatArray]]] = {}
        for curve in self.curves:
            at = curve.grid if times is None else times
            if isinstance(curve, Path):
                numbers, found = curve.numbers(at), curve.hazard(at, self.variance, self.mean)
            else:
                base = curve.base
                if id(base) not in read:
                    read[id(base)] = base.at(at), base.numbers(at)
                value, numbers = read[id(base)]
                found = curve.hazard(value, self.variance, self.mean)
            columns.append({"time": at, **numbers, **self._estimates(*found, level)})
            length.append(len(at))
        labels = pd.DataFrame(
            {"group": [c.group for c in self.curves], "strata": [c.label for c in self.curves]}
        )
        table = labels.take(np.repeat(np.arange(len(labels)), length)).reset_index(drop=True)
        return table.assign(**{n: np.concatenate([c[n] for c in columns]) for n in columns[0]})

    def _estimates(
        self, cumhaz: FloatArray, variance: FloatArray, conf_level: float
    ) -> dict[str, FloatArray]:
        se, surv = np.sqrt(np.maximum(variance, 0.0)), np.exp(-cumhaz)
        low, high = confidence_limits(surv, se, self.conf_type, conf_level)
        limits = {"conf_low": low, "conf_high": high}
        return {
            "estimate": surv, "std_error": se * surv, **limits, "cumhaz": cumhaz, "cumhaz_se": se,
        }  # fmt: skip

    def _each(self, conf_level: float | None) -> Iterator[tuple[_Curve | Path, pd.DataFrame]]:
        table = self._tables(None, conf_level)
        ends = np.cumsum([len(curve.grid) for curve in self.curves])
        for curve, rows in zip(self.curves, np.split(np.arange(len(table)), ends), strict=False):
            yield curve, table.iloc[rows]

    def median(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return the median survival of each curve: group, strata, median, conf_low, conf_high."""
        rows = []
        for curve, table in self._each(conf_level):
            ends = [
                table_median(curve.grid, table[column].to_numpy())
                for column in ("estimate", "conf_low", "conf_high")
            ]
            rows.append((curve.group, curve.label, *ends))
        return pd.DataFrame(rows, columns=["group", "strata", "median", "conf_low", "conf_high"])

    def quantile(
        self, probs: Any = (0.25, 0.5, 0.75), *, conf_level: float | None = None
    ) -> pd.DataFrame:
        """Find the times at which each curve has fallen to 1 - prob, as R's ``quantile``.

        Parameters
        ----------
        probs : float or array-like
            Probabilities of having had the event, between 0 and 1.
        conf_level : float, optional
            As in the call by default.

        Returns
        -------
        pandas.DataFrame
            group, strata, prob, time, conf_low, conf_high; NaN where it is not reached.
        """
        prob, tables = check_probs(probs), []
        for curve, table in self._each(conf_level):
            ends = {
                name: curve_quantiles(curve.grid, table[column].to_numpy(), prob)
                for name, column in (
                    ("time", "estimate"), ("conf_low", "conf_low"), ("conf_high", "conf_high"),
                )
            }  # fmt: skip
            label = {"group": curve.group, "strata": curve.label, "prob": prob}
            tables.append(pd.DataFrame(label | ends))
        return pd.concat(tables, ignore_index=True)

    def glance(self) -> pd.DataFrame:
        """Return one row: n, n_event, n_missing, conf_level."""
        row = {"n": self.n, "n_event": self.n_event, "n_missing": self.n_missing}
        return pd.DataFrame([row | {"conf_level": self.conf_level}])

    def _level(self, conf_level: float | None) -> float:
        return self.conf_level if conf_level is None else conf_level

    def _further_tables(self) -> tuple[str, ...]:
        return ("median",)

    def _printed(self) -> pd.DataFrame:
        return self.median()

    def _title(self) -> str:
        return f"Survival predicted by coxph {self.formula}: {len(self.curves)} curves"


def cox_curves(
    fit: CoxFit, newdata: Any = None, *, id: str | None = None,  # noqa: A002 - R's name
    conf_type: ConfType = "log", conf_level: float = 0.95,
) -> CoxCurves:  # fmt: skip
    """Predict survival curves; documented at `CoxPH.survfit`."""
    check_option("conf_type", conf_type, ConfType)
    bases = baselines(fit)
    curves: list[_Curve | Path] = []
    if newdata is None:
        curves = [_Curve("centre", base, fit.means, 1.0) for base in bases]
    else:
        newdata = as_pandas(newdata)
        if not len(newdata):
            raise InputError("newdata has no row; a curve is that of one patient.")
        x = fit.design.encode(newdata)
        offset = fit.design.encode_offset(newdata) - fit.mean_offset
        with np.errstate(over="ignore"):
            risk = np.exp((x - fit.means) @ fit.estimate.filled + offset)
        strata = stratum_codes(fit.frame, newdata, required=id is not None)
        if id is not None:
            start, stop = read_intervals(fit, newdata)
            for label, rows in patients(id, newdata, start, stop):
                if np.isnan(risk[rows]).any() or any(strata[i] == -1 for i in rows):
                    raise InputError(f"survfit(): a covariate of {id} {label!r} is missing.")
                pieces = [Piece(start[i], stop[i], bases[strata[i]], x[i], risk[i]) for i in rows]
                curves.append(Path(label, tuple(pieces)))
            strata = []
        for i, stratum in enumerate(strata):
            if stratum == -1:
                risk[i] = np.nan
            chosen = bases if stratum is None else [bases[stratum]]
            curves += [_Curve(newdata.index[i], base, x[i], float(risk[i])) for base in chosen]
    return CoxCurves(
        tuple(curves), fit.variance, fit.sorting.mean, conf_type, conf_level, fit.n, fit.n_event,
        fit.n_missing, fit.formula,
    )  # fmt: skip
