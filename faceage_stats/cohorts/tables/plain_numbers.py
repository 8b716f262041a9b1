"""Blocks of cells that are plainly numbers, looked at for many columns together.

A table of genes has thousands of columns, and to ask of each what it may be takes longer than to
read it. Where every cell of a block is a number that can be read in one way only, the columns are
asked together; `ColumnKind` takes the answer as it would find it cell by cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from faceage_stats.cohorts.tables.reading import Codes

__all__ = ["EXACT", "PlainBlock", "plain_blocks"]

EXACT = 2.0**53  # beyond it a float no longer holds every whole number
_PLAIN = r"^-?(0|[1-9]\d{0,14})(\.\d+)?([eE][+-]?\d{1,2})?$"
_AT_ONCE = 1 << 15  # cells: a few megabytes


class PlainBlock(NamedTuple):
    """What a block of one column holds: numbers without leading zeros, or missing cells.

    Attributes
    ----------
    n, n_points, n_small, n_hundreds : int
        Numbers; those with a point; those that are one or two, and three, digits.
    is_clear : bool
        Whether a cell settles that points are decimal points.
    gaps : bool
        Whether cells are missing.
    are_digits : bool
        Whether all are written as digits alone.
    are_round : bool
        Whether all are numbers without a fraction, which an integer can hold.
    """

    n: int
    n_points: int
    n_small: int
    n_hundreds: int
    is_clear: bool
    gaps: bool
    are_digits: bool
    are_round: bool


def plain_blocks(columns: Sequence[Any], codes: Codes) -> Iterator[PlainBlock | None]:
    """Look at one block of several columns; None for a column that needs a closer look.

    Parameters
    ----------
    columns : sequence of pyarrow.StringArray
        Cells as text, of one length.
    codes : Codes
        What is missing in these columns: no numbers.

    Yields
    ------
    PlainBlock or None
        One for each column.
    """
    together = max(1, _AT_ONCE // max(1, len(columns[0])))
    for first in range(0, len(columns), together):
        yield from _looked_at(columns[first : first + together], codes)


def _looked_at(columns: Sequence[Any], codes: Codes) -> Iterator[PlainBlock | None]:
    import pyarrow as pa
    import pyarrow.compute as pc

    def of_columns(values: Any) -> np.ndarray:
        array = np.asarray(values.to_numpy(zero_copy_only=False))
        return array.reshape(len(columns), -1)

    cells = pa.concat_arrays(columns)
    absent = of_columns(pc.is_in(cells, pa.array(codes.texts, pa.string())))
    is_plain = pc.match_substring_regex(cells, _PLAIN)
    known = of_columns(is_plain)
    cells = pc.if_else(is_plain, cells, "")
    point, length = of_columns(pc.find_substring(cells, ".")), of_columns(pc.binary_length(cells))
    sign = of_columns(pc.starts_with(cells, "-"))
    power = of_columns(pc.or_(pc.match_substring(cells, "e"), pc.match_substring(cells, "E")))
    zero = of_columns(pc.or_(pc.starts_with(cells, "0."), pc.starts_with(cells, "-0.")))
    numbers = of_columns(pc.cast(pc.if_else(is_plain, cells, "0"), pa.float64()))
    has_point = point >= 0
    digits = known & ~has_point & ~power
    before = np.where(has_point, point, length) - sign
    clear = known & (power | (before >= 4) | zero | (has_point & (length - point != 4)))
    are_round = (np.floor(numbers) == numbers) & (np.abs(numbers) < EXACT)
    told: list[Any] = [
        known.sum(axis=1),
        has_point.sum(axis=1),
        (digits & (before <= 2)).sum(axis=1),
        (digits & (before == 3)).sum(axis=1),
        clear.any(axis=1),
        absent.any(axis=1),
        (digits | absent).all(axis=1),
        are_round.all(axis=1),
    ]
    are_plain = (known | absent).all(axis=1).tolist()
    for is_plain_alone, *counts in zip(are_plain, *(each.tolist() for each in told), strict=True):
        block = PlainBlock(*counts)
        usable = is_plain_alone and block.n and (block.is_clear or block.are_digits)
        yield block if usable else None
