"""Correlation of two columns given others."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
from scipy import stats

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, largest_of, numeric_column
from faceage_stats._formula.parse import parse_right
from faceage_stats._formula.sides import refuse_unused
from faceage_stats._near import check_option
from faceage_stats._wald import check_conf_level
from faceage_stats.association.classical.fisher_z import fisher_interval, fisher_z_se
from faceage_stats.association.classical.htest import HTest
from faceage_stats.association.classical.rank_correlation import t_of_r
from faceage_stats.errors import DesignError, FormulaError

__all__ = ["PartialMethod", "partial_cor"]

PartialMethod = Literal["pearson", "spearman"]


@checked_call
def partial_cor(
    formula: str, data: Any, *, method: PartialMethod = "pearson", conf_level: float = 0.95
) -> HTest:
    """Correlate two columns after removing what others explain linearly.

    Parameters
    ----------
    formula : str
        ``"~ x + y | a + b"``: the two columns, and the numeric columns that are held fixed.
    data : pandas.DataFrame or polars.DataFrame
        Rows with a missing value in any of these columns are dropped and counted.
    method : {"pearson", "spearman"}
        Spearman ranks every column first.
    conf_level : float
        Level of the interval.

    Returns
    -------
    HTest
        ``tidy(conf_level=...)``: ``estimate std_error`` (Fisher's z scale) ``statistic`` (t) ``df``
        (n - 2 - k) ``p_value conf_low conf_high conf_level n n_missing method``.

    Raises
    ------
    DesignError
        Fewer than k + 4 complete rows, or columns that the others explain completely.
    FormulaError
        A formula of another form, or unknown columns.

    See Also
    --------
    cor_test : without other columns.

    Notes
    -----
    In R: ``ppcor::pcor.test(df$gap, df$bmi, df$age)``

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame(
    ...     {"faceage": [60, 71, 55, 80, 66, 73], "ecog": [0, 1, 0, 2, 2, 1],
    ...      "age": [58, 70, 57, 74, 60, 75]})
    >>> round(partial_cor("~ faceage + ecog | age", data).estimate, 3)
    0.854
    """
    check_option("method", method, PartialMethod)
    check_conf_level(conf_level)
    names, others = _partial_names(formula)
    frame = as_pandas(data)
    table = np.column_stack(
        [numeric_column(frame, name, f"partial_cor(): `{formula}`") for name in (*names, *others)]
    )
    complete = ~np.isnan(table).any(axis=1)
    table = table[complete]
    n, k = len(table), len(others)
    if n < k + 4:
        raise DesignError(f"partial_cor: {n} complete rows; {k + 4} are needed for {k} columns.")
    estimate = _partial_r(stats.rankdata(table, axis=0) if method == "spearman" else table)
    test = t_of_r(estimate, n - 2 - k)
    std_error = fisher_z_se(method, estimate, n - k)
    return HTest(
        estimate=estimate,
        std_error=std_error,
        statistic=test.statistic,
        df=float(n - 2 - k),
        p_value=test.p_value,
        conf_level=conf_level,
        interval=fisher_interval(estimate, std_error),
        n=n,
        n_missing=int((~complete).sum()),
        method=f"Partial correlation ({method})",
        alternative="two.sided",
    )


class _PartialNames(NamedTuple):
    correlated: tuple[str, ...]
    given: tuple[str, ...]


def _partial_names(formula: str) -> _PartialNames:
    left, _, right = str(formula).partition("~")
    both, bar, given = right.partition("|")
    sides = []
    for text in (both, given) if bar else ():
        parsed = parse_right(text.strip(), f"partial_cor(): `{formula}`")
        refuse_unused(parsed, frozenset(), f"partial_cor(): `{formula}`")
        sides.append(parsed.plain or ())
    if left.strip() or len(sides) != 2 or len(sides[0]) != 2 or not sides[1]:
        raise FormulaError(
            f"partial_cor(): `{formula}` should name two columns and those held fixed: "
            "`~ x + y | a + b`."
        )
    return _PartialNames(*sides)


def _partial_r(table: np.ndarray) -> float:
    """Correlation of the first two columns given the others."""
    # QR of centred columns: residuals stay accurate when the columns are nearly collinear
    table = table / largest_of(table)
    centred = table - table.mean(axis=0)
    basis = np.linalg.qr(centred[:, 2:])[0]
    residuals = centred[:, :2] - basis @ (basis.T @ centred[:, :2])
    size = np.linalg.norm(residuals, axis=0)
    if (size <= 1e-10 * np.linalg.norm(centred[:, :2], axis=0)).any():
        raise DesignError("partial_cor: the other columns explain x or y completely.")
    return float(residuals[:, 0] @ residuals[:, 1] / (size[0] * size[1]))
