"""True and false positives at thresholds: arrays in, arrays out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from faceage_stats.prediction.horizon.kernel import incidence_by

__all__ = ["BinaryRates", "Rates", "SurvivalRates", "is_positive"]


class Rates(NamedTuple):
    """Positives with and without the event at each threshold, as proportions of everybody."""

    true: np.ndarray
    false: np.ndarray


def is_positive(risk: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Who is treated at each threshold, shape (thresholds, n).

    Risk >= threshold; a risk of exactly 0 is never positive and a risk of exactly 1 always.
    """
    reached = risk[None, :] >= thresholds[:, None]
    return np.asarray((reached & (risk > 0)) | (risk == 1))


@dataclass(frozen=True)
class BinaryRates:
    """True and false positive rates of a 0/1 outcome, for any weighting of the rows."""

    is_case: np.ndarray
    prevalence: float | None

    def event_rate(self, counts: np.ndarray) -> float:
        """Proportion with the event, or the stated prevalence."""
        if self.prevalence is not None:
            return self.prevalence
        return float(counts @ self.is_case / counts.sum())

    def rates(self, positive: np.ndarray, counts: np.ndarray) -> Rates:
        """Rates when each row counts so many times."""
        cases, controls = counts * self.is_case, counts * ~self.is_case
        true, false = positive @ cases, positive @ controls
        if self.prevalence is None:
            return Rates(true / counts.sum(), false / counts.sum())
        p = self.prevalence
        return Rates(true / cases.sum() * p, false / controls.sum() * (1 - p))


class SurvivalRates:
    """Rates for a censored outcome: observed risk among the positives by Aalen-Johansen."""

    def __init__(self, time: np.ndarray, status: np.ndarray, t: float):
        order = np.argsort(time, kind="stable")
        self._order, self._time, self._status = order, time[order], status[order]
        self._t = t
        self._first_followed = int(np.searchsorted(self._time, t))  # and all rows after it

    def event_rate(self, counts: np.ndarray) -> float:
        """Probability of the event by the horizon."""
        everybody = np.ones((1, len(counts)), bool)
        return float(self.rates(everybody, counts).true[0])

    def rates(self, positive: np.ndarray, counts: np.ndarray) -> Rates:
        """As for `BinaryRates`; NaN where no positive is followed to the horizon."""
        true, false = np.empty(len(positive)), np.empty(len(positive))
        weights, n = counts[self._order], counts.sum()
        for i, treated in enumerate(positive):
            weight = weights * treated[self._order]
            n_positive = weight.sum()
            proportion = n_positive / n
            risk = self._risk(weight, n_positive)
            true[i], false[i] = risk * proportion, (1 - risk) * proportion
        return Rates(true, false)

    def _risk(self, weight: np.ndarray, n_positive: float) -> float:
        """Observed risk under these weights; 0 without rows, NaN if no row reaches the horizon."""
        if n_positive and not weight[self._first_followed :].any():
            return np.nan
        return incidence_by(self._time, self._status, weight, self._t)
