"""State of each patient by a given time: event, no event, or unknown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas
from faceage_stats._expression.deparse import in_formula
from faceage_stats._surv import Surv, parse_surv
from faceage_stats.prediction.horizon.data import check_times

__all__ = ["state_by"]


@overload
def state_by(data: Any, times: float, *, time: str = ..., event: str = ...) -> pd.Series: ...
@overload
def state_by(
    data: Any, times: Sequence[float] | np.ndarray, *, time: str = ..., event: str = ...
) -> pd.DataFrame: ...
@checked_call
def state_by(
    data: Any,
    times: float | Sequence[float] | np.ndarray,
    *,
    time: str = "years",
    event: str = "death",
) -> pd.Series | pd.DataFrame:
    """Label patients by whether they had the event by a given time; missing if censored before.

    Parameters
    ----------
    data : pandas.DataFrame or polars.DataFrame
        One row per patient.
    times : float or sequence of float
        Positive, in the unit of `time`.
    time, event : str
        Columns of follow-up and event (0/1).

    Returns
    -------
    pandas.Series, or pandas.DataFrame for a sequence of times
        Float, indexed like `data`, named ``<event>_by_<time>``: 1 for an event at or before the
        time, 0 for follow-up beyond it (or censoring exactly at it), NaN for censoring before it
        and for missing follow-up.

    Raises
    ------
    InputError
        `times` is not positive and increasing, or follow-up cannot be used.

    See Also
    --------
    time_roc : Weights for those whose state is missing.

    Notes
    -----
    Excluding patients whose state is missing is harmless only if few are censored early; `time_roc`
    weights for them instead.

    In R: ``ifelse(time > 0.5, 0, ifelse(status == 1, 1, NA))``

    Examples
    --------
    >>> df = pd.DataFrame({"years": [0.2, 0.2, 0.9], "death": [1, 0, 1]})
    >>> state_by(df, 0.5).tolist()
    [1.0, nan, 0.0]
    """
    data = as_pandas(data)
    horizons = check_times(times)
    surv = parse_surv(f"Surv({in_formula(time, data)}, {in_formula(event, data)})", data)
    states = {
        f"{event}_by_{t:g}": pd.Series(_state(surv, t), index=data.index, name=f"{event}_by_{t:g}")
        for t in horizons
    }
    if np.ndim(times) == 0:
        return next(iter(states.values()))
    return pd.DataFrame(states)


def _state(surv: Surv, t: float) -> np.ndarray:
    state = np.where(surv.time > t, 0.0, np.where(surv.event == 1, 1.0, np.nan))
    state[(surv.time == t) & (surv.event == 0)] = 0.0
    state[surv.is_missing] = np.nan
    return state
