"""The outcome of a survival formula: Surv(time, event) and Surv(start, stop, event)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from faceage_stats._binary import binary, is_text
from faceage_stats._columns import numeric
from faceage_stats._expression.deparse import deparse
from faceage_stats._expression.evaluate import one_column
from faceage_stats._expression.nodes import Call, Name, Node
from faceage_stats._expression.parse import parse
from faceage_stats._kinds import by_kind, level_text
from faceage_stats._near import did_you_mean
from faceage_stats._warn import warn
from faceage_stats.errors import EstimationWarning, FormulaError, InputError

__all__ = ["Surv", "parse_surv", "surv_arguments", "surv_text"]

_ARGUMENTS = ("time", "time2", "event")  # R's names, in R's order


@dataclass(frozen=True)
class Surv:
    """Follow-up of n rows: (entry, time] and what happened at its end.

    `event` is 0/1, or 0 = censored and 1..k = state when `states` names several causes.
    """

    time: np.ndarray
    event: np.ndarray
    entry: np.ndarray | None
    time_name: str
    event_name: str
    states: tuple[str, ...] = ()

    @property
    def is_missing(self) -> np.ndarray:
        """True for rows without a time, an event or, with delayed entry, an entry."""
        missing = np.isnan(self.time) | np.isnan(self.event)
        return np.asarray(missing if self.entry is None else missing | np.isnan(self.entry))

    def take(self, rows: np.ndarray) -> Surv:
        """Keep the rows at these positions, in this order."""
        entry = None if self.entry is None else self.entry[rows]
        return Surv(
            self.time[rows], self.event[rows], entry, self.time_name, self.event_name, self.states
        )

    def complete(self, rows: np.ndarray) -> Surv:
        """Keep rows without a missing value; their events become whole numbers."""
        return replace(self.take(rows), event=self.event[rows].astype(np.int64))


def parse_surv(left: str, data: pd.DataFrame, *, states: bool = False) -> Surv:
    """Evaluate the left side of a survival formula; missing values stay NaN here.

    Parameters
    ----------
    left : str
        ``Surv(time, event)`` or ``Surv(start, stop, event)``; each may be an expression, and be
        named as in R: ``Surv(time = start, time2 = stop, event = died)``.
    data : pandas.DataFrame
    states : bool
        Read the event as competing causes: a categorical whose first level is censoring, or 0
        for censored and 1, 2, ... for the causes.

    Examples
    --------
    >>> import pandas as pd
    >>> parse_surv("Surv(t, d)", pd.DataFrame({"t": [2, 5], "d": [1, 0]})).event.tolist()
    [1.0, 0.0]
    """
    nodes = surv_arguments(left)
    *time_names, event_name = (surv_text(node) for node in nodes)
    *columns, values = (one_column(node, data, "Surv()") for node in nodes)
    pairs = zip(time_names, columns, strict=True)
    times = [numeric(column, name, "time") for name, column in pairs]
    labels: tuple[str, ...] = ()
    if states:
        event, labels = _state_codes(values, event_name)
    else:
        event = binary(values, event_name)
    for name, time in zip(time_names, times, strict=True):
        n_negative = int((time < 0).sum())
        if n_negative and len(times) == 1:
            raise InputError(
                f"time '{name}' is negative in {n_negative} rows. Correct the dates behind it, "
                "or exclude those rows with a stated reason."
            )
    entry, stop = (times[0], times[1]) if len(times) == 2 else (None, times[0])
    if entry is not None:
        stop = _without_empty_intervals(entry, stop, time_names)
    return Surv(stop, event, entry, time_names[-1], event_name, labels)


def surv_arguments(left: str) -> tuple[Node, ...]:
    """Read ``Surv(...)``: time and event, or start, stop and event, by place or by R's names.

    Examples
    --------
    >>> surv_arguments("survival::Surv(time = months, event = os.event)")
    (Name(text='months'), Name(text='os.event'))
    """
    call = parse(left, "The left side")
    if not isinstance(call, Call) or call.function != "Surv":
        raise FormulaError(_expected(left))
    given = dict(call.keywords)
    for name in given:
        if name not in _ARGUMENTS:
            near = f"{did_you_mean(name, _ARGUMENTS)} A comparison is written with ==."
            if name == "type":
                near = ' survreg() reads left and interval censoring, type = "interval2".'
            raise FormulaError(
                f"Surv() has no argument {name} here.{near} It reads right-censored times, "
                "Surv(time, event), and intervals at risk, Surv(start, stop, event)."
            )
    free = [name for name in _ARGUMENTS if name not in given]
    if len(call.arguments) > len(free):
        raise FormulaError(_expected(left))
    given |= dict(zip(free, call.arguments, strict=False))
    if "event" not in given and "time2" in given and "time2" not in dict(call.keywords):
        given["event"] = given.pop("time2")  # two by place: time and event, as in R
    if not {"time", "event"} <= set(given):
        raise FormulaError(_expected(left))
    return tuple(given[name] for name in _ARGUMENTS if name in given)


def surv_text(node: Node) -> str:
    """Name an argument of Surv(): the column, without backticks, or the expression."""
    return node.text if isinstance(node, Name) else deparse(node)


def _expected(left: str) -> str:
    return (
        f"The left side is `{left.strip()[:80]}`; it must be Surv(time, event) or "
        "Surv(start, stop, event)."
    )


def _without_empty_intervals(
    entry: np.ndarray, stop: np.ndarray, names: Sequence[str]
) -> np.ndarray:
    """R's rule: a row that ends at or before it starts becomes missing, with a warning."""
    empty, either = stop <= entry, np.isnan(stop) | np.isnan(entry)
    if not empty.any():
        return stop
    first, last = names
    if (empty | either).all():
        raise InputError(
            f"'{last}' is not after '{first}' in any of the {int((~either).sum())} rows that have "
            f"both. It is Surv(start, stop, event): correct the dates, or the order of the columns."
        )
    warn(
        f"'{last}' is not after '{first}' in {int(empty.sum())} rows; they are excluded and "
        "counted in n_missing, as in R. Correct the dates.",
        EstimationWarning,
    )
    return np.where(empty, np.nan, stop)


def _state_codes(values: pd.Series, name: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Competing events: the first level (or 0) is censoring, the others are numbered from 1."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        levels = [level_text(level) for level in values.cat.categories]
        codes = values.cat.codes.to_numpy(dtype=float)
        return np.where(codes < 0, np.nan, codes), tuple(levels[1:])
    if is_text(by_kind(values)):
        raise InputError(
            f"`{name}` is text; competing events are 0 for censored and 1, 2, ... for the causes, "
            f"or a categorical whose first level is censoring: pandas.Categorical(data['{name}'], "
            "['censored', ...])."
        )
    array = numeric(values, name, "event")
    whole = np.isnan(array) | ((array >= 0) & (array == np.floor(array)))
    if not whole.all():
        raise InputError(
            f"`{name}` must be 0 for censored and 1, 2, ... for the causes; "
            f"{int((~whole).sum())} rows are not. Recode it, or use an ordered categorical "
            "whose first level is censoring."
        )
    causes = np.unique(array[array > 0])
    codes = np.where(array > 0, np.searchsorted(causes, array) + 1.0, array)
    return codes, tuple(f"{cause:g}" for cause in causes)
