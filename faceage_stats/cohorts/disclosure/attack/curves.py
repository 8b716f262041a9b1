"""Events between two times of a curve: those at risk x the fall of survival."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import Any

from faceage_stats.cohorts.disclosure.attack.build import Page
from faceage_stats.cohorts.disclosure.attack.cells import decimal
from faceage_stats.cohorts.disclosure.attack.findings import Finding

__all__ = ["solved_on_curves"]


def solved_on_curves(page: Page) -> Iterator[Finding]:
    """Withheld numbers of events that the curve beside them gives."""
    for file, table in page.tables.items():
        if not {"time", "n_risk", "n_event", "estimate"} <= set(table):
            continue
        records = table.to_dict(orient="records")
        for _, curve in groupby(records, key=lambda r: (r.get("strata"), r.get("marker"))):
            solved = [_events(page, first, last) for first, last in pairwise(curve)]
            if any(solved):
                yield Finding(page.item, "solved", "n_event along the curve", (file,), "n_event")
                break


def _events(page: Page, first: dict[Any, Any], last: dict[Any, Any]) -> bool:
    """Whether a hidden small number of events is the only whole number that fits."""
    if decimal(last["n_event"]) is not None:
        return False
    start, end = decimal(first["n_risk"]), decimal(last["n_risk"])
    before, after = decimal(first["estimate"]), decimal(last["estimate"])
    if start is None or end is None or before is None or after is None or before[0] <= 0:
        return False
    slack = 2 * page.base if page.base > 1 else 0
    falls = [
        1 - (after[0] + sign * after[1]) / max(before[0] - sign * before[1], 1e-12)
        for sign in (1, -1)
    ]
    low = max(end[0] - slack, 1) * max(min(falls), 0)
    high = (start[0] + slack) * max(falls)
    whole = range(math.ceil(low - 1e-6), math.floor(high + 1e-6) + 1)
    return len(whole) == 1 and 0 < whole[0] < page.minimum
