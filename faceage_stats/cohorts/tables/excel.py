"""Excel workbooks: the sheet, its header, and cells in the type that Excel gave them."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd

from faceage_stats._spreadsheet import restored
from faceage_stats._warn import warn
from faceage_stats.cohorts.tables.broken import broken
from faceage_stats.cohorts.tables.common_types import common_frame
from faceage_stats.cohorts.tables.header import refuse_names, refuse_title, tell_numbers
from faceage_stats.cohorts.tables.reading import Reading
from faceage_stats.errors import InputError, ReadingWarning

__all__ = ["read_excel"]

_FORMULA = re.compile(rb"<f[ >/]")
_MERGED = re.compile(rb'<mergeCell ref="([^"]+)"')
Rows = list[tuple[Any, ...]]


def read_excel(path: Path, how: Reading) -> pd.DataFrame:
    """Read the only sheet of a workbook that holds cells, or the one that is named."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            tables = {str(sheet.title): sheet for sheet in book.worksheets}  # no chart sheets
            name = _chosen(tables, how.sheet, path.name)
            rows = _rows(tables[name])
            part = tables[name]._worksheet_path
        finally:
            book.close()
    except InputError:
        raise
    except Exception as error:  # openpyxl raises whatever it meets in a broken part
        raise broken(path, "Excel", error) from error
    _refuse_unstored(path, name, rows)
    _tell_merged(path, part, rows)
    return common_frame(_frame(rows, how, path.name), how, path.name)


def _chosen(sheets: dict[str, Any], wanted: str | None, where: str) -> str:
    listed = ", ".join(sheets) or "none"
    if wanted is not None:
        if wanted not in sheets:
            raise InputError(f"{where} has no sheet '{wanted}'. It has {listed}.")
        return wanted
    filled = [name for name, sheet in sheets.items() if len(sheets) == 1 or _rows(sheet)]
    if not filled:
        raise InputError(f"{where} holds no cells (sheets: {listed}). Export it again.")
    if len(filled) > 1:
        raise InputError(
            f"{where} has {len(filled)} sheets; choose one with sheet=...: {', '.join(filled)}."
        )
    return filled[0]


def _rows(sheet: Any) -> Rows:
    """Cells of all rows, to the last that is not blank; the size a program noted may be wrong."""
    sheet.reset_dimensions()
    rows = [tuple(row) for row in sheet.iter_rows(values_only=True)]
    while rows and not any(_text(cell) for cell in rows[-1]):
        rows.pop()
    return rows


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _frame(rows: Rows, how: Reading, where: str) -> pd.DataFrame:
    start = _header_position(rows, how.header_row, where)
    width = max(map(len, rows[start:]))
    full = [row + (None,) * (width - len(row)) for row in rows[start:]]
    header, body = full[0], [row for row in full[1:] if any(_text(cell) for cell in row)]
    columns: list[tuple[str, list[Any]]] = []
    for name, *cells in zip(header, *body, strict=True):
        if _text(name) or any(map(_text, cells)):
            columns.append((restored(_text(name)), cells))
    refuse_names([name for name, _ in columns], where)
    tell_numbers([name for name, _ in columns], where)
    return pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in columns})


def _header_position(rows: Rows, header_row: int | None, where: str) -> int:
    """Position of the header among the rows; a title in its place is refused."""
    filled = [i for i, row in enumerate(rows) if any(_text(cell) for cell in row)]
    if header_row is not None:
        if header_row - 1 not in filled:
            raise InputError(f"{where}: row {header_row} (header_row) is blank or absent.")
        return header_row - 1
    if not filled:
        raise InputError(f"{where} holds no cells. Export it again.")
    refuse_title([(i + 1, [_text(c) for c in rows[i]]) for i in filled[:50]], where, "row")
    return filled[0]


def _refuse_unstored(path: Path, name: str, rows: Rows) -> None:
    """Refuse formulas whose value was never stored: they would become missing in silence."""
    import openpyxl

    with zipfile.ZipFile(path) as archive:
        sheets = [entry for entry in archive.namelist() if entry.startswith("xl/worksheets/")]
        if not any(_FORMULA.search(archive.read(entry)) for entry in sheets):
            return
    book = openpyxl.load_workbook(path, read_only=True)
    try:
        n = sum(
            isinstance(formula, str) and formula.startswith("=") and value is None
            for formulas, values in zip(_rows(book[name]), rows, strict=False)
            for formula, value in zip(formulas, values, strict=False)
        )
    finally:
        book.close()
    if n:
        cells = "1 cell holds a formula" if n == 1 else f"{n} cells hold formulas"
        raise InputError(
            f"{path.name}: {cells} without a stored value. Open the workbook in Excel or "
            "LibreOffice and save it there, so that the values are stored."
        )


def _tell_merged(path: Path, part: str, rows: Rows) -> None:
    """Warn of merged cells in the table: the first holds the value, and the others are blank."""
    from openpyxl.utils import range_boundaries

    with zipfile.ZipFile(path) as archive:
        merged = [each.decode() for each in _MERGED.findall(archive.read(part))]
    filled = [i for i, row in enumerate(rows, start=1) if any(_text(cell) for cell in row)]
    in_table = [
        area
        for area in merged
        if (bounds := range_boundaries(area))[3] > filled[0] and bounds[1] <= filled[-1]
    ]
    if in_table:
        listed = ", ".join(in_table[:3]) + (" ..." if len(in_table) > 3 else "")
        warn(
            f"{path.name}: merged cells ({listed}) hold one value, that of the first; the others "
            "were read as missing. Unmerge them in the workbook, and fill each.",
            ReadingWarning,
        )
