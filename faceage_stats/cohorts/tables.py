"""Tables in and out: whatever format analysts hold, refused clearly when it is broken."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from faceage_stats import _files
from faceage_stats._existing import refuse_existing
from faceage_stats.cohorts import _text
from faceage_stats.cohorts.schema import load_schema
from faceage_stats.errors import InputError

__all__ = ["read_batches", "read_table", "refuse_unwritable", "write_table"]

MISSING_CODES = ("", "NA")
Reader = Callable[..., Any]


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
    return _read(path, schema, sheet, _READERS)


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
    content = _read(path, schema, sheet, _READERS | _SCANNERS)
    if isinstance(content, pd.DataFrame):
        yield content
    else:
        yield from content.frames()


def write_table(df: pd.DataFrame, path: str | Path, *, force: bool = False) -> Path:
    r"""Write a table as CSV or Parquet, by extension; whole or not at all.

    Parameters
    ----------
    df : pandas.DataFrame
        The table; its index is not written.
    path : path
        ``.csv`` (UTF-8, comma, full precision, missing cells empty) or ``.parquet`` (types and
        level order kept).
    force : bool
        Replace a file that exists.

    Returns
    -------
    pathlib.Path
        `path`.

    Raises
    ------
    InputError
        If the extension is another, the file exists and `force` is not given, the folder does not
        exist, or it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ages = pd.DataFrame({"age": [61.5, None], "sex": ["F", "M"]})
    ...     write_table(ages, f"{folder}/ages.csv").read_bytes()
    b'age,sex\n61.5,F\n,M\n'
    """
    path = Path(path)
    _refuse_extension(path)
    refuse_existing(path, force=force)
    with _files.writing(path) as draft:
        if path.suffix.lower() == ".parquet":
            df.to_parquet(draft, index=False)
        else:
            df.to_csv(draft, index=False, lineterminator="\n", encoding="utf-8")
    return path


def refuse_unwritable(path: str | Path) -> None:
    """Refuse at once what `write_table` would refuse after the work.

    Parameters
    ----------
    path : path
        Where a table will be written.

    Raises
    ------
    InputError
        As `write_table`.
    """
    _refuse_extension(Path(path))
    _files.refuse_unwritable(path)


def _refuse_extension(path: Path) -> None:
    if path.suffix.lower() not in (".csv", ".parquet"):
        raise InputError(f"{path.name}: tables are written as .csv or .parquet.")


def _read(
    path: str | Path, schema: str | None, sheet: str | None, readers: dict[str, Reader]
) -> Any:
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
        if sheet is not None and reader is not _read_excel:
            raise InputError(f"{path.name}: `sheet` is for Excel workbooks only; leave it out.")
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
        pass  # refused here for want of permission, whichever reader would open it


def _broken(path: Path, kind: str, error: Exception) -> InputError:
    return InputError(
        f"{path.name} is not a readable {kind} file: truncated, or of another format than its "
        f"extension says ({type(error).__name__}). Export it again."
    )


# ---- one reader per format: (path, text_columns, missing_codes, sheet) -> frame


def _read_text(path: Path, text_columns: set[str], missing_codes: Any, sheet: Any) -> pd.DataFrame:
    return _text.read_text_table(path, text_columns=text_columns, missing_codes=missing_codes)


def _scan_text(
    path: Path, text_columns: set[str], missing_codes: Any, sheet: Any
) -> _text.TextTable:
    return _text.scan_text_table(path, text_columns=text_columns, missing_codes=missing_codes)


def _read_parquet(path: Path, **_: Any) -> pd.DataFrame:
    from pyarrow import ArrowException

    try:
        return pd.read_parquet(path)
    except (ArrowException, OSError) as error:
        raise _broken(path, "Parquet", error) from error


def _read_excel(
    path: Path, text_columns: set[str], missing_codes: Any, sheet: str | None
) -> pd.DataFrame:
    import zipfile

    try:
        book = pd.ExcelFile(path, engine="openpyxl")
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise _broken(path, "Excel", error) from error
    with book:
        sheets = [str(name) for name in book.sheet_names]
        if sheet is None and len(sheets) > 1:
            raise InputError(f"{path.name} has {len(sheets)} sheets; choose one with sheet=...")
        if sheet is not None and sheet not in sheets:
            raise InputError(f"{path.name} has no sheet '{sheet}'. It has {', '.join(sheets)}.")
        return pd.read_excel(
            book,
            sheet_name=sheet or 0,
            keep_default_na=False,
            na_values=list(missing_codes),
            dtype=dict.fromkeys(text_columns, object),
        )


def _statistics_package(function: str, kind: str) -> Callable[..., pd.DataFrame]:
    """Reader of a pyreadstat format."""

    def read(path: Path, **_: Any) -> pd.DataFrame:
        import pyreadstat

        try:
            frame, _meta = getattr(pyreadstat, function)(str(path))
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError) as error:
            raise _broken(path, kind, error) from error
        return frame

    return read


def _read_rds(path: Path, **_: Any) -> pd.DataFrame:
    import rdata

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about R classes that have no Python counterpart
            content = rdata.read_rds(path)
    except Exception as error:  # rdata raises whatever its parser meets in a broken file
        raise _broken(path, "RDS", error) from error
    if not isinstance(content, pd.DataFrame):
        raise InputError(
            f"{path.name} holds an R object that is not a data frame. Save one with saveRDS(df)."
        )
    return content.reset_index(drop=True)


_SCANNERS: dict[str, Reader] = dict.fromkeys((".csv", ".tsv", ".txt"), _scan_text)
_READERS: dict[str, Reader] = {
    ".csv": _read_text,
    ".tsv": _read_text,
    ".txt": _read_text,
    ".parquet": _read_parquet,
    ".xlsx": _read_excel,
    ".dta": _statistics_package("read_dta", "Stata"),
    ".sav": _statistics_package("read_sav", "SPSS"),
    ".por": _statistics_package("read_por", "SPSS"),
    ".sas7bdat": _statistics_package("read_sas7bdat", "SAS"),
    ".xpt": _statistics_package("read_xport", "SAS"),
    ".rds": _read_rds,
}
