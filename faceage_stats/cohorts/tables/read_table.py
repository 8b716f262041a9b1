"""Read a table in any format that analysts use; refuse a broken one, naming the fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import pandas as pd

from faceage_stats.cohorts.schema.load_schema import load_schema
from faceage_stats.cohorts.tables.delimited import TextTable
from faceage_stats.cohorts.tables.formats import READERS, SCANNERS, read_excel
from faceage_stats.errors import InputError

__all__ = ["read_batches", "read_table"]

MISSING_CODES = ("", "NA")
Content = TypeVar("Content")


def read_table(
    path: str | Path, schema: str | None = None, *, sheet: str | None = None
) -> pd.DataFrame:
    r"""Read a table by its file extension.

    Parameters
    ----------
    path : path
        ``.csv``, ``.tsv``, ``.txt`` (delimiter comma, semicolon, tab or bar; UTF-8 with or
        without mark, UTF-16, Windows-1252; decimal commas beside semicolons or tabs),
        ``.parquet``, ``.xlsx``, ``.dta`` (Stata), ``.sav`` and ``.por`` (SPSS), ``.sas7bdat`` and
        ``.xpt`` (SAS), ``.rds`` (R: a data frame).
    schema : str, optional
        Name of the schema: its text columns are read as text, so that the identifier 0012 keeps
        its zeros, and its codes for missing values apply. The table is not validated: follow with
        ``validate``.
    sheet : str, optional
        Sheet of a workbook that has several.

    Returns
    -------
    pandas.DataFrame
        Columns as named in the file, rows in its order. A text file's column is numeric when all
        its values are numbers without leading zeros, boolean when all are true or false, and text
        otherwise. Empty cells and ``NA`` are missing.

    Raises
    ------
    InputError
        If the file is missing, a folder, empty, truncated, of another format than its extension
        says, or has rows with too few or too many cells; the message gives the line numbers.

    See Also
    --------
    validate : Check what was read against its schema.

    Notes
    -----
    In R: ``data.table::fread("utk.csv")``

    In R: ``haven::read_sav("utk.sav")``

    In R: ``readRDS("utk.rds")``

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "utk.csv")
    ...     _ = path.write_text("subj_id;faceage\n0012;61,5\n0013;70,25\n")
    ...     read_table(path)
      subj_id  faceage
    0    0012    61.50
    1    0013    70.25
    """
    return _read(path, schema, sheet, READERS)


def read_batches(
    path: str | Path, schema: str | None = None, *, sheet: str | None = None
) -> Iterator[pd.DataFrame]:
    """Read what `read_table` returns, a block of rows at a time where the format allows it.

    Parameters
    ----------
    path, schema, sheet
        As for `read_table`.

    Yields
    ------
    pandas.DataFrame
        The next rows: those of a text file in bounded memory, all rows of another format.

    Raises
    ------
    InputError
        As `read_table`, before the first rows are returned.
    """
    readers: dict[str, Callable[..., pd.DataFrame | TextTable]] = {**READERS, **SCANNERS}
    content = _read(path, schema, sheet, readers)
    if isinstance(content, pd.DataFrame):
        yield content
    else:
        yield from content.frames()


def _read(
    path: str | Path,
    schema: str | None,
    sheet: str | None,
    readers: Mapping[str, Callable[..., Content]],
) -> Content:
    """Refuse what cannot be a table, then let the reader of its extension open it."""
    path = Path(path)
    declared = load_schema(schema) if schema else None
    try:
        _refuse_unreadable(path)
        reader = readers.get(path.suffix.lower())
        if reader is None:
            known = ", ".join(readers)
            raise InputError(
                f"{path.name}: the extension '{path.suffix}' cannot be read. Those that can: "
                f"{known}."
            )
        if sheet is not None and reader is not read_excel:
            raise InputError(f"{path.name}: `sheet` is for Excel workbooks only; omit it.")
        text = {f.name for f in declared.fields if f.type in ("string", "date")} if declared else ()
        missing = declared.missing_values if declared else MISSING_CODES
        return reader(path, text_columns=set(text), missing_codes=missing, sheet=sheet)
    except OSError as error:
        raise InputError(f"{path.name} cannot be read: {error.strerror or error}.") from error


def _refuse_unreadable(path: Path) -> None:
    if path.is_dir():
        raise InputError(f"{path.name} is a folder; name one file in it.")
    if not path.exists():
        raise InputError(f"{path.name} does not exist in {path.parent}. Check the path.")
    if not path.is_file():
        raise InputError(f"{path.name} is a pipe or a device. Save the table in a file first.")
    if path.stat().st_size == 0:
        raise InputError(f"{path.name} is empty (0 bytes). Export it again.")
    with path.open("rb"):
        pass  # a file without read permission is refused here, whatever its format
