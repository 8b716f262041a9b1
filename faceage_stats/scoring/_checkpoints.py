"""Rows of an unfinished run on disk."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet

from faceage_stats import _files
from faceage_stats.errors import InputError
from faceage_stats.scoring._report import differences
from faceage_stats.scoring._table import disk_errors

__all__ = ["Checkpoints", "hold"]

_ROW_GROUP = 50_000
_PART = re.compile(r"rows-(\d{12})-(\d{12})\.parquet")


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

    def holds(self, key: dict[str, Any]) -> bool:
        """Whether the folder is that of a run with this key."""
        try:
            return bool(json.loads(self._key.read_text(encoding="utf-8")) == key)
        except (OSError, ValueError):
            return False

    def open(
        self, key: dict[str, Any], start: int, *, force: bool, finished: Iterable[pa.Table] = ()
    ) -> int:
        """Take the folder for this run, with the rows of a finished one; where to continue."""
        with disk_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._take_lock()
            if force or not self._key.is_file():
                self._clear()
                first = start
                for table in finished:
                    self.add(first, table)
                    first += table.num_rows
                _files.write_json(self._key, key)
        if not self.holds(key):
            self.release()
            raise InputError(
                f"{self.folder.name} holds an unfinished run with another "
                f"{differences(self._key_of_folder(), key)}. Repeat that command to finish it, "
                "choose another --out, or discard it with --force."
            )
        return self._parts(start)[1]

    @property
    def _key(self) -> Path:
        return self.folder / "key.json"

    def _key_of_folder(self) -> Any:
        try:
            return json.loads(self._key.read_text(encoding="utf-8"))
        except ValueError:
            return {}

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

    def add(self, first: int, table: pa.Table) -> None:
        """Keep the rows from `first` on; those of a part of the same length are replaced."""
        path = self.folder / f"rows-{first:012d}-{first + table.num_rows:012d}.parquet"
        with disk_errors(path), _files.replacing(path) as draft:
            pa.parquet.write_table(table, draft)

    def parts(self, start: int) -> Iterator[pa.Table]:
        """All rows kept, in order, as they were added."""
        for path in self._parts(start)[0]:
            yield pa.parquet.read_table(path, schema=self.schema)

    def tables(self, start: int) -> Iterator[pa.Table]:
        """All rows kept, in order, in large pieces."""
        held: list[pa.Table] = []
        for part in self.parts(start):
            held.append(part)
            if sum(table.num_rows for table in held) >= _ROW_GROUP:
                yield pa.concat_tables(held)
                held = []
        if held:
            yield pa.concat_tables(held)

    def remove(self) -> None:
        """Throw the folder away, its key first, so that an interruption here is harmless."""
        self._key.unlink(missing_ok=True)
        self.release()
        shutil.rmtree(self.folder)
