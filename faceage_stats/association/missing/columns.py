"""Columns of a table as the chained equations see them, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._columns import numeric
from faceage_stats._expression.evaluate import evaluate
from faceage_stats._formula.extremes import measured_column, refuse_extremes
from faceage_stats._formula.parse import is_surv
from faceage_stats._levels import as_factor, group_codes, match_levels
from faceage_stats._steps import risk_counts, step_at
from faceage_stats._surv import parse_surv
from faceage_stats.association.missing.chained import Target, encode
from faceage_stats.errors import DesignError, InputError

__all__ = [
    "codes_of",
    "event_and_hazard",
    "filled",
    "fixed_block",
    "levels_of",
    "outcome_columns",
    "target_of",
]

FEWEST = 10  # known values that an imputation model needs


def outcome_columns(left: str, frame: pd.DataFrame) -> np.ndarray:
    """Read the outcome, NaN for missing: entry, time and event, or the value itself."""
    if is_surv(left):
        surv = parse_surv(left, frame)
        entry = np.full(len(frame), -np.inf) if surv.entry is None else surv.entry
        return np.column_stack([entry, surv.time, surv.event])
    series = evaluate(left, frame, "The left side")
    if pd.api.types.is_numeric_dtype(series) or pd.api.types.is_bool_dtype(series):
        outcome = numeric(series, left)[:, None]
        refuse_extremes(outcome, [left])
        return outcome
    codes = group_codes(series)[0].astype(float)
    return np.where(codes < 0, np.nan, codes)[:, None]


def event_and_hazard(outcome: np.ndarray) -> np.ndarray:
    """Compute event indicator and Nelson-Aalen cumulative hazard over each row's follow-up."""
    entry, time, event = outcome.T
    late = None if np.isinf(entry).all() else entry
    counts = risk_counts(time, event, entry=late)
    hazard = np.cumsum(counts.n_any / np.maximum(counts.n_risk, 1.0))
    over = step_at(counts.time, hazard, time, 0.0)
    if late is not None:
        over = over - step_at(counts.time, hazard, late, 0.0)
    return np.column_stack([event, over])


def levels_of(column: pd.Series) -> list[Any] | None:
    """List the levels of a category; None for numbers."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return list(column.cat.categories)
    if pd.api.types.is_bool_dtype(column.dtype):
        return [False, True]
    if pd.api.types.is_numeric_dtype(column):
        return None
    levels = list(as_factor(column).cat.categories)
    if len(levels) > 30 and len(levels) > len(column) / 4:
        raise InputError(
            f"impute: column '{column.name}' is text with {len(levels)} distinct values: an "
            "identifier, or numbers stored as text? Convert it or remove it."
        )
    return levels


def codes_of(column: pd.Series, levels: list[Any]) -> np.ndarray:
    """Find the position of each value among the levels; -1 for missing."""
    return match_levels(column, levels)


def _is_ordered(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.CategoricalDtype) and bool(column.cat.ordered)


def target_of(base: pd.DataFrame, name: str, *, normal: bool) -> Target:
    """Prepare a column for imputation; too few known values are refused."""
    column, levels = base[name], levels_of(base[name])
    missing = column.isna().to_numpy()
    if levels is None:
        values = measured_column(base, name, "impute()")
    else:
        values = codes_of(column, levels).astype(float)
    observed = values[~missing]
    if len(observed) < FEWEST or np.ptp(observed) == 0:
        raise DesignError(
            f"impute: column '{name}' has {len(observed)} known values"
            f"{', all equal' if len(observed) and np.ptp(observed) == 0 else ''}; at least "
            f"{FEWEST} that vary are needed. Remove it from the model."
        )
    filled = np.where(missing, observed.mean() if levels is None else 0.0, values)
    n_level = 0 if levels is None or _is_ordered(column) else len(levels)
    return Target(name, filled, missing, n_level, normal and levels is None)


def fixed_block(base: pd.DataFrame, name: str) -> np.ndarray:
    """Code a complete column as predictors."""
    levels = levels_of(base[name])
    if levels is None:
        return measured_column(base, name, "impute()")[:, None]
    return encode(codes_of(base[name], levels), len(levels))


def filled(column: pd.Series, missing: np.ndarray, drawn: np.ndarray) -> pd.Series:
    """Replace the missing values of a column, its type kept."""
    levels = levels_of(column)
    if levels is None:
        values = column.to_numpy(dtype=float, na_value=np.nan, copy=True)
        values[missing] = drawn
        return pd.Series(values, index=column.index, name=column.name)
    codes = codes_of(column, levels)
    codes[missing] = drawn.astype(int)
    if isinstance(column.dtype, pd.CategoricalDtype):
        filled = pd.Categorical.from_codes(codes.tolist(), dtype=column.dtype)
        return pd.Series(filled, index=column.index, name=column.name)
    filled_text = np.array(levels, dtype=object)[codes]
    return pd.Series(filled_text, index=column.index, name=column.name).infer_objects()
