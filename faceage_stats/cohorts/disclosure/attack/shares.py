"""Shares of patients with more digits than rounded counts have: times n they are exact counts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import beta, norm

from faceage_stats.cohorts.disclosure.attack.build import Page
from faceage_stats.cohorts.disclosure.attack.cells import counts_of, decimal
from faceage_stats.cohorts.disclosure.attack.findings import Finding

__all__ = ["exact_shares"]

_Z = float(norm.ppf(0.975))
_LARGEST = 10**4  # patients, where no count is shown
_MORE = 1.25  # those at risk at the first time that is shown are not all

Printed = tuple[float, float]  # a number and half a unit of its last digit


def exact_shares(page: Page) -> Iterator[Finding]:
    """List tables of a release whose proportions, or curves, tell exact counts."""
    if page.base == 1:
        return
    sizes = _sizes(page)
    for file, table in page.tables.items():
        if any(_is_exact_proportion(page, r) for r in table.to_dict(orient="records")):
            yield Finding(page.item, "solved", "count behind a proportion", (file,))
        if any(not _is_of_rounded(page, curve) for curve in _curves(table)):
            yield Finding(page.item, "solved", "deaths along the curve", (file,))
        if _tells_few(page, table, sizes):
            yield Finding(page.item, "few", "deaths of two groups by a time", (file,))


def _is_exact_proportion(page: Page, record: dict[Any, Any]) -> bool:
    """Whether one count alone has the printed share of n, and its interval is of a proportion."""
    share, low, high, n = (
        decimal(record.get(c, "")) for c in ("estimate", "conf_low", "conf_high", "n")
    )
    if share is None or low is None or high is None or n is None:
        return False
    unit = 100 if record.get("quantity") == "percent" else 1
    if not 0 < share[0] < unit or low[0] < 0 or high[0] > unit:
        return False
    sizes = _around(page, n[0])
    counts = _whole(
        (share[0] - share[1]) / unit * sizes[0], (share[0] + share[1]) / unit * sizes[-1]
    )
    return len(counts) == 1 and any(
        _is_close(unit * limits[0], low) and _is_close(unit * limits[1], high)
        for size in sizes
        for limits in _limits(counts[0], size)
    )


def _limits(k: int, n: int) -> Iterator[tuple[float, float]]:
    """Intervals of a proportion: Wilson's without and with correction, exact, Wald's."""
    for shift in (0.0, 0.5):
        ends = []
        for sign in (-1, 1):
            p = (k + sign * shift) / n
            half = math.sqrt(max(p * (1 - p) / n + _Z**2 / (4 * n**2), 0))
            ends.append((p + _Z**2 / (2 * n) + sign * _Z * half) / (1 + _Z**2 / n))
        yield 0.0 if k <= shift else ends[0], 1.0 if k >= n - shift else ends[1]
    low = float(beta.ppf(0.025, k, n - k + 1)) if k else 0.0
    yield low, float(beta.ppf(0.975, k + 1, n - k)) if k < n else 1.0
    error = _Z * math.sqrt(k * (n - k) / n**3)
    yield k / n - error, k / n + error


def _curves(table: pd.DataFrame) -> Iterator[list[Printed]]:
    """Survival at the steps of each curve, as printed."""
    if not {"time", "estimate"} <= set(table) or not {"strata", "n_risk"} & set(table):
        return
    names = [c for c in ("strata", "marker", "cohort", "group") if c in table]
    curves = [rows for _, rows in table.groupby(names)] if names else [table]
    for rows in curves:
        yield [found for text in dict.fromkeys(rows["estimate"]) if (found := decimal(text))]


def _is_of_rounded(page: Page, curve: Sequence[Printed]) -> bool:
    """Whether there is a number of patients of which each share is of rounded counts."""
    largest = max((c.high for c in counts_of(page) if c.shown), default=_LARGEST)
    whole = np.arange(1, int(_MORE * largest / page.base) + 2)
    fits = np.ones(len(whole), bool)
    for survival, half in curve:
        lost = (1 - survival) * whole
        fits &= np.abs(lost - np.round(lost)) <= half * whole + 1e-6
    return bool(fits.any())


def _tells_few(page: Page, table: pd.DataFrame, sizes: dict[str, Printed]) -> bool:
    """Whether survival of two groups, both of known size, tells that few have died."""
    if not {"group1", "group2", "estimate1", "estimate2"} <= set(table):
        return False
    pairs = [
        (str(record[f"group{i}"]), decimal(record[f"estimate{i}"]))
        for record, i in product(table.to_dict(orient="records"), (1, 2))
    ]
    shares = [(sizes[name], share) for name, share in pairs if share and name in sizes]
    if not all(0 <= share[0] <= 1 for _, share in shares):
        return False
    for n, (share, half) in shares:
        few = _whole((1 - share - half) * n[0], (1 - share + half) * n[1])
        if len(few) == 1 and 0 < few[0] < page.minimum:
            return True
    return False


def _sizes(page: Page) -> dict[str, Printed]:
    """Fewest and most patients of each group, by its label."""
    return {
        value: (count.low, count.high)
        for count in counts_of(page)
        if count.column == "n" and count.shown and len(count.name[1]) == 1
        for kind, value in count.name[1]
        if kind in ("strata", "group")
    }


def _around(page: Page, n: float) -> range:
    slack = page.base - 1 if n >= page.minimum else 0
    return range(max(int(n) - slack, 1), int(n) + slack + 1)


def _whole(low: float, high: float) -> range:
    return range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)


def _is_close(number: float, printed: Printed) -> bool:
    return abs(number - printed[0]) <= printed[1] + 1e-9
