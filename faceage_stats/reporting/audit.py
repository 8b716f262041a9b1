"""Check that reported estimates, intervals and p values agree with each other.

Every printed digit stands for an interval half a unit wide on either side; a disagreement is
flagged only when no numbers inside these intervals could agree.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, require_columns
from faceage_stats.errors import InputError
from faceage_stats.reporting.formats import format_number, format_p

__all__ = ["audit", "implied"]

_LOG_QUANTITIES = ("hazard_ratio", "odds_ratio", "risk_ratio")
_SAME_RESULT = ["paper", "cohort", "quantity", "model", "term"]
_LABEL = re.compile(r"printed label there reads (\d+\.\d+)-(\d+\.\d+)")
_P = re.compile(r"([<>]?)\s*(0?\.\d+|[01](?:\.\d+)?)")


class Implied(NamedTuple):
    """What an estimate with its interval implies; low and high bound what rounding allows."""

    se: float
    se_low: float
    se_high: float
    statistic: float
    p: float
    p_low: float
    p_high: float
    asymmetry: float
    symmetric: bool


def implied(
    estimate: float,
    conf_low: float,
    conf_high: float,
    *,
    half_unit: float = 0.0,
    log: bool = True,
    conf_level: float = 0.95,
) -> Implied:
    """Recompute standard error, z and p from an estimate and its normal interval.

    Parameters
    ----------
    estimate, conf_low, conf_high : float
        As printed.
    half_unit : float
        Half a unit of the last printed digit: 0.0005 for 1.151.
    log : bool
        Ratios: the interval is symmetric, and the null value 1, on the log scale. Otherwise the
        null value is 0.
    conf_level : float
        Level of the interval.

    Returns
    -------
    Implied
        Named values: ``se, se_low, se_high, statistic, p, p_low, p_high, asymmetry`` (midpoint of
        the limits minus the estimate, on the scale of the interval) and ``symmetric`` (within
        rounding).

    Raises
    ------
    InputError
        Limits that are not in order, or a ratio that rounding could take to 0.

    References
    ----------
    Altman DG, Bland JM (2011). How to obtain the P value from a confidence interval. BMJ 343,
    d2304. doi:10.1136/bmj.d2304

    Examples
    --------
    >>> result = implied(1.151, 1.056, 1.254, half_unit=0.0005)
    >>> round(result.p, 4), round(result.p_low, 4), round(result.p_high, 4), result.symmetric
    (0.0013, 0.0012, 0.0015, True)
    """
    if not conf_low < conf_high:
        raise InputError(f"Limits {conf_low:g} and {conf_high:g} are not in ascending order.")
    if log and min(estimate, conf_low) <= half_unit:
        raise InputError("A ratio and its limits must stay positive within their rounding.")
    scale = math.log if log else float
    z = float(stats.norm.ppf(0.5 + conf_level / 2))

    def bounds(value: float) -> tuple[float, float]:
        return scale(value - half_unit), scale(value + half_unit)

    point, low, high = scale(estimate), scale(conf_low), scale(conf_high)
    (point_min, point_max), (low_min, low_max), (high_min, high_max) = map(
        bounds, (estimate, conf_low, conf_high)
    )
    se = (high - low) / (2 * z)
    se_low, se_high = max(high_min - low_max, 0.0) / (2 * z), (high_max - low_min) / (2 * z)
    nearest = 0.0 if point_min <= 0 <= point_max else min(abs(point_min), abs(point_max))
    farthest = max(abs(point_min), abs(point_max))
    middle_min, middle_max = (low_min + high_min) / 2, (low_max + high_max) / 2
    return Implied(
        se=se,
        se_low=se_low,
        se_high=se_high,
        statistic=point / se,
        p=_two_sided(abs(point) / se),
        p_low=_two_sided(farthest / se_low) if se_low > 0 else 0.0,
        p_high=_two_sided(nearest / se_high),
        asymmetry=(low + high) / 2 - point,
        # tolerance of one rounding for the binary form of the decimals
        symmetric=middle_min <= point_max + 1e-12 and point_min <= middle_max + 1e-12,
    )


def _two_sided(z: float) -> float:
    return float(2 * stats.norm.sf(z))


@checked_call
def audit(values: pd.DataFrame, *, conf_level: float = 0.95) -> pd.DataFrame:
    """Check every reported estimate against its interval, p value and label.

    Parameters
    ----------
    values : DataFrame
        As :func:`faceage_stats.reporting.paper.paper_values` returns it. A row that gives no
        interval uses that of the row with the same paper, cohort, quantity, model and term, if
        their estimates are equal as printed.
    conf_level : float
        Level of the reported intervals.

    Returns
    -------
    pandas.DataFrame
        One row per reported estimate with an interval: ``id, display_item, cohort, quantity,
        model, term, estimate, conf_low, conf_high, decimals, interval_of, implied_se,
        implied_se_low, implied_se_high, implied_statistic, implied_p, implied_p_low,
        implied_p_high, p_reported, asymmetry, flags``. ``interval_of`` is the id of the row whose
        interval it is, ``decimals`` how many of it were printed.
        Ratios are judged on the log scale; other quantities have no implied p, because their null
        value is not stated.
        ``flags`` is empty when nothing is wrong beyond rounding.

    See Also
    --------
    paper_values : The published numbers.

    Examples
    --------
    >>> from faceage_stats.reporting.paper import paper_values
    >>> table = audit(paper_values()).set_index("id")
    >>> print(table.loc["faceage_maastro_hr_adjusted", "flags"])
    p reported 0.013, but estimate and interval imply 0.0013 (0.0012 to 0.0015 within rounding)
    """
    values = as_pandas(values)
    require_columns(("estimate", "conf_low", "conf_high"), values, "audit()")
    rows = []
    limits = values.dropna(subset=["conf_low", "conf_high"])
    for record in values.dropna(subset=["estimate"]).to_dict(orient="records"):
        row = {str(column): value for column, value in record.items()}
        source = row if not math.isnan(row["conf_low"]) else _same_result(row, limits)
        if source is not None:
            rows.append(_audit_row(row, source, limits, conf_level))
    return pd.DataFrame(rows)


def _same_result(row: Mapping[str, Any], limits: pd.DataFrame) -> dict[str, Any] | None:
    """Find the same result printed elsewhere with an interval."""
    same = (limits[_SAME_RESULT] == pd.Series({c: row[c] for c in _SAME_RESULT})).all(axis=1)
    same &= limits["estimate"] == row["estimate"]
    return dict(limits[same].iloc[0]) if same.any() else None


def _audit_row(
    row: Mapping[str, Any], source: Mapping[str, Any], limits: pd.DataFrame, conf_level: float
) -> dict[str, Any]:
    log = row["quantity"] in _LOG_QUANTITIES
    result = implied(
        row["estimate"],
        source["conf_low"],
        source["conf_high"],
        half_unit=0.5 * 10.0 ** -float(source["decimals"]),
        log=log,
        conf_level=conf_level,
    )
    flags = _label_flags(row, limits)
    if log and not result.symmetric:
        flags.append("interval is not symmetric on the log scale beyond rounding")
    if log and not _p_agrees(row["p_reported"], result):
        flags.append(
            f"p reported {row['p_reported']}, but estimate and interval imply "
            f"{format_p(result.p)} ({format_p(result.p_low)} to {format_p(result.p_high)} "
            "within rounding)"
        )
    copied = ("id", "display_item", "cohort", "quantity", "model", "term", "estimate")
    return {
        **{name: row[name] for name in copied},
        "conf_low": source["conf_low"],
        "conf_high": source["conf_high"],
        "decimals": source["decimals"],
        "interval_of": source["id"],
        "implied_se": result.se,
        "implied_se_low": result.se_low,
        "implied_se_high": result.se_high,
        "implied_statistic": result.statistic if log else np.nan,
        "implied_p": result.p if log else np.nan,
        "implied_p_low": result.p_low if log else np.nan,
        "implied_p_high": result.p_high if log else np.nan,
        "p_reported": row["p_reported"],
        "asymmetry": result.asymmetry,
        "flags": "; ".join(flags),
    }


def _p_agrees(reported: Any, result: Implied) -> bool:
    """Whether a printed p value and the implied one can be the same number."""
    match = _P.fullmatch(str(reported).strip()) if reported else None
    if match is None:
        return True
    sign, digits = match.groups()
    value = float(digits)
    half_unit = 0.5 * 10.0 ** -len(digits.partition(".")[2])
    low, high = {"<": (0.0, value), ">": (value, 1.0), "": (value - half_unit, value + half_unit)}[
        sign
    ]
    return result.p_low <= high and low <= result.p_high


def _label_flags(row: Mapping[str, Any], limits: pd.DataFrame) -> list[str]:
    """Printed labels that differ from the limits that were plotted."""
    match = _LABEL.search(str(row.get("source_note", "")))
    if match is None:
        return []
    flags = []
    for column, label in zip(("conf_low", "conf_high"), match.groups(), strict=True):
        digits = len(label.partition(".")[2])
        plotted = format_number(row[column], digits)
        if plotted == label:
            continue
        side = "lower" if column == "conf_low" else "upper"
        flag = f"printed label has {side} limit {label}, plotted is {plotted}"
        flags.append(flag + _also_found(label, digits, str(row["id"]), limits))
    return flags


def _also_found(label: str, digits: int, this_id: str, limits: pd.DataFrame) -> str:
    """Name the limit of another row that the label equals: a swap."""
    for other in limits.to_dict(orient="records"):
        for column, side in (("conf_low", "lower"), ("conf_high", "upper")):
            if other["id"] != this_id and format_number(other[column], digits) == label:
                return f" (it is the {side} limit of {other['id']})"
    return ""
