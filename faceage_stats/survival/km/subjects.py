"""Which rows of (start, stop] data belong to one subject, and which of them go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from faceage_stats._columns import as_pandas, column
from faceage_stats._formula.frame import SurvivalFrame
from faceage_stats._ties import merge_near_ties
from faceage_stats.errors import InputError

__all__ = ["Subjects"]


@dataclass(frozen=True)
class Subjects:
    """Subjects of the rows of a frame.

    Attributes
    ----------
    subject : ndarray of int64, or None
        None where no id is given.
    goes_on : ndarray of bool, or None
        True for a row that ends, without an event, where the subject's next row starts.
    several_events : bool
        Whether a subject has more than one event.
    """

    subject: np.ndarray | None = None
    goes_on: np.ndarray | None = None
    several_events: bool = False

    @classmethod
    def read(
        cls,
        name: str | None,
        data: Any,
        frame: SurvivalFrame,
        group: np.ndarray,
        caller: str = "survfit()",
    ) -> Self:
        """Read the column of subjects; rows are compared within a group of the curve."""
        if name is None:
            return cls()
        ids = column(as_pandas(data), name, f"{caller}: id").iloc[frame.rows]
        if ids.isna().any():
            raise InputError(f"{caller}: id '{name}' is missing in {int(ids.isna().sum())} rows.")
        subject = pd.factorize(ids)[0].astype(np.int64)
        time, entry = merge_near_ties(frame.surv.time, frame.surv.entry)
        goes_on = np.zeros(len(time), bool)
        if entry is None:
            n_again = int(ids.duplicated().sum())
            if n_again:
                raise InputError(
                    f"{caller}: {n_again} rows repeat an '{name}', but the formula has no starts. "
                    "Write Surv(start, stop, event)."
                )
        else:
            order = np.lexsort((time, subject, group))
            one, other = order[:-1], order[1:]
            same = (subject[one] == subject[other]) & (group[one] == group[other])
            n_overlap = int((same & (entry[other] < time[one])).sum())
            if n_overlap:
                raise InputError(f"{caller}: {n_overlap} rows overlap another of their '{name}'.")
            goes_on[one] = same & (entry[other] == time[one]) & (frame.surv.event[one] == 0)
        died = subject[frame.surv.event > 0]
        return cls(subject, goes_on, len(np.unique(died)) < len(died))

    def take(self, rows: np.ndarray) -> Self:
        """Keep the rows at these positions."""
        if self.subject is None or self.goes_on is None:
            return self
        return type(self)(self.subject[rows], self.goes_on[rows], self.several_events)
