"""How a script of analysis/ ends: an exit code, and one line instead of a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import NoReturn

from faceage_stats._exits import EXPECTED, Exit, ending


def finish(main: Callable[[], int]) -> NoReturn:
    """Run a script to its exit code; they are those of `faceage`."""
    try:
        code = main()
        sys.stdout.flush()
    except EXPECTED as error:
        code, message = ending(error)
        if code == Exit.BROKEN_PIPE:  # as with `| head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if code == Exit.INTERRUPTED:
            message = "stopped. What is finished is kept; run again to continue."
        if message:
            print(f"{os.path.basename(sys.argv[0])}: {message}", file=sys.stderr)
    sys.exit(code)
