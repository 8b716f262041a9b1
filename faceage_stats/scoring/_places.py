"""Where a listed photograph lies: links followed, and never outside the photograph folder."""

from __future__ import annotations

import functools
import os
import stat
from pathlib import Path

__all__ = ["Places", "file_version", "is_inside"]


class Places:
    """Finds photographs from one folder on; folders are resolved once, so a million take seconds.

    Parameters
    ----------
    base : pathlib.Path
        Folder that the names are relative to.
    """

    def __init__(self, base: Path) -> None:
        self.base = os.path.realpath(base)
        self._folder = functools.lru_cache(maxsize=4096)(self._resolved_folder)

    def find(self, name: str) -> str:
        r"""Absolute path of a photograph, links followed; also of one that is absent.

        A name that does not exist as it is written is looked for without blanks around it and with
        ``/`` for the ``\`` of Windows.
        """
        found = self._found(name)
        if found is None:
            tidy = name.strip() if os.sep == "\\" else name.strip().replace("\\", "/")
            found = self._found(tidy) if tidy != name else None
        return found or os.path.join(self.base, name)

    def _resolved_folder(self, name: str) -> str:
        return os.path.join(os.path.realpath(os.path.join(self.base, name)), "")

    def _found(self, name: str) -> str | None:
        parent, last = os.path.split(name)
        try:
            if last in ("", ".", ".."):
                return os.path.realpath(os.path.join(self.base, name), strict=True)
            path = self._folder(parent) + last
            if stat.S_ISLNK(os.lstat(path).st_mode):
                return os.path.realpath(path)
            return path
        except (OSError, ValueError):  # absent, a circle of links, a null character
            return None


def is_inside(path: str, folder: str) -> bool:
    """Whether a resolved path is a resolved folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def file_version(path: str | None, *, by_hash: bool = False) -> str | None:
    """What tells whether a file changed: size and time of change, or the hash of its content.

    Parameters
    ----------
    path : str or None
    by_hash : bool
        Read the file and take its SHA-256.

    Returns
    -------
    str or None
        None where there is no file.
    """
    try:
        status = os.stat(path or "")
        if by_hash and stat.S_ISREG(status.st_mode):
            from faceage_stats import _files

            return f"sha256:{_files.sha256(Path(path or ''))}"
    except (OSError, ValueError):
        return None
    return f"{status.st_size} bytes, {status.st_mtime_ns} ns"
