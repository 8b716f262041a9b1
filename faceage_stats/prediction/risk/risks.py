"""Columns of predicted risks: read them, and sort patients into groups by them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from faceage_stats._arguments import check_text
from faceage_stats._formula.outcome import require_probabilities
from faceage_stats._formula.parse import is_surv
from faceage_stats.errors import InputError
from faceage_stats.prediction.horizon.data import Cause, Times

__all__ = [
    "Pair",
    "cross_table",
    "is_survival",
    "one_risk",
    "risk_category",
    "risk_groups",
    "two_risks",
]


class Pair(NamedTuple):
    """An old and a new value of each patient: risks, or categories of risk."""

    old: np.ndarray
    new: np.ndarray


def is_survival(formula: str, times: Times | None, cause: Cause) -> bool:
    """Tell whether the outcome is Surv(); `times` and `cause` are refused for any other.

    Examples
    --------
    >>> is_survival("Surv(t, d) ~ risk", 1.0, None), is_survival("died ~ risk", None, None)
    (True, False)
    """
    check_text("The formula", formula, "a formula first, then the data")
    survival = is_surv(formula.strip())
    if not survival and (times is not None or cause is not None):
        raise InputError("times and cause go with Surv(time, event) only.")
    return survival


def one_risk(x: np.ndarray, names: Sequence[str], formula: str) -> np.ndarray:
    """The one column of risks, strictly inside 0 to 1."""
    if len(names) != 1:
        raise InputError(f"`{formula}` must name one column of predicted risks.")
    require_probabilities(x, names)
    n_edge = int(((x == 0) | (x == 1)).sum())
    if n_edge:
        raise InputError(
            f"`{names[0]}` is exactly 0 or 1 in {n_edge} rows, where its logit is infinite. Bound "
            "the risk, e.g. with clip(1e-6, 1 - 1e-6)."
        )
    return np.asarray(x[:, 0])


def two_risks(x: np.ndarray, names: Sequence[str], formula: str) -> Pair:
    """The old and the new risk; any other number of columns is refused."""
    if len(names) != 2:
        raise InputError(f"`{formula}` must name two risks, ~ old + new; it names {len(names)}.")
    require_probabilities(x, names)
    return Pair(x[:, 0], x[:, 1])


def risk_groups(risk: np.ndarray, groups: int) -> np.ndarray:
    """Group of each row, from 1; a risk equal to a cut point belongs to the lower group."""
    cuts = np.quantile(risk, np.arange(1, groups) / groups)
    return np.searchsorted(cuts, risk, side="left") + 1


def risk_category(risk: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """Category of each risk, from 0; closed on the left: [c1, c2)."""
    return np.searchsorted(cuts, risk, side="right")


def cross_table(categories: Pair, cuts: np.ndarray) -> pd.DataFrame:
    """Old category by new category, every category shown."""
    ends = ["-inf", *(f"{cut:g}" for cut in cuts), "inf"]
    labels = [f"[{low}, {high})" for low, high in itertools.pairwise(ends)]
    size = len(labels)
    cells = np.bincount(categories.old * size + categories.new, minlength=size**2)
    table = pd.DataFrame(cells.reshape(size, size), index=labels, columns=labels)
    return table.rename_axis(index="old", columns="new")
