"""The list of photographs to score: a folder, one photograph, or a table that is read in blocks."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from faceage_stats import _files
from faceage_stats.errors import InputError
from faceage_stats.scoring._photo_folder import Ignored, is_photograph, list_folder
from faceage_stats.scoring._photo_table import PhotoTable, check_table
from faceage_stats.scoring._places import Places, is_inside

__all__ = ["Manifest", "Photo", "open_manifest"]


@dataclass(frozen=True)
class Photo:
    """One photograph of a manifest: its name there, its path, the cells carried along.

    `path` is None when it would leave the photograph folder.
    """

    name: str
    path: str | None
    carried: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """An ordered, counted list of photographs.

    Attributes
    ----------
    base : pathlib.Path
        Folder that the names are relative to.
    limit : str
        Resolved folder that every photograph lies in, links followed.
    n : int
        Number of photographs.
    sha256 : str
        Of the manifest file, or of the folder's listing.
    carried : tuple of str
        Columns of the manifest other than `photo`.
    ignored : tuple of Ignored
        What else the folder holds.
    """

    base: Path
    limit: str
    n: int
    sha256: str
    carried: tuple[str, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    _list: tuple[str, ...] | PhotoTable = ()

    def photos(self, start: int, stop: int) -> Iterator[Photo]:
        """Photographs `start` to `stop - 1`, in order."""
        places = Places(self.base)
        if isinstance(self._list, tuple):
            for name in self._list[start:stop]:
                yield Photo(_printable(name), self._inside(places, name))
            return
        at = self._list.columns.index("photo")
        for row in islice(self._list.rows(), start, stop):
            carried = (*row[:at], *row[at + 1 :])
            yield Photo(row[at], self._inside(places, row[at]), carried)

    def _inside(self, places: Places, name: str) -> str | None:
        path = places.find(name)
        return path if is_inside(os.path.normpath(path), self.limit) else None

    @property
    def blank(self) -> dict[str, int]:
        """Rows whose cell is empty, by column: `patient_id` and `taken_on`, where there are any."""
        return self._list.blank if isinstance(self._list, PhotoTable) else {}

    def shard(self, index: int, count: int) -> tuple[int, int]:
        """First and one-past-last photograph of shard `index` (from 1) of `count`."""
        if not 1 <= index <= count:
            raise InputError(
                f"Shard {index}/{count} does not exist; use 1/{count} to {count}/{count}."
            )
        return (index - 1) * self.n // count, index * self.n // count


def _printable(name: str) -> str:
    r"""A file name as valid text: bytes that are not UTF-8 become \xNN."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def open_manifest(photos: str | Path, *, root: str | Path | None = None) -> Manifest:
    """Read a folder or check a manifest, without opening a photograph.

    Parameters
    ----------
    photos : path
        A folder, searched with its subfolders for files with the extension of an image, in the
        order of their names; or one photograph; or a table (CSV, Excel, Parquet ...; see
        `read_table`) with a column ``photo`` (paths relative to `root`), and optionally
        ``patient_id``, ``taken_on`` (YYYY-MM-DD) and other columns, which are carried over.
    root : path, optional
        With a manifest the folder that its paths are relative to, by default its own. With a
        folder: the one that links are followed inside, by default the folder itself.

    Raises
    ------
    InputError
        No photographs, no column ``photo``, an empty or repeated photograph, a row of another
        length, or a date that is not one; with counts and row positions.
    """
    photos = Path(photos)
    limit = Path(root) if root is not None else photos if photos.is_dir() else photos.parent
    if not photos.is_dir() and not photos.is_file():
        raise InputError(f"{photos} is neither a folder nor a manifest file nor a photograph.")
    if not limit.is_dir():
        raise InputError(f"The photograph folder {limit} does not exist.")
    inside = os.path.realpath(limit)
    if photos.is_file() and not is_photograph(photos.name):
        table = check_table(photos, limit)
        carried = tuple(name for name in table.columns if name != "photo")
        return Manifest(limit, inside, table.n, _files.sha256(photos), carried, _list=table)
    base = photos if photos.is_dir() else photos.parent
    if not is_inside(os.path.realpath(base), inside):
        raise InputError(f"The photographs do not lie in the folder of --root, {limit}.")
    names, ignored = list_folder(photos, inside) if photos.is_dir() else ([photos.name], [])
    if not names:
        raise InputError(f"{photos} holds no photographs ({len(ignored)} other files).")
    digest = hashlib.sha256(b"\0".join(map(os.fsencode, names))).hexdigest()
    shown = tuple(Ignored(_printable(item.name), item.reason) for item in ignored)
    return Manifest(base, inside, len(names), digest, ignored=shown, _list=tuple(names))
