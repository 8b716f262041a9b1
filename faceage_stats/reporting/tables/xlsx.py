"""Tables as an Excel workbook: one as it is printed, and numbers on further sheets."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._existing import refuse_existing
from faceage_stats._files import writing
from faceage_stats._spreadsheet import harmless, harmless_frame
from faceage_stats.reporting.tables.docx import Cell

__all__ = ["write_workbook", "write_xlsx"]

_INDENT = 240  # twentieths of a point: one step of Excel
_WIDEST = 60  # characters
_TIME = re.compile(rb"\d{4}-\d\d-\d\dT[\d:]+Z")


def write_xlsx(
    path: str | Path,
    rows: Sequence[Sequence[Cell]],
    *,
    n_header: int,
    title: str = "",
    notes: Sequence[str] = (),
    numbers: Mapping[str, pd.DataFrame] | None = None,
    force: bool = False,
) -> None:
    """Write one table; same bytes for the same table.

    Parameters
    ----------
    path : path
        File to write.
    rows : sequence of sequence of Cell
        Header rows first.
    n_header : int
        How many of them there are; they stay in sight.
    title : str
        Above the table; may be empty.
    notes : sequence of str
        Below the table.
    numbers : mapping of sheet name to DataFrame, optional
        Further sheets, in full precision.
    force : bool
        Replace a file that exists.
    """
    refuse_existing(path, force=force)
    head = [[Cell(title, bold=True, centred=False)]] if title else []
    foot = [[Cell(note, centred=False)] for note in notes]
    with _workbook(path) as book:
        sheet = book.create_sheet("Table")
        _fill(sheet, [*head, *rows, *foot])
        whole = [cells for cells in rows if all(cell.columns == 1 for cell in cells)]
        _set_widths(sheet, zip(*([cell.text for cell in cells] for cells in whole), strict=True))
        sheet.freeze_panes = sheet.cell(row=len(head) + n_header + 1, column=2)
        _add(numbers or {}, book)


def write_workbook(path: str | Path, sheets: Mapping[str, pd.DataFrame]) -> None:
    """Write numbers in full precision; same bytes for the same tables.

    Parameters
    ----------
    path : path
        File to write, or to replace.
    sheets : mapping of sheet name to DataFrame
        At least one.
    """
    with _workbook(path) as book:
        _add(sheets, book)


@contextmanager
def _workbook(path: str | Path) -> Iterator[Any]:
    """A workbook to fill, written in one piece and without the time at which it was made."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    yield book
    buffer = io.BytesIO()
    book.save(buffer)
    with writing(path) as draft:
        _write_without_times(buffer, draft)


def _add(sheets: Mapping[str, pd.DataFrame], book: Any) -> None:
    from openpyxl.styles import Alignment, Border, Font, Side

    line = Side(style="thin")
    rule = Border(left=line, right=line, top=line, bottom=line)
    for name, frame in sheets.items():
        sheet = book.create_sheet(name)
        safe = harmless_frame(frame)
        columns = [[heading, *map(_value, column.tolist())] for heading, column in safe.items()]
        for row in zip(*columns, strict=True):
            sheet.append(row)
        for cell in sheet[1]:
            cell.font, cell.border = Font(bold=True), rule
            cell.alignment = Alignment(horizontal="center", vertical="top")
        _set_widths(sheet, columns)
        sheet.freeze_panes = "A2"


def _value(value: Any) -> Any:
    """What a cell can hold: nothing where it is missing, text where it is no number or date."""
    if not pd.api.types.is_scalar(value):
        return str(value)
    if pd.isna(value):
        return None
    if isinstance(value, Real | np.bool_):
        return value if math.isfinite(value) else str(value)
    is_local = isinstance(value, time | datetime) and value.tzinfo is None
    return value if is_local or type(value) in (date, pd.Timedelta, timedelta) else str(value)


def _fill(sheet: Any, rows: Sequence[Sequence[Cell]]) -> None:
    from openpyxl.styles import Alignment, Font

    for number, cells in enumerate(rows, start=1):
        column = 1
        for cell in cells:
            place = sheet.cell(row=number, column=column, value=harmless(cell.text) or None)
            place.font = Font(bold=cell.bold)
            place.alignment = Alignment(
                horizontal="center" if cell.centred else "left", indent=cell.indent // _INDENT
            )
            last = column + cell.columns - 1
            if last > column:
                sheet.merge_cells(
                    start_row=number, end_row=number, start_column=column, end_column=last
                )
            column = last + 1


def _set_widths(sheet: Any, columns: Iterable[Iterable[object]]) -> None:
    """As wide as the longest text of each column, within reason; a number takes what is left."""
    from openpyxl.utils import get_column_letter

    for number, column in enumerate(columns, start=1):
        width = max(len(cell) for cell in column if isinstance(cell, str)) + 2
        sheet.column_dimensions[get_column_letter(number)].width = min(width, _WIDEST)


def _write_without_times(buffer: io.BytesIO, draft: Path) -> None:
    """Copy a workbook part by part, without the time at which it was made."""
    with (
        zipfile.ZipFile(buffer) as made,
        zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as kept,
    ):
        for name in made.namelist():
            content = made.read(name)
            if name == "docProps/core.xml":
                content = _TIME.sub(b"1980-01-01T00:00:00Z", content)
            part = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            kept.writestr(part, content, zipfile.ZIP_DEFLATED)
