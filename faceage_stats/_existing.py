"""Existing files are replaced only on request (`force`)."""

from __future__ import annotations

from pathlib import Path

from faceage_stats.errors import InputError

__all__ = ["refuse_existing"]


def refuse_existing(*paths: str | Path, force: bool) -> None:
    """Refuse to go on when one of the files to write is already there.

    Parameters
    ----------
    *paths : path
        Files about to be written.
    force : bool
        Replace them.

    Raises
    ------
    InputError
        One of them exists; the message names all that do. (A folder is refused when it is written.)
    """
    there = [p.name for p in map(Path, paths) if p.exists() and not p.is_dir()]
    if there and not force:
        one = len(there) == 1
        raise InputError(
            f"{', '.join(there)} exist{'s' if one else ''} already and "
            f"{'was left as it is' if one else 'were left as they are'}. Choose another name, or "
            f"replace {'it' if one else 'them'} with --force (in Python force=True)."
        )
