"""The distributions of survreg: an error, whether of log time, and a scale that may be fixed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from faceage_stats.errors import InputError
from faceage_stats.survival.parametric.errors import (
    Errors,
    ExtremeValue,
    Logistic,
    Normal,
    StudentT,
)

__all__ = ["Distribution", "Family", "family_of"]

Distribution = Literal[
    "weibull",
    "exponential",
    "rayleigh",
    "lognormal",
    "loglogistic",
    "gengamma",
    "gaussian",
    "logistic",
    "extreme",
    "t",
]


@dataclass(frozen=True)
class Family:
    """What a distribution's name means; with a shape the error is that of `log_gamma`."""

    errors: Errors
    log_time: bool
    scale: float | None = None
    has_shape: bool = False

    @property
    def is_proportional(self) -> bool:
        """Whether hazards are proportional too: Weibull models, with any scale."""
        return self.log_time and isinstance(self.errors, ExtremeValue)


_FAMILIES = {
    "weibull": Family(ExtremeValue(), True),
    "exponential": Family(ExtremeValue(), True, 1.0),
    "rayleigh": Family(ExtremeValue(), True, 0.5),
    "lognormal": Family(Normal(), True),
    "loglogistic": Family(Logistic(), True),
    "gengamma": Family(Normal(), True, has_shape=True),
    "gaussian": Family(Normal(), False),
    "logistic": Family(Logistic(), False),
    "extreme": Family(ExtremeValue(), False),
}


def family_of(distribution: Distribution, df: float) -> Family:
    """Look a distribution up; `df` are the degrees of freedom of Student's t.

    Examples
    --------
    >>> family_of("rayleigh", 4.0).scale, family_of("t", 4.0).errors
    (0.5, StudentT(df=4.0))
    """
    if distribution != "t":
        return _FAMILIES[distribution]
    if df <= 0:
        raise InputError(f"df is {df:g}; the degrees of freedom of t must be above 0.")
    return Family(StudentT(df), False)
