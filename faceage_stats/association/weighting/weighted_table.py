"""Table 1 after weighting: means, proportions and tests of a weighted sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._arguments import check_names, check_text
from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, columns_of, numeric_column
from faceage_stats._levels import group_codes
from faceage_stats._result import Result, frozen_result
from faceage_stats.association.weighting.linearised import (
    group_scores,
    rao_scott,
    spread_of,
    wald_f,
    weighted_quantiles,
)
from faceage_stats.errors import DesignError, InputError

__all__ = ["WeightedTable", "weighted_table"]

_QUARTILES = np.array([0.25, 0.5, 0.75])


@checked_call
def weighted_table(
    data: Any, by: str, columns: str | Sequence[str], *, weights: str
) -> WeightedTable:
    """Describe weighted groups: a Table 1 after propensity or survey weights, with its tests.

    Parameters
    ----------
    data : pandas.DataFrame or polars.DataFrame
        One row per patient. Text, true/false and categorical columns, and numbers that are only 0
        and 1, are factors.
    by : str
        Column of groups, such as the arms.
    columns : str or list of str
        Variables, in order. Rows with a missing value in any of them are dropped and counted.
    weights : str
        Column of weights, above 0.

    Returns
    -------
    WeightedTable
        ``tidy()`` one row per variable, level and group; ``comparisons()`` one test per variable.

    Raises
    ------
    InputError
        Absent columns, or weights that are not above 0.
    DesignError
        Fewer than two groups, or a variable without variation.

    See Also
    --------
    table_one : The table before weighting.
    ipw : Propensity weights, whose ``balance()`` has standardised differences.

    Notes
    -----
    Errors are linearised and take the weights as known. Standard deviations are
    sqrt(n / (n - 1) x weighted variance) of the group; a quartile is the smallest value that the
    cumulative weight reaches. Means are compared by ``svyttest`` (more than two groups: its F),
    factors by Rao and Scott's F.

    In R: ``survey::svyttest(age ~ arm, survey::svydesign(ids = ~1, weights = ~w, data = df))``,
    ``survey::svychisq(~site + arm, design)``, ``tableone::svyCreateTableOne``

    References
    ----------
    Rao JNK, Scott AJ (1984). On chi-squared tests for multiway contingency tables with cell
    proportions estimated from survey data. Annals of Statistics 12:46-60.
    doi:10.1214/aos/1176346391

    Examples
    --------
    >>> df = pd.DataFrame({"age": [61.0, 70, 58, 66], "arm": list("aabb"), "w": [1.0, 3, 2, 1]})
    >>> weighted_table(df, "arm", "age", weights="w").tidy()["mean"].round(2).tolist()
    [67.75, 60.67]
    """
    names = check_names("columns", columns)
    frame = columns_of(as_pandas(data), [*names, check_text("by", by), weights], _CALLER)
    complete = frame.notna().all(axis=1).to_numpy()
    n_missing = int((~complete).sum())
    frame = frame[complete]
    weight = numeric_column(frame, weights, _CALLER)
    if not len(frame) or not (weight > 0).all():
        raise InputError(
            f"{_CALLER}: weights '{weights}' must be above 0; {int((~(weight > 0)).sum())} of "
            f"{len(frame)} complete rows are not."
        )
    codes, labels = group_codes(frame[by])
    if len(labels) < 2:
        raise DesignError(f"{_CALLER}: '{by}' has {len(labels)} groups; two are needed.")
    cells: list[dict[str, Any]] = []
    tests = []
    for name in names:
        make = _factor if _is_factor(frame[name]) else _numeric
        found, test = make(frame, name, weight, codes, labels)
        cells += found
        tests.append({"variable": name, **test})
    return WeightedTable(pd.DataFrame(cells), pd.DataFrame(tests), by, len(frame), n_missing)


_CALLER = "weighted_table()"
_Part = tuple[list[dict[str, Any]], dict[str, Any]]


def _is_factor(column: pd.Series) -> bool:
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        return True
    return set(pd.unique(column)) <= {0, 1}


def _numeric(
    frame: pd.DataFrame, name: str, weight: np.ndarray, codes: np.ndarray, labels: list[str]
) -> _Part:
    """Mean, error, spread and quartiles of each group, and the test of their means."""
    values = numeric_column(frame, name, _CALLER)
    if not any(np.ptp(values[codes == k]) for k in range(len(labels))):
        raise DesignError(f"{_CALLER}: '{name}' does not vary within a group; nothing to compare.")
    means = group_scores(values, weight, codes, len(labels))
    error = np.sqrt(np.diag(spread_of(means.scores)))
    cells = []
    for k, label in enumerate(labels):
        inside, w = values[codes == k], weight[codes == k]
        n = len(inside)
        variance = np.average((inside - means.mean[k]) ** 2, weights=w) * n / max(n - 1, 1)
        low, median, high = weighted_quantiles(inside, w, _QUARTILES)
        cells.append(
            _cell(name, None, label, n, w.sum())
            | {"mean": means.mean[k], "std_error": error[k], "std_dev": np.sqrt(variance)}
            | {"q25": low, "median": median, "q75": high}
        )
    test = wald_f(means)
    row: dict[str, Any] = {"statistic": test.statistic, "df": test.df}
    row["df_residual"] = test.df_residual
    row |= {"p_value": test.p_value, "method": "design-based F test of means"}
    if len(labels) == 2:
        t = (means.mean[1] - means.mean[0]) / np.hypot(*error)
        p = 2 * float(stats.t.sf(abs(t), test.df_residual))
        row |= {"statistic": t, "df": test.df_residual, "df_residual": np.nan, "p_value": p}
        row |= {"method": "design-based t test"}
    return cells, row


def _factor(
    frame: pd.DataFrame, name: str, weight: np.ndarray, codes: np.ndarray, labels: list[str]
) -> _Part:
    """Weighted counts and proportions of each group, and Rao and Scott's test."""
    found, levels = group_codes(frame[name])
    if len(levels) < 2:
        raise DesignError(f"{_CALLER}: '{name}' has one level only.")
    cells = []
    for position, level in enumerate(levels):
        share = group_scores((found == position).astype(float), weight, codes, len(labels))
        error = np.sqrt(np.diag(spread_of(share.scores)))
        for k, label in enumerate(labels):
            here = (found == position) & (codes == k)
            cell = _cell(name, level, label, int(here.sum()), weight[here].sum())
            cells.append(cell | {"fraction": share.mean[k], "std_error": error[k]})
    test = rao_scott(found, codes, weight)
    row: dict[str, Any] = {"statistic": test.statistic, "df": test.df}
    row["df_residual"] = test.df_residual
    return cells, row | {"p_value": test.p_value, "method": "Rao-Scott F test"}


def _cell(name: str, level: str | None, group: str, n: int, weight: float) -> dict[str, Any]:
    return {"variable": name, "level": level, "group": group, "n": n, "weight": float(weight)}


@frozen_result
class WeightedTable(Result):
    """Weighted groups of a table, made by `weighted_table`.

    Attributes
    ----------
    cells, tests : pandas.DataFrame
    by : str
    n, n_missing : int
    """

    cells: pd.DataFrame
    tests: pd.DataFrame
    by: str
    n: int
    n_missing: int

    def tidy(self) -> pd.DataFrame:
        """Return one row per variable, level and group.

        Returns
        -------
        pandas.DataFrame
            ``variable level group n weight``, the rows and their weight, then ``mean std_error
            std_dev q25 median q75`` of a number, ``fraction std_error`` of a level.
        """
        order = ["variable", "level", "group", "n", "weight", "fraction", "mean", "std_error"]
        order += ["std_dev", "q25", "median", "q75"]
        return self.cells.reindex(columns=order)

    def comparisons(self) -> pd.DataFrame:
        """Return one test per variable: ``variable statistic df df_residual p_value method``."""
        return self.tests.copy()

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_missing``."""
        return pd.DataFrame([{"n": self.n, "n_missing": self.n_missing}])

    def _further_tables(self) -> tuple[str, ...]:
        return ("comparisons",)

    def _title(self) -> str:
        return f"Weighted table by {self.by}: n = {self.n} ({self.n_missing} missing)"
