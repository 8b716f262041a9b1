"""Table 1 of a cohort, and (from its own module) the regression table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._result import Result, frozen_result
from faceage_stats.association.classical.columns import as_frame, group_codes, require_columns
from faceage_stats.association.classical.counts import chisq_test, fisher_test
from faceage_stats.association.classical.effect_size import smd, smd_categorical
from faceage_stats.association.classical.means import kruskal_test, oneway_test, t_test
from faceage_stats.errors import DesignError, InputError
from faceage_stats.reporting import formats
from faceage_stats.reporting._display import DisplayTable
from faceage_stats.reporting._tbl_regression import RegressionTable, tbl_regression

__all__ = ["RegressionTable", "TableOne", "table_one", "tbl_regression"]

OVERALL = "Overall"
MISSING_LEVEL = "Missing"


@frozen_result
class TableOne(Result):
    """Baseline table of a cohort; see :func:`table_one`."""

    cells: pd.DataFrame
    differences: pd.DataFrame
    sizes: dict[str, int]
    labels: dict[str, str]
    medians: frozenset[str]
    by: str | None
    threshold: int

    def tidy(self, **kwargs: Any) -> pd.DataFrame:
        """One row per variable, level and group.

        Returns
        -------
        pandas.DataFrame
            ``variable, level, group, n, n_missing, fraction, mean, std_dev, median, q1, q3,
            suppressed``. For a factor level ``n`` counts the level; on a numeric variable it
            counts the values. ``fraction`` is of the rows that are not missing.
        """
        return self.cells.copy()

    def comparisons(self) -> pd.DataFrame:
        """One row per variable: standardised difference between the groups, and test if asked for.

        Returns
        -------
        pandas.DataFrame
            ``variable, smd, smd_se, smd_low, smd_high`` (two groups; with more ``smd`` is the
            mean absolute difference over all pairs), ``statistic, df, p_value, method``.
        """
        return self.differences.copy()

    def glance(self) -> pd.DataFrame:
        """One row per group: ``group, n``."""
        return pd.DataFrame({"group": list(self.sizes), "n": list(self.sizes.values())})

    def suppressed(self, threshold: int = 5) -> TableOne:
        """Hide counts from 1 to `threshold` - 1, and what would reveal them.

        Within a variable a hidden level takes the next smallest one with it, and a level hidden
        in one group is hidden in a second group, so that no sum gives it back.

        Parameters
        ----------
        threshold : int
            Smallest count that may be shown.

        Returns
        -------
        TableOne
            The same table; hidden cells print as ``<5`` or ``*``, standardised differences and
            tests stay.
        """
        parts = [
            _suppress_variable(part, threshold)
            for _, part in self.cells.groupby("variable", sort=False)
        ]
        return TableOne(**(vars(self) | {"cells": pd.concat(parts), "threshold": threshold}))

    def display(self) -> DisplayTable:
        """Return the printed table: mean (SD) or median [IQR], n (%), missing, SMD, p."""
        columns = {group: f"group{position}" for position, group in enumerate(self.sizes)}
        headings = {
            columns[group]: f"{group}, N = {formats.format_count(n)}"
            for group, n in self.sizes.items()
        }
        extras = [name for name in ("smd", "p_value") if self.differences[name].notna().any()]
        headings |= {name: {"smd": "SMD", "p_value": "p"}[name] for name in extras}
        rows: list[dict[str, str]] = []
        indented: list[int] = []
        differences = self.differences.set_index("variable")
        for variable, part in self.cells.groupby("variable", sort=False):
            head, levels = self._variable_rows(str(variable), part, columns)
            difference = differences.loc[variable]
            if "smd" in extras:
                head["smd"] = _or_blank(abs(difference["smd"]), formats.format_number)
            if "p_value" in extras:
                head["p_value"] = _or_blank(difference["p_value"], formats.format_p)
            indented += range(len(rows) + 1, len(rows) + 1 + len(levels))
            rows += [head, *levels]
        body = pd.DataFrame(rows, columns=["row", *headings], dtype=object).fillna("")
        return DisplayTable(body, indented, headings, notes=self._notes(extras))

    def _variable_rows(
        self, variable: str, part: pd.DataFrame, columns: Mapping[str, str]
    ) -> tuple[dict[str, str], list[dict[str, str]]]:
        """Heading row and level rows of one variable."""
        label = self.labels.get(variable, variable)
        numeric = part["mean"].notna().any() or not part["level"].ne(MISSING_LEVEL).any()
        kind = "n (%)"
        if numeric:
            kind = "median [IQR]" if variable in self.medians else "mean (SD)"
        head = {"row": f"{label}, {kind}"}
        levels: dict[str, dict[str, str]] = {}
        for cell in part.to_dict(orient="records"):
            column = columns[cell["group"]]
            if pd.isna(cell["level"]):
                head[column] = self._number_cell(variable, cell)
            else:
                row = levels.setdefault(cell["level"], {"row": str(cell["level"])})
                row[column] = self._count_cell(cell)
        return head, list(levels.values())

    def _number_cell(self, variable: str, cell: Mapping[Any, Any]) -> str:
        if cell["suppressed"]:
            return "*"
        if variable in self.medians:
            return formats.format_median_iqr(cell["median"], cell["q1"], cell["q3"])
        return formats.format_mean_sd(cell["mean"], cell["std_dev"])

    def _count_cell(self, cell: Mapping[Any, Any]) -> str:
        if cell["suppressed"]:
            return "*"
        if cell["level"] == MISSING_LEVEL:
            return formats.format_count_percent(cell["n"], self.sizes[cell["group"]])
        if pd.isna(cell["fraction"]):
            return formats.format_count(cell["n"])
        return f"{formats.format_count(cell['n'])} ({formats.format_percent(cell['fraction'])})"

    def _notes(self, extras: Collection[str]) -> list[str]:
        notes = ["Percentages of a level are of the rows that are not missing."]
        if "smd" in extras:
            groups = len(self.sizes) - (OVERALL in self.sizes)
            note = "SMD: absolute standardised mean difference"
            notes.append(note + ("." if groups == 2 else ", mean over all pairs of groups."))
        if "p_value" in extras:
            methods = self.differences["method"].dropna().map(lambda m: m.partition(" (small")[0])
            notes.append("p: " + "; ".join(dict.fromkeys(methods)) + ".")
        if self.cells["suppressed"].any():
            notes.append(
                f"*: a count below {self.threshold}, or one that would reveal such a count."
            )
        return notes

    def gt(self) -> Any:
        """Build the great_tables object of the printed table."""
        return self.display().gt()

    def to_html(self) -> str:
        """HTML of the printed table."""
        return self.display().to_html()

    def to_latex(self) -> str:
        """LaTeX of the printed table."""
        return self.display().to_latex()

    def to_docx(self, path: str | Path, *, force: bool = False) -> None:
        """Write the printed table to `path` as a Word document; `force` replaces one."""
        self.display().to_docx(path, force=force)

    def to_csv(self, path: str | Path | None = None, *, force: bool = False) -> str:
        """CSV of the printed table, also written to `path`; ``tidy()`` has the numbers."""
        return self.display().to_csv(path, force=force)

    def __repr__(self) -> str:
        return repr(self.display())

    def _repr_html_(self) -> str:
        return self.to_html()


def table_one(
    df: Any,
    by: str | None = None,
    columns: Sequence[str] | None = None,
    *,
    schema: str | None = None,
    labels: Mapping[str, str] | None = None,
    medians: Collection[str] = (),
    overall: bool = True,
    test: bool = False,
) -> TableOne:
    """Describe a cohort, by groups if asked for, with standardised differences.

    Parameters
    ----------
    df : DataFrame
        One row per patient. Text, true/false and categorical columns, and numbers that are only
        0 and 1, are factors; other numbers are summarised.
    by : str, optional
        Column of groups; rows without a group are refused.
    columns : sequence of str, optional
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
        for factors, Fisher's exact test when an expected count is below 5.

    Returns
    -------
    TableOne
        ``tidy()``, ``comparisons()``, ``glance()`` (group sizes), ``suppressed()``, ``display()``;
        prints as the table, with ``gt()``, ``to_html()``, ``to_latex()``, ``to_csv()``.

    Raises
    ------
    InputError
        Absent columns, dates, rows without a group, or fewer than two groups.

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
    frame = as_frame(df)
    names = _default_columns(frame, by) if columns is None else list(columns)
    require_columns(frame, [*names, *([by] if by else [])])
    groups = _groups(frame, by, overall=overall)
    sizes = {group: int(rows.sum()) for group, rows in groups.items()}
    compared = [rows for group, rows in groups.items() if by is not None and group != OVERALL]
    cells, differences = [], []
    for name in names:
        column = frame[name]
        if pd.api.types.is_datetime64_any_dtype(column):
            raise InputError(f"table_one: `{name}` holds dates; give durations or leave it out.")
        if _is_factor(column):
            codes, levels = group_codes(column)
            cells += _factor_cells(name, codes, levels, groups)
            differences.append(_compare_factor(name, codes, len(levels), compared, test))
        else:
            values = column.to_numpy(dtype=float, na_value=np.nan)
            cells += _numeric_cells(name, values, groups)
            differences.append(_compare_numeric(name, values, compared, test, name in medians))
    headings = _units(names, schema) | dict(labels or {})
    return TableOne(
        cells=pd.DataFrame(cells, columns=_CELL_COLUMNS),
        differences=pd.DataFrame(differences, columns=_DIFFERENCE_COLUMNS),
        sizes=sizes,
        labels=headings,
        medians=frozenset(medians),
        by=by,
        threshold=0,
    )


_CELL_COLUMNS = [
    *("variable", "level", "group", "n", "n_missing", "fraction"),
    *("mean", "std_dev", "median", "q1", "q3", "suppressed"),
]
_DIFFERENCE_COLUMNS = [
    *("variable", "smd", "smd_se", "smd_low", "smd_high", "statistic", "df", "p_value", "method")
]


def _default_columns(frame: pd.DataFrame, by: str | None) -> list[str]:
    """All columns but the groups and text that names every row."""
    return [
        str(name)
        for name in frame
        if name != by
        and not (
            not pd.api.types.is_numeric_dtype(frame[name])
            and not isinstance(frame[name].dtype, pd.CategoricalDtype)
            and frame[name].is_unique
            and len(frame) > 1
        )
    ]


def _groups(frame: pd.DataFrame, by: str | None, *, overall: bool) -> dict[str, np.ndarray]:
    """Rows of each column of the table, overall first."""
    everyone = np.ones(len(frame), dtype=bool)
    if by is None:
        return {OVERALL: everyone}
    codes, labels = group_codes(frame[by])
    if (codes < 0).any():
        raise InputError(f"table_one: {int((codes < 0).sum())} rows have no `{by}`. Drop them.")
    if len(labels) < 2:
        raise InputError(f"table_one: `{by}` has {len(labels)} groups; two are needed.")
    groups = {OVERALL: everyone} if overall else {}
    return groups | {str(label): codes == code for code, label in enumerate(labels)}


def _is_factor(column: pd.Series) -> bool:
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        return True
    return set(pd.unique(column.dropna())) <= {0, 1}


def _units(names: Sequence[str], schema: str | None) -> dict[str, str]:
    """Row headings "column, unit" from a schema."""
    if schema is None:
        return {}
    from faceage_stats.cohorts.schema import load_schema

    units = {entry.name: entry.unit for entry in load_schema(schema).fields}
    return {name: f"{name}, {units[name]}" for name in names if units.get(name)}


def _numeric_cells(
    name: str, values: np.ndarray, groups: Mapping[str, np.ndarray]
) -> list[dict[str, Any]]:
    cells, missing_cells = [], []
    for group, rows in groups.items():
        inside = values[rows]
        complete = inside[~np.isnan(inside)]
        n_missing = len(inside) - len(complete)
        cell = {
            "variable": name,
            "level": None,
            "group": group,
            "n": len(complete),
            "n_missing": n_missing,
            "suppressed": False,
        }
        if len(complete):
            q1, median, q3 = np.quantile(complete, [0.25, 0.5, 0.75])
            cell |= {"mean": complete.mean(), "median": median, "q1": q1, "q3": q3}
        if len(complete) > 1:
            cell["std_dev"] = complete.std(ddof=1)
        cells.append(cell)
        missing_cells.append(_missing_cell(name, group, n_missing))
    return cells + (missing_cells if np.isnan(values).any() else [])


def _factor_cells(
    name: str, codes: np.ndarray, levels: Sequence[Any], groups: Mapping[str, np.ndarray]
) -> list[dict[str, Any]]:
    cells = []
    for code, level in enumerate(levels):
        for group, rows in groups.items():
            known = int((codes[rows] >= 0).sum())
            count = int((codes[rows] == code).sum())
            cells.append(
                {
                    "variable": name,
                    "level": str(level),
                    "group": group,
                    "n": count,
                    "n_missing": int(rows.sum()) - known,
                    "fraction": count / known if known else np.nan,
                    "suppressed": False,
                }
            )
    if (codes < 0).any():
        cells += [_missing_cell(name, g, int((codes[r] < 0).sum())) for g, r in groups.items()]
    return cells


def _missing_cell(name: str, group: str, n_missing: int) -> dict[str, Any]:
    return {
        "variable": name,
        "level": MISSING_LEVEL,
        "group": group,
        "n": n_missing,
        "n_missing": n_missing,
        "suppressed": False,
    }


def _compare_numeric(
    name: str, values: np.ndarray, groups: Sequence[np.ndarray], test: bool, by_ranks: bool
) -> dict[str, Any]:
    samples = [values[rows & ~np.isnan(values)] for rows in groups]
    row: dict[str, Any] = {"variable": name}
    row |= _mean_smd([_try(smd, a, b) for a, b in combinations(samples, 2)])
    if test and len(samples) > 1:
        label = np.repeat(np.arange(len(samples)), [len(sample) for sample in samples])
        long = pd.DataFrame({"value": np.concatenate(samples), "group": label})
        if by_ranks:
            row |= _test_row(_try(kruskal_test, "value ~ group", data=long))
        elif len(samples) == 2:
            row |= _test_row(_try(t_test, *samples))
        else:
            row |= _test_row(_try(oneway_test, "value ~ group", data=long))
    return row


def _compare_factor(
    name: str, codes: np.ndarray, n_levels: int, groups: Sequence[np.ndarray], test: bool
) -> dict[str, Any]:
    counts = np.array([np.bincount(codes[r & (codes >= 0)], minlength=n_levels) for r in groups])
    row: dict[str, Any] = {"variable": name}
    if len(counts) < 2 or n_levels < 2:
        return row
    row |= _mean_smd([_try(smd_categorical, a, b) for a, b in combinations(counts, 2)])
    if test:
        expected = counts.sum(1, keepdims=True) * counts.sum(0) / max(counts.sum(), 1)
        result = _try(fisher_test, counts) if (expected < 5).any() else None
        row |= _test_row(result or _try(chisq_test, counts, correct=False))
    return row


def _try(function: Any, *args: Any, **options: Any) -> Any:
    """Return the result, or None where the data cannot give one (a constant, an empty group)."""
    try:
        return function(*args, **options)
    except (DesignError, InputError):
        return None


def _mean_smd(results: Sequence[Any]) -> dict[str, float]:
    known = [result for result in results if result is not None]
    if len(results) == 1 and known:
        (only,) = known
        return {
            "smd": only.estimate,
            "smd_se": only.std_error,
            "smd_low": only.conf_low,
            "smd_high": only.conf_high,
        }
    complete = bool(results) and len(known) == len(results)
    return {"smd": float(np.mean([abs(r.estimate) for r in known])) if complete else np.nan}


def _test_row(result: Any) -> dict[str, Any]:
    if result is None:
        return {}
    return {name: getattr(result, name) for name in ("statistic", "df", "p_value", "method")}


def _suppress_variable(part: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Hide small counts of one variable and enough others that no sum reveals them."""
    part = part.copy()
    part["_level"] = part["level"].astype(object).fillna("")
    counts = part.pivot_table(index="_level", columns="group", values="n", sort=False, dropna=False)
    shown = counts.to_numpy(dtype=float)
    hidden = (shown > 0) & (shown < threshold)
    while True:
        before = hidden.sum()
        for axis in (0, 1):
            hidden = _hide_partner(shown, hidden, axis)
        if hidden.sum() == before:
            break
    mask = pd.DataFrame(hidden, index=counts.index, columns=counts.columns).stack()
    keys = pd.MultiIndex.from_frame(part[["_level", "group"]])
    part["suppressed"] = mask.reindex(keys).to_numpy(dtype=bool)
    numbers = ["n", "n_missing", "fraction", "mean", "std_dev", "median", "q1", "q3"]
    part[numbers] = part[numbers].astype(float).mask(part["suppressed"])
    missing_hidden = part["_level"].eq(MISSING_LEVEL) & part["suppressed"]
    part.loc[part["group"].isin(part.loc[missing_hidden, "group"]), "n_missing"] = np.nan
    return part.drop(columns="_level")


def _hide_partner(counts: np.ndarray, hidden: np.ndarray, axis: int) -> np.ndarray:
    """Where one cell alone is hidden along an axis, hide the smallest other one too."""
    counts, hidden = (counts, hidden) if axis == 1 else (counts.T, hidden.T)
    hidden = hidden.copy()
    if counts.shape[1] > 1:
        for line in np.flatnonzero(hidden.sum(axis=1) == 1):
            candidates = np.where(hidden[line], np.inf, counts[line])
            hidden[line, np.argmin(candidates)] = True
    return hidden if axis == 1 else hidden.T


def _or_blank(value: Any, format_value: Any) -> str:
    return "" if pd.isna(value) else format_value(value)
