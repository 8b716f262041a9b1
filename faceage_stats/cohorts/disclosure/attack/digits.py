"""Numbers with more digits than a release gives: values of patients, or what tells their number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats.cohorts.disclosure.attack.build import Page
from faceage_stats.cohorts.disclosure.attack.cells import decimal
from faceage_stats.cohorts.disclosure.attack.findings import Finding
from faceage_stats.cohorts.disclosure.roles import role_of
from faceage_stats.cohorts.disclosure.rounding import DIGITS, step_of

__all__ = ["exact_numbers"]

_QUANTILES = ("median", "q05", "q25", "q75", "q95")
_EASE = 1e-6


def exact_numbers(page: Page) -> Iterator[Finding]:
    """List columns of a release with exact numbers, and levels that are values of patients.

    The levels of a number are cut points or ends of an axis. One with a second decimal is rarely
    a choice, but the smallest or largest value of a patient, or a quantile of few.
    """
    if page.base == 1:
        return
    for file, table in page.tables.items():
        for column in map(str, table):
            # a page writes Published p, which is of no patient of this build
            is_exact = role_of(column.lower()) not in ("count", "time", "setting")
            is_number = is_exact and column != "level"
            if is_number and _most(table[column]) > DIGITS:
                yield Finding(page.item, "digits", f"digits of {column}", (file,))
        if any(map(_is_a_value, table.to_dict(orient="records"))):
            yield Finding(page.item, "patients", "a quantile that is a value", (file,))
        if "level" in table and _most(table["level"], decimals=True) > 1:
            yield Finding(page.item, "patients", "levels that are exact numbers", (file,))


def _is_a_value(record: dict[Any, Any]) -> bool:
    """Whether a quantile is finer than a hundredth of itself and a twentieth of the quartiles."""
    named = record.get("quantity") == "median"
    if "n_event" in record and not named:  # the time of half of the events, on the grid
        return False
    columns = (*_QUANTILES, "estimate") if named else _QUANTILES
    known = {c: d[0] for c in columns if (d := decimal(record.get(c, "")))}
    wide = known.get("q75", np.nan) - known.get("q25", np.nan)
    for value in filter(None, known.values()):
        least = step_of(np.nanmin([abs(value) / 100, wide / 40 if wide > 0 else np.nan]))
        steps = value / np.array([least, step_of(1.5 * least)])  # of 2 is no multiple of 5
        if (np.abs(steps - steps.round()) > _EASE).all():
            return True
    return False


def _most(column: pd.Series, *, decimals: bool = False) -> int:
    """Most significant digits, or decimals, of what is a number."""
    texts = [str(text).lower().partition("e")[0] for text in column if decimal(text)]
    if decimals:
        return max((len(text.partition(".")[2]) for text in texts), default=0)
    fractions = [text for text in texts if "." in text]
    return max((len(text.replace(".", "").strip("-0")) for text in fractions), default=0)
