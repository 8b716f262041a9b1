"""Import the optional scoring stack, or say how to install it."""

from __future__ import annotations

from typing import Any

from faceage_stats import _install

__all__ = ["require"]

_PACKAGE = {"cv2": "opencv-python-headless", "PIL.Image": "pillow", "lz4.frame": "lz4"}


def require(module: str) -> Any:
    """Import a module of the extra `score`, or say how to install it."""
    package = _PACKAGE.get(module, module)
    return _install.require(module, extra="score", purpose="Scoring photographs", package=package)
