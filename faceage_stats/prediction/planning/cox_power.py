"""Power of a Cox model to find a hazard ratio."""

from __future__ import annotations

import numpy as np
from scipy import stats

from faceage_stats._call import checked_call
from faceage_stats._scalar import check_number
from faceage_stats.errors import InputError

__all__ = ["check_design", "cox_power", "variance_of"]


@checked_call
def cox_power(
    n: float,
    hazard_ratio: float,
    *,
    event_fraction: float,
    sd: float = 1.0,
    variance: float | None = None,
    r2_other: float = 0.0,
    sig_level: float = 0.05,
) -> float:
    """Compute the power to detect the hazard ratio of one covariate in a Cox model.

    Parameters
    ----------
    n : float
        Patients.
    hazard_ratio : float
        Per unit of a continuous covariate, or exposed against unexposed.
    event_fraction : float
        Proportion of patients with an event.
    sd : float
        Standard deviation of the covariate.
    variance : float, optional
        Its variance, instead of `sd`; p (1 - p) for a binary covariate.
    r2_other : float
        Squared multiple correlation of the covariate with the others in the model.
    sig_level : float
        Two-sided significance level.

    Returns
    -------
    float
        Probability of a significant result.

    Raises
    ------
    InputError
        A hazard ratio of 1 or not positive, or a proportion outside its range.

    See Also
    --------
    cox_sample_size : Patients that reach a power.

    Notes
    -----
    Equals powerSurvEpi 0.1.5.

    In R: ``powerSurvEpi::powerEpiCont.default(n = 146, theta = 1.3, sigma2 = 1, psi = 0.5,
    rho2 = 0)``

    References
    ----------
    Hsieh FY, Lavori PW (2000). Sample-size calculations for the Cox proportional hazards
    regression model with nonbinary covariates. Controlled Clinical Trials 21:552-560.
    doi:10.1016/S0197-2456(00)00104-5

    Examples
    --------
    >>> round(cox_power(146, 1.3, event_fraction=0.5), 4)
    0.6109
    """
    check_number("event_fraction", event_fraction)
    check_design(hazard_ratio, sig_level, r2_other, event_fraction)
    check_number("event_fraction", event_fraction)
    if not check_number("n", n) > 0:
        raise InputError(f"n is {n}; it is a number of patients.")
    spread = variance_of(sd) if variance is None else variance
    information = n * np.log(hazard_ratio) ** 2 * spread * event_fraction * (1 - r2_other)
    return float(stats.norm.cdf(np.sqrt(information) - stats.norm.ppf(1 - sig_level / 2)))


def variance_of(sd: float) -> float:
    """Square of a standard deviation, which must be positive."""
    if not 0 < check_number("sd", sd) < 1e150:
        raise InputError(f"sd is {sd}; a standard deviation is positive and has a square.")
    return sd**2


def check_design(
    hazard_ratio: float, sig_level: float, r2_other: float, event_fraction: float | None
) -> None:
    """Refuse an impossible design."""
    if not check_number("hazard_ratio", hazard_ratio) > 0 or hazard_ratio == 1:
        raise InputError(f"hazard_ratio is {hazard_ratio}; it must be positive and not 1.")
    if not 0 < check_number("sig_level", sig_level) < 1:
        raise InputError(f"sig_level is {sig_level}; it must lie between 0 and 1, e.g. 0.05.")
    if not 0 <= check_number("r2_other", r2_other) < 1:
        raise InputError(f"r2_other is {r2_other}; it must be at least 0 and below 1.")
    if event_fraction is not None and not 0 < check_number("event_fraction", event_fraction) <= 1:
        raise InputError(f"event_fraction is {event_fraction}; it is a proportion of the patients.")
