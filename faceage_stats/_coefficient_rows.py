"""Rows of a coefficient table: reference levels beside the coefficients, counts per level."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from faceage_stats._formula.design import Design

__all__ = ["coefficient_rows"]


def coefficient_rows(
    design: Design,
    x: np.ndarray,
    event: np.ndarray | None,
    values: Mapping[str, np.ndarray],
    reference_estimate: float,
    *,
    intercept: bool = False,
) -> pd.DataFrame:
    """Return one row per coefficient, a factor's reference level before its other levels.

    Parameters
    ----------
    design : Design
    x : ndarray, shape (n, p)
        The design's columns, without an intercept.
    event : ndarray, shape (n,), or None
        0/1; None for an outcome without events.
    values : mapping of column to ndarray, shape (p,) or (1 + p,)
        One value per coefficient.
    reference_estimate : float
        Estimate of a reference level, 0 or 1; its other values are NaN.
    intercept : bool
        The first value of each column belongs to the intercept, which gets the first row.

    Returns
    -------
    pandas.DataFrame
        ``term variable level is_reference``, the columns of `values`, ``n`` and, with events,
        ``n_event`` of each level.

    Examples
    --------
    >>> from faceage_stats._formula.frame import model_frame
    >>> frame = model_frame("y ~ g", pd.DataFrame({"y": [1.0, 2, 4], "g": ["a", "b", "b"]}))
    >>> values = {"estimate": np.array([1.0, 2.0])}
    >>> rows = coefficient_rows(frame.design, frame.x, None, values, 0.0, intercept=True)
    >>> rows[["term", "estimate", "n"]].values.tolist()
    [['(Intercept)', 1.0, 3], ['ga', 0.0, 1], ['gb', 2.0, 2]]
    """
    rows: list[dict[str, object]] = []
    all_rows = np.ones(len(x), bool)
    if intercept:
        row = _label("(Intercept)", "(Intercept)", None, False)
        row |= {name: value[0] for name, value in values.items()}
        rows.append(row | _counts(all_rows, event))
        values = {name: value[1:] for name, value in values.items()}
    for term in design.terms:
        columns = range(*term.columns.indices(len(design.columns)))
        if term.reference is not None:
            others = np.asarray(x[:, term.columns] != 0).any(axis=1)
            row = _label(f"{term.variable}{term.reference}", term.variable, term.reference, True)
            row |= dict.fromkeys(values, np.nan) | {"estimate": reference_estimate}
            rows.append(row | _counts(np.logical_not(others), event))
        for j in columns:
            column = design.columns[j]
            row = _label(column.name, column.variable, column.level, False)
            row |= {name: value[j] for name, value in values.items()}
            member = x[:, j] != 0 if column.level is not None else all_rows
            rows.append(row | _counts(member, event))
    counts = ["n"] if event is None else ["n", "n_event"]
    names = ["term", "variable", "level", "is_reference", *values, *counts]
    return pd.DataFrame(rows, columns=names)


def _label(term: str, variable: str, level: str | None, is_reference: bool) -> dict[str, object]:
    return {"term": term, "variable": variable, "level": level, "is_reference": is_reference}


def _counts(member: np.ndarray, event: np.ndarray | None) -> dict[str, object]:
    counts: dict[str, object] = {"n": int(member.sum())}
    if event is not None:
        counts["n_event"] = int(event[member].sum())
    return counts
