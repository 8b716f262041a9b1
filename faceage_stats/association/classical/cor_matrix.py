"""Correlations of every pair of columns."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, numeric_column
from faceage_stats._formula.parse import parse_right
from faceage_stats._formula.sides import refuse_unused
from faceage_stats._near import check_option
from faceage_stats._p_adjust import PAdjust
from faceage_stats._p_adjust import p_adjust as adjusted
from faceage_stats._result import Result, frozen_result
from faceage_stats.association.classical.correlation import cor_test
from faceage_stats.association.classical.fisher_z import Method
from faceage_stats.association.classical.htest import HTest
from faceage_stats.errors import DesignError, FormulaError

__all__ = ["CorMatrix", "cor_matrix"]


@frozen_result
class CorMatrix(Result):
    """Correlations of every pair of columns, made by :func:`cor_matrix`.

    Attributes
    ----------
    tests : dict of tuple of str to HTest
        The test of each pair; rows that lack one of its two columns are dropped and counted there.
    family : str
        How the p values are adjusted, and over how many.
    p_adjust : PAdjust
        As in the call.
    n, n_missing : int
        Rows that are in one pair or more, and in none.
    """

    tests: dict[tuple[str, str], HTest]
    family: str
    p_adjust: PAdjust
    n: int
    n_missing: int

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return one row per pair.

        Parameters
        ----------
        conf_level : float, optional
            Level of the limits; without it that of the call.

        Returns
        -------
        pandas.DataFrame
            ``variable1 variable2`` and the columns of `cor_test`, ``p_adjusted family``.
        """
        rows = [
            test.tidy(conf_level=conf_level).assign(variable1=first, variable2=second)
            for (first, second), test in self.tests.items()
        ]
        table = pd.concat(rows, ignore_index=True)
        table["p_adjusted"] = adjusted(table["p_value"], self.p_adjust)
        table["family"] = self.family
        pair = ["variable1", "variable2"]
        return table[pair + [name for name in table if name not in pair]]

    def glance(self) -> pd.DataFrame:
        """Return one row: ``method family n n_missing``."""
        method = next(iter(self.tests.values())).method
        row = {"method": method, "family": self.family, "n": self.n, "n_missing": self.n_missing}
        return pd.DataFrame([row])


@checked_call
def cor_matrix(
    formula: str,
    data: Any,
    *,
    method: Method = "pearson",
    p_adjust: PAdjust = "holm",
    conf_level: float = 0.95,
) -> CorMatrix:
    """Correlate every pair of columns, each with its interval and test.

    Parameters
    ----------
    formula : str
        ``"~ faceage + age + bmi"``: two columns or more.
    data : pandas.DataFrame or polars.DataFrame
        Rows that lack one of the two columns of a pair are dropped from that pair and counted.
    method : {"pearson", "spearman", "kendall"}
        As for `cor_test`.
    p_adjust : {"holm", "hochberg", "hommel", "bonferroni", "BH", "BY", "fdr", "none"}
        Adjustment over all pairs.
    conf_level : float
        Level of the intervals, which are not adjusted.

    Returns
    -------
    CorMatrix
        ``tidy(conf_level=...)``: one row per pair, ``variable1 variable2`` and the columns of
        `cor_test`, with ``p_adjusted family``. ``figures.correlation_matrix`` draws it.

    Raises
    ------
    FormulaError
        One column alone, or a formula with a left side, interactions or ``strata()``.
    DesignError, InputError
        As `cor_test`.

    See Also
    --------
    cor_test : One pair.
    partial_cor : Given other columns.

    Notes
    -----
    In R: ``psych::corr.test(df[c("faceage", "age", "bmi")], adjust = "holm")``, whose adjusted
    p values stand above the diagonal.

    Examples
    --------
    >>> df = pd.DataFrame({"faceage": [61, 70, 58, 66, 75], "age": [60, 68, 61, 63, 71],
    ...                    "bmi": [25, 24, 31, 22, 27]})
    >>> table = cor_matrix("~ faceage + age + bmi", df).tidy()
    >>> table[["variable1", "variable2", "estimate"]].round(3)
      variable1 variable2  estimate
    0   faceage       age     0.955
    1   faceage       bmi    -0.364
    2       age       bmi    -0.115
    """
    check_option("p_adjust", p_adjust, PAdjust)
    variables, frame = _variables(formula), as_pandas(data)
    numbers = {
        name: numeric_column(frame, name, f"cor_matrix(): `{formula}`") for name in variables
    }
    tests = {}
    for first, second in itertools.combinations(variables, 2):
        try:
            test = cor_test(numbers[first], numbers[second], method=method, conf_level=conf_level)
        except DesignError as error:
            raise DesignError(f"cor_matrix(): {first} and {second}: {error}") from None
        tests[first, second] = test
    used = np.isfinite(np.column_stack(list(numbers.values()))).sum(axis=1) > 1
    family = f"{len(tests)} pairs, {p_adjust}"
    return CorMatrix(tests, family, p_adjust, int(used.sum()), int((~used).sum()))


def _variables(formula: str) -> tuple[str, ...]:
    left, _, right = str(formula).partition("~")
    parsed = parse_right(right.strip(), f"cor_matrix(): `{formula}`")
    refuse_unused(parsed, frozenset(), f"cor_matrix(): `{formula}`")
    names = tuple(dict.fromkeys(parsed.plain or ()))
    if left.strip() or len(names) < 2:
        raise FormulaError(
            f"cor_matrix(): `{formula}` should name two columns or more: `~ x + y + z`."
        )
    return names
