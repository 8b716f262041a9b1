"""The way of each patient through a life table: from cell to cell as age and calendar move on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from faceage_stats._units import DAYS_PER_YEAR
from faceage_stats.survival.life_tables.people import People
from faceage_stats.survival.life_tables.rates import RateTable

__all__ = ["Hazards", "walk"]


@dataclass(frozen=True)
class Hazards:
    """Cumulative hazard of each patient, linear between the days on which the cell changes.

    Attributes
    ----------
    day : ndarray, shape (n, k)
        From the start of follow-up, rising, the first 0.
    cumhaz : ndarray, shape (n, k)
    """

    day: np.ndarray
    cumhaz: np.ndarray

    def own(self, days: np.ndarray) -> np.ndarray:
        """Cumulative hazard of each patient at a day of its own."""
        triples = zip(days, self.day, self.cumhaz, strict=True)
        return np.array([np.interp(t, day, cumhaz) for t, day, cumhaz in triples])

    def at(self, days: np.ndarray, rows: slice) -> np.ndarray:
        """Cumulative hazards at common days, of some patients; shape (rows, days)."""
        pairs = zip(self.day[rows], self.cumhaz[rows], strict=True)
        return np.array([np.interp(days, day, cumhaz) for day, cumhaz in pairs])


def walk(people: People, table: RateTable, horizon: float) -> Hazards:
    """Follow every patient through the cells of a table for `horizon` days.

    Ages beyond the ends of the table, and years, have the rate of its nearest cell.

    Examples
    --------
    >>> table = RateTable(np.array([60.0, 61]), ("",), np.array([-np.inf]),
    ...                   np.array([[[0.1]], [[0.2]]]))
    >>> people = People(np.array([60.5]), np.array([0]), np.array([0.0]))
    >>> walk(people, table, 365.25).cumhaz.round(4).tolist()
    [[0.0, 18.2625, 54.7875]]
    """
    age_day = table.ages * DAYS_PER_YEAR
    changes = [_crossings(age_day, people.age * DAYS_PER_YEAR, horizon)]
    year_day = _first_days(table.years) if table.by_year else np.array([-np.inf])
    if table.by_year:
        changes.append(_crossings(year_day, people.start, horizon))
    ends = np.zeros((len(people.age), 1))
    day = np.sort(np.hstack([ends, *changes, ends + horizon]), axis=1)
    middle = (day[:, 1:] + day[:, :-1]) / 2
    at_age = _cell(age_day, people.age[:, None] * DAYS_PER_YEAR + middle)
    at_year = _cell(year_day, people.start[:, None] + middle)
    rate = table.rate[at_age, people.sex[:, None], at_year]
    return Hazards(day, np.hstack([ends, np.cumsum(rate * np.diff(day), axis=1)]))


def _crossings(limits: np.ndarray, start: np.ndarray, horizon: float) -> np.ndarray:
    """Days until each limit ahead; the horizon where it is further. Shape (n, most crossed)."""
    first = np.searchsorted(limits, start, side="right")
    last = np.searchsorted(limits, start + horizon, side="left")
    most = int(np.maximum(last - first, 0).max(initial=0))
    place = first[:, None] + np.arange(most)
    ahead = np.append(limits, np.inf)[np.minimum(place, len(limits))] - start[:, None]
    return np.asarray(np.minimum(ahead, horizon))


def _cell(limits: np.ndarray, value: np.ndarray) -> np.ndarray:
    return np.asarray(np.maximum(np.searchsorted(limits, value, side="right") - 1, 0))


def _first_days(years: np.ndarray) -> np.ndarray:
    """1 January of each year, in days from 1970-01-01."""
    dates = pd.to_datetime([f"{int(year):04d}-01-01" for year in years])
    days = (dates - pd.Timestamp("1970-01-01")) / pd.Timedelta(1, "D")
    return np.asarray(days, float)
