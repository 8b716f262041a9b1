"""The six points of the TEACHH score: numeric, or compared as text like the public script."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from faceage_stats._columns import column, numeric_column, require_columns
from faceage_stats.errors import InputError

__all__ = ["COMPONENTS", "GROUPS", "points", "text_points", "to_groups"]

GROUPS = ("A", "B", "C")
AGE_LIMIT = 60
# component -> column it is read from; "age" is chosen by the caller
COMPONENTS: Mapping[str, str] = {
    "type_of_cancer": "cancer_type",
    "ecog": "ecog",
    "age": "age",
    "chemotherapy": "prior_chemo_courses",
    "hospitalisation": "hospital_admissions",
    "hepatic_metastases": "mets_liver",
}
_FAVOURABLE = ("breast", "prostate")


def points(data: pd.DataFrame, age: str, chemo_courses: int) -> pd.DataFrame:
    """One column of 0/1 per component, NaN where its value is missing."""
    columns = {**COMPONENTS, "age": age}
    require_columns(columns.values(), data, "teachh()")
    cancer = column(data, columns["type_of_cancer"], "teachh()")
    met = {
        "type_of_cancer": ~cancer.astype(object).isin(_FAVOURABLE),
        "ecog": _number(data, columns["ecog"]) >= 2,
        "age": _number(data, age) > AGE_LIMIT,
        "chemotherapy": _number(data, columns["chemotherapy"]) >= chemo_courses,
        "hospitalisation": _number(data, columns["hospitalisation"]) > 0,
        "hepatic_metastases": _number(data, columns["hepatic_metastases"]) > 0,
    }
    table = pd.DataFrame({name: np.asarray(flag, float) for name, flag in met.items()})
    table.index = data.index
    for name, given in columns.items():
        table.loc[data[given].isna().to_numpy(), name] = np.nan
    return table


def text_points(data: pd.DataFrame, age: str) -> pd.DataFrame:
    """Points as the public script gives them: every value first becomes text.

    R's row-wise apply() turns a mixed table into a text matrix, each numeric column written with
    its common number of decimals, and compares it with the threshold as text. Leading blanks are
    ignored, as most collations do; in the C locale they would change still more.
    """
    table = points(data, age, chemo_courses=3)
    thresholds = {"age": (age, "60"), "chemotherapy": (COMPONENTS["chemotherapy"], "2"),
                  "hospitalisation": (COMPONENTS["hospitalisation"], "0")}  # fmt: skip
    for name, (given, threshold) in thresholds.items():
        written = _as_r_writes(_number(data, given))
        table[name] = [np.nan if cell is None else float(cell > threshold) for cell in written]
    return table


def to_groups(score: pd.Series) -> pd.Series:
    """A 0-1, B 2-4, C 5-6 points."""
    return pd.cut(score, [-1, 1, 4, 6], labels=list(GROUPS), ordered=True)


def _number(data: pd.DataFrame, name: str) -> np.ndarray:
    values = numeric_column(data, name, "teachh()")
    n_negative = int((values < 0).sum())
    if n_negative:
        raise InputError(f"column '{name}' is negative in {n_negative} rows.")
    return values


def _as_r_writes(values: np.ndarray) -> list[str | None]:
    """Text of a numeric column: the fewest decimals that show every value to 7 digits."""
    known = values[~np.isnan(values)]
    decimals = max((_decimals(value) for value in known), default=0)
    return [None if np.isnan(value) else f"{value:.{decimals}f}" for value in values]


def _decimals(value: float) -> int:
    digits = f"{value:.7g}"
    return len(digits.partition(".")[2]) if "e" not in digits else 0
