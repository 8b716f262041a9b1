"""E-value: how strong unmeasured confounding would have to be to explain a ratio away."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._near import check_option
from faceage_stats._result import Result, frozen_result
from faceage_stats._scalar import check_number
from faceage_stats.errors import InputError

__all__ = ["EValue", "Scale", "e_value"]

Scale = Literal["hazard", "odds", "risk"]


@frozen_result
class EValue(Result):
    """Strength of unmeasured confounding, made by :func:`e_value`."""

    table: pd.DataFrame
    scale: Scale
    rare: bool

    def tidy(self) -> pd.DataFrame:
        """Return the rows of the estimate and, where limits were given, of one limit.

        Returns
        -------
        pandas.DataFrame
            ``term`` (estimate, conf_limit) ``estimate`` (the ratio) ``risk_ratio e_value``.
        """
        return self.table.copy()

    def glance(self) -> pd.DataFrame:
        """Return one row: ``scale method``."""
        outcome = "rare outcome" if self.rare else "common outcome"
        return pd.DataFrame([{"scale": f"{self.scale} ratio", "method": f"E-value, {outcome}"}])

    def summary(self) -> pd.DataFrame:
        """Return the E-values as text, beside the ratio or limit that each is of."""
        table = self.tidy()
        ratios = [f"{value:.2f}" for value in table["estimate"]]
        e_values = [f"{value:.2f}" for value in table["e_value"]]
        return table[["term"]].assign(estimate=ratios, e_value=e_values)

    def _title(self) -> str:
        return f"E-value of a {self.scale} ratio"


@checked_call
def e_value(
    estimate: float,
    conf_low: float | None = None,
    conf_high: float | None = None,
    *,
    scale: Scale = "hazard",
    rare: bool = False,
    null: float = 1.0,
) -> EValue:
    """Compute how strong unmeasured confounding must be to explain a ratio away.

    The E-value is the smallest risk ratio that a confounder must have with both the exposure
    and the outcome, beyond the measured covariates, to move the estimate to the null value.

    Parameters
    ----------
    estimate, conf_low, conf_high : float
        The ratio and its limits; both limits or none.
    scale : {"hazard", "odds", "risk"}
        What kind of ratio it is.
    rare : bool
        The outcome is rare (below about 15 % by the end of follow-up), so that the ratio is
        close to a risk ratio; otherwise VanderWeele's approximations for common outcomes are
        used.
    null : float
        Value to be explained away to, on the scale of the estimate.

    Returns
    -------
    EValue
        ``tidy()``: ``term`` (estimate, conf_limit) ``estimate`` (the ratio) ``risk_ratio`` (as a
        risk ratio) ``e_value``. The row of the limit is that of the limit closer to the null, with
        an E-value of 1 when the interval holds the null.

    Raises
    ------
    InputError
        A ratio that is not positive, limits out of order, or an unknown scale.

    See Also
    --------
    influence : how far single patients move an estimate.

    Notes
    -----
    For a ratio per decade or per standard deviation the E-value refers to that step of the
    exposure. Common outcomes: square root of an odds ratio; (1 - 0.5^sqrt(HR)) / (1 -
    0.5^sqrt(1/HR)) of a hazard ratio.

    In R: ``EValue::evalues.HR(1.5, 1.2, 1.9, rare = FALSE)``

    References
    ----------
    VanderWeele TJ, Ding P (2017). Sensitivity analysis in observational research: introducing the
    E-value. Annals of Internal Medicine 167:268-274. doi:10.7326/M16-2607

    Examples
    --------
    >>> e_value(3.9, 1.8, 8.7, scale="risk").tidy()["e_value"].round(2).tolist()
    [7.26, 3.0]
    """
    check_option("scale", scale, Scale)
    if (conf_low is None) != (conf_high is None):
        raise InputError("e_value: give both limits or none.")
    limits = [] if conf_low is None or conf_high is None else [conf_low, conf_high]
    values = [estimate, *limits, null]
    if not all(check_number("a ratio", value) > 0 for value in values):
        raise InputError("e_value: ratios and their limits must be finite and above 0.")
    if limits and not limits[0] <= estimate <= limits[1]:
        raise InputError("e_value: the estimate does not lie between its limits.")
    rows = [("estimate", estimate)]
    if limits:
        inside = limits[0] <= null <= limits[1]
        closest = null if inside else limits[0] if estimate > null else limits[1]
        rows.append(("conf_limit", closest))
    table = pd.DataFrame(rows, columns=["term", "estimate"])
    table["risk_ratio"] = [_risk_ratio(value, scale, rare) for value in table["estimate"]]
    relative = table["risk_ratio"] / _risk_ratio(null, scale, rare)
    away = np.maximum(relative, 1 / relative)
    table["e_value"] = away + np.sqrt(away * (away - 1))
    return EValue(table, scale, rare)


def _risk_ratio(ratio: float, scale: Scale, rare: bool) -> float:
    """Turn an odds or hazard ratio into the risk ratio that it is close to."""
    if rare or scale == "risk":
        return ratio
    if scale == "odds":
        return math.sqrt(ratio)
    return math.expm1(math.log(0.5) * math.sqrt(ratio)) / math.expm1(
        math.log(0.5) * math.sqrt(1 / ratio)
    )
