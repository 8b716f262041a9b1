"""A head turned out of the plane of the picture, drawn from its five landmarks.

Eyes and mouth lie in a plane and the tip of the nose stands out of it, as in `yaw_degrees`. Turned
by an angle, seen from afar, a distance across the turn shrinks by its cosine and the nose moves by
its depth times the sine. The picture follows its landmarks, linearly between them, and stays as it
is outside half a box around the face.
"""

from __future__ import annotations

import numpy as np

from faceage_stats.scoring._extra import require
from faceage_stats.scoring.detector import Face
from faceage_stats.scoring.quality import NOSE_DEPTH

__all__ = ["nodded", "turned", "turned_landmarks"]


def turned(image: np.ndarray, face: Face, level: float, rng: np.random.Generator) -> np.ndarray:
    """Turn the head to the side by `level` degrees; positive towards the right of the image."""
    return _warped(image, face, turned_landmarks(face.landmarks, level, axis=0))


def nodded(image: np.ndarray, face: Face, level: float, rng: np.random.Generator) -> np.ndarray:
    """Tilt the head by `level` degrees; positive downwards."""
    return _warped(image, face, turned_landmarks(face.landmarks, level, axis=1))


def turned_landmarks(landmarks: np.ndarray, degrees: float, *, axis: int) -> np.ndarray:
    """Where the landmarks go when the head turns along (0) or across (1) the line of its eyes."""
    points = np.asarray(landmarks, np.float64)
    across = points[1] - points[0]
    distance = float(np.hypot(*across))
    if distance == 0:
        return points
    direction = across / distance
    if axis == 1:
        direction = np.array([-direction[1], direction[0]])
    place = (points - points[[0, 1, 3, 4]].mean(axis=0)) @ direction
    depth = np.array([0, 0, NOSE_DEPTH * distance, 0, 0])
    angle = np.radians(degrees)
    moved = place * np.cos(angle) + depth * np.sin(angle)
    return np.asarray(points + (moved - place)[:, None] * direction)


def _warped(image: np.ndarray, face: Face, target: np.ndarray) -> np.ndarray:
    """Move the landmarks to their targets, and what lies between them along."""
    from scipy.interpolate import LinearNDInterpolator

    cv2 = require("cv2")
    x, y, width, height = face.box
    frame = [
        (x + width * (0.5 + i), y + height * (0.5 + j))
        for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j
    ]  # fmt: skip
    left, top = np.floor(np.min(frame, axis=0)).astype(int)
    right, bottom = np.ceil(np.max(frame, axis=0)).astype(int) + 1
    rows, columns = np.mgrid[
        max(0, top) : min(image.shape[0], bottom), max(0, left) : min(image.shape[1], right)
    ]
    source = np.vstack([face.landmarks.astype(np.float64), frame])
    # from a pixel of the new picture back to where it comes from
    back = LinearNDInterpolator(np.vstack([target, frame]), source)(columns, rows)
    back = np.where(np.isnan(back), np.stack([columns, rows], axis=-1), back).astype(np.float32)
    options = {"interpolation": cv2.INTER_LINEAR, "borderMode": cv2.BORDER_REPLICATE}
    out = image.copy()
    out[rows[0, 0] : rows[-1, 0] + 1, columns[0, 0] : columns[0, -1] + 1] = cv2.remap(
        image, back[:, :, 0], back[:, :, 1], **options
    )
    return out
