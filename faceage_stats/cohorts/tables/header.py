"""The header of a table: names that are there, and different; no title in its place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from faceage_stats._warn import warn
from faceage_stats.errors import InputError, ReadingWarning

__all__ = ["ROW_NAMES", "first_full_row", "refuse_names", "refuse_title", "tell_numbers"]

ROW_NAMES = "row_names"  # the column that R's row names become
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")


def refuse_names(names: Sequence[str], where: str) -> None:
    """Refuse columns without a name, and names that stand twice."""
    blank = [position for position, name in enumerate(names, start=1) if not name.strip()]
    if blank:
        some = ", ".join(map(str, blank[:5])) + (" ..." if len(blank) > 5 else "")
        which = f"column {some} has" if len(blank) == 1 else f"columns {some} have"
        raise InputError(
            f"{where}: {which} no name in the header. Name each column in the file, or delete it "
            "there."
        )
    repeated = [name for name, n in Counter(names).items() if n > 1]
    if repeated:
        raise InputError(
            f"{where}: columns {', '.join(repeated)} appear more than once. Keep one, or rename "
            "the others in the file."
        )


def tell_numbers(names: Sequence[str], where: str) -> None:
    """Warn where every name is a number: a row of the data stands in the place of the header."""
    if all(_NUMBER.fullmatch(name.strip()) for name in names):
        warn(
            f"{where}: the names of all columns are numbers. If they are a row of the data, put a "
            "header above it.",
            ReadingWarning,
        )


def refuse_title(rows: Sequence[tuple[int, Sequence[str]]], where: str, unit: str) -> None:
    """Refuse a first row that is a title: it fills far fewer cells than the rows below it.

    Parameters
    ----------
    rows : sequence of (int, cells)
        The first rows that are not blank, with their line in the file.
    where : str
        Name of the file.
    unit : str
        ``"line"`` or ``"row"``.
    """
    filled = [sum(1 for cell in cells if cell.strip()) for _, cells in rows]
    if len(rows) < 2 or 2 * filled[0] > max(filled[1:]):
        return
    found = first_full_row(rows[1:])
    if found is None and len(rows[0][1]) >= max(filled[1:]):
        return  # a header with cells left out
    cure = (
        f"The header seems to be in {unit} {found}: pass header_row={found}. "
        f"On the command line: --header-row {found}."
        if found is not None
        else "Pass header_row= with the line of the header, or delete what stands above it."
    )
    cells = "1 cell" if filled[0] == 1 else f"{filled[0]} cells"
    raise InputError(
        f"{where}: the first row has {cells} and rows below it {max(filled[1:])}: it seems to be a "
        f"title, not the header. {cure}"
    )


def first_full_row(rows: Sequence[tuple[int, Sequence[str]]]) -> int | None:
    """Line of the first row that could be a header: as full as any, of different words."""
    most = max(sum(1 for cell in cells if cell.strip()) for _, cells in rows)
    for line, cells in rows:
        words = [cell.strip() for cell in cells if cell.strip()]
        is_word = not any(_NUMBER.fullmatch(word) for word in words)
        if len(words) == most and len(set(words)) == most and is_word:
            return line
    return None
