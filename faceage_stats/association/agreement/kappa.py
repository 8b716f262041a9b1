"""Agreement of two raters beyond chance: Cohen's kappa, plain or weighted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._levels import as_factor, match_levels
from faceage_stats._near import check_option
from faceage_stats._result import Result, frozen_result
from faceage_stats._wald import check_conf_level, limits, two_sided
from faceage_stats.association.classical.samples import two_columns
from faceage_stats.errors import DesignError, InputError

__all__ = ["Kappa", "Weights", "kappa"]

Weights = Literal["unweighted", "linear", "quadratic"]


@frozen_result
class Kappa(Result):
    """Cohen's kappa, made by :func:`kappa`.

    Attributes
    ----------
    estimate, std_error, std_error_null : float
        Kappa, its standard error, and that without agreement beyond chance.
    weights : str
    counts : pandas.DataFrame
        Ratings of the first rater (rows) by those of the second.
    n_missing : int
    conf_level : float
        As in the call.
    """

    estimate: float
    std_error: float
    std_error_null: float
    weights: Weights
    counts: pd.DataFrame
    n_missing: int
    conf_level: float

    @property
    def n(self) -> int:
        """Subjects rated by both."""
        return int(self.counts.to_numpy().sum())

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return one row.

        Parameters
        ----------
        conf_level : float, optional
            Level of the interval; without it that of the call.

        Returns
        -------
        pandas.DataFrame
            ``method estimate std_error std_error_null statistic p_value conf_low conf_high
            conf_level n``.
        """
        level = conf_level or self.conf_level
        low, high = limits(self.estimate, self.std_error, level, within=(-1, 1))
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = float(np.divide(self.estimate, self.std_error_null))
        row = {
            "method": f"Cohen's kappa, {self.weights}",
            "estimate": self.estimate,
            "std_error": self.std_error,
            "std_error_null": self.std_error_null,
            "statistic": statistic,
            "p_value": float(two_sided(statistic)),
            "conf_low": float(low),
            "conf_high": float(high),
            "conf_level": level,
            "n": self.n,
        }
        return pd.DataFrame([row])

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_missing agreement`` (proportion of equal ratings)."""
        agreement = float(np.trace(self.counts.to_numpy())) / self.n
        return pd.DataFrame([{"n": self.n, "n_missing": self.n_missing, "agreement": agreement}])

    def _title(self) -> str:
        return "Cohen's kappa"


@checked_call
def kappa(
    formula: Any,
    data: Any = None,
    *,
    weights: Weights = "unweighted",
    levels: Sequence[Any] | None = None,
    conf_level: float = 0.95,
) -> Kappa:
    """Estimate how far two raters agree on categories beyond chance.

    Parameters
    ----------
    formula : str or array_like, shape (n,)
        ``"~ rater1 + rater2"`` with `data`, or the categories given by the first rater.
        Incomplete pairs are dropped and counted.
    data : pandas.DataFrame, polars.DataFrame or array_like
        The table of a formula, or the categories given by the second rater to the same subjects.
    weights : {"unweighted", "linear", "quadratic"}
        Credit for a disagreement by steps between the categories: none; 1 - steps / (k - 1);
        1 - (steps / (k - 1))^2.
    levels : sequence, optional
        All categories in order. Without it an ordered categorical keeps its order, numbers are
        sorted by size, and text is sorted for ``weights="unweighted"`` only.
    conf_level : float
        Level of the interval.

    Returns
    -------
    Kappa
        ``tidy(conf_level=...)``: ``method estimate std_error std_error_null`` (were there no
        agreement beyond chance) ``statistic`` (z by `std_error_null`) ``p_value conf_low conf_high
        conf_level n``. ``counts``: the table of ratings.

    Raises
    ------
    InputError
        Unknown weights, unequal lengths, ratings that are not among `levels`, or weights for text,
        which has no order.
    DesignError
        No complete pair, or only one category.

    See Also
    --------
    icc : for numbers.

    Notes
    -----
    Large-sample standard errors of Fleiss, Cohen and Everitt (1969), right for weights too (the
    weighted variance of R's ``psych`` 2.2.9 is not). Distances count the positions of the
    categories in their order, also when they are numbers.

    In R: ``psych::cohen.kappa(df[c("rater1", "rater2")])$weighted.kappa``

    References
    ----------
    Cohen J (1960). A coefficient of agreement for nominal scales. Educational and Psychological
    Measurement 20:37-46. doi:10.1177/001316446002000104

    Fleiss JL, Cohen J, Everitt BS (1969). Large sample standard errors of kappa and weighted kappa.
    Psychological Bulletin 72:323-327. doi:10.1037/h0028106

    Examples
    --------
    >>> first, second = [0, 1, 1, 2, 2, 3, 0, 1], [0, 1, 2, 2, 1, 3, 0, 1]
    >>> kappa(first, second, weights="quadratic").tidy()["estimate"].round(3).item()
    0.867
    """
    check_option("weights", weights, Weights)
    check_conf_level(conf_level)
    first, second, n_missing = two_columns(formula, data, "kappa()")
    if not len(first):
        raise DesignError(f"kappa: none of the {n_missing} subjects has both ratings.")
    categories = list(levels) if levels is not None else _categories(first, second, weights)
    if len(categories) < 2:
        raise DesignError(f"kappa: {len(categories)} category; two are needed to disagree.")
    codes = [match_levels(ratings, categories) for ratings in (first, second)]
    k = len(categories)
    counts = np.bincount(codes[0] * k + codes[1], minlength=k * k).reshape(k, k)
    estimate = _kappa(counts, _credit(weights, k))
    table = pd.DataFrame(counts, index=pd.Index(categories), columns=pd.Index(categories))
    return Kappa(*estimate, weights, table, n_missing, conf_level)


def _categories(first: pd.Series, second: pd.Series, weights: Weights) -> list[Any]:
    """Categories in order: that of a categorical, otherwise sorted."""
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
    if is_text and not all(isinstance(value, str) for value in values):
        raise InputError("kappa: one rating is text and the other is not. Code both alike.")
    found = as_factor(values).cat.categories
    is_whole = pd.api.types.is_float_dtype(found) and all(value % 1 == 0 for value in found)
    return list(found.astype(int) if is_whole else found)


def _credit(weights: Weights, k: int) -> np.ndarray:
    """Agreement credited to each pair of categories, from 0 to 1."""
    steps = np.abs(np.subtract.outer(np.arange(k), np.arange(k))) / (k - 1)
    if weights == "unweighted":
        return np.eye(k)
    return np.asarray(1 - steps if weights == "linear" else 1 - steps**2)


class _Estimate(NamedTuple):
    """Kappa, its standard error, and its standard error under chance agreement."""

    kappa: float
    std_error: float
    std_error_null: float


def _kappa(counts: np.ndarray, credit: np.ndarray) -> _Estimate:
    n = counts.sum()
    joint = counts / n
    rows, columns = joint.sum(axis=1), joint.sum(axis=0)
    chance = np.outer(rows, columns)
    observed, expected = float((credit * joint).sum()), float((credit * chance).sum())
    if expected >= 1 - 1e-12:
        raise DesignError("kappa: both raters gave one and the same category to every subject.")
    estimate = (observed - expected) / (1 - expected)
    mean_credit = np.add.outer(credit @ columns, rows @ credit)
    spread = (joint * (credit - mean_credit * (1 - estimate)) ** 2).sum()
    variance = spread - (estimate - expected * (1 - estimate)) ** 2
    variance_null = (chance * (credit - mean_credit) ** 2).sum() - expected**2
    scale = math.sqrt(n) * (1 - expected)
    return _Estimate(
        estimate,
        math.sqrt(max(float(variance), 0.0)) / scale,
        math.sqrt(max(float(variance_null), 0.0)) / scale,
    )
