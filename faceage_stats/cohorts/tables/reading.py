"""What a reader may say about a file, and which cells of it are missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from faceage_stats.errors import InputError

__all__ = ["MISSING_CODES", "Codes", "Decimal", "NaValues", "Reading", "Thousands", "ValueLabels"]

MISSING_CODES = ("", "NA", "#N/A")
Code = str | int | float
NaValues = Code | Sequence[Code] | Mapping[str, Code | Sequence[Code]]
Decimal = Literal[".", ","]
Thousands = Literal[".", ",", " "]
ValueLabels = Literal["labels", "codes"]


@dataclass(frozen=True)
class Codes:
    """The codes of one column that mean a missing value, as text and as numbers."""

    texts: tuple[str, ...]
    numbers: tuple[float, ...]


@dataclass(frozen=True)
class Reading:
    """How a table is read; what is not given is found out."""

    text_columns: frozenset[str] | None = frozenset()  # None: all of them
    number_columns: frozenset[str] = frozenset()  # value labels are not used there
    missing_codes: tuple[str, ...] = MISSING_CODES
    sheet: str | None = None
    header_row: int | None = None
    na_values: NaValues = ()
    decimal: Decimal | None = None
    thousands: Thousands | None = None
    encoding: str | None = None
    value_labels: ValueLabels = "labels"

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        if self.decimal not in (None, ".", ","):
            raise InputError(f"decimal is {self.decimal!r}; give '.' or ','.")
        if self.thousands not in (None, ".", ",", " "):
            raise InputError(f"thousands is {self.thousands!r}; give '.', ',' or ' '.")
        if self.decimal is not None and self.decimal == self.thousands:
            raise InputError(f"decimal and thousands are both {self.decimal!r}; they must differ.")
        if self.value_labels not in ("labels", "codes"):
            raise InputError(
                f"value_labels is {self.value_labels!r}; give 'labels' (factors) or 'codes'."
            )
        row = self.header_row
        if row is not None and (not isinstance(row, int) or isinstance(row, bool) or row < 1):
            raise InputError(f"header_row is {row!r}; give the line of the header, from 1.")

    def is_text(self, name: str) -> bool:
        """Whether a column is to stay text, whatever its cells look like."""
        return self.text_columns is None or name in self.text_columns

    def codes(self, name: str) -> Codes:
        """Every code of a column that means missing."""
        given: Any = self.na_values
        if isinstance(given, Mapping):
            given = given.get(name, ())
        if isinstance(given, str | int | float):
            given = (given,)
        texts = [*self.missing_codes, *(text for code in given for text in _spellings(code))]
        numbers = [number for text in texts if (number := _number(text)) is not None]
        return Codes(tuple(dict.fromkeys(texts)), tuple(dict.fromkeys(numbers)))

    def refuse_unknown_columns(self, names: Sequence[str], where: str) -> None:
        """Refuse codes for a column that is not there."""
        if isinstance(self.na_values, Mapping):
            unknown = [str(name) for name in self.na_values if name not in names]
            if unknown:
                raise InputError(
                    f"{where}: na_values names {', '.join(unknown)}, which the table does not have."
                )


def _spellings(code: Any) -> list[str]:
    """How a code may stand in a file of text: 99, 99.0."""
    text = str(code).strip()
    number = _number(text)
    if number is None or not number.is_integer():
        return [text]
    return [text, str(int(number)), f"{int(number)}.0"]


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number == number else None
