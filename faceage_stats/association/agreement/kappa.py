"""Agreement of two raters beyond chance: Cohen's kappa, plain or weighted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._result import Result, frozen_result, normal_interval
from faceage_stats._columns import as_pandas, require_columns
from faceage_stats._wald import check_conf_level
from faceage_stats.errors import DesignError, InputError

__all__ = ["Kappa", "kappa"]

WEIGHTS = ("unweighted", "linear", "quadratic")


@frozen_result
class Kappa(Result):
    """Cohen's kappa; see :func:`kappa`."""

    table: pd.DataFrame
    counts: pd.DataFrame  # ratings of x (rows) by ratings of y
    n_missing: int

    def tidy(self, **kwargs: Any) -> pd.DataFrame:
        """One row."""
        return self.table.copy()

    def glance(self) -> pd.DataFrame:
        """One row: ``n``, ``n_missing``, ``agreement`` (share of equal ratings)."""
        n = int(self.counts.to_numpy().sum())
        agreement = float(np.trace(self.counts.to_numpy())) / n
        return pd.DataFrame([{"n": n, "n_missing": self.n_missing, "agreement": agreement}])

    def _title(self) -> str:
        return "Cohen's kappa"


def kappa(
    x: Any,
    y: Any,
    *,
    data: Any = None,
    weights: str = "unweighted",
    levels: Sequence[Any] | None = None,
    conf_level: float = 0.95,
) -> Kappa:
    """Estimate how far two raters agree on categories beyond chance.

    Parameters
    ----------
    x, y : str or array-like
        Columns of `data`, or two arrays: the category given by each rater to the same subjects.
        Incomplete pairs are dropped and counted.
    data : DataFrame, optional
        Where the names are looked up.
    weights : {"unweighted", "linear", "quadratic"}
        Credit for a disagreement by steps between the categories: none; 1 - steps / (k - 1);
        1 - (steps / (k - 1))^2.
    levels : sequence, optional
        All categories in order. Without it an ordered categorical keeps its own, numbers are
        sorted by size, and text is sorted for ``weights="unweighted"`` only.
    conf_level : float
        Level of the interval.

    Returns
    -------
    Kappa
        ``tidy()``: ``method, estimate, std_error, std_error_null`` (were there no agreement
        beyond chance)``, statistic`` (z by `std_error_null`)``, p_value, conf_low, conf_high,
        conf_level, n``. ``counts``: the table of ratings.

    Raises
    ------
    InputError
        Unknown weights, unequal lengths, ratings that are not among `levels`, or weights for text
        whose order nobody stated.
    DesignError
        No complete pair, or only one category.

    Notes
    -----
    Large-sample standard errors of Fleiss, Cohen and Everitt (1969), right for weights too (the
    weighted variance of R's ``psych`` 2.2.9 is not). Distances count the positions of the
    categories in their order, also when they are numbers.

    References
    ----------
    Fleiss JL, Cohen J, Everitt BS. Large sample standard errors of kappa and weighted kappa.
    Psychol Bull 1969;72:323-327.

    Examples
    --------
    >>> first, second = [0, 1, 1, 2, 2, 3, 0, 1], [0, 1, 2, 2, 1, 3, 0, 1]
    >>> kappa(first, second, weights="quadratic").tidy()["estimate"].round(3).item()
    0.867
    """
    if weights not in WEIGHTS:
        raise InputError(f"weights is {weights!r}; choose one of {', '.join(WEIGHTS)}.")
    check_conf_level(conf_level)
    first, second, n_missing = _complete_ratings(x, y, data)
    categories = list(levels) if levels is not None else _categories(first, second, weights)
    if len(categories) < 2:
        raise DesignError(f"kappa: {len(categories)} category; two are needed to disagree.")
    codes = [_codes(ratings, categories) for ratings in (first, second)]
    k = len(categories)
    counts = np.bincount(codes[0] * k + codes[1], minlength=k * k).reshape(k, k)
    estimate, std_error, std_error_null = _kappa(counts, _credit(weights, k))
    low, high = normal_interval(estimate, std_error, conf_level)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = float(np.divide(estimate, std_error_null))
    row = {
        "method": f"Cohen's kappa, {weights}",
        "estimate": estimate,
        "std_error": std_error,
        "std_error_null": std_error_null,
        "statistic": statistic,
        "p_value": float(2 * stats.norm.sf(abs(statistic))),
        "conf_low": float(low),
        "conf_high": float(high),
        "conf_level": conf_level,
        "n": int(counts.sum()),
    }
    table = pd.DataFrame(counts, index=pd.Index(categories), columns=pd.Index(categories))
    return Kappa(pd.DataFrame([row]), table, n_missing)


def _complete_ratings(x: Any, y: Any, data: Any) -> tuple[pd.Series, pd.Series, int]:
    """Complete pairs and how many were dropped."""
    if data is not None:
        frame = as_pandas(data)
        require_columns([x, y], frame, "kappa()")
        x, y = frame[x], frame[y]
    first = pd.Series(x).reset_index(drop=True)
    second = pd.Series(y).reset_index(drop=True)
    if len(first) != len(second):
        raise InputError(f"x has {len(first)} ratings and y {len(second)}; pairs need as many.")
    complete = first.notna() & second.notna()
    if not complete.any():
        raise DesignError(f"kappa: none of the {len(first)} subjects has both ratings.")
    return first[complete], second[complete], int((~complete).sum())


def _categories(first: pd.Series, second: pd.Series, weights: str) -> list[Any]:
    """Categories in order: a categorical's own, otherwise sorted."""
    for ratings in (first, second):
        if isinstance(ratings.dtype, pd.CategoricalDtype) and ratings.cat.ordered:
            return list(ratings.cat.categories)
    values = pd.concat([first.astype(object), second.astype(object)])
    is_text = any(isinstance(value, str) for value in values)
    if weights != "unweighted" and is_text:
        raise InputError(
            f"kappa: weights={weights!r} needs ordered categories, and the ratings are text "
            f"({values.nunique()} different). Give levels= in order, or an ordered categorical."
        )
    return sorted(values.unique())


def _codes(ratings: pd.Series, categories: list[Any]) -> np.ndarray:
    codes = pd.Index(categories).get_indexer(pd.Index(ratings.astype(object)))
    unknown = int((codes < 0).sum())
    if unknown:
        raise InputError(
            f"kappa: {unknown} ratings are not among the {len(categories)} levels. Add the level "
            "or recode them."
        )
    return codes


def _credit(weights: str, k: int) -> np.ndarray:
    """Agreement credited to each pair of categories, from 0 to 1."""
    steps = np.abs(np.subtract.outer(np.arange(k), np.arange(k))) / (k - 1)
    if weights == "unweighted":
        return (steps == 0).astype(float)
    return 1 - steps if weights == "linear" else 1 - steps**2


def _kappa(counts: np.ndarray, credit: np.ndarray) -> tuple[float, float, float]:
    """Kappa, its standard error, and its standard error under chance agreement."""
    n = counts.sum()
    shares = counts / n
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    chance = np.outer(rows, columns)
    observed, expected = float((credit * shares).sum()), float((credit * chance).sum())
    if expected >= 1 - 1e-12:
        raise DesignError("kappa: both raters gave one and the same category to every subject.")
    estimate = (observed - expected) / (1 - expected)
    mean_credit = np.add.outer(credit @ columns, rows @ credit)
    spread = (shares * (credit - mean_credit * (1 - estimate)) ** 2).sum()
    variance = spread - (estimate - expected * (1 - estimate)) ** 2
    variance_null = (chance * (credit - mean_credit) ** 2).sum() - expected**2
    scale = math.sqrt(n) * (1 - expected)
    return (
        estimate,
        math.sqrt(max(float(variance), 0.0)) / scale,
        math.sqrt(max(float(variance_null), 0.0)) / scale,
    )
