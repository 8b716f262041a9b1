"""PhenoAge: the biological age that nine blood markers and age give (Levine and others 2018)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, numeric_column, require_columns
from faceage_stats._scalar import check_number
from faceage_stats.errors import InputError

__all__ = ["phenoage"]

# Gompertz model: the cumulative hazard of 120 months is GROWTH * exp(xb) / GAMMA.
_GAMMA, _GROWTH = 0.007692696, 1.51714
_AGE_AT_ZERO, _RATE = 141.50225, 0.0055305
_INTERCEPT = -19.90667
_MANY = 20  # rows from which a median tells a unit


class _Marker(NamedTuple):
    """A column: its weight, what a value or a median of it can be, and other units in use."""

    weight: float
    low: float
    high: float
    least_median: float
    unit: str
    otherwise: str


_MARKERS = {
    "age": _Marker(0.08035356, 1, 120, 1, "years", "divide months by 12"),
    "albumin_g_dl": _Marker(-0.03359355, 0.5, 8, 0.5, "g/dL", "divide g/L by 10"),
    "creatinine_mg_dl": _Marker(0.009506491, 0.05, 30, 0.05, "mg/dL", "divide umol/L by 88.4017"),
    "glucose_mg_dl": _Marker(0.1953192, 10, 2000, 10, "mg/dL", "divide mmol/L by 0.0555"),
    "crp_mg_l": _Marker(0.09536762, 0.001, 1000, 0.3, "mg/L", "multiply mg/dL by 10"),
    "lymphocyte_pct": _Marker(-0.01199984, 0, 100, 1, "%", "multiply a fraction by 100"),
    "mcv_fl": _Marker(0.02676401, 40, 160, 40, "fL", "the mean volume of a red cell"),
    "rdw_pct": _Marker(0.3306156, 5, 40, 5, "%", "take RDW-CV: RDW-SD in fL cannot be converted"),
    "alp_u_l": _Marker(0.001868778, 3, 5000, 3, "U/L", "divide ukat/L by 0.0167"),
    "wbc_k_ul": _Marker(0.05542406, 0.05, 500, 0.05, "thousand/uL", "divide cells/uL by 1000"),
}  # fmt: skip


@checked_call
def phenoage(
    data: Any,
    *,
    columns: Mapping[str, str] | None = None,
    divisor: float = 0.09165,
    cap: float | None = 100.0,
    calibrate_creatinine: bool = True,
) -> pd.DataFrame:
    """Compute PhenoAge, a biological age of blood, from nine markers and age.

    Parameters
    ----------
    data : pandas.DataFrame or polars.DataFrame
        One row per person, with ``age`` (years), ``albumin_g_dl``, ``creatinine_mg_dl``,
        ``glucose_mg_dl``, ``crp_mg_l`` (C-reactive protein), ``lymphocyte_pct`` (% of white
        cells), ``mcv_fl`` (mean cell volume), ``rdw_pct`` (red cell distribution width, CV),
        ``alp_u_l`` (alkaline phosphatase) and ``wbc_k_ul`` (white cells, thousands per uL).
    columns : mapping of str to str, optional
        For columns of another name: ``{"albumin_g_dl": "alb"}``. The units are those of the key.
    divisor : float
        Years are made from the mortality score with 0.09165 (corrected 2018) or 0.090165 (first
        printed): a stretch about 141.5 years that leaves ranks as they are.
    cap : float or None
        Largest PhenoAge, years: the score extrapolates beyond what it was made from, up to 207
        years in kidney failure. None leaves it uncapped.
    calibrate_creatinine : bool
        Whether creatinine is as measured in NHANES 1999-2000, and to be calibrated as its
        publisher asks (0.147 + 1.013 x value). False for an assay traceable to the reference.

    Returns
    -------
    pandas.DataFrame
        With the index of the data: ``phenoage`` (years, capped), ``phenoage_uncapped`` (years)
        and ``mortality10`` (the 10-year mortality score, 0 to 1). Missing where a marker is.

    Raises
    ------
    InputError
        A value that cannot be in the unit of its column, or a median that betrays another unit;
        C-reactive protein of 0, whose logarithm is infinite.
    FormulaError
        Absent columns.

    See Also
    --------
    age_gap : Gap to age by group, and its correction for age.
    coxph : Hazard ratio of a biological age given age.

    Notes
    -----
    The usual two steps, mortality score and then age, form 1 - score, which rounds to 0 in the
    sickest: their age is infinite and they are lost. Here PhenoAge is the linear predictor xb,
    shifted and stretched: 141.50225 + (xb + log(0.0055305 x 1.51714 / 0.007692696)) / divisor.

    References
    ----------
    Levine ME, Lu AT, Quach A and others (2018). An epigenetic biomarker of aging for lifespan and
    healthspan. Aging (Albany NY) 10:573-591. doi:10.18632/aging.101414

    Liu Z, Kuo PL, Horvath S and others (2018). A new aging measure captures morbidity and
    mortality risk across diverse subpopulations from NHANES IV: a cohort study. PLoS Medicine
    15:e1002718. doi:10.1371/journal.pmed.1002718

    Examples
    --------
    >>> import pandas as pd
    >>> person = pd.DataFrame({"age": [77], "albumin_g_dl": 4.5, "creatinine_mg_dl": 0.7,
    ...                        "glucose_mg_dl": 78, "crp_mg_l": 3.6, "lymphocyte_pct": 21.1,
    ...                        "mcv_fl": 88.5, "rdw_pct": 13.7, "alp_u_l": 62, "wbc_k_ul": 7.6})
    >>> float(phenoage(person)["phenoage"].iloc[0].round(3))
    70.637
    """
    scale = check_number("divisor", divisor)
    if scale <= 0:
        raise InputError(f"divisor is {divisor}; it must be positive, 0.09165 or 0.090165.")
    largest = math.inf if cap is None else check_number("cap", cap)
    frame = as_pandas(data)
    blood = _markers(frame, columns or {})
    if calibrate_creatinine:
        blood["creatinine_mg_dl"] = 0.147 + 1.013 * blood["creatinine_mg_dl"]
    xb = _linear_predictor(blood)
    years = _AGE_AT_ZERO + (xb + math.log(_RATE * _GROWTH / _GAMMA)) / scale
    return pd.DataFrame(
        {
            "phenoage": np.minimum(years, largest),
            "phenoage_uncapped": years,
            "mortality10": -np.expm1(-_GROWTH * np.exp(xb) / _GAMMA),
        },
        index=frame.index,
    )


def _linear_predictor(blood: Mapping[str, np.ndarray]) -> np.ndarray:
    """Sum the weights in the formula's units: g/L, umol/L, mmol/L and the logarithm of mg/dL."""
    as_published = {
        **blood,
        "albumin_g_dl": blood["albumin_g_dl"] * 10,
        "creatinine_mg_dl": blood["creatinine_mg_dl"] * 88.4017,
        "glucose_mg_dl": blood["glucose_mg_dl"] * 0.0555,
        "crp_mg_l": np.log(blood["crp_mg_l"] / 10),
    }
    terms = [marker.weight * as_published[name] for name, marker in _MARKERS.items()]
    return np.asarray(_INTERCEPT + np.sum(terms, axis=0))


def _markers(frame: pd.DataFrame, columns: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Read the markers, and refuse those that cannot be in their unit."""
    unknown = sorted(set(columns) - set(_MARKERS))
    if unknown:
        raise InputError(
            f"phenoage(): columns names {', '.join(unknown)}; the markers are "
            f"{', '.join(_MARKERS)}."
        )
    names = {marker: columns.get(marker, marker) for marker in _MARKERS}
    require_columns(names.values(), frame, "phenoage()")
    read = {marker: numeric_column(frame, name, "phenoage()") for marker, name in names.items()}
    problems = [
        f"'{names[marker]}' {fault} {_MARKERS[marker].unit}: {_MARKERS[marker].otherwise}."
        for marker, values in read.items()
        if (fault := _fault(values, _MARKERS[marker]))
    ]
    if problems:
        raise InputError("phenoage(): " + " ".join(problems))
    return read


def _fault(values: np.ndarray, marker: _Marker) -> str:
    """Say what cannot be, if anything, without a value of a person."""
    known = values[~np.isnan(values)]
    n_impossible = int(((known < marker.low) | (known > marker.high)).sum())
    if n_impossible:
        return (
            f"has {n_impossible} of {len(known)} values outside {marker.low:g} to {marker.high:g}"
        )
    if len(known) >= _MANY and np.median(known) < marker.least_median:
        return f"has a median below {marker.least_median:g}"
    return ""
