"""Every file of a folder: a photograph, or passed over for a stated reason."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from faceage_stats.errors import InputError
from faceage_stats.scoring._places import is_inside

__all__ = ["Ignored", "is_photograph", "list_folder"]

_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".tif", ".tiff", ".webp", ".heic"}
    | {".heif", ".avif", ".bmp", ".gif", ".jp2", ".ppm", ".pgm"}
)
_OTHER, _HIDDEN = "files without the extension of an image", "hidden files"
_HIDDEN_FOLDER, _TWICE = "hidden folders", "links to folders that are searched anyway"


@dataclass(frozen=True)
class Ignored:
    """A file or folder that is not scored; `reason` reads as a plural."""

    name: str
    reason: str


def is_photograph(name: str) -> bool:
    """Whether a file name ends like that of a picture."""
    return os.path.splitext(name)[1].lower() in _SUFFIXES


def list_folder(folder: Path, limit: str) -> tuple[list[str], list[Ignored]]:
    """Photographs of a folder and its subfolders in the order of their names, and all the rest.

    Parameters
    ----------
    folder : pathlib.Path
        Where to search.
    limit : str
        Resolved folder that links are followed inside.

    Returns
    -------
    tuple of list of str and list of Ignored
        Names relative to `folder`, with forward slashes. A folder that may not be opened, or that a
        link leads to beyond `limit`, stands among the photographs, so that it becomes a row.
    """
    search = _Search(folder, limit)
    search.walk([""])
    while search.links:  # after all real folders, so that these keep their own names
        search.walk([search.links.pop(0)])
    return sorted(search.names, key=os.fsencode), search.ignored


@dataclass
class _Search:
    """A walk that enters every folder once, whatever links lead to it."""

    folder: Path
    limit: str
    names: list[str] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    _seen: set[tuple[int, int]] = field(default_factory=set)

    def walk(self, waiting: list[str]) -> None:
        """Search these folders and those below them, without links."""
        while waiting:
            name = waiting.pop()
            path = os.path.join(self.folder, name)
            if not is_inside(os.path.realpath(path), self.limit):
                self.names.append(name)
                continue
            status = os.stat(path)
            if (status.st_dev, status.st_ino) in self._seen:
                self.ignored.append(Ignored(name, _TWICE))
                continue
            self._seen.add((status.st_dev, status.st_ino))
            try:
                with os.scandir(path) as entries:
                    found = sorted(entries, key=lambda entry: os.fsencode(entry.name))
            except OSError as error:
                if not name:
                    raise InputError(f"{self.folder} cannot be read: {error.strerror}.") from error
                self.names.append(name)
            else:
                waiting += self._sorted(name, found)

    def _sorted(self, parent: str, entries: list[os.DirEntry[str]]) -> Iterator[str]:
        """Put files and links where they belong; the folders to search next."""
        for entry in entries:
            name = f"{parent}/{entry.name}" if parent else entry.name
            hidden = entry.name.startswith(".")
            if _is_folder(entry):
                if hidden:
                    self.ignored.append(Ignored(name, _HIDDEN_FOLDER))
                elif entry.is_symlink():
                    self.links.append(name)
                else:
                    yield name
            elif hidden:
                self.ignored.append(Ignored(name, _HIDDEN))
            elif is_photograph(entry.name):
                self.names.append(name)
            else:
                self.ignored.append(Ignored(name, _OTHER))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False
