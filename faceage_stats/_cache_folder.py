"""Folders for what can be made again: which can be written, and which may be trusted.

Compiled kernels are code. They are read only from folders to which no other user can write:
owned by this user, by root or by the owner of the package's source, and closed to writing by
others, as are the folders above them. A folder with the sticky bit (the temporary folder) may lie
above them, because in it no user can replace the folder of another.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

__all__ = ["is_trusted", "make_folder", "user_folders", "writable_folder"]

_PYCACHE = Path(__file__).resolve().parent / "__pycache__"


def user_folders(name: str) -> Iterator[Path]:
    """List where `name` may lie: in the user's cache, else in a folder of the temporary one."""
    import platformdirs

    folder = Path(platformdirs.user_cache_dir("faceage_stats", appauthor=False)) / name
    if folder.is_absolute():  # not "~/...", of a user without a home
        yield folder
    user = os.getuid() if hasattr(os, "getuid") else "user"
    with contextlib.suppress(OSError):  # no temporary folder either
        yield Path(tempfile.gettempdir()) / f"faceage_stats-{user}" / name


def writable_folder(name: str) -> Path | None:
    """Find the first private folder of the user that can be written; None without one."""
    for folder in user_folders(name):
        make_folder(folder, 0o700)
        if is_trusted(folder) and os.access(folder, os.W_OK):
            return folder
    return None


def make_folder(folder: Path, mode: int) -> None:
    """Make the folder and those above it with this mode, whatever the umask; if it is possible."""
    with contextlib.suppress(OSError):
        missing = [part for part in (folder, *folder.parents) if not part.exists()]
        for part in reversed(missing):
            with contextlib.suppress(FileExistsError):  # another process was quicker
                part.mkdir(mode=mode)


def is_trusted(folder: Path) -> bool:
    """Tell whether no other user can write to the folder or replace it.

    What lies beside the package's compiled modules is as safe as these: the folders above are not
    checked. Windows keeps the folders in question for their user.
    """
    try:
        folder = folder.resolve(strict=True)
        if not hasattr(os, "getuid"):
            return folder.is_dir()
        owners = _owners()
        for part in (folder, *folder.parents):
            if part == _PYCACHE:
                break
            status = part.stat()
            open_to_others = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
            sticky = status.st_mode & stat.S_ISVTX and part != folder
            if status.st_uid not in owners or (open_to_others and not sticky):
                return False
    except OSError:
        return False
    return True


def _owners() -> set[int]:
    """Whose files decide anyway what runs: root's, this user's, those of the package."""
    return {0, os.getuid(), _PYCACHE.parent.stat().st_uid}
