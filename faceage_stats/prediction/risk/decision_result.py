"""The result of a decision curve analysis."""

from __future__ import annotations

import numpy as np
import pandas as pd

from faceage_stats._result import Result, frozen_result, normal_interval
from faceage_stats.errors import InputError

__all__ = ["TREAT_ALL", "TREAT_NONE", "DecisionCurve"]

TREAT_ALL, TREAT_NONE = "treat all", "treat none"


@frozen_result
class DecisionCurve(Result):
    """Net benefit of strategies over thresholds.

    Attributes
    ----------
    strategies : tuple of str
        ``"treat all"``, ``"treat none"``, then the risks.
    thresholds : ndarray, shape (T,)
    tp_rate, fp_rate : ndarray, shape (k, T)
        Positives with and without the event, as shares of all patients.
    harm : ndarray, shape (k,)
    draws : ndarray, shape (n_resamples, k, T)
        Net benefit of every resample.
    prevalence : float
        Share with the event (by the horizon).
    formula : str
    n, n_event, n_missing : int
    """

    strategies: tuple[str, ...]
    thresholds: np.ndarray
    tp_rate: np.ndarray
    fp_rate: np.ndarray
    harm: np.ndarray
    draws: np.ndarray
    prevalence: float
    formula: str
    n: int
    n_event: int
    n_missing: int

    @property
    def net_benefit(self) -> np.ndarray:
        """Net benefit, shape (k, T)."""
        odds = self.thresholds / (1 - self.thresholds)
        return self.tp_rate - self.fp_rate * odds - self.harm[:, None]

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per strategy and threshold.

        Columns ``marker threshold estimate std_error conf_low conf_high tp_rate fp_rate
        net_intervention_avoided``; `estimate` is the net benefit, its limits are bootstrap
        percentiles; `net_intervention_avoided` counts, per patient, treatments spared against
        treating all without missing an event (undefined at threshold 0).
        """
        benefit = self.net_benefit
        odds = self.thresholds / (1 - self.thresholds)
        with np.errstate(divide="ignore", invalid="ignore"):
            avoided = (benefit - benefit[0]) / np.where(odds > 0, odds, np.nan)
        se, low, high = self._spread(self.draws, conf_level)
        k, size = benefit.shape
        return pd.DataFrame(
            {
                "marker": np.repeat(np.array(self.strategies, object), size),
                "threshold": np.tile(self.thresholds, k),
                "estimate": benefit.ravel(),
                "std_error": se.ravel(),
                "conf_low": low.ravel(),
                "conf_high": high.ravel(),
                "tp_rate": self.tp_rate.ravel(),
                "fp_rate": self.fp_rate.ravel(),
                "net_intervention_avoided": avoided.ravel(),
            }
        )

    def contrasts(self, reference: str = TREAT_ALL, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Paired differences of net benefit, every other strategy minus `reference`.

        Columns ``threshold marker1 marker2 estimate std_error conf_low conf_high``.
        """
        if reference not in self.strategies:
            raise InputError(
                f"reference is {reference!r}; choose one of {', '.join(self.strategies)}."
            )
        at = self.strategies.index(reference)
        benefit = self.net_benefit
        frames = []
        for k, name in enumerate(self.strategies):
            if k == at:
                continue
            se, low, high = self._spread(self.draws[:, k] - self.draws[:, at], conf_level)
            columns = {"threshold": self.thresholds, "marker1": name, "marker2": reference}
            columns |= {"estimate": benefit[k] - benefit[at], "std_error": se}
            frames.append(pd.DataFrame({**columns, "conf_low": low, "conf_high": high}))
        return pd.concat(frames, ignore_index=True)

    def _spread(
        self, draws: np.ndarray, conf_level: float
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Bootstrap standard error and percentile limits; NaN without resamples."""
        normal_interval(0.0, 1.0, conf_level)  # checks the level
        if not len(draws):
            nothing = np.full(draws.shape[1:], np.nan)
            return nothing, nothing, nothing
        tail = (1 - conf_level) / 2
        low, high = np.quantile(draws, [tail, 1 - tail], axis=0)
        return draws.std(axis=0, ddof=1), low, high

    def glance(self) -> pd.DataFrame:
        """One row: ``n n_event n_missing prevalence n_resamples``."""
        row = {
            "n": self.n,
            "n_event": self.n_event,
            "n_missing": self.n_missing,
            "prevalence": self.prevalence,
            "n_resamples": len(self.draws),
        }
        return pd.DataFrame([row])

    def _title(self) -> str:
        return f"Decision curve {self.formula} (net benefit)"
