"""A baseline table of weighted patients: sums of weights, and design-based tests.

Patients are independent draws with unequal weights, as in R's survey package with ``ids = ~1``; of
each variable those are a sample in whom it is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from scipy import stats

from faceage_stats.association.classical.effect_size import smd_categorical
from faceage_stats.association.weighting.linearised import (
    GroupMeans,
    group_scores,
    rao_scott,
    spread_of,
    wald_f,
    weighted_quantiles,
)
from faceage_stats.errors import DesignError, InputError
from faceage_stats.reporting.tables import summaries
from faceage_stats.reporting.tables.summaries import Group

__all__ = ["WeightedSummaries"]

_QUARTERS = {"q25": 0.25, "median": 0.5, "q75": 0.75}


@dataclass(frozen=True, eq=False)
class WeightedSummaries:
    """What `summaries` says of a variable, of rows with weights."""

    weight: np.ndarray

    def numeric_cells(
        self, name: str, values: np.ndarray, groups: Sequence[Group]
    ) -> list[dict[str, Any]]:
        """The cells of a number, each with its sum of weights and weighted moments.

        Examples
        --------
        >>> everybody = Group("Overall", True, np.ones(3, dtype=bool))
        >>> of = WeightedSummaries(np.array([2.0, 1, 1]))
        >>> (cell,) = of.numeric_cells("x", np.array([1.0, 2, 5]), [everybody])
        >>> float(cell["weight"]), cell["mean"], float(cell["median"])
        (4.0, 2.25, 1.0)
        """
        cells = summaries.numeric_cells(name, values, groups)
        known = ~np.isnan(values)
        for cell, group in zip(cells[: len(groups)], groups, strict=True):
            x, w = values[group.rows & known], self.weight[group.rows & known]
            cell["weight"] = w.sum()
            if len(x):
                quarters = weighted_quantiles(x, w, np.array([*_QUARTERS.values()]))
                cell |= dict(zip(_QUARTERS, quarters, strict=True))
                cell |= self._mean(values, known, group.rows)
            if len(x) > 1:
                cell["std_dev"] = np.sqrt(_variance(x, w))
        return self._with_missing(cells, ~known, groups)

    def factor_cells(
        self, name: str, codes: np.ndarray, levels: Sequence[Any], groups: Sequence[Group]
    ) -> list[dict[str, Any]]:
        """The cells of a factor, each with its sum of weights and its weighted proportion."""
        cells = summaries.factor_cells(name, codes, levels, groups)
        known = codes >= 0
        places = [(code, group) for code in range(len(levels)) for group in groups]
        for cell, (code, group) in zip(cells[: len(places)], places, strict=True):
            inside = codes == code
            cell["weight"] = self.weight[group.rows & inside].sum()
            if (group.rows & known).any():
                share = self._mean(inside.astype(float), known, group.rows)
                cell |= {"fraction": share["mean"], "std_error": share["std_error"]}
        return self._with_missing(cells, ~known, groups)

    def _mean(self, values: np.ndarray, known: np.ndarray, rows: np.ndarray) -> dict[str, float]:
        """Mean of some of the rows, which are a part of the sample, with its error."""
        outside = np.where(rows[known], 0, -1)
        found = group_scores(values[known], self.weight[known], outside, 1)
        error = np.sqrt(spread_of(found.scores)[0, 0]) if known.sum() > 1 else np.nan
        return {"mean": float(found.mean[0]), "std_error": float(error)}

    def _with_missing(
        self, cells: list[dict[str, Any]], missing: np.ndarray, groups: Sequence[Group]
    ) -> list[dict[str, Any]]:
        """The cells, those of missing values with their sum of weights."""
        of_missing = [cell for cell in cells if cell["is_missing"]]
        for cell, group in zip(of_missing, groups, strict=bool(of_missing)):
            cell["weight"] = self.weight[group.rows & missing].sum()
        return cells

    def compare_numeric(
        self,
        name: str,
        values: np.ndarray,
        groups: Sequence[np.ndarray],
        test: bool,
        by_ranks: bool,
    ) -> dict[str, Any]:
        """Standardised difference of weighted means, and the Wald test that they are equal."""
        known = ~np.isnan(values)
        samples = [(values[rows & known], self.weight[rows & known]) for rows in groups]
        row: dict[str, Any] = {"variable": name}
        if len(samples) < 2 or min(len(x) for x, _ in samples) < 2:
            return row
        means = group_scores(values[known], self.weight[known], _codes(groups)[known], len(groups))
        variances = np.array([_variance(x, w) for x, w in samples])
        row |= _standardised(means.mean, variances)
        if test and not by_ranks and (variances > 0).all():
            row |= _equal_means(means)
        return row

    def compare_factor(
        self,
        name: str,
        codes: np.ndarray,
        n_levels: int,
        groups: Sequence[np.ndarray],
        test: bool,
    ) -> dict[str, Any]:
        """Standardised difference of weighted proportions, and Rao and Scott's test."""
        row: dict[str, Any] = {"variable": name}
        known = codes >= 0
        sums = np.array(
            [
                np.bincount(codes[rows & known], self.weight[rows & known], minlength=n_levels)
                for rows in groups
            ]
        )
        if len(sums) < 2 or n_levels < 2:
            return row
        try:
            found = [smd_categorical(a, b) for a, b in combinations(sums, 2)]
            row["smd"] = _one_or_mean([float(each.estimate or 0.0) for each in found])
        except (DesignError, InputError):
            pass  # an empty group, or no level in common
        if test and (sums.sum(0) > 0).sum() > 1 and (sums.sum(1) > 0).all():
            seen = np.unique(codes[known], return_inverse=True)[1]
            of_test = rao_scott(seen, _codes(groups)[known], self.weight[known])
            row |= {**of_test._asdict(), "p_value": of_test.p_value, "method": "Rao-Scott F test"}
        return row


def _codes(groups: Sequence[np.ndarray]) -> np.ndarray:
    """Number of the group of each row."""
    return np.select(list(groups), range(len(groups)), -1)


def _variance(x: np.ndarray, w: np.ndarray) -> float:
    """Weighted variance times n / (n - 1), n being the rows of the group."""
    n = len(x)
    return float(n / (n - 1) * np.average((x - np.average(x, weights=w)) ** 2, weights=w))


def _standardised(means: np.ndarray, variances: np.ndarray) -> dict[str, float]:
    pairs = list(combinations(range(len(means)), 2))
    spread = [np.sqrt((variances[i] + variances[j]) / 2) for i, j in pairs]
    if min(spread) <= 0:
        return {}
    away = [(means[i] - means[j]) / s for (i, j), s in zip(pairs, spread, strict=True)]
    return {"smd": _one_or_mean(away)}


def _one_or_mean(found: Sequence[float]) -> float:
    """The difference of two groups; of more the mean of the absolute differences."""
    return float(found[0] if len(found) == 1 else np.mean(np.abs(found)))


def _equal_means(means: GroupMeans) -> dict[str, Any]:
    """Two means: t of the second less the first. More: F."""
    found = wald_f(means)
    if len(means.mean) > 2:
        method = "Design-based F test of means"
        return {**found._asdict(), "p_value": found.p_value, "method": method}
    t = np.diff(means.mean)[0] / np.sqrt(np.trace(spread_of(means.scores)))
    p = 2 * stats.t.sf(abs(t), found.df_residual)
    method = "Design-based t test"
    return {"statistic": t, "df": found.df_residual, "p_value": p, "method": method}
