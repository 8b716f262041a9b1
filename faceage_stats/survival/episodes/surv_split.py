"""Split follow-up at chosen times, as R's survSplit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._arguments import check_text
from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, numeric, require_columns
from faceage_stats._expression.evaluate import one_column
from faceage_stats._expression.nodes import Name, Node
from faceage_stats._formula.frame import require_surv
from faceage_stats._formula.sides import read_right
from faceage_stats._scalar import check_numbers
from faceage_stats._surv import surv_arguments, surv_text
from faceage_stats.errors import InputError
from faceage_stats.survival.episodes.cut_intervals import Pieces, cut_intervals

__all__ = ["censored_value", "surv_split", "whole_numbers"]


@checked_call
def surv_split(
    formula: str,
    data: Any,
    *,
    cut: Any,
    start: str | None = None,
    id: str | None = None,  # noqa: A002 - R's name
    episode: str | None = None,
    zero: float = 0,
) -> pd.DataFrame:
    """Split each row's follow-up at given times, as R's ``survival::survSplit``.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ .`` keeps every column, ``~ age + sex`` these. With
        ``Surv(start, stop, event)`` a row is cut inside (start, stop].
    data : pandas.DataFrame or polars.DataFrame
        One row per patient, or per interval at risk.
    cut : float or array-like
        Times at which to cut, in the unit of the time column, in any order. A time equal to a cut
        stays in the earlier interval.
    start : str, optional
        Name of the column of starts; by default that of the formula, or ``"tstart"``.
    id : str, optional
        Name of a new column that numbers the rows of `data` from 1.
    episode : str, optional
        Name of a new column that numbers the intervals between the cuts from 1.
    zero : float
        Where follow-up starts when the formula names no start; below every time.

    Returns
    -------
    pandas.DataFrame
        One row per interval at risk, in the order of the data and of time, with the label of the
        row that it comes from: the columns kept, then `id`, start, time, event and `episode`. The
        event is in the last interval of its row; the
        others are censored: 0, or the first level of a categorical.

    Raises
    ------
    FormulaError, InputError
        As every formula; a name that is a column already; a time at or before its start.

    See Also
    --------
    tmerge : Merge measurements taken during follow-up.
    coxph : Cox's model, which takes ``Surv(start, stop, event)`` and ``tt()``.

    Notes
    -----
    In R: ``survival::survSplit(Surv(time, event) ~ ., data = df, cut = c(90, 180))``

    References
    ----------
    Therneau TM, Grambsch PM (2000). Modeling Survival Data: Extending the Cox Model. Springer.

    Examples
    --------
    >>> df = pd.DataFrame({"time": [5, 12], "death": [1, 1], "age": [61, 70]})
    >>> surv_split("Surv(time, death) ~ age", df, cut=10, episode="part")
       age  tstart  time  death  part
    0   61     0.0   5.0      1     1
    1   70     0.0  10.0      0     1
    1   70    10.0  12.0      1     2
    """
    data, where = as_pandas(data), f"surv_split(): `{formula}`"
    left, right = read_right(formula, data, frozenset(), where)
    require_surv(left, where)
    *times, event = surv_arguments(left)
    if start is not None:
        check_text("start", start)
    entry, stop, names = _follow_up(times, data, start, zero)
    pieces = cut_intervals(entry, stop, np.unique(check_numbers("cut", cut)))
    kept = [name for name in right.required if name not in names]
    require_columns(kept, data, where)
    asked = {"id": id, "episode": episode}
    new = {check_text(what, name): None for what, name in asked.items() if name is not None}
    _refuse_present(new, [*kept, *names, surv_text(event)])
    values = one_column(event, data, where)
    kept = [name for name in kept if name != surv_text(event)]
    table = pd.DataFrame(data[kept].iloc[pieces.row])
    if id is not None:
        table[id] = pieces.row + 1
    table[names[0]], table[names[1]] = pieces.start, pieces.stop
    table[event.text if isinstance(event, Name) else "event"] = _events(values, pieces).array
    if episode is not None:
        table[episode] = pieces.episode + 1
    return table


def _follow_up(
    times: list[Node], data: pd.DataFrame, start: str | None, zero: float
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Read the starts and ends of the intervals, and name their columns."""
    read = [numeric(one_column(t, data, "surv_split()"), surv_text(t), "time") for t in times]
    stop = read[-1]
    entry = read[0] if len(read) == 2 else np.full(len(stop), float(zero))
    n_empty = int((stop <= entry).sum())
    if n_empty:
        since = "their start" if len(read) == 2 else f"zero = {zero:g}"
        raise InputError(
            f"surv_split(): '{surv_text(times[-1])}' is not after {since} in {n_empty} rows. "
            "Correct the times, or exclude those rows with a stated reason."
        )
    named = start or (surv_text(times[0]) if len(read) == 2 else "tstart")
    return entry, stop, [named, times[-1].text if isinstance(times[-1], Name) else "tstop"]


def _refuse_present(new: dict[str, None], present: list[str]) -> None:
    for name in new:
        if name in present:
            raise InputError(f"surv_split(): '{name}' is a column already; choose another name.")


def _events(values: pd.Series, pieces: Pieces) -> pd.Series:
    """Leave the event in the last piece of each row."""
    values = whole_numbers(values)
    moved = values.iloc[pieces.row].reset_index(drop=True)
    return moved.mask(~pieces.is_last, censored_value(values))


def whole_numbers(values: pd.Series) -> pd.Series:
    """Turn true/false and whole float numbers into integers, so that 1 is not printed as 1.0."""
    if isinstance(values.dtype, pd.BooleanDtype):
        values = values.astype("Float64").astype(float)
    whole = values.dtype == float and values.notna().all() and (values == np.floor(values)).all()
    return values.astype(np.int64) if whole else values


def censored_value(values: pd.Series) -> Any:
    """Give what says "no event" in such a column: 0, the first level, or an empty text."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.categories[0]
    return 0 if pd.api.types.is_numeric_dtype(values) else ""
