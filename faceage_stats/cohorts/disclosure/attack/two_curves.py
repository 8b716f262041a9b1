"""Curves of two builds that differ by one patient: until when this patient was followed.

A curve falls by S x events / those at risk. While the patient is at risk the falls of both builds
stand in another proportion than afterwards, where it no longer changes: no count is needed, and a
cumulative incidence tells it as well.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from faceage_stats.cohorts.disclosure.attack.build import Page
from faceage_stats.cohorts.disclosure.attack.cells import LABELS, decimal
from faceage_stats.cohorts.disclosure.attack.findings import Finding

__all__ = ["last_days_of_one"]

_MONTH = 1 / 12
_AFTER = 3  # falls in one proportion, from which on it does not change by chance
Curve = pd.DataFrame  # by time: `value`, `half` a unit of its last digit, `ease` one of the time's


def last_days_of_one(page: Page, before: Page) -> Iterator[Finding]:
    """List curves of which two builds give the time of a patient who is in one of them only."""
    grid = (page.time_grid or _MONTH) * (1 - 1e-6)
    for file, table in page.tables.items():
        old = _curves(before.tables.get(file, pd.DataFrame()))
        for label, curve in _curves(table).items():
            if label in old and _window(curve, old[label]) < grid:
                yield Finding(page.item, "times", "two builds, end of follow-up", (file,))
                break


def _curves(table: pd.DataFrame) -> dict[str, Curve]:
    if not {"time", "estimate"} <= set(table) or "group1" in table:
        return {}
    names = [c for c in table if c in (*LABELS, "cause") and c != "time"]
    if not names:
        return {"": _curve(table)}
    return {str(label): _curve(rows) for label, rows in table.groupby(names)}


def _curve(rows: pd.DataFrame) -> Curve:
    found = [(decimal(t), decimal(s)) for t, s in zip(rows["time"], rows["estimate"], strict=True)]
    known = {t[0]: (*s, t[1]) for t, s in found if t and s}
    columns = ["value", "half", "ease"]  # the last of the time: 1.42 may be 17 months
    curve = pd.DataFrame.from_dict(known, orient="index", columns=columns, dtype=float)
    return curve.assign(half=curve["half"].min()).sort_index()  # 0.25 may be exact as well


def _window(now: Curve, before: Curve) -> float:
    """Between which two times the proportion of the falls became what it is at the end."""
    both = now.join(before, how="inner", rsuffix="_before")
    falls, slack = both.diff(), both.rolling(2).sum()
    fell = (falls[["value", "value_before"]] != 0).all(axis=1) & falls.notna().all(axis=1)
    falls, slack = falls[fell], slack[fell]
    proportion = (falls["value"] / falls["value_before"]).to_numpy(float)
    error = np.abs(proportion) * (
        (slack["half"] / falls["value"].abs()) + slack["half_before"] / falls["value_before"].abs()
    ).to_numpy(float)
    error += 1e-9
    if len(proportion) <= _AFTER:
        return np.inf
    other = np.flatnonzero(np.abs(proportion - proportion[-1]) > error + error[-1])
    if not len(other) or other[-1] + _AFTER >= len(proportion):
        return np.inf
    times, at = falls.index.to_numpy(float), other[-1]
    return float(times[at + 1] - times[at] + both["ease"][fell].iloc[at : at + 2].sum())
