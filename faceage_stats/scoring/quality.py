"""Quality of a face crop: size, sharpness, exposure and pose."""

from __future__ import annotations

import numpy as np

from faceage_stats.scoring._extra import require
from faceage_stats.scoring.detector import Face

__all__ = ["NOSE_DEPTH", "QUALITY_COLUMNS", "face_quality", "roll_degrees", "yaw_degrees"]

QUALITY_COLUMNS = ("face_px", "blur", "exposure", "yaw", "roll")
# Distance of the tip of the nose from the plane of eyes and mouth, in distances between the eyes:
# an average adult head.
NOSE_DEPTH = 0.55
_GREY = np.array([0.299, 0.587, 0.114])


def roll_degrees(face: Face) -> float:
    """Measure the tilt of the line through the eyes in degrees; positive if the right is lower."""
    across, down = (face.landmarks[1] - face.landmarks[0]).astype(float)
    return float(np.degrees(np.arctan2(down, across)))


def yaw_degrees(face: Face) -> float:
    """Measure the turn of the head in degrees; positive towards the right of the image.

    The nose's distance from the midline of eyes and mouth, along the line of the eyes, is the
    tangent of the turn times the depth of the nose. NaN when the eyes coincide.
    """
    points = face.landmarks.astype(float)
    eyes = points[1] - points[0]
    distance = float(np.hypot(*eyes))
    if distance == 0:
        return float("nan")
    middle = points[[0, 1, 3, 4]].mean(axis=0)
    offset = float((points[2] - middle) @ eyes) / distance**2
    return float(np.degrees(np.arctan(offset / NOSE_DEPTH)))


def face_quality(face: Face, crop: np.ndarray) -> dict[str, float]:
    """Measure the quality of one face crop.

    Parameters
    ----------
    face : Face
        As detected.
    crop : ndarray of uint8, shape (size, size, 3)
        The face as the model sees it.

    Returns
    -------
    dict
        ``face_px`` shorter side of the box in pixels; ``blur`` variance of the Laplacian of the
        grey crop in grey levels squared, lower is more blurred; ``exposure`` mean grey level from
        0 to 1; ``yaw`` and ``roll`` in degrees.

    Examples
    --------
    >>> import numpy as np
    >>> from faceage_stats.scoring.detector import Face
    >>> from faceage_stats.scoring.quality import face_quality
    >>> points = np.array([[30, 40], [70, 40], [50, 60], [35, 80], [65, 80]], np.float32)
    >>> face = Face((0, 0, 100, 120), 0.99, points, (0, 0, 100, 120))
    >>> quality = face_quality(face, np.full((160, 160, 3), 255, np.uint8))
    >>> {name: round(value, 3) for name, value in quality.items()}
    {'face_px': 100, 'blur': 0.0, 'exposure': 1.0, 'yaw': 0.0, 'roll': 0.0}
    """
    cv2 = require("cv2")
    grey = (crop @ _GREY).astype(np.float32)
    return {
        "face_px": min(face.box[2:]),
        "blur": float(cv2.Laplacian(grey, cv2.CV_32F).astype(float).var()),
        "exposure": float(np.clip(crop.reshape(-1, 3).mean(axis=0) @ _GREY / 255, 0, 1)),
        "yaw": yaw_degrees(face),
        "roll": roll_degrees(face),
    }
