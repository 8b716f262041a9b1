"""Repair what interrupted runs left between the items of results/."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

__all__ = ["heal"]

# .<item>.<process>.partial is being written; .<item>.<process>.old makes way for it
_LEFTOVER = re.compile(r"\.(?P<item>.+)\.\d+\.(?P<kind>partial|old)")


def heal(results: Path) -> list[str]:
    """Remove what interrupted runs left unfinished; restore an item that was being replaced.

    Call it only while no run is at work.

    Parameters
    ----------
    results : Path
        Folder of the items.

    Returns
    -------
    list of str
        Items of which something was left.
    """
    found = [m for p in sorted(results.glob(".*")) if (m := _LEFTOVER.fullmatch(p.name))]
    for leftover in found:
        path, folder = results / leftover.group(), results / leftover["item"]
        if leftover["kind"] == "old" and not folder.exists():
            path.rename(folder)
        else:
            shutil.rmtree(path)
    return sorted({leftover["item"] for leftover in found})
