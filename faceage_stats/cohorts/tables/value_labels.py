"""Value labels of SPSS, Stata and haven: a factor where every value has one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from faceage_stats._warn import warn
from faceage_stats.cohorts.tables.reading import Reading
from faceage_stats.errors import ReadingWarning

__all__ = ["labelled_factor"]


def labelled_factor(
    values: pd.Series, labels: Mapping[Any, str], how: Reading, where: str
) -> pd.Series:
    """Make a factor of the labels in the order of their codes; codes where not all have one."""
    name, codes = str(values.name), how.codes(str(values.name))
    missing = values.isin([*codes.numbers, *codes.texts])
    values = values.mask(missing) if missing.any() else values
    known = {code: label for code, label in labels.items() if code not in codes.numbers}
    levels = [known[code] for code in sorted(known)]
    n_bare = int((values.notna() & ~values.isin(list(known))).sum())
    if n_bare == 0 and len(set(levels)) == len(levels):
        return pd.Series(
            pd.Categorical(values.map(known), categories=levels), index=values.index, name=name
        )
    n_labelled = int(values.isin(list(known)).sum())
    if n_labelled:
        shared = "; some codes share a label" if len(set(levels)) < len(levels) else ""
        labelled = ", ".join(f"{c:g}" if isinstance(c, float) else str(c) for c in known)
        warn(
            f"{where}: column '{name}' keeps its codes: a value label for {n_labelled} cells "
            f"({labelled}), none for {n_bare}{shared}. If a labelled code means missing, name "
            "it in na_values=.",
            ReadingWarning,
        )
    return values
