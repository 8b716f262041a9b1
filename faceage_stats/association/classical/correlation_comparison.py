"""Two correlations compared: within the same subjects, or of independent samples."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
from scipy import stats

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, largest_of, numeric_column
from faceage_stats._formula.parse import parse_right, split_formula
from faceage_stats._formula.sides import refuse_unused
from faceage_stats._scalar import check_number, check_whole
from faceage_stats._wald import check_conf_level, two_sided
from faceage_stats.association.classical.htest import HTest, Limits, wald_interval
from faceage_stats.errors import DesignError, InputError

__all__ = ["cor_dependent_test", "cor_diff_test"]


@checked_call
def cor_dependent_test(formula: str, data: Any, *, conf_level: float = 0.95) -> HTest:
    """Compare the Pearson correlations of two columns with a third, on the same subjects.

    Parameters
    ----------
    formula : str
        ``"shared ~ x1 + x2"``: the column that both are correlated with, and the two columns
        compared, e.g. ``"ecog ~ faceage + age"``.
    data : pandas.DataFrame or polars.DataFrame
        Rows with a missing value in any of the three are dropped and counted.
    conf_level : float
        Level of the interval.

    Returns
    -------
    HTest
        ``tidy(conf_level=...)``: ``estimate`` (r of x1 minus r of x2) ``estimate1 estimate2
        std_error`` (the estimate over t) ``statistic`` (Williams' t) ``df`` (n - 3) ``p_value
        conf_low conf_high`` (Zou's interval) ``conf_level n n_missing method``.

    Raises
    ------
    FormulaError
        A column that is absent.
    InputError
        Not three different columns, or one that is not numeric.
    DesignError
        Fewer than 5 complete rows, or a column that is a linear function of another.

    See Also
    --------
    cor_diff_test : two independent samples.

    Notes
    -----
    Steiger's recommendation among the tests of dependent correlations. The interval of Zou (2007)
    uses Fisher's z of each correlation and need not exclude 0 exactly when p < 0.05.

    In R: ``psych::r.test(n, r12, r13, r23)``

    References
    ----------
    Steiger JH (1980). Tests for comparing elements of a correlation matrix. Psychological Bulletin
    87:245-251. doi:10.1037/0033-2909.87.2.245

    Zou GY (2007). Toward using confidence intervals to compare correlations. Psychological Methods
    12:399-413. doi:10.1037/1082-989X.12.4.399

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"ecog": [0, 1, 0, 2, 2, 1, 3], "age": [58, 70, 57, 74, 60, 75, 70],
    ...                      "faceage": [60, 71, 55, 80, 70, 73, 79]})
    >>> test = cor_dependent_test("ecog ~ faceage + age", data)
    >>> round(test.estimate, 3), round(test.p_value, 3)
    (0.353, 0.012)
    """
    check_conf_level(conf_level)
    left, right = split_formula(formula)
    where = f"cor_dependent_test(): `{formula}`"
    parsed = parse_right(right, where)
    refuse_unused(parsed, frozenset(), where)
    names = [left.strip("`"), *(parsed.plain or ())]
    if len(set(names)) != 3 or len(names) != 3:
        raise InputError(f"{where}: name three different columns, `shared ~ x1 + x2`.")
    frame = as_pandas(data)
    table = np.column_stack([numeric_column(frame, name, where) for name in names])
    complete = ~np.isnan(table).any(axis=1)
    n = int(complete.sum())
    if n < 5 or (np.ptp(table[complete], axis=0) == 0).any():
        raise DesignError(
            f"cor_dependent_test: {n} complete rows; 5 are needed, and every column must vary."
        )
    table = table[complete]
    matrix = np.corrcoef(table / largest_of(table), rowvar=False)
    r1, r2, r12 = float(matrix[0, 1]), float(matrix[0, 2]), float(matrix[1, 2])
    if max(abs(r1), abs(r2), abs(r12)) > 1 - 1e-12:
        raise DesignError("cor_dependent_test: a column is a linear function of another.")
    determinant = float(np.linalg.det(matrix))
    mean = (r1 + r2) / 2
    scale = 2 * (n - 1) / (n - 3) * determinant + mean**2 * (1 - r12) ** 3
    std_error = math.sqrt(scale / ((n - 1) * (1 + r12)))
    statistic = (r1 - r2) / std_error
    return HTest(
        estimate=r1 - r2,
        estimate1=r1,
        estimate2=r2,
        std_error=std_error,
        statistic=statistic,
        df=float(n - 3),
        p_value=float(two_sided(statistic, n - 3)),
        conf_level=conf_level,
        interval=partial(_zou_limits, r1, r2, r12, n),
        n=n,
        n_missing=int((~complete).sum()),
        method="Williams' test of two correlations with a shared variable",
        alternative="two.sided",
    )


def _zou_limits(r1: float, r2: float, r12: float, n: int, level: float) -> Limits:
    """Interval of r1 - r2 from the intervals of both and the correlation between them."""
    half_width = float(stats.norm.ppf(0.5 + level / 2)) / math.sqrt(n - 3)
    (low1, high1), (low2, high2) = (
        (math.tanh(math.atanh(r) - half_width), math.tanh(math.atanh(r) + half_width))
        for r in (r1, r2)
    )
    covariance = (r12 - r1 * r2 / 2) * (1 - r1**2 - r2**2 - r12**2) + r12**3
    c = covariance / ((1 - r1**2) * (1 - r2**2))
    down = (r1 - low1) ** 2 + (high2 - r2) ** 2 - 2 * c * (r1 - low1) * (high2 - r2)
    up = (high1 - r1) ** 2 + (r2 - low2) ** 2 - 2 * c * (high1 - r1) * (r2 - low2)
    difference = r1 - r2
    return Limits(difference - math.sqrt(max(down, 0.0)), difference + math.sqrt(max(up, 0.0)))


@checked_call
def cor_diff_test(r1: float, n1: int, r2: float, n2: int, *, conf_level: float = 0.95) -> HTest:
    """Compare Pearson correlations of two independent samples by Fisher's z.

    Parameters
    ----------
    r1 : float
        Correlation in the first sample.
    n1 : int
        Its number of pairs, at least 4.
    r2 : float
        Correlation in the second sample.
    n2 : int
        Its number of pairs, at least 4.
    conf_level : float
        Level of the interval of the difference on Fisher's z scale.

    Returns
    -------
    HTest
        ``tidy(conf_level=...)``: ``estimate`` (atanh r1 - atanh r2) ``std_error statistic`` (z)
        ``p_value conf_low conf_high conf_level n method``.

    Raises
    ------
    InputError
        A correlation outside (-1, 1) or fewer than 4 pairs.

    See Also
    --------
    cor_dependent_test : two correlations within the same subjects.

    Notes
    -----
    In R: ``psych::r.test(n = 120, r12 = 0.90, r34 = 0.85, n2 = 100)``

    Examples
    --------
    >>> round(cor_diff_test(0.90, 120, 0.85, 100).p_value, 4)
    0.1156
    """
    check_conf_level(conf_level)
    check_whole("n1", n1, 4), check_whole("n2", n2, 4)
    if not (abs(check_number("r1", r1)) < 1 and abs(check_number("r2", r2)) < 1):
        raise InputError("cor_diff_test needs correlations inside (-1, 1).")
    estimate = math.atanh(r1) - math.atanh(r2)
    std_error = math.sqrt(1 / (n1 - 3) + 1 / (n2 - 3))
    return HTest(
        estimate=estimate,
        std_error=std_error,
        statistic=estimate / std_error,
        p_value=float(two_sided(estimate / std_error)),
        conf_level=conf_level,
        interval=wald_interval(estimate, std_error),
        n=n1 + n2,
        method="Difference of independent correlations (Fisher's z)",
        alternative="two.sided",
    )
