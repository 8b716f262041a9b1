"""Faces laid over a template: a crop in which given points of the face lie at given places.

dlib, ArcFace and most networks after them were trained on such crops. The card of a model names
the points and their places; the face is moved, turned and scaled, never sheared, so that its
points come as near to them as they can (least squares).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from faceage_stats.scoring._extra import require
from faceage_stats.scoring.images import Unscorable

__all__ = ["POINTS", "crop_by_template", "template_matrix"]

# A point of the face as weights of the five landmarks: eyes, tip of the nose, mouth corners. The
# base of the nose, where dlib's template has its point, is no landmark of ours: in dlib's mean face
# of 68 points it lies 0.425 of the way from the tip (y = 0.516) to the mouth corners (0.780).
POINTS: dict[str, tuple[float, float, float, float, float]] = {
    "left_eye": (1, 0, 0, 0, 0),
    "right_eye": (0, 1, 0, 0, 0),
    "nose": (0, 0, 1, 0, 0),
    "mouth_left": (0, 0, 0, 1, 0),
    "mouth_right": (0, 0, 0, 0, 1),
    "nose_base": (0, 0, 0.575, 0.2125, 0.2125),
}


def template_matrix(
    landmarks: np.ndarray, template: Mapping[str, list[float]], size: int
) -> np.ndarray:
    """Find the similarity that lays a face over a template.

    Parameters
    ----------
    landmarks : ndarray, shape (5, 2)
        ``(x, y)`` in the photograph, in the order of `Face.landmarks`.
    template : mapping of str to (x, y)
        Where points of `POINTS` belong, as fractions of the side of the crop, from edge to edge.
    size : int
        Side of the crop in pixels.

    Returns
    -------
    ndarray, shape (2, 3)
        From photograph to crop: ``matrix @ (x, y, 1)``, counted from the middle of the first pixel
        in both.

    Raises
    ------
    Unscorable
        Status `too_small`: the points coincide.

    References
    ----------
    Umeyama, S. (1991). Least-squares estimation of transformation parameters between two point
    patterns. IEEE Transactions on Pattern Analysis and Machine Intelligence 13, 376-380.

    Examples
    --------
    >>> import numpy as np
    >>> from faceage_stats.scoring.template import template_matrix
    >>> face = np.array([[10, 10], [30, 10], [20, 20], [12, 30], [28, 30]])
    >>> places = {"left_eye": [0.25, 0.5], "right_eye": [0.75, 0.5]}
    >>> (template_matrix(face, places, 80) @ [30, 10, 1]).tolist()
    [59.5, 39.5]
    """
    found = np.array([POINTS[name] for name in template]) @ np.asarray(landmarks, np.float64)
    wanted = np.array(list(template.values()), np.float64) * size - 0.5
    start, end = found.mean(axis=0), wanted.mean(axis=0)
    # The plane as complex numbers: turning and scaling is one multiplication.
    before, after = ((points @ [1, 1j]) for points in (found - start, wanted - end))
    spread = float((np.abs(before) ** 2).sum())
    if spread == 0:
        raise Unscorable("too_small", "the landmarks of the face coincide")
    factor = complex((before.conj() * after).sum() / spread)
    if factor == 0:
        raise Unscorable("too_small", "the landmarks of the face do not fit the template")
    turn = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]])
    return np.column_stack([turn, end - turn @ start])


def crop_by_template(
    image: np.ndarray, landmarks: np.ndarray, template: Mapping[str, list[float]], size: int
) -> np.ndarray:
    """Cut a face so that its points lie where the template has them.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)
        What lies outside it is black in the crop.
    landmarks, template, size
        As for `template_matrix`.

    Returns
    -------
    ndarray of uint8, shape (size, size, 3)
        A large face is cut at a whole multiple of the size and averaged, so that no pixel of it is
        left out.

    Raises
    ------
    Unscorable
        Status `too_small`: the landmarks coincide.

    See Also
    --------
    faceage_stats.scoring.images.crop_face : The box of the detector, as FaceAge takes it.
    """
    cv2 = require("cv2")
    matrix = template_matrix(landmarks, template, size)
    shrunk = 1 / np.hypot(matrix[0, 0], matrix[1, 0])
    times = max(1, int(np.ceil(shrunk - 1e-9)))  # a whole number is not rounded up
    finer = times * matrix
    finer[:, 2] += (times - 1) / 2  # the middle of a pixel is the middle of its parts
    side = size * times
    cut = cv2.warpAffine(np.ascontiguousarray(image), finer, (side, side), flags=cv2.INTER_LINEAR)
    return np.asarray(cv2.resize(cut, (size, size), interpolation=cv2.INTER_AREA))
