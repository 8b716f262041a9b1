"""The biomarker table on disk: checkpoints while it grows, one file when it is whole."""

from __future__ import annotations

import contextlib
import errno
import json
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from faceage_stats import _files
from faceage_stats._spreadsheet import harmless
from faceage_stats.errors import FaceageError, InputError

__all__ = ["LANDMARKS", "RESULT_COLUMNS", "Checkpoints", "table_schema", "write_table"]

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
}
_ROW_GROUP = 50_000
_PART = re.compile(r"rows-(\d{12})-(\d{12})\.parquet")


def table_schema(carried: Sequence[str], embedding_width: int) -> pa.Schema:
    """Columns of the table: photo, the manifest's, the scorer's, the embedding's."""
    fields = [("photo", pa.string())]
    fields += [(c, pa.date32() if c == "taken_on" else pa.string()) for c in carried]
    fields += list(RESULT_COLUMNS.items())
    fields += [(f"embedding_{i}", pa.float32()) for i in range(embedding_width)]
    return pa.schema(fields)


def to_table(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    """Rows as a table of the given columns; what a row lacks is missing."""
    for row in rows:
        if "taken_on" in row:
            row["taken_on"] = date.fromisoformat(row["taken_on"]) if row["taken_on"] else None
    return pa.Table.from_pylist(rows, schema)


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

    `read_table` and `write_per_patient` take it away, so that they join as they were given.
    """
    if not pa.types.is_string(column.type):
        return column
    return pa.chunked_array(
        [[None if text is None else harmless(text) for text in column.to_pylist()]], pa.string()
    )


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


def hold(file: IO[bytes]) -> None:
    """Keep a file for this process until it is closed; OSError if another process has it."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Checkpoints:
    """Rows of an unfinished run, in a folder beside the table.

    A part is written whole or not at all and carries its first and one-past-last row in its name,
    so a killed run leaves an unbroken beginning. `key` distinguishes runs with other settings.
    """

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        self.folder = folder
        self.schema = schema
        self._lock: Any = None

    def open(self, key: dict[str, Any], start: int, *, force: bool) -> int:
        """Take the folder for this run; the row to continue at."""
        with disk_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._take_lock()
            path = self.folder / "key.json"
            if force or not path.is_file():
                self._clear()
                _files.write_json(path, key)
        if json.loads(path.read_text(encoding="utf-8")) != key:
            self.release()
            raise InputError(
                f"{self.folder.name} holds an unfinished run with another list, model or options. "
                "Repeat that command to finish it, choose another --out, or discard it with "
                "--force."
            )
        return self._parts(start)[1]

    def _take_lock(self) -> None:
        """One run per table; the system releases the lock when a run dies."""
        self._lock = (self.folder / "lock").open("wb")
        try:
            hold(self._lock)
        except OSError as error:
            self.release()
            raise InputError(f"Another run is writing to {self.folder.name}.") from error

    def release(self) -> None:
        """Release the folder."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _clear(self) -> None:
        for path in self.folder.iterdir():
            if path.name != "lock":
                path.unlink()

    def _parts(self, start: int) -> tuple[list[Path], int]:
        """Parts that follow each other from `start` without a gap, and where they end."""
        spans = {}
        for path in self.folder.iterdir():
            match = _PART.fullmatch(path.name)
            if match:
                spans[int(match[1])] = (int(match[2]), path)
        paths = []
        while start in spans:
            start, path = spans[start]
            paths.append(path)
        return paths, start

    def add(self, first: int, rows: list[dict[str, Any]]) -> None:
        """Keep rows `first` to `first + len(rows) - 1`."""
        path = self.folder / f"rows-{first:012d}-{first + len(rows):012d}.parquet"
        table = to_table(rows, self.schema)
        with disk_errors(path), _files.replacing(path) as draft:
            pa.parquet.write_table(table, draft)

    def tables(self, start: int) -> Iterator[pa.Table]:
        """All rows kept, in order, in large pieces."""
        held: list[pa.Table] = []
        for path in self._parts(start)[0]:
            held.append(pa.parquet.read_table(path, schema=self.schema))
            if sum(table.num_rows for table in held) >= _ROW_GROUP:
                yield pa.concat_tables(held)
                held = []
        if held:
            yield pa.concat_tables(held)

    def remove(self) -> None:
        """Throw the folder away, its key first, so that an interruption here is harmless."""
        (self.folder / "key.json").unlink(missing_ok=True)
        self.release()
        shutil.rmtree(self.folder)
