"""Regions of the face, placed by its landmarks, over which a saliency map is summed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from faceage_stats.errors import InputError
from faceage_stats.scoring.detector import Face
from faceage_stats.scoring.images import roll_matrix, widened
from faceage_stats.scoring.maps import SaliencyMap
from faceage_stats.scoring.template import template_matrix

__all__ = ["REGIONS", "face_regions", "landmarks_in_crop", "region_summary"]

REGIONS = ("outside", "forehead", "eyes", "nose", "cheeks", "mouth", "jaw")


def landmarks_in_crop(
    face: Face,
    image_shape: tuple[int, ...],
    size: int,
    template: Mapping[str, list[float]] | None = None,
    *,
    margin: float = 0.0,
    roll: float = 0.0,
) -> np.ndarray:
    """Landmarks in the crop of a box, or in that of a card's `template`, shape (5, 2)."""
    points = face.landmarks.astype(float)
    if template:
        return _mapped(points, template_matrix(points, template, size))
    if roll:
        points = _mapped(points, roll_matrix(face.box, roll))
    x, y, width, height = widened(face.box, margin)
    shown = min(width, image_shape[1] - x), min(height, image_shape[0] - y)
    return np.asarray((points - [x, y] + 0.5) / shown * size - 0.5)


def _mapped(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2])


def face_regions(landmarks: np.ndarray, size: int) -> np.ndarray:
    """Label each pixel of a crop with a region of the face, as an index into `REGIONS`.

    Positions are measured from the middle of the eyes, across and down the face, in distances
    between the eyes, so that the regions follow size and tilt.
    """
    left, right, nose, *mouth = landmarks.astype(float)
    across = right - left
    unit = float(np.hypot(*across))
    if unit == 0:
        raise InputError("The two eyes coincide; no regions can be drawn.")
    across /= unit
    down = np.array([-across[1], across[0]])
    middle = (left + right) / 2
    rows, columns = np.mgrid[0:size, 0:size]
    offset = np.stack([columns, rows], axis=-1) - middle
    a, b = np.abs(offset @ across) / unit, offset @ down / unit
    tip, lips = ((point - middle) @ down / unit for point in (nose, np.mean(mouth, axis=0)))
    labels = np.zeros((size, size), np.int64)
    width = a <= 1.05
    labels[width & (b < -0.3) & (b > -1.4)] = REGIONS.index("forehead")
    labels[width & (np.abs(b) <= 0.3)] = REGIONS.index("eyes")
    labels[width & (b > 0.3) & (b <= lips + 0.3)] = REGIONS.index("cheeks")
    labels[(a <= 0.32) & (b > 0.3) & (b <= (tip + lips) / 2)] = REGIONS.index("nose")
    labels[(a <= 0.6) & (b > (tip + lips) / 2) & (b <= lips + 0.3)] = REGIONS.index("mouth")
    labels[width & (b > lips + 0.3) & (b < lips + 1.2)] = REGIONS.index("jaw")
    return labels


def region_summary(found: SaliencyMap, landmarks: np.ndarray) -> pd.DataFrame:
    """Reduce a map to the regions of the face.

    Parameters
    ----------
    found : SaliencyMap
    landmarks : ndarray, shape (5, 2)
        In the coordinates of the crop; see `landmarks_in_crop`.

    Returns
    -------
    DataFrame
        One row per region: ``region``, ``n_pixels``, ``mean_effect`` (signed, unit of the
        score), ``mean_abs_effect`` and ``proportion`` of the summed absolute effect.
    """
    size = found.values.shape[0]
    labels = face_regions(landmarks, size)
    absolute = np.abs(found.values)
    rows = []
    for index, region in enumerate(REGIONS):
        inside = labels == index
        n = int(inside.sum())
        rows.append({
            "region": region,
            "n_pixels": n,
            "mean_effect": float(found.values[inside].mean()) if n else np.nan,
            "mean_abs_effect": float(absolute[inside].mean()) if n else np.nan,
            "proportion": float(absolute[inside].sum() / absolute.sum()) if absolute.any() else 0.0,
        })  # fmt: skip
    return pd.DataFrame(rows)
