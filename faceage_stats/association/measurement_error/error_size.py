"""How large the error of a marker is, as a standard deviation of each row."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from faceage_stats._columns import numeric_column
from faceage_stats._scalar import check_number
from faceage_stats.errors import DesignError, InputError

__all__ = ["read_error_sd"]


def read_error_sd(
    marker: np.ndarray,
    data: pd.DataFrame,
    *,
    reliability: float | None,
    error_sd: float | str | None,
    caller: str,
) -> np.ndarray:
    """Give the standard deviation of the error of each row.

    Parameters
    ----------
    marker : ndarray, shape (n,)
        The measured values, none missing.
    data : DataFrame
        The same rows.
    reliability : float, optional
        Proportion of the variance of `marker` that is not error.
    error_sd : float or str, optional
        The standard deviation, or the column that holds that of each row.
    caller : str
        The user's function, named in messages.

    Returns
    -------
    ndarray, shape (n,)

    Raises
    ------
    InputError
        Neither or both are given, or a value is out of its range.
    DesignError
        Fewer than two rows, or an error as large as the variance of the marker.

    Examples
    --------
    >>> read_error_sd(np.array([60.0, 70.0]), pd.DataFrame(index=[0, 1]), reliability=0.5,
    ...               error_sd=None, caller="simex()")
    array([5., 5.])
    """
    if (reliability is None) == (error_sd is None):
        raise InputError(f"{caller}: give either reliability= (such as an ICC) or error_sd=.")
    if len(marker) < 2:
        raise DesignError(f"{caller}: {len(marker)} rows have a marker; 2 are needed.")
    variance = float(np.var(marker, ddof=1))
    if variance == 0:
        raise DesignError(f"{caller}: the marker does not vary in its {len(marker)} rows.")
    if reliability is not None:
        must = "lie above 0, and be 1 at most, e.g. 0.9"
        if not 0 < check_number("reliability", reliability, must) <= 1:
            raise InputError(f"{caller}: reliability is {reliability}; it must {must}.")
        return np.full(len(marker), math.sqrt((1 - reliability) * variance))
    if isinstance(error_sd, str):
        sd = numeric_column(data, error_sd, caller)
        n_bad = int((~(sd >= 0) | ~np.isfinite(sd)).sum())
    else:
        sd = np.full(len(marker), check_number("error_sd", error_sd))
        n_bad = int((sd < 0).sum())
    if n_bad:
        raise InputError(
            f"{caller}: error_sd is negative or missing in {n_bad} of {len(marker)} rows."
        )
    if np.mean(sd**2) >= variance:
        raise DesignError(
            f"{caller}: the error variance ({np.mean(sd**2):.3g}) is not smaller than the variance "
            f"of the marker ({variance:.3g}): nothing of it would be true. Check the unit of "
            "error_sd."
        )
    return sd
