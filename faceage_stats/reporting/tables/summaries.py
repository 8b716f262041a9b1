"""One variable of a baseline table: its summaries by group, and how the groups differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats.association.classical.counts import chisq_test, fisher_test
from faceage_stats.association.classical.effect_size import smd, smd_categorical
from faceage_stats.association.classical.means import oneway_test, t_test
from faceage_stats.association.classical.ranks import kruskal_test
from faceage_stats.errors import DesignError, InputError

__all__ = [
    "MISSING_LEVEL",
    "Group",
    "compare_factor",
    "compare_numeric",
    "factor_cells",
    "numeric_cells",
]

MISSING_LEVEL = "Missing"  # as printed; `is_missing` tells it from a level of that name


@dataclass(frozen=True)
class Group:
    """One column of the table: all rows, or those of a group, which may have any name."""

    label: str
    is_overall: bool
    rows: np.ndarray

    def cell(self, variable: str, level: str | None, n: int, n_missing: int) -> dict[str, Any]:
        """One cell of the table: whose it is, and its counts."""
        return {
            "variable": variable,
            "level": level,
            "is_missing": False,
            "group": self.label,
            "is_overall": self.is_overall,
            "n": n,
            "n_missing": n_missing,
            "suppressed": False,
        }


def numeric_cells(name: str, values: np.ndarray, groups: Sequence[Group]) -> list[dict[str, Any]]:
    """One row per group: counts, mean, standard deviation and quartiles of a numeric variable."""
    cells, missing_cells = [], []
    for group in groups:
        inside = values[group.rows]
        complete = inside[~np.isnan(inside)]
        n_missing = len(inside) - len(complete)
        cell = group.cell(name, None, len(complete), n_missing)
        if len(complete):
            q25, median, q75 = np.quantile(complete, [0.25, 0.5, 0.75])
            cell |= {"mean": complete.mean(), "median": median, "q25": q25, "q75": q75}
        if len(complete) > 1:
            cell["std_dev"] = complete.std(ddof=1)
        cells.append(cell)
        missing_cells.append(_missing_cell(name, group, n_missing))
    return cells + (missing_cells if np.isnan(values).any() else [])


def factor_cells(
    name: str, codes: np.ndarray, levels: Sequence[Any], groups: Sequence[Group]
) -> list[dict[str, Any]]:
    """One row per level and group: counts of a factor; -1 is the code of a missing value."""
    cells = []
    for code, level in enumerate(levels):
        for group in groups:
            inside = codes[group.rows]
            known, count = int((inside >= 0).sum()), int((inside == code).sum())
            cell = group.cell(name, str(level), count, len(inside) - known)
            cells.append(cell | {"fraction": count / known if known else np.nan})
    if (codes < 0).any():
        cells += [_missing_cell(name, g, int((codes[g.rows] < 0).sum())) for g in groups]
    return cells


def _missing_cell(name: str, group: Group, n_missing: int) -> dict[str, Any]:
    return group.cell(name, MISSING_LEVEL, n_missing, n_missing) | {"is_missing": True}


def compare_numeric(
    name: str, values: np.ndarray, groups: Sequence[np.ndarray], test: bool, by_ranks: bool
) -> dict[str, Any]:
    """Standardised difference of a numeric variable between groups, and its test if asked for."""
    samples = [values[rows & ~np.isnan(values)] for rows in groups]
    row: dict[str, Any] = {"variable": name}
    row |= _mean_smd([_try(smd, a, b) for a, b in combinations(samples, 2)])
    if test and len(samples) > 1:
        label = np.repeat(np.arange(len(samples)), [len(sample) for sample in samples])
        long = pd.DataFrame({"value": np.concatenate(samples), "group": label})
        if by_ranks:
            row |= _test_row(_try(kruskal_test, "value ~ group", data=long))
        elif len(samples) == 2:
            row |= _test_row(_try(t_test, *samples))
        else:
            row |= _test_row(_try(oneway_test, "value ~ group", data=long))
    return row


def compare_factor(
    name: str, codes: np.ndarray, n_levels: int, groups: Sequence[np.ndarray], test: bool
) -> dict[str, Any]:
    """Standardised difference of a factor between groups, and its test if asked for."""
    counts = np.array([np.bincount(codes[r & (codes >= 0)], minlength=n_levels) for r in groups])
    row: dict[str, Any] = {"variable": name}
    if len(counts) < 2 or n_levels < 2:
        return row
    row |= _mean_smd([_try(smd_categorical, a, b) for a, b in combinations(counts, 2)])
    if test:
        expected = counts.sum(1, keepdims=True) * counts.sum(0) / max(counts.sum(), 1)
        result = _try(fisher_test, counts) if (expected < 5).any() else None
        row |= _test_row(result or _try(chisq_test, counts, correct=False))
    return row


def _try(function: Any, *args: Any, **options: Any) -> Any:
    """Return the result, or None where the data cannot give one (a constant, an empty group)."""
    try:
        return function(*args, **options)
    except (DesignError, InputError):
        return None


def _mean_smd(results: Sequence[Any]) -> dict[str, float]:
    known = [result for result in results if result is not None]
    if len(results) == 1 and known:
        (only,) = known
        return {
            "smd": only.estimate,
            "smd_se": only.std_error,
            "smd_low": only.conf_low,
            "smd_high": only.conf_high,
        }
    complete = bool(results) and len(known) == len(results)
    return {"smd": float(np.mean([abs(r.estimate) for r in known])) if complete else np.nan}


def _test_row(result: Any) -> dict[str, Any]:
    if result is None:
        return {}
    return {name: getattr(result, name) for name in ("statistic", "df", "p_value", "method")}
