"""What libraries say while they read photographs: kept with the photograph, not printed."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from faceage_stats.scoring._extra import require

__all__ = ["quiet_libraries", "remarks"]

_THREAD = threading.local()


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """One thread per OpenCV call (the workers fill the machine); sizes are checked by us."""
    cv2, pillow = require("cv2"), require("PIL.Image")
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("always", module="PIL")
            warnings.simplefilter("ignore", pillow.DecompressionBombWarning)
            shown = warnings.showwarning

            def show(message: Any, *where: Any, **more: Any) -> None:
                heard, text = getattr(_THREAD, "heard", None), " ".join(str(message).split())
                if heard is None:
                    shown(message, *where, **more)
                elif text not in heard:
                    heard.append(text)

            warnings.showwarning = show
            yield
    finally:
        cv2.setNumThreads(threads)


@contextmanager
def remarks() -> Iterator[list[str]]:
    """Warnings of this thread, within `quiet_libraries`, instead of on the screen."""
    _THREAD.heard = []
    try:
        yield _THREAD.heard
    finally:
        _THREAD.heard = None
