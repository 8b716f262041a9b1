"""Correlation of two columns, also given others, and comparison of two correlations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import stats

from faceage_stats.association.classical.columns import as_frame, numeric_column
from faceage_stats.association.classical.htest import HTest, check_conf_level, paired_values
from faceage_stats.errors import DesignError, InputError

__all__ = ["cor_diff_test", "cor_test", "partial_cor"]

# Standard error of Fisher's z of each coefficient, as a function of (r, n):
# Fisher 1921; Bonett and Wright 2000; Fieller, Hartley and Pearson 1957.
_FISHER_Z_SE = {
    "pearson": lambda r, n: 1 / math.sqrt(n - 3),
    "spearman": lambda r, n: math.sqrt((1 + r * r / 2) / (n - 3)),
    "kendall": lambda r, n: math.sqrt(0.437 / (n - 4)),
}
_NAMES = {
    "pearson": "Pearson's product-moment correlation",
    "spearman": "Spearman's rank correlation rho",
    "kendall": "Kendall's rank correlation tau",
}


def cor_test(
    x: Any,
    y: Any,
    *,
    data: Any = None,
    method: str = "pearson",
    exact: bool | None = None,
    continuity: bool = False,
    conf_level: float = 0.95,
) -> HTest:
    """Estimate and test a correlation, as R's ``cor.test`` (two-sided).

    Parameters
    ----------
    x, y : str or array-like
        Column names of `data`, or two arrays of equal length. Incomplete pairs are dropped and
        counted.
    data : DataFrame, optional
        Where the names are looked up.
    method : {"pearson", "spearman", "kendall"}
        Kendall's coefficient is tau-b.
    exact : bool, optional
        Exact p value for Kendall (default: without ties and below 50 pairs) and for Spearman up
        to 9 pairs (default: without ties). Larger samples use R's approximations.
    continuity : bool
        Continuity correction of the approximate p values of Spearman and Kendall.
    conf_level : float
        Level of the interval.

    Returns
    -------
    HTest
        ``estimate``, ``std_error`` (on Fisher's z scale), ``statistic`` (t for Pearson, S for
        Spearman; z, or T when exact, for Kendall), ``df`` (Pearson), ``p_value``, ``conf_low``,
        ``conf_high``, ``conf_level``, ``n``, ``n_missing``, ``method``.

    Raises
    ------
    DesignError
        Fewer than 5 complete pairs (4 for Pearson), or a column that does not vary.
    InputError
        Unknown method, unequal lengths, values that are not numbers.

    Notes
    -----
    R gives an interval for Pearson only. Those of Spearman (Bonett and Wright 2000) and Kendall
    (Fieller 1957) rest on Fisher's z as well. For Spearman without ties and with 10 to 1,289
    pairs R's default is an Edgeworth series; here the t approximation is used from 10 pairs on,
    which is R's ``exact = FALSE``.

    Examples
    --------
    >>> test = cor_test([61, 70, 58, 66, 75], [60, 68, 61, 63, 71])
    >>> round(test.estimate, 3), round(test.conf_low, 3)
    (0.955, 0.461)
    """
    if method not in _NAMES:
        raise InputError(f"method is {method!r}; choose one of {', '.join(_NAMES)}.")
    check_conf_level(conf_level)
    first, second, n_missing = paired_values(x, y, data)
    n, least = len(first), 4 if method == "pearson" else 5
    if n < least or np.ptp(first) == 0 or np.ptp(second) == 0:
        raise DesignError(
            f"cor_test: {n} complete pairs; {least} are needed, and both columns must vary."
        )
    test = {"pearson": _pearson, "spearman": _spearman, "kendall": _kendall}[method]
    estimate, statistic, df, p_value = test(first, second, exact, continuity)
    std_error = _FISHER_Z_SE[method](estimate, n)
    conf_low, conf_high = _fisher_interval(estimate, std_error, conf_level)
    return HTest(
        estimate=estimate,
        std_error=std_error,
        statistic=statistic,
        df=df,
        p_value=p_value,
        conf_low=conf_low,
        conf_high=conf_high,
        conf_level=conf_level,
        n=n,
        n_missing=n_missing,
        method=_NAMES[method],
        alternative="two.sided",
    )


def _fisher_interval(r: float, std_error: float, conf_level: float) -> tuple[float, float]:
    """Limits on Fisher's z scale; a perfect correlation has no width."""
    if abs(r) >= 1:
        return r, r
    half_width = stats.norm.ppf(0.5 + conf_level / 2) * std_error
    return math.tanh(math.atanh(r) - half_width), math.tanh(math.atanh(r) + half_width)


def _t_of_r(r: float, df: float) -> tuple[float, float]:
    """Return t and the two-sided p of a correlation coefficient."""
    if abs(r) >= 1:
        return math.copysign(math.inf, r), 0.0
    t = r * math.sqrt(df / ((1 - r) * (1 + r)))
    return t, float(2 * stats.t.sf(abs(t), df))


Outcome = tuple[float, float, float | None, float]  # estimate, statistic, df, p value


def _pearson(x: np.ndarray, y: np.ndarray, exact: bool | None, continuity: bool) -> Outcome:
    r = float(stats.pearsonr(x, y).statistic)
    t, p_value = _t_of_r(r, len(x) - 2)
    return r, t, float(len(x) - 2), p_value


def _spearman(x: np.ndarray, y: np.ndarray, exact: bool | None, continuity: bool) -> Outcome:
    n = len(x)
    rho = float(stats.pearsonr(stats.rankdata(x), stats.rankdata(y)).statistic)
    size = n * (n * n - 1) / 6
    s = size * (1 - rho)
    untied = len(np.unique(x)) == n == len(np.unique(y))
    if n <= 9 and (untied if exact is None else exact):
        return rho, s, None, _spearman_exact(n, round(s), size)
    # R shrinks the coefficient by this amount before the t approximation
    r = 1 - s / size
    if continuity:
        r = math.copysign(max(abs(r) - 1 / size, 0.0), r)
    return rho, s, None, _t_of_r(r, n - 2)[1]


def _spearman_exact(n: int, s: int, size: float) -> float:
    """Two-sided p over all orders of n ranks."""
    counts = _spearman_counts(n)
    tail = counts[s:].sum() if s > size else counts[: s + 1].sum()
    return float(min(1.0, 2 * tail / counts.sum()))


def _spearman_counts(n: int) -> np.ndarray:
    """Number of orders with each sum of squared rank differences, over the sets of used ranks."""
    largest = n * (n * n - 1) // 3
    ways = {0: np.eye(1, largest + 1)[0]}
    for i in range(n):
        longer: dict[int, np.ndarray] = {}
        for used, counts in ways.items():
            for j in (j for j in range(n) if not used >> j & 1):
                moved = longer.setdefault(used | 1 << j, np.zeros(largest + 1))
                moved[(i - j) ** 2 :] += counts[: largest + 1 - (i - j) ** 2]
        ways = longer
    return ways[2**n - 1]


def _kendall(x: np.ndarray, y: np.ndarray, exact: bool | None, continuity: bool) -> Outcome:
    n = len(x)
    tau = float(stats.kendalltau(x, y).statistic)
    tied = len(np.unique(x)) < n or len(np.unique(y)) < n
    pairs = n * (n - 1) / 2
    if (not tied and n < 50) if exact is None else (exact and not tied):
        p_value = float(stats.kendalltau(x, y, method="exact").pvalue)
        return tau, float(round((tau + 1) * pairs / 2)), None, p_value
    ties_x, ties_y = (np.unique(v, return_counts=True)[1].astype(float) for v in (x, y))
    untied_x, untied_y = (pairs - (t * (t - 1)).sum() / 2 for t in (ties_x, ties_y))
    s = tau * math.sqrt(untied_x * untied_y)
    if continuity:
        s = math.copysign(max(abs(s) - 1, 0.0), s)
    z = s / math.sqrt(_kendall_variance(n, ties_x, ties_y))
    return tau, z, None, float(2 * stats.norm.sf(abs(z)))


def _kendall_variance(n: int, ties_x: np.ndarray, ties_y: np.ndarray) -> float:
    """Variance of concordant minus discordant pairs under independence, with ties."""
    main = n * (n - 1) * (2 * n + 5)
    main -= sum((t * (t - 1) * (2 * t + 5)).sum() for t in (ties_x, ties_y))
    twos = [(t * (t - 1)).sum() for t in (ties_x, ties_y)]
    threes = [(t * (t - 1) * (t - 2)).sum() for t in (ties_x, ties_y)]
    return float(
        main / 18
        + twos[0] * twos[1] / (2 * n * (n - 1))
        + threes[0] * threes[1] / (9 * n * (n - 1) * (n - 2))
    )


def partial_cor(
    x: str,
    y: str,
    given: str | Sequence[str],
    *,
    data: Any,
    method: str = "pearson",
    conf_level: float = 0.95,
) -> HTest:
    """Correlate two columns after removing what others explain linearly.

    Parameters
    ----------
    x, y : str
        Columns of `data`.
    given : str or sequence of str
        Numeric columns that are held fixed.
    data : DataFrame
        Rows with a missing value in any of these columns are dropped and counted.
    method : {"pearson", "spearman"}
        Spearman ranks every column first.
    conf_level : float
        Level of the interval.

    Returns
    -------
    HTest
        ``estimate``, ``std_error`` (Fisher's z scale), ``statistic`` (t), ``df`` (n - 2 - k),
        ``p_value``, ``conf_low``, ``conf_high``, ``conf_level``, ``n``, ``n_missing``, ``method``.

    Raises
    ------
    DesignError
        Fewer than k + 4 complete rows, or nothing left of a column after the others.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {"faceage": [60, 71, 55, 80, 66, 73], "ecog": [0, 1, 0, 2, 2, 1],
    ...      "age": [58, 70, 57, 74, 60, 75]})
    >>> round(partial_cor("faceage", "ecog", "age", data=frame).estimate, 3)
    0.854
    """
    if method not in ("pearson", "spearman"):
        raise InputError(f"method is {method!r}; choose 'pearson' or 'spearman'.")
    check_conf_level(conf_level)
    frame = as_frame(data)
    others = [given] if isinstance(given, str) else list(given)
    table = np.column_stack([numeric_column(frame, name) for name in [x, y, *others]])
    complete = ~np.isnan(table).any(axis=1)
    table = table[complete]
    n, k = len(table), len(others)
    if n < k + 4:
        raise DesignError(f"partial_cor: {n} complete rows; {k + 4} are needed for {k} columns.")
    if method == "spearman":
        table = stats.rankdata(table, axis=0)
    # QR of centred columns: residuals stay accurate when the columns are nearly collinear
    centred = table - table.mean(axis=0)
    basis = np.linalg.qr(centred[:, 2:])[0]
    residuals = centred[:, :2] - basis @ (basis.T @ centred[:, :2])
    left = np.linalg.norm(residuals, axis=0)
    if (left <= 1e-10 * np.linalg.norm(centred[:, :2], axis=0)).any():
        raise DesignError("partial_cor: the other columns explain x or y completely.")
    estimate = float(residuals[:, 0] @ residuals[:, 1] / (left[0] * left[1]))
    statistic, p_value = _t_of_r(estimate, n - 2 - k)
    std_error = _FISHER_Z_SE[method](estimate, n - k)
    conf_low, conf_high = _fisher_interval(estimate, std_error, conf_level)
    return HTest(
        estimate=estimate,
        std_error=std_error,
        statistic=statistic,
        df=float(n - 2 - k),
        p_value=p_value,
        conf_low=conf_low,
        conf_high=conf_high,
        conf_level=conf_level,
        n=n,
        n_missing=int((~complete).sum()),
        method=f"Partial correlation ({method})",
        alternative="two.sided",
    )


def cor_diff_test(r1: float, n1: int, r2: float, n2: int, *, conf_level: float = 0.95) -> HTest:
    """Compare Pearson correlations of two independent samples by Fisher's z.

    Parameters
    ----------
    r1, r2 : float
        The correlations.
    n1, n2 : int
        Their numbers of pairs, at least 4.
    conf_level : float
        Level of the interval of the difference on Fisher's z scale.

    Returns
    -------
    HTest
        ``estimate`` (atanh r1 - atanh r2), ``std_error``, ``statistic`` (z), ``p_value``,
        ``conf_low``, ``conf_high``, ``conf_level``, ``n``, ``method``.

    Raises
    ------
    InputError
        A correlation outside (-1, 1) or fewer than 4 pairs.

    Examples
    --------
    >>> round(cor_diff_test(0.90, 120, 0.85, 100).p_value, 4)
    0.1156
    """
    check_conf_level(conf_level)
    if not (abs(r1) < 1 and abs(r2) < 1 and min(n1, n2) >= 4):
        raise InputError("cor_diff_test needs correlations inside (-1, 1) and 4 pairs in each.")
    estimate = math.atanh(r1) - math.atanh(r2)
    std_error = math.sqrt(1 / (n1 - 3) + 1 / (n2 - 3))
    half_width = float(stats.norm.ppf(0.5 + conf_level / 2)) * std_error
    return HTest(
        estimate=estimate,
        std_error=std_error,
        statistic=estimate / std_error,
        p_value=float(2 * stats.norm.sf(abs(estimate) / std_error)),
        conf_low=estimate - half_width,
        conf_high=estimate + half_width,
        conf_level=conf_level,
        n=n1 + n2,
        method="Difference of independent correlations (Fisher's z)",
        alternative="two.sided",
    )
