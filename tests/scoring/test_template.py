"""Crops over a template, against closed forms and a second library."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.transform import SimilarityTransform

from faceage_stats.scoring.images import Unscorable
from faceage_stats.scoring.model import shipped_card
from faceage_stats.scoring.template import POINTS, crop_by_template, template_matrix

DLIB = shipped_card("dlib-age")["crop"]["template"]
FACE = np.array([[70, 80], [130, 78], [101, 112], [78, 141], [127, 139]], np.float32)
FIVE = {
    "left_eye": [0.34, 0.46],
    "right_eye": [0.66, 0.46],
    "nose": [0.5, 0.64],
    "mouth_left": [0.37, 0.82],
    "mouth_right": [0.63, 0.82],
}


# Truth: scikit-image's least-squares similarity (Umeyama's method).
@pytest.mark.parametrize("template", [DLIB, FIVE])
@pytest.mark.parametrize("turn", [0.0, 0.4, 2.0])
def test_matrix(template, turn):
    face = FACE @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    points = np.array([POINTS[name] for name in template]) @ face
    other = SimilarityTransform.from_estimate(points, np.array(list(template.values())) * 64 - 0.5)
    np.testing.assert_allclose(template_matrix(face, template, 64), other.params[:2], atol=1e-9)


# Truth: dlib's mean face of 68 points (nose: points 30 and 33; mouth corners: 48 and 54).
def test_points_are_weighted_means_of_the_landmarks():
    assert all(sum(weights) == pytest.approx(1) for weights in POINTS.values())
    mean_face = np.array([[0.227, 0.221], [0.753, 0.221], [0.490127, 0.515625],
                          [0.254149, 0.780233], [0.726104, 0.780233]])  # fmt: skip
    base = np.array(POINTS["nose_base"]) @ mean_face
    np.testing.assert_allclose(base, [0.490127, 0.628106], atol=1e-4)


# Truth: dlib's mean face of 5 points (corners of the eyes, base of the nose), with its padding.
def test_template_of_dlib():
    corners = {
        "left_eye": [[0.1205750620789, 0.2137274526848], [0.3340850613712, 0.2290642403242]],
        "right_eye": [[0.8595674595992, 0.2134981538014], [0.6460604764104, 0.2289674387677]],
        "nose_base": [[0.4901123135679, 0.6277975316475]],
    }
    padding = 0.2
    for name, points in corners.items():
        expected = (np.mean(points, axis=0) + padding) / (1 + 2 * padding)
        np.testing.assert_allclose(DLIB[name], expected, atol=1e-6)


# Truth: edges map to edges: a photograph that is the template itself, enlarged, is only shrunk.
@pytest.mark.parametrize("times", [1, 2, 3])
def test_edges_lie_on_edges(times):
    side = 64 * times
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3)).astype(np.uint8)
    face = np.array([FIVE[name] for name in FIVE]) * side - 0.5
    crop = crop_by_template(pixels, face, FIVE, 64)
    expected = pixels.reshape(64, times, 64, times, 3).mean(axis=(1, 3))
    assert np.abs(crop - expected).max() <= 0.51


# Truth: a plane of grey levels stays a plane under moving, turning, scaling and averaging.
@pytest.mark.parametrize("scale", [0.5, 1.0, 4.0])
def test_crop_of_a_plane(scale):
    rows, columns = np.mgrid[0:900, 0:900]
    plane = 30 + 0.15 * columns + 0.1 * rows
    image = np.repeat(np.rint(plane)[:, :, None], 3, axis=2).astype(np.uint8)
    face = (FACE - 100) * scale + 450
    crop = crop_by_template(image, face, DLIB, 64)
    matrix = template_matrix(face, DLIB, 64)
    back = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))
    y, x = np.mgrid[0:64, 0:64]
    source = back @ np.stack([x.ravel(), y.ravel(), np.ones(64 * 64)])
    expected = (30 + 0.15 * source[0] + 0.1 * source[1]).reshape(64, 64)
    assert np.abs(crop[:, :, 0] - expected).max() <= 1.1  # rounded twice


def test_size_of_the_photograph_does_not_matter():
    """A face of twice the pixels gives nearly the same crop: every pixel of it counts."""
    rng = np.random.default_rng(1)
    small = rng.integers(0, 256, (200, 200, 3)).astype(np.uint8)
    large = np.repeat(np.repeat(small, 4, axis=0), 4, axis=1)
    a = crop_by_template(small, FACE, DLIB, 64).astype(float)
    b = crop_by_template(large, (FACE + 0.5) * 4 - 0.5, DLIB, 64)
    assert np.abs(a - b).mean() < 8  # of noise with a spread of 74


def test_outside_the_photograph_is_black():
    white = np.full((100, 150, 3), 255, np.uint8)
    crop = crop_by_template(white, FACE, DLIB, 64)
    assert crop[15:20, 15:45].min() == 255
    assert crop[-5:].max() == 0


def test_refused():
    with pytest.raises(Unscorable, match="coincide"):
        template_matrix(np.ones((5, 2)), DLIB, 64)
