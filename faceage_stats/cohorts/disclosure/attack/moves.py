"""Patients who move to another category, from the test of a net reclassification."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.stats import norm

from faceage_stats.cohorts.disclosure.attack.build import Page
from faceage_stats.cohorts.disclosure.attack.cells import counts_of, decimal
from faceage_stats.cohorts.disclosure.attack.findings import Finding

__all__ = ["moves_of_few"]

_MOST = 150  # who move in one direction
_WIDE = 20  # a number of patients that is known less well tells nothing


def moves_of_few(page: Page) -> Iterator[Finding]:
    """List tables in which one number of patients who move up or down fits, and it is small.

    Of n patients with the event u move up and d down: the net proportion is (u - d) / n, its
    variance (u + d) / n^2 - (u - d)^2 / n^3.
    """
    whole = {
        (int(c.low), int(c.high)) for c in counts_of(page) if c.shown and c.high - c.low <= _WIDE
    }
    for file, table in page.tables.items():
        if not {"quantity", "estimate", "p_value"} <= set(table):
            continue
        rows = table[table["quantity"].isin(["nri_event", "nri_nonevent"])]
        if any(_is_few(page, row, n) for row in rows.to_dict(orient="records") for n in whole):
            yield Finding(page.item, "solved", "moves of a net reclassification", (file,))


def _is_few(page: Page, row: dict[Any, Any], around: tuple[int, int]) -> bool:
    net, p = decimal(row["estimate"]), decimal(row["p_value"])
    if net is None or p is None or p[0] <= 0:
        return False
    found: set[tuple[int, int]] = set()
    for n in range(max(around[0], 1), around[1] + 1):
        up, down = np.meshgrid(*[np.arange(min(n, _MOST) + 1)] * 2)
        share = (up - down) / n
        with np.errstate(divide="ignore", invalid="ignore"):
            test = 2 * norm.sf(np.abs(share) / np.sqrt(((up + down) / n - share**2) / n))
        fits = np.abs(np.abs(share) - abs(net[0])) <= max(net[1], 0.025) + 1e-9
        fits &= (np.abs(test - p[0]) <= p[1]) & (up >= down) & (up + down <= n)
        found |= set(zip(up[fits].tolist(), down[fits].tolist(), strict=True))
    return any(
        len(one) == 1 and 0 < min(one) < page.minimum for one in map(set, zip(*found, strict=True))
    )
