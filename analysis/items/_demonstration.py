"""Demonstration of the scorer: two real faces, a small real model, and a label that says so."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

import faceage_stats as fs

MODEL = "dlib-age"
LABEL = "Apparent age by dlib's model, not FaceAge"
FACE = "NASA's portrait of an astronaut (public domain), as scikit-image ships it"
FACES = (
    "the portraits of an astronaut (NASA) and of Grace Hopper (US Navy), public domain, as "
    "scikit-image and matplotlib ship them"
)
RANDOM = "model with random weights"
ROOT = Path(__file__).resolve().parents[2]


def portrait() -> np.ndarray:
    """An astronaut of 35 to 42 years, 512 x 512 x 3."""
    from skimage import data

    return data.astronaut()


def portraits() -> dict[str, np.ndarray]:
    """Both photographs; Grace Hopper was 77."""
    from matplotlib import cbook
    from PIL import Image

    with Image.open(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)) as picture:
        return {"astronaut": portrait(), "Grace Hopper": np.asarray(picture.convert("RGB"))}


@contextmanager
def workplace() -> Iterator[Path]:
    """A folder for photographs and models that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="faceage-") as name:
        yield Path(name)


def random_model(place: Path) -> Path:
    """A network of FaceAge's architecture with random weights, to compare conversions."""
    from faceage_stats.scoring.demo import write_demo_model

    return write_demo_model(place / "model")


def marked(figure: fs.figures.Figure) -> fs.figures.Figure:
    """The figure with the label in its corner."""
    fs.figures.mark_synthetic(figure, LABEL)
    return figure
