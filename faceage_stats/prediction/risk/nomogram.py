"""A Cox model written as points, as a nomogram would print it."""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._binary import is_text
from faceage_stats._columns import column
from faceage_stats._expression.nodes import names_of
from faceage_stats._levels import group_codes
from faceage_stats._result import Result, frozen_result
from faceage_stats._scalar import check_numbers
from faceage_stats.errors import DesignError
from faceage_stats.survival.cox.result import CoxPH

__all__ = ["Nomogram", "nomogram"]

_ROWS = 5  # values of which each is shown; of more, round ones
_STEPS = 8  # at most, between those
_TAIL = 0.05  # of the patients lie beyond either end of those
_TOTALS = 11  # rows of the table of totals


@frozen_result
class Nomogram(Result):
    """Points of each covariate, and what their sum means.

    Attributes
    ----------
    table : pandas.DataFrame
        ``variable level points``.
    per_point : float
        Log hazard ratio of one point.
    offset : float
        Linear predictor (relative to the means) of a patient without points.
    baseline : pandas.DataFrame
        ``time estimate cumhaz`` at the means.
    n, n_event, n_missing : int
        Of the model.
    """

    table: pd.DataFrame
    per_point: float
    offset: float
    baseline: pd.DataFrame
    n: int
    n_event: int
    n_missing: int

    def tidy(self) -> pd.DataFrame:
        """Return one row per level, or per value of a number: ``variable level points``.

        The values of a number are round ones from its 5th to its 95th percentile. Points between
        and beyond them are found by proportion where the effect is linear.
        """
        return self.table.copy()

    def survival(self, total: Any = None) -> pd.DataFrame:
        """Return the survival that belongs to a sum of points: ``points time estimate``.

        Parameters
        ----------
        total : array-like, optional
            Sums of points; by default from none to the largest possible.
        """
        if total is None:
            total = np.linspace(0, self.table.groupby("variable")["points"].max().sum(), _TOTALS)
        points = check_numbers("total", total)
        lp = self.offset + points * self.per_point
        parts = [
            pd.DataFrame({"points": points, "time": time, "estimate": np.exp(-cumhaz * np.exp(lp))})
            for time, cumhaz in self.baseline[["time", "cumhaz"]].itertuples(index=False)
        ]
        return pd.concat(parts, ignore_index=True)

    def glance(self) -> pd.DataFrame:
        """Return one row: ``estimate scale n n_event n_missing``, for one point."""
        row = {"estimate": self.per_point, "scale": "log hazard ratio", "n": self.n}
        return pd.DataFrame([row | {"n_event": self.n_event, "n_missing": self.n_missing}])

    def _further_tables(self) -> tuple[str, ...]:
        return ("survival",)

    def _title(self) -> str:
        return f"Points; each multiplies the hazard by {np.exp(self.per_point):.4g}"


def nomogram(fit: CoxPH, data: pd.DataFrame, baseline: pd.DataFrame, most: float) -> Nomogram:
    """Contribution of each variable over the values in the data, scaled to points."""
    variables = _separate_variables(fit)
    start = data.iloc[[0]]
    parts, lows = [], 0.0
    for variable in variables:
        values = _shown_values(column(data, variable, "nomogram()"))
        rows = pd.concat([start] * len(values), ignore_index=True)
        rows[variable] = values
        lp = (fit.design.encode(rows) - fit.design.encode(start)) @ fit.estimate.filled
        lows += lp.min()
        parts.append(pd.DataFrame({"variable": variable, "level": _texts(values),
                                   "points": lp - lp.min()}))  # fmt: skip
    table = pd.concat(parts, ignore_index=True)
    widest = table["points"].max()
    if not widest > 0:
        raise DesignError("no covariate has an effect; points cannot be scaled.")
    per_point = widest / most
    table["points"] /= per_point
    at_start = fit.predict(start, "lp", reference="sample")["estimate"].iloc[0]
    return Nomogram(
        table, float(per_point), float(at_start + lows), baseline, fit.n, fit.n_event, fit.n_missing
    )


def _separate_variables(fit: CoxPH) -> list[str]:
    """Variables without interactions, each in one term; an interaction has no points."""
    right = fit.design.right
    terms = right.terms
    used = [list(dict.fromkeys(chain(*map(names_of, each)))) for each in right.products]
    joint = [term for term, names in zip(terms, used, strict=True) if len(names) != 1]
    flat = [name for names in used for name in names]
    repeated = sorted({name for name in flat if flat.count(name) > 1})
    if joint or repeated:
        raise DesignError(
            "points need covariates without interactions, each in one term; here "
            f"{', '.join(joint + repeated)} do not."
        )
    return flat


def _shown_values(values: pd.Series) -> list[Any]:
    """Levels in order; of a number with many values round ones between the 5 % at either end."""
    if is_text(values) or pd.api.types.is_bool_dtype(values):
        return group_codes(values)[1]
    distinct = sorted(values.unique())
    if len(distinct) <= _ROWS:
        return distinct
    low, high = np.quantile(values.to_numpy(float), [_TAIL, 1 - _TAIL])
    if not low < high:
        return distinct
    least = (high - low) / _STEPS
    power = 10.0 ** np.floor(np.log10(least))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least)
    numbers = np.arange(np.ceil(low / step), np.floor(high / step) + 1)
    return [float(f"{number * step:.6g}") for number in numbers]


def _texts(values: list[Any]) -> list[str]:
    return [f"{v:.6g}" if isinstance(v, float | np.floating) else str(v) for v in values]
