"""The image pyramid against OpenCV's INTER_AREA, byte for byte."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from faceage_stats.scoring._area import area_pyramid
from faceage_stats.scoring.detector import _MIN_FACE, _pyramid, _scaled_size


def _photograph(kind, height, width, rng):
    if kind == "noise":
        return rng.integers(0, 256, (height, width, 3)).astype(np.uint8)
    if kind == "extremes":  # sums that end on or beside one half
        return (rng.integers(0, 2, (height, width, 3)) * 255).astype(np.uint8)
    if kind == "steps":
        return (rng.integers(0, 4, (height, width, 3)) * 2).astype(np.uint8)
    return np.ascontiguousarray(data.astronaut()[:height, :width])


# Truth: OpenCV itself (a second implementation, the one that the published detector called).
@pytest.mark.parametrize("kind", ["noise", "extremes", "steps", "portrait"])
@pytest.mark.parametrize("seed", range(8))
def test_bytes_of_opencv(kind, seed):
    rng = np.random.default_rng(seed)
    height, width = rng.integers(20, 513, 2)
    image = _photograph(kind, height, width, rng)
    sizes = [_scaled_size(image, scale) for scale in _pyramid(height, width, _MIN_FACE)]
    for (h, w), level in zip(sizes, area_pyramid(image, sizes), strict=True):
        expected = cv2.resize(image, (w, h), interpolation=cv2.INTER_AREA)
        np.testing.assert_array_equal(level, expected)


@pytest.mark.parametrize("shape", [(1024, 700), (901, 1600), (2000, 1500)])
def test_larger_photographs(shape):
    rng = np.random.default_rng(1)
    image = cv2.resize(data.astronaut(), shape[::-1])
    image = np.clip(image + rng.integers(-2, 3, image.shape), 0, 255).astype(np.uint8)
    sizes = [_scaled_size(image, scale) for scale in _pyramid(*shape, _MIN_FACE)]
    for (h, w), level in zip(sizes, area_pyramid(image, sizes), strict=True):
        expected = cv2.resize(image, (w, h), interpolation=cv2.INTER_AREA)
        np.testing.assert_array_equal(level, expected)


def test_whole_number_ratios_one_sided_and_views():
    image = data.astronaut()[:120, :90][:, ::-1]
    sizes = [(60, 45), (60, 44), (40, 30), (1, 1), (119, 89), (120, 90)]
    for (h, w), level in zip(sizes, area_pyramid(image, sizes), strict=True):
        expected = cv2.resize(image, (w, h), interpolation=cv2.INTER_AREA)
        np.testing.assert_array_equal(level, expected)
    assert len(area_pyramid(image, [(60, 45)])) == 1


def test_without_the_compiler(monkeypatch):
    """The compiled functions and their Python source agree, close calls included."""
    from faceage_stats.scoring import _area

    image = (np.random.default_rng(3).integers(0, 2, (23, 31, 3)) * 255).astype(np.uint8)
    expected = area_pyramid(image, [(14, 19), (9, 8)])
    for name in ("_in_order", "_emit", "_add_row", "_add_rows"):
        monkeypatch.setattr(_area, name, getattr(_area, name).py_func)
    monkeypatch.setattr(_area, "_EPSILON", 1e-4)  # every pixel near one half is a close call
    for level, made in zip(expected, area_pyramid(image, [(14, 19), (9, 8)]), strict=True):
        np.testing.assert_array_equal(level, made)
