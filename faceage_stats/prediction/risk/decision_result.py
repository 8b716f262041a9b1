"""The result of a decision curve analysis."""

from __future__ import annotations

import numpy as np
import pandas as pd

from faceage_stats._contrast import contrast_table
from faceage_stats._near import check_option
from faceage_stats._result import Result, frozen_result
from faceage_stats._wald import check_conf_level

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
        Positives with and without the event, as proportions of all patients.
    harm : ndarray, shape (k,)
    draws : ndarray, shape (n_resamples, k, T)
        Net benefit of every resample.
    prevalence : float
        Proportion with the event (by the horizon).
    formula : str
    n, n_event, n_missing, seed : int
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
    seed: int

    @property
    def net_benefit(self) -> np.ndarray:
        """Net benefit, shape (k, T)."""
        odds = self.thresholds / (1 - self.thresholds)
        return np.asarray(self.tp_rate - self.fp_rate * odds - self.harm[:, None])

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the net benefit of each strategy at each threshold.

        Parameters
        ----------
        conf_level : float
            Limits are bootstrap percentiles.

        Returns
        -------
        pandas.DataFrame
            ``marker threshold estimate std_error conf_low conf_high tp_rate fp_rate
            net_intervention_avoided n``; `estimate` is the net benefit; avoided are, per patient,
            treatments spared against treating all without missing an event (undefined at threshold
            0).
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
                "n": self.n,
            }
        )

    def contrasts(self, reference: str = TREAT_ALL, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return paired differences of net benefit, every other strategy minus `reference`.

        Parameters
        ----------
        reference : str
            One of `strategies`.
        conf_level : float
            Limits are bootstrap percentiles.

        Returns
        -------
        pandas.DataFrame
            ``threshold marker1 marker2 estimate1 estimate2 estimate std_error conf_low conf_high
            statistic p_value``; statistic and p are normal, from the bootstrap standard error.
        """
        check_option("reference", reference, self.strategies)
        at, benefit = self.strategies.index(reference), self.net_benefit
        others = [k for k in range(len(self.strategies)) if k != at]
        pairs = [(self.strategies[k], reference) for k in others]
        se, low, high = self._spread(self.draws[:, others] - self.draws[:, [at]], conf_level)
        tables = [
            contrast_table(
                self.strategies, benefit[:, i], se[:, i], conf_level, pairs=pairs
            ).assign(threshold=threshold, conf_low=low[:, i], conf_high=high[:, i])
            for i, threshold in enumerate(self.thresholds)
        ]
        table = pd.concat(tables, ignore_index=True)
        table.insert(0, "threshold", table.pop("threshold"))
        order = {name: k for k, name in enumerate(self.strategies)}
        return table.sort_values("marker1", key=lambda m: m.map(order), kind="stable").reset_index(
            drop=True
        )

    def _spread(
        self, draws: np.ndarray, conf_level: float
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Bootstrap standard error and percentile limits; NaN without resamples."""
        check_conf_level(conf_level)
        if not len(draws):
            nothing = np.full(draws.shape[1:], np.nan)
            return nothing, nothing, nothing
        tail = (1 - conf_level) / 2
        low, high = np.quantile(draws, [tail, 1 - tail], axis=0)
        return draws.std(axis=0, ddof=1), low, high

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_event n_missing prevalence n_resamples seed``."""
        row = {
            "n": self.n,
            "n_event": self.n_event,
            "n_missing": self.n_missing,
            "prevalence": self.prevalence,
            "n_resamples": len(self.draws),
            "seed": self.seed,
        }
        return pd.DataFrame([row])

    def _further_tables(self) -> tuple[str, ...]:
        return ("contrasts",)

    def _printed(self) -> pd.DataFrame:
        """Net benefit of each strategy at ten thresholds at most."""
        wide = pd.DataFrame(self.net_benefit.T, columns=list(self.strategies))
        wide.insert(0, "threshold", self.thresholds)
        step = -(-len(wide) // 10)
        return wide.iloc[step - 1 :: step]

    def _title(self) -> str:
        return f"Decision curve {self.formula}: net benefit"
