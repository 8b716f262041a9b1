"""Points and commas inside numbers: which is the decimal point, which groups the thousands.

3.130 is three and a bit in one country and three thousand in the next. A column that can be read
both ways is refused, and the reader says which it is.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from faceage_stats.cohorts.tables.plain_numbers import PlainBlock
from faceage_stats.errors import InputError

__all__ = ["MarksInText", "NumberMarks"]

_NAMES = {".": "dots", ",": "commas"}
# A cell of the first shape settles that a dot is a decimal point, or that no marks are used.
_CLEAR = r"^[+-]?(\d{4,}(\.\d*)?|0?\.\d+|0\.\d*|\d*\.(\d{0,2}|\d{4,}))$"
_SHAPES = {
    "hundreds": r"^[+-]?\d{3}$",
    "small": r"^[+-]?\d{1,2}$",
    "decimal ,": r"^[+-]?(\d{4,},\d*|0,\d*|\d*,(\d{1,2}|\d{4,}))$",
}
_BLANK = "[ \u00a0\u202f]"  # also those that do not break a line
# 3,130.50 or 3.130,50 or 3 130
_GROUPED = rf"[1-9]\d{{0,2}}((,\d{{3}})+\.\d+|(\.\d{{3}})+,\d+|({_BLANK}\d{{3}})+([.,]\d+)?)"
# 0012 is an identifier
_EITHER = rf"^[+-]?({_GROUPED}|((0|[1-9]\d*)([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?)$"
for _mark in _NAMES:
    _SHAPES[f"zero {_mark}"] = rf"^[+-]?[1-9]\d{{0,2}}[{_mark}]\d\d0$"  # printed 3.13 as a decimal
    _SHAPES[f"grouped {_mark}"] = rf"^[+-]?[1-9]\d{{0,2}}[{_mark}]\d{{3}}$"
    _SHAPES[f"repeated {_mark}"] = rf"^[+-]?[1-9]\d{{0,2}}([{_mark}]\d{{3}}){{2,}}$"


class NumberMarks:
    """The marks of one column: those that were given, or how often each could be which.

    Parameters
    ----------
    decimal, thousands : str, optional
        As the user gave them.
    may_have_commas : bool
        Whether a comma may be a decimal point here: the cells are not separated by commas.
    """

    def __init__(self, decimal: str | None, thousands: str | None, may_have_commas: bool) -> None:
        if decimal is None and thousands in _NAMES:
            decimal = "," if thousands == "." else "."
        self.thousands = thousands or ("." if decimal == "," else None)
        self.kinds = ["comma"] if decimal == "," else ["number"]
        if decimal is None and may_have_commas:
            self.kinds = ["number", "comma"]
        self.settled = decimal is not None or thousands is not None
        self.n: Counter[str] = Counter()

    def plain(self, cells: Any) -> Any:
        """Cells without the marks of thousands that were given."""
        import pyarrow.compute as pc

        if self.thousands is None:
            return cells
        mark = _BLANK if self.thousands == " " else re.escape(self.thousands)
        grouped = pc.match_substring_regex(cells, rf"^[+-]?\d{{1,3}}({mark}\d{{3}})+([.,]\d*)?$")
        return pc.if_else(grouped, pc.replace_substring_regex(cells, mark, ""), cells)

    def look(self, cells: Any) -> None:
        """Count the cells of each shape in this block, until one settles the matter."""
        import pyarrow.compute as pc

        if self.settled:
            return
        if pc.any(pc.match_substring_regex(cells, _CLEAR)).as_py():
            self.settled = True
            return
        for name, shape in _SHAPES.items():
            hits = pc.match_substring_regex(cells, shape)
            self.n[name] += int(pc.sum(hits).as_py() or 0)
            cells = cells.filter(pc.invert(hits))
        self.settled = len(cells) > 0

    def count(self, block: PlainBlock) -> None:
        """Count the cells of a block of plain numbers, as `look` would."""
        if not self.settled:
            self.settled = block.is_clear
            self.n.update(hundreds=block.n_hundreds, small=block.n_small)

    def check(self, column: str, where: str) -> None:
        """Refuse thousands that could be decimals."""
        if self.settled:
            return
        n = self.n
        n_marked = {m: n[f"zero {m}"] + n[f"grouped {m}"] + n[f"repeated {m}"] for m in _NAMES}
        for mark, name in _NAMES.items():
            is_grouped = n_marked[mark] and not n["decimal ,"]
            evident = n["hundreds"] or (n["small"] and n[f"zero {mark}"])
            if n[f"repeated {mark}"] or (is_grouped and evident):
                raise InputError(
                    f"{where}: in column '{column}' {name} may group thousands (3{mark}130) or be "
                    f"decimal points: {_count(n_marked[mark])} such {name}, "
                    f"{n['hundreds'] + n['small']} none. Pass thousands='{mark}' or "
                    f"decimal='{mark}'."
                )


class MarksInText:
    """Whether a column that is read as text is numbers, whose marks keep it from being read."""

    def __init__(self) -> None:
        self.n = 0
        self.n_numbers = 0  # with a point or a comma as the decimal mark
        self.n_marked: Counter[str] = Counter()

    @property
    def may_be_numbers(self) -> bool:
        """Whether at least four in five of the cells seen so far are; if not, look no more."""
        return self.n_numbers >= 0.8 * self.n

    def look(self, cells: Any, *, are_numbers: bool) -> None:
        """Count the points and commas of this block; `are_numbers` saves the search for them."""
        import pyarrow.compute as pc

        if not self.may_be_numbers:
            return
        numbers = cells if are_numbers else cells.filter(pc.match_substring_regex(cells, _EITHER))
        self.n += len(cells)
        self.n_numbers += len(numbers)
        for mark in (*map(re.escape, _NAMES), _BLANK):
            n = pc.sum(pc.match_substring_regex(numbers, mark)).as_py()
            self.n_marked[mark.removeprefix("\\")] += int(n or 0)

    def count(self, block: PlainBlock) -> None:
        """Count the points of a block of plain numbers, as `look` would."""
        self.n += block.n
        self.n_numbers += block.n
        self.n_marked["."] += block.n_points

    def describe(self) -> str | None:
        """What keeps the numbers from being read, and the cure; None where most cells are none."""
        n_points, n_commas = self.n_marked["."], self.n_marked[","]
        if self.may_be_numbers and (n_blanks := self.n_marked[_BLANK]):
            found = f"{_count(n_blanks)} a blank"
            cure = "Where it groups thousands, pass thousands=' '."
        elif self.may_be_numbers and n_points and n_commas:
            found = f"{_count(n_commas)} a comma and {_count(n_points)} a point"
            cure = (
                "Write one decimal mark throughout, which decimal= names, or pass thousands= where "
                "the other groups thousands."
            )
        elif self.n_numbers == self.n and (n_points or n_commas):
            mark, name = (",", "comma") if n_commas else (".", "point")
            found = f"{_count(n_points + n_commas)} a {name} and all others none"
            cure = (
                f"Where it is the decimal mark, pass decimal='{mark}'; where it groups thousands, "
                f"thousands='{mark}'."
            )
        elif self.may_be_numbers and 0 < self.n_numbers < self.n:
            n = self.n - self.n_numbers
            return (
                f"was read as text: of {self.n} cells {n} {'is' if n == 1 else 'are'} no number "
                "(a row of units, a note?). Correct them, or name what means missing in na_values=."
            )
        else:
            return None
        return f"was read as text, but in its numbers {found}. {cure}"


def _count(n: int) -> str:
    return "1 cell has" if n == 1 else f"{n} cells have"
