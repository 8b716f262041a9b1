"""FaceAge given age: a linear model of the gap (FaceAge minus age) with a planted mean."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["CANCER_GAP", "COHORT_GAP", "REFERENCE_GAP", "GapModel"]

# UTKFace photographs of people aged 60 and over, and the published excess of cancer patients.
REFERENCE_GAP = 0.276
CANCER_GAP = 4.79

# The two smaller cohorts get plausible means; maastro takes what makes the pooled mean exact.
_PUBLISHED_N = {"maastro": 4906, "thoracic": 573, "palliative": 717}
_SMALLER = {"thoracic": 5.5, "palliative": 6.0}
_POOLED = (REFERENCE_GAP + CANCER_GAP) * sum(_PUBLISHED_N.values())
COHORT_GAP = {
    "maastro": (_POOLED - sum(_SMALLER[c] * _PUBLISHED_N[c] for c in _SMALLER))
    / _PUBLISHED_N["maastro"],
    **_SMALLER,
}


@dataclass(frozen=True)
class GapModel:
    """gap = mean + slope (age - E age) + sum of effect (x - E x) + normal noise.

    Every expectation is that of the sampling design, so that the mean gap of the population is
    `mean` exactly. A negative slope is regression to the mean: the old look younger, the young
    older, than they are.
    """

    mean: float
    slope: float
    effects: Mapping[str, float]
    noise_sd: float

    def faceage(
        self,
        rng: np.random.Generator,
        age: NDArray[np.float64],
        expected_age: float,
        columns: Mapping[str, tuple[NDArray[Any], float]],
    ) -> NDArray[np.float64]:
        """FaceAge to 2 decimals; `columns` maps each effect to (values, expectation)."""
        gap = self.mean + self.slope * (age - expected_age)
        for name, effect in self.effects.items():
            values, expected = columns[name]
            gap = gap + effect * (np.asarray(values, float) - expected)
        gap = gap + rng.normal(0, self.noise_sd, size=len(age))
        return np.round(age + gap, 2)

    def sd_given_age(self, variance: Mapping[str, float]) -> float:
        """Standard deviation of FaceAge given age, from the variance of each effect's column."""
        terms = (effect**2 * variance[name] for name, effect in self.effects.items())
        return math.sqrt(self.noise_sd**2 + sum(terms))

    def truth(self) -> dict[str, Any]:
        """The planted coefficients, as least squares of the gap on these columns finds them."""
        return {
            "model": "gap = faceage - age, linear in age and the effects, normal noise",
            "mean_gap_years": self.mean,
            "slope_per_year_of_age": self.slope,
            "effects_years": dict(self.effects),
            "noise_sd_years": self.noise_sd,
        }
