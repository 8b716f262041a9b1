"""Table 1: the baseline characteristics of a cohort, by groups if asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._arguments import check_names, check_text
from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, columns_of, numeric, require_columns
from faceage_stats._kinds import is_time
from faceage_stats._levels import group_codes
from faceage_stats.cohorts.schema.load_schema import load_schema
from faceage_stats.errors import InputError
from faceage_stats.reporting.tables import summaries
from faceage_stats.reporting.tables.baseline_table import OVERALL, TableOne
from faceage_stats.reporting.tables.summaries import Group
from faceage_stats.reporting.tables.weighted import WeightedSummaries

__all__ = ["table_one"]


@checked_call
def table_one(
    data: Any,
    by: str | None = None,
    columns: str | Sequence[str] | None = None,
    *,
    schema: str | None = None,
    labels: Mapping[str, str] | None = None,
    medians: Collection[str] = (),
    overall: bool = True,
    test: bool = False,
    weights: str | None = None,
) -> TableOne:
    """Describe a cohort, by groups if asked for, with standardised differences.

    Parameters
    ----------
    data : DataFrame
        One row per patient. Text, true/false and categorical columns, and numbers that are only
        0 and 1, are factors; other numbers are summarised.
    by : str, optional
        Column of groups; rows without a group are refused.
    columns : str or sequence of str, optional
        Variables, in order; by default all but `by` and columns of unique text (identifiers).
    schema : str, optional
        Name of a data schema that gives the units for the row headings.
    labels : mapping of column to heading, optional
        Overrides the column names.
    medians : collection of str
        Numeric variables to give as median [IQR], and to test by ranks.
    overall : bool
        Add a column for all rows when there are groups.
    test : bool
        Test each variable: Welch's t or one-way test, Kruskal-Wallis for `medians`, chi-squared
        for factors, Fisher's exact test when an expected count is below 5. With `weights`
        design-based: a t or Wald test of means, Rao and Scott's for factors, none for `medians`.
    weights : str, optional
        Column of weights above 0, of a survey or of `ipw`: counts are then sums of weights, means,
        standard deviations, quartiles and proportions are weighted.

    Returns
    -------
    TableOne
        ``tidy()``, ``comparisons()``, ``groups()``, ``glance()``, ``suppressed()``, ``display()``;
        prints as the table, with ``gt()``, ``to_html()``, ``to_latex()``, ``to_docx()``,
        ``to_xlsx()``, ``to_csv()``.

    Raises
    ------
    InputError
        Absent columns, dates, rows without a group, fewer than two groups, or weights that are
        missing or not above 0.

    See Also
    --------
    tbl_regression : Table of regression coefficients.
    smd : The standardised difference of a number with its interval.
    smd_categorical : That of a factor.

    Notes
    -----
    In R: ``tableone::CreateTableOne(vars = c("age", "sex"), strata = "arm", data = df)``

    Weighted rows are independent draws, as in ``survey::svydesign(ids = ~1, weights = ~w)`` and
    ``tableone::svyCreateTableOne``: ``svymean``, ``svyvar``, ``svyttest``, ``svychisq``. A quartile
    is the smallest value up to which the weights reach it.

    References
    ----------
    Austin PC (2009). Balance diagnostics for comparing the distribution of baseline covariates
    between treatment groups in propensity-score matched samples. Statistics in Medicine 28,
    3083-3107. doi:10.1002/sim.3697

    Rao JNK, Scott AJ (1984). On chi-squared tests for multiway contingency tables with cell
    proportions estimated from survey data. Annals of Statistics 12, 46-60.
    doi:10.1214/aos/1176346391

    Examples
    --------
    >>> frame = pd.DataFrame({"age": [61.0, 70, 58, 66], "sex": list("FMMF"), "arm": list("aabb")})
    >>> print(table_one(frame, by="arm", overall=False).to_csv())
    Characteristic,"a, N = 2","b, N = 2",SMD
    "age, mean (SD)",65.5 (6.4),62.0 (5.7),0.58
    "sex, n (%)",,,0.00
      F,1 (50.0%),1 (50.0%),
      M,1 (50.0%),1 (50.0%),
    <BLANKLINE>
    """
    frame = as_pandas(data)
    for argument, name in {"by": by, "weights": weights, "schema": schema}.items():
        if name is not None:
            check_text(argument, name)
    if columns is None:
        names = _default_columns(frame, {by, weights})
    else:
        names = list(dict.fromkeys(check_names("columns", columns)))
    medians = check_names("medians", medians)
    beside = [name for name in (by, weights) if name]
    require_columns([*names, *medians, *(labels or {}), *beside], frame, _CALLER)
    frame = columns_of(frame, [*names, *beside], _CALLER)
    groups = _groups(frame, by, overall=overall)
    weight = None if weights is None else _weights(frame[weights])
    sizes = [_size(group, weight) for group in groups]
    compared = [group.rows for group in groups if not group.is_overall]
    cells, differences = [], []
    how: Any = summaries if weight is None else WeightedSummaries(weight)
    for name in names:
        column = frame[name]
        if is_time(column):
            raise InputError(
                f"table_one(): column '{name}' holds dates; give durations, or omit the column."
            )
        if _is_factor(column):
            codes, levels = group_codes(column)
            cells += how.factor_cells(name, codes, levels, groups)
            differences.append(how.compare_factor(name, codes, len(levels), compared, test))
        else:
            values = column.to_numpy(dtype=float, na_value=np.nan)
            cells += how.numeric_cells(name, values, groups)
            differences.append(how.compare_numeric(name, values, compared, test, name in medians))
    headings = _units(names, schema) | dict(labels or {})
    return TableOne(
        cells=_frame(cells, _CELL_COLUMNS, ["weight", "std_error"], weight),
        differences=_frame(differences, _DIFFERENCE_COLUMNS, ["df_residual"], weight),
        sizes=_frame(sizes, ["group", "is_overall", "n"], ["weight"], weight),
        labels=headings,
        weights=weights,
        medians=frozenset(medians),
        by=by,
        n=len(frame),
        n_missing=int(frame[names].isna().any(axis=1).sum()),
        threshold=0,
    )


_CELL_COLUMNS = [
    *("variable", "level", "is_missing", "group", "is_overall", "n", "n_missing", "fraction"),
    *("mean", "std_dev", "median", "q25", "q75", "suppressed"),
]
_DIFFERENCE_COLUMNS = [
    *("variable", "smd", "smd_se", "smd_low", "smd_high", "statistic", "df", "p_value", "method")
]
_CALLER = "table_one()"
_MOST_GROUPS = 20


def _default_columns(frame: pd.DataFrame, beside: set[str | None]) -> list[str]:
    """All columns but groups, weights, and text that names every row."""
    return [
        str(name)
        for name in frame
        if name not in beside
        and not (
            not pd.api.types.is_numeric_dtype(frame[name])
            and not isinstance(frame[name].dtype, pd.CategoricalDtype)
            and frame[name].is_unique
            and len(frame) > 1
        )
    ]


def _groups(frame: pd.DataFrame, by: str | None, *, overall: bool) -> list[Group]:
    """Columns of the table, overall first."""
    everybody = Group(OVERALL, True, np.ones(len(frame), dtype=bool))
    if by is None:
        return [everybody]
    codes, labels = group_codes(frame[by])
    if (codes < 0).any():
        raise InputError(
            f"table_one(): {int((codes < 0).sum())} rows have no value in '{by}'. Drop them."
        )
    if len(labels) > _MOST_GROUPS:
        raise InputError(
            f"{_CALLER}: '{by}' has {len(labels)} groups in {len(frame)} rows; a table has room "
            f"for {_MOST_GROUPS}. Cut a number into bands, e.g. with pandas.cut."
        )
    if len(labels) < 2:
        raise InputError(f"table_one(): '{by}' has {len(labels)} groups; two are needed.")
    groups = [Group(label, False, codes == code) for code, label in enumerate(labels)]
    return [everybody, *groups] if overall else groups


def _weights(column: pd.Series) -> np.ndarray:
    """Weights as numbers above 0."""
    weight = numeric(column, str(column.name))
    n_bad = int((~(np.isfinite(weight) & (weight > 0))).sum())
    if n_bad:
        raise InputError(
            f"{_CALLER}: weights '{column.name}' are missing or not above 0 in {n_bad} rows. Drop "
            "these rows."
        )
    return weight


def _size(group: Group, weight: np.ndarray | None) -> dict[str, Any]:
    """A column of the table: its heading, its rows, and the sum of their weights."""
    size = {"group": group.label, "is_overall": group.is_overall, "n": int(group.rows.sum())}
    return size if weight is None else size | {"weight": weight[group.rows].sum()}


def _frame(
    rows: Sequence[Any], columns: Sequence[str], of_weights: Sequence[str], weight: Any
) -> pd.DataFrame:
    """Rows as a table, with the columns that weighted patients have besides."""
    return pd.DataFrame(rows, columns=[*columns, *(of_weights if weight is not None else [])])


def _is_factor(column: pd.Series) -> bool:
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        return True
    return set(pd.unique(column.dropna())) <= {0, 1}


def _units(names: Sequence[str], schema: str | None) -> dict[str, str]:
    """Row headings "column, unit" from a schema."""
    if schema is None:
        return {}
    units = {entry.name: entry.unit for entry in load_schema(schema).fields}
    return {name: f"{name}, {units[name]}" for name in names if units.get(name)}
