"""The list of photographs to score: a folder, or a CSV manifest that is read as a stream."""

from __future__ import annotations

import csv
import hashlib
import os
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path

import numpy as np

from faceage_stats.errors import InputError

__all__ = ["Manifest", "Photo", "open_manifest"]

_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".tif", ".tiff", ".webp", ".heic"}
    | {".heif", ".avif", ".bmp", ".gif", ".jp2", ".ppm", ".pgm"}
)


@dataclass(frozen=True)
class Photo:
    """One photograph of a manifest: its name there, its path, the cells carried along.

    `path` is None when it would leave the photograph folder.
    """

    name: str
    path: Path | None
    carried: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """An ordered, counted list of photographs.

    Attributes
    ----------
    root : pathlib.Path
        Folder that every photograph lies in.
    n : int
        Number of photographs.
    sha256 : str
        Of the manifest file, or of the folder's listing.
    carried : tuple of str
        Columns of the manifest other than `photo`.
    n_ignored : int
        Files of the folder that do not end like a picture.
    """

    root: Path
    n: int
    sha256: str
    carried: tuple[str, ...] = ()
    n_ignored: int = 0
    _names: list[str] = field(default_factory=list, repr=False)
    _file: Path | None = None

    def photos(self, start: int, stop: int) -> Iterator[Photo]:
        """Photographs `start` to `stop - 1`, in order."""
        root = self.root.resolve()
        if self._file is None:
            for name in self._names[start:stop]:
                yield Photo(_printable(name), _inside(root, name))
            return
        with _open_csv(self._file) as handle:
            rows = csv.reader(handle)
            header = next(rows)
            at = header.index("photo")
            for row in islice((r for r in rows if r), start, stop):
                carried = tuple(_printable(c) for i, c in enumerate(row) if i != at)
                yield Photo(_printable(row[at]), _inside(root, row[at]), carried)

    def shard(self, index: int, count: int) -> tuple[int, int]:
        """First and one-past-last photograph of shard `index` (from 1) of `count`."""
        if not 1 <= index <= count:
            raise InputError(
                f"Shard {index}/{count} does not exist; use 1/{count} to {count}/{count}."
            )
        return (index - 1) * self.n // count, index * self.n // count


def _open_csv(path: Path):  # type: ignore[no-untyped-def]
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def _printable(name: str) -> str:
    r"""A file name as valid text: bytes that are not UTF-8 become \xNN."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _inside(root: Path, name: str) -> Path | None:
    """Absolute path of a photograph, links followed, or None when it leaves the root."""
    try:
        path = (root / name).resolve()
    except (OSError, RuntimeError, ValueError):  # a null character, a circle of links
        return root / name
    return path if path.is_relative_to(root) else None


def open_manifest(photos: str | Path, *, root: str | Path | None = None) -> Manifest:
    """Read a folder or check a manifest, without opening a photograph.

    Parameters
    ----------
    photos : path
        A folder, searched with its subfolders for files with the extension of an image, in the
        order of their names; or a CSV file with a column ``photo`` (paths relative to `root`), and
        optionally ``patient_id``, ``taken_on`` (YYYY-MM-DD) and other columns, which are carried
        over.
    root : path, optional
        Folder that the manifest's paths are relative to: that of the manifest by default.

    Raises
    ------
    InputError
        No photographs, no column ``photo``, an empty or repeated photograph, a row of another
        length, or a date that is not one; with counts and row positions.
    """
    photos = Path(photos)
    if photos.is_dir():
        return _from_folder(photos)
    if not photos.is_file():
        raise InputError(f"{photos} is neither a folder nor a manifest file.")
    base = Path(root) if root is not None else photos.parent
    if not base.is_dir():
        raise InputError(f"The photograph folder {base} does not exist.")
    return _from_csv(photos, base)


def _from_folder(folder: Path) -> Manifest:
    names, ignored = [], 0
    for parent, subfolders, files in os.walk(folder):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for file in files:
            if Path(file).suffix.lower() in _SUFFIXES and not file.startswith("."):
                names.append(Path(parent, file).relative_to(folder).as_posix())
            else:
                ignored += 1
    names.sort(key=os.fsencode)
    if not names:
        raise InputError(f"{folder} holds no photographs ({ignored} other files).")
    digest = hashlib.sha256(b"\0".join(map(os.fsencode, names))).hexdigest()
    return Manifest(folder, len(names), digest, n_ignored=ignored, _names=names)


def _from_csv(file: Path, root: Path) -> Manifest:
    """One pass over the manifest in constant memory but for eight bytes per row."""
    problems: dict[str, list[int]] = {}
    hashes = array("Q")
    with _open_csv(file) as handle:
        rows = csv.reader(handle)
        header = next(rows, [])
        _check_header(header, file)
        at = header.index("photo")
        on = header.index("taken_on") if "taken_on" in header else None
        for position, row in enumerate((r for r in rows if r), start=1):
            problem = _row_problem(row, len(header), at, on)
            if problem:
                problems.setdefault(problem, []).append(position)
            else:
                key = hashlib.blake2b(os.fsencode(row[at]), digest_size=8).digest()
                hashes.append(int.from_bytes(key, "little"))
    if problems:
        texts = [f"{len(at)} rows {what} (rows {_some(at)})" for what, at in problems.items()]
        raise InputError(f"{file.name}: {'; '.join(texts)}. Correct the manifest.")
    if not hashes:
        raise InputError(f"{file.name} lists no photographs.")
    values = np.frombuffer(hashes, np.uint64)  # the same memory, so sorted in place
    values.sort()
    repeated = int(np.count_nonzero(values[1:] == values[:-1]))
    if repeated:
        raise InputError(
            f"{file.name}: {repeated} rows repeat a photograph that is listed before. "
            "Each photograph is scored once; remove the repetitions."
        )
    carried = tuple(name for name in header if name != "photo")
    with file.open("rb") as binary:
        digest = hashlib.file_digest(binary, "sha256").hexdigest()
    return Manifest(root, len(hashes), digest, carried, _file=file)


def _some(positions: list[int]) -> str:
    text = ", ".join(map(str, positions[:5]))
    return text + (", …" if len(positions) > 5 else "")


def _row_problem(row: list[str], width: int, at: int, on: int | None) -> str:
    """What is wrong with a row, in words that follow a count."""
    if len(row) != width:
        return f"have other than {width} cells"
    if not row[at].strip():
        return "name no photograph"
    if on is not None and row[on]:
        try:
            date.fromisoformat(row[on])
        except ValueError:
            return "have a `taken_on` that is not YYYY-MM-DD"
    return ""


def _check_header(header: list[str], file: Path) -> None:
    from faceage_stats.scoring._table import RESULT_COLUMNS

    if "photo" not in header:
        raise InputError(
            f"{file.name} has no column `photo`; it has {', '.join(header) or 'none'}."
        )
    if len(set(header)) != len(header):
        raise InputError(f"{file.name} has two columns of the same name.")
    taken = sorted(
        name for name in header if name in RESULT_COLUMNS or name.startswith("embedding_")
    )
    if taken:
        raise InputError(
            f"{file.name} has columns that the scorer writes itself: {', '.join(taken)}. "
            "Rename them."
        )
