"""The biomarker table: its columns, and its file, which appears when it is whole."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from faceage_stats import _files
from faceage_stats._spreadsheet import harmless, restored
from faceage_stats.errors import FaceageError

__all__ = [
    "LANDMARKS",
    "RESULT_COLUMNS",
    "disk_errors",
    "read_tables",
    "table_schema",
    "write_table",
]

LANDMARKS = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
_POINTS = [f"{point}_{axis}" for point in LANDMARKS for axis in "xy"]
# column -> type, in the order of the table; the columns of the manifest come after `photo`
RESULT_COLUMNS: dict[str, pa.DataType] = {
    "model": pa.string(),
    "model_version": pa.string(),
    "model_sha256": pa.string(),
    "status": pa.string(),
    "reason": pa.string(),
    "score": pa.float64(),
    "score_unit": pa.string(),
    **dict.fromkeys(("box_x", "box_y", "box_width", "box_height"), pa.int64()),
    "confidence": pa.float64(),
    **dict.fromkeys(_POINTS, pa.float64()),
    "n_faces": pa.int64(),
    "face_px": pa.int64(),
    **dict.fromkeys(("blur", "exposure", "yaw", "roll", "seconds"), pa.float64()),
    "file_version": pa.string(),
}
_BLOCK_ROWS = 5000


def table_schema(carried: Sequence[str], embedding_width: int) -> pa.Schema:
    """Columns of the table: photo, the manifest's, the scorer's, the embedding's."""
    fields = [("photo", pa.string())]
    fields += [(c, pa.date32() if c == "taken_on" else pa.string()) for c in carried]
    fields += list(RESULT_COLUMNS.items())
    fields += [(f"embedding_{i}", pa.float32()) for i in range(embedding_width)]
    return pa.schema(fields)


def write_table(path: Path, schema: pa.Schema, tables: Iterator[pa.Table]) -> int:
    """Stream tables into a Parquet or CSV file that appears when it is whole; rows written."""
    n = 0
    is_csv = path.suffix.lower() == ".csv"
    kind = pa.csv.CSVWriter if is_csv else pa.parquet.ParquetWriter
    names = [harmless(name) if is_csv else name for name in schema.names]
    written = pa.schema([field.with_name(name) for field, name in zip(schema, names, strict=True)])
    with disk_errors(path), _files.replacing(path) as draft, kind(draft, written) as writer:
        for table in tables:
            columns = [_harmless(column) if is_csv else column for column in table.columns]
            writer.write_table(pa.Table.from_arrays(columns, schema=written))
            n += table.num_rows
    return n


def _harmless(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Names and identifiers that a spreadsheet would run, behind an apostrophe.

    `read_table` and `read_tables` take it away, so that they join as they were given.
    """
    return _mapped(column, harmless)


def _mapped(column: Any, change: Callable[[str], str]) -> Any:
    """A column of text with every cell changed; another column as it is."""
    if not pa.types.is_string(column.type):
        return column
    cells = [None if text is None else change(text) for text in column.to_pylist()]
    return pa.array(cells, pa.string())


def read_tables(path: Path, schema: pa.Schema) -> Iterator[pa.Table]:
    """A finished table in blocks of rows, to the last digit, text as it was given."""
    if path.suffix.lower() == ".csv":
        types = {harmless(field.name): field.type for field in schema}
        how = pa.csv.ConvertOptions(
            column_types=types, strings_can_be_null=True, quoted_strings_can_be_null=False
        )
        cells = pa.csv.ParseOptions(newlines_in_values=True)
        batches = iter(pa.csv.open_csv(path, convert_options=how, parse_options=cells))
    else:
        batches = pa.parquet.ParquetFile(path).iter_batches(_BLOCK_ROWS)
    for batch in batches:
        yield pa.Table.from_arrays([_mapped(c, restored) for c in batch.columns], schema=schema)


@contextlib.contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Say what to do when the disk is full or the folder cannot be written."""
    try:
        yield
    except OSError as error:
        why = "the disk is full" if error.errno == errno.ENOSPC else str(error.strerror or error)
        raise FaceageError(
            f"Cannot write {path.name}: {why}. What was scored so far is kept; solve this and run "
            "the same command again."
        ) from error
