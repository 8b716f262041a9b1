"""Restricted means of curves that are already estimated."""

from __future__ import annotations

import numpy as np
import pandas as pd

from faceage_stats._contrast import contrast_table
from faceage_stats._levels import list_levels
from faceage_stats._result import Result, frozen_result
from faceage_stats._scalar import check_number
from faceage_stats._wald import limits
from faceage_stats._warn import warn
from faceage_stats.errors import EstimationWarning, InputError
from faceage_stats.survival.km.curve import Curve

__all__ = ["RMST", "restricted_means"]


def restricted_means(
    curves: tuple[Curve, ...], tau: float, conf_level: float, n_missing: int, formula: str
) -> RMST:
    """Integrate curves up to `tau`; documented at `rmst`."""
    must = "be a positive time in the unit of the data"
    if check_number("tau", tau, must) <= 0:
        raise InputError(f"tau is {tau}; it must {must}.")
    _warn_about_tau(curves, tau)
    areas = [curve.rmst(tau) for curve in curves]
    return RMST(
        tuple(curve.label for curve in curves),
        np.array([area.estimate for area in areas]),
        np.array([area.std_error for area in areas]),
        tuple(curve.arrays.n for curve in curves),
        tuple(float(c.arrays.n_event[c.arrays.time <= tau].sum()) for c in curves),
        float(tau),
        conf_level,
        n_missing,
        formula,
    )


def _warn_about_tau(curves: tuple[Curve, ...], tau: float) -> None:
    quiet = [c.label for c in curves if not c.arrays.n_event[c.arrays.time <= tau].any()]
    if quiet:
        warn(
            f"No event by tau = {tau:g} in {', '.join(quiet)}: the restricted mean is tau and its "
            "standard error 0. Choose a later tau.",
            EstimationWarning,
        )
    short = [c for c in curves if c.arrays.time[-1] < tau and c.arrays.surv[-1] > 0]
    if short:
        listed = list_levels(curve.label for curve in short)
        warn(
            f"tau = {tau:g} lies beyond the last follow-up of {listed}; "
            "the curve is extended at its last value, as in R. Choose an earlier tau.",
            EstimationWarning,
        )


@frozen_result
class RMST(Result):
    """Restricted mean survival times of one or more groups, made by `rmst`.

    Attributes
    ----------
    strata : tuple of str
    estimate, std_error : ndarray, one value per group
    n, n_event : tuple, per group (events up to tau)
    tau, conf_level : float
    n_missing : int
    formula : str

    Examples
    --------
    >>> import faceage_stats as fs
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4, 5, 6], "d": 1, "g": list("ababab")})
    >>> fit = fs.rmst("Surv(t, d) ~ g", df, tau=5)
    >>> fit.contrasts()[["group1", "group2", "estimate"]].round(3).values.tolist()
    [['g=b', 'g=a', 0.667]]
    """

    strata: tuple[str, ...]
    estimate: np.ndarray
    std_error: np.ndarray
    n: tuple[int, ...]
    n_event: tuple[float, ...]
    tau: float
    conf_level: float
    n_missing: int
    formula: str

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return one row per group.

        Columns ``strata estimate std_error conf_low conf_high rmtl n n_event``; normal limits, cut
        to 0 and `tau`.
        """
        low, high = limits(
            self.estimate, self.std_error, self._level(conf_level), within=(0, self.tau)
        )
        return pd.DataFrame(
            {
                "strata": self.strata,
                "estimate": self.estimate,
                "std_error": self.std_error,
                "conf_low": low,
                "conf_high": high,
                "rmtl": self.tau - self.estimate,
                "n": self.n,
                "n_event": self.n_event,
            }
        )

    def contrasts(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Contrast the mean of each later group with that of the first, as a difference.

        Columns ``group1 group2 estimate1 estimate2 estimate std_error conf_low conf_high
        statistic p_value``; `group2` is the first group, `estimate` is group1 - group2.
        """
        std_error = np.hypot(self.std_error[1:], self.std_error[0])
        return contrast_table(
            self.strata, self.estimate, std_error, self._level(conf_level), "group",
            pairs=self._pairs(), within=(-self.tau, self.tau),
        )  # fmt: skip

    def ratio(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Contrast the mean of each later group with that of the first, as a ratio.

        The columns of `contrasts` and ``scale``; `std_error` and the test are of the logarithm.
        """
        mean = np.where(self.estimate > 0, self.estimate, np.nan)  # of 0 there is no ratio
        relative = self.std_error / mean
        std_error = np.hypot(relative[1:], relative[0])
        table = contrast_table(
            self.strata, np.log(mean), std_error, self._level(conf_level), "group",
            pairs=self._pairs(),
        )  # fmt: skip
        logs = ["estimate1", "estimate2", "estimate", "conf_low", "conf_high"]
        table[logs] = np.exp(table[logs])
        return table.assign(scale="ratio")

    def glance(self) -> pd.DataFrame:
        """Return one row: ``tau conf_level n n_event n_missing``."""
        row = {"tau": self.tau, "conf_level": self.conf_level, "n": sum(self.n)}
        row |= {"n_event": sum(self.n_event), "n_missing": self.n_missing}
        return pd.DataFrame([row])

    def _pairs(self) -> list[tuple[str, str]]:
        return [(later, self.strata[0]) for later in self.strata[1:]]

    def _level(self, conf_level: float | None) -> float:
        return self.conf_level if conf_level is None else conf_level

    def _further_tables(self) -> tuple[str, ...]:
        return ("contrasts", "ratio") if len(self.strata) > 1 else ()

    def _title(self) -> str:
        return f"Restricted mean survival time to {self.tau:g}: {self.formula}"
