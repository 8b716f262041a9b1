"""Candidate squares against the steps of the original: a float64 copy, shrunk by OpenCV."""

from __future__ import annotations

import tracemalloc

import cv2
import numpy as np
import pytest

from faceage_stats.scoring._crops import cut_crops, standardised


def original(image, box, side):
    """mtcnn 0.1.1: zeros, the part inside, INTER_AREA, standardised; all in float64."""
    x, y, width, height = box
    square = np.zeros((height, width, 3))
    inside = np.zeros_like(square, shape=(height + 2, width + 2, 3))[1:-1, 1:-1]
    for row in range(max(0, -y), min(height, image.shape[0] - y)):
        left, right = max(0, -x), min(width, image.shape[1] - x)
        if right > left:
            inside[row, left:right] = image[y + row, x + left : x + right]
    square[:] = inside
    small = cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA)
    return ((small - 127.5).astype(np.float32) * np.float32(0.0078125)).transpose(2, 0, 1)


@pytest.fixture(scope="module")
def image():
    return np.random.default_rng(1).integers(0, 256, (300, 340, 3)).astype(np.uint8)


@pytest.mark.parametrize("side", [24, 48])
def test_every_bit_of_the_original(image, side):
    """Squares that shrink, grow, keep their size, by whole numbers or not, in and out of sight."""
    rng = np.random.default_rng(side)
    width = np.r_[rng.integers(1, 500, 150), side * np.arange(1, 9), side - 1, side + 1, 1, 2]
    height = width + np.where(np.arange(len(width)) % 5 == 0, rng.integers(0, 2, len(width)), 0)
    x, y = (rng.integers(-width, limit) for limit in (340, 300))
    boxes = np.column_stack([x, y, width, height])
    found = cut_crops(image, boxes, side)
    for crop, box in zip(found, boxes, strict=True):
        np.testing.assert_array_equal(crop, original(image, box, side), err_msg=str(box))


def test_outside_is_black(image):
    crops = cut_crops(image, np.array([[400, 400, 30, 30], [-90, -90, 20, 20]]), 24)
    np.testing.assert_array_equal(crops, np.float32(-127.5 * 0.0078125))


def test_a_view_is_taken_as_it_is(image):
    boxes = np.array([[10, 20, 100, 100]])
    turned = image[:, ::-1]
    np.testing.assert_array_equal(cut_crops(turned, boxes, 24), cut_crops(turned.copy(), boxes, 24))


def test_standardised():
    pixels = np.array([[[0, 127, 255]]], np.uint8)
    expected = (np.array([0, 127, 255]) - 127.5) / 128
    assert standardised(pixels).ravel().tolist() == expected.tolist()


def test_a_large_square_costs_no_copy_of_itself():
    image = np.zeros((3000, 3000, 3), np.uint8)
    boxes = np.tile([-100, -100, 3200, 3200], (8, 1))
    cut_crops(image, boxes[:1], 48)
    tracemalloc.start()
    cut_crops(image, boxes, 48)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2e6  # a float64 copy would take 245 MB
