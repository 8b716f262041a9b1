"""Cells of an export: what is missing, and text that is numbers."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from faceage_stats._kinds import by_kind
from faceage_stats._levels import level_text
from faceage_stats.cohorts.tables.number_marks import NumberMarks
from faceage_stats.cohorts.tables.reading import Reading
from faceage_stats.errors import InputError

__all__ = [
    "Marks",
    "as_cells",
    "coded_missing",
    "is_typed",
    "keys",
    "numbers",
    "plain_digits",
    "texts",
    "typed_columns",
]

_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
_POINT, _COMMA = r"[+-]?\d*\.\d+", r"[+-]?\d*,\d+"


@dataclass(frozen=True)
class Marks:
    """What a mapping says of the numbers of its export; None: found for each column."""

    decimal: str | None = None
    thousands: str | None = None


def as_cells(raw: pd.DataFrame) -> pd.DataFrame:
    """Text without blanks around it, None where it is blank; numbers and dates stay."""
    columns = {}
    for name in raw.columns:
        values = by_kind(raw[name])
        columns[name] = values if is_typed(values) else _stripped(values)
    return pd.DataFrame(columns, index=raw.index)


def is_typed(values: pd.Series) -> bool:
    """Whether a column holds numbers or dates by its storage, so that no text is parsed."""
    is_number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    return bool(is_number or pd.api.types.is_datetime64_any_dtype(values))


def _stripped(values: pd.Series) -> pd.Series:
    text = texts(values)
    return text.mask(text == "", None)


def texts(values: pd.Series) -> pd.Series:
    """Cells as text, whole numbers without a point, dates as 2020-01-31; missing is None."""
    codes, found = pd.factorize(values.astype(object))
    written = np.array([*(_text(each) for each in found), None], dtype=object)
    return pd.Series(written[codes], values.index, name=values.name, dtype=object)


def _text(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return level_text(value).strip()


def plain_digits(values: pd.Series) -> pd.Series:
    """Write the digits of other scripts, and letters of full width, as ours.

    Examples
    --------
    >>> plain_digits(pd.Series(["１６５．２", "٢٠٢٠", "10²", None])).tolist()
    ['165.2', '2020', '10²', None]
    """

    def plain(value: object) -> object:
        if not isinstance(value, str) or value.isascii():
            return value
        return "".join(map(_plain_character, value))

    return values.map(plain)


def _plain_character(letter: str) -> str:
    if letter.isdecimal():
        return str(unicodedata.decimal(letter))
    return unicodedata.normalize("NFKC", letter) if "\uff01" <= letter <= "\uff5e" else letter


def keys(values: pd.Series, leading_zeros: str) -> pd.Series:
    """Cells as the numbers of patients, where asked for without the zeros before them.

    Raises
    ------
    InputError
        Two numbers differ in those zeros alone.
    """
    written = texts(values)
    if leading_zeros == "keep":
        return written
    short = written.str.replace("^0+(?=.)", "", regex=True)
    n = written.nunique() - short.nunique()
    if n:
        raise InputError(
            f"'{values.name}': {n} values differ from another in leading zeros alone, so that "
            "`leading_zeros: ignore` would take two patients for one."
        )
    return short


def coded_missing(values: pd.Series, codes: Iterable[str]) -> np.ndarray:
    """Which cells hold a code for a missing value; -9 is also -9.0 and -9,0."""
    known = Reading(missing_codes=(), na_values=tuple(codes)).codes("")
    if pd.api.types.is_numeric_dtype(values):
        return values.isin(known.numbers).to_numpy(bool)
    spelled = {*known.texts, *(text.replace(".", ",") for text in known.texts)}
    return texts(values).isin(spelled).to_numpy(bool)


def numbers(values: pd.Series, marks: Marks) -> tuple[pd.Series, np.ndarray]:
    """Read cells as numbers.

    Parameters
    ----------
    values : pandas.Series
        Cells, from `as_cells`.
    marks : Marks

    Returns
    -------
    numbers : pandas.Series
        float64; missing where a cell is, or cannot be read.
    unread : numpy.ndarray of bool
        Which cells are there and no numbers.

    Raises
    ------
    InputError
        Points and commas can be read in two ways.
    """
    if pd.api.types.is_datetime64_any_dtype(values):
        return pd.Series(np.nan, values.index), values.notna().to_numpy()
    if is_typed(values):
        return values.astype(float), np.zeros(len(values), dtype=bool)
    plain = _plain_numbers(values, marks)
    is_number = plain.str.fullmatch(_NUMBER).eq(True).to_numpy(bool)
    read = pd.to_numeric(plain.where(is_number), errors="coerce").astype(float)
    return read, values.notna().to_numpy() & ~is_number


def _plain_numbers(values: pd.Series, marks: Marks) -> pd.Series:
    """Cells with a decimal point and without marks of thousands."""
    import pyarrow as pa

    cells = pa.array(list(plain_digits(values)), pa.string())
    found = NumberMarks(marks.decimal, marks.thousands, may_have_commas=True)
    found.look(cells.drop_null())
    found.check(str(values.name), "the export")
    plain = pd.Series(found.plain(cells).to_pylist(), values.index, dtype=object)
    n_points, n_commas = (
        int(plain.str.fullmatch(each).eq(True).sum()) for each in (_POINT, _COMMA)
    )
    if marks.decimal is None and n_points and n_commas:
        raise InputError(
            f"in column '{values.name}' {n_points} cells have a decimal point and {n_commas} a "
            "decimal comma. Say which it is: `decimal` below `source`."
        )
    decimal = marks.decimal or ("," if n_commas else ".")
    return plain.str.replace(",", ".") if decimal == "," else plain


def typed_columns(cells: pd.DataFrame, names: Iterable[str], marks: Marks) -> pd.DataFrame:
    """Columns for a condition: numbers where all cells are numbers, else text."""
    return pd.DataFrame({name: _typed(cells[name], marks) for name in names}, index=cells.index)


def _typed(values: pd.Series, marks: Marks) -> pd.Series:
    if is_typed(values) or values.isna().all():
        return values
    known = values.dropna()
    if known.str.fullmatch(r"[+-]?0\d+").any():  # identifiers and codes with leading zeros
        return values
    if not known.str.fullmatch(r"[+-]?[\d.,]+([eE][+-]?\d+)?").all():
        return values
    read, unread = numbers(values, marks)
    return values if unread.any() else read
