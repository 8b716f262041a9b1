"""The result of `table_one`: cells by variable, level and group, and how they are printed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from faceage_stats._result import frozen_result
from faceage_stats._wald import limits
from faceage_stats.reporting import formats
from faceage_stats.reporting.tables import summary_cells
from faceage_stats.reporting.tables.display import DisplayTable
from faceage_stats.reporting.tables.printed import PrintedResult
from faceage_stats.reporting.tables.suppressed import suppress_variable

__all__ = ["OVERALL", "TableOne"]

OVERALL = "Overall"


@frozen_result
class TableOne(PrintedResult):
    """Baseline table of a cohort; see :func:`table_one`."""

    cells: pd.DataFrame
    differences: pd.DataFrame
    sizes: pd.DataFrame  # one row per printed column: group, is_overall, n
    labels: dict[str, str]
    weights: str | None  # column of the weights
    medians: frozenset[str]
    by: str | None
    n: int
    n_missing: int | None  # rows in which a variable is missing; None when that is withheld
    threshold: int

    def tidy(self) -> pd.DataFrame:
        """Return one row per variable, level and group.

        Returns
        -------
        pandas.DataFrame
            ``variable, level, is_missing, group, is_overall, n, n_missing, fraction, mean,
            std_dev, median, q25, q75, suppressed``. For a factor level ``n`` counts the level; on a
            numeric variable it counts the values. ``fraction`` is of the rows that are not
            missing. ``is_missing`` and ``is_overall`` tell the row of missing values and the
            column of all rows from a level called "Missing" and a group called "Overall". Of
            weighted rows also ``weight``, their sum, and ``std_error`` of the mean.
        """
        return self.cells.copy()

    def comparisons(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return one row per variable: standardised difference between groups, and test.

        Parameters
        ----------
        conf_level : float
            Level of the limits of the standardised difference.

        Returns
        -------
        pandas.DataFrame
            ``variable, smd, smd_se, smd_low, smd_high`` (two groups; with more ``smd`` is the
            mean absolute difference over all pairs), ``statistic, df, p_value, method``, and
            ``df_residual`` of weighted rows.
        """
        table = self.differences.copy()
        low, high = limits(table["smd"], table["smd_se"], conf_level)
        return table.assign(smd_low=low, smd_high=high)

    def groups(self) -> pd.DataFrame:
        """Return one row per printed column: ``group, is_overall, n``, and ``weight`` if given."""
        return self.sizes.copy()

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n``, and ``n_missing``, the rows in which a variable is missing."""
        return pd.DataFrame({"n": [self.n], "n_missing": [self.n_missing]}).astype("Int64")

    def _further_tables(self) -> tuple[str, ...]:
        return ("comparisons", "groups")

    def suppressed(self, threshold: int = 5) -> TableOne:
        """Withhold counts from 1 to `threshold` - 1, and what would reveal them.

        Within a variable the next smallest level is hidden as well, and a level hidden in one group
        is hidden in a second group, so that no sum reveals it.

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
            suppress_variable(part, threshold)
            for _, part in self.cells.groupby("variable", sort=False)
        ]
        is_small = self.n_missing is not None and 0 < self.n_missing < threshold
        changed = {"cells": pd.concat(parts), "threshold": threshold}
        changed |= {"n_missing": None} if is_small else {}
        return TableOne(**(vars(self) | changed))

    def display(self) -> DisplayTable:
        """Return the printed table: mean (SD) or median [IQR], n (%), missing, SMD, p."""
        headings = {
            f"group{i}": f"{group}, N = {formats.format_count(n)}"
            for i, (group, n) in enumerate(
                zip(self.sizes["group"], self.sizes[self._counted], strict=True)
            )
        }
        extras = [name for name in ("smd", "p_value") if self.differences[name].notna().any()]
        headings |= {name: {"smd": "SMD", "p_value": "p"}[name] for name in extras}
        rows: list[dict[str, str]] = []
        indented: list[int] = []
        differences = self.differences.set_index("variable")
        for variable, part in self.cells.groupby("variable", sort=False):
            head, levels = self._variable_rows(str(variable), part)
            difference = differences.loc[variable]
            if "smd" in extras:
                head["smd"] = _or_blank(abs(difference["smd"]), formats.format_number)
            if "p_value" in extras:
                head["p_value"] = _or_blank(difference["p_value"], formats.format_p)
            indented += range(len(rows) + 1, len(rows) + 1 + len(levels))
            rows += [head, *levels]
        body = pd.DataFrame(rows, columns=["row", *headings], dtype=object).fillna("")
        return DisplayTable(body, indented, headings, notes=self._notes(extras))

    @property
    def _counted(self) -> str:
        """What counts are printed: rows, or the sums of their weights."""
        return "n" if self.weights is None else "weight"

    def _variable_rows(
        self, variable: str, part: pd.DataFrame
    ) -> tuple[dict[str, str], list[dict[str, str]]]:
        """Heading row and level rows of one variable."""
        label = self.labels.get(variable, variable)
        numeric = part["level"].isna().any()
        kind = "n (%)"
        if numeric:
            kind = "median [IQR]" if variable in self.medians else "mean (SD)"
        head = {"row": f"{label}, {kind}"}
        levels: dict[tuple[bool, str], dict[str, str]] = {}
        places = list(zip(self.sizes["is_overall"], self.sizes["group"], strict=True))
        for cell in part.to_dict(orient="records"):
            column = f"group{places.index((cell['is_overall'], cell['group']))}"
            if pd.isna(cell["level"]):
                head[column] = self._number_cell(variable, cell)
            else:
                key = (cell["is_missing"], cell["level"])
                row = levels.setdefault(key, {"row": cell["level"]})
                row[column] = self._count_cell(cell)
        return head, list(levels.values())

    def _number_cell(self, variable: str, cell: Mapping[Any, Any]) -> str:
        if cell["suppressed"]:
            return "*"
        if variable in self.medians:
            return summary_cells.format_median_iqr(cell["median"], cell["q25"], cell["q75"])
        return summary_cells.format_mean_sd(cell["mean"], cell["std_dev"])

    def _count_cell(self, cell: Mapping[Any, Any]) -> str:
        if cell["suppressed"]:
            return "*"
        count = cell[self._counted]
        if cell["is_missing"]:
            sizes = self.sizes.set_index(["is_overall", "group"])[self._counted]
            return summary_cells.format_count_percent(
                count, sizes[cell["is_overall"], cell["group"]]
            )
        if pd.isna(cell["fraction"]):
            return formats.format_count(count)
        return f"{formats.format_count(count)} ({formats.format_percent(cell['fraction'])})"

    def _notes(self, extras: Collection[str]) -> list[str]:
        notes = ["Percentages of a level are of the rows that are not missing."]
        if self.weights is not None:
            notes.append(f"Weighted by {self.weights}: counts are sums of weights.")
        if "smd" in extras:
            groups = int((~self.sizes["is_overall"]).sum())
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


def _or_blank(value: Any, format_value: Any) -> str:
    return "" if pd.isna(value) else format_value(value)
