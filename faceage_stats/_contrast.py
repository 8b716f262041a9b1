"""The one table of pairwise differences: a gain is new minus old, a pair is (new, old)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from faceage_stats._near import did_you_mean
from faceage_stats._wald import two_sided, wald
from faceage_stats.errors import DesignError, InputError

__all__ = ["contrast_table", "gains", "pairwise"]

_ROUNDING = 1e-14  # of a variance, relative to the variances it is the difference of
_Name = TypeVar("_Name")
_SAME = 1e-12  # difference and standard error, relative to the estimates: no difference at all


def gains(names: Sequence[_Name]) -> list[tuple[_Name, _Name]]:
    """Pair each later name with each earlier one, as new with old.

    Examples
    --------
    >>> gains(["age", "age + sex", "all"])
    [('age + sex', 'age'), ('all', 'age'), ('all', 'age + sex')]
    """
    return [(new, old) for old, new in itertools.combinations(names, 2)]


def pairwise(
    names: Sequence[str],
    estimate: Any,
    vcov: Any,
    conf_level: float = 0.95,
    what: str = "marker",
    *,
    pairs: Sequence[tuple[str, str]] | None = None,
    df: Any = None,
    within: tuple[Any, Any] = (-np.inf, np.inf),
) -> pd.DataFrame:
    """Compare correlated estimates in pairs, first minus second: new minus old.

    Parameters
    ----------
    names : sequence of str, length k
        What the estimates are of.
    estimate : array_like, shape (k,)
    vcov : array_like, shape (k, k)
        Covariance of the estimates; its off-diagonal makes the comparison a paired one.
    conf_level : float
    what : str
        Begins the names of the first two columns, e.g. "marker" or "group".
    pairs : sequence of (first, second), optional
        Names to compare. Without it every later name with every earlier one.
    df : array_like, optional
        Degrees of freedom of each pair for Student's t; without them the normal distribution.
    within : (low, high)
        The range of a difference: -1 to 1 between two proportions. Its limits are cut there.

    Returns
    -------
    pandas.DataFrame
        One row per pair: ``marker1 marker2 estimate1 estimate2 estimate std_error conf_low
        conf_high statistic p_value``, and ``df`` before ``p_value`` where it is given;
        ``estimate`` is estimate1 - estimate2. Two estimates without any difference have p 1.

    Raises
    ------
    DesignError
        There is only one estimate.
    InputError
        A pair has an unknown name.

    See Also
    --------
    contrast_table : The same from standard errors of the differences.

    Examples
    --------
    >>> table = pairwise(["a", "b"], [0.7, 0.6], [[0.02, 0.01], [0.01, 0.02]])
    >>> table[["marker1", "marker2"]].iloc[0].tolist(), round(float(table["std_error"][0]), 4)
    (['b', 'a'], 0.1414)
    """
    pairs = _pairs(names, pairs)
    vcov = np.asarray(vcov, float)
    first, second = _positions(names, pairs)
    total = vcov[first, first] + vcov[second, second]
    variance = total - 2 * vcov[first, second]
    variance = np.where(variance <= _ROUNDING * total, 0.0, variance)
    return contrast_table(
        names, estimate, np.sqrt(variance), conf_level, what, pairs=pairs, df=df, within=within
    )


def contrast_table(
    names: Sequence[str],
    estimate: Any,
    std_error: Any,
    conf_level: float = 0.95,
    what: str = "marker",
    *,
    pairs: Sequence[tuple[str, str]] | None = None,
    df: Any = None,
    within: tuple[Any, Any] = (-np.inf, np.inf),
) -> pd.DataFrame:
    """Compare estimates in pairs, given the standard error of each difference.

    Parameters and columns are those of `pairwise`, with `std_error` of one value per pair: from
    influences, or of independent groups.

    Examples
    --------
    >>> table = contrast_table(["old", "new"], [3.0, 5.0], [0.5], pairs=[("new", "old")])
    >>> table["marker1"].tolist(), table["estimate"].tolist(), table["statistic"].tolist()
    (['new'], [2.0], [4.0])
    """
    pairs = _pairs(names, pairs)
    estimate = np.asarray(estimate, float)
    first, second = _positions(names, pairs)
    one, two = estimate[first], estimate[second]
    columns = wald(one - two, std_error, conf_level, df=df, within=within)
    tolerance = _SAME * np.maximum(np.abs(one), np.abs(two))
    same = (np.abs(one - two) <= tolerance) & (columns["std_error"] <= tolerance)
    statistic = np.where(same, 0.0, columns["statistic"])
    table = {
        f"{what}1": [pair[0] for pair in pairs],
        f"{what}2": [pair[1] for pair in pairs],
        "estimate1": one,
        "estimate2": two,
        **{name: columns[name] for name in ("estimate", "std_error", "conf_low", "conf_high")},
        "statistic": statistic,
    }
    if df is not None:
        table["df"] = np.broadcast_to(np.asarray(df, float), statistic.shape)
    return pd.DataFrame({**table, "p_value": two_sided(statistic, df)})


def _pairs(
    names: Sequence[str], pairs: Sequence[tuple[str, str]] | None
) -> Sequence[tuple[str, str]]:
    if len(names) < 2:
        raise DesignError(f"there is only {names[0]!r} to compare; a difference needs two.")
    return gains(names) if pairs is None else pairs


def _positions(
    names: Sequence[str], pairs: Sequence[tuple[str, str]]
) -> tuple[np.ndarray, np.ndarray]:
    where = {name: i for i, name in enumerate(names)}
    for name in itertools.chain.from_iterable(pairs):
        if name not in where:
            raise InputError(f"there is no estimate {name!r}.{did_you_mean(name, names)}")
    first = np.array([where[one] for one, _ in pairs], np.int64)
    return first, np.array([where[two] for _, two in pairs], np.int64)
