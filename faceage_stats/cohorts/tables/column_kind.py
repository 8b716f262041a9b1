"""What a column of text holds: numbers, dates, truth values, or text."""

from __future__ import annotations

import contextlib
import functools
from typing import Any

import numpy as np

from faceage_stats._spreadsheet import FORMULA_RESTORED
from faceage_stats._warn import warn
from faceage_stats.cohorts.tables.number_marks import MarksInText, NumberMarks
from faceage_stats.cohorts.tables.plain_numbers import EXACT, PlainBlock
from faceage_stats.cohorts.tables.reading import Codes
from faceage_stats.errors import ReadingWarning

__all__ = ["ColumnKind", "known_cells", "typed"]

_LIMIT = r"^([<>]=?|[\x{2264}\x{2265}])\s*[+-]?\d+([.,]\d+)?$"  # of detection
_PERCENT = r"^[+-]?\d+([.,]\d+)?\s*%$"
_LEADING_ZERO = r"^[+-]?0\d"  # 0012 is an identifier
_SHAPES = {
    "truth": r"^(true|false|TRUE|FALSE|True|False)$",
    "digits": r"^[+-]?\d+$",
    "whole": r"^[+-]?\d+$",
    "number": r"^[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|nan|NaN|NAN|inf|Inf|INF|[iI]nfinity)$",
    "comma": r"^[+-]?\d+(,\d+)?$",
    "instant": r"^\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,9})?)?)?$",
}
_SHAPES["far instant"] = _SHAPES["instant"]
# The minus sign of print, and numbers as wide as the characters of Chinese or Japanese.
_PRINTED = {0x2212: "-", **{0xFEE0 + ord(each): each for each in "+-.,0123456789"}}
_ALIKE = ("number", "comma")
_NUMBERS = ("whole", *_ALIKE)
_ALONE = ("whole", "number")  # as a cell stands, it is converted
# Words that often stand for a missing value, and turn a column of numbers into text.
_MISSING_WORDS = (
    *(".", "-", "--", "?", "*", "n/a", "na", "n.a.", "nd", "null", "none", "missing", "unknown"),
    *("unk", "<na>", "#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!"),
)


class ColumnKind:
    """What a column may still be, narrowed block by block."""

    def __init__(self, as_text: bool, codes: Codes, marks: NumberMarks) -> None:
        self.codes, self.marks = codes, marks
        self.marks_in_text = MarksInText()
        self.as_text = as_text
        self.empty = True
        self.gaps = False
        self.round = True  # numbers without a fraction, which an integer can hold
        self.n_words = 0
        self.n_limits = 0  # of them, those that may as well be groups: <65 and >=65
        self.possible = [] if as_text else ["truth", "digits", "whole", *_dated(), *marks.kinds]

    def narrow(self, cells: Any) -> None:
        """Strike out what the cells of this block are not."""
        cells = known_cells(cells, self.codes)
        self.gaps |= cells.null_count > 0
        if cells.null_count == len(cells):
            return
        self.empty = False
        if self.as_text or not (self.possible or self.marks_in_text.may_be_numbers):
            return
        known = _spelled(cells.drop_null())
        if self.possible:
            self.marks.look(known)
        known = self._without_words(known)
        if self.possible:
            self._narrow_possible(known)
        are_numbers = any(kind in _NUMBERS for kind in self.possible)
        self.marks_in_text.look(known, are_numbers=are_numbers)

    @property
    def may_be_plain(self) -> bool:
        """Whether `narrow_plainly` may take a block: no code is a number, no mark is given."""
        given = self.codes.numbers or self.marks.thousands is not None
        return "number" in self.possible and not given

    def narrow_plainly(self, block: PlainBlock) -> None:
        """Strike out what a block of plain numbers is not, as `narrow` would."""
        self.gaps |= block.gaps
        self.empty = False
        self.round &= block.are_round
        self.marks.count(block)
        self.marks_in_text.count(block)
        kept = ("digits", *_NUMBERS) if block.are_digits else ("number",)
        self.possible = [kind for kind in self.possible if kind in kept]

    def _narrow_possible(self, known: Any) -> None:
        import pyarrow.compute as pc

        identifiers = bool(pc.any(pc.match_substring_regex(known, _LEADING_ZERO)).as_py())
        kept = ("truth", "instant", "far instant")
        kinds = [kind for kind in self.possible if kind in kept or not identifiers]
        plain = self.marks.plain(known)
        looks = {shape: _all_match(plain, shape) for shape in {_SHAPES[kind] for kind in kinds}}
        self.possible = [k for k in kinds if looks[_SHAPES[k]] and self._converts(plain, k)]

    def _without_words(self, known: Any) -> Any:
        """Leave out what alone keeps a column from being numbers, so that the warning tells it."""
        import pyarrow.compute as pc

        limits = pc.match_substring_regex(known, _LIMIT)
        words = pc.is_in(pc.utf8_lower(known), _texts(_MISSING_WORDS))
        words = pc.or_(pc.or_(words, pc.match_substring_regex(known, _PERCENT)), limits)
        n = int(pc.sum(words).as_py() or 0)
        self.n_words += n
        self.n_limits += int(pc.sum(limits).as_py() or 0)
        return known.filter(pc.invert(words)) if n else known

    def _converts(self, cells: Any, kind: str) -> bool:
        """All cells, which look like this kind, can be converted to it."""
        import pyarrow as pa

        try:
            values = _converted(cells, kind)
        except pa.ArrowInvalid:
            return False
        if kind in _ALIKE and self.round:
            numbers = values.to_numpy(zero_copy_only=False)
            self.round = bool(np.all((np.floor(numbers) == numbers) & (np.abs(numbers) < EXACT)))
        return True

    @property
    def name(self) -> str:
        """Numbers when all cells are numbers without leading zeros, truth values, else text."""
        if self.empty:
            return "text" if self.as_text else "empty"
        if self.n_words or ("digits" in self.possible and "whole" not in self.possible):
            return "text"  # an identifier too long for a number
        kinds = [kind for kind in self.possible if kind != "digits"]
        if not kinds:
            return "text"
        if kinds[0] == "whole" and self.gaps:
            return next((kind for kind in kinds if kind in _ALIKE and self.round), "text")
        return kinds[0]

    @property
    def dtype(self) -> Any:
        """Of the whole column: whole numbers and truth values with gaps have no NumPy dtype."""
        name = self.name
        if name in _ALIKE and self.round and not self.gaps:
            return np.dtype(np.int64)
        if name == "truth" and not self.gaps:
            return np.dtype(bool)
        kinds = {"whole": np.int64, "truth": object, "text": object}
        return np.dtype(kinds.get(name, _dated().get(name, np.float64)))

    @property
    def _could_be_more(self) -> bool:
        return any(kind != "digits" for kind in self.possible)

    def marks_that_hinder(self) -> str | None:
        """Why numbers are read as text, where points and commas are the reason."""
        return None if self._could_be_more else self.marks_in_text.describe()

    def check(self, column: str, where: str, *, is_declared: bool) -> None:
        """Refuse numbers whose marks are ambiguous; warn where text may have meant numbers.

        Where a schema declares numbers (`is_declared`), its validation names the rows.
        """
        if not self.as_text and not self.empty:
            self.marks.check(column, where)
        if is_declared or self.name != "text":
            return
        if marks := self.marks_that_hinder():
            warn(f"{where}: column '{column}' {marks}", ReadingWarning)
        elif self._could_be_more and self.n_words > (0 if self.marks_in_text.n else self.n_limits):
            one = self.n_words == 1
            warn(
                f"{where}: column '{column}' was read as text: {self.n_words} "
                f"{'cell is a word' if one else 'cells are words'} such as '.' or 'unknown', a "
                "limit such as '<0.5' or a percentage; all others would be numbers, dates or "
                "true/false. Where it means missing, name it in na_values=.",
                ReadingWarning,
            )


def _dated() -> dict[str, str]:
    return {"instant": "datetime64[ns]", "far instant": "datetime64[us]"}


def _all_match(cells: Any, shape: str) -> bool:
    import pyarrow.compute as pc

    return len(cells) == 0 or bool(pc.all(pc.match_substring_regex(cells, shape)).as_py())


def known_cells(cells: Any, codes: Codes) -> Any:
    """Cells of text, missing where they are blank or one of the codes."""
    import pyarrow as pa
    import pyarrow.compute as pc

    missing = pc.is_in(pc.utf8_trim_whitespace(cells), _texts(codes.texts))
    return pc.if_else(missing, pa.scalar(None, pa.string()), cells)


def _spelled(cells: Any) -> Any:
    """Cells without blanks around them; a printed minus sign and wide digits are what they say."""
    import pyarrow as pa
    import pyarrow.compute as pc

    cells = pc.utf8_trim_whitespace(cells)
    if pc.all(pc.string_is_ascii(cells)).as_py() is not False:
        return cells
    texts = (text and text.translate(_PRINTED) for text in cells.to_pylist())
    return pa.array(texts, pa.string())


@functools.cache
def _texts(texts: tuple[str, ...]) -> Any:
    import pyarrow as pa

    return pa.array(texts, pa.string())


def typed(cells: Any, kind: ColumnKind) -> np.ndarray:
    """Convert a block of cells to the column's dtype; missing text and truth values are None."""
    import pyarrow as pa
    import pyarrow.compute as pc

    name = kind.name
    if name in _ALONE and kind.may_be_plain and not kind.gaps:
        with contextlib.suppress(pa.ArrowInvalid):  # blanks or a sign before a number
            values = pc.cast(cells, pa.int64() if name == "whole" else pa.float64())
            return np.asarray(values.to_numpy(zero_copy_only=False)).astype(kind.dtype, copy=False)
    cells = known_cells(cells, kind.codes)
    if name == "text":
        return np.asarray(pc.replace_substring_regex(cells, *FORMULA_RESTORED).to_pandas())
    if name == "empty":
        return np.full(len(cells), np.nan)
    plain = kind.marks.plain(_spelled(cells))
    values = _converted(plain, name)
    if name == "truth":
        return np.asarray(values.to_pandas())
    return np.asarray(values.to_numpy(zero_copy_only=False)).astype(kind.dtype)


def _converted(cells: Any, kind: str) -> Any:
    """Convert trimmed text; a cell that cannot be converted raises ArrowInvalid."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if kind == "digits":
        return cells
    if kind == "truth":
        return pc.equal(pc.utf8_lower(cells), "true")
    if kind in _dated():
        return pc.cast(cells, pa.timestamp("ns" if kind == "instant" else "us"))
    if kind == "whole":
        return pc.cast(pc.utf8_ltrim(cells, "+"), pa.int64())
    cells = pc.replace_substring(cells, ",", ".") if kind == "comma" else cells
    return pc.cast(cells, pa.float64())
