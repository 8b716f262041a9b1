"""Weights by the propensity of treatment, as a result: arms and balance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from faceage_stats._arguments import check_names
from faceage_stats._columns import require_columns
from faceage_stats._formula.extremes import measured_column
from faceage_stats._result import Result, frozen_result
from faceage_stats.association.regression.logistic_model import Logistic

__all__ = ["IPW", "Estimand"]

Estimand = Literal["ATE", "ATT", "ATC", "ATO"]


@frozen_result
class IPW(Result):
    """Propensity weights, made by `ipw`.

    Attributes
    ----------
    fit : Logistic
        The model of the propensity, on all complete rows.
    rows : pandas.DataFrame
        The rows weighted.
    kept : ndarray of bool, shape (n rows of the fit,)
        True for the rows of the fit that were not trimmed.
    propensity, weight : ndarray, shape (n,)
    treated : ndarray of bool, shape (n,)
    estimand : {"ATE", "ATT", "ATC", "ATO"}
    """

    fit: Logistic
    rows: pd.DataFrame
    kept: np.ndarray
    propensity: np.ndarray
    weight: np.ndarray
    treated: np.ndarray
    estimand: Literal["ATE", "ATT", "ATC", "ATO"]

    def augment(self) -> pd.DataFrame:
        """Return the rows weighted, as given, with ``propensity`` and ``weight``."""
        return self.rows.assign(propensity=self.propensity, weight=self.weight)

    def tidy(self) -> pd.DataFrame:
        """Return one row per arm, untreated first.

        Returns
        -------
        pandas.DataFrame
            ``group n weight n_effective weight_max``: the sum of the weights, the size of an
            unweighted sample of the same precision (Kish), and the largest weight.
        """
        rows = []
        for label, arm in (("untreated", ~self.treated), ("treated", self.treated)):
            weight = self.weight[arm]
            rows.append(
                {
                    "group": label,
                    "n": len(weight),
                    "weight": float(weight.sum()),
                    "n_effective": float(weight.sum() ** 2 / (weight**2).sum()),
                    "weight_max": float(weight.max()),
                }
            )
        return pd.DataFrame(rows)

    def glance(self) -> pd.DataFrame:
        """Return one row: ``method n n_missing weight_max``."""
        row = {
            "method": f"Propensity weights, {self.estimand}",
            "n": len(self.weight),
            "n_missing": self.fit.frame.n_missing,
            "weight_max": float(self.weight.max()),
        }
        return pd.DataFrame([row])

    def balance(self, columns: str | Sequence[str] | None = None) -> pd.DataFrame:
        """Return how alike the arms are, before and after weighting.

        Parameters
        ----------
        columns : str or list of str, optional
            Columns of numbers or 0/1, also ones that are not in the propensity; without it those
            that are.

        Returns
        -------
        pandas.DataFrame
            ``variable mean1 mean2 smd_before smd_after``: weighted means of the treated and of the
            untreated, and their standardised difference. Its standard deviation is that before
            weighting: of both arms (ATE, ATO), of the treated (ATT), or of the untreated (ATC).
        """
        names = self.fit.frame.design.names if columns is None else check_names("columns", columns)
        if columns is not None:
            require_columns(names, self.rows, "balance()")
        rows = []
        for position, name in enumerate(names):
            values = self._covariate(position) if columns is None else self._column(name)
            present = ~np.isnan(values)
            rows.append({"variable": name, **self._row(values[present], present)})
        return pd.DataFrame(rows)

    def _column(self, name: Any) -> np.ndarray:
        return measured_column(self.rows, name, "balance()")

    def _covariate(self, position: int) -> np.ndarray:
        return np.asarray(self.fit.frame.x[self.kept, position])

    def _row(self, values: np.ndarray, present: np.ndarray) -> dict[str, float]:
        treated, weight = self.treated[present], self.weight[present]
        one, two = values[treated], values[~treated]
        pairs = ((one, treated), (two, ~treated))
        if any(not weight[arm].sum() > 0 for _, arm in pairs):  # one arm has no value
            return dict.fromkeys(("mean1", "mean2", "smd_before", "smd_after"), float("nan"))
        spread = [_variance(one), _variance(two)]
        chosen = {"ATT": spread[0], "ATC": spread[1]}.get(self.estimand, sum(spread) / 2)
        means = [float(np.average(each, weights=weight[arm])) for each, arm in pairs]
        with np.errstate(invalid="ignore", divide="ignore"):
            before = (one.mean() - two.mean()) / np.sqrt(chosen)
            after = (means[0] - means[1]) / np.sqrt(chosen)
        return {"mean1": means[0], "mean2": means[1], "smd_before": before, "smd_after": after}

    def _further_tables(self) -> tuple[str, ...]:
        return ("balance",)

    def _title(self) -> str:
        return f"Propensity weights, {self.estimand}: {self.fit.frame.design.formula}"


def _variance(values: np.ndarray) -> float:
    """Of a 0/1 column p (1 - p), as is usual for balance."""
    if np.isin(values, (0, 1)).all():
        return float(values.mean() * (1 - values.mean()))
    return float(values.var(ddof=1)) if len(values) > 1 else float("nan")
