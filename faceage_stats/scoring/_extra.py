"""Import the optional scoring stack, or say how to install it."""

from __future__ import annotations

import os
from typing import Any

from faceage_stats import _install

__all__ = ["require"]

_PACKAGE = {"cv2": "opencv-python-headless", "PIL.Image": "pillow", "lz4.frame": "lz4"}


def require(module: str) -> Any:
    """Import a module of the extra `score`, or say how to install it.

    This is the one place where onnxruntime is imported: it would write a device identifier to the
    user's cache and look up a host for its usage reports unless it is told not to before.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    package = _PACKAGE.get(module, module)
    return _install.require(module, extra="score", purpose="Scoring photographs", package=package)
