"""The two portraits of the environment, both in the public domain."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib import cbook
from PIL import Image
from skimage import data

__all__ = ["AGES", "astronaut", "grace_hopper", "write_portraits"]

# Years of age in the portrait: Eileen Collins, born in 1956, photographed by NASA in the 1990s
# (35 to 42); Grace Hopper, born in 1906, photographed by the US Navy in January 1984.
AGES = {"astronaut": (35.0, 42.0), "grace_hopper": (77.0, 77.0)}


def astronaut() -> np.ndarray:
    """NASA's portrait of an astronaut, as scikit-image ships it, 512 x 512 x 3."""
    return np.asarray(data.astronaut())


def grace_hopper() -> np.ndarray:
    """The US Navy's portrait of Grace Hopper, as matplotlib ships it, 600 x 512 x 3."""
    path = cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def write_portraits(folder: Path) -> Path:
    """Both as PNG files."""
    folder.mkdir(parents=True, exist_ok=True)
    for portrait in (astronaut, grace_hopper):
        Image.fromarray(portrait()).save(folder / f"{portrait.__name__}.png")
    return folder
