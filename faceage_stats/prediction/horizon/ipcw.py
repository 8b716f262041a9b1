"""Inverse-probability-of-censoring weights and what their estimation adds to an influence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from faceage_stats._near import check_option
from faceage_stats._steps import censoring_survival, just_before, risk_counts, step_at
from faceage_stats._warn import warn
from faceage_stats.errors import EstimationWarning, InputError
from faceage_stats.survival.cox.coxph import coxph

__all__ = [
    "CensoringCox",
    "CensoringKM",
    "HorizonWeights",
    "Model",
    "Weighting",
    "horizon_weights",
]

Model = Literal["marginal", "cox"]


@dataclass(frozen=True)
class Weighting:
    """How patients who are censored before the horizon are compensated for.

    Attributes
    ----------
    model : str
        ``"marginal"`` (Kaplan-Meier of the censoring time), ``"cox"`` (Cox model of the censoring
        time on the columns of the formula), or ``"~ age + site"`` (Cox model on these columns).
    conservative : bool
        Take the weights as known in the standard errors. Always so for Cox weights.
    min_survival : float
        A probability of being uncensored below this is raised to it, with a warning.
    """

    model: str = "marginal"
    conservative: bool = False
    min_survival: float = 0.01

    def __post_init__(self) -> None:
        """Refuse an invalid weighting."""
        if self.model not in ("marginal", "cox") and not self.model.strip().startswith("~"):
            raise InputError(
                f"the model of a Weighting is {self.model!r}; choose 'marginal', 'cox' or a right "
                "side, e.g. '~ age + site'."
            )
        if not 0 < self.min_survival < 1:
            raise InputError(f"min_survival is {self.min_survival}; it must lie between 0 and 1.")

    @classmethod
    def of(cls, weighting: Model | Weighting) -> Weighting:
        """Take a weighting as it is, or make one of its model."""
        if isinstance(weighting, Weighting):
            return weighting
        check_option("weighting", weighting, Model)
        return cls(weighting)


class CensoringKM:
    """Kaplan-Meier of the censoring time; events leave before censorings at the same time."""

    def __init__(self, time: np.ndarray, status: np.ndarray):
        counts = risk_counts(time, status > 0)
        self.time, self.position = counts.time, counts.position
        self.at_risk, self.n_censor = counts.n_risk, counts.n_censor
        self.survival = censoring_survival(counts)
        self.censored = status == 0

    def before(self) -> np.ndarray:
        """G(T-) of each row."""
        return np.asarray(just_before(self.survival, 1.0)[self.position])

    def at(self, t: float) -> np.ndarray:
        """G(t), the same for each row."""
        return np.full(len(self.position), step_at(self.time, self.survival, t, 1.0))

    def influence(self, part: np.ndarray, left: np.ndarray, t: float) -> np.ndarray:
        """What the estimated G adds to the influence of each row.

        `part` is what each row contributes to the score, proportional to its weight: 1 / G(T-)
        where `left` is True, 1 / G(t) elsewhere. Sums part_i phi_k / n over rows i, where phi_k(s)
        = 1(T_k <= s, censored) n / Y(T_k) - sum over u <= min(T_k, s) of n c(u) / Y(u)^2.
        """
        size = len(self.time)
        horizon = np.searchsorted(self.time, t, side="right")
        last = np.where(left, self.position, horizon)  # number of times that G includes
        sums = np.bincount(last, weights=part, minlength=size + 1)
        exposed = np.cumsum(sums[::-1])[::-1][1:]  # parts of the rows whose G includes the time
        drift = np.cumsum(self.n_censor * exposed / self.at_risk**2)
        jump = exposed / self.at_risk
        return np.asarray(np.where(self.censored, jump[self.position], 0.0) - drift[self.position])


class CensoringCox:
    """Cox model of the censoring time; its weights count as known."""

    def __init__(self, time: np.ndarray, status: np.ndarray, covariates: pd.DataFrame, right: str):
        self.time, rank = np.unique(time, return_inverse=True)
        # whole numbers that put the events of a time before its censorings
        self.step = 2 * rank + (status == 0) + 1
        data = covariates.assign(_step_=self.step, _censored_=(status == 0).astype(int))
        fit = coxph(f"Surv(_step_, _censored_) ~ {right}", data)
        base = fit.basehaz(centered=True)
        self._grid, self._hazard = base["time"].to_numpy(), base["cumhaz"].to_numpy()
        self._risk = np.exp(fit.lp)

    def _survival(self, step: np.ndarray) -> np.ndarray:
        return np.asarray(np.exp(-step_at(self._grid, self._hazard, step, 0.0) * self._risk))

    def before(self) -> np.ndarray:
        """G(T- | x) of each row."""
        return self._survival(self.step - 1.0)

    def at(self, t: float) -> np.ndarray:
        """G(t | x) of each row."""
        step = 2 * np.searchsorted(self.time, t, side="right")
        return self._survival(np.full(len(self.step), step, float))

    def influence(self, part: np.ndarray, left: np.ndarray, t: float) -> np.ndarray:
        """Nothing: the weights count as known."""
        return np.zeros(len(part))


@dataclass(frozen=True)
class HorizonWeights:
    """Weights of cases and controls at one horizon.

    `left` is True where the weight is 1 / G(T-), False (followed beyond t) where it is 1 / G(t).
    """

    t: float
    case: np.ndarray
    control: np.ndarray
    left: np.ndarray
    is_other: np.ndarray
    n_truncated: int


def horizon_weights(
    time: np.ndarray,
    status: np.ndarray,
    censoring: CensoringKM | CensoringCox,
    t: float,
    *,
    strict: bool,
    other_is_control: bool,
    min_survival: float,
) -> HorizonWeights:
    """Weights at t: cases had the event by t, controls are beyond t.

    `strict`: a case has T < t (otherwise T <= t). `other_is_control`: a patient with a competing
    event by t is a control with weight 1 / G(T-); otherwise neither.
    """
    by_t = time < t if strict else time <= t
    is_case, is_other, beyond = by_t & (status == 1), by_t & (status == 2), time > t
    used = is_case | beyond | (is_other if other_is_control else False)
    probability = np.where(beyond, censoring.at(t), censoring.before())
    tiny = used & (probability < min_survival)
    if tiny.any():
        warn(
            f"at t = {t:g} the probability of being uncensored is below {min_survival:g} for "
            f"{int(tiny.sum())} rows (smallest {probability[tiny].min():.2g}): their weights are "
            f"cut to {1 / min_survival:g}. Choose an earlier time.",
            EstimationWarning,
        )
        probability = np.where(tiny, min_survival, probability)
    weight = np.divide(1.0, probability, out=np.zeros(len(time)), where=used)
    control = np.where(is_case, 0.0, weight)
    return HorizonWeights(
        t, np.where(is_case, weight, 0.0), control, ~beyond, is_other, int(tiny.sum())
    )
