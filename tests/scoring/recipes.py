"""Test photographs made from NASA's astronaut portrait with NumPy alone, so every version agrees.

Shared by the tests and by `reference/make_mtcnn_reference.py`, which runs under TensorFlow.
"""

from __future__ import annotations

import numpy as np

__all__ = ["RECIPES", "VARIANTS"]


def _rotated(img: np.ndarray, degrees: float, zoom: float = 1.0) -> np.ndarray:
    """Nearest-neighbour rotation and zoom about the face, black outside."""
    height, width = img.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(float)
    x, y = (x - 224) / zoom, (y - 120) / zoom
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    u = np.rint(c * x + s * y + 224).astype(int)
    v = np.rint(-s * x + c * y + 120).astype(int)
    inside = (u >= 0) & (u < width) & (v >= 0) & (v < height)
    out = np.zeros_like(img)
    out[inside] = img[v[inside], u[inside]]
    return out


def _resampled(img: np.ndarray, height: int, width: int) -> np.ndarray:
    """Nearest-neighbour change of size."""
    rows = np.arange(height) * img.shape[0] // height
    columns = np.arange(width) * img.shape[1] // width
    return np.ascontiguousarray(img[rows][:, columns])


def _noisy(img: np.ndarray, sd: int, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).integers(-2 * sd, 2 * sd + 1, img.shape)
    return np.clip(img.astype(int) + noise, 0, 255).astype(np.uint8)


def _noise(height: int, width: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)


def _mosaic(img: np.ndarray) -> np.ndarray:
    """Nine faces of different sizes, mirrored and darkened, on one canvas."""
    canvas = np.full((900, 1000, 3), 90, np.uint8)
    face = img[20:220, 120:340]
    for k in range(9):
        size = 60 + 25 * k
        tile = _resampled(face, size, size)
        tile = tile[:, ::-1] if k % 2 else tile
        top, left = 300 * (k // 3) + 3 * k, 330 * (k % 3) + 2 * k
        canvas[top : top + size, left : left + size] = (tile * (1 - 0.06 * k)).astype(np.uint8)
    return canvas


def _ramp(img: np.ndarray) -> np.ndarray:
    shade = np.linspace(0.2, 1.0, img.shape[1])[None, :, None]
    return np.floor(img * shade).astype(np.uint8)


def _half(img: np.ndarray) -> np.ndarray:
    """Means of 2 x 2 pixels."""
    means = img.astype(float).reshape(256, 2, 256, 2, 3).mean((1, 3))
    return np.clip(np.rint(means), 0, 255).astype(np.uint8)


# reference/mtcnn_published.json
VARIANTS = {
    "astronaut": lambda img: img,
    "half": _half,
    "dark": lambda img: np.floor(img * 0.5).astype(np.uint8),
    "hflip": lambda img: img[:, ::-1].copy(),
    "two_faces": lambda img: np.concatenate([img, img[:, ::-1]], axis=1),
    "cut_left": lambda img: img[:, 215:].copy(),
    "cut_bottom": lambda img: img[:150].copy(),
    "cut_top": lambda img: img[110:].copy(),
    "rot180": lambda img: img[::-1, ::-1].copy(),
}

# reference/mtcnn_independent.json
RECIPES = {
    **{f"rotated_{d}": (lambda img, d=d: _rotated(img, d)) for d in (-25, -15, -8, 5, 12, 20, 35)},
    **{
        f"zoom_{z}": (lambda img, z=z: _rotated(img, 3, z / 100))
        for z in (25, 40, 60, 150, 220, 300)
    },
    **{f"noise_{sd}": (lambda img, sd=sd: _noisy(img, sd, sd)) for sd in (5, 15, 40)},
    "mosaic": _mosaic,
    "side_light": _ramp,
    "bgr": lambda img: np.ascontiguousarray(img[:, :, ::-1]),
    "grey": lambda img: np.repeat(img[:, :, 1:2], 3, axis=2),
    "inverted": lambda img: 255 - img,
    "tall": lambda img: _resampled(img, 900, 300),
    "wide": lambda img: _resampled(img, 333, 801),
    "face_only": lambda img: img[60:173, 179:268].copy(),
    "tiny_face": lambda img: _resampled(img, 97, 101),
    "cut_right": lambda img: img[:, :240].copy(),
    "cut_eyes": lambda img: img[95:].copy(),
    "corner": lambda img: img[100:400, 200:500].copy(),
    "saturated": lambda img: np.minimum(img.astype(int) * 2, 255).astype(np.uint8),
    "two_level": lambda img: np.where(img > 110, 255, 0).astype(np.uint8),
    "pure_noise": lambda img: _noise(300, 400, 7),
    "black": lambda img: np.zeros((200, 300, 3), np.uint8),
    "white": lambda img: np.full((123, 77, 3), 255, np.uint8),
    "side_19": lambda img: _resampled(img, 19, 200),
    "side_20": lambda img: _resampled(img, 20, 20),
    "side_21": lambda img: _resampled(img, 21, 33),
    "large": lambda img: _resampled(img, 1500, 1600),
}
