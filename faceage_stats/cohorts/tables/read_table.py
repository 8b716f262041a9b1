"""Read a table in any format that analysts use; refuse a broken one, naming the fault."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._options import options
from faceage_stats.cohorts.schema.load_schema import load_schema
from faceage_stats.cohorts.tables.delimited import TextTable
from faceage_stats.cohorts.tables.formats import (
    CURES,
    PACKAGES,
    READERS,
    SCANNERS,
    TEXT,
    WITH_HEADER,
)
from faceage_stats.cohorts.tables.reading import Decimal, NaValues, Reading, Thousands, ValueLabels
from faceage_stats.errors import InputError

__all__ = ["read_batches", "read_table"]

Content = TypeVar("Content")


@checked_call
def read_table(
    path: str | Path,
    schema: str | None = None,
    *,
    sheet: str | None = None,
    header_row: int | None = None,
    na_values: NaValues = (),
    decimal: Decimal | None = None,
    thousands: Thousands | None = None,
    encoding: str | None = None,
    value_labels: ValueLabels = "labels",
    private: bool = False,
) -> pd.DataFrame:
    r"""Read a table by its file extension; the same rows give the same table in every format.

    Parameters
    ----------
    path : path
        ``.csv``, ``.tsv``, ``.txt`` (comma, semicolon, tab, bar or, as R's write.table, blanks;
        UTF-8, UTF-16, Windows-1252), ``.parquet``, ``.feather``, ``.xlsx``, ``.dta`` (Stata),
        ``.sav``, ``.zsav`` and ``.por`` (SPSS), ``.sas7bdat`` and ``.xpt`` (SAS), ``.rds`` (R: a
        data frame).
    schema : str, optional
        Name of the schema: its text columns are read as text, so that the identifier 12 keeps
        its zeros, and its codes for missing values apply. The table is not validated: follow with
        ``validate``.
    sheet : str, optional
        Sheet of a workbook that has several.
    header_row : int, optional
        Line (in a workbook: row) of the header, from 1; default: the first that is not blank.
    na_values : code, list of codes or dict of column to codes, optional
        Further codes for missing values, such as ``["-9", "unknown"]`` or ``{"bmi": 99}``.
    decimal : {".", ","}, optional
        Decimal point of a text file; default: found for each column.
    thousands : {".", ",", " "}, optional
        What groups thousands in a text file; default: nothing.
    encoding : str, optional
        Encoding of a text, SPSS, SAS or Stata file; default: found.
    value_labels : {"labels", "codes"}
        Columns of SPSS, Stata and haven whose every value has a label become factors of the
        labels, in the order of the codes, or stay codes. Columns that `schema` declares as numbers
        stay codes.
    private : bool
        The table holds real patients: from now on results print in short, as with
        ``fs.options.private = True``.

    Returns
    -------
    pandas.DataFrame
        Columns as named in the file, rows in its order, numbered from 0. See Notes for the types.

    Raises
    ------
    InputError
        If the file is missing, a folder, empty, truncated, of another format than its extension
        says; has rows with too few or too many cells (the message gives the lines), columns without
        a name or of the same name, a title in place of the header, formulas without a stored
        value, or numbers whose dots or commas can be read in two ways.

    Warns
    -----
    ReadingWarning
        When an encoding was guessed, or a column became text that nearly holds numbers, or keeps
        codes of which some have labels.

    See Also
    --------
    validate : Check what was read against its schema.

    Notes
    -----
    Missing, in every format:

    ================================  ==========================================================
    in the file                       in the table
    ================================  ==========================================================
    empty cell, or blanks only        missing
    ``NA``, ``#N/A`` as a whole cell  missing
    the schema's codes                missing, in place of ``NA`` and ``#N/A``
    codes of `na_values`              missing too; 99 is also 99.0
    missing values of SPSS, SAS,      missing
    Stata, R; SPSS's user-missing
    ``.``, ``n/a``, ``unknown`` ...   text; a warning names them where all else are numbers
    ================================  ==========================================================

    Numbers are float64, or int64 where all are whole and none is missing; true/false is bool, or
    pandas' "boolean" with gaps; dates are datetime64 (in text only as 2020-01-31, with or without
    a time; R's POSIXct keeps its zone); R's difftime is timedelta64; factors are categorical in
    their order; all else is text. In a text file a column is numeric when all its cells are numbers
    without leading zeros: 007 stays text, and so does text in every other format. Row names of R
    and an index of pandas become columns, unless they only count the rows. Text in CSV files of
    this package that a spreadsheet would run as a formula stands behind an apostrophe
    (``'=1+1``), which is taken away.

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
    if private:
        options.private = True
    how = Reading(
        sheet=sheet,
        header_row=header_row,
        na_values=na_values,
        decimal=decimal,
        thousands=thousands,
        encoding=encoding,
        value_labels=value_labels,
    )
    return _read(path, schema, how, READERS)


def read_batches(
    path: str | Path, schema: str | None = None, how: Reading | None = None
) -> Iterator[pd.DataFrame]:
    """Read what `read_table` returns, a block of rows at a time where the format allows it.

    Parameters
    ----------
    path, schema
        As for `read_table`.
    how : Reading, optional
        The other arguments of `read_table`.

    Yields
    ------
    pandas.DataFrame
        The next rows: those of a text file in bounded memory, all rows of another format.

    Raises
    ------
    InputError
        As `read_table`, before the first rows are returned.
    """
    readers: dict[str, Callable[[Path, Reading], pd.DataFrame | TextTable]]
    readers = {**READERS, **SCANNERS}
    content = _read(path, schema, how or Reading(), readers)
    if isinstance(content, pd.DataFrame):
        yield content
    else:
        yield from content.frames()


def _read(
    path: str | Path,
    schema: str | None,
    how: Reading,
    readers: Mapping[str, Callable[[Path, Reading], Content]],
) -> Content:
    """Refuse what cannot be a table, then let the reader of its extension open it."""
    path = Path(path)
    how = _as_declared(how, schema) if schema else how
    try:
        _refuse_unreadable(path)
        suffix = path.suffix.lower()
        if suffix not in readers:
            known = ", ".join(readers)
            cure = f" {CURES[suffix]}" if suffix in CURES else ""
            raise InputError(
                f"{path.name}: the extension '{path.suffix}' cannot be read. Those that can: "
                f"{known}.{cure}"
            )
        _refuse_unused(how, suffix, path.name)
        return readers[suffix](path, how)
    except OSError as error:
        raise InputError(f"{path.name} cannot be read: {error.strerror or error}.") from error


def _as_declared(how: Reading, schema: str) -> Reading:
    """The schema's types and codes for missing values."""
    declared = load_schema(schema)
    text = {field.name for field in declared.fields if field.type in ("string", "date")}
    return dataclasses.replace(
        how,
        text_columns=frozenset(text),
        number_columns=frozenset(field.name for field in declared.fields) - text,
        missing_codes=declared.missing_values,
    )


def _refuse_unused(how: Reading, suffix: str, where: str) -> None:
    """Refuse what says nothing about a file of this format."""
    used = {
        "sheet": (".xlsx",),
        "header_row": WITH_HEADER,
        "decimal": TEXT,
        "thousands": TEXT,
        "encoding": (*TEXT, *PACKAGES),
    }
    for name, suffixes in used.items():
        if getattr(how, name) is not None and suffix not in suffixes:
            raise InputError(f"{where}: `{name}` is for {', '.join(suffixes)} only; omit it.")


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
