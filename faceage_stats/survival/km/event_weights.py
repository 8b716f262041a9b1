"""How much each event counts in the log-rank family."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from faceage_stats._near import check_option
from faceage_stats._scalar import check_number
from faceage_stats._steps import just_before
from faceage_stats.errors import InputError

__all__ = ["EventWeight", "WeightName"]

WeightName = Literal["fleming_harrington", "gehan", "tarone_ware", "peto_peto", "modified_peto"]


@dataclass(frozen=True)
class EventWeight:
    """A weight of the events at time t; `rho` and `gamma` are of Fleming and Harrington's."""

    rho: float = 0.0
    gamma: float = 0.0
    name: WeightName = "fleming_harrington"

    def __post_init__(self) -> None:
        """Refuse an unknown weight, and powers that it does not have."""
        check_option("weight", self.name, WeightName)
        for power, value in (("rho", self.rho), ("gamma", self.gamma)):
            check_number(power, value)
        if self.gamma < 0:
            raise InputError(f"gamma is {self.gamma}; it must be 0 or more: 1 - S(t-) starts at 0.")
        if self.name != "fleming_harrington" and (self.rho or self.gamma):
            raise InputError(f"rho and gamma go with fleming_harrington, not with {self.name}.")

    def of(self, n: np.ndarray, d: np.ndarray) -> np.ndarray:
        """Weight at each time, from the numbers at risk and of events in all groups together."""
        if self.name == "gehan":
            return n.astype(float)
        if self.name == "tarone_ware":
            return np.asarray(np.sqrt(n))
        if self.name == "fleming_harrington":
            before = just_before(np.cumprod((n - d) / n), 1.0)
            return np.asarray(before**self.rho * (1 - before) ** self.gamma)
        survival = np.cumprod(1 - d / (n + 1))
        return np.asarray(survival * n / (n + 1) if self.name == "modified_peto" else survival)

    def label(self) -> str:
        """Name the test."""
        if self.name != "fleming_harrington":
            return _LABELS[self.name]
        if self.gamma:
            return f"Fleming-Harrington test, rho = {self.rho:g}, gamma = {self.gamma:g}"
        return "Log-rank test" if self.rho == 0 else f"G-rho test, rho = {self.rho:g}"


_LABELS: dict[str, str] = {
    "gehan": "Gehan-Breslow test",
    "tarone_ware": "Tarone-Ware test",
    "peto_peto": "Peto-Peto test",
    "modified_peto": "Modified Peto-Peto test",
}
