"""Landmark analysis: time counted from a later origin, among those still followed then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, numeric_column
from faceage_stats._result import Result, frozen_result
from faceage_stats._scalar import check_numbers
from faceage_stats.errors import DesignError, InputError

__all__ = ["Landmark", "landmark"]


@frozen_result
class Landmark(Result):
    """Patients still followed at landmarks, made by :func:`landmark`.

    Attributes
    ----------
    rows : pandas.DataFrame
        Their rows, time counted from the landmark. Several landmarks are stacked, and a column
        ``landmark`` says which.
    table : pandas.DataFrame
        Behind ``tidy()``.
    """

    rows: pd.DataFrame
    table: pd.DataFrame

    def tidy(self) -> pd.DataFrame:
        """Return one row per landmark.

        Returns
        -------
        pandas.DataFrame
            ``time n_before n_event n_censor`` (who had the event, or was censored, before or at
            it) ``n`` (followed beyond it).
        """
        return self.table.copy()

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n_before n n_missing``; `n` of the first landmark."""
        first = self.table.iloc[0]
        row = {"n_before": int(first["n_before"]), "n": int(first["n"]), "n_missing": 0}
        return pd.DataFrame([row])


@checked_call
def landmark(
    data: Any, times: float | Sequence[float], *, time: str = "years", event: str = "death"
) -> Landmark:
    """Keep the patients still under observation at a landmark and count their time from there.

    Parameters
    ----------
    data : pandas.DataFrame or polars.DataFrame
        Follow-up known in every row.
    times : float or sequence of float
        Landmarks, in the unit of `time`.
    time, event : str
        Columns of follow-up time and 0/1 event.

    Returns
    -------
    Landmark
        ``rows``, with `time` counted from the landmark and the index of the data given; ``tidy()``:
        ``time n_before n_event n_censor n``, who left before or at it.

    Raises
    ------
    FormulaError
        Absent columns.
    InputError
        A landmark that is not positive, or follow-up that is missing or not a number.
    DesignError
        No patient is followed beyond a landmark.

    See Also
    --------
    side_by_side : the landmark fit beside the main one.

    Notes
    -----
    In R: ``dynpred::cutLM(df, outcome = list(time = "time", status = "event"), LM = 0.25, ...)``

    References
    ----------
    Anderson JR, Cain KC, Gelber RD (1983). Analysis of survival by tumor response. Journal of
    Clinical Oncology 1:710-719. doi:10.1200/JCO.1983.1.11.710

    Examples
    --------
    >>> data = pd.DataFrame({"years": [0.1, 0.5, 2.0], "death": [1, 0, 1]})
    >>> landmark(data, 0.25).rows["years"].tolist()
    [0.25, 1.75]
    """
    frame = as_pandas(data)
    origins = check_numbers("times", times)
    if not len(origins) or (origins <= 0).any():
        raise InputError(f"landmark: times is {times}; give positive times, e.g. 0.25 years.")
    years = numeric_column(frame, time, "landmark()")
    died = numeric_column(frame, event, "landmark()")
    n_missing = int((np.isnan(years) | np.isnan(died)).sum())
    if n_missing:
        raise InputError(
            f"landmark(): '{time}' or '{event}' is missing in {n_missing} rows; drop them first."
        )
    rows, table = [], []
    for origin in origins:
        later = years > origin
        if not later.any():
            raise DesignError(
                f"landmark: none of the {len(frame)} rows is followed beyond {origin:g}."
            )
        part = frame[later].assign(**{time: years[later] - origin})
        rows.append(part if np.ndim(times) == 0 else part.assign(landmark=origin))
        table.append(
            {
                "time": float(origin),
                "n_before": len(frame),
                "n_event": int(died[~later].sum()),
                "n_censor": int((died[~later] == 0).sum()),
                "n": int(later.sum()),
            }
        )
    return Landmark(pd.concat(rows), pd.DataFrame(table))
