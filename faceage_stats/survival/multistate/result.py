"""The result of `aalen_johansen`: probabilities of states, and what is read from them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._result import Result, frozen_result
from faceage_stats._scalar import check_number, check_numbers
from faceage_stats._wald import limits
from faceage_stats.errors import InputError
from faceage_stats.survival.multistate.kernel import Occupation, mean_times
from faceage_stats.survival.multistate.moves import Moves

__all__ = ["MultiState"]


@frozen_result
class MultiState(Result):
    """Probabilities of states over time, made by `aalen_johansen`.

    Attributes
    ----------
    curves : dict
        Group -> Occupation.
    rows : dict
        Group -> Moves, the rows of the group.
    moves : Moves
        All rows used.
    states : tuple of str
        In order: those that are only begun in, then those that are entered.
    conf_level, n_missing, formula
        As given; rows dropped.
    """

    curves: dict[str, Occupation]
    rows: dict[str, Moves]
    moves: Moves
    states: tuple[str, ...]
    conf_level: float
    n_missing: int
    formula: str

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return one row per group, time with a transition, and state.

        Parameters
        ----------
        conf_level : float, optional
            As in the call by default.

        Returns
        -------
        pandas.DataFrame
            ``strata time state n_risk n_event estimate std_error conf_low conf_high``; `n_event`
            counts who enters the state (rows, also in a weighted fit). An estimate of 0 has no
            limits.
        """
        tables = []
        for label, curve in self.curves.items():
            values = {"n_risk": curve.n_risk, "n_event": curve.n_event}
            values |= {"estimate": curve.estimate, "std_error": curve.std_error}
            tables.append(self._table(label, curve.time, values, conf_level))
        return pd.concat(tables, ignore_index=True)

    def at(self, times: Any, *, conf_level: float | None = None) -> pd.DataFrame:
        """Read the probabilities at given times, as ``summary(fit, times, extend = TRUE)``.

        Parameters
        ----------
        times : float or array_like
            In the unit of the time column; sorted before use.
        conf_level : float, optional
            As in the call by default.

        Returns
        -------
        pandas.DataFrame
            The columns of ``tidy()``; `n_risk` is the number in the state just before the next
            time at which a row of the group ends, as R counts it (without late entries, just
            before the time); `n_event` counts who entered it since the previous of the `times`.
        """
        at, tables = np.sort(check_numbers("times", times)), []
        for label, curve in self.curves.items():
            place = np.searchsorted(curve.time, at, side="right")
            estimate = np.vstack([curve.start, curve.estimate])[place]
            error = np.vstack([curve.start_error, curve.std_error])[place]
            nobody = np.zeros((1, len(self.states)), np.int64)
            entered = np.vstack([nobody, np.cumsum(curve.n_event, axis=0)])
            since = np.diff(entered[np.concatenate([[0], place])], axis=0)
            rows = self.rows[label]
            ends = np.append(np.unique(rows.time), np.inf)
            n_risk = rows.n_risk(ends[np.searchsorted(ends, at)], len(self.states))
            values = {"n_risk": n_risk, "n_event": since}
            values |= {"estimate": estimate, "std_error": error}
            tables.append(self._table(label, at, values, conf_level))
        return pd.concat(tables, ignore_index=True)

    def rmst(self, tau: float, *, conf_level: float | None = None) -> pd.DataFrame:
        """Estimate the mean time that is spent in each state up to `tau`.

        Parameters
        ----------
        tau : float
            In the unit of the time column, within the follow-up of every group.
        conf_level : float, optional
            As in the call by default; the limits are normal.

        Returns
        -------
        pandas.DataFrame
            ``strata time state estimate std_error conf_low conf_high``; `time` is `tau`, and the
            estimates of a group add up to it. Of patients who enter late time counts from 0.

        Raises
        ------
        InputError
            A `tau` that is not above 0, or beyond the follow-up of a group.

        Notes
        -----
        In R: ``summary(fit, rmean = 240)``, without errors in survival 3.5; they are those of
        ``residuals(fit, times = 240, type = "auc")``.
        """
        end = check_number("tau", tau)
        tables = []
        for label, rows in self.rows.items():
            if not 0 < end <= rows.time.max():
                raise InputError(
                    f"tau is {end:g}; it must be above 0 and within the follow-up of {label}, "
                    f"{rows.time.max():g}."
                )
            estimate, error = mean_times(rows, len(self.states), end)
            table = pd.DataFrame({"strata": label, "time": end, "state": self.states})
            table = table.assign(estimate=estimate, std_error=error)
            level = self.conf_level if conf_level is None else conf_level
            low, high = limits(estimate, error, level)
            tables.append(table.assign(conf_low=np.maximum(low, 0.0), conf_high=high))
        return pd.concat(tables, ignore_index=True)

    def _table(
        self, label: str, time: np.ndarray, values: dict[str, np.ndarray], level: float | None
    ) -> pd.DataFrame:
        k = len(self.states)
        table = pd.DataFrame({"strata": label, "time": np.repeat(time, k)})
        table = table.assign(state=np.tile(np.array(self.states, dtype=object), len(time)))
        table = table.assign(**{name: value.ravel() for name, value in values.items()})
        estimate, se = table["estimate"].to_numpy(), table["std_error"].to_numpy()
        with np.errstate(divide="ignore", invalid="ignore"):
            inside = np.where(estimate > 0, estimate, np.nan)
            low, high = limits(
                np.log(inside), se / inside, self.conf_level if level is None else level
            )
        return table.assign(conf_low=np.exp(low), conf_high=np.minimum(np.exp(high), 1.0))

    def transitions(self) -> pd.DataFrame:
        """Count the moves of all groups, as R prints them: ``from_state to_state n``.

        Who is censored at the end of the last row moves to ``(censored)``.
        """
        moves = self.moves
        last = np.zeros(len(moves.time), bool)
        order = np.lexsort((moves.time, moves.subject))
        ends = np.flatnonzero(np.diff(moves.subject[order], append=-1))
        last[order[ends]] = True
        names = (*self.states, "(censored)")
        target = np.where(moves.target >= 0, moves.target, len(self.states))
        counted = (moves.target >= 0) | last
        rows = [
            (start, end, int((counted & (moves.origin == i) & (target == j)).sum()))
            for i, start in enumerate(self.states)
            for j, end in enumerate(names)
            if (counted & (target == j)).any()
        ]
        return pd.DataFrame(rows, columns=["from_state", "to_state", "n"])

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_subject n_event n_missing conf_level method``."""
        row = {
            "n": len(self.moves.time),
            "n_subject": int(self.moves.subject.max()) + 1,
            "n_event": int((self.moves.target >= 0).sum()),
            "n_missing": self.n_missing,
            "conf_level": self.conf_level,
            "method": "Aalen-Johansen",
        }
        return pd.DataFrame([row])

    def _further_tables(self) -> tuple[str, ...]:
        return ("transitions",)

    def _printed(self) -> pd.DataFrame:
        return self.transitions()

    def _title(self) -> str:
        return f"States over time (Aalen-Johansen): {self.formula}"
