"""One clear sentence when the optional scoring stack is not installed."""

from __future__ import annotations

import importlib
from typing import Any

from faceage_stats._install import how_to_install
from faceage_stats.errors import MissingExtraError

__all__ = ["require"]

_PACKAGE = {"cv2": "opencv-python-headless", "PIL.Image": "pillow", "lz4.frame": "lz4"}


def require(module: str) -> Any:
    """Import an optional module, or say which extra brings it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = _PACKAGE.get(module, module)
        raise MissingExtraError(
            f"Scoring photographs needs {package}, which is not installed. "
            f"{how_to_install('score')}"
        ) from error
