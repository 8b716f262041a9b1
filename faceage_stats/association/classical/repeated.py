"""Several ratings of the same subjects: Cochran's Q of 0/1, Friedman's test by ranks."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from faceage_stats._arguments import check_names
from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, numeric_column, require_columns
from faceage_stats.association.classical.htest import HTest
from faceage_stats.errors import DesignError, InputError

__all__ = ["cochran_q_test", "friedman_test"]


class _Ratings(NamedTuple):
    """Complete rows, and how many were dropped."""

    values: np.ndarray
    n_missing: int


def _ratings(data: Any, columns: Any, caller: str) -> _Ratings:
    frame, names = as_pandas(data), check_names("columns", columns)
    require_columns(names, frame, caller)
    if len(names) < 2:
        raise InputError(f"{caller}: name 2 columns or more; {len(names)} is given.")
    table = np.column_stack([numeric_column(frame, name, caller) for name in names])
    complete = ~np.isnan(table).any(axis=1)
    return _Ratings(table[complete], int((~complete).sum()))


@checked_call
def cochran_q_test(data: Any, columns: Any) -> HTest:
    """Compare several paired proportions: readers, or one reader at several times (Cochran's Q).

    Parameters
    ----------
    data : pandas.DataFrame or polars.DataFrame
        One row per subject; rows with a missing value are dropped and counted.
    columns : list of str
        Two columns or more of 0 and 1.

    Returns
    -------
    HTest
        ``tidy()``: ``statistic`` (chi-squared) ``df p_value n n_missing method``.

    Raises
    ------
    DesignError
        Every subject has the same value in all columns.
    InputError
        Values other than 0 and 1.

    See Also
    --------
    mcnemar_test : two columns, with a continuity correction.
    friedman_test : scores in place of 0 and 1.

    Notes
    -----
    In R: ``rstatix::cochran_qtest(long, outcome ~ reader | patient)``

    References
    ----------
    Cochran WG (1950). The comparison of percentages in matched samples. Biometrika 37:256-266.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"a": [1, 1, 1, 0, 1], "b": [1, 0, 1, 0, 0], "c": [0, 0, 1, 0, 0]})
    >>> round(cochran_q_test(data, ["a", "b", "c"]).statistic, 3)
    4.667
    """
    values, n_missing = _ratings(data, columns, "cochran_q_test()")
    n_other = int((~np.isin(values, (0, 1))).sum())
    if n_other:
        raise InputError(f"cochran_q_test: {n_other} values are neither 0 nor 1. Recode them.")
    if (values == values[:, :1]).all():
        raise DesignError("cochran_q_test: every subject has the same value in all columns.")
    from statsmodels.stats.contingency_tables import cochrans_q

    result = cochrans_q(values)
    return HTest(
        statistic=float(result.statistic),
        df=float(result.df),
        p_value=float(result.pvalue),
        n=len(values),
        n_missing=n_missing,
        method="Cochran's Q test",
    )


@checked_call
def friedman_test(data: Any, columns: Any) -> HTest:
    """Compare several ratings of the same subjects by ranks, as R's ``friedman.test``.

    Parameters
    ----------
    data : pandas.DataFrame or polars.DataFrame
        One row per subject; rows with a missing value are dropped and counted.
    columns : list of str
        Two columns or more of numbers.

    Returns
    -------
    HTest
        ``tidy()``: ``estimate`` (Kendall's W, the agreement of the rankings, 0 to 1)
        ``statistic`` (chi-squared, corrected for ties) ``df p_value n n_missing method``.

    Raises
    ------
    DesignError
        Every subject has the same value in all columns.

    See Also
    --------
    wilcox_test : two columns, ``Pair(x, y) ~ 1``.
    icc : agreement on the scale of the scores.

    Notes
    -----
    In R: ``friedman.test(as.matrix(df[c("day0", "day30", "day90")]))``

    References
    ----------
    Friedman M (1937). The use of ranks to avoid the assumption of normality implicit in the
    analysis of variance. Journal of the American Statistical Association 32:675-701.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"a": [1, 2, 1, 3], "b": [2, 3, 3, 4], "c": [3, 4, 2, 5]})
    >>> test = friedman_test(data, ["a", "b", "c"])
    >>> round(test.statistic, 3), round(test.estimate, 3)
    (6.5, 0.812)
    """
    values, n_missing = _ratings(data, columns, "friedman_test()")
    ranks = stats.rankdata(values, axis=1)
    n, k = ranks.shape
    spread = float(((ranks - (k + 1) / 2) ** 2).sum())  # of the ranks within subjects, ties counted
    if spread == 0:
        raise DesignError("friedman_test: every subject has the same value in all columns.")
    between = float(((ranks.sum(axis=0) - n * (k + 1) / 2) ** 2).sum())
    statistic = (k - 1) * between / spread
    return HTest(
        estimate=statistic / (n * (k - 1)),
        statistic=statistic,
        df=float(k - 1),
        p_value=float(stats.chi2.sf(statistic, k - 1)),
        n=n,
        n_missing=n_missing,
        method="Friedman rank sum test",
    )
