"""Dates of an export in their stated formats; which day 03.04.2020 is, is never guessed."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from faceage_stats.cohorts.prepare.calendars import YEARS, in_common_years, in_other_years
from faceage_stats.cohorts.prepare.cells import plain_digits
from faceage_stats.errors import InputError

__all__ = ["format_problem", "likely_formats", "order_by", "read_dates", "write_date"]

_TOKENS = {"YYYY": "%Y", "MM": "%m", "DD": "%d", "hh": "%H", "mm": "%M", "ss": "%S"}
_TOKEN = re.compile("|".join([*YEARS, *_TOKENS]))
# What may stand behind the day where the format does not ask for it: 13:05, T13:05:22.317Z.
_TIME = r"[T ]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AP]M)?(?:Z| ?[+-]\d{2}:?\d{2})?$"
EXCEL = "Excel"  # the format of a date that a spreadsheet shows as its number of days
_EXCEL_ORIGIN = "1899-12-30"
_EXCEL_DAYS = (1, 73_050)  # 1900 to 2099
_FEW_DAYS = 30  # fewer different numbers are codes
_LIKELY_DAYS = (3_654, 54_789)  # 1910 to 2049
# What is tried where no format is stated; the two that are alike up to day 12 stand together.
_GUESSES = (
    *("YYYY-MM-DD", "YYYY/MM/DD", "YYYYMMDD"),
    *("DD.MM.YYYY", "MM.DD.YYYY", "DD/MM/YYYY", "MM/DD/YYYY", "DD-MM-YYYY", "MM-DD-YYYY"),
    *("YYYY.MM.DD", "YYYY年MM月DD日", "GYY.MM.DD", "GYY/MM/DD", "GYY年MM月DD日"),
    *("DD/MM/BBBB", "CCC/MM/DD"),
)


def format_problem(written: str) -> str:
    """Say what is wrong with a format; nothing where it can be read.

    Examples
    --------
    >>> format_problem("DD.MM.YY")
    'years of two digits could be of two centuries; export years of four digits (YYYY).'
    """
    if written == EXCEL:
        return ""
    rest, found = _TOKEN.sub("", written.replace("Thh", "hh")), _TOKEN.findall(written)
    n_years = sum(token in ("YYYY", *YEARS) for token in found)
    if not n_years and "YY" in rest:
        return "years of two digits could be of two centuries; export years of four digits (YYYY)."
    if re.search(r"[A-Za-z%]", rest) or n_years != 1 or not {"MM", "DD"} <= set(found):
        return (
            f"'{written}' is no format. Write DD, MM and YYYY (and hh, mm, ss), e.g. DD.MM.YYYY, "
            f"or {EXCEL} for a spreadsheet's number of days."
        )
    return ""


def read_dates(values: pd.Series, formats: tuple[str, ...]) -> tuple[pd.Series, np.ndarray, str]:
    """Read a column of dates; times of day are dropped.

    Parameters
    ----------
    values : pandas.Series
        Cells, from `as_cells`.
    formats : tuple of str
        As stated; none: the only format that reads every cell.

    Returns
    -------
    dates : pandas.Series
    unread : numpy.ndarray of bool
        Which cells are there and no dates in these formats.
    format : str
        In words, for the flow.

    Raises
    ------
    InputError
        Days and months cannot be told apart, or no format is stated and none reads every cell.
    """
    if pd.api.types.is_datetime64_any_dtype(values):
        plain = values.dt.tz_localize(None) if values.dt.tz is not None else values
        return plain.dt.normalize(), np.zeros(len(values), dtype=bool), "dates"
    text = values.astype(object)
    if pd.api.types.is_numeric_dtype(values):  # 20200131
        text = values.map(lambda v: None if pd.isna(v) else f"{v:.0f}").astype(object)
    text, known = plain_digits(text), text.notna()
    chosen = formats or (_guessed(text[known], str(values.name)),)
    read = {each: _parsed(text, each) for each in chosen}
    _refuse_double(read, str(values.name))
    dates = pd.Series(pd.NaT, values.index, dtype="datetime64[ns]", name=values.name)
    for parsed in read.values():
        dates = dates.fillna(parsed)
    return dates, (known & dates.isna()).to_numpy(), " or ".join(chosen)


def order_by(dates: pd.Series, *, newest: bool) -> np.ndarray:
    """Positions from the oldest to the newest; without a date a row is neither of them."""
    days = dates.reset_index(drop=True)
    none = "first" if newest else "last"
    ordered: pd.Series = days.sort_values(kind="stable", na_position=none)  # type: ignore[call-overload]
    return ordered.index.to_numpy()


def likely_formats(values: pd.Series) -> list[str]:
    """List the formats that read most cells of a column of text; none where it holds no dates.

    Examples
    --------
    >>> likely_formats(pd.Series(["03.04.2020", "unbekannt", "24.12.2019"] * 9))
    ['DD.MM.YYYY']
    """
    days = pd.to_numeric(values, errors="coerce").dropna()
    likely = days[days.between(*_LIKELY_DAYS)]
    if len(likely) > 0.9 * values.notna().sum():
        return [EXCEL] if likely.mod(1).eq(0).all() and likely.nunique() > _FEW_DAYS else []
    known = plain_digits(values.dropna().astype(str))
    fits = {each: int(_parsed(known, each).notna().sum()) for each in _GUESSES}
    most = max(fits.values(), default=0)
    return [each for each, n in fits.items() if n == most and n > len(known) / 2]


def write_date(days: pd.Series, written: str) -> pd.Series:
    """Write dates in a format."""
    if written == EXCEL:
        return (days - pd.Timestamp(_EXCEL_ORIGIN)).dt.days.astype("Int64").astype(object)
    return pd.Series(
        [
            None if pd.isna(day) else day.strftime(_python(each))
            for day, each in zip(days, in_other_years(days, written), strict=True)
        ],
        days.index,
        dtype=object,
    )


def _parsed(text: pd.Series, written: str) -> pd.Series:
    if written == EXCEL:
        days = pd.to_numeric(text, errors="coerce").astype(float)
        days = days.where(days.between(*_EXCEL_DAYS))
        read = pd.to_datetime(days, unit="D", origin=_EXCEL_ORIGIN).astype("datetime64[ns]")
        return read.dt.normalize()
    if "hh" not in written:
        text = text.str.replace(_TIME, "", regex=True, case=False)
    text, written = in_common_years(text, written)
    return (
        pd.to_datetime(text, format=_python(written), errors="coerce")
        .astype("datetime64[ns]")
        .dt.normalize()
    )


def _python(written: str) -> str:
    """A format as strptime has it."""
    return _TOKEN.sub(lambda match: _TOKENS[match[0]], written)


def _guessed(known: pd.Series, name: str) -> str:
    fits = {each: int(_parsed(known, each).notna().sum()) for each in _GUESSES}
    full = [each for each, n in fits.items() if n == len(known)]
    if len(full) == 1 or (full and known.empty):
        return full[0]
    if full:
        raise InputError(
            f"'{name}': all {len(known)} dates fit {' and '.join(full)}. Say which it is: `format`."
        )
    near = sorted((each for each, n in fits.items() if n), key=lambda each: -fits[each])[:3]
    counts = ", ".join(f"{each} reads {fits[each]}" for each in near) or "none reads any"
    raise InputError(
        f"'{name}': no format reads all {len(known)} dates: {counts}. State `format`, and name "
        "codes for a missing date in `missing`."
    )


def _refuse_double(read: dict[str, pd.Series], name: str) -> None:
    """Refuse two stated formats that read the same cells as different days."""
    seen = pd.DataFrame(read)
    n = int((seen.nunique(axis=1) > 1).sum())
    if n:
        raise InputError(
            f"'{name}': {n} dates are different days in {' and in '.join(read)}. State one format."
        )
