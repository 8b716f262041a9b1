"""The outcome of a parametric model: a time that is known, or known to lie between two limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from faceage_stats._binary import binary
from faceage_stats._columns import numeric
from faceage_stats._expression.deparse import deparse
from faceage_stats._expression.evaluate import one_column
from faceage_stats._expression.nodes import Call, Text
from faceage_stats._expression.parse import parse
from faceage_stats._near import check_option
from faceage_stats._surv import surv_arguments, surv_text
from faceage_stats.errors import FormulaError, InputError

__all__ = ["Censored", "read_censored"]

_TYPES = ("right", "left", "interval2")


@dataclass(frozen=True)
class Censored:
    """Each row's outcome lies in [lower, upper]: -inf or inf where a side is open.

    Equal limits are an event at that time; both are NaN where the outcome is missing.
    """

    lower: np.ndarray
    upper: np.ndarray

    @property
    def is_missing(self) -> np.ndarray:
        """True for rows without an outcome."""
        return np.asarray(np.isnan(self.lower))

    @property
    def is_event(self) -> np.ndarray:
        """True where the time itself is known."""
        return np.asarray(self.lower == self.upper)

    def take(self, rows: np.ndarray) -> Censored:
        """Keep the rows at these positions."""
        return Censored(self.lower[rows], self.upper[rows])

    def logarithm(self) -> Censored:
        """Put times on the log scale; an interval may start at 0."""
        starts_at_zero = np.isfinite(self.lower) & (self.lower <= 0)
        n_impossible = int(((self.upper <= 0) | (starts_at_zero & np.isinf(self.upper))).sum())
        if n_impossible:
            raise InputError(
                f"{n_impossible} rows have a time of 0 or below, which has no logarithm. Correct "
                "them, count from an earlier day, or choose a distribution of the time itself "
                "(gaussian, logistic, extreme, t)."
            )
        with np.errstate(divide="ignore"):
            return Censored(np.log(np.maximum(self.lower, 0.0)), np.log(self.upper))

    def middle(self) -> np.ndarray:
        """Find one finite value for each row, from which an iteration may start."""
        lower = np.where(np.isfinite(self.lower), self.lower, self.upper)
        upper = np.where(np.isfinite(self.upper), self.upper, lower)
        return np.asarray((lower + upper) / 2)


def read_censored(left: str, data: pd.DataFrame) -> Censored:
    """Evaluate ``Surv(time, event)``, with ``type = "left"`` or ``type = "interval2"`` as in R.

    Parameters
    ----------
    left : str
        Without a type times are right censored. Of ``interval2`` the two columns are the limits:
        equal for an event, the lower missing for left and the upper missing for right censoring.
    data : pandas.DataFrame

    Examples
    --------
    >>> data = pd.DataFrame({"low": [2.0, None, 5], "high": [2, 3, None]})
    >>> found = read_censored("Surv(low, high, type = 'interval2')", data)
    >>> found.lower.tolist(), found.upper.tolist()
    ([2.0, -inf, 5.0], [2.0, 3.0, inf])
    """
    kind, plain = _without_type(left)
    nodes = surv_arguments(plain)
    columns = [one_column(node, data, "Surv()") for node in nodes]
    names = [surv_text(node) for node in nodes]
    if len(nodes) != 2:
        raise FormulaError(
            "a parametric model takes no delayed entry: write Surv(time, event), or use coxph() "
            "for Surv(start, stop, event)."
        )
    first = numeric(columns[0], names[0], "time")
    if kind == "interval2":
        return _between(first, numeric(columns[1], names[1], "time"))
    event = binary(columns[1], names[1])
    time = np.where(np.isnan(event), np.nan, first)
    open_side = np.full(len(time), -np.inf if kind == "left" else np.inf)
    other = np.where(np.isnan(time) | (event == 1), time, open_side)
    return Censored(other, time) if kind == "left" else Censored(time, other)


def _without_type(left: str) -> tuple[str, str]:
    """Take ``type = "..."`` out of Surv(...); without it times are right censored."""
    call = parse(left, "The left side")
    if not isinstance(call, Call):
        return "right", left
    given = dict(call.keywords)
    kind = given.pop("type", Text("right"))
    if not isinstance(kind, Text):
        raise FormulaError('Surv(): type is a text, e.g. type = "interval2".')
    check_option("type", kind.value, _TYPES)
    return kind.value, deparse(Call(call.function, call.arguments, tuple(given.items())))


def _between(lower: np.ndarray, upper: np.ndarray) -> Censored:
    n_turned = int((lower > upper).sum())
    if n_turned:
        raise InputError(
            f"{n_turned} intervals end before they start. Surv(lower, upper, type = 'interval2') "
            "names the lower limit first; correct those rows."
        )
    unknown = np.isnan(lower) & np.isnan(upper)
    low = np.where(np.isnan(lower), -np.inf, lower)
    high = np.where(np.isnan(upper), np.inf, upper)
    return Censored(np.where(unknown, np.nan, low), np.where(unknown, np.nan, high))
