"""Years that are counted from another year than ours: Japan's eras, Buddhist and Minguo years."""

from __future__ import annotations

import re

import pandas as pd

__all__ = ["YEARS", "in_common_years", "in_other_years"]

# The year before an era's first, the day on which it began, and how it is written.
_ERAS = (
    (2018, "2019-05-01", ("R", "令和")),
    (1988, "1989-01-08", ("H", "平成")),
    (1925, "1926-12-25", ("S", "昭和")),
    (1911, "1912-07-30", ("T", "大正")),
    (1867, "1868-10-23", ("M", "明治")),
)
_BEFORE = {name: year for year, _, names in _ERAS for name in names}
_FURTHER = {"BBBB": 543, "CCC": -1911}  # from our year to that one
# What stands at a token: 昭和23, S23 or 令和元; 2567; 113.
YEARS = {
    "GYY": f"(?:{'|'.join(_BEFORE)}) ?(?:[0-9]{{1,2}}|元)",
    "BBBB": "[0-9]{4}",
    "CCC": "[0-9]{2,3}",
}
_PART = re.compile("MM|DD|hh|mm|ss")


def in_common_years(text: pd.Series, written: str) -> tuple[pd.Series, str]:
    """Write our years into dates, and YYYY into their format.

    Examples
    --------
    >>> in_common_years(pd.Series(["昭和23年4月5日", "R1年5月1日"]), "GYY年MM月DD日")[0].tolist()
    ['1948年4月5日', '2019年5月1日']
    """
    token = _token(written)
    if not token:
        return text, written
    before, after = (
        "[0-9]{1,2}".join(map(re.escape, _PART.split(part))) for part in written.split(token)
    )
    shape = re.compile(f"({before})({YEARS[token]})({after})")

    def common(value: object) -> str | None:
        found = shape.fullmatch(value.upper()) if isinstance(value, str) else None
        return f"{found[1]}{_common_year(token, found[2])}{found[3]}" if found else None

    return text.map(common).astype(object), written.replace(token, "YYYY")


def in_other_years(days: pd.Series, written: str) -> pd.Series:
    """Formats of single days, in which the year stands as it is to be written."""
    token = _token(written)
    if not token:
        return pd.Series(written, days.index)
    return days.map(lambda day: written.replace(token, _other_year(token, day)), "ignore")


def _token(written: str) -> str:
    return next((token for token in YEARS if token in written), "")


def _common_year(token: str, written: str) -> str:
    if token in _FURTHER:
        return f"{int(written) - _FURTHER[token]:04d}"
    era = next(name for name in _BEFORE if written.startswith(name))
    number = written.removeprefix(era).strip()
    return f"{_BEFORE[era] + (1 if number == '元' else int(number)):04d}"


def _other_year(token: str, day: pd.Timestamp) -> str:
    if token in _FURTHER:
        return f"{day.year + _FURTHER[token]:0{len(token)}d}"
    before, names = next((y, n) for y, began, n in _ERAS if day >= pd.Timestamp(began))
    return f"{names[0]}{day.year - before:02d}"
