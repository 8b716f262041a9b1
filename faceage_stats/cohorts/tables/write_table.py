"""Write a table as CSV or Parquet."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from faceage_stats import _files
from faceage_stats._existing import refuse_existing
from faceage_stats._spreadsheet import harmless_frame
from faceage_stats.errors import InputError

__all__ = ["refuse_unwritable", "write_table"]


def write_table(data: pd.DataFrame, path: str | Path, *, force: bool = False) -> Path:
    r"""Write a table as CSV or Parquet, by extension; whole or not at all.

    Parameters
    ----------
    data : pandas.DataFrame
        The table; its index is not written.
    path : path
        ``.csv`` (UTF-8, comma, full precision, missing cells empty) or ``.parquet`` (types and
        level order kept). In CSV, text that a spreadsheet would run as a formula (``=1+1``,
        ``@x``) is written with an apostrophe before it, which `read_table` takes away again.
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
            data.to_parquet(draft, index=False)
        else:
            harmless_frame(data).to_csv(draft, index=False, lineterminator="\n", encoding="utf-8")
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
