"""Patients beside a life table: their age, sex and calendar date when follow-up begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from faceage_stats._columns import as_pandas, column, numeric_column
from faceage_stats._formula.groups import GroupFrame
from faceage_stats._formula.survival_groups import survival_groups
from faceage_stats._levels import level_text
from faceage_stats._near import check_option
from faceage_stats._units import DAYS_PER_YEAR
from faceage_stats.errors import DesignError, FormulaError, InputError
from faceage_stats.survival.life_tables.rates import RateTable

__all__ = ["FollowUp", "People", "TimeUnit", "read_follow_up"]

TimeUnit = Literal["days", "years"]


@dataclass(frozen=True)
class People:
    """Where each patient enters a life table.

    Attributes
    ----------
    age : ndarray, in years
    sex : ndarray of int, place in the table's sexes
    start : ndarray, in days from 1970-01-01; 0 where the table has no calendar year
    """

    age: np.ndarray
    sex: np.ndarray
    start: np.ndarray

    def take(self, rows: np.ndarray) -> People:
        """Keep the rows at these positions."""
        return People(self.age[rows], self.sex[rows], self.start[rows])


@dataclass(frozen=True)
class FollowUp:
    """Follow-up in days of the rows used, their groups, and where they enter the life table."""

    days: np.ndarray
    event: np.ndarray
    groups: GroupFrame
    people: People
    rows: np.ndarray
    index: pd.Index
    n_missing: int

    @property
    def n(self) -> int:
        """Rows used."""
        return len(self.days)


def days_in(unit: TimeUnit) -> float:
    """Days in a unit of time; a year has 365.25."""
    check_option("time_unit", unit, TimeUnit)
    return DAYS_PER_YEAR if unit == "years" else 1.0


def read_follow_up(
    formula: str,
    data: Any,
    table: RateTable | None,
    *,
    age: str,
    sex: str | None,
    start: str | None,
    time_unit: TimeUnit,
    caller: str,
) -> FollowUp:
    """Read ``Surv(time, event) ~ groups`` and the columns that the life table asks for."""
    unit, data = days_in(time_unit), as_pandas(data)
    people = _people(data, table, age, sex, start, caller)
    known = ~(np.isnan(people.age) | (people.sex < 0) | np.isnan(people.start))
    place = np.flatnonzero(known)
    if not len(place):
        raise DesignError(f"{caller}: no row has all columns that the life table needs.")
    frame, groups = survival_groups(formula, data.iloc[place], caller=caller)
    if frame.surv.entry is not None:
        raise FormulaError(f"{caller}: delayed entry is not read here. Write Surv(time, event).")
    rows = place[frame.rows]
    return FollowUp(
        frame.surv.time * unit,
        frame.surv.event,
        groups,
        people.take(rows),
        rows,
        data.index[rows],
        len(data) - len(rows),
    )


def _people(
    data: pd.DataFrame,
    table: RateTable | None,
    age: str,
    sex: str | None,
    start: str | None,
    caller: str,
) -> People:
    years = numeric_column(data, age, caller)
    if (years < 0).any():
        raise InputError(f"{caller}: age '{age}' is negative in {int((years < 0).sum())} rows.")
    at_sex, day = np.zeros(len(data), np.int64), np.zeros(len(data))
    if table is not None:
        _refuse_unfit("sex", sex, table.by_sex, caller)
        _refuse_unfit("start", start, table.by_year, caller)
    if sex is not None and table is not None:
        at_sex = _places(column(data, sex, caller), sex, table.sexes, caller)
    if start is not None:
        day = _days(column(data, start, caller), start, caller)
    return People(years, at_sex, day)


def _refuse_unfit(argument: str, name: str | None, needed: bool, caller: str) -> None:
    what = {"sex": "sex", "start": "calendar year"}[argument]
    if needed and name is None:
        raise InputError(
            f"{caller}: the rates differ by {what}; name the column of data with {argument}=."
        )
    if name is not None and not needed:
        raise InputError(f"{caller}: the rates have no {what}; leave {argument}= out.")


def _places(values: pd.Series, name: str, sexes: tuple[str, ...], caller: str) -> np.ndarray:
    texts = values.map(level_text, na_action="ignore")
    places = texts.map({each: i for i, each in enumerate(sexes)})
    n_unknown = int((places.isna() & texts.notna()).sum())
    if n_unknown:
        raise InputError(
            f"{caller}: '{name}' has {n_unknown} rows that the rates do not have; they have "
            f"{', '.join(sexes)}. Recode one of them."
        )
    return places.astype(float).fillna(-1).to_numpy(np.int64)


def _days(values: pd.Series, name: str, caller: str) -> np.ndarray:
    """Days from 1970-01-01 of dates, or of text that is a date; NaN where it is missing."""
    if pd.api.types.is_numeric_dtype(values):
        raise InputError(f"{caller}: start '{name}' holds numbers; it must hold dates.")
    try:
        dates = pd.to_datetime(values.astype(object).where(values.notna()), format="ISO8601")
    except (TypeError, ValueError):
        raise InputError(
            f"{caller}: start '{name}' holds what is no date. Write dates as 2015-03-31."
        ) from None
    days = (dates.dt.tz_localize(None) - pd.Timestamp("1970-01-01")) / pd.Timedelta(1, "D")
    return np.floor(days.to_numpy(dtype=float, na_value=np.nan))
