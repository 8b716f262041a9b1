"""How many patients a prediction model needs (Riley and others), as R's pmsampsize counts them."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from faceage_stats._call import checked_call
from faceage_stats._scalar import check_number, check_whole, round_up
from faceage_stats._warn import warn
from faceage_stats.errors import EstimationWarning, InputError
from faceage_stats.prediction.planning.pmsampsize_result import PredictionSampleSize

__all__ = ["PredictionSampleSize", "pmsampsize_binary", "pmsampsize_survival"]

_MARGIN = 0.05  # of the R2 difference and of the overall risk
_Z = 1.96  # as in pmsampsize
_NOTIONAL = 10_000  # patients at which pmsampsize evaluates the largest R2 of a survival outcome


@checked_call
def pmsampsize_survival(
    parameters: int,
    *,
    rate: float,
    times: float,
    mean_follow_up: float,
    r2_cox_snell: float | None = None,
    r2_nagelkerke: float | None = None,
    shrinkage: float = 0.9,
) -> PredictionSampleSize:
    """Compute the patients needed to develop a survival prediction model.

    Parameters
    ----------
    parameters : int
        Candidate parameters (a factor of k levels has k - 1).
    rate : float
        Events per unit of time and patient.
    times, mean_follow_up : float
        Horizon of the prediction and mean follow-up, in the same unit of time.
    r2_cox_snell, r2_nagelkerke : float, optional
        Anticipated R2, adjusted for optimism; one of the two. A Nagelkerke R2 is turned into a
        Cox-Snell R2 of three digits, as pmsampsize does.
    shrinkage : float
        Smallest acceptable shrinkage factor.

    Returns
    -------
    PredictionSampleSize
        ``n`` patients; ``tidy()`` how many each criterion needs.

    Raises
    ------
    InputError
        None or both of the R2, or a value outside its range.

    Warns
    -----
    EstimationWarning
        The overall risk at `times` would be known to no better than 0.05.

    See Also
    --------
    risk_model : The model to be developed.
    cox_sample_size : Patients to find one hazard ratio.

    Notes
    -----
    Equals R's pmsampsize 1.1.3, which takes the largest R2 at 10,000 patients with the number of
    events rounded up, and 1.96 for the normal quantile; a product that is whole but for the
    rounding of floats (0.035 x 24,000 patient-years are 840 events) is not rounded up, as R does
    where the last digit happens to be large. Its third criterion is not a search: it reports the
    precision reached with the patients of the first two.

    In R: ``pmsampsize::pmsampsize(type = "s", csrsquared = 0.051, parameters = 30, rate = 0.065,
    timepoint = 2, meanfup = 2.07)``

    References
    ----------
    Riley RD, Ensor J, Snell KIE and others (2020). Calculating the sample size required for
    developing a clinical prediction model. BMJ 368:m441. doi:10.1136/bmj.m441

    Examples
    --------
    >>> size = pmsampsize_survival(30, rate=0.065, times=2, mean_follow_up=2.07,
    ...                            r2_cox_snell=0.051)
    >>> size.n_by_criterion
    (5143, 1039, 5143)
    """
    for name, value in {"rate": rate, "times": times,
                        "mean_follow_up": mean_follow_up}.items():  # fmt: skip
        if not check_number(name, value, "be positive") > 0:
            raise InputError(f"{name} is {value}; it must be positive.")
    events = round_up(rate * (mean_follow_up * _NOTIONAL))
    log_lik_null = events * math.log(events / _NOTIONAL) - events
    r2_max = 1 - math.exp(2 * log_lik_null / _NOTIONAL)
    r2 = _one_r2(r2_cox_snell, r2_nagelkerke, None, r2_max)
    n1, n2, second = _first_two(parameters, r2, r2_max, shrinkage)
    n3 = max(n1, n2)
    half = _Z * math.sqrt(rate / round(mean_follow_up * n3, 1))
    margin = math.exp(-rate * times) - math.exp(-(rate + half) * times)
    if margin > _MARGIN:
        warn(
            f"with {n3} patients the overall risk at {times:g} is known within {margin:.3f} "
            f"only, more than {_MARGIN}. Plan for more patients or longer follow-up.",
            EstimationWarning,
        )
    return PredictionSampleSize(
        (n1, n2, n3), (shrinkage, second, max(shrinkage, second)), parameters, r2, r2_max,
        rate * mean_follow_up, margin, "survival",
    )  # fmt: skip


@checked_call
def pmsampsize_binary(
    parameters: int,
    *,
    prevalence: float,
    r2_cox_snell: float | None = None,
    r2_nagelkerke: float | None = None,
    c_statistic: float | None = None,
    shrinkage: float = 0.9,
) -> PredictionSampleSize:
    """Compute the patients needed to develop a prediction model of a binary outcome.

    Parameters
    ----------
    parameters : int
        Candidate parameters.
    prevalence : float
        Proportion of patients with the outcome.
    r2_cox_snell, r2_nagelkerke, c_statistic : float, optional
        What the model is expected to reach; one of the three. A C statistic is turned into an R2
        under normal linear predictors of equal spread, by integration.
    shrinkage : float
        Smallest acceptable shrinkage factor.

    Returns
    -------
    PredictionSampleSize
        ``n`` patients; ``tidy()`` how many each criterion needs.

    Raises
    ------
    InputError
        None or several of the three, or a value outside its range.

    See Also
    --------
    logistic : The model to be developed.
    calibration : Calibration, which shrinkage improves.

    Notes
    -----
    Equals R's pmsampsize 1.1.3; that package simulates where a C statistic is integrated here.

    In R: ``pmsampsize::pmsampsize(type = "b", csrsquared = 0.288, parameters = 24,
    prevalence = 0.174)``

    References
    ----------
    Riley RD, Ensor J, Snell KIE and others (2020). Calculating the sample size required for
    developing a clinical prediction model. BMJ 368:m441. doi:10.1136/bmj.m441

    Riley RD, Van Calster B, Collins GS (2021). A note on estimating the Cox-Snell R2 from a
    reported C statistic (AUROC) to inform sample size calculations for developing a prediction
    model with a binary outcome. Statistics in Medicine 40:859-864. doi:10.1002/sim.8806

    Examples
    --------
    >>> size = pmsampsize_binary(24, prevalence=0.174, r2_cox_snell=0.288)
    >>> size.n, size.n_by_criterion
    (662, (623, 662, 221))
    """
    if not 0 < check_number("prevalence", prevalence) < 1:
        raise InputError(f"prevalence is {prevalence}; it is a proportion between 0 and 1.")
    entropy = prevalence * math.log(prevalence) + (1 - prevalence) * math.log(1 - prevalence)
    r2_max = 1 - math.exp(2 * entropy)
    from_c = None if c_statistic is None else _r2_of_c(c_statistic, prevalence, entropy)
    r2 = _one_r2(r2_cox_snell, r2_nagelkerke, from_c, r2_max)
    n1, n2, second = _first_two(parameters, r2, r2_max, shrinkage)
    n3 = round_up((_Z / _MARGIN) ** 2 * prevalence * (1 - prevalence))
    n = max(n1, n2, n3)
    margin = _Z * math.sqrt(prevalence * (1 - prevalence) / n)
    return PredictionSampleSize(
        (n1, n2, n3), (shrinkage, second, max(shrinkage, second)), parameters, r2, r2_max,
        prevalence, margin, "binary",
    )  # fmt: skip


def _one_r2(
    cox_snell: float | None, nagelkerke: float | None, from_c: float | None, r2_max: float
) -> float:
    """The one R2 that was given, on the Cox-Snell scale."""
    given = [value for value in (cox_snell, nagelkerke, from_c) if value is not None]
    if len(given) != 1:
        raise InputError(
            f"{len(given)} measures of performance are given; give exactly one: r2_cox_snell, "
            "r2_nagelkerke, or (binary outcomes) c_statistic."
        )
    if nagelkerke is not None:
        if not 0 < check_number("r2_nagelkerke", nagelkerke) < 1:
            raise InputError(f"r2_nagelkerke is {nagelkerke}; it lies between 0 and 1.")
        return round(nagelkerke * r2_max, 3)
    r2 = check_number("r2_cox_snell", given[0])
    if not 0 < r2 < r2_max:
        raise InputError(
            f"a Cox-Snell R2 of {r2:.3g} is not possible here: it must lie between 0 and "
            f"{r2_max:.3g}, the largest value that this outcome allows."
        )
    return r2


def _first_two(
    parameters: int, r2: float, r2_max: float, shrinkage: float
) -> tuple[int, int, float]:
    """Patients by shrinkage and by optimism of R2, and the shrinkage of the latter."""
    check_whole("parameters", parameters, 1)
    if not r2 < check_number("shrinkage", shrinkage) < 1:
        raise InputError(f"shrinkage is {shrinkage}; it must lie between R2 ({r2:.3g}) and 1.")

    def patients(target: float) -> int:
        return round_up(parameters / ((target - 1) * math.log(1 - r2 / target)))

    second = r2 / (r2 + _MARGIN * r2_max)
    return patients(shrinkage), patients(second), second


def _r2_of_c(c_statistic: float, prevalence: float, entropy: float) -> float:
    """Cox-Snell R2 when the predictor is normal with one variance in both classes."""
    if not 0.5 < check_number("c_statistic", c_statistic) < 1:
        raise InputError(f"c_statistic is {c_statistic}; it lies between 0.5 and 1.")
    gap = math.sqrt(2) * float(stats.norm.ppf(c_statistic))
    nodes, weights = np.polynomial.hermite_e.hermegauss(200)
    weights = weights / weights.sum()
    prior = math.log(prevalence / (1 - prevalence))
    cases = gap * (nodes + gap) - gap**2 / 2 + prior
    controls = gap * nodes - gap**2 / 2 + prior
    log_lik = -prevalence * weights @ np.logaddexp(0, -cases)
    log_lik -= (1 - prevalence) * weights @ np.logaddexp(0, controls)
    return float(1 - math.exp(2 * (entropy - log_lik)))
