"""One reader per file format, by extension."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from faceage_stats.cohorts.tables.arrow_files import read_feather, read_parquet
from faceage_stats.cohorts.tables.delimited import TextTable, read_text_table, scan_text_table
from faceage_stats.cohorts.tables.excel import read_excel
from faceage_stats.cohorts.tables.r_data import read_rds
from faceage_stats.cohorts.tables.reading import Reading
from faceage_stats.cohorts.tables.statistics_packages import (
    read_por,
    read_sas,
    read_spss,
    read_stata,
    read_xport,
)

__all__ = ["CURES", "PACKAGES", "READERS", "SCANNERS", "TEXT", "WITH_HEADER"]

TEXT = (".csv", ".tsv", ".txt")
PACKAGES = (".dta", ".sav", ".zsav", ".sas7bdat", ".xpt")  # whose text may be in another encoding
WITH_HEADER = (*TEXT, ".xlsx")  # where a title may stand above the names of the columns
# what to do with a format that cannot be read
CURES = {
    **dict.fromkeys((".rda", ".rdata"), 'In R: saveRDS(df, "table.rds").'),
    **dict.fromkeys((".xls", ".xlsb", ".xlsm", ".ods"), "Save the workbook as .xlsx."),
    **dict.fromkeys((".gz", ".zip", ".bz2", ".xz", ".zst", ".7z"), "Unpack it first."),
}
# a table that is read in batches, or whole
SCANNERS: dict[str, Callable[[Path, Reading], TextTable]] = dict.fromkeys(TEXT, scan_text_table)
READERS: dict[str, Callable[[Path, Reading], pd.DataFrame]] = {
    **dict.fromkeys(TEXT, read_text_table),
    ".parquet": read_parquet,
    ".feather": read_feather,
    ".xlsx": read_excel,
    ".dta": read_stata,
    **dict.fromkeys((".sav", ".zsav"), read_spss),
    ".por": read_por,
    ".sas7bdat": read_sas,
    ".xpt": read_xport,
    ".rds": read_rds,
}
