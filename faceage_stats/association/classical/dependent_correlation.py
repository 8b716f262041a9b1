"""Compare two correlations that share a variable (Williams' test)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import stats

from faceage_stats.association.classical.columns import as_frame, numeric_column, require_columns
from faceage_stats.association.classical.htest import HTest, check_conf_level
from faceage_stats.errors import DesignError, InputError

__all__ = ["cor_dependent_test"]


def cor_dependent_test(
    shared: str, x1: str, x2: str, *, data: Any, conf_level: float = 0.95
) -> HTest:
    """Compare the Pearson correlations of two columns with a third, on the same subjects.

    Parameters
    ----------
    shared : str
        The column that both are correlated with.
    x1, x2 : str
        The two columns compared, e.g. FaceAge and age.
    data : DataFrame
        Rows with a missing value in any of the three are dropped and counted.
    conf_level : float
        Level of the interval.

    Returns
    -------
    HTest
        ``estimate`` (r of x1 minus r of x2), ``estimate1``, ``estimate2``, ``std_error`` (the
        estimate over t), ``statistic`` (Williams' t), ``df`` (n - 3), ``p_value``, ``conf_low``,
        ``conf_high`` (Zou's interval), ``conf_level``, ``n``, ``n_missing``, ``method``.

    Raises
    ------
    InputError
        A column named twice, absent, or not numeric.
    DesignError
        Fewer than 5 complete rows, or a column that is a linear function of another.

    Notes
    -----
    Steiger's recommendation among the tests of dependent correlations; R's ``psych::r.test(n,
    r12, r13, r23)``. The interval of Zou (2007) uses Fisher's z of each correlation and need not
    exclude 0 exactly when p < 0.05.

    References
    ----------
    Steiger JH. Tests for comparing elements of a correlation matrix. Psychol Bull
    1980;87:245-251. Zou GY. Toward using confidence intervals to compare correlations. Psychol
    Methods 2007;12:399-413.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"ecog": [0, 1, 0, 2, 2, 1, 3], "age": [58, 70, 57, 74, 60, 75, 70],
    ...                       "faceage": [60, 71, 55, 80, 70, 73, 79]})
    >>> test = cor_dependent_test("ecog", "faceage", "age", data=frame)
    >>> round(test.estimate, 3), round(test.p_value, 3)
    (0.353, 0.012)
    """
    check_conf_level(conf_level)
    names = [shared, x1, x2]
    if len(set(names)) < 3:
        raise InputError("cor_dependent_test: name three different columns.")
    frame = as_frame(data)
    require_columns(frame, names)
    table = np.column_stack([numeric_column(frame, name) for name in names])
    complete = ~np.isnan(table).any(axis=1)
    n = int(complete.sum())
    if n < 5 or (np.ptp(table[complete], axis=0) == 0).any():
        raise DesignError(
            f"cor_dependent_test: {n} complete rows; 5 are needed, and every column must vary."
        )
    matrix = np.corrcoef(table[complete], rowvar=False)
    r1, r2, r12 = float(matrix[0, 1]), float(matrix[0, 2]), float(matrix[1, 2])
    if max(abs(r1), abs(r2), abs(r12)) > 1 - 1e-12:
        raise DesignError("cor_dependent_test: a column is a linear function of another.")
    determinant = float(np.linalg.det(matrix))
    mean = (r1 + r2) / 2
    scale = 2 * (n - 1) / (n - 3) * determinant + mean**2 * (1 - r12) ** 3
    std_error = math.sqrt(scale / ((n - 1) * (1 + r12)))
    statistic = (r1 - r2) / std_error
    conf_low, conf_high = _zou_interval(r1, r2, r12, n, conf_level)
    return HTest(
        estimate=r1 - r2,
        estimate1=r1,
        estimate2=r2,
        std_error=std_error,
        statistic=statistic,
        df=float(n - 3),
        p_value=float(2 * stats.t.sf(abs(statistic), n - 3)),
        conf_low=conf_low,
        conf_high=conf_high,
        conf_level=conf_level,
        n=n,
        n_missing=int((~complete).sum()),
        method="Williams' test of two correlations with a shared variable",
        alternative="two.sided",
    )


def _zou_interval(
    r1: float, r2: float, r12: float, n: int, conf_level: float
) -> tuple[float, float]:
    """Interval of r1 - r2 from the intervals of both and the correlation between them."""
    half_width = float(stats.norm.ppf(0.5 + conf_level / 2)) / math.sqrt(n - 3)
    (low1, high1), (low2, high2) = (
        (math.tanh(math.atanh(r) - half_width), math.tanh(math.atanh(r) + half_width))
        for r in (r1, r2)
    )
    covariance = (r12 - r1 * r2 / 2) * (1 - r1**2 - r2**2 - r12**2) + r12**3
    c = covariance / ((1 - r1**2) * (1 - r2**2))
    down = (r1 - low1) ** 2 + (high2 - r2) ** 2 - 2 * c * (r1 - low1) * (high2 - r2)
    up = (high1 - r1) ** 2 + (r2 - low2) ** 2 - 2 * c * (high1 - r1) * (r2 - low2)
    return r1 - r2 - math.sqrt(max(down, 0.0)), r1 - r2 + math.sqrt(max(up, 0.0))
