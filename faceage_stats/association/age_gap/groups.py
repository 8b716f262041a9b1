"""Groups of patients as true/false columns: they may overlap, but not be compared then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd

from faceage_stats._arguments import check_fit
from faceage_stats._columns import column
from faceage_stats._levels import group_codes
from faceage_stats._near import check_option
from faceage_stats.errors import DesignError, InputError

__all__ = ["Pairs", "codes_of", "has_order", "is_disjoint", "memberships", "pairs_of"]

Pairs = Literal["reference", "all"]


def has_order(column: pd.Series) -> bool:
    """Tell whether a column comes in an order: numbers and categoricals do, text does not."""
    is_categorical = isinstance(column.dtype, pd.CategoricalDtype)
    return is_categorical or pd.api.types.is_numeric_dtype(column)


def memberships(frame: pd.DataFrame, by: str | Mapping[str, Any]) -> pd.DataFrame:
    """Return one true/false column per group."""
    if isinstance(by, str):
        codes, labels = group_codes(column(frame, by, "age_gap()"))
        found = {label: codes == code for code, label in enumerate(labels)}
        return pd.DataFrame(found, index=range(len(frame)))
    columns = {}
    check_fit(by, Mapping, "age_gap(by=) takes a column, or true/false arrays by group")
    for group, rows in by.items():
        mask = np.asarray(rows)
        if mask.dtype != bool or len(mask) != len(frame):
            raise InputError(
                f"age_gap: group {group!r} must be {len(frame)} true/false values, one per row."
            )
        columns[str(group)] = mask
    return pd.DataFrame(columns, index=range(len(frame)))


def is_disjoint(members: pd.DataFrame) -> bool:
    """Tell whether no row belongs to several groups."""
    return bool((members.sum(axis=1) <= 1).all())


def codes_of(members: pd.DataFrame) -> np.ndarray:
    """Number the group of every row, -1 for none; groups that overlap are refused."""
    table = members.to_numpy()
    shared = int((table.sum(axis=1) > 1).sum())
    if shared:
        raise InputError(f"age_gap: {shared} rows belong to several groups; use disjoint ones.")
    return np.asarray(np.where(table.any(axis=1), table.argmax(axis=1), -1))


def pairs_of(members: pd.DataFrame, pairs: Pairs, reference: str | None) -> list[tuple[str, str]]:
    """Choose the pairs to compare; groups that have rows in common are refused."""
    check_option("pairs", pairs, Pairs)
    names = [str(name) for name in members]
    if pairs == "all":
        chosen = [(late, early) for i, early in enumerate(names) for late in names[i + 1 :]]
    elif reference is None:
        raise InputError("age_gap: name a reference= group to compare the others with.")
    else:
        chosen = [(name, reference) for name in names if name != reference]
    if not chosen:
        raise DesignError("age_gap: there is only one group; a comparison needs two.")
    for group1, group2 in chosen:
        shared = int((members[group1] & members[group2]).sum())
        if shared:
            raise InputError(
                f"age_gap: groups {group1!r} and {group2!r} have {shared} rows in common; they are "
                "not independent samples. Compare disjoint groups."
            )
    return chosen
