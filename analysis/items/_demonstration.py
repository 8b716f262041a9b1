"""Demonstration of the scorer: a model with random weights, one real face, and its label."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

import faceage_stats as fs

MODEL = "demonstration model with random weights"
LABEL = MODEL.capitalize()
FACE = "NASA's portrait of an astronaut (public domain), as scikit-image ships it"
ROOT = Path(__file__).resolve().parents[2]


def portrait() -> np.ndarray:
    """The one photograph of a face, 512 x 512 x 3."""
    from skimage import data

    return data.astronaut()


@contextmanager
def workplace() -> Iterator[Path]:
    """A folder for photographs and models that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="faceage-") as name:
        yield Path(name)


def model_file(place: Path, *, seed: int = 0) -> Path:
    """A demonstration model on disk."""
    from faceage_stats.scoring.demo import write_demo_model

    return write_demo_model(place / f"model_{seed}", seed=seed)


def marked(figure: fs.figures.Figure) -> fs.figures.Figure:
    """The figure with the label in its corner."""
    fs.figures.mark_synthetic(figure, LABEL)
    return figure
