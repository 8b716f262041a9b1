"""Parquet and Feather files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from faceage_stats._levels import sort_text
from faceage_stats._warn import warn
from faceage_stats.cohorts.tables.broken import broken
from faceage_stats.cohorts.tables.common_types import common_frame
from faceage_stats.cohorts.tables.header import refuse_names
from faceage_stats.cohorts.tables.reading import Reading
from faceage_stats.errors import ReadingWarning

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
    frame = _without_mere_codes(table, path.name).to_pandas()
    read = common_frame(frame, how, path.name)
    read.attrs = dict(frame.attrs)  # the steps and label of a prepared table
    return read


def _without_mere_codes(table: Any, where: str) -> Any:
    """Make text of a dictionary that is storage alone: values numbered as they came.

    pandas and R say which columns are factors, or number sorted levels; polars marks its text.
    """
    import pyarrow as pa

    if {b"pandas", b"r"} & set(table.schema.metadata or {}):
        return table
    for i, field in enumerate(table.schema):
        kind = field.type
        is_text = pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type)
        if not is_text or kind.ordered:
            continue
        text = table.column(i).cast(kind.value_type)
        came = text.unique().drop_null().to_pylist()
        levels = table.column(i).unify_dictionaries().combine_chunks().dictionary.to_pylist()
        is_polars = any(key.startswith(b"_PL_CATEGORICAL") for key in field.metadata or {})
        if not is_polars and levels != came:
            continue  # somebody gave them an order
        if not is_polars and levels != sort_text(levels):
            warn(
                f"{where}: column '{field.name}' is a dictionary in the order in which its values "
                "come: it was read as text, its levels sorted. Where that order is meant, save it "
                "as an ordered dictionary, or from pandas or R as a factor.",
                ReadingWarning,
            )
        table = table.set_column(i, field.name, text)
    return table
