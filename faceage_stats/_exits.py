"""How a command ends: one code per cause, the same in every command, and one line that says why."""

from __future__ import annotations

import errno
from enum import IntEnum
from pathlib import Path

from faceage_stats.errors import FaceageError

__all__ = ["EXPECTED", "MEANINGS", "Exit", "ending"]


class Exit(IntEnum):
    """Exit codes of `faceage`; argparse ends with the 2 by itself."""

    DONE = 0
    REFUSED = 1
    ARGUMENTS = 2
    SOME_FAILED = 3
    INTERRUPTED = 130
    BROKEN_PIPE = 141


MEANINGS: dict[Exit, str] = {
    Exit.DONE: "done",
    Exit.REFUSED: "data, file or model refused, a check failed, or it could not be written",
    Exit.ARGUMENTS: "wrong arguments, nothing done",
    Exit.SOME_FAILED: "some photographs have no score; their rows say why",
    Exit.INTERRUPTED: "interrupted (Ctrl-C)",
    Exit.BROKEN_PIPE: "the reader of the output went away, as `head` does",
}
# What a command may end with besides an ordinary return. Anything else is a fault of ours and
# keeps its traceback.
EXPECTED = (FaceageError, OSError, MemoryError, KeyboardInterrupt)

_CURES = {
    errno.ENOSPC: "the disk is full. Free some space and give the same command again",
    errno.EDQUOT: "your quota is used up. Free some space and give the same command again",
    errno.EACCES: "permission denied. Choose a file or folder that you may use",
    errno.EROFS: "the folder is read-only. Choose another",
    errno.EISDIR: "it is a folder. Name a file",
    errno.ENOTDIR: "part of its path is a file, not a folder. Check the path",
    errno.EEXIST: "a file of that name is in the way. Choose another folder",
    errno.ENOENT: "it does not exist. Check the path",
}


def ending(error: BaseException) -> tuple[Exit, str]:
    """Return the exit code for one of the `EXPECTED` errors, and its message ("" says nothing)."""
    if isinstance(error, BrokenPipeError):
        return Exit.BROKEN_PIPE, ""
    if isinstance(error, KeyboardInterrupt):
        return Exit.INTERRUPTED, f"interrupted. {error}".strip()
    if isinstance(error, MemoryError):
        return Exit.REFUSED, (
            "the memory of this machine is not enough. Close other programs, or give the command "
            "less at a time."
        )
    if isinstance(error, OSError) and not isinstance(error, FaceageError):
        what = Path(str(error.filename)).name if error.filename else "the output"
        why = _CURES.get(error.errno or 0, str(error.strerror or error))
        return Exit.REFUSED, f"{what} cannot be read or written: {why}."
    return Exit.REFUSED, str(error)
