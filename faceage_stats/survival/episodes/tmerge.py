"""Merge what is measured during follow-up into intervals at risk, as R's tmerge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._arguments import check_text
from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, columns_of, numeric
from faceage_stats._expression.evaluate import evaluate
from faceage_stats._near import did_you_mean
from faceage_stats._scalar import check_number
from faceage_stats.errors import InputError
from faceage_stats.survival.episodes.additions import Addition, read_addition
from faceage_stats.survival.episodes.timeline import Timeline

__all__ = ["tmerge"]

_OPTIONS = {"delay": 0.0, "tdcstart": None, "na_rm": True}


@checked_call
def tmerge(
    data1: Any,
    data2: Any,
    *,
    id: str,  # noqa: A002 - R's name
    tstart: str | float | None = None,
    tstop: str | None = None,
    options: Mapping[str, Any] | None = None,
    **additions: str,
) -> pd.DataFrame:
    """Merge measurements and events into (tstart, tstop] intervals, as R's ``survival::tmerge``.

    The first call sets the follow-up of each subject; later calls take its result as `data1` and
    add to it. An interval is cut where a value changes.

    Parameters
    ----------
    data1 : pandas.DataFrame or polars.DataFrame
        In the first call one row per subject; afterwards what tmerge returned.
    data2 : pandas.DataFrame or polars.DataFrame
        Where `id`, the times and the values are found; several rows per subject are allowed.
    id : str
        Column that identifies the subject.
    tstart, tstop : str, optional
        Only in the first call: columns of `data2` with the start (0 by default; a number serves
        too) and the end of follow-up. Without `tstop`, the time of the first event() is the end.
    options : dict, optional
        ``delay``: a tdc or cumtdc after the start counts that much later. ``tdcstart``: the value
        before the first measurement (missing by default). ``na_rm``: a missing value does not
        replace an earlier one (True).
    **additions : str
        New columns: ``name="tdc(time, value, init)"``, the value measured last (without a value, 1
        from the time on); ``"cumtdc(time, value)"``, the sum so far; ``"event(time, value)"``,
        what happens at the end of the interval (1 without a value); ``"cumevent(time)"``,
        numbered events.

    Returns
    -------
    pandas.DataFrame
        One row per interval, by subject and time: the columns of `data1`, tstart, tstop, and those
        added. ``attrs["tmerge"]["counts"]`` counts, for each addition, how many times fell before,
        after, inside and between the intervals: R's ``attr(x, "tcount")``.

    Raises
    ------
    FormulaError
        An addition cannot be read, or names an unknown column.
    InputError
        A subject of `data1` stands twice, or is missing from `data2`, in the first call; follow-up
        that is empty or overlaps; a `data1` that lost its record of events.

    Warns
    -----
    EstimationWarning
        A tdc replaces a column of `data1`.

    See Also
    --------
    surv_split : Split follow-up at chosen times.
    coxph : Cox's model, which takes ``Surv(tstart, tstop, event)``.

    Notes
    -----
    Intervals are (start, stop]: a value measured at a time holds after it, a measurement at or
    after the end of follow-up changes nothing, one at or before the start holds from the start. Of
    several at one time the last row counts.

    In R: ``survival::tmerge(m, photos, id = id, faceage = tdc(day, faceage))``

    References
    ----------
    Therneau T, Crowson C, Atkinson E. Using time dependent covariates and time dependent
    coefficients in the Cox model. Vignette of the R package survival.

    Examples
    --------
    >>> base = pd.DataFrame({"id": [1, 2], "days": [100, 80], "died": [1, 0]})
    >>> photos = pd.DataFrame({"id": [1, 1, 2], "day": [0, 60, 0], "faceage": [70, 74, 61]})
    >>> rows = tmerge(base[["id"]], base, id="id", tstop="days", death="event(days, died)")
    >>> tmerge(rows, photos, id="id", faceage="tdc(day, faceage)")
       id  tstart  tstop  death  faceage
    0   1     0.0   60.0      0     70.0
    1   1    60.0  100.0      1     74.0
    2   2     0.0   80.0      0     61.0
    """
    data1, data2 = as_pandas(data1), as_pandas(data2)
    chosen = _chosen(options)
    who = columns_of(data2, [id], "tmerge(): data2")[id]
    if who.isna().any():
        raise InputError(
            f"tmerge(): id '{id}' is missing in {int(who.isna().sum())} rows of data2."
        )
    read = [
        read_addition(name, text, data2, na_rm=chosen["na_rm"]) for name, text in additions.items()
    ]
    if "tmerge" in data1.attrs:
        if tstart is not None or tstop is not None:
            raise InputError("tmerge(): tstart and tstop belong to the first call only.")
        line = Timeline.again(data1)
    else:
        line = _first(data1, data2, who, id, (tstart, tstop), read)
    for each in read:
        line.add(each, who, chosen["delay"], chosen["tdcstart"])
    return line.table()


def _chosen(options: Mapping[str, Any] | None) -> dict[str, Any]:
    given = dict(options or {})
    for name in given:
        if name not in _OPTIONS:
            near = did_you_mean(name, _OPTIONS)
            raise InputError(
                f"tmerge(): options has no {name!r}.{near} It has {', '.join(_OPTIONS)}."
            )
    return _OPTIONS | given


def _first(
    data1: pd.DataFrame,
    data2: pd.DataFrame,
    who: pd.Series,
    name: str,
    span: tuple[str | float | None, str | None],
    additions: list[Addition],
) -> Timeline:
    """Set the follow-up: one interval per row of the second table."""
    base = columns_of(data1, [name], "tmerge(): data1")[name]
    if {"tstart", "tstop"} <= set(data1.columns) and base.duplicated().any():
        raise InputError(
            "tmerge(): data1 has tstart and tstop, but not the record of its events that tmerge() "
            "keeps in attrs. Pass on what tmerge() returned, as it came."
        )
    _refuse_unmatched(base, who, name)
    begin, end = span
    if end is not None:
        check_text("tstop", end)
        stop = numeric(evaluate(end, data2, "tmerge(): tstop"), end, "tstop")
    elif additions and additions[0].kind == "event":
        stop = np.full(len(data2), np.nan)
        stop[additions[0].rows] = additions[0].time
    else:
        raise InputError("tmerge(): the first call needs tstop=, or an event() to begin with.")
    if isinstance(begin, str):
        start = numeric(evaluate(begin, data2, "tmerge(): tstart"), begin, "tstart")
    else:
        first = 0.0 if begin is None else check_number("tstart", begin, "be a column or a number")
        start = np.full(len(data2), first)
    unusable = int((~(start < stop)).sum())
    if unusable:
        last, from_ = (
            end or additions[0].name,
            f"'{begin}'" if isinstance(begin, str) else begin or 0,
        )
        raise InputError(
            f"tmerge(): follow-up, which ends with '{last}' and starts with {from_}, is missing or "
            f"empty in {unusable} rows of data2. Correct or drop them."
        )
    return Timeline.begin(data1, base, name, who, start, stop)


def _refuse_unmatched(base: pd.Series, who: pd.Series, name: str) -> None:
    n_twice = int(base.duplicated().sum())
    if n_twice:
        raise InputError(
            f"tmerge(): '{name}' stands again in {n_twice} rows of data1; in the first call it has "
            "one row per subject."
        )
    for one, other, where in ((base, who, "data2"), (who, base, "data1")):
        n_absent = int((~one.isin(other)).sum())
        if n_absent:
            raise InputError(
                f"tmerge(): {n_absent} rows have an '{name}' that is not in {where}; the first "
                "call sets the follow-up of every subject of both."
            )
