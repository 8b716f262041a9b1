"""A baseline table of weighted patients: sums of weights, and design-based tests.

Patients are independent draws with unequal weights, as in R's survey package with ``ids = ~1``.
Variances are linearised: that of a sum of contributions z is n / (n - 1) times their sum of
squares, n being the rows of the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from scipy import stats

from faceage_stats.association.classical.effect_size import smd_categorical
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
        >>> float(cell["weight"]), cell["mean"], cell["median"]
        (4.0, 2.25, 1.0)
        """
        cells = summaries.numeric_cells(name, values, groups)
        known = ~np.isnan(values)
        for cell, group in zip(cells[: len(groups)], groups, strict=True):
            x, w = self._inside(values, group.rows & known)
            cell["weight"] = w.sum()
            if len(x):
                cell |= {"mean": np.average(x, weights=w), **_quartiles(x, w)}
            if len(x) > 1:
                cell |= {"std_dev": np.sqrt(_variance(x, w)), "std_error": self._error(x, w)}
        return self._with_missing(cells, ~known, groups)

    def factor_cells(
        self, name: str, codes: np.ndarray, levels: Sequence[Any], groups: Sequence[Group]
    ) -> list[dict[str, Any]]:
        """The cells of a factor, each with its sum of weights and its weighted proportion."""
        cells = summaries.factor_cells(name, codes, levels, groups)
        places = [(code, group) for code in range(len(levels)) for group in groups]
        for cell, (code, group) in zip(cells[: len(places)], places, strict=True):
            inside = self.weight[group.rows & (codes == code)].sum()
            known = self.weight[group.rows & (codes >= 0)].sum()
            cell |= {"weight": inside, "fraction": inside / known if known else np.nan}
        return self._with_missing(cells, codes < 0, groups)

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
        samples = [self._inside(values, rows & ~np.isnan(values)) for rows in groups]
        row: dict[str, Any] = {"variable": name}
        if len(samples) < 2 or min(len(x) for x, _ in samples) < 2:
            return row
        means = np.array([np.average(x, weights=w) for x, w in samples])
        variances = np.array([_variance(x, w) for x, w in samples])
        row |= _standardised(means, variances)
        errors = np.array([self._error(x, w) for x, w in samples])
        if test and not by_ranks and (errors > 0).all():
            row |= _equal_means(means, errors, sum(len(x) for x, _ in samples) - len(means))
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
        sums = np.array([self._sums(codes, rows & (codes >= 0), n_levels) for rows in groups])
        if len(sums) < 2 or n_levels < 2:
            return row
        try:
            found = [smd_categorical(a, b) for a, b in combinations(sums, 2)]
            row["smd"] = _one_or_mean([float(each.estimate or 0.0) for each in found])
        except (DesignError, InputError):
            pass  # an empty group, or no level in common
        if test and (sums.sum(0) > 0).sum() > 1 and (sums.sum(1) > 0).all():
            row |= _rao_scott(codes, np.select(list(groups), range(len(groups)), -1), self.weight)
        return row

    def _sums(self, codes: np.ndarray, rows: np.ndarray, n_levels: int) -> np.ndarray:
        return np.bincount(codes[rows], self.weight[rows], minlength=n_levels)

    def _inside(self, values: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return values[rows], self.weight[rows]

    def _error(self, x: np.ndarray, w: np.ndarray) -> float:
        """Standard error of a weighted mean of some of the rows."""
        n = len(self.weight)
        away = w * (x - np.average(x, weights=w)) / w.sum()
        return float(np.sqrt(n / (n - 1) * (away**2).sum()))


def _variance(x: np.ndarray, w: np.ndarray) -> float:
    """Weighted variance times n / (n - 1), n being the rows of the group."""
    n = len(x)
    return float(n / (n - 1) * np.average((x - np.average(x, weights=w)) ** 2, weights=w))


def _quartiles(x: np.ndarray, w: np.ndarray) -> dict[str, float]:
    """The smallest value up to which the weights reach each quarter of their sum."""
    order = np.argsort(x, kind="stable")
    reached = np.cumsum(w[order]) / w.sum()
    places = {name: np.flatnonzero(reached >= p - 1e-12)[0] for name, p in _QUARTERS.items()}
    return {name: float(x[order][place]) for name, place in places.items()}


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


def _equal_means(means: np.ndarray, errors: np.ndarray, df_residual: int) -> dict[str, Any]:
    """Two means: t of the second less the first. More: F of their differences from the first."""
    if len(means) == 2:
        t = (means[1] - means[0]) / np.hypot(*errors)
        p = 2 * stats.t.sf(abs(t), df_residual)
        return {"statistic": t, "df": df_residual, "p_value": p, "method": "Design-based t test"}
    difference = means[1:] - means[0]
    covariance = np.diag(errors[1:] ** 2) + errors[0] ** 2
    df = len(difference)
    f = difference @ np.linalg.solve(covariance, difference) / df
    return {
        "statistic": f, "df": df, "df_residual": df_residual,
        "p_value": stats.f.sf(f, df, df_residual), "method": "Design-based Wald test",
    }  # fmt: skip


def _rao_scott(rows: np.ndarray, columns: np.ndarray, weight: np.ndarray) -> dict[str, Any]:
    """Pearson's statistic of the weighted table, corrected for the variance of its cells.

    The statistic over the mean of the generalised design effects is F, with degrees of freedom
    from the first two moments of these effects.
    """
    used = (rows >= 0) & (columns >= 0)
    r, c = (np.unique(x[used], return_inverse=True)[1] for x in (rows, columns))
    w, n, n_used = weight[used], len(weight), int(used.sum())
    shape = (r.max() + 1, c.max() + 1)
    cell = r * shape[1] + c
    share = np.bincount(cell, w, minlength=shape[0] * shape[1]) / w.sum()
    scores = (np.eye(len(share))[cell] - share) * (w / w.sum())[:, None]
    variance = n / (n - 1) * scores.T @ scores
    table = share.reshape(shape)
    expected = np.outer(table.sum(1), table.sum(0))
    pearson = n_used * ((table - expected) ** 2 / expected).sum()
    contrasts = _interaction(shape)
    inverse = np.diag(np.divide(1, share, out=np.zeros_like(share), where=share > 0))
    simple = contrasts.T @ (inverse / n_used) @ contrasts
    effects = np.linalg.solve(simple, contrasts.T @ inverse @ variance @ inverse @ contrasts)
    trace = np.trace(effects)
    df = trace**2 / np.trace(effects @ effects)
    f = pearson / trace
    return {
        "statistic": f, "df": df, "df_residual": df * (n - 1),
        "p_value": stats.f.sf(f, df, df * (n - 1)), "method": "Rao-Scott test",
    }  # fmt: skip


def _interaction(shape: tuple[int, int]) -> np.ndarray:
    """Contrasts of the cells that rows and columns do not explain."""
    rows, columns = (np.eye(size) for size in shape)
    ones = [np.ones((size, 1)) for size in shape]
    main = np.hstack([np.kron(rows, ones[1]), np.kron(ones[0], columns[:, 1:])])
    both = np.kron(rows[:, 1:], columns[:, 1:])
    return np.asarray(both - main @ np.linalg.lstsq(main, both, rcond=None)[0])
