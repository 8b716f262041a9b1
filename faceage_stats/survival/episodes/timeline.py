"""The intervals of tmerge while columns are added to them."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd

from faceage_stats._columns import columns_of
from faceage_stats._warn import warn
from faceage_stats.errors import EstimationWarning, InputError
from faceage_stats.survival.episodes.additions import Addition
from faceage_stats.survival.episodes.places import PLACES, Intervals
from faceage_stats.survival.episodes.surv_split import censored_value

__all__ = ["Timeline"]


class Timeline:
    """Rows of intervals, which of their columns are events, and what was counted.

    The record goes along in ``attrs``: a later call must know which columns are events, because
    the parts of an interval that is cut do not inherit them.
    """

    def __init__(self, rows: pd.DataFrame, record: dict[str, Any]):
        self.rows, self.record = rows, record
        ids = columns_of(rows, [record["id"]], "tmerge()")[record["id"]]
        self.codes, self.subjects = pd.factorize(ids)

    @classmethod
    def begin(
        cls,
        data: pd.DataFrame,
        base: pd.Series,
        name: str,
        who: pd.Series,
        start: np.ndarray,
        stop: np.ndarray,
    ) -> Self:
        """Give each subject its follow-up, one interval per row of the second table."""
        place = pd.Index(base).get_indexer(pd.Index(who))
        order = np.lexsort((stop, place))
        rows = data.iloc[place[order]].reset_index(drop=True)
        rows["tstart"], rows["tstop"] = start[order], stop[order]
        again = place[order][1:] == place[order][:-1]
        n_overlap = int((again & (stop[order][:-1] > start[order][1:])).sum())
        if n_overlap:
            raise InputError(
                f"tmerge(): {n_overlap} intervals of follow-up overlap the one before."
            )
        return cls(rows, {"id": name, "events": {}, "covariates": [], "counts": {}})

    @classmethod
    def again(cls, data: pd.DataFrame) -> Self:
        """Take up what an earlier call returned."""
        record = data.attrs["tmerge"]
        return cls(
            data.reset_index(drop=True),
            {key: value if key == "id" else value.copy() for key, value in record.items()},
        )

    def table(self) -> pd.DataFrame:
        """Return the rows, with their record."""
        self.rows.attrs["tmerge"] = self.record
        return self.rows

    @property
    def intervals(self) -> Intervals:
        """The intervals as arrays."""
        start, stop = (self.rows[name].to_numpy(float) for name in ("tstart", "tstop"))
        return Intervals(self.codes, start, stop)

    def add(self, new: Addition, who: pd.Series, delay: float, tdcstart: Any) -> None:
        """Add a column; `who` names the subject of each row of the second table."""
        subject = self.subjects.get_indexer(pd.Index(who))
        n_unknown = int((subject < 0).sum())
        known = subject[new.rows] >= 0
        new, subject = new.keep(known), subject[new.rows[known]]
        time = new.time if new.is_event else self._delayed(subject, new.time, delay)
        order = np.lexsort((time, subject))
        subject, time = subject[order], time[order]
        value = new.value.iloc[order].reset_index(drop=True)
        place, _ = self.intervals.find(subject, time)
        self._count(new.name, subject, time, place, n_unknown)
        inside = place == PLACES.index("within")
        if inside.any():
            self._cut(subject[inside], time[inside])
        if new.kind == "cumevent":  # a step of 0 is no event
            steps = np.flatnonzero(value)
            subject, time, value = subject[steps], time[steps], value.iloc[steps]
        if new.kind in ("cumtdc", "cumevent"):
            value = value.groupby(subject).cumsum(skipna=False).reset_index(drop=True)
        if new.is_event:
            self.rows[new.name] = self._events(new, subject, time, value)
        else:
            self.rows[new.name] = self._covariate(new, subject, time, value, tdcstart)

    def _delayed(self, subject: np.ndarray, time: np.ndarray, delay: float) -> np.ndarray:
        """Move what comes after the subject's first start."""
        if not delay > 0:
            return time
        first = pd.Series(self.intervals.start).groupby(self.codes).min().to_numpy()
        return np.where(time <= first[subject], time, time + delay)

    def _count(
        self, name: str, subject: np.ndarray, time: np.ndarray, place: np.ndarray, n_unknown: int
    ) -> None:
        counts = dict(zip(PLACES, np.bincount(place, minlength=len(PLACES)).tolist(), strict=True))
        counts["tied"] = int(pd.DataFrame({"s": subject, "t": time}).duplicated().sum())
        counts["missid"] = n_unknown
        self.record["counts"][name] = counts

    def _cut(self, subject: np.ndarray, time: np.ndarray) -> None:
        """Cut intervals at times inside of them; their events stay with the last part."""
        old = self.intervals
        _, row = old.find(subject, time)
        cuts = pd.DataFrame({"row": row, "time": time}).drop_duplicates()
        source = np.concatenate([np.arange(len(self.rows)), cuts["row"].to_numpy()])
        stop = np.concatenate([old.stop, cuts["time"].to_numpy()])
        order = np.lexsort((stop, source))
        source, stop = source[order], stop[order]
        follows = np.concatenate([[False], source[1:] == source[:-1]])
        rows = self.rows.iloc[source].reset_index(drop=True)
        rows["tstart"] = np.where(follows, np.roll(stop, 1), old.start[source])
        rows["tstop"] = stop
        goes_on = np.append(follows[1:], False)
        for name, censored in self.record["events"].items():
            rows[name] = rows[name].mask(goes_on, censored)
        self.rows, self.codes = rows, self.codes[source]

    def _events(
        self, new: Addition, subject: np.ndarray, time: np.ndarray, value: pd.Series
    ) -> pd.Series:
        """Mark the intervals that end at a time of the event."""
        place, row = self.intervals.find(subject, time)
        hit = np.isin(place, [PLACES.index("boundary"), PLACES.index("trailing")])
        column = self.rows[new.name] if new.name in self.record["events"] else None
        if column is None:
            self.record["events"][new.name] = censored_value(value)
            column = _filled(value, censored_value(value), len(self.rows))
        found = np.full(len(self.rows), -1)
        found[row[hit]] = np.flatnonzero(hit)  # of several at one time the last
        return _replaced(column, value, found)

    def _covariate(
        self, new: Addition, subject: np.ndarray, time: np.ndarray, value: pd.Series, tdcstart: Any
    ) -> pd.Series:
        """Carry the last value before the end of each interval into it."""
        name = new.name
        if name in self.record["events"]:
            raise InputError(f"tmerge(): '{name}' is an event already; choose another name.")
        found = self.intervals.last_before_stop(subject, time)
        if name in self.record["covariates"]:
            column = self.rows[name]
            if new.kind == "cumtdc":
                added = _replaced(_filled(value, 0, len(column)), value, found)
                return column.add(added, fill_value=0)
            return _replaced(column, value, found)
        if name in self.rows:
            warn(f"tmerge(): {new.kind} replaces the column '{name}'.", EstimationWarning)
        self.record["covariates"].append(name)
        init = new.init if new.init is not None else tdcstart
        if new.is_indicator:
            init = 0
        elif new.kind == "cumtdc" and init is not None:
            value = value + init
        return _replaced(_filled(value, init, len(self.rows)), value, found)


def _filled(like: pd.Series, value: Any, n: int) -> pd.Series:
    """Make a column of one value, of the kind of another column; None is missing."""
    kind = like.dtype
    if isinstance(kind, pd.CategoricalDtype) and value is not None and value not in kind.categories:
        kind = pd.CategoricalDtype([*kind.categories, value], kind.ordered)
    if value is None and isinstance(kind, np.dtype) and kind.kind == "i":
        kind = np.dtype(float)
    return pd.Series([value] * n, dtype=kind)


def _replaced(column: pd.Series, values: pd.Series, found: np.ndarray) -> pd.Series:
    """Put the value at each place found into the column; -1 leaves what is there."""
    rows = np.flatnonzero(found >= 0)
    taken = values.iloc[found[rows]]
    if isinstance(column.dtype, pd.CategoricalDtype):
        taken = taken.cat.set_categories(column.cat.categories)
    elif column.dtype == np.int64 and values.dtype == float:
        column = column.astype(float)
    out = column.copy()
    out.iloc[rows] = taken.to_numpy()
    return out
