"""Statistics of few patients: their mean, their quartiles, which give their very values."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from faceage_stats.cohorts.disclosure.attack.build import Page
from faceage_stats.cohorts.disclosure.attack.cells import decimal, labels_of
from faceage_stats.cohorts.disclosure.attack.findings import Finding
from faceage_stats.cohorts.disclosure.roles import role_of

__all__ = ["statistics_of_few"]

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
