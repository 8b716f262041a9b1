"""Colours as make-up puts them on lips, around the eyes and on the skin, placed by the landmarks.

The colour is laid over the picture with soft edges: `level` is how much of it covers what lies
beneath, from 0 to 1. Shading stays, as it does under make-up: the brightness of a pixel relative
to its part of the face is kept.
"""

from __future__ import annotations

import numpy as np

from faceage_stats.scoring.detector import Face

__all__ = ["eye_shadow", "foundation", "lipstick"]

_RED = np.array([170.0, 30.0, 50.0])
_SHADOW = np.array([70.0, 55.0, 75.0])


def lipstick(image: np.ndarray, face: Face, level: float, rng: np.random.Generator) -> np.ndarray:
    """Red over the lips."""
    return _laid_over(image, lips(image.shape, face), _RED, level)


def eye_shadow(image: np.ndarray, face: Face, level: float, rng: np.random.Generator) -> np.ndarray:
    """A dark tone around both eyes."""
    return _laid_over(image, eyes(image.shape, face), _SHADOW, level)


def foundation(image: np.ndarray, face: Face, level: float, rng: np.random.Generator) -> np.ndarray:
    """One even tone, the mean of the skin, over the face but for lips and eyes."""
    mask = skin(image.shape, face)
    if not mask.any():
        return image.copy()
    tone = np.average(image.reshape(-1, 3), axis=0, weights=mask.ravel())
    mixed = image + level * mask[:, :, None] * (tone - image)
    return np.asarray(np.rint(mixed), np.uint8)


def lips(shape: tuple[int, ...], face: Face) -> np.ndarray:
    """How far each pixel belongs to the lips, 0 to 1, shape (height, width)."""
    left, right = face.landmarks[3:].astype(float)
    half = float(np.hypot(*(right - left))) / 2
    return _ellipse(shape, (left + right) / 2, right - left, 1.15 * half, 0.5 * half)


def eyes(shape: tuple[int, ...], face: Face) -> np.ndarray:
    """How far each pixel belongs to the surroundings of an eye."""
    left, right = face.landmarks[:2].astype(float)
    unit = float(np.hypot(*(right - left)))
    parts = [_ellipse(shape, eye, right - left, 0.32 * unit, 0.2 * unit) for eye in (left, right)]
    return np.asarray(np.maximum(*parts))


def skin(shape: tuple[int, ...], face: Face) -> np.ndarray:
    """How far each pixel belongs to the skin: an oval in the box, without lips and eyes."""
    x, y, width, height = face.box
    across = (face.landmarks[1] - face.landmarks[0]).astype(float)
    oval = _ellipse(shape, (x + width / 2, y + height / 2), across, 0.45 * width, 0.45 * height)
    return np.asarray(oval * (1 - np.maximum(lips(shape, face), eyes(shape, face))))


def _ellipse(
    shape: tuple[int, ...], centre: np.ndarray | tuple[float, float], across: np.ndarray,
    half_width: float, half_height: float,
) -> np.ndarray:  # fmt: skip
    """1 inside, 0 outside, with a soft edge of a quarter of the radius."""
    length = float(np.hypot(*across))
    if length == 0 or half_width == 0:
        return np.zeros(shape[:2])
    right = across / length
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    offset = np.stack([columns, rows], axis=-1) - np.asarray(centre, float)
    a, b = offset @ right / half_width, offset @ np.array([-right[1], right[0]]) / half_height
    return np.asarray(np.clip((1 - np.hypot(a, b)) / 0.25, 0, 1))


def _laid_over(image: np.ndarray, mask: np.ndarray, colour: np.ndarray, level: float) -> np.ndarray:
    """The colour over the part, with the part's own shading."""
    if not mask.any():
        return image.copy()
    grey = image.mean(axis=2)
    mean = max(1.0, float(np.average(grey, weights=mask)))
    shaded = np.clip(colour * (grey / mean)[:, :, None], 0, 255)
    return np.asarray(np.rint(image + level * mask[:, :, None] * (shaded - image)), np.uint8)
