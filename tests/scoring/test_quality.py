"""Quality of a face: closed forms on constructed landmarks and crops."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from faceage_stats.scoring.detector import Detector, Face
from faceage_stats.scoring.images import crop_face
from faceage_stats.scoring.quality import face_quality, roll_degrees, yaw_degrees


def _face(points):
    return Face((10, 10, 80, 100), 0.9, np.array(points, np.float32), (10, 10, 90, 110))


def _head(yaw, roll):
    """Landmarks of a head turned by `yaw` and tilted by `roll` degrees, seen from far away."""
    plane = np.array([[-50, -30, 0], [50, -30, 0], [0, 10, 55], [-35, 40, 0], [35, 40, 0]], float)
    t, r = np.deg2rad([yaw, roll])
    turned = plane[:, 0] * np.cos(t) + plane[:, 2] * np.sin(t)
    flat = np.stack([turned, plane[:, 1]], axis=1)
    tilt = np.array([[np.cos(r), -np.sin(r)], [np.sin(r), np.cos(r)]])
    return _face(flat @ tilt.T + 100)


# Truth: the angles that the landmarks were made with.
@pytest.mark.parametrize("yaw", [-40, -10, 0, 25, 60])
@pytest.mark.parametrize("roll", [-30, 0, 12, 100])
def test_angles(yaw, roll):
    face = _head(yaw, roll)
    assert yaw_degrees(face) == pytest.approx(yaw, abs=1e-3)
    assert roll_degrees(face) == pytest.approx(roll, abs=1e-3)


def test_coinciding_eyes():
    assert np.isnan(yaw_degrees(_face([[5, 5]] * 5)))


def test_blur_and_exposure():
    crop = crop_face(data.astronaut(), (179, 60, 89, 113))
    face = Detector(device="cpu").detect(data.astronaut())[0]
    sharp = face_quality(face, crop)
    coarse = np.repeat(np.repeat(crop[::8, ::8], 8, 0), 8, 1)
    smooth = face_quality(
        face, crop_face(crop_face(coarse, (0, 0, 160, 160), size=20), (0, 0, 20, 20))
    )
    dark = face_quality(face, crop // 2)
    assert sharp["face_px"] == 89
    assert dark["exposure"] == pytest.approx(sharp["exposure"] / 2, abs=0.003)
    assert dark["blur"] == pytest.approx(sharp["blur"] / 4, rel=0.05)
    assert smooth["blur"] < sharp["blur"] / 2
    board = np.indices((160, 160)).sum(0)[:, :, None] % 2 * np.full(3, 255)
    # a chessboard's Laplacian is -4 * 255 on white and +4 * 255 on black
    assert face_quality(face, board.astype(np.uint8))["blur"] == pytest.approx(
        (4 * 255) ** 2, rel=0.05
    )
