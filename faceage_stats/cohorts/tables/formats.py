"""One reader per file format, by extension."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from faceage_stats.cohorts.tables.delimited import TextTable, read_text_table, scan_text_table
from faceage_stats.errors import InputError

__all__ = ["READERS", "SCANNERS", "read_excel"]


def _broken(path: Path, kind: str, error: Exception) -> InputError:
    return InputError(
        f"{path.name} is not a readable {kind} file: truncated, or of another format than its "
        f"extension says ({type(error).__name__}). Export it again."
    )


def _read_text(path: Path, text_columns: set[str], missing_codes: Any, sheet: Any) -> pd.DataFrame:
    return read_text_table(path, text_columns=text_columns, missing_codes=missing_codes)


def _scan_text(path: Path, text_columns: set[str], missing_codes: Any, sheet: Any) -> TextTable:
    return scan_text_table(path, text_columns=text_columns, missing_codes=missing_codes)


def _read_parquet(path: Path, **_: Any) -> pd.DataFrame:
    from pyarrow import ArrowException

    try:
        return pd.read_parquet(path)
    except (ArrowException, OSError) as error:
        raise _broken(path, "Parquet", error) from error


def read_excel(
    path: Path, text_columns: set[str], missing_codes: Any, sheet: str | None
) -> pd.DataFrame:
    """Read the only sheet of a workbook, or the one that is named."""
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
        return pd.DataFrame(frame)

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


# (path, text_columns=, missing_codes=, sheet=) -> a table that is read in batches, or whole
SCANNERS: dict[str, Callable[..., TextTable]] = dict.fromkeys((".csv", ".tsv", ".txt"), _scan_text)
READERS: dict[str, Callable[..., pd.DataFrame]] = {
    ".csv": _read_text,
    ".tsv": _read_text,
    ".txt": _read_text,
    ".parquet": _read_parquet,
    ".xlsx": read_excel,
    ".dta": _statistics_package("read_dta", "Stata"),
    ".sav": _statistics_package("read_sav", "SPSS"),
    ".por": _statistics_package("read_por", "SPSS"),
    ".sas7bdat": _statistics_package("read_sas7bdat", "SAS"),
    ".xpt": _statistics_package("read_xport", "SAS"),
    ".rds": _read_rds,
}
