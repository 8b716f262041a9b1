"""Patients that a prediction model needs, by criterion."""

from __future__ import annotations

import pandas as pd

from faceage_stats._result import Result, frozen_result

__all__ = ["PredictionSampleSize"]


@frozen_result
class PredictionSampleSize(Result):
    """Patients needed by each criterion, and the largest of them.

    Attributes
    ----------
    n_by_criterion : tuple of int
        1: shrinkage of the predictor effects; 2: apparent minus adjusted R2 of 0.05 or less;
        3: overall risk within 0.05.
    shrinkage : tuple of float
        Expected shrinkage at each.
    parameters : int
    r2_cox_snell, r2_max : float
        Anticipated Cox-Snell R2, and the largest that the outcome allows.
    events_per_patient : float
    margin : float
        Half width of the interval of the overall risk with `n` patients.
    outcome : str
    """

    n_by_criterion: tuple[int, int, int]
    shrinkage: tuple[float, float, float]
    parameters: int
    r2_cox_snell: float
    r2_max: float
    events_per_patient: float
    margin: float
    outcome: str

    @property
    def n(self) -> int:
        """Patients needed."""
        return max(self.n_by_criterion)

    @property
    def n_event(self) -> float:
        """Events expected among them."""
        return self.n * self.events_per_patient

    @property
    def events_per_parameter(self) -> float:
        """Events expected per candidate parameter."""
        return self.n_event / self.parameters

    @property
    def r2_nagelkerke(self) -> float:
        """Cox-Snell R2 as a proportion of its largest value."""
        return self.r2_cox_snell / self.r2_max

    def tidy(self) -> pd.DataFrame:
        """Return one row per criterion: ``quantity n estimate``, `estimate` being the shrinkage."""
        names = ("shrinkage", "optimism of R2", "overall risk")
        return pd.DataFrame(
            {"quantity": names, "n": self.n_by_criterion, "estimate": self.shrinkage}
        )

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_event n_missing method``; `n_event` is an expectation.

        There are no data yet, so none are missing.
        """
        row = {"n": self.n, "n_event": self.n_event, "n_missing": 0, "method": self._title()}
        return pd.DataFrame([row])

    def _title(self) -> str:
        return f"Sample size of a prediction model, {self.outcome} outcome (Riley and others)"
