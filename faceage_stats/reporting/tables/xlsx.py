"""Tables as an Excel workbook: one as it is printed, and numbers on further sheets."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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
    with _workbook(path) as writer:
        sheet = writer.book.create_sheet("Table")
        _fill(sheet, [*head, *rows, *foot])
        whole = [cells for cells in rows if all(cell.columns == 1 for cell in cells)]
        _set_widths(sheet, zip(*([cell.text for cell in cells] for cells in whole), strict=True))
        sheet.freeze_panes = sheet.cell(row=len(head) + n_header + 1, column=2)
        _add(numbers or {}, writer)


def write_workbook(path: str | Path, sheets: Mapping[str, pd.DataFrame]) -> None:
    """Write numbers in full precision; same bytes for the same tables.

    Parameters
    ----------
    path : path
        File to write, or to replace.
    sheets : mapping of sheet name to DataFrame
        At least one.
    """
    with _workbook(path) as writer:
        _add(sheets, writer)


@contextmanager
def _workbook(path: str | Path) -> Iterator[pd.ExcelWriter]:
    """A workbook to fill, written in one piece and without the time at which it was made."""
    buffer = io.BytesIO()
    with pd.ExcelWriter(buffer, engine="openpyxl") as writer:
        yield writer
    with writing(path) as draft:
        _write_without_times(buffer, draft)


def _add(sheets: Mapping[str, pd.DataFrame], writer: pd.ExcelWriter) -> None:
    for name, frame in sheets.items():
        harmless_frame(frame).to_excel(writer, sheet_name=name, index=False)
        _set_widths(writer.sheets[name], ([column, *frame[column]] for column in frame))
        writer.sheets[name].freeze_panes = "A2"


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
