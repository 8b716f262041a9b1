"""Follow-up, predictions and horizons of the time-dependent measures of accuracy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._arguments import check_fit
from faceage_stats._columns import as_pandas, numeric_column
from faceage_stats._formula.frame import survival_frame
from faceage_stats._formula.markers import marker_columns
from faceage_stats._formula.parse import split_formula
from faceage_stats._scalar import check_numbers
from faceage_stats._surv import Surv
from faceage_stats.errors import DesignError, FormulaError, InputError
from faceage_stats.prediction.horizon.ipcw import CensoringCox, CensoringKM, Weighting

__all__ = [
    "Cause",
    "Risks",
    "TimeRows",
    "Times",
    "check_times",
    "event_by",
    "one_time",
    "require_follow_up",
    "time_rows",
]

Times = float | Sequence[float] | np.ndarray  # horizons, in the unit of the time column
# label -> column(s), or values
Risks = Mapping[str, str | Sequence[str] | np.ndarray | pd.DataFrame]
Cause = str | float | None  # the event of interest among several; an int is a float


@dataclass(frozen=True)
class TimeRows:
    """Rows used: follow-up, what ended it, and predictions.

    Attributes
    ----------
    time : ndarray
    status : ndarray
        0 censored, 1 the event of interest, 2 a competing event.
    predictions : dict of str to ndarray, shape (n, k)
        One column per horizon, or one for all of them.
    rows : ndarray of int
        Positions of the rows used in the data given.
    index : pandas.Index
        Their labels.
    n_missing : int
    covariates : pandas.DataFrame
        The rows used, for a model of the censoring time.
    right : str
        Right side of the formula.
    """

    time: np.ndarray
    status: np.ndarray
    predictions: dict[str, np.ndarray]
    rows: np.ndarray
    index: pd.Index
    n_missing: int
    covariates: pd.DataFrame
    right: str

    def at(self, i: int) -> list[np.ndarray]:
        """The column of each prediction that belongs to horizon i."""
        return [values[:, min(i, values.shape[1] - 1)] for values in self.predictions.values()]

    def censoring(self, weighting: Weighting) -> CensoringKM | CensoringCox:
        """The model of the censoring time."""
        if weighting.model == "marginal" or not (self.status == 0).any():
            return CensoringKM(self.time, self.status)
        right = self.right if weighting.model == "cox" else weighting.model.partition("~")[2]
        if right.strip() == "1":
            raise InputError(
                "weighting='cox' needs covariates: name them, e.g. Weighting('~ age + site')."
            )
        return CensoringCox(self.time, self.status, self.covariates, right)


def time_rows(
    formula: str,
    data: Any,
    times: np.ndarray,
    *,
    caller: str,
    risks: Risks | None = None,
    cause: Cause = None,
) -> TimeRows:
    """Evaluate the formula and the columns in `risks`, rows complete in all of them.

    Without `risks` every column of the formula is a prediction for all horizons.
    """
    data = as_pandas(data)
    if risks is None:
        data = marker_columns(formula, data, caller)
    left, right = split_formula(formula)
    columns, data = _risk_columns(risks, data, len(times))
    used = dict.fromkeys(name for names in columns.values() for name in names)
    everything = " + ".join([right, *(f"`{name}`" for name in used)])
    frame = survival_frame(f"{left} ~ {everything}", data, states=cause is not None, caller=caller)
    if frame.surv.entry is not None:
        raise FormulaError(f"{caller}: `{formula}` has delayed entry, which is not supported here.")
    if frame.n < 2:
        raise DesignError(f"{caller}: `{formula}`: one complete row is no sample. Give more.")
    if risks is None:
        predictions = {name: frame.x[:, [j]] for j, name in enumerate(frame.design.markers())}
    else:
        predictions = {
            label: np.column_stack([frame.x[:, frame.design.names.index(name)] for name in given])
            for label, given in columns.items()
        }
    return TimeRows(
        frame.surv.time, _status(frame.surv, cause), predictions, frame.rows, frame.index,
        frame.n_missing, data.iloc[frame.rows].reset_index(drop=True), right,
    )  # fmt: skip


def _risk_columns(
    risks: Risks | None, data: pd.DataFrame, n_times: int
) -> tuple[dict[str, list[str]], pd.DataFrame]:
    """Column names of every prediction; arrays become columns too."""
    columns: dict[str, list[str]] = {}
    check_fit(risks or {}, Mapping, "risks takes predictions by label, e.g. {'model 1': 'risk1'}")
    for position, (label, given) in enumerate((risks or {}).items()):
        if isinstance(given, pd.DataFrame):
            given = given.to_numpy(float)
        if isinstance(given, str):
            numeric_column(data, given, f"risks[{label!r}]")
            columns[label] = [given]
        elif isinstance(given, np.ndarray):
            if given.ndim != 2 or len(given) != len(data):
                raise InputError(
                    f"risks[{label!r}] has shape {given.shape}; it needs one row per row of the "
                    f"data ({len(data)}) and one column per time ({n_times})."
                )
            columns[label] = [f"_risk_{position}_{j}" for j in range(given.shape[1])]
            data = data.assign(**dict(zip(columns[label], given.T, strict=True)))
        elif isinstance(given, Sequence):
            columns[label] = list(given)
        else:
            raise InputError(
                f"risks[{label!r}] is a {type(given).__name__}; name a column of data, or give the "
                "predicted risks as an array, one row per row of the data."
            )
        if len(columns[label]) not in (1, n_times):
            raise InputError(
                f"risks[{label!r}] names {len(columns[label])} columns; give one, or one per time "
                f"({n_times})."
            )
    return columns, data


def _status(surv: Surv, cause: Cause) -> np.ndarray:
    """0 censored, 1 the cause of interest, 2 any other."""
    if cause is None:
        return surv.event.astype(np.int64)
    text = f"{cause:g}" if isinstance(cause, int | float) else str(cause)
    if text not in surv.states:
        raise InputError(
            f"cause is {cause!r}, but `{surv.event_name}` has the causes "
            f"{', '.join(surv.states) or 'none'}."
        )
    code = surv.states.index(text) + 1
    return np.where(surv.event == 0, 0, np.where(surv.event == code, 1, 2))


def check_times(times: Times) -> np.ndarray:
    """Horizons: finite, positive, increasing.

    Examples
    --------
    >>> check_times(0.5)
    array([0.5])
    """
    must = "be positive numbers in the unit of the time column"
    horizons = check_numbers("times", times, must)
    if not len(horizons) or (horizons <= 0).any():
        raise InputError(f"times must {must}.")
    if (np.diff(horizons) <= 0).any():
        raise InputError("times must increase, without repeats.")
    return horizons


def one_time(times: Times | None) -> np.ndarray:
    """The one horizon that the predicted risks of a formula belong to.

    Examples
    --------
    >>> one_time([0.5, 1])
    Traceback (most recent call last):
    faceage_stats.errors.InputError: times has 2 horizons; a predicted risk belongs to one. Call \
once for each.
    """
    if times is None:
        raise InputError("times is missing: name the horizon that the predicted risk belongs to.")
    horizons = check_times(times)
    if len(horizons) > 1:
        raise InputError(
            f"times has {len(horizons)} horizons; a predicted risk belongs to one. Call once for "
            "each."
        )
    return horizons


def event_by(rows: TimeRows, t: float) -> int:
    """Number of events of interest by t."""
    return int(((rows.status == 1) & (rows.time <= t)).sum())


def require_follow_up(rows: TimeRows, times: Sequence[float] | np.ndarray) -> None:
    """Refuse a horizon beyond the last follow-up."""
    last = float(rows.time.max())
    beyond = [t for t in times if t >= last]
    if beyond:
        raise DesignError(
            f"no patient is at risk after t = {beyond[0]:g}: the last follow-up ends before. "
            "Choose an earlier time."
        )
