"""Who is known to have died by a given time, and who to be alive."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._columns import as_pandas
from faceage_stats._surv import parse_surv
from faceage_stats.errors import InputError

__all__ = ["state_by"]


def state_by(data: Any, at: float, *, time: str = "years", event: str = "death") -> pd.Series:
    """Tell who had the event by a given time: 1 yes, 0 no, missing if censored before.

    Parameters
    ----------
    data : pandas.DataFrame or polars.DataFrame
    at : float
        The time, in the unit of `time`.
    time, event : str
        Columns of follow-up and event (0/1).

    Returns
    -------
    pandas.Series
        Float, aligned to `data`: 1 for an event at or before `at`, 0 for follow-up beyond it (or
        censoring exactly at it), NaN for censoring before it and for missing follow-up.

    Raises
    ------
    InputError
        `at` is not positive, or follow-up cannot be used.

    Notes
    -----
    Leaving out those whose state is missing is harmless only if few are censored early; `time_roc`
    weights for them instead.

    Examples
    --------
    >>> df = pd.DataFrame({"years": [0.2, 0.2, 0.9], "death": [1, 0, 1]})
    >>> state_by(df, 0.5).tolist()
    [1.0, nan, 0.0]
    """
    if not at > 0:
        raise InputError(f"at is {at}; it is a positive time.")
    data = as_pandas(data)
    surv = parse_surv(f"Surv({time}, {event})", data)
    state = np.where(surv.time > at, 0.0, np.where(surv.event == 1, 1.0, np.nan))
    state[(surv.time == at) & (surv.event == 0)] = 0.0
    state[np.isnan(surv.time) | np.isnan(surv.event)] = np.nan
    return pd.Series(state, index=data.index, name=f"{event}_by_{at:g}")
