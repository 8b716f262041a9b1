"""Statistics of few patients: their mean, their quartiles, which give their very values."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator

import numpy as np
import pandas as pd

from faceage_stats.cohorts.disclosure.attack.build import Page
from faceage_stats.cohorts.disclosure.attack.cells import decimal, labels_of
from faceage_stats.cohorts.disclosure.attack.findings import Finding
from faceage_stats.cohorts.disclosure.ratios import events_behind
from faceage_stats.cohorts.disclosure.roles import role_of

__all__ = ["ratios_of_few", "shares_of_few", "statistics_of_few"]

_GROUPS = ("group", "group1", "group2", "strata", "cohort", "level")
# the average that a difference compares, or a value that the rows of the group determine
_OF_A_GROUP = {"group1": "estimate1", "group2": "estimate2"}


def statistics_of_few(page: Page, small: Collection[str]) -> Iterator[Finding]:
    """List tables that show a statistic of a group that is known to be small."""
    for file, table in page.tables.items():
        shown = [str(c) for c in table if role_of(str(c)) in ("estimate", "quantile", "proportion")]
        for record in table.to_dict(orient="records"):
            about = {kind: value for kind, value in labels_of(record) if kind in _GROUPS}
            for kind, value in about.items():
                columns = [_OF_A_GROUP[kind]] if kind in _OF_A_GROUP else shown
                if value in small and any(decimal(record.get(c, "")) for c in columns):
                    yield Finding(
                        page.item, "few", f"{', '.join(columns)} of a small group", (file,)
                    )


def ratios_of_few(page: Page) -> Iterator[Finding]:
    """List ratios of a level, or of yes against no, whose error tells that few have an event."""
    for file, table in page.tables.items():
        if "term" not in table:
            continue
        most = np.fmin(events_behind(table)[1], _events_of_levels(table))
        for term in table.loc[most < page.minimum, "term"]:
            yield Finding(page.item, "few", f"error of the ratio of {term}", (file,))


def _events_of_levels(table: pd.DataFrame) -> np.ndarray:
    """Withheld events of a level of a factor alone: 1 / (error^2 - 1 / those it is against)."""
    most = np.full(len(table), np.inf)
    if not {"variable", "level", "n", "n_event", "is_reference"} <= set(table):
        return most
    error = events_behind(table.drop(columns="n"))[1] ** -0.5
    events = pd.to_numeric(table["n_event"], errors="coerce").to_numpy(float, na_value=np.nan)
    models = [table[column] for column in ("model", "cohort") if column in table]
    groups = table.groupby(models).ngroup() if models else pd.Series(0, table.index)
    for group in groups.unique():
        rows = np.flatnonzero(groups == group)
        reference = [i for i in rows if str(table["is_reference"].iloc[i]) == "True"]
        if table["variable"].iloc[rows].nunique() == 1 and len(reference) == 1:
            with np.errstate(divide="ignore", invalid="ignore"):
                found = 1 / (error[rows] ** 2 - 1 / events[reference[0]])
            most[rows] = np.where(np.isnan(events[rows]) & (found > 0), found, np.inf)
    return most


def shares_of_few(page: Page) -> Iterator[Finding]:
    """List levels of imputed factors whose observed share, times those known, is a small count."""
    for file, table in page.tables.items():
        if not {"level", "estimate1", "r_hat", "n"} <= set(table):
            continue
        for record in table[table["level"] != ""].to_dict(orient="records"):
            share, n = decimal(record["estimate1"]), decimal(record["n"])
            if share and n:
                low = (share[0] - share[1]) * (n[0] - page.base + 1)
                high = (share[0] + share[1]) * (n[0] + page.base - 1)
                counts = range(math.ceil(low), math.floor(high) + 1)
                if len(counts) == 1 and 0 < counts[0] < page.minimum:
                    yield Finding(page.item, "solved", f"n of {record['level']}", (file,))
