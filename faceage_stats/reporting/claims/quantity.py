"""The numbers that a claim is about, as they stand in the stored results."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._expression.evaluate import evaluate
from faceage_stats.reporting.claims.ledger import Where
from faceage_stats.reporting.paper import paper_values
from faceage_stats.reporting.store.item import DEFAULT_VARIANT
from faceage_stats.reporting.store.read_item import StoredItem

__all__ = ["Quantity", "find"]


@dataclass(frozen=True)
class Quantity:
    """An estimate with its interval, the published number, and where it stands; NaN: not there."""

    estimate: float = np.nan
    conf_low: float = np.nan
    conf_high: float = np.nan
    p_value: float = np.nan
    n: float = np.nan
    published: float = np.nan
    id: str = ""
    drawn: str = ""
    is_ratio: bool = False
    row: int = 0  # of its table, from 1

    @property
    def corners(self) -> list[float]:
        """Estimate and limits; the estimate alone where it has no interval."""
        if np.isnan(self.conf_low) or np.isnan(self.conf_high):
            return [self.estimate]
        return [self.conf_low, self.estimate, self.conf_high]


def find(place: Where, results: Mapping[str, StoredItem]) -> list[Quantity]:
    """Look a number up; nothing when its item, table or row is not among the results.

    Parameters
    ----------
    place : Where
        Several rows of a table give several quantities.
    results : mapping of name to StoredItem

    Returns
    -------
    list of Quantity
    """
    if place.item not in results:
        return []
    item = results[place.item]
    if place.id:
        values = item.values
        is_default = values["variant"].fillna(DEFAULT_VARIANT) == DEFAULT_VARIANT
        rows = values[(values["id"] == place.id) & is_default]
    elif place.table in item.tables:
        rows = _rows(item.tables[place.table], place.where)
    else:
        return []
    numbers = rows.index.to_numpy(dtype=int) + 1
    each = rows.to_dict(orient="records")
    return [_quantity(row, place, int(n)) for row, n in zip(each, numbers, strict=True)]


def _rows(table: pd.DataFrame, condition: str) -> pd.DataFrame:
    if not condition:
        return table
    kept = evaluate(condition, table, "claims()")
    return table[kept.fillna(False).astype(bool).to_numpy()]


@cache
def _published() -> dict[str, tuple[float, bool]]:
    """Every published estimate by its id, and whether it is a ratio."""
    paper = paper_values()
    is_ratio = paper["quantity"].str.endswith("_ratio")
    return dict(zip(paper["id"], zip(paper["estimate"], is_ratio, strict=True), strict=True))


def _quantity(row: Mapping[Any, Any], place: Where, number: int) -> Quantity:
    known = place.id or place.published
    published, is_ratio = _published().get(known, (np.nan, False))
    quantity = Quantity(
        estimate=_number(row.get(place.column)),
        p_value=_number(row.get("p_value")),
        n=_number(row.get("n")),
        published=float(published),
        id=known,
        drawn=place.drawn,
        is_ratio=is_ratio,
        row=number,
    )
    if place.column not in ("estimate", "median"):  # the interval is that of the estimate
        return quantity
    low, high = _number(row.get("conf_low")), _number(row.get("conf_high"))
    return dataclasses.replace(quantity, conf_low=low, conf_high=high)


def _number(value: object) -> float:
    """A number, or NaN where it is missing, withheld or printed as a word."""
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return np.nan
