"""Parquet and Feather files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from faceage_stats.cohorts.tables.broken import broken
from faceage_stats.cohorts.tables.common_types import common_frame
from faceage_stats.cohorts.tables.header import refuse_names
from faceage_stats.cohorts.tables.reading import Reading

__all__ = ["read_feather", "read_parquet"]


def read_parquet(path: Path, how: Reading) -> pd.DataFrame:
    """Read a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet

    try:
        table = pa.parquet.ParquetFile(path).read()
    except (pa.ArrowException, OSError) as error:
        raise broken(path, "Parquet", error) from error
    return _frame(table, path, how)


def read_feather(path: Path, how: Reading) -> pd.DataFrame:
    """Read a Feather file."""
    import pyarrow as pa
    import pyarrow.feather

    try:
        table = pa.feather.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise broken(path, "Feather", error) from error
    return _frame(table, path, how)


def _frame(table: object, path: Path, how: Reading) -> pd.DataFrame:
    import pyarrow as pa

    assert isinstance(table, pa.Table)
    refuse_names([str(name) for name in table.column_names], path.name)
    frame = table.to_pandas()
    read = common_frame(frame, how, path.name)
    read.attrs = dict(frame.attrs)  # the steps and label of a prepared table
    return read
