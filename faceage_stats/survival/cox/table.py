"""Rows of a coefficient table: reference levels beside the coefficients, counts per level."""

from __future__ import annotations

import numpy as np
import pandas as pd

from faceage_stats._formula.design import Design

__all__ = ["coefficient_rows"]


def coefficient_rows(
    design: Design,
    x: np.ndarray,
    event: np.ndarray,
    values: dict[str, np.ndarray],
    reference_estimate: float,
) -> pd.DataFrame:
    """One row per design column in order, a factor's reference level before its other levels.

    `values` maps a column of the table to one value per design column; the reference row has
    `reference_estimate` and otherwise NaN.
    """
    rows: list[dict[str, object]] = []
    for term in design.terms:
        columns = range(*term.columns.indices(len(design.columns)))
        coded = term.reference is not None
        if coded:
            others = np.asarray(x[:, term.columns] != 0).any(axis=1)
            row = _label(f"{term.variable}{term.reference}", term.variable, term.reference, True)
            row |= dict.fromkeys(values, np.nan) | {"estimate": reference_estimate}
            rows.append(row | _counts(np.logical_not(others), event))
        for j in columns:
            column = design.columns[j]
            row = _label(column.name, column.variable, column.level if coded else None, False)
            row |= {name: value[j] for name, value in values.items()}
            member = x[:, j] != 0 if coded else np.ones(len(x), bool)
            rows.append(row | _counts(member, event))
    columns_out = ["term", "variable", "level", "is_reference", *values, "n", "n_event"]
    return pd.DataFrame(rows, columns=columns_out)


def _label(term: str, variable: str, level: str | None, is_reference: bool) -> dict[str, object]:
    return {"term": term, "variable": variable, "level": level, "is_reference": is_reference}


def _counts(member: np.ndarray, event: np.ndarray) -> dict[str, object]:
    return {"n": int(member.sum()), "n_event": int(event[member].sum())}
