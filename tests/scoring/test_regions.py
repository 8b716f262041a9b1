"""Regions of the face and landmarks in the crop, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from faceage_stats.errors import InputError
from faceage_stats.scoring import regions
from faceage_stats.scoring.detector import Detector, Face
from faceage_stats.scoring.images import crop_face
from faceage_stats.scoring.maps import SaliencyMap


@pytest.fixture(scope="module")
def face():
    return Detector(device="cpu").detect(data.astronaut())[0]


def test_landmarks_fall_into_their_regions(face):
    points = regions.landmarks_in_crop(face, (512, 512), 160)
    labels = regions.face_regions(points, 160)
    for point, region in zip(points, ["eyes", "eyes", "nose", "mouth", "mouth"], strict=True):
        x, y = point.astype(int)
        assert regions.REGIONS[labels[y, x]] == region
    present = set(np.unique(labels))
    assert present >= {regions.REGIONS.index(r) for r in ("cheeks", "forehead", "jaw")}


# Truth: where the template has them, from the middle of the first pixel.
def test_landmarks_in_a_template(face):
    template = {"left_eye": [0.3, 0.4], "right_eye": [0.7, 0.4]}
    points = regions.landmarks_in_crop(face, (512, 512), 100, template)
    np.testing.assert_allclose(points[:2], [[29.5, 39.5], [69.5, 39.5]], atol=1e-4)
    sides = [np.hypot(*(p[3] - p[4])) / np.hypot(*(p[0] - p[1]))
             for p in (points, face.landmarks.astype(float))]  # fmt: skip
    assert sides[0] == pytest.approx(sides[1])


def test_cut_box():
    face = Face((90, 10, 40, 40), 1.0, np.full((5, 2), 95.0, np.float32), (90, 10, 130, 50))
    points = regions.landmarks_in_crop(face, (100, 100), 160)
    # 10 of 40 columns are inside the picture: each becomes 16 pixels, each row 4
    assert points[0].tolist() == [5.5 * 16 - 0.5, 85.5 * 4 - 0.5]
    with pytest.raises(InputError, match="eyes coincide"):
        regions.face_regions(points, 160)


def test_summary(face):
    points = regions.landmarks_in_crop(face, (512, 512), 160)
    labels = regions.face_regions(points, 160)
    values = np.where(labels == regions.REGIONS.index("nose"), -2.0, 0.0)
    values[labels == regions.REGIONS.index("eyes")] = 1.0
    flat = SaliencyMap(values, np.zeros_like(values), 60.0, "test", 1)
    table = regions.region_summary(flat, points).set_index("region")
    assert table.loc["nose", "mean_effect"] == -2
    assert table.loc["eyes", "mean_abs_effect"] == 1
    assert table["n_pixels"].sum() == 160 * 160
    assert table["proportion"].sum() == pytest.approx(1)
    empty = SaliencyMap(values * 0, values, 60.0, "test", 1)
    assert (regions.region_summary(empty, points)["proportion"] == 0).all()


# Truth: the crop itself. A bright spot in the photograph lies in the crop where its point does.
@pytest.mark.parametrize(("margin", "roll"), [(0.0, 0.0), (0.2, 0.0), (0.0, 25.0), (0.3, -40.0)])
def test_a_point_lies_where_the_crop_shows_it(margin, roll):
    rows, columns = np.mgrid[0:400, 0:400]
    points = np.array([[170, 180], [240, 170], [200, 215], [180, 250], [235, 240]], np.float32)
    face = Face((150, 140, 110, 130), 1.0, points, (150, 140, 260, 270))
    for k, (x, y) in enumerate(points):
        spot = 255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 50)
        image = np.repeat(spot[:, :, None], 3, axis=2).astype(np.uint8)
        crop = crop_face(image, face.box, size=100, margin=margin, roll=roll)[:, :, 0].astype(float)
        place = np.mgrid[0:100, 0:100] * crop / crop.sum()
        found = regions.landmarks_in_crop(face, image.shape, 100, margin=margin, roll=roll)[k]
        np.testing.assert_allclose(found, place.sum(axis=(1, 2))[::-1], atol=0.4)
