"""How many events and patients a Cox model needs to find a hazard ratio."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._binary import binary
from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, numeric, require_columns
from faceage_stats._expression.evaluate import evaluate
from faceage_stats._formula.frame import model_frame
from faceage_stats._formula.parse import split_formula
from faceage_stats._printing import number_text
from faceage_stats._result import Result, frozen_result
from faceage_stats._scalar import check_number, round_up
from faceage_stats.errors import DesignError, InputError
from faceage_stats.prediction.planning.cox_power import check_design, cox_power, variance_of

__all__ = ["CoxSampleSize", "cox_sample_size", "cox_sample_size_pilot"]


@frozen_result
class CoxSampleSize(Result):
    """Events and patients that give a Cox coefficient the power asked for.

    Attributes
    ----------
    hazard_ratio : float
        Per unit of the covariate.
    variance : float
        Of the covariate; p (1 - p) for a binary one.
    power, sig_level : float
    r2_other : float
        Proportion of the covariate's variance that the other covariates explain.
    event_fraction : float or None
        Proportion of patients with an event.
    """

    hazard_ratio: float
    variance: float
    power: float
    sig_level: float
    r2_other: float
    event_fraction: float | None

    @property
    def n_event_exact(self) -> float:
        """Events before rounding up."""
        quantiles = stats.norm.ppf(1 - self.sig_level / 2) + stats.norm.ppf(self.power)
        information = np.log(self.hazard_ratio) ** 2 * self.variance * (1 - self.r2_other)
        return float(quantiles**2 / information)

    @property
    def n_event(self) -> int:
        """Events needed."""
        return round_up(self.n_event_exact)

    @property
    def n_exact(self) -> float | None:
        """Patients before rounding up; None without an event fraction."""
        return None if self.event_fraction is None else self.n_event_exact / self.event_fraction

    @property
    def n(self) -> int | None:
        """Patients needed; None without an event fraction."""
        return None if self.n_exact is None else round_up(self.n_exact)

    def power_at(self, n: float) -> float:
        """Compute the power with `n` patients; needs the event fraction."""
        if self.event_fraction is None:
            raise InputError(
                "power_at(n) needs event_fraction, the proportion of patients with an event."
            )
        return cox_power(
            n, self.hazard_ratio, variance=self.variance, event_fraction=self.event_fraction,
            r2_other=self.r2_other, sig_level=self.sig_level,
        )  # fmt: skip

    def tidy(self) -> pd.DataFrame:
        """Return one row per quantity: ``quantity estimate``."""
        values: dict[str, float | None] = {
            "events": self.n_event,
            "events, exact": self.n_event_exact,
        }
        if self.n is not None:
            values |= {
                "patients": self.n,
                "patients, exact": self.n_exact,
                "power with that many patients": self.power_at(self.n),
            }
        return pd.DataFrame({"quantity": list(values), "estimate": list(values.values())})

    def summary(self) -> pd.DataFrame:
        """Return the table of `tidy` as text."""
        table = self.tidy()
        return table.assign(estimate=table["estimate"].map(number_text))

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_event n_missing method``; without data none are missing."""
        return pd.DataFrame(
            {
                "n": [self.n],
                "n_event": [self.n_event],
                "n_missing": [0],
                "method": ["Hsieh and Lavori (2000)"],
            }
        )

    def _title(self) -> str:
        return (
            f"Cox model: hazard ratio {self.hazard_ratio:g}, power {self.power:g}, "
            f"two-sided level {self.sig_level:g}"
        )


@checked_call
def cox_sample_size(
    hazard_ratio: float,
    *,
    sd: float = 1.0,
    exposed: float | None = None,
    power: float = 0.8,
    sig_level: float = 0.05,
    r2_other: float = 0.0,
    event_fraction: float | None = None,
) -> CoxSampleSize:
    """Compute the events (and patients) needed to detect a hazard ratio in a Cox model.

    Events = (z[1 - sig_level/2] + z[power])^2 / (log(HR)^2 var (1 - R2)).

    Parameters
    ----------
    hazard_ratio : float
        Per unit of a continuous covariate, or exposed against unexposed.
    sd : float
        Standard deviation of a continuous covariate, in the unit of `hazard_ratio`.
    exposed : float, optional
        Proportion of exposed patients: the covariate is binary and `sd` is not used.
    power : float
        Probability of a significant result.
    sig_level : float
        Two-sided significance level.
    r2_other : float
        Squared multiple correlation of the covariate with the others in the model.
    event_fraction : float, optional
        Proportion of patients with an event, for the number of patients.

    Returns
    -------
    CoxSampleSize
        ``n_event``, ``n`` and the exact numbers; ``tidy()`` lists them.

    Raises
    ------
    InputError
        A hazard ratio of 1 or not positive, or a proportion outside its range.

    See Also
    --------
    cox_power : Power of a given number of patients.
    cox_sample_size_pilot : Variance, R2 and event fraction from a pilot study.
    pmsampsize_survival : Patients to develop a prediction model.

    Notes
    -----
    Equals ``ssizeEpiCont.default`` and ``numDEpi.default`` of R's powerSurvEpi 0.1.5. The formula
    is for small effects. For large ones it gives too few events: at a hazard ratio of 1.5 per
    standard deviation and 60 events its power is 0.88, by simulation 0.80.

    In R: ``powerSurvEpi::ssizeEpiCont.default(power = 0.8, theta = 1.3, sigma2 = 1, psi = 0.5,
    rho2 = 0)``

    References
    ----------
    Hsieh FY, Lavori PW (2000). Sample-size calculations for the Cox proportional hazards
    regression model with nonbinary covariates. Controlled Clinical Trials 21:552-560.
    doi:10.1016/S0197-2456(00)00104-5

    Examples
    --------
    >>> cox_sample_size(1.15, sd=1.2, r2_other=0.36, event_fraction=0.62).n
    704
    >>> cox_sample_size(1.5, exposed=0.4).n_event
    199
    """
    check_design(hazard_ratio, sig_level, r2_other, event_fraction)
    if not 0.5 <= check_number("power", power) < 1:
        raise InputError(f"power is {power}; give a number from 0.5 to below 1, e.g. 0.8.")
    if exposed is not None:
        if not 0 < check_number("exposed", exposed) < 1:
            raise InputError(f"exposed is {exposed}; it is a proportion between 0 and 1.")
        variance = exposed * (1 - exposed)
    else:
        variance = variance_of(sd)
    return CoxSampleSize(hazard_ratio, variance, power, sig_level, r2_other, event_fraction)


@checked_call
def cox_sample_size_pilot(
    formula: str,
    data: Any,
    *,
    failure: str,
    hazard_ratio: float,
    power: float = 0.8,
    sig_level: float = 0.05,
) -> CoxSampleSize:
    """Compute the sample size of a Cox model with variance, R2 and events of a pilot study.

    Parameters
    ----------
    formula : str
        ``covariate ~ others``: the linear model whose R2 is the part of the covariate's variance
        that the other covariates explain.
    data : pandas.DataFrame or polars.DataFrame
        The pilot study.
    failure : str
        Column of failures (events), 0/1, as R's failureFlag.
    hazard_ratio, power, sig_level
        As in `cox_sample_size`.

    Returns
    -------
    CoxSampleSize
        ``variance``, ``r2_other`` and ``event_fraction`` are the pilot's.

    Raises
    ------
    DesignError
        The pilot has no event or no variance.
    FormulaError
        strata(), cluster() or offset(), which are not used here.

    See Also
    --------
    cox_sample_size : The same, from numbers.

    Notes
    -----
    Equals ``ssizeEpiCont`` of R's powerSurvEpi 0.1.5: each quantity from the rows that are complete
    in its columns.

    In R: ``powerSurvEpi::ssizeEpiCont(x ~ z, dat = pilot, X1 = "x", failureFlag = "d",
    power = 0.8, theta = 1.5)``

    References
    ----------
    Hsieh FY, Lavori PW (2000). Sample-size calculations for the Cox proportional hazards
    regression model with nonbinary covariates. Controlled Clinical Trials 21:552-560.
    doi:10.1016/S0197-2456(00)00104-5

    Examples
    --------
    >>> import pandas as pd
    >>> pilot = pd.DataFrame({"x": [1.0, 2, 3, 4, 5, 6], "z": [0, 1, 0, 1, 1, 1],
    ...                       "d": [1, 0, 1, 1, 0, 1]})
    >>> cox_sample_size_pilot("x ~ z", pilot, failure="d", hazard_ratio=1.5).n
    34
    """
    data = as_pandas(data)
    left, _ = split_formula(formula)
    require_columns([failure], data, "cox_sample_size_pilot()")
    covariate = numeric(evaluate(left, data, "The left side"), left)
    covariate = covariate[~np.isnan(covariate)]
    with np.errstate(over="ignore"):
        variance = float(np.var(covariate, ddof=1)) if len(covariate) > 1 else 0.0
    events = binary(data[failure], failure)
    events = events[~np.isnan(events)]
    event_fraction = float(events.mean()) if len(events) else 0.0
    if not variance > 0:
        raise DesignError(f"`{left}` does not vary in the pilot study.")
    if not math.isfinite(variance):
        raise DesignError(f"`{left}` has values whose squares are beyond the numbers; rescale it.")
    if not event_fraction > 0:
        raise DesignError(f"'{failure}' has no event in the pilot study.")
    size = cox_sample_size(
        hazard_ratio, sd=math.sqrt(variance), power=power, sig_level=sig_level,
        r2_other=_r_squared(formula, data), event_fraction=event_fraction,
    )  # fmt: skip
    return CoxSampleSize(hazard_ratio, variance, power, sig_level, size.r2_other, event_fraction)


def _r_squared(formula: str, data: pd.DataFrame) -> float:
    """R2 of a linear model with intercept, on its complete rows."""
    frame = model_frame(formula, data, caller="cox_sample_size_pilot()")
    y = frame.y - frame.y.mean()
    x = frame.x - frame.x.mean(axis=0)
    fitted = x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return float(1 - ((y - fitted) ** 2).sum() / (y**2).sum())
