"""Power to tell an area under the ROC curve from chance, and the patients that it takes."""

from __future__ import annotations

import math
from typing import NamedTuple

import pandas as pd
from scipy import stats

from faceage_stats._call import checked_call
from faceage_stats._scalar import check_number
from faceage_stats.errors import InputError
from faceage_stats.prediction.planning.levels import PowerAlternative, upper_level

__all__ = ["roc_power", "roc_sample_size"]


class _Spread(NamedTuple):
    """Standard deviation of the area times the root of the cases: by chance, and at the area."""

    null: float
    alternative: float


@checked_call
def roc_power(
    auc: float,
    n_case: float,
    n_control: float,
    *,
    sig_level: float = 0.05,
    alternative: PowerAlternative = "two.sided",
) -> float:
    """Compute the power to tell an area under the ROC curve from one half.

    Parameters
    ----------
    auc : float
        The area expected, above 0.5.
    n_case, n_control : float
        Patients with and without the outcome.
    sig_level : float
        Significance level.
    alternative : {"two.sided", "one.sided"}

    Returns
    -------
    float
        Probability of a significant result.

    Raises
    ------
    InputError
        An area outside 0.5 to 1, or no patients.

    See Also
    --------
    roc_sample_size : Patients that reach a power.

    Notes
    -----
    In R: ``pROC::power.roc.test(auc = 0.73, ncases = 41, ncontrols = 72)``

    References
    ----------
    Obuchowski NA, Lieber ML, Wians FH (2004). ROC curves in Clinical Chemistry: uses, misuses, and
    possible solutions. Clinical Chemistry 50:1118-1125.

    Examples
    --------
    >>> round(roc_power(0.73, 41, 72), 4)
    0.9897
    """
    for name, size in (("n_case", n_case), ("n_control", n_control)):
        if not check_number(name, size) > 0:
            raise InputError(f"{name} is {size}; it is a number of patients.")
    spread = _spread(auc, n_control / n_case)
    z = float(stats.norm.isf(upper_level(sig_level, alternative)))
    distance = math.sqrt(n_case) * (auc - 0.5) - z * spread.null
    return float(stats.norm.cdf(distance / spread.alternative))


@checked_call
def roc_sample_size(
    auc: float,
    *,
    power: float = 0.8,
    kappa: float = 1.0,
    sig_level: float = 0.05,
    alternative: PowerAlternative = "two.sided",
) -> pd.DataFrame:
    """Compute the patients that tell an area under the ROC curve from one half.

    Parameters
    ----------
    auc : float
        The area expected, above 0.5.
    power : float
        Probability of a significant result.
    kappa : float
        Controls for each case.
    sig_level : float
        Significance level.
    alternative : {"two.sided", "one.sided"}

    Returns
    -------
    pandas.DataFrame
        One row: ``n_case n_control``, not rounded.

    Raises
    ------
    InputError
        An area outside 0.5 to 1, or a power or ratio out of range.

    See Also
    --------
    roc_power : The power of given numbers.
    roc_test_power : Two curves of the same patients.
    reader_power : For studies with readers.

    Notes
    -----
    In R: ``pROC::power.roc.test(auc = 0.65, power = 0.9, kappa = 1.7)``

    References
    ----------
    Obuchowski NA, Lieber ML, Wians FH (2004). ROC curves in Clinical Chemistry: uses, misuses, and
    possible solutions. Clinical Chemistry 50:1118-1125.

    Examples
    --------
    >>> roc_sample_size(0.65, power=0.9, kappa=1.7).round(2).to_dict("records")
    [{'n_case': 58.15, 'n_control': 98.86}]
    """
    if not 0 < check_number("power", power) < 1 or not check_number("kappa", kappa) > 0:
        raise InputError(f"power is {power} and kappa {kappa}; 0 < power < 1 and kappa above 0.")
    spread = _spread(auc, kappa)
    distance = stats.norm.isf(upper_level(sig_level, alternative)) * spread.null
    distance += stats.norm.ppf(power) * spread.alternative
    n_case = float(distance / (auc - 0.5)) ** 2
    return pd.DataFrame([{"n_case": n_case, "n_control": kappa * n_case}])


def _spread(auc: float, kappa: float) -> _Spread:
    """Obuchowski's binormal approximation, with the constants of pROC."""
    if not 0.5 < check_number("auc", auc) < 1:
        raise InputError(f"auc is {auc}; it must lie between 0.5 and 1.")
    a = 1.414 * float(stats.norm.ppf(auc))
    variance = 0.0099 * math.exp(-(a**2) / 2) * (5 * a**2 + 8 + (a**2 + 8) / kappa)
    return _Spread(math.sqrt(0.0792 * (1 + 1 / kappa)), math.sqrt(variance))
