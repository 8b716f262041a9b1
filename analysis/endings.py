"""How a script of analysis/ ends: an exit code, and one line instead of a traceback."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
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


def end_with_parent() -> None:
    """Let a process of a pool end with the process that started it, without a word of its own."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
