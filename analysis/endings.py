"""How a script of analysis/ ends: an exit code, and one line instead of a traceback."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from typing import NoReturn

from faceage_stats.errors import FaceageError

_CURES = {
    errno.ENOSPC: "the disk is full; free some space and run again.",
    errno.EDQUOT: "your quota is used up; free some space and run again.",
    errno.EROFS: "the file system is read-only; run from a copy that can be written.",
    errno.EACCES: "permission denied; give yourself the right to write there.",
}


def finish(main: Callable[[], int]) -> NoReturn:
    """Run a script to its exit code: 1 refused, 130 interrupted, 141 the reader went away."""
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:  # as with `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 141
    except (FaceageError, OSError) as error:
        print(in_words(error), file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        print("Stopped. What is finished is kept; run again to continue.", file=sys.stderr)
        code = 130
    sys.exit(code)


def in_words(error: Exception) -> str:
    """One line, or the lines that we wrote ourselves."""
    if not isinstance(error, OSError):
        return str(error)
    where = f"{os.path.relpath(error.filename)}: " if isinstance(error.filename, str) else ""
    return where + _CURES.get(error.errno or 0, f"{error.strerror or error}.")
